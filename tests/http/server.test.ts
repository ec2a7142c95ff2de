import { connect } from 'node:net'
import { once } from 'node:events'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { storeFiles } from '../../src/content/files.ts'
import { leaveToken } from '../../src/flow/letters.ts'
import { sha256Hex } from '../../src/hash.ts'
import { signToken } from '../../src/keys.ts'
import { imagePath } from '../../src/render/files.ts'
import { eventually, testApp } from '../support/app.ts'
import { publicApp, serve, subscribe, withoutDatabase, wordsOf } from './support.ts'

test('a process in service is alive and ready', async () => {
  const app = await testApp()
  const { url } = await serve(app.engine)
  const alive = await fetch(`${url}/healthz`)
  expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok' }])
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ok', checks: { database: 'ok', queue: 'ok' } },
  ])
})

test('the images of mails are served under their hash, for good; attachments and all else are not', async () => {
  const app = await testApp()
  const { url } = await serve(app.engine)
  const image = {
    sha256: sha256Hex('image'),
    contentType: 'image/png',
    bytes: Buffer.from('image'),
  }
  const report = {
    sha256: sha256Hex('pdf'),
    contentType: 'application/pdf',
    bytes: Buffer.from('pdf'),
  }
  await storeFiles(app.db, [image, report], app.engine.clock.now())
  const answer = await fetch(`${url}${imagePath({ sha256: image.sha256, formato: 'png' })}`)
  expect([answer.status, await answer.text()]).toEqual([200, 'image'])
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  })
  const others = [`${report.sha256}.png`, `${'0'.repeat(64)}.png`, 'x.png', `${image.sha256}.svg`]
  for (const name of others) expect((await fetch(`${url}/imagenes/${name}`)).status).toBe(404)
})

