import { Agent, request } from 'node:http'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { panelRoutes } from '../../src/http/panel/panel.ts'
import { panel, password, type Panel } from './panel-support.ts'

const origin = 'http://localhost:3000'
const enterPath = '/panel/entrar'

const cookieOf = (answer: Response): string =>
  /^[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? ''

type RawInit = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }

/** As somebody would who writes requests by hand. */
const raw = ({ url }: Panel, path: string, init: RawInit) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    ...init,
    headers: { Origin: origin, ...init.headers },
  })

test.each([
  ['a token of nobody', randomBytes(32).toString('base64url')],
  ['nothing', ''],
  ['the hash that the database keeps', 'a'.repeat(64)],
  ['SQL', encodeURIComponent("' OR 1=1 --")],
  ['a NUL', '%00'],
  ['broken escapes', '%E0%A4%A'],
  ['8 kB', 'x'.repeat(8_000)],
])('a forged cookie opens nothing: %s', async (_what, value) => {
  const { get, signIn } = await panel({ recipients: 0 })
  await signIn('ana')
  const answer = await get('/panel', `pregonero=${value}`)
  expect([answer.status, answer.headers.get('location')]).toEqual([
    302,
    expect.stringContaining(enterPath),
  ])
})

test('the hash of a session, read from the database, is not its cookie', async () => {
  const { app, get, signIn } = await panel({ recipients: 0 })
  await signIn('ana')
  const { tokenSha256 } = await app.db
    .selectFrom('staffSession')
    .select('tokenSha256')
    .executeTakeFirstOrThrow()
  expect((await get('/panel', `pregonero=${tokenSha256}`)).status).toBe(302)
})

test('a cookie that was stolen opens nothing once its person goes out', async () => {
  const { get, post, signIn } = await panel({ recipients: 0 })
  const cookie = await signIn('ana')
  const stolen = cookie
  expect((await get('/panel', stolen)).status).toBe(200)
  await post('/panel/salir', {}, cookie)
  expect((await get('/panel', stolen)).status).toBe(302)
  expect((await post('/panel/cuenta', { accion: 'sesiones' }, stolen)).status).toBe(302)
})

test('nobody chooses the session of another: entering makes a new token, whatever cookie came', async () => {
  const { app, get, post, signIn } = await panel({ recipients: 0 })
  const planted = `pregonero=${randomBytes(32).toString('base64url')}`
  const ofLuis = await signIn('luis')
  await signIn('ana')
  for (const before of [planted, ofLuis]) {
    const answer = await post(enterPath, { clave: 'ana', contrasena: password }, before)
    const cookie = cookieOf(answer)
    expect(answer.status).toBe(303)
    expect(cookie).not.toBe(before)
    expect(await (await get('/panel', cookie)).text()).toContain('Ana')
  }
  expect((await get('/panel', planted)).status).toBe(302)
  // the session that somebody planted is still of whoever opened it
  expect(await (await get('/panel', ofLuis)).text()).toContain('Luis')
  expect(app.ana.id).not.toBe(app.luis.id)
})

