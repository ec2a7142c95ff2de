import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { addFirstAccount, changeOwnPassword } from '../../src/flow/own-account.ts'
import {
  addAccount,
  deactivateAccount,
  editAccount,
  newPasswordLink,
  type AccountChange,
} from '../../src/flow/users.ts'
import { signIn } from '../../src/people/sessions.ts'
import type { Role, User } from '../../src/people/users.ts'
import { addTestUser, type TestApp, type TestAppOptions } from '../support/app.ts'
import { barriers } from './barriers.ts'
import { panel, password, type Panel } from './panel-support.ts'
import { openChromium, wordsOf } from './support.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

const usersPath = '/panel/configuracion/usuarios'
const another = 'otra frase que recuerdo'
const nasty = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
const eva = { clave: 'eva', nombre: 'Eva Luz', correo: 'eva@iecm.mx', roles: 'consulta' }

interface UsersPanel extends Panel {
  luis: string
  pathOf: (login: string) => Promise<string>
  submit: (path: string, fields: [string, string][], cookie?: string) => Promise<Response>
}

/** luis approves and operates, and is signed in. */
async function usersPanel(options: TestAppOptions = {}): Promise<UsersPanel> {
  const all = await panel({ recipients: 0, ...options })
  const luis = await all.signIn('luis')
  return {
    ...all,
    luis,
    pathOf: async (login) => `${usersPath}/${(await rowOf(all.app, login)).id}`,
    submit: async (path, fields, cookie = luis) => {
      const body = new URLSearchParams(fields)
      const seen = seenOn(await (await all.get(path, cookie)).text())
      if (seen !== undefined && !body.has('visto')) body.set('visto', seen)
      return fetch(`${all.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        body,
        headers: { Origin: 'http://localhost:3000', Cookie: cookie },
      })
    },
  }
}

const rowOf = (app: TestApp, login: string) =>
  app.db.selectFrom('staffUser').selectAll().where('login', '=', login).executeTakeFirstOrThrow()

const seenOn = (text: string) => /name="visto" value="([0-9a-f]{64})"/.exec(text)?.[1]

const lastAudit = (app: TestApp) =>
  app.db.selectFrom('auditLog').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow()

async function linkOn(answer: Response): Promise<string> {
  const text = await answer.text()
  const link = /http\S+(\/panel\/contrasena\/[\w-]+)/.exec(text)?.[1]
  if (link === undefined) throw new Error(text)
  return link
}

test('a person is added without a password, and sets their own with a link that serves once', async () => {
  const { app, get, post, luis } = await usersPanel()
  const added = await post(usersPath, eva, luis)
  expect([added.status, added.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const link = await linkOn(added)
  expect(await rowOf(app, 'eva')).toMatchObject({ passwordHash: null, roles: ['consulta'] })
  expect(await lastAudit(app)).toMatchObject({
    act: 'users.add',
    subject: 'user eva',
    userId: app.luis.id,
    detail: { after: { name: 'Eva Luz', email: 'eva@iecm.mx', roles: ['consulta'] } },
  })

  // filters of mail open every link: reading it does not spend it
  for (let i = 0; i < 2; i++) expect(await (await get(link)).text()).toContain('Eva Luz')
  const poor = await post(link, { contrasena: 'corta', repetida: 'corta' })
  expect([poor.status, await poor.text()]).toEqual([
    422,
    expect.stringContaining('La contraseña tiene 5 caracteres'),
  ])
  const unequal = await post(link, { contrasena: password, repetida: another })
  expect([unequal.status, await unequal.text()]).toEqual([
    422,
    expect.not.stringContaining(password),
  ])
  const set = await post(link, { contrasena: password, repetida: password })
  expect(set.status).toBe(303)
  const cookie = /^[^;]+/.exec(set.headers.get('set-cookie')!)![0]
  expect((await get('/panel', cookie)).status).toBe(200)
  expect(await signIn(app.db, 'eva', password, app.clock.now())).toMatchObject({ ok: true })

  expect((await get(link)).status).toBe(404)
  expect((await post(link, { contrasena: another, repetida: another })).status).toBe(404)
  expect(await signIn(app.db, 'eva', password, app.clock.now())).toMatchObject({ ok: true })
})

test('of two who use a link at once, one sets the password', async () => {
  const { app, post, luis } = await usersPanel()
  const link = await linkOn(await post(usersPath, eva, luis))
  const answers = await Promise.all(
    [password, another].map((word) => post(link, { contrasena: word, repetida: word })),
  )
  expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['303', '404'])
  const words = await Promise.all(
    [password, another].map((word) => signIn(app.db, 'eva', word, app.clock.now())),
  )
  expect(words.filter(({ ok }) => ok)).toHaveLength(1)
})

test('a link is late after a day, is of nobody once altered, and a newer one replaces it', async () => {
  const { app, get, post, luis, pathOf } = await usersPanel()
  const first = await linkOn(await post(usersPath, eva, luis))
  for (const wrong of [`${first}x`, first.slice(0, -1), '/panel/contrasena/x', `${first}%00`])
    expect((await get(wrong)).status, wrong).toBe(404)
  app.clock.advance(1_000)
  const second = await linkOn(await post(await pathOf('eva'), { accion: 'liga' }, luis))
  expect((await get(first)).status).toBe(404)
  expect((await get(second)).status).toBe(200)
  app.clock.advance(24 * 3_600_000)
  expect((await get(second)).status).toBe(404)
})

test('a new link ends the password and the sessions of before', async () => {
  const { app, get, post, luis, signIn: enter, pathOf } = await usersPanel()
  const ana = await enter('ana')
  await linkOn(await post(await pathOf('ana'), { accion: 'liga' }, luis))
  expect((await get('/panel', ana)).status).toBe(302)
  expect(await lastAudit(app)).toMatchObject({ act: 'users.link', subject: 'user ana' })
  expect(await signIn(app.db, 'ana', password, app.clock.now())).toMatchObject({ ok: false })
  const own = await post(await pathOf('luis'), { accion: 'liga' }, luis)
  expect(own.status).toBe(422)
  expect((await get('/panel', luis)).status).toBe(200)
})

test('what is wrong is said at its field, with what was typed, and nothing runs', async () => {
  const { app, post, submit, luis } = await usersPanel()
  const wrong = { clave: nasty, nombre: nasty.repeat(3), correo: nasty, roles: nasty }
  const answer = await post(usersPath, wrong, luis)
  const page = await answer.text()
  expect(answer.status).toBe(422)
  for (const id of ['clave', 'nombre', 'correo', 'roles']) expect(page).toContain(`href="#${id}"`)
  expect(page).not.toMatch(/<img src=x|<script>alert/)
  expect(page).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;')
  expect((await post(usersPath, {}, luis)).status).toBe(422)
  for (const [name, value] of [
    ['clave', 'a'.repeat(41)],
    ['nombre', 'a'.repeat(101)],
    ['nombre', 'Eva\u0000Luz'],
    ['nombre', 'Eva\nBcc: x'],
    ['correo', `${'a'.repeat(300)}@iecm.mx`],
    ['correo', 'eva\u0000@iecm.mx'],
    ['roles', 'jefatura'],
  ] as const)
    expect((await post(usersPath, { ...eva, [name]: value }, luis)).status, name).toBe(422)
  expect(await app.db.selectFrom('staffUser').select('login').execute()).toHaveLength(2)

  const name = await submit(usersPath, Object.entries({ ...eva, nombre: nasty }))
  expect(name.status).toBe(200)
  expect(await name.text()).not.toMatch(/<img src=x|<script>alert/)
  const twice = await post(usersPath, eva, luis)
  expect([twice.status, await twice.text()]).toEqual([
    422,
    expect.stringContaining('Ya existe una persona usuaria con esa clave'),
  ])
})

test('a change of roles is written with before and after, and ends the sessions of the person', async () => {
  const { app, get, submit, signIn: enter, pathOf } = await usersPanel()
  const ana = await enter('ana')
  const path = await pathOf('ana')
  const fields = (name: string, ...given: Role[]): [string, string][] => [
    ['nombre', name],
    ['correo', 'ana@example.org'],
    ...given.map((role): [string, string] => ['roles', role]),
    ['accion', 'guardar'],
  ]
  expect((await submit(path, fields('Ana Ruiz', 'capturista'))).headers.get('location')).toContain(
    'listo=guardado',
  )
  expect((await get('/panel', ana)).status).toBe(200)
  const roles: Role[] = ['capturista', 'consulta']
  expect((await submit(path, fields('Ana Ruiz', ...roles))).status).toBe(303)
  expect((await get('/panel', ana)).status).toBe(302)
  const last = await lastAudit(app)
  expect(last).toMatchObject({
    act: 'users.edit',
    detail: { before: { roles: ['capturista'] }, after: { roles } },
  })
  // the same form again changes nothing, and writes nothing
  expect((await submit(path, fields('Ana Ruiz', ...roles))).headers.get('location')).toContain(
    'listo=igual',
  )
  expect((await lastAudit(app)).id).toBe(last.id)
})

test('two operators on one account: the later one is told, and shown both versions', async () => {
  const { app, get, submit, signIn: enter, pathOf } = await usersPanel()
  const iris = await addTestUser(app, 'iris', ['capturista', 'aprobacion'])
  await addTestUser(app, 'olga', ['operacion'])
  const olga = await enter('olga')
  const path = await pathOf('iris')
  const opened = seenOn(await (await get(path, olga)).text())!
  const fields = (seen: string, name: string, ...given: Role[]): [string, string][] => [
    ['visto', seen],
    ['nombre', name],
    ['correo', 'iris@example.org'],
    ...given.map((role): [string, string] => ['roles', role]),
  ]
  expect((await submit(path, fields(opened, iris.name, 'capturista'))).status).toBe(303)
  const late = fields(opened, 'Iris Ríos', 'capturista', 'aprobacion')
  const refused = await submit(path, late, olga)
  const text = await refused.text()
  expect(refused.status).toBe(409)
  expect(wordsOf(text)).toContain('Roles Captura, Aprobación Captura')
  expect(text).toContain('value="Iris Ríos"')
  expect(await rowOf(app, 'iris')).toMatchObject({ name: iris.name, roles: ['capturista'] })
  expect((await submit(path, [['visto', ''], ...late.slice(1)], olga)).status).toBe(409)
  // a fault meanwhile does not make it the version of now
  const faulty = await submit(path, fields(opened, '', 'capturista', 'aprobacion'), olga)
  expect([faulty.status, seenOn(await faulty.text())]).toEqual([422, opened])
  // who saw both decides
  const decided = await submit(path, fields(seenOn(text)!, 'Iris Ríos', 'capturista'), olga)
  expect(decided.status).toBe(303)
  expect(await rowOf(app, 'iris')).toMatchObject({ name: 'Iris Ríos', roles: ['capturista'] })
})

test('nobody gives approval to themselves', async () => {
  const { app, submit, signIn: enter, pathOf } = await usersPanel()
  await addTestUser(app, 'olga', ['operacion'])
  const answer = await submit(
    await pathOf('olga'),
    [
      ['nombre', 'Olga'],
      ['correo', 'olga@example.org'],
      ['roles', 'operacion'],
      ['roles', 'aprobacion'],
    ],
    await enter('olga'),
  )
  expect([answer.status, await answer.text()]).toEqual([
    422,
    expect.stringContaining('Nadie se da a sí el rol de aprobación'),
  ])
  expect(await rowOf(app, 'olga')).toMatchObject({ roles: ['operacion'] })
})

test('a change of roles or address, a new approver and a link are told to the person and the other operators', async () => {
  const { app } = await usersPanel()
  await addTestUser(app, 'olga', ['operacion'])
  await addTestUser(app, 'iris', ['consulta'])
  const told = async (act: () => Promise<unknown>) => {
    await app.db.deleteFrom('notice').execute()
    await act()
    const rows = await app.db
      .selectFrom('notice')
      .select(['kind', 'address', 'subject', 'plainText'])
      .orderBy('address')
      .execute()
    expect(rows.every(({ kind }) => kind === 'account')).toBe(true)
    return { to: rows.map(({ address }) => address), text: rows[0]?.plainText }
  }
  const { id } = await rowOf(app, 'iris')
  const edit = (change: AccountChange) => () => editAccount(app.engine, app.luis, id, change)
  expect(await told(edit({ name: 'Iris' }))).toEqual({ to: [], text: undefined })
  const roles = await told(edit({ roles: ['aprobacion'], email: 'otra@example.org' }))
  expect(roles.to).toEqual(['iris@example.org', 'olga@example.org', 'otra@example.org'])
  expect(roles.text).toContain('Sus roles eran consulta y ahora son aprobacion.')
  expect(roles.text).toContain('Luis (luis)')
  const link = await told(() => newPasswordLink(app.engine, app.luis, id))
  expect(link.to).toEqual(['olga@example.org', 'otra@example.org'])
  expect(link.text).not.toContain('/contrasena/')
  const person = (login: string, given: Role[]) => () =>
    addAccount(app.engine, app.luis, {
      login,
      name: login,
      email: `${login}@iecm.mx`,
      roles: given,
    })
  expect((await told(person('uno', ['capturista']))).to).toEqual([])
  expect((await told(person('dos', ['aprobacion']))).to).toEqual([
    'dos@iecm.mx',
    'olga@example.org',
  ])
})

test('somebody deactivated is out at once, and comes back with a new link', async () => {
  const { app, get, post, luis, signIn: enter, pathOf } = await usersPanel()
  const ana = await enter('ana')
  const path = await pathOf('ana')
  expect((await post(path, { accion: 'desactivar' }, luis)).status).toBe(303)
  expect((await get('/panel', ana)).status).toBe(302)
  expect(await signIn(app.db, 'ana', password, app.clock.now())).toMatchObject({ ok: false })
  expect(await rowOf(app, 'ana')).toMatchObject({ active: false, passwordHash: null })
  // twice is once
  expect((await post(path, { accion: 'desactivar' }, luis)).status).toBe(303)
  const acts = await app.db
    .selectFrom('auditLog')
    .select('act')
    .where('act', '=', 'users.deactivate')
    .execute()
  expect(acts).toHaveLength(1)
  expect((await post(path, { accion: 'liga' }, luis)).status).toBe(422)
  expect(await (await get(usersPath, luis)).text()).toContain('Desactivada')
  const link = await linkOn(await post(path, { accion: 'reactivar' }, luis))
  expect((await post(link, { contrasena: another, repetida: another })).status).toBe(303)
})

test('the last operator stays, nobody takes the role from themselves, and the page says why', async () => {
  const { app, post, submit, luis, pathOf } = await usersPanel()
  const own = await pathOf('luis')
  const without: [string, string][] = [
    ['nombre', 'Luis'],
    ['correo', 'luis@example.org'],
    ['roles', 'aprobacion'],
  ]
  for (const answer of [
    await submit(own, without),
    await post(own, { accion: 'desactivar' }, luis),
  ])
    expect([answer.status, await answer.text()]).toEqual([
      422,
      expect.stringContaining('es la única persona activa con el rol de operación'),
    ])
  await addTestUser(app, 'eva', ['operacion'])
  const [role, account] = [
    await submit(own, without),
    await post(own, { accion: 'desactivar' }, luis),
  ]
  expect(await role.text()).toContain('Nadie se quita a sí el rol de operación')
  expect(await account.text()).toContain('Nadie desactiva su propia cuenta')
  expect(await rowOf(app, 'luis')).toMatchObject({
    active: true,
    roles: ['aprobacion', 'operacion'],
  })
})

test('two operators who remove each other at once leave one', async () => {
  const { app } = await usersPanel()
  const eva = await addTestUser(app, 'eva', ['operacion'])
  const remove = (actor: User, other: User) =>
    editAccount(app.engine, actor, other.id, { roles: ['consulta'] })
  const results = await Promise.allSettled([
    remove(app.luis, eva),
    deactivateAccount(app.engine, eva, app.luis.id),
  ])
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const left = [await rowOf(app, 'luis'), await rowOf(app, 'eva')].filter(
    ({ active, roles }) => active && roles.includes('operacion'),
  )
  expect(left).toHaveLength(1)
})

test('accounts are for operators alone, also in the flow, and those that are none are not found', async () => {
  const { app, get, post, luis, signIn: enter } = await usersPanel()
  const ana = await enter('ana')
  expect((await get(usersPath, ana)).status).toBe(403)
  await expect(
    editAccount(app.engine, app.ana, app.ana.id, { roles: ['operacion'] }),
  ).rejects.toThrow('no puede users.add')
  await expect(newPasswordLink(app.engine, app.ana, app.luis.id)).rejects.toThrow('no puede')
  for (const id of ['0', 'x', '999999', '1'.repeat(40), '-1', '%00']) {
    expect((await get(`${usersPath}/${id}`, luis)).status, id).toBe(404)
    expect((await post(`${usersPath}/${id}`, { accion: 'liga' }, luis)).status, id).toBe(404)
  }
})

test('one changes one’s own password with the one of now, and stays; the other browsers do not', async () => {
  const { app, get, post, signIn: enter } = await usersPanel()
  const here = await enter('ana')
  const signedIn = await signIn(app.db, 'ana', password, app.clock.now())
  const there = `pregonero=${signedIn.ok ? signedIn.token : ''}`
  const change = (actual: string, contrasena = another, repetida = contrasena) =>
    post('/panel/cuenta', { actual, contrasena, repetida }, here)
  for (const [answer, said] of [
    [await change('no es la que es'), 'La contraseña actual no es correcta'],
    [await change(password, 'corta'), 'tiene 5 caracteres'],
    [await change(password, another, `${another}s`), 'no son iguales'],
    [await change(password, password), 'es la misma que la actual'],
    [await post('/panel/cuenta', {}, here), 'no es correcta'],
  ] as const)
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining(said)])
  expect((await get('/panel', there)).status).toBe(200)

  const changed = await change(password)
  expect(changed.status).toBe(303)
  const cookie = /^[^;]+/.exec(changed.headers.get('set-cookie')!)![0]
  expect((await get('/panel', cookie)).status).toBe(200)
  for (const old of [here, there]) expect((await get('/panel', old)).status).toBe(302)
  expect(await signIn(app.db, 'ana', another, app.clock.now())).toMatchObject({ ok: true })
})

test('guessing the password of now from a session left open locks it as at the door', async () => {
  const { post, signIn: enter } = await usersPanel()
  const here = await enter('ana')
  const fields = { actual: 'una que no es', contrasena: another, repetida: another }
  for (let i = 0; i < 5; i++) await post('/panel/cuenta', fields, here)
  const right = await post('/panel/cuenta', { ...fields, actual: password }, here)
  expect([right.status, await right.text()]).toEqual([
    422,
    expect.stringContaining('Hubo demasiados intentos'),
  ])
})

test('a reset while one changes one’s own password stands', async () => {
  const { app, signIn: enter } = await usersPanel()
  await enter('ana')
  const changes = { current: password, next: another }
  const results = await Promise.allSettled([
    changeOwnPassword(app.engine, app.ana, changes),
    newPasswordLink(app.engine, app.luis, app.ana.id),
  ])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(await rowOf(app, 'ana')).toMatchObject({ passwordHash: null })
})

test('one sees one’s sessions and closes the others', async () => {
  const { app, get, post, signIn: enter } = await usersPanel()
  const here = await enter('ana')
  app.clock.advance(5 * 60_000)
  const signedIn = await signIn(app.db, 'ana', password, app.clock.now())
  const there = `pregonero=${signedIn.ok ? signedIn.token : ''}`
  const page = await (await get('/panel/cuenta', here)).text()
  expect(page.match(/<th scope="row">23\/11\/2026, 09:0\d horas/g)).toHaveLength(2)
  expect((await post('/panel/cuenta', { accion: 'sesiones' }, here)).status).toBe(303)
  expect((await get('/panel', there)).status).toBe(302)
  expect(await (await get('/panel/cuenta', here)).text()).not.toContain('Cerrar las demás sesiones')
  expect(await lastAudit(app)).toMatchObject({ act: 'sessions.close', detail: { closed: 1 } })
})

const firstPath = '/panel/primera-cuenta'
const first = {
  clave: 'eva',
  nombre: 'Eva Luz',
  correo: 'eva@iecm.mx',
  // the page does not ask: whoever sends it all the same does not get it
  roles: 'aprobacion',
  contrasena: password,
  repetida: password,
}

test('the first account is made in the browser while nobody has a password, and then no more', async () => {
  const { app, get, post } = await panel({ recipients: 0 })
  const page = await (await get(firstPath)).text()
  expect(page).toContain('se necesitan dos personas')
  expect(page).not.toContain('name="roles"')
  for (const [fields, said] of [
    [{ ...first, contrasena: 'corta', repetida: 'corta' }, 'tiene 5 caracteres'],
    [{ ...first, clave: 'luis' }, 'Ya existe una persona usuaria'],
    [{ ...first, nombre: nasty.repeat(2) }, 'El nombre tiene'],
    [{}, 'No es una clave válida'],
  ] as const) {
    const answer = await post(firstPath, fields)
    const text = await answer.text()
    expect([answer.status, text]).toEqual([422, expect.stringContaining(said)])
    expect(text).not.toContain('<img src=x')
  }
  const made = await post(firstPath, first)
  expect(made.status).toBe(303)
  const cookie = /^[^;]+/.exec(made.headers.get('set-cookie')!)![0]
  expect(await (await get(`${usersPath}?listo=primera`, cookie)).text()).toContain(
    'Falta al menos otra persona',
  )
  expect(await rowOf(app, 'eva')).toMatchObject({ roles: ['operacion'] })
  const other = { clave: 'sol', nombre: 'Sol', correo: 'sol@iecm.mx', roles: 'aprobacion' }
  expect((await post(usersPath, other, cookie)).status).toBe(200)
  expect((await get(firstPath)).status).toBe(404)
  expect((await post(firstPath, { ...first, clave: 'mala' })).status).toBe(404)
  expect(await app.db.selectFrom('staffUser').select('login').execute()).toHaveLength(4)
})

test('the page of the first account is used by everybody, on any screen', async () => {
  const { app, url } = await panel({ recipients: 0 })
  app.engine.config.publicUrl = url
  const page = await browser.newPage()
  await page.goto(`${url}${firstPath}`)
  for (const width of [320, 1_200]) {
    await page.setViewportSize({ width, height: 800 })
    expect.soft(await barriers(page), `${width} px`).toEqual([])
    const content = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect.soft(content).toBeLessThanOrEqual(width)
  }
  await page.context().close()
}, 60_000)

test('two who make the first account at once make one', async () => {
  const { app } = await panel({ recipients: 0 })
  const make = (login: string) =>
    addFirstAccount(app.engine, { login, name: 'Eva Luz', email: 'eva@iecm.mx' }, password)
  const made = await Promise.all(['eva', 'iris', 'olga'].map(make))
  expect(made.filter(Boolean)).toHaveLength(1)
  const rows = await app.db
    .selectFrom('staffUser')
    .select('login')
    .where('passwordHash', 'is not', null)
    .execute()
  expect(rows).toHaveLength(1)
})

test('the first account is not offered behind a proxy, nor under a name that is not ours', async () => {
  const { app, url, get } = await panel({ recipients: 0 })
  const as = (headers: Record<string, string>) => fetch(`${url}${firstPath}`, { headers })
  expect((await as({ 'X-Forwarded-For': '127.0.0.1' })).status).toBe(404)
  expect((await as({ Forwarded: 'for=127.0.0.1' })).status).toBe(404)
  expect((await get(firstPath)).status).toBe(200)
  app.engine.config.http.trustedProxies = 1
  expect((await get(firstPath)).status).toBe(404)
  expect((await as({ 'X-Forwarded-For': '127.0.0.1' })).status).toBe(404)
})

test('where the public address is not of this machine, nobody is offered the first account: a proxy need not say that it is one', async () => {
  const { url, get } = await panel({
    recipients: 0,
    env: { PUBLIC_URL: 'https://boletines.example.org' },
  })
  const as = (Host: string) =>
    new Promise<number | undefined>((resolve) =>
      request(`${url}${firstPath}`, { headers: { Host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      }).end(),
    )
  for (const host of ['boletines.example.org', 'localhost', '127.0.0.1'])
    expect(await as(host), host).toBe(404)
  expect(await (await get('/panel/entrar')).text()).not.toContain(firstPath)
})

test('once somebody had a password the first account is closed for good', async () => {
  const { app, get, signIn: enter } = await panel({ recipients: 0 })
  await enter('ana')
  await newPasswordLink(app.engine, app.luis, app.ana.id)
  expect((await get(firstPath)).status).toBe(404)
})

test('the pages of accounts are used by everybody, on any screen', async () => {
  const { app, url, post, luis, pathOf } = await usersPanel()
  app.engine.config.publicUrl = url
  const link = await linkOn(
    await post(usersPath, { ...eva, nombre: 'Eva con un nombre muy largo' }, luis, url),
  )
  const [name, value] = luis.split('=') as [string, string]
  const page = await browser.newPage()
  await page.context().addCookies([{ name, value, url }])
  const look = async (title: string) => {
    for (const width of [320, 1_200]) {
      await page.setViewportSize({ width, height: 800 })
      expect.soft(await barriers(page), `${title}, ${width} px`).toEqual([])
      const content = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect.soft(content, `${title} at ${width} px`).toBeLessThanOrEqual(width)
    }
  }
  for (const place of [usersPath, await pathOf('eva'), '/panel/cuenta', link, '/panel/bitacora']) {
    await page.goto(`${url}${place}`)
    await look(place)
  }
  await page.goto(`${url}${usersPath}`)
  await page.evaluate('for (const form of document.forms) form.noValidate = true')
  await page.getByRole('button', { name: 'Agregar y hacer la liga' }).click()
  await look('errors')
  expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert')
  await page.goto(`${url}${await pathOf('ana')}`)
  await page.getByRole('button', { name: 'Hacer una liga nueva' }).click()
  await look('link')
  await page.context().close()
}, 120_000)