test('without its database a process is alive and not ready, and says what it lacks', async () => {
  const app = await testApp()
  const { url } = await serve(await withoutDatabase(app.engine, app.databaseUrl))
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const ready = await fetch(`${url}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toEqual({
    status: 'unavailable',
    checks: { database: expect.not.stringMatching(/^(ok|unavailable)$/), queue: 'ok' },
  })
  const page = await fetch(url)
  expect(await page.text()).toContain('Sin servicio')
})

test('a crowd that asks whether it is ready costs one look at the database and the queue, and a second later another', async () => {
  const app = await testApp()
  let looks = 0
  const queue = Object.assign(Object.create(app.engine.queue) as typeof app.engine.queue, {
    size: async () => {
      looks++
      return app.engine.queue.size()
    },
  })
  const { url } = await serve({ ...app.engine, queue })
  const paths = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? '/' : '/readyz'))
  const answers = await Promise.all(paths.map((path) => fetch(`${url}${path}`)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(looks).toBeLessThanOrEqual(3)
  const before = looks
  await eventually(
    async () => (await fetch(`${url}/readyz`)) && looks,
    (count) => count > before,
  )
})

test('in production nobody outside is told why it is not ready', async () => {
  const app = await testApp()
  const engine = await withoutDatabase(app.engine, app.databaseUrl)
  const { url } = await serve({
    ...engine,
    config: { ...engine.config, environment: 'production' },
  })
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
    status: 'unavailable',
    checks: { database: 'unavailable', queue: 'ok' },
  })
})

test('the page is Spanish, and its hour is the clock of the engine in Mexico City', async () => {
  const app = await testApp()
  const page = await fetch((await serve(app.engine)).url)
  expect(page.headers.get('content-type')).toBe('text/html; charset=UTF-8')
  const html = await page.text()
  expect(html).toContain('<html lang="es-MX">')
  expect(html).toContain('lunes 23 de noviembre de 2026, 09:00 horas')
  expect(html.match(/En servicio/g)).toHaveLength(2)
})

test('every answer forbids scripts, frames, sniffing and referrers', async () => {
  const app = await testApp()
  const { url } = await serve(app.engine)
  for (const path of ['/', '/healthz', '/readyz', '/nothing-here']) {
    const { headers } = await fetch(`${url}${path}`)
    expect(Object.fromEntries(headers), path).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'nonce-[\w+/=]{24}'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  }
})

test('a port that is taken is a problem that names its setting', async () => {
  const app = await testApp()
  const port = Number(new URL((await serve(app.engine)).url).port)
  const http = { ...app.engine.config.http, port }
  const second = serve({ ...app.engine, config: { ...app.engine.config, http } })
  await expect(second).rejects.toMatchObject({
    kind: 'unavailable',
    faults: [{ place: 'HTTP_PORT', value: String(port) }],
  })
})

test('the nonce of a page is its own', async () => {
  const { url } = await publicApp()
  const nonces = new Set<string>()
  for (let i = 0; i < 3; i++) {
    const answer = await fetch(`${url}/privacidad`)
    const [, nonce = ''] = /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy')!)!
    expect(await answer.text()).toContain(`<style nonce="${nonce}">`)
    nonces.add(nonce)
  }
  expect(nonces.size).toBe(3)
})

test('what is not there, is used otherwise or fails is told in Spanish, with its own status', async () => {
  const app = await publicApp()
  const notThere = await fetch(`${app.url}/nada?correo=ana@example.org`)
  expect([notThere.status, notThere.headers.get('content-language')]).toEqual([404, null])
  expect(wordsOf(await notThere.text())).toContain('Esta página no existe')
  const otherwise = await fetch(`${app.url}/privacidad`, { method: 'POST' })
  expect([otherwise.status, otherwise.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(wordsOf(await otherwise.text())).toContain('Esta página no se usa así')
  const { url } = await serve({
    ...app.engine,
    get privacy(): never {
      throw new Error('broken')
    },
  })
  const failed = await fetch(`${url}/privacidad`)
  expect(failed.status).toBe(500)
  const page = await failed.text()
  expect(wordsOf(page)).toContain('Algo falló de nuestro lado')
  expect(page).not.toContain('broken')
})

test('the privacy page names all that is held of a person, and does not call a hash encrypted', async () => {
  const { url } = await publicApp()
  const page = wordsOf(await (await fetch(`${url}/privacidad`)).text())
  for (const held of ['Etiquetas', 'Correos que se le enviaron', 'Listas', 'País', 'Nombre'])
    expect(page).toContain(held)
  expect(page).toContain('una huella de la dirección')
  expect(page).not.toMatch(/cifrad/)
})

test('from page to page the links keep the path that PUBLIC_URL has', async () => {
  const app = await publicApp()
  const publicUrl = 'https://correo.iecm.test/pregonero/'
  const config = { ...app.engine.config, publicUrl }
  const { url } = await serve({ ...app.engine, config })
  const page = await (await fetch(`${url}/archivo`)).text()
  const links = [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, href]) => href)
  expect(links).toContain('/pregonero/archivo/red-observacion-noticias')
  expect(links.filter((href) => !href!.startsWith('/pregonero/'))).toEqual([])
})

test('browsers that ask for an icon are told once that there is none', async () => {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const app = await publicApp({ log })
  const answer = await fetch(`${app.url}/favicon.ico`)
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([
    204,
    'public, max-age=31536000, immutable',
  ])
  expect(lines.join('')).not.toContain('favicon')
})

test('the log has one line per request, with the kind of page and neither token, address nor query', async () => {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
  const app = await publicApp({ log })
  const token = leaveToken(app.engine, 1, 1)
  const manage = signToken(app.engine.keys, 'manage', [1, 1])
  await fetch(`${app.url}/baja/${token}?ref=secreto`)
  await fetch(`${app.url}/suscripciones/${manage}`, { method: 'POST' })
  await fetch(`${app.url}/no/existe/secreto`)
  await subscribe(app)
  const requests = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request')
  expect(requests.map(({ method, route, status }) => [method, route, status])).toEqual([
    ['GET', '/baja/:token', 404],
    ['POST', '/suscripciones/:token', 410],
    ['GET', '/*', 404],
    ['POST', '/suscripciones', 200],
  ])
  expect(lines.join('')).not.toMatch(
    new RegExp(`${token}|${manage}|secreto|ana@|127\\.0\\.0\\.1|::1`),
  )
})

/** A form of which only the first half was sent. */
async function halfSent(url: string) {
  const { hostname, port } = new URL(url)
  const body = 'accion=administrar&correo=ana%40example.org'
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString()))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(
    `POST /suscripciones HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  )
  // the server has its headers
  await new Promise((resolve) => setTimeout(resolve, 100))
  return { socket, rest: body.slice(10), closed: once(socket, 'close'), answer: () => answer }
}

test('a server that is told to stop takes nothing new and finishes what it has in hand', async () => {
  const app = await testApp()
  const server = await serve(app.engine)
  // a browser that keeps its connection
  await (await fetch(`${server.url}/healthz`)).text()
  const slow = await halfSent(server.url)
  let isClosed = false
  const closing = server.close().then(() => (isClosed = true))
  await eventually(
    () =>
      fetch(`${server.url}/healthz`).then(
        () => 'taken',
        () => 'refused',
      ),
    (outcome) => outcome === 'refused',
  )
  expect(isClosed).toBe(false)
  slow.socket.write(slow.rest)
  const answeredMs = performance.now()
  await slow.closed
  expect(slow.answer()).toMatch(/^HTTP\/1\.1 200 OK/)
  expect(slow.answer()).toContain('Revise su correo')
  await closing
  // not when a connection that is kept alive would have ended by itself
  expect(performance.now() - answeredMs).toBeLessThan(3_000)
})

test('a client that never ends its request does not keep a server from stopping', async () => {
  const app = await testApp()
  const server = await serve(app.engine, { stopGraceMs: 300 })
  const slow = await halfSent(server.url)
  const startedMs = performance.now()
  await server.close()
  const tookMs = performance.now() - startedMs
  expect(tookMs).toBeGreaterThan(250)
  expect(tookMs).toBeLessThan(3_000)
  await slow.closed
  expect(slow.answer()).toBe('')
})
