import { expect, test } from 'vitest'
import { setPassword } from '../../src/people/sessions.ts'
import { may, roles } from '../../src/people/users.ts'
import { scriptPath } from '../../src/http/panel/script.ts'
import { panelRoutes } from '../../src/http/panel/panel.ts'
import { panelPaths } from '../../src/http/panel/route.ts'
import { routes } from '../../src/http/routes.ts'
import { addTestUser, boletin, editionNow, fridayAt15 } from '../support/app.ts'
import { panel, panelOf, password } from './panel-support.ts'

test('who is not signed in is asked to, and comes back to where they were going', async () => {
  const { get, post, app } = await panel()
  const asked = await get('/panel/ediciones/12')
  expect(asked.status).toBe(302)
  const to = asked.headers.get('location')!
  expect(to).toContain('/panel/entrar?a=%2Fpanel%2Fediciones%2F12')
  await setPassword(app.db, app.luis, 'ana', password, app.clock.now())
  const fields = { clave: 'ana', contrasena: password }
  const back = await post('/panel/entrar', { ...fields, a: '/panel/ediciones/12' })
  expect(back.headers.get('location')).toMatch(/\/panel\/ediciones\/12$/)
  for (const elsewhere of [
    'https://malo.example/',
    '//malo.example',
    '/panel//malo.example\\x',
    '/archivo',
  ]) {
    const answer = await post('/panel/entrar', { ...fields, a: elsewhere })
    expect(answer.headers.get('location'), elsewhere).toMatch(/\/panel$/)
  }
})

test('the cookie is of this host alone, unseen by scripts, and __Host- over https', async () => {
  const { app, post } = await panel()
  await setPassword(app.db, app.luis, 'ana', password, app.clock.now())
  const fields = { clave: 'ana', contrasena: password }
  const plain = (await post('/panel/entrar', fields)).headers.get('set-cookie')!
  expect(plain).toMatch(/^pregonero=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/)
  app.engine.config.publicUrl = 'https://correo.iecm.test'
  const secure = (await post('/panel/entrar', fields)).headers.get('set-cookie')!
  expect(secure).toMatch(/^__Host-pregonero=[\w-]{43}; .*Path=\/; HttpOnly; Secure/)
})

test('a wrong password and a login that is nobody’s have the same answer', async () => {
  const { post, app } = await panel()
  await setPassword(app.db, app.luis, 'ana', password, app.clock.now())
  const pages = await Promise.all(
    ['ana', 'nadie'].map(async (clave) => {
      const answer = await post('/panel/entrar', { clave, contrasena: 'otra frase larga' })
      expect(answer.status).toBe(401)
      return (await answer.text())
        .replaceAll(/nonce="[^"]*"/g, '')
        .replaceAll(`value="${clave}"`, '')
    }),
  )
  expect(pages[0]).toBe(pages[1])
})

test('a login that is locked has the same answer as one that is nobody’s', async () => {
  const { post, app } = await panel()
  await setPassword(app.db, app.luis, 'ana', password, app.clock.now())
  const said = async (clave: string) => {
    const answer = await post('/panel/entrar', { clave, contrasena: 'otra frase larga' })
    const text = (await answer.text()).replaceAll(/nonce="[^"]*"/g, '')
    return [answer.status, text.replaceAll(`value="${clave}"`, '')]
  }
  const answers = []
  for (let i = 0; i < 6; i++) answers.push(await said('ana'))
  const [, text] = await said('nadie')
  expect(text).toContain('o hubo demasiados intentos: espere 15 minutos')
  expect(answers).toEqual(answers.map(() => [401, text]))
})

test('a forged cookie, and one whose session was ended, open nothing', async () => {
  const { get, post, signIn } = await panel()
  const cookie = await signIn('ana')
  expect((await get('/panel', cookie)).status).toBe(200)
  expect((await get('/panel', `${cookie}x`)).status).toBe(302)
  expect((await post('/panel/salir', {}, cookie)).status).toBe(303)
  expect((await get('/panel', cookie)).status).toBe(302)
})

