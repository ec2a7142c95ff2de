/** Signing in by the institution's own accounts, against a real provider: who enters, who does not, and what fails. */
import { expect, test } from 'vitest'
import { panelPaths } from '../../src/http/panel/route.ts'
import { auditEntries } from '../../src/people/audit.ts'
import { editAccount } from '../../src/flow/users.ts'
import { addUser } from '../../src/people/users.ts'
import { clientSecret, institution, returnPath, type Institution } from './oidc-support.ts'
import { panel, panelOf, type Panel } from './panel-support.ts'

const publicUrl = 'http://localhost:3000'
const startPath = '/panel/entrar/institucional'

interface Office extends Institution, Panel {}

async function office(env: Record<string, string> = {}): Promise<Office> {
  const ours = await institution(env)
  ours.open(publicUrl)
  return { ...ours, ...(await panelOf(ours.app)) }
}

const cookieOf = (answer: Response, name: string): string | undefined =>
  answer.headers
    .getSetCookie()
    .map((one) => /^[^;]+/.exec(one)![0])
    .find((one) => one.startsWith(`${name}=`) && one !== `${name}=`)

interface Attempt {
  cookie: string
  /** At the provider. */
  to: string
}

async function begin({ get }: Panel, back = '/panel'): Promise<Attempt> {
  const answer = await get(`${startPath}?a=${encodeURIComponent(back)}`)
  expect([answer.status, answer.status === 302 ? '' : await answer.text()]).toEqual([302, ''])
  return { cookie: cookieOf(answer, 'pregonero-entrada')!, to: answer.headers.get('location')! }
}

/** Goes through the provider's pages as a browser would, `abort`: to cancel; returns the path and query that lead back to the panel. */
async function atProvider(to: string, who: string): Promise<string> {
  const jar = new Map<string, string>()
  const ask = async (url: string, body?: Record<string, string>): Promise<string> => {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
      ...(body && { method: 'POST', body: new URLSearchParams(body) }),
    })
    for (const one of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(one)!
      jar.set(name!, value!)
    }
    const next = answer.headers.get('location')
    if (next === null) return url
    const nextUrl = new URL(next, url).href
    return nextUrl.startsWith(publicUrl) ? nextUrl : ask(nextUrl)
  }
  let url = await ask(to)
  if (who === 'abort') url = await ask(`${url}/abort`)
  for (const prompt of ['login', 'consent'])
    if (!url.startsWith(publicUrl)) url = await ask(url, { prompt, login: who, password: 'x' })
  return url.slice(publicUrl.length)
}

async function enter(site: Office, who: string, back?: string): Promise<Response> {
  const { cookie, to } = await begin(site, back)
  return site.get(await atProvider(to, who), cookie)
}

/** A clear page with the way back, no session, and the spent cookie gone. */
async function refusal(answer: Response, status: number, title: string): Promise<string> {
  const text = await answer.text()
  expect([answer.status, /<h1>(.*?)<\/h1>/.exec(text)?.[1]]).toEqual([status, title])
  expect(text).toContain('href="/panel/entrar?a=')
  expect(text).toContain('clave y la\n        contraseña')
  expect(cookieOf(answer, 'pregonero')).toBeUndefined()
  return text
}

const spent = 'Este intento de entrar ya no sirve'
const unavailable = 'No se pudo comprobar la cuenta institucional'
const unknown = 'Esta cuenta no tiene acceso al panel'
const unverified = 'El correo de la cuenta no está verificado'

const acts = async ({ app }: Office) =>
  (await auditEntries(app.db, {}, { limit: 20 }))
    .filter(({ act }) => act.startsWith('sign-in'))
    .map(({ act, subject, detail }) => ({ act, subject, detail }))

test('who has an account of that verified address enters, and comes to where they were going', async () => {
  const site = await office()
  const page = await (await site.get('/panel/entrar?a=%2Fpanel%2Fregistro')).text()
  expect(page).toContain(
    '<a href="/panel/entrar/institucional?a=%2Fpanel%2Fregistro">Entrar con la cuenta institucional</a>',
  )
  const answer = await enter(site, 'ana', '/panel/registro')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/panel/registro'])
  const session = cookieOf(answer, 'pregonero')!
  const agenda = await site.get('/panel', session)
  expect([agenda.status, await agenda.text()]).toEqual([200, expect.stringContaining('>Ana</a>')])
  expect(await acts(site)).toEqual([
    { act: 'sign-in', subject: 'user ana', detail: { origin: 'institutional' } },
  ])
  expect(answer.headers.getSetCookie().join('\n')).toMatch(/pregonero-entrada=; Max-Age=0/)
  await site.post('/panel/salir', {}, session)
  expect((await site.get('/panel', session)).status).toBe(302)
}, 60_000)

