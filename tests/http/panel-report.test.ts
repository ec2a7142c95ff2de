/** The report in the panel: its tables and what they count, its files, the manual register and the closing. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plan } from '../../src/flow/plan.ts'
import { enterFigure } from '../../src/flow/register.ts'
import { readRegister } from '../../src/report/register.ts'
import {
  addTestUser,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  mexicoCity,
  startWorkers,
} from '../support/app.ts'
import { barriers } from './barriers.ts'
import { panel as signedOutPanel } from './panel-support.ts'
import { openChromium } from './support.ts'

const script = '<script>alert(1)</script>"><img src=x>'
const informe = '/panel/informe/2026-Q4'
const january = mexicoCity('2027-01-11T10:00')

/** A panel of which whoever signed in last asks. */
async function panel() {
  const here = await signedOutPanel()
  let cookie = ''
  const get = (path: string) => here.get(path, cookie)
  return {
    app: here.app,
    url: here.url,
    get,
    post: (path: string, fields: Record<string, string>) => here.post(path, fields, cookie),
    text: async (path: string) => (await get(path)).text(),
    signIn: async (login: string) => (cookie = await here.signIn(login)),
  }
}

/** The boletín of the week left, and ana entered a meeting. */
async function quarter() {
  const here = await panel()
  const { app } = here
  const edition = await boletin(app)
  await startWorkers(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  await here.signIn('ana')
  const added = await here.post(`${informe}/tablas/IV.1.a.iii/renglon`, {
    texto: 'Reunión virtual con la Red.',
    fechas: '16/10/2026',
  })
  expect(added.status).toBe(303)
  const [row] = await readRegister(app.db)
  return { ...here, edition: edition.id, row: row!.id }
}

const versionIn = (page: string): string => /name="version" value="([^"]+)"/.exec(page)![1]!

test('the tables of a quarter are printed with what each row counts: an edition, or a row that somebody entered', async () => {
  const { text, get, edition, row } = await quarter()
  expect(await text('/panel/informe')).toMatch(
    /2026-Q4<\/a>,\s+octubre a diciembre de 2026[^]*Abierto[^]*1 edición enviada ·\s+1 renglón capturado/,
  )
  const page = await text(informe)
  expect(page).toMatch(/<svg [^]*<title id="envios-por-semana-titulo">[^]*<desc /)
  expect(page).toContain('Ediciones que planea el trimestre siguiente')
  const sent = await text(`${informe}/apartados/IV.3`)
  expect(sent).toMatch(
    new RegExp(`IV\\.3\\.a\\.i\\.[^]*27 de noviembre de 2026[^]*/panel/ediciones/${edition}"`),
  )
  const met = await text(`${informe}/apartados/IV.1`)
  expect(met).toMatch(
    new RegExp(`16 de octubre de 2026\\.[^]*Reunión virtual con la Red\\.[^]*renglones/${row}"`),
  )
  expect(met).toMatch(/<caption[^>]*>\s*IV\.1\.a\.iii\./)
  expect((await get(`/panel/ediciones/${edition}`)).status).toBe(200)
  expect(await text(`${informe}/renglones/${row}`)).toMatch(/Lo capturó[^]*Ana, viernes 27/)
  expect(await text(`${informe}/discrepancias`)).toMatch(
    /falta una cifra que se captura a mano[^]*Capturar la cifra/,
  )
  for (const path of [informe, `${informe}/apartados/IV.3`, `${informe}/discrepancias`])
    expect((await text(path)).length, path).toBeLessThan(100 * 1024)
})