test.each([
  ['one person', () => 'ana'],
  ['10,000 names of nobody', (i: number) => `nadie${i}`],
])(
  '10,000 attempts of %s from one address: few are looked at, and another address signs in',
  async (_, loginOf) => {
    const all = await panel({ recipients: 0 })
    await all.signIn('luis')
    await all.signIn('ana')
    const agent = new Agent({ keepAlive: true, maxSockets: 32 })
    const { port } = new URL(all.url)
    const attempt = (from: string, login: string, word: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const body = new URLSearchParams({ clave: login, contrasena: word }).toString()
        const headers = {
          Origin: origin,
          'Content-Type': 'application/x-www-form-urlencoded',
          'Content-Length': Buffer.byteLength(body),
        }
        request(
          {
            agent,
            host: '127.0.0.1',
            port,
            localAddress: from,
            path: enterPath,
            method: 'POST',
            headers,
          },
          (answer) => {
            answer.resume().once('end', () => resolve(answer.statusCode!))
          },
        )
          .once('error', reject)
          .end(body)
      })
    const statuses = await Promise.all(
      Array.from({ length: 10_000 }, (_, i) =>
        attempt('127.0.0.2', loginOf(i), `una palabra ${i}`),
      ),
    )
    const count = (status: number) => statuses.filter((one) => one === status).length
    expect(count(401) + count(429)).toBe(10_000)
    expect(count(401)).toBeLessThanOrEqual(60)
    const { tried } = await all.app.db
      .selectFrom('auditLog')
      .select(({ fn }) => fn.countAll<number>().as('tried'))
      .where('act', 'like', 'sign-in.%')
      .executeTakeFirstOrThrow()
    // what the lock refuses is not written down one by one
    expect(tried).toBeLessThanOrEqual(60)
    expect(await attempt('127.0.0.3', 'luis', password)).toBe(303)
    // her account rests for a quarter of an hour, when it was hers
    expect(await attempt('127.0.0.3', 'ana', password)).toBe(loginOf(0) === 'ana' ? 401 : 303)
    agent.destroy()
  },
  60_000,
)

test('a name of nobody, one that is locked and a wrong password are refused in the same words and time', async () => {
  const site = await panel({ recipients: 0 })
  await site.signIn('ana')
  await site.signIn('luis')
  const enter = async (clave: string, { app, post } = site) => {
    const began = performance.now()
    const answer = await post(enterPath, { clave, contrasena: 'una que no es' })
    const text = (await answer.text()).replaceAll(clave, '…').replaceAll(/nonce="[^"]*"/g, '')
    const ms = performance.now() - began
    // each time as if for the first time
    if (clave === 'luis')
      await app.db
        .updateTable('staffUser')
        .set({ failedSignIns: 0 })
        .where('login', '=', 'luis')
        .execute()
    return { said: [answer.status, text], ms }
  }
  for (let i = 0; i < 5; i++) await enter('ana')
  const answers = { nobody: [], locked: [], wrong: [] } as Record<
    string,
    { said: unknown; ms: number }[]
  >
  for (let i = 0; i < 15; i++) {
    answers.nobody!.push(await enter('nadie'))
    answers.locked!.push(await enter('ana'))
    answers.wrong!.push(await enter('luis'))
  }
  const all = Object.values(answers)
  const [first] = all[0]!
  for (const { said } of all.flat()) expect(said).toEqual(first!.said)
  const medians = all.map((some) => some.map(({ ms }) => ms).toSorted((a, b) => a - b)[7]!)
  // one that were not looked at would be ten times faster
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(2.5)
})

test.each([
  ['a login of 10,000 letters', 'a'.repeat(10_000), password, 401],
  ['a password of 300 kB', 'ana', 'x'.repeat(300_000), 401],
  ['a password of 1 MB', 'ana', 'x'.repeat(1_048_576), 401],
  ['a password of 3 MB', 'ana', 'x'.repeat(3 * 1_048_576), 413],
  ['a NUL in the login', 'ana\u0000', password, 401],
  ['a NUL in the password', 'ana', `${password}\u0000`, 401],
  ['markup', '"><img src=x onerror=alert(1)>', '<script>alert(1)</script>', 401],
  ['SQL', "ana' OR '1'='1", "' OR '1'='1", 401],
  ['nothing', '', '', 401],
  ['a letter that looks like another', 'аna', password, 401],
])('entering with %s is refused, and nothing fails', async (_what, clave, contrasena, status) => {
  const { get, post, signIn } = await panel({ recipients: 0 })
  await signIn('ana')
  const answer = await post(enterPath, { clave, contrasena })
  const text = await answer.text()
  expect(answer.status).toBe(status)
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(text).not.toMatch(/<img src=x|<script>alert/)
  if (contrasena !== '') expect(text).not.toContain(contrasena)
  expect((await get('/panel/entrar')).status).toBe(200)
})

