import { sql } from 'kysely'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importStateNames } from '../../src/audience/import-record.ts'
import { setPassword } from '../../src/people/sessions.ts'
import { addContacts, addTestUser } from '../support/app.ts'
import { barriers } from './barriers.ts'
import { panel, password, type Panel } from './panel-support.ts'
import { openChromium, wordsOf } from './support.ts'

const upload = '/panel/audiencias/importar'
const person = '/panel/audiencias/persona'
const good = 'correo,nombre\nnueva1@example.org,Nueva Uno\nnueva2@example.org,Nueva Dos\n'

type Fields = Record<string, string>

/** As a browser sends the form of the upload. */
async function send(
  { url }: Panel,
  fields: Record<string, string | File>,
  cookie: string,
): Promise<Response> {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  const headers = { Origin: url, Cookie: cookie }
  return fetch(`${url}${upload}`, { method: 'POST', body, headers, redirect: 'manual' })
}

const csv = (text: string, name = 'personal.csv'): File => new File([text], name)

/** Uploads, and returns the path of its review. */
async function staged(
  site: Panel,
  cookie: string,
  file = csv(good),
  fields: Fields = {},
): Promise<string> {
  const answer = await send(site, { archivo: file, lista: 'comunidad-iecm', ...fields }, cookie)
  expect(answer.status, await answer.clone().text()).toBe(303)
  return answer.headers.get('location')!
}

/** As its form carries it: which review was seen. */
const seen = (page: string): Fields => ({
  revision: /name="revision" value="([0-9a-f]{64})"/.exec(page)![1]!,
})

const words = async (answer: Response): Promise<string> => wordsOf(await answer.text())

const addresses = async ({ app }: Panel): Promise<string[]> =>
  (await app.db.selectFrom('contact').select('address').orderBy('address').execute()).map(
    ({ address }) => address,
  )

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('a file with errors, duplicates and people who left is reviewed, confirmed and undone', async () => {
  const site = await panel()
  const { app, get, post, signIn } = site
  await app.db
    .updateTable('listMember')
    .set({ state: 'left', leftAt: app.clock.now(), leftReason: 'unsubscribed' })
    .where('contactId', '=', (eb) =>
      eb.selectFrom('contact').select('id').where('address', '=', 'persona1@example.org'),
    )
    .execute()
  const before = await addresses(site)
  const ana = await signIn('ana')
  const text = [
    'correo,nombre',
    'nueva@example.org,Nueva',
    'nueva@example.org,Otra vez',
    'persona1@example.org,Se fue',
    'persona2@example.org,Ya está',
    'no es una dirección,Error',
    'alguien@gmial.com,Dedo',
  ].join('\n')
  const review = await staged(site, ana, csv(text))
  expect(await addresses(site)).toEqual(before)

  const shown = await (await get(review, ana)).text()
  const page = wordsOf(shown)
  expect(page).toMatch(
    /con error: no se importan: 1 .*mal escritas: 1 .*reúnen en una: 1 .*otra vez: 1/,
  )
  expect(page).toContain('5 persona2@example.org Ya está comunidad-iecm')
  expect(page).toContain('Omitir 1 fila con error')
  expect(page).not.toContain('gmail.com')
  expect(await words(await get(`${review}?clase=doubtful`, ana))).toContain('gmail.com')
  expect(await words(await get(`${review}?clase=left`, ana))).toContain(
    'se dio de baja de comunidad',
  )

  const report = await get(`${review}/informe.csv`, ana)
  expect(report.headers.get('content-disposition')).toMatch(
    /^attachment; filename="importacion-\d+\.csv"$/,
  )
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await report.arrayBuffer())
  expect(lines).toMatch(/^\ufefffila,columna,valor,motivo,sugerencia\r\n/)
  expect(lines.trim().split('\r\n')).toHaveLength(5)

  const refused = await post(`${review}/confirmar`, { omitir: 'si', ...seen(shown) }, ana)
  expect(refused.status).toBe(422)
  const asked = await refused.text()
  expect(wordsOf(asked)).toMatch(
    /Hay datos por corregir Marque que las filas por revisar están bien/,
  )
  expect(asked).toMatch(/id="omitir"[^>]*checked/)
  expect(await addresses(site)).toEqual(before)

  const ticks = { omitir: 'si', aceptar: 'si', ...seen(asked) }
  const twice = await Promise.all([1, 2].map(() => post(`${review}/confirmar`, ticks, ana)))
  expect(twice.map(({ status }) => status)).toEqual([303, 303])
  expect((await post(`${review}/confirmar`, ticks, ana)).status).toBe(303)
  expect(await addresses(site)).toEqual(
    [...before, 'alguien@gmial.com', 'nueva@example.org'].sort(),
  )
  const acts = await app.db
    .selectFrom('auditLog')
    .select('act')
    .where('act', '=', 'contacts.import')
    .execute()
  expect(acts).toHaveLength(1)
  expect(await words(await get(review, ana))).toMatch(/Importación confirmada.*Altas en listas 2/)
  expect((await get(`${review}/informe.csv`, ana)).status).toBe(409)

  const undone = await post(`${review}/deshacer`, {}, ana)
  expect(await words(undone)).toContain('Se quitaron 2 altas y 2 contactos')
  expect((await post(`${review}/deshacer`, {}, ana)).status).toBe(303)
  expect(await addresses(site)).toEqual(before)
  expect(await words(await get('/panel/audiencias', ana))).toContain(importStateNames.undone)
}, 60_000)