test('its files are a document, a workbook and a table, each with a name that says what it is', async () => {
  const { get } = await quarter()
  for (const format of ['docx', 'xlsx']) {
    const answer = await get(`${informe}/archivo.${format}`)
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="informe-2026-Q4.${format}"`,
    )
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(bytes.subarray(0, 4).toString('latin1'), format).toBe('PK\u0003\u0004')
    expect((await get(`${informe}/sellado.${format}`)).status).toBe(404)
  }
  const csv = await get(`${informe}/tablas/IV.1.a.iii/archivo.csv`)
  expect(csv.headers.get('content-disposition')).toContain('"informe-2026-Q4-IV.1.a.iii.csv"')
  expect(await csv.text()).toContain('Reunión virtual con la Red.')
  expect((await get(`${informe}/tablas/IV.9/archivo.csv`)).status).toBe(404)
})

test('a row that is wrong comes back with all that was typed and where each fault is, and nothing is written', async () => {
  const { app, post } = await quarter()
  const path = `${informe}/tablas/IV.1.a.iii/renglon`
  const wrong = await post(path, {
    texto: script,
    fechas: '2026-02-30',
    numero: 'x',
    marca: script,
  })
  const page = await wrong.text()
  expect([wrong.status, page.includes('<script>alert'), page.includes('<img src=x')]).toEqual([
    422,
    false,
    false,
  ])
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toMatch(/href="#numero"[^]*href="#marca"|href="#marca"[^]*href="#numero"/)
  const faults = await (await post(path, { texto: '', fechas: '2026-02-30', marca: '*' })).text()
  for (const fault of [
    'Texto: está vacío. Escriba el renglón.',
    'no es una fecha que exista (&quot;2026-02-30&quot;)',
    'Nota al pie: falta',
  ])
    expect(faults).toContain(fault)
  expect(faults).toContain('value="2026-02-30"')
  for (const fields of [
    { texto: 'a'.repeat(4_001), fechas: '2026-10-16' },
    { texto: 'nulo \0', fechas: '2026-10-16' },
    { texto: 'x', fechas: '0000-01-01' },
    { texto: 'x', fechas: '2026-10-16', numero: '0' },
    { texto: 'x', fechas: '2026-10-16', tema: script },
    {},
  ])
    expect((await post(path, fields as Record<string, string>)).status).toBe(422)
  expect(await readRegister(app.db)).toHaveLength(1)
})

test('scripts in every field of a row are its text, on every page that shows it', async () => {
  const { post, text } = await quarter()
  const path = `${informe}/tablas/IV.3.a.vi-2/renglon`
  const fields = { texto: script, objeto: script, area: script, estatus: script, nota: script }
  const more = { canal: script, evidencia: script, marca: '*' }
  expect((await post(path, { ...fields, ...more })).status).toBe(303)
  for (const at of [
    `${informe}/apartados/IV.3`,
    `${informe}/renglones`,
    `${informe}/renglones/2`,
  ]) {
    const page = await text(at)
    expect(page, at).toContain('&lt;script&gt;')
    expect(page, at).not.toMatch(/<script>|<img src=x/)
  }
})

test('two people who edit a row do not overwrite each other unseen', async () => {
  const { app, text, post, row } = await quarter()
  const path = `${informe}/renglones/${row}`
  const version = versionIn(await text(path))
  const first = { version, texto: 'Reunión en la sede.', fechas: '2026-10-16' }
  expect((await post(path, first)).status).toBe(303)
  const late = await post(path, { version, texto: 'Reunión pública.', fechas: '2026-10-17' })
  const page = await late.text()
  expect(late.status).toBe(409)
  expect(page).toContain('Otra persona lo cambió mientras tanto')
  expect(page).toMatch(/Reunión en la sede\.[^]*>\s*Reunión pública\.<\/textarea/)
  expect((await readRegister(app.db))[0]).toMatchObject({ lineText: 'Reunión en la sede.' })
  const again = { version: versionIn(page), texto: 'Reunión pública.', fechas: '2026-10-17' }
  expect((await post(path, again)).status).toBe(303)
  expect((await readRegister(app.db))[0]).toMatchObject({
    lineText: 'Reunión pública.',
    dates: ['2026-10-17'],
  })
})

test('a row is taken out by who saw what it says, and what was typed on one that is gone is not lost', async () => {
  const { app, text, get, post, row } = await quarter()
  const path = `${informe}/renglones/${row}/quitar`
  const version = versionIn(await text(path))
  expect((await get(path)).status).toBe(200)
  expect((await post(path, {})).status).toBe(409)
  expect(await readRegister(app.db)).toHaveLength(1)
  expect((await post(path, { version })).status).toBe(303)
  expect(await readRegister(app.db)).toEqual([])
  const late = await post(`${informe}/renglones/${row}`, { version, texto: 'Lo que escribí' })
  expect([late.status, await late.text()]).toEqual([404, expect.stringContaining('Lo que escribí')])
  const audit = await app.db.selectFrom('auditLog').select('act').orderBy('id').execute()
  expect(audit.map(({ act }) => act).slice(-2)).toEqual(['register.add', 'register.remove'])
})

test('figures are entered beside their sentences, and one that somebody else changed is not overwritten', async () => {
  const { app, text, post } = await quarter()
  const path = `${informe}/cifras`
  expect(await text(path)).toMatch(/se gestionaron ___ folios de seguimiento/)
  const key = 'folios-sivople'
  const fields = { [`antes-${key}`]: '', [`cifra-${key}`]: 'muchos' }
  const wrong = await post(path, fields)
  expect([wrong.status, await wrong.text()]).toEqual([
    422,
    expect.stringContaining('value="muchos"'),
  ])
  expect((await post(path, { ...fields, [`cifra-${key}`]: '9999999999' })).status).toBe(422)
  expect((await post(path, { ...fields, [`cifra-${key}`]: '198' })).status).toBe(303)
  expect(await text(`${informe}/apartados/I`)).toContain('se gestionaron 198 folios')
  const other = { quarter: '2026-Q4', key, value: 200 }
  await enterFigure(app.engine, app.reportDefinitions, app.luis, other)
  const late = await post(path, { [`antes-${key}`]: '198', [`cifra-${key}`]: '199' })
  expect([late.status, await late.text()]).toEqual([
    422,
    expect.stringContaining('otra persona la cambió a 200'),
  ])
})

test('a quarter is closed by approval alone, once it is over, as it was reviewed; and corrected with its reason', async () => {
  const { app, get, post, text, signIn, row } = await quarter()
  const path = `${informe}/cerrar`
  expect((await get(path)).status).toBe(403)
  expect((await post(path, { confirmo: 'si' })).status).toBe(403)
  await signIn('luis')
  const early = await text(path)
  expect(early).toContain('El trimestre no ha terminado')
  expect(early).not.toContain('Cerrar el trimestre</button>')
  expect((await post(path, { confirmo: 'si' })).status).toBe(409)

  app.clock.moveTo(january)
  await signIn('luis')
  const sealIn = async () => /name="sello" value="(\w+)"/.exec(await text(path))![1]!
  const sello = await sealIn()
  const unsure = await post(path, { sello })
  expect([unsure.status, await unsure.text()]).toEqual([
    422,
    expect.stringMatching(/href="#sin-cifras"[^]*href="#confirmo"/),
  ])
  const yes = { confirmo: 'si', 'sin-cifras': 'si' }
  expect((await post(path, { ...yes, sello: 'a'.repeat(64) })).status).toBe(409)
  expect((await post(path, { ...yes, sello })).headers.get('location')).toContain('hecho=cerrado')
  expect(await text(informe)).toMatch(/Cerrado: versión 1, de Luis/)
  expect(await text(path)).toContain('no hay nada que cerrar')
  expect((await post(path, { ...yes, sello })).status).toBe(409)
  const sealed = await get(`${informe}/sellado.docx`)
  expect(sealed.headers.get('content-disposition')).toContain('"informe-2026-Q4-v1.docx"')

  const version = versionIn(await text(`${informe}/renglones/${row}`))
  await post(`${informe}/renglones/${row}`, { version, texto: 'Otra.', fechas: '2026-10-16' })
  expect(await text(informe)).toContain('Lo de ahora ya no es lo que se cerró')
  expect(await text(path)).toMatch(/Reunión virtual con la Red\.[^]*Otra\./)
  const next = { ...yes, sello: await sealIn() }
  expect(await (await post(path, next)).text()).toContain('href="#motivo"')
  expect((await post(path, { ...next, motivo: script })).status).toBe(303)
  const after = await text(informe)
  expect(after).toMatch(/Cerrado: versión 2[^]*&lt;script&gt;/)
  expect(after).not.toContain('<script>')
})

test('deliveries of unknown outcome stand against closing, and lead to their edition', async () => {
  const { app, post, text, signIn, edition } = await quarter()
  app.clock.moveTo(january)
  await app.db
    .updateTable('delivery')
    .set({ state: 'unknown' })
    .where('address', 'like', 'persona1%')
    .execute()
  await signIn('luis')
  const page = await text(`${informe}/cerrar`)
  expect(page).toMatch(
    new RegExp(`1 entregas de resultado incierto\\.[^]*/panel/ediciones/${edition}"`),
  )
  const fields = { confirmo: 'si', 'sin-cifras': 'si', sello: 'x' }
  expect((await post(`${informe}/cerrar`, fields)).status).toBe(409)
})