test('fields that are files or lists, and bodies that are no form, enter nobody', async () => {
  const all = await panel({ recipients: 0 })
  await all.signIn('ana')
  const files = new FormData()
  files.set('clave', new Blob(['ana']), 'ana.txt')
  files.set('contrasena', new Blob([password]), 'palabra.txt')
  const form = 'application/x-www-form-urlencoded'
  const word = encodeURIComponent(password)
  for (const [what, init] of Object.entries<RawInit>({
    files: { body: files },
    'lists of another name': {
      body: `clave[]=ana&contrasena[]=${word}`,
      headers: { 'Content-Type': form },
    },
    'JSON that looks right': {
      body: JSON.stringify({ clave: 'ana', contrasena: password }),
      headers: { 'Content-Type': 'application/json' },
    },
    'no type': { body: new Blob([`clave=ana&contrasena=${word}`]) },
    'no body': {},
    'no such type': { body: 'x', headers: { 'Content-Type': '///' } },
    'parts without a boundary': {
      body: 'x',
      headers: { 'Content-Type': 'multipart/form-data' },
    },
    'broken parts': {
      body: '--a\r\nContent-Disposition: form-data; name="clave"',
      headers: { 'Content-Type': 'multipart/form-data; boundary=a' },
    },
    'broken escapes': { body: 'clave=%ff%fe&contrasena=%', headers: { 'Content-Type': form } },
  })) {
    const answer = await raw(all, enterPath, init)
    expect([what, answer.status, answer.headers.get('set-cookie')]).toEqual([what, 401, null])
  }
  // the first of two is the one that is read, as for every form
  const twice = `clave=ana&clave=luis&contrasena=${word}`
  const answer = await raw(all, enterPath, { body: twice, headers: { 'Content-Type': form } })
  expect(answer.status).toBe(303)
})

test('no form of the panel acts without the place that it came from, whatever its type', async () => {
  const all = await panel({ recipients: 0 })
  const cookie = await all.signIn('ana')
  const here = { method: 'POST', redirect: 'manual' as const }
  for (const type of [
    undefined,
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=a',
  ]) {
    const answer = await fetch(`${all.url}/panel/salir`, {
      ...here,
      body: new Blob(['']),
      headers: {
        Cookie: cookie,
        Origin: 'https://malo.example',
        ...(type !== undefined && { 'Content-Type': type }),
      },
    })
    expect(answer.status, type).toBe(403)
  }
  expect((await all.get('/panel', cookie)).status).toBe(200)
})

test('other methods do nothing on any page of the panel, signed in or not', async () => {
  const all = await panel({ recipients: 0 })
  const cookie = await all.signIn('luis')
  const paths = new Set(panelRoutes.map(({ path }) => path.replace(/:\w+/g, '1')))
  const before = await all.app.db.selectFrom('auditLog').select('id').execute()
  for (const path of paths) {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
      const answer = await raw(all, path, { method, headers: { Cookie: cookie } })
      expect([method, path, answer.status]).toEqual([method, path, 405])
      expect(answer.headers.get('allow')).toMatch(/GET|POST/)
    }
    const head = await raw(all, path, { method: 'HEAD' })
    expect([302, 404, 405], path).toContain(head.status)
    expect(await head.text()).toBe('')
  }
  expect(await all.app.db.selectFrom('auditLog').select('id').execute()).toEqual(before)
}, 60_000)

test('HEAD of a page is as its GET, and shows nothing to whoever is not signed in', async () => {
  const all = await panel({ recipients: 0 })
  const cookie = await all.signIn('ana')
  const head = (headers: Record<string, string>) =>
    raw(all, '/panel/cuenta', { method: 'HEAD', headers })
  expect((await head({ Cookie: cookie })).status).toBe(200)
  expect((await head({})).status).toBe(302)
})