test('what changed since the review is shown again, with what was decided, and nothing is written', async () => {
  const site = await panel()
  const { app, get, post } = site
  const ana = await site.signIn('ana')
  const text = 'correo,nombre\nnueva@example.org,Nueva\npersona2@example.org,Ya está\nno es,Error\n'
  const review = await staged(site, ana, csv(text))
  app.clock.moveTo(new Date(app.clock.now().getTime() + 10 * 60_000))
  const first = await (await get(review, ana)).text()
  expect(wordsOf(first)).toMatch(/Revisado a las 09:00 horas; .*Ya estaban en su lista 1/)
  const ticks: Fields = { omitir: 'si', ...seen(first) }
  await sql`
    UPDATE list_member SET state = 'left', left_at = ${app.clock.now()}, left_reason = 'unsubscribed'
    FROM contact WHERE contact.id = contact_id AND address = 'persona2@example.org'`.execute(app.db)
  // a look is a look: it says since when it stands, and is not weighed again
  expect(seen(await (await get(review, ana)).text())).toEqual(seen(first))

  const before = await addresses(site)
  const refused = await post(`${review}/confirmar`, ticks, ana)
  expect(refused.status).toBe(422)
  const again = await refused.text()
  expect(wordsOf(again)).toMatch(
    /ya no haría lo que se revisó.*Revisado a las 09:10 horas; .*otra vez: 1 .*Ya estaban en su lista 0/,
  )
  expect(again).toMatch(/id="omitir"[^>]*checked/)
  expect(again.match(/autofocus/g)).toHaveLength(1)
  expect(await addresses(site)).toEqual(before)
  // neither the form of before, nor one without the mark of what was seen, nor one that made it up
  for (const revision of [ticks.revision!, '', `"><script>${'a'.repeat(3_000)}`]) {
    const answer = await post(`${review}/confirmar`, { omitir: 'si', revision }, ana)
    expect(answer.status).toBe(422)
    expect(await answer.text()).not.toContain('"><script>')
  }
  const accepted = await post(`${review}/confirmar`, { omitir: 'si', ...seen(again) }, ana)
  expect(accepted.status).toBe(303)
  expect(await addresses(site)).toEqual([...before, 'nueva@example.org'].sort())
})

