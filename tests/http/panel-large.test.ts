/** Large forms: of people who are not signed in few at a time are read whole, and of nobody one without end. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { draftOfEdition } from '../../src/content/drafts.ts'
import { setPassword } from '../../src/people/sessions.ts'
import { boletin, eventually, testApp } from '../support/app.ts'
import { startProcess } from '../support/process.ts'
import { formOf } from './forms.ts'
import { panel, password } from './panel-support.ts'
import { wordsOf } from './support.ts'

test('of unfinished large forms without a session only a few are kept, and who has one still uploads', async () => {
  const { app, url, signIn } = await panel()
  const edition = await boletin(app, { ready: false })
  const path = `/panel/ediciones/${edition.id}/contenido`
  const answers: number[] = []
  const open = Array.from({ length: 10 }, () => {
    const one = request(`${url}${path}`, {
      method: 'POST',
      headers: {
        Origin: 'http://localhost:3000',
        'Content-Type': 'multipart/form-data; boundary=x',
      },
    })
    one.on('response', (answer) => answers.push(answer.statusCode!))
    one.on('error', () => answers.push(0))
    one.write(Buffer.alloc(1_000_000, 'a'))
    return one
  })
  // the others are refused at sixteen kilobytes, though they never end
  await eventually(
    async () => answers.length,
    (length) => length >= 8,
  )
  expect(answers.every((status) => status === 413 || status === 0)).toBe(true)
  const cookie = await signIn('ana')
  const form = new FormData()
  form.set('archivo', new File([Buffer.alloc(1_000_000, 'b')], 'grande.png'))
  const known = await fetch(`${url}${path}`, {
    method: 'POST',
    body: form,
    headers: { Origin: 'http://localhost:3000', Cookie: cookie },
  })
  expect(known.status).not.toBe(413)
  for (const one of open) one.destroy()
})

const wrapper = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))
const gigabyte = 1_000_000_000
/** What a form of content may weigh, and what is on its way when it is refused. */
const mostRead = 32_000_000

/** `pregonero serve` as a process of its own, and what the system knows of it. */
async function served() {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  await setPassword(app.db, app.luis, 'ana', password, app.clock.now())
  const { config } = app.engine
  const serving = startProcess(wrapper, ['serve'], {
    PREGONERO_ENV: 'test',
    DATABASE_URL: app.databaseUrl,
    DATA_DIR: config.dataDir,
    HTTP_PORT: '0',
  })
  const listening = /^Pregonero \(test\): (http:\S+)$/m
  const output = await eventually(
    async () => serving.output(),
    (text) => listening.test(text),
    30_000,
  )
  const url = listening.exec(output)![1]!
  const numberIn = (file: string, name: string) =>
    Number(
      new RegExp(`${name}:\\s+(\\d+)`).exec(
        readFileSync(`/proc/${serving.child.pid}/${file}`, 'utf8'),
      )![1],
    )
  return {
    app,
    edition,
    url: `${url}/panel/ediciones/${edition.id}/contenido`,
    signIn: async () => {
      const answer = await fetch(`${url}/panel/entrar`, {
        method: 'POST',
        body: new URLSearchParams({ clave: 'ana', contrasena: password }),
        headers: { Origin: 'http://localhost:3000' },
        redirect: 'manual',
      })
      return answer.headers.get('set-cookie')!.split(';')[0]!
    },
    bytesRead: () => numberIn('io', 'rchar'),
    residentBytes: () => numberIn('status', 'VmRSS') * 1024,
    refusals: () =>
      serving
        .output()
        .split('\n')
        .filter((line) => line.includes('"status":413')),
  }
}

/** Writes as long as anybody reads, up to a gigabyte. */
async function upload(url: string, headers: Record<string, string>) {
  const sending = request(url, { method: 'POST', headers })
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  const closed = new Promise((resolve) => sending.once('close', resolve))
  sending.on('error', () => {})
  const chunk = Buffer.alloc(64 * 1024, 'a')
  let left = gigabyte
  const write = () => {
    while (left > 0 && !sending.destroyed) {
      const size = Math.min(left, chunk.length)
      left -= size
      if (!sending.write(chunk.subarray(0, size))) return void sending.once('drain', write)
    }
    sending.end()
  }
  write()
  const [answer] = await answered
  const page = await text(answer)
  await closed
  return { status: answer.statusCode, page, written: gigabyte - left }
}

test.each([
  ['announced', { 'Content-Length': String(gigabyte) }],
  ['as it streams', { 'Transfer-Encoding': 'chunked' }],
])(
  'an upload of 1 GB is refused %s: little of it is read, one line says so, and the draft is as it was',
  async (_, length) => {
    const server = await served()
    const { app, edition, url } = server
    const cookie = await server.signIn()
    const ours = { Origin: 'http://localhost:3000', Cookie: cookie }
    const form = formOf(await (await fetch(url, { headers: ours })).text())
    form.set('titular', 'Lo que no se pierde')
    form.set('accion', 'borrador')
    await fetch(url, { method: 'POST', body: form, headers: ours, redirect: 'manual' })
    const draft = await draftOfEdition(app.db, edition.id)
    expect(draft!.body).toMatchObject({ titular: 'Lo que no se pierde' })

    const before = { read: server.bytesRead(), resident: server.residentBytes() }
    let most = before.resident
    const sampling = setInterval(() => (most = Math.max(most, server.residentBytes())), 20)
    const began = performance.now()
    const multipart = { 'Content-Type': 'multipart/form-data; boundary=x' }
    const { status, page, written } = await upload(url, { ...ours, ...multipart, ...length })
    clearInterval(sampling)
    expect(status).toBe(413)
    expect(wordsOf(page)).toContain('El formulario es demasiado largo')
    expect(wordsOf(page)).toContain('No se guardó nada')
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(written).toBeLessThan(gigabyte / 2)
    expect(server.bytesRead() - before.read).toBeLessThan(mostRead)
    // a few copies of what it may read, and no more
    expect(most - before.resident).toBeLessThan(150_000_000)
    expect(server.refusals()).toHaveLength(1)
    expect(server.refusals()[0]).toContain('"route":"/panel/ediciones/:id/contenido"')
    expect(await draftOfEdition(app.db, edition.id)).toEqual(draft)
    // and the next person is served
    expect((await fetch(url, { headers: ours })).status).toBe(200)
  },
  60_000,
)