test('what the browser keeps of an attempt is its own alone, short, and says nothing to the provider', async () => {
  const site = await office()
  const answer = await site.get(startPath)
  expect(answer.headers.get('set-cookie')).toMatch(
    /^pregonero-entrada=[\w-]{47}%2Fpanel; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  const { searchParams } = new URL(answer.headers.get('location')!)
  expect(Object.fromEntries(searchParams)).toMatchObject({
    response_type: 'code',
    scope: 'openid email',
    code_challenge_method: 'S256',
    redirect_uri: `${publicUrl}${returnPath}`,
  })
  const [state, nonce, challenge] = ['state', 'nonce', 'code_challenge'].map((name) =>
    searchParams.get(name),
  )
  expect(new Set([state, nonce, challenge]).size).toBe(3)
  const again = new URL((await begin(site)).to).searchParams
  expect(again.get('state')).not.toBe(state)
  site.app.engine.config.publicUrl = 'https://correo.iecm.test'
  const secure = (await site.get(startPath)).headers.get('set-cookie')!
  expect(secure).toMatch(/^__Host-pregonero-entrada=.*Path=\/; HttpOnly; Secure; SameSite=Lax$/)
}, 60_000)

test('claims may come in the ID token, and Entra ID says «verified» in its own way', async () => {
  const site = await office()
  expect((await enter(site, 'entra')).status).toBe(303)
  site.open(publicUrl, {
    conformIdTokenClaims: false,
    features: { userinfo: { enabled: false } },
  })
  expect((await enter(await again(site), 'ana')).status).toBe(303)
}, 60_000)

/** Another server of the same app: it knows nothing of the provider yet. */
const again = async (site: Office): Promise<Office> => ({ ...site, ...(await panelOf(site.app)) })

test('an address that nobody verified, or that is none, opens nothing', async () => {
  const site = await office()
  for (const who of ['impostora', 'negada', 'sin', 'palabra', 'rara', 'nadie'])
    expect(await refusal(await enter(site, who), 403, unverified)).not.toContain('<script>alert')
  expect(await acts(site)).toEqual([])
}, 60_000)

test('who has no account, one that is deactivated, or two, is told and audited without their address', async () => {
  const site = await office()
  const { db } = site.app
  await refusal(await enter(site, 'ajena'), 403, unknown)
  const at = site.app.clock.now()
  await db.updateTable('staffUser').set({ active: false }).where('login', '=', 'ana').execute()
  await refusal(await enter(site, 'ana'), 403, unknown)
  const twin = { login: 'luis2', name: 'Luis', email: 'luis@example.org' }
  await addUser(db, { ...twin, roles: ['consulta'] }, at)
  await refusal(await enter(site, 'luis'), 403, unknown)
  const email = expect.stringMatching(/^[^@]{1,4}…?\**@example\.org$/) as string
  expect(await acts(site)).toEqual(
    [
      { subject: 'user none', detail: { email, reason: 'varias cuentas tienen ese correo' } },
      { subject: 'user ana', detail: { email, reason: 'la cuenta está desactivada' } },
      { subject: 'user none', detail: { email, reason: 'ninguna cuenta tiene ese correo' } },
    ].map((one) => ({ act: 'sign-in.unknown', ...one })),
  )
  expect(await db.selectFrom('staffSession').selectAll().execute()).toEqual([])
  expect(site.lines.filter((line) => line.includes('"refusal":"unknown"'))).toHaveLength(3)
}, 60_000)

test('an answer serves once, to its own attempt, in its browser and in time', async () => {
  const site = await office()
  const [one, other] = [await begin(site), await begin(site)]
  const path = await atProvider(one.to, 'ana')
  await refusal(await site.get(path), 400, spent)
  await refusal(await site.get(path, other.cookie), 400, spent)
  await refusal(await site.get(path, 'pregonero-entrada=inventada%2Fpanel'), 400, spent)
  await refusal(await site.get(path, one.cookie.replace('%2Fpanel', '%2Fotra')), 400, spent)
  await refusal(await site.get(path.replace(/state=\w/, 'state=x'), one.cookie), 400, spent)
  await refusal(await site.get(path.replace(/&?state=\w+/, ''), one.cookie), 400, spent)
  await refusal(await site.get(`${path}&state=dos`, one.cookie), 400, spent)
  await refusal(await site.get(path.replace(/iss=[^&]+/, 'iss=x'), one.cookie), 400, spent)
  expect((await site.get(path, one.cookie)).status).toBe(303)
  await refusal(await site.get(path, one.cookie), 400, spent)

  const late = await begin(site)
  const latePath = await atProvider(late.to, 'ana')
  site.app.clock.advance(10 * 60_000)
  await refusal(await site.get(latePath, late.cookie), 400, spent)
}, 60_000)

test('an ID token of another attempt opens nothing', async () => {
  const site = await office()
  const { cookie, to } = await begin(site)
  const swapped = to.replace(/nonce=\w+/, `nonce=${'a'.repeat(64)}`)
  await refusal(await site.get(await atProvider(swapped, 'ana'), cookie), 400, spent)
  expect(site.lines.join('')).toContain('OAUTH_JWT_CLAIM_COMPARISON_FAILED')
}, 60_000)

test('who cancels at the provider is told so; another refusal of its own is an outage', async () => {
  const site = await office()
  const { cookie, to } = await begin(site)
  const path = await atProvider(to, 'abort')
  expect(path).toContain('error=access_denied')
  await refusal(await site.get(path, cookie), 403, 'No se completó la entrada')
  const next = await begin(site)
  const state = new URL(next.to).searchParams.get('state')
  const iss = encodeURIComponent(site.issuer)
  const down = `${returnPath}?error=server_error&error_description=%3Cscript%3E&state=${state}&iss=${iss}`
  expect(await refusal(await site.get(down, next.cookie), 503, unavailable)).not.toContain(
    '<script>',
  )
  const forged = `${returnPath}?error=access_denied&state=otro&iss=${iss}`
  await refusal(await site.get(forged, (await begin(site)).cookie), 400, spent)
  await refusal(await site.get(returnPath, (await begin(site)).cookie), 400, spent)
}, 60_000)

test('a provider that is down, or refuses our secret, is said; it is asked again by the next', async () => {
  const ours = await institution()
  const site: Office = { ...ours, ...(await panelOf(ours.app)) }
  await refusal(await site.get(startPath), 503, unavailable)
  expect((await site.get('/panel/entrar')).status).toBe(200)
  site.open(publicUrl)
  expect((await enter(site, 'ana')).status).toBe(303)
  const { cookie, to } = await begin(site)
  const path = await atProvider(to, 'ana')
  site.hang()
  const startedAt = performance.now()
  await refusal(await site.get(path, cookie), 503, unavailable)
  const tookMs = performance.now() - startedAt
  expect(tookMs).toBeGreaterThan(4_000)
  expect(tookMs).toBeLessThan(8_000)

  const mistaken = await office({ OIDC_CLIENT_SECRET: 'otro-secreto-que-no-es' })
  await refusal(await enter(mistaken, 'ana'), 503, unavailable)
  expect(mistaken.lines.join('')).toContain('invalid_client')
  expect(mistaken.lines.join('')).not.toContain('otro-secreto')

  const nowhere = await office({ OIDC_ISSUER: 'http://127.0.0.1:9' })
  await refusal(await nowhere.get(startPath), 503, unavailable)
  const elsewhere = await office({ OIDC_ISSUER: `${mistaken.issuer}/otro` })
  await refusal(await elsewhere.get(startPath), 503, unavailable)
}, 60_000)

test('nothing of the secret, the code, the state or the address is logged', async () => {
  const site = await office()
  const secrets = [clientSecret, 'example.org']
  for (const who of ['ana', 'ajena', 'abort']) {
    const { cookie, to } = await begin(site)
    const path = await atProvider(to, who)
    secrets.push(decodeURIComponent(cookie.split('=')[1]!).slice(0, 47))
    for (const name of ['code', 'state'])
      secrets.push(new URLSearchParams(path.split('?')[1]).get(name) ?? 'nothing of it')
    for (const state of ['x', 'state']) await site.get(path.replace('state=', `${state}=`), cookie)
    await site.get(path, cookie)
    await site.get(path, cookie)
  }
  expect(site.lines.length).toBeGreaterThan(9)
  const logged = site.lines.join('')
  expect(secrets.filter((one) => logged.includes(one))).toEqual([])
}, 60_000)

test('the lock of wrong passwords does not shut out who the institution knows', async () => {
  const site = await office()
  await site.signIn('ana')
  for (let i = 0; i < 6; i++)
    await site.post('/panel/entrar', { clave: 'ana', contrasena: 'otra frase larga' })
  expect((await enter(site, 'ana')).status).toBe(303)
}, 60_000)

test('an attempt leads to pages of the panel alone', async () => {
  const site = await office()
  for (const elsewhere of [
    'https://malo.example/',
    '//malo.example',
    `/panel/${'a'.repeat(4_000)}`,
  ]) {
    const { cookie } = await begin(site, elsewhere)
    expect(cookie, elsewhere).toMatch(/^pregonero-entrada=[\w-]{47}%2Fpanel$/)
  }
  const text = await (await site.get('/panel/entrar?a=%22%3E%3Cimg%20onerror')).text()
  expect(text).not.toContain('<img')
}, 60_000)

test('a text that outlived its session is kept by its page while its writer signs in beside it', async () => {
  const site = await office({ OIDC_BUTTON: 'Entrar con <IECM>' })
  const path = '/panel/configuracion/temas'
  const text = 'Un tema <script> "nuevo"'
  const page = await (await site.post(path, { nombre: text, clave: 'x' })).text()
  expect(page).toContain('Entrar con &lt;IECM&gt; (se abre en otra pestaña)')
  const carried = /name="texto" value="([^"]*)"/.exec(page)![1]!.replaceAll('&quot;', '"')
  const fields = {
    texto: carried.replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
    accion: 'continuar',
  }
  const early = await site.post('/panel/entrar', { ...fields, texto: fields.texto })
  const said = await early.text()
  expect([early.status, said]).toEqual([401, expect.stringContaining('Todavía no hay una sesión')])
  expect(said).toContain('Un tema &lt;script&gt;')
  const session = cookieOf(await enter(site, 'luis'), 'pregonero')
  const kept = await site.post('/panel/entrar', fields, session)
  const shown = await kept.text()
  expect(shown).toContain('<h1>Su texto está a salvo</h1>')
  expect(shown).toContain('Entró Luis.')
  expect(shown).toContain('Un tema &lt;script&gt; &quot;')
}, 60_000)