test('what an external list requires is asked for on the review, and kept', async () => {
  const site = await panel()
  const { app, get, post, signIn } = site
  const ana = await signIn('ana')
  const review = await staged(site, ana, csv(good), {
    lista: 'red-observacion',
    origen: 'Registro',
  })
  const page = await (await get(review, ana)).text()
  expect(page).not.toContain('id="origen"')
  expect(page).toMatch(/id="fecha"[^]*id="aviso"/)
  const late = {
    ...seen(page),
    fecha: '2027-01-01',
    aviso: '<b>2026</b>',
    evidencia: 'Carpeta 3',
  }
  const refused = await post(`${review}/confirmar`, late, ana)
  expect(refused.status).toBe(422)
  const again = await refused.text()
  expect(wordsOf(again)).toContain('Todavía no llega')
  expect(again).toContain('value="2027-01-01"')
  expect(again).toContain('value="&lt;b&gt;2026&lt;/b&gt;"')
  expect(again).toContain('value="Carpeta 3"')
  const given = { ...late, fecha: '2026-10-05', aviso: '2026-01' }
  expect((await post(`${review}/confirmar`, given, ana)).status).toBe(303)
  const row = await app.db
    .selectFrom('listMember')
    .select(['origin', 'consentedOn', 'evidence', 'noticeVersion'])
    .where('importId', 'is not', null)
    .where('evidence', '<>', '')
    .executeTakeFirstOrThrow()
  expect(row).toEqual({
    origin: 'Registro',
    consentedOn: '2026-10-05',
    evidence: 'Carpeta 3',
    noticeVersion: '2026-01',
  })
})

test.each([
  ['no file', {}, 'Elija el archivo'],
  ['an empty file', { archivo: csv('') }, 'está vacío'],
  ['no column of addresses', { archivo: csv('nombre\nAna\n') }, 'no hay columna de correo'],
  ['no list', { archivo: csv(good), lista: '' }, 'elija aquí una lista'],
  ['a list that is none', { archivo: csv(good), lista: 'otra' }, 'No existe'],
  ['a date that is none', { archivo: csv(good), fecha: 'ayer' }, 'No es una fecha'],
  ['an old workbook', { archivo: csv('\xD0\xCF\x11\xE0', 'a.xls') }, 'a.xls'],
  ['a broken workbook', { archivo: csv('PK\x03\x04 nada', 'a.xlsx') }, 'a.xlsx'],
])(
  'an upload with %s comes back with what to do and with what was written',
  async (_, fields, text) => {
    const site = await panel()
    const { get, signIn } = site
    const ana = await signIn('ana')
    const written = { lista: 'comunidad-iecm', origen: 'De "allá" <i>', evidencia: 'Carpeta 3' }
    const answer = await send(site, { ...written, ...fields }, ana)
    expect(answer.status).toBe(422)
    const page = await answer.text()
    expect(wordsOf(page)).toContain('Hay datos por corregir')
    expect(wordsOf(page)).toContain(text)
    expect(page).toContain('value="De &quot;allá&quot; &lt;i&gt;"')
    expect(page).toContain('value="Carpeta 3"')
    expect(page).not.toMatch(/--(list|column|consented)/)
    expect(await words(await get('/panel/audiencias', ana))).not.toContain('por confirmar')
  },
)

test('an upload of 25 MB is refused as too large', async () => {
  const site = await panel()
  const { get, signIn } = site
  const ana = await signIn('ana')
  const file = new File([new Uint8Array(25 * 1024 * 1024)], 'grande.csv')
  const answer = await send(site, { archivo: file, lista: 'comunidad-iecm' }, ana)
  expect(answer.status).toBe(413)
  expect((await get('/panel/audiencias', ana)).status).toBe(200)
})

test.each([
  ['folders above', '../../../etc/passwd', 'passwd'],
  ['folders of Windows', 'C:\\Users\\ana\\lista.csv', 'lista.csv'],
  ['a script', '<script>alert(1)<\\script>.csv', 'script&gt;.csv'],
  ['a turn of direction', 'a\u202efdp.csv', 'a fdp.csv'],
  ['4,000 letters', `${'x'.repeat(4000)}.csv`, 'x'.repeat(120)],
])(
  'a file whose name has %s is shown by a plain name and touches no path',
  async (_, name, shown) => {
    const site = await panel()
    const ana = await site.signIn('ana')
    const page = await (await site.get(await staged(site, ana, csv(good, name)), ana)).text()
    expect(page).toContain(`<strong>${shown}</strong>`)
    expect(page).not.toContain('<script>')
  },
)