test('who only consults sees the report and its rows, and changes nothing', async () => {
  const { app, get, post, text, signIn, row } = await quarter()
  await addTestUser(app, 'carla', ['consulta'])
  await signIn('carla')
  for (const path of [informe, `${informe}/renglones`, `${informe}/cifras`])
    expect((await get(path)).status, path).toBe(200)
  const page = await text(`${informe}/renglones/${row}`)
  expect(page).toContain('Reunión virtual con la Red.')
  expect(page).not.toContain('Guardar los cambios')
  for (const path of [`renglones/${row}`, `renglones/${row}/quitar`, 'cifras', 'cerrar'])
    expect((await post(`${informe}/${path}`, {})).status, path).toBe(403)
})

test.each([
  '/panel/informe/2026-Q5',
  '/panel/informe/1999-Q1',
  '/panel/informe/9999-Q4',
  '/panel/informe/0000-Q1',
  '/panel/informe/%3Cscript%3E',
  '/panel/informe/2026-Q4/apartados/IX',
  '/panel/informe/2026-Q4/apartados/%3Cscript%3E',
  '/panel/informe/2026-Q3/renglones/1',
  '/panel/informe/2026-Q4/renglones/99',
  '/panel/informe/2026-Q4/renglones/x',
  '/panel/informe/2026-Q4/renglones/99999999999999999999/quitar',
  '/panel/informe/2026-Q4/tablas/IV.9/renglon',
  '/panel/informe/2026-Q5/archivo.docx',
])('what no report has (%s) is not found, and nothing fails', async (path) => {
  const { app, get, signIn } = await panel()
  await signIn('ana')
  await app.db
    .insertInto('registerRow')
    .values({
      tableId: 'IV.1.a.iii',
      quarter: '2026-Q4',
      lineText: 'x',
      authorId: app.ana.id,
      createdAt: app.clock.now(),
      updatedAt: app.clock.now(),
      note: null,
    })
    .execute()
  const answer = await get(path)
  expect(answer.status).toBe(404)
  expect(await answer.text()).not.toContain('<script>')
})

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('everybody can use each page, on a telephone too', async () => {
  const { app, url, post, signIn, row } = await quarter()
  app.clock.moveTo(january)
  const cookie = await signIn('luis')
  const [name = '', value = ''] = cookie.split('=')
  const context = await browser.newContext()
  await context.addCookies([{ name, value, url }])
  const page = await context.newPage()
  const usable = async (what: string) => {
    for (const width of [320, 1_200]) {
      await page.setViewportSize({ width, height: 800 })
      expect.soft(await barriers(page), `${what}, ${width} px`).toEqual([])
      const content = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect.soft(content, `${what} at ${width} px`).toBeLessThanOrEqual(width)
    }
  }
  for (const path of [
    '',
    '/2026-Q4',
    '/2026-Q4/apartados/I',
    '/2026-Q4/apartados/IV.1',
    '/2026-Q4/apartados/IV.3',
    '/2026-Q4/discrepancias',
    '/2026-Q4/renglones',
    `/2026-Q4/renglones/${row}`,
    `/2026-Q4/renglones/${row}/quitar`,
    '/2026-Q4/tablas/IV.3.a.vi-2/renglon',
    '/2026-Q4/cifras',
    '/2026-Q4/cerrar',
  ]) {
    const answer = await page.goto(`${url}/panel/informe${path}`)
    expect.soft(answer!.status(), path).toBe(200)
    await usable(path)
  }
  // forms that came back
  await page.getByRole('button', { name: 'Cerrar el trimestre' }).click()
  await page.getByText('Hay datos por corregir').waitFor()
  await usable('closing, with errors')
  await page.goto(`${url}${informe}/renglones/${row}`)
  const version = await page.locator('[name=version]').getAttribute('value')
  const fields = { version: version!, texto: 'Otra.', fechas: '2026-10-16' }
  expect((await post(`${informe}/renglones/${row}`, fields)).status).toBe(303)
  await page.getByRole('button', { name: 'Guardar los cambios' }).click()
  await page.getByText('Otra persona lo cambió').first().waitFor()
  await usable('a row, overtaken')
  await page.getByLabel('Fechas').fill('ayer')
  await page.getByRole('button', { name: 'Guardar los cambios' }).click()
  await page.getByText('Hay datos por corregir').waitFor()
  await usable('a row, with errors')
  await context.close()
}, 120_000)