test('where it is not configured nothing of it is there', async () => {
  const { get, post } = await panel({ recipients: 0 })
  expect((await get(startPath)).status).toBe(404)
  expect((await get(`${returnPath}?code=x&state=x`)).status).toBe(404)
  for (const page of [await get('/panel/entrar'), await post('/panel/sesiones/sesion', { a: 'b' })])
    expect(await page.text()).not.toMatch(/institucional|Continuar con mi texto/)
})

test('an address may try as often as with passwords', async () => {
  const site = await office()
  for (let i = 0; i < 60; i++) expect((await site.get(returnPath)).status).toBe(400)
  expect((await site.get(returnPath)).status).toBe(429)
  expect((await site.post('/panel/entrar', { clave: 'ana', contrasena: 'x' })).status).toBe(429)
}, 60_000)

test('where the address is a way in, changing it is told as one, and a sign-in closes the first account', async () => {
  const site = await office()
  const { db, engine, luis, ana } = site.app
  await db.updateTable('staffUser').set({ passwordSetAt: null }).execute()
  const first = '/panel/primera-cuenta'
  expect((await site.get(first)).status).toBe(200)
  const session = cookieOf(await enter(site, 'luis'), 'pregonero')
  expect((await site.get(first)).status).toBe(404)
  const page = await (await site.get(panelPaths.user(ana.id), session)).text()
  expect(page).toContain('y con el que se entra por la cuenta institucional')
  await editAccount(engine, luis, ana.id, { email: 'otra@example.org' })
  const notices = await db.selectFrom('notice').select('plainText').execute()
  expect(JSON.stringify(notices)).toContain('y con la que se entra por la cuenta institucional')
}, 60_000)