test('script in every cell and field is text on every page', async () => {
  const site = await panel()
  const { get, post } = site
  const ana = await site.signIn('ana')
  const bad = '<script>alert(1)</script>'
  const text = `correo,nombre,"${bad}"\n${bad},${bad},x\nbien@example.org,"<img src=x onerror=alert(1)>",x\n=cmd@example.org,'=1+1,x`
  const review = await staged(site, ana, csv(text, `${bad.replace('/', '')}.csv`), {
    origen: bad,
    evidencia: `">${bad}`,
  })
  const revision = seen(await (await get(review, ana)).text())
  await post(`${review}/confirmar`, { omitir: 'si', aceptar: 'si', ...revision }, ana)
  const again = await staged(site, ana, csv(text, 'otra.csv'), { evidencia: `">${bad}` })
  for (const path of [
    '/panel/audiencias',
    review,
    again,
    `${again}?clase=invalid`,
    `${again}?clase=${bad}`,
  ]) {
    const page = await (await get(path, ana)).text()
    expect(page, path).not.toMatch(/<script>|<img/)
  }
  expect(await (await get(again, ana)).text()).toContain('&lt;script&gt;alert(1)')
})

test('another person’s import is refused, but to operators', async () => {
  const site = await panel()
  const { app, get, post } = site
  const review = await staged(site, await site.signIn('ana'))
  await addTestUser(app, 'otra', ['capturista'])
  const otra = await site.signIn('otra')
  const answers = [
    await get(review, otra),
    await get(`${review}/informe.csv`, otra),
    ...(await Promise.all(
      ['confirmar', 'descartar', 'deshacer'].map((act) => post(`${review}/${act}`, {}, otra)),
    )),
  ]
  for (const answer of answers) {
    expect(answer.status).toBe(409)
    const page = await answer.text()
    expect(page).toContain('es de ana, no de otra')
    expect(page).not.toContain('nueva1@example.org')
  }
  expect(await (await get('/panel/audiencias', otra)).text()).not.toContain(review)
  const luis = await site.signIn('luis')
  expect(await words(await get(review, luis))).toContain('nueva1@example.org')
  expect((await post(`${review}/descartar`, {}, luis)).status).toBe(303)
  expect(await words(await get(review, luis))).toContain('Importación descartada')
})

test('who may only look sees counts, and no way to import nor to a person', async () => {
  const site = await panel()
  const { app, get, post } = site
  const review = await staged(site, await site.signIn('ana'))
  await addTestUser(app, 'mira', ['consulta'])
  const mira = await site.signIn('mira')
  const page = await (await get('/panel/audiencias', mira)).text()
  expect(wordsOf(page)).toMatch(/Comunidad comunidad-iecm interna 3 0 cerrada/)
  expect(page).not.toMatch(/audiencias\/(?!bajas)|@example/)
  const paths = [upload, review, `${review}/informe.csv`, person, '/panel/audiencias/baja']
  for (const path of paths) expect((await get(path, mira)).status, path).toBe(403)
  expect((await post(`${review}/confirmar`, {}, mira)).status).toBe(403)
})

test.each(['0', '999999', 'x', '-1', '1'.repeat(30)])(
  'an import that is none (%s) is not found',
  async (id) => {
    const site = await panel()
    const ana = await site.signIn('ana')
    for (const end of ['', '/informe.csv'])
      expect((await site.get(`${upload}/${id}${end}`, ana)).status).toBe(404)
    expect((await site.post(`${upload}/${id}/confirmar`, {}, ana)).status).toBe(404)
  },
)