test('a form from another site does nothing, and says so', async () => {
  const { app, post, signIn } = await panel()
  const edition = await boletin(app, { ready: false })
  const cookie = await signIn('ana')
  const path = `/panel/ediciones/${edition.id}/lista`
  const foreign = await post(path, {}, cookie, 'https://malo.example')
  expect([foreign.status, await foreign.text()]).toEqual([
    403,
    expect.stringContaining('no vino del panel'),
  ])
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'planned' })
})

test('every route has its rule, and each role meets it', async () => {
  const { app } = await panel()
  const edition = await boletin(app)
  const mounted = routes(app.engine, { send: () => undefined } as never)
    .routes.filter(({ path, method }) => path.startsWith('/panel') && method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
  const beforeSigningIn = [
    panelPaths.signIn,
    panelPaths.firstUser,
    panelPaths.setPassword(':token'),
  ]
  const open = [
    `GET ${scriptPath}`,
    ...beforeSigningIn.flatMap((path) => [`GET ${path}`, `POST ${path}`]),
    `POST ${panelPaths.signOut}`,
  ]
  const ruled = panelRoutes.map(({ method, path }) => `${method} ${path}`)
  expect(new Set(mounted)).toEqual(new Set([...open, ...ruled]))

  for (const role of roles) {
    const user = await addTestUser(app, `solo-${role}`, [role])
    const { get, post, signIn } = await panelOf(app)
    const cookie = await signIn(user.login)
    for (const route of panelRoutes) {
      const path = route.path.replace(':id', String(edition.id))
      const answer = route.method === 'GET' ? await get(path, cookie) : await post(path, {}, cookie)
      const isForbidden = answer.status === 403
      expect(isForbidden, `${role}: ${route.method} ${route.path} ${answer.status}`).toBe(
        !may(user, route.act),
      )
    }
  }
}, 180_000)

test('the agenda shows what leaves and what waits for somebody, and the edition its acts', async () => {
  const { app, get, post, signIn } = await panel()
  const edition = await boletin(app, { ready: false })
  const cookie = await signIn('ana')
  const agenda = await (await get('/panel', cookie)).text()
  expect(agenda).toContain('Nada requiere su atención')
  expect(agenda).toMatch(/Viernes 27 de noviembre[^]*15:00[^]*Boletín Electoral 2026-W48/)
  app.clock.moveTo(new Date(fridayAt15.getTime() - 24 * 3_600_000))
  const again = await signIn('ana')
  expect(await (await get('/panel', again)).text()).toMatch(
    /Requiere atención[^]*Boletín Electoral 2026-W48<\/a>:\s+marcarla como lista: capturista/,
  )
  const page = await (await get(`/panel/ediciones/${edition.id}`, again)).text()
  expect(page).toContain('Marcar como lista')
  expect(page).not.toContain('Aprobar y programar')
  const seen = { contenido: String(edition.contentId) }
  expect((await post(`/panel/ediciones/${edition.id}/lista`, seen, again)).status).toBe(303)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })
  const preview = await get(`/panel/ediciones/${edition.id}/correo`, again)
  expect(preview.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
  expect(await preview.text()).toContain('Boletín Electoral')
})

test('approval is of the version that was shown, by another person', async () => {
  const { app, post, signIn } = await panel()
  const edition = await boletin(app)
  const path = `/panel/ediciones/${edition.id}/aprobar`
  const luis = await signIn('luis')
  expect((await post(path, {}, luis)).status).toBe(422)
  const stale = await post(path, { sello: 'a'.repeat(64) }, luis)
  expect([stale.status, await stale.text()]).toEqual([
    409,
    expect.stringContaining('ya no es la versión que se revisó'),
  ])
  expect((await post(path, { sello: edition.sealedHash! }, luis)).status).toBe(303)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'approved' })
})

test.each(['0', '999999', 'x', '1%20OR%201', '-1', '1'.repeat(40)])(
  'an edition that is none (%s) is not found, and nothing fails',
  async (id) => {
    const { get, signIn } = await panel()
    const answer = await get(`/panel/ediciones/${id}`, await signIn('ana'))
    expect(answer.status).toBe(404)
  },
)