test('one person is found by a form, each look is written down, and no address is in a URL', async () => {
  const site = await panel()
  const { app, get, post } = site
  const eva = await addTestUser(app, 'eva', ['privacidad'])
  const cookie = await site.signIn('eva')
  expect(await words(await get(person, cookie))).toContain('Cada consulta queda registrada')
  const looks = () =>
    app.db.selectFrom('personAccess').select(['userId', 'contactId', 'act']).orderBy('id').execute()
  expect(await looks()).toEqual([])

  const found = await post(person, { persona: ' Persona1@Example.org' }, cookie)
  const page = await found.text()
  expect(found.status).toBe(200)
  const number = Number(/Persona (\d+)</.exec(page)![1])
  expect(wordsOf(page)).toMatch(/persona1@example.org .*Comunidad alta/)
  expect(page).not.toMatch(/(href|action)="[^"]*persona1/)
  expect(await looks()).toEqual([{ userId: eva.id, contactId: number, act: 'person.show' }])

  for (const [format, type] of [
    ['html', 'text/html'],
    ['json', 'application/json'],
  ] as const) {
    const file = await post(
      `${person}/expediente`,
      { persona: String(number), formato: format },
      cookie,
    )
    expect(file.headers.get('content-type')).toContain(type)
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="expediente-${number}.${format}"`,
    )
    expect(await file.text()).toContain('persona1@example.org')
  }
  expect((await looks()).map(({ act }) => act).slice(1)).toEqual(['person.export', 'person.export'])

  const none = await post(person, { persona: 'nadie@example.org' }, cookie)
  expect(none.status).toBe(404)
  expect(await none.text()).toContain('value="nadie@example.org"')
  expect((await looks()).at(-1)).toEqual({ userId: eva.id, contactId: null, act: 'person.show' })
  for (const persona of ['', 'x', '<script>', "' OR 1=1"])
    expect((await post(person, { persona }, cookie)).status, persona).toBe(422)
})

test('blocking, its withdrawal and erasure need a reason and an explicit yes', async () => {
  const site = await panel()
  const { app, post } = site
  await addTestUser(app, 'eva', ['privacidad'])
  const eva = await site.signIn('eva')
  const contact = () =>
    app.db
      .selectFrom('contact')
      .selectAll()
      .where('address', '=', 'persona1@example.org')
      .executeTakeFirst()
  const persona = String((await contact())!.id)
  const act = (path: string, fields: Fields = {}) =>
    post(`${person}/${path}`, { persona, ...fields }, eva)
  const yes = { motivo: 'solicitud ARCO 12', confirmo: 'si' }

  for (const path of ['bloquear', 'desbloquear', 'suprimir']) {
    const refused = await act(path, { motivo: path === 'bloquear' ? 'ARCO "12"' : '' })
    expect(refused.status).toBe(422)
    expect(await words(refused)).toContain('Marque la confirmación')
  }
  expect(await contact()).toMatchObject({ blockedAt: null })
  expect((await act('suprimir', yes)).status).toBe(409)
  expect(await words(await act('bloquear', yes))).toMatch(
    /Datos bloqueados.*Retirar el bloqueo.*antes de que termine el plazo/,
  )
  const twice = await act('bloquear', yes)
  expect([twice.status, await words(twice)]).toEqual([
    409,
    expect.stringContaining('están bloqueados'),
  ])
  expect(await words(await act('desbloquear', yes))).toContain('Bloqueo retirado; vuelve a 1 lista')
  await act('bloquear', yes)
  expect(await words(await act('suprimir', yes))).toContain('Datos suprimidos')
  expect(await contact()).toBeUndefined()
})

test('a leave that was asked for by telephone is registered once, with how', async () => {
  const site = await panel()
  const { app, post } = site
  const ana = await site.signIn('ana')
  const path = '/panel/audiencias/baja'
  const asked = { persona: 'persona2@example.org', lista: 'comunidad-iecm', como: 'por teléfono' }
  const refused = await post(path, asked, ana)
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('value="persona2@example.org"')
  for (let i = 0; i < 2; i++)
    expect(await words(await post(path, { ...asked, confirmo: 'si' }, ana))).toContain(
      'Baja registrada',
    )
  const events = await app.db
    .selectFrom('membershipEvent')
    .select(['act', 'origin'])
    .where('act', '=', 'left')
    .execute()
  expect(events).toEqual([{ act: 'left', origin: 'a petición, por teléfono' }])
  const unknown = await post(path, { ...asked, persona: 'otra@example.org', confirmo: 'si' }, ana)
  expect([unknown.status, await words(unknown)]).toEqual([
    422,
    expect.stringContaining('Nadie de las listas'),
  ])
})

test('everybody can use each page, without a script, on any screen', async () => {
  const site = await panel()
  const { app, url } = site
  app.engine.config.publicUrl = url
  await addContacts(app, 1, 'observadora', 'red-observacion')
  await addTestUser(app, 'eva', ['privacidad'])
  for (const login of ['ana', 'eva'])
    await setPassword(app.db, app.luis, login, password, app.clock.now())
  const ana = await browser.newPage({ javaScriptEnabled: false })
  await enter(ana, `${url}/panel/audiencias`, 'ana')
  await usable(ana, 'Audiencias')
  await ana.getByRole('link', { name: 'Importar contactos' }).click()
  await usable(ana, 'Importar contactos')
  await ana.getByRole('button', { name: 'Subir y revisar' }).click()
  await usable(ana, 'Importar contactos')
  const text = `${good}mala,Mala\nnueva1@example.org,Repetida\nuna@gmial.com,Dedo\n`
  const buffer = Buffer.from(text)
  await ana.getByLabel('Archivo').setInputFiles({ name: 'red.csv', mimeType: 'text/csv', buffer })
  await ana.getByLabel('Lista de todas').selectOption('red-observacion')
  await ana.getByRole('button', { name: 'Subir y revisar' }).click()
  await usable(ana, 'Revisar la importación')
  await ana.getByRole('link', { name: 'Ver la clase siguiente' }).click()
  await usable(ana, 'Revisar la importación')
  await ana.getByRole('button', { name: 'Confirmar' }).click()
  await usable(ana, 'Revisar la importación')
  await ana.getByLabel('Origen').fill('Registro')
  await ana.getByLabel('Fecha').fill('2026-10-05')
  await ana.getByLabel('Versión').fill('2026-01')
  await ana.getByLabel('Omitir 1 fila').check()
  await ana.getByLabel('Importar así 1 fila').check()
  await ana.getByRole('button', { name: 'Confirmar' }).click()
  await usable(ana, 'Importación confirmada')
  await ana.getByRole('button', { name: 'Deshacer' }).click()
  await usable(ana, 'Importación deshecha')
  await ana.goto(`${url}/panel/audiencias/baja`)
  await usable(ana, 'Registrar una baja')

  const eva = await browser.newPage({ javaScriptEnabled: false })
  await enter(eva, `${url}${person}`, 'eva')
  await usable(eva, 'Buscar a una persona')
  await eva.getByLabel('Dirección').fill('observadora1@example.org')
  await eva.getByRole('button', { name: 'Consultar' }).click()
  await usable(eva, /^Persona \d+/)
  await eva.getByText('Bloquear', { exact: true }).click()
  await eva.getByRole('button', { name: 'Bloquear sus datos' }).click()
  await usable(eva, /^Persona \d+/)
  await eva.getByLabel('Motivo').fill('solicitud ARCO 12')
  await eva.getByLabel('Confirmo').check()
  await eva.getByRole('button', { name: 'Bloquear sus datos' }).click()
  await usable(eva, /^Persona \d+/)
}, 180_000)

async function enter(page: Page, url: string, login: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Clave').fill(login)
  await page.getByLabel('Contraseña').fill(password)
  await page.getByRole('button', { name: 'Entrar' }).click()
}

/** Nothing keeps anybody from it at either width, and it is the page that it should be. */
async function usable(page: Page, title: string | RegExp): Promise<void> {
  expect(await page.locator('h1').innerText()).toMatch(title)
  const scripts = await browser.newPage()
  // axe needs scripts, which the story does without: it looks at the same document
  await scripts.setContent(await page.content())
  for (const width of [320, 1_200]) {
    await scripts.setViewportSize({ width, height: 800 })
    expect.soft(await barriers(scripts), `${String(title)}, ${width} px`).toEqual([])
    const content = await scripts.evaluate<number>('document.documentElement.scrollWidth')
    expect.soft(content, `${String(title)} at ${width} px`).toBeLessThanOrEqual(width)
  }
  await scripts.close()
}
