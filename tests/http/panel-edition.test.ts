import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTopic } from '../../src/content/topics.ts'
import type { Edition } from '../../src/editions/editions.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { cancel } from '../../src/flow/approve.ts'
import { invite } from '../../src/flow/invite.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import {
  addContacts,
  addTestUser,
  boletin,
  editionNow,
  fridayAt15,
  type TestApp,
} from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import { testRelay } from '../support/relay.ts'
import { barriers } from './barriers.ts'
import { panel, type Panel } from './panel-support.ts'
import { openChromium, wordsOf } from './support.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

interface EditionPanel extends Panel {
  edition: Edition
  path: string
  ana: string
  words: (path: string, cookie?: string) => Promise<string>
}

async function editionPanel(
  options: { ready?: boolean; yaml?: string; env?: Record<string, string> } = {},
): Promise<EditionPanel> {
  const base = await panel({ env: options.env ?? {} })
  const edition = await boletin(base.app, { ready: false, ...options })
  const ana = await base.signIn('ana')
  return {
    ...base,
    edition,
    path: `/panel/ediciones/${edition.id}`,
    ana,
    words: async (path, cookie = ana) => wordsOf(await (await base.get(path, cookie)).text()),
  }
}

async function sentPanel(): Promise<EditionPanel> {
  const base = await editionPanel({ ready: true })
  base.app.clock.moveTo(fridayAt15)
  await release(base.app.engine, base.edition.id)
  await sendBatch(base.app.engine, base.edition.id, 1)
  return { ...base, ana: await base.signIn('ana') }
}

const testsOf = (app: TestApp) => app.db.selectFrom('testSend').select('outcome').execute()

const hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'

test('the preview has the mail in two widths, as text and as code, and says what to look at', async () => {
  const { get, words, path, ana } = await editionPanel({
    yaml: boletinYaml({ titular: `XXX ${hostile}` }),
  })
  const desk = await (await get(`${path}/vista`, ana)).text()
  expect(desk).toMatch(/<iframe\s+class="mail by-desk"\s+sandbox=""\s+title="[^"]+"/)
  const page = wordsOf(desk)
  expect(page).toMatch(/Tamaño \d+ KB de HTML/)
  expect(page).toMatch(/Conviene revisar.*Es contenido de muestra.*Dice «XXX»/)
  expect(await (await get(`${path}/vista?como=movil`, ana)).text()).toContain('mail by-hand')
  for (const como of ['texto', 'codigo']) {
    const html = await (await get(`${path}/vista?como=${como}`, ana)).text()
    expect(html).toContain(`como=${como}#correo" aria-current="page"`)
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<img src=x')
    expect(html).toContain('&lt;script&gt;')
  }
  expect(await words(`${path}/vista?como=codigo`)).toContain('doctype html')
  // what is no way of seeing it is the first one
  for (const como of ['constructor', '__proto__', hostile, ''])
    expect((await get(`${path}/vista?como=${encodeURIComponent(como)}`, ana)).status).toBe(200)
})

test('an edition without content has pages that say so', async () => {
  const { app, get, words, ana, edition } = await editionPanel()
  const { id } = await app.db
    .selectFrom('edition')
    .select('id')
    .where('contentId', 'is', null)
    .where('id', '<>', edition.id)
    .executeTakeFirstOrThrow()
  expect(await words(`/panel/ediciones/${id}`)).toContain('Todavía no tiene contenido')
  expect(await words(`/panel/ediciones/${id}/vista`)).toContain('no tiene contenido')
  const frame = await get(`/panel/ediciones/${id}/correo`, ana)
  expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox/)
  expect(await frame.text()).toContain('no tiene contenido')
  expect((await get('/panel/ediciones/999999/vista', ana)).status).toBe(404)
})

test('a test goes to whoever asks for it, once for two clicks, and its answer is on the page', async () => {
  const { app, post, words, path, ana } = await editionPanel()
  const answers = await Promise.all([1, 2].map(() => post(`${path}/prueba`, {}, ana)))
  expect(answers.map(({ status }) => status)).toEqual([303, 303])
  expect(await testsOf(app)).toEqual([{ outcome: 'accepted' }])
  const page = await words(`${path}?hecho=prueba`)
  expect(page).toContain('Prueba aceptada por el servidor el lunes 23 de noviembre de 2026, 09:00')
  expect(page).toContain('Ana, se envió una prueba: aceptado por el servidor')
  expect(page).not.toMatch(/entregad/i)
})

test('a test that the server refuses, or that no server takes, is told on the page', async () => {
  const relay = await testRelay(() => ({
    kind: 'answer',
    at: 'rcpt',
    line: '550 5.1.1 <b>no such user</b>',
  }))
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const { app, get, post, path, ana } = await editionPanel({ env })
  expect((await post(`${path}/prueba`, {}, ana)).status).toBe(303)
  const refused = await (await get(`${path}?hecho=prueba`, ana)).text()
  expect(wordsOf(refused)).toContain('no fue aceptada: rechazo permanente')
  expect(refused).toContain('&lt;b&gt;no such user')
  await relay.close()
  app.engine.connections.close()
  const down = await post(`${path}/prueba`, {}, ana)
  expect([down.status, wordsOf(await down.text())]).toEqual([
    503,
    expect.stringMatching(/Boletín Electoral 2026-W48.*servidor de correo: no responde.*Inténtelo/),
  ])
  expect(await testsOf(app)).toHaveLength(1)
})

test('in production a test goes to an institutional address or nowhere', async () => {
  const { app, post, path, ana } = await editionPanel({ yaml: boletinYaml({ muestra: false }) })
  const relay = await testRelay()
  app.engine.config.environment = 'production'
  const { admin } = app.engine.config.senders
  const { port } = new URL(relay.url)
  admin.relay = { host: '127.0.0.1', port: Number(port), tls: 'none' } as typeof admin.relay
  const refused = await post(`${path}/prueba`, {}, ana)
  expect([refused.status, wordsOf(await refused.text())]).toEqual([
    409,
    expect.stringContaining('dirección institucional de quien la pide, y la suya no lo es'),
  ])
  const domain = admin.from.address.split('@')[1]!
  for (const [email, taken] of [
    [`ana@no${domain}`, 0],
    [`ana@${domain}.example.org`, 0],
    [`ana@${domain}`, 1],
  ] as const) {
    await app.db.updateTable('staffUser').set({ email }).where('login', '=', 'ana').execute()
    await post(`${path}/prueba`, {}, ana)
    expect([email, relay.taken.length]).toEqual([email, taken])
  }
})

test('the eleventh test of an hour is refused on the page', async () => {
  const { app, post, path, ana, edition } = await editionPanel()
  const row = {
    editionId: edition.id,
    userId: app.ana.id,
    at: app.clock.now(),
    outcome: 'accepted',
  }
  await app.db
    .insertInto('testSend')
    .values(Array.from({ length: 10 }, () => row))
    .execute()
  const answer = await post(`${path}/prueba`, {}, ana)
  expect([answer.status, wordsOf(await answer.text())]).toEqual([
    409,
    expect.stringContaining('ya envió 10 pruebas en la última hora. Espere'),
  ])
})

test('two clicks mark it ready once, and the page says who did and what to look at', async () => {
  const { app, post, words, path, ana, edition } = await editionPanel()
  const seen = { contenido: String(edition.contentId) }
  const answers = await Promise.all([1, 2].map(() => post(`${path}/lista`, seen, ana)))
  answers.push(await post(`${path}/lista`, seen, ana))
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303])
  const rows = await app.db.selectFrom('auditLog').select('id').where('act', '=', 'ready').execute()
  expect(rows).toHaveLength(1)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })
  const page = await words(`${path}?hecho=lista`)
  expect(page).toMatch(/Lista: la marcó Ana el .* No falta nada para que salga a su hora/)
  expect(page).toContain('Conviene revisar')
  expect(page).toContain('Es contenido de muestra')
})

test('a mailing that repeats another asks for a tick before it is ready', async () => {
  const base = await panel()
  const { app, post, get } = base
  await addTopic(app.db, { key: 'taller-que-observa-quien-observa', name: 'T' }, app.clock.now())
  await addContacts(app, 2, 'observadora', 'red-observacion')
  const text = readFileSync(
    new URL('../../jobs/samples/invitacion-red-observacion.yaml', import.meta.url),
    'utf8',
  )
  const file = { text, place: 'i.yaml' }
  await invite(app.engine, app.ana, file)
  const { edition } = await invite(app.engine, app.ana, file, { confirmRepeat: true })
  const { contentId } = await addContent(app.engine, app.ana, file, edition.period)
  const seen = { contenido: String(contentId) }
  const ana = await base.signIn('ana')
  const path = `/panel/ediciones/${edition.id}`
  expect(await (await get(path, ana)).text()).not.toContain('name="repetir"')
  const asked = await post(`${path}/lista`, seen, ana)
  const html = await asked.text()
  expect([asked.status, wordsOf(html)]).toEqual([
    422,
    expect.stringMatching(/Este correo se repite: .*Sí, enviarlo aunque se repita/),
  ])
  expect(html).toContain('name="repetir"')
  expect(html).not.toContain('--confirm-repeat')
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'planned' })
  // what it repeats is named: no other repeat is confirmed
  for (const repetir of ['si', 'no', '99999'])
    expect((await post(`${path}/lista`, { ...seen, repetir }, ana)).status).toBe(422)
  const repetir = /name="repetir"[^>]*value="([\d,]+)"/.exec(html)![1]!
  expect((await post(`${path}/lista`, { ...seen, repetir }, ana)).status).toBe(303)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })
  expect(wordsOf(await (await get(path, ana)).text())).toContain('y confirmó que se repite')
})

test('what was sent is corrected by an alcance, opened once, whose content is next', async () => {
  const { app, post, words, signIn, path, ana, edition } = await sentPanel()
  expect(await words(path, ana)).toContain('Enviar un alcance')
  const fields = { fecha: '2026-11-30', hora: '13:00' }
  const answers = [await post(`${path}/alcance`, fields, ana)]
  answers.push(await post(`${path}/alcance`, fields, ana))
  const corrections = await app.db
    .selectFrom('edition')
    .select(['id', 'revision', 'nominalAt', 'period'])
    .where('revision', '>', 0)
    .execute()
  expect(corrections).toMatchObject([{ revision: 1, period: edition.period }])
  const { id } = corrections[0]!
  for (const answer of answers)
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/panel/ediciones/${id}/contenido`,
    ])
  expect(await words(`/panel/ediciones/${id}`, ana)).toContain(
    `Ana, abrió este alcance de la edición ${edition.id}`,
  )
  await addTestUser(app, 'opera', ['operacion'])
  const opera = await signIn('opera')
  const later = { ...fields, hora: '14:00' }
  const second = await post(`${path}/alcance`, later, opera)
  expect([second.status, wordsOf(await second.text())]).toEqual([
    409,
    expect.stringContaining(`edición ${id}: es un alcance de lo mismo que todavía no sale`),
  ])
  await cancel(app.engine, app.luis, id, 'Sale otro')
  const elsewhere = await post(`${path}/alcance`, later, opera)
  expect(elsewhere.headers.get('location')).toMatch(/\/panel\/ediciones\/\d+$/)
})

test.each([
  [{ fecha: '', hora: '' }, /No es una fecha que exista.*No es una hora/],
  [{ fecha: '2026-02-30', hora: '13:00' }, /No es una fecha que exista/],
  [{ fecha: '2026-11-30', hora: '24:00' }, /No es una hora/],
  [{ fecha: '2026-11-20', hora: '13:00' }, /La hora de envío ya pasó/],
  [{ fecha: hostile, hora: hostile }, /No es una fecha que exista/],
])(
  'an alcance at no hour is refused at its field, with what was typed (%#)',
  async (fields, says) => {
    const { app, post, path, ana } = await sentPanel()
    const answer = await post(`${path}/alcance`, fields, ana)
    const html = await answer.text()
    expect([answer.status, wordsOf(html)]).toEqual([422, expect.stringMatching(says)])
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<img src=x')
    if (fields.fecha.startsWith('2026')) expect(html).toContain(`value="${fields.fecha}"`)
    const corrections = await app.db
      .selectFrom('edition')
      .select('id')
      .where('revision', '>', 0)
      .execute()
    expect(corrections).toEqual([])
  },
)

test('what did not leave has no alcance', async () => {
  const { post, words, path, ana } = await editionPanel({ ready: true })
  expect(await words(path)).not.toContain('Enviar un alcance')
  const answer = await post(`${path}/alcance`, { fecha: '2026-11-30', hora: '13:00' }, ana)
  expect([answer.status, wordsOf(await answer.text())]).toEqual([
    409,
    expect.stringContaining('no se puede corregir con un alcance: está lista'),
  ])
})

test('two clicks cancel once; without a fit reason nothing is cancelled', async () => {
  const { app, get, post, words, path, ana, edition } = await editionPanel({ ready: true })
  for (const motivo of ['', 'x'.repeat(301)]) {
    const answer = await post(`${path}/cancelar`, { motivo, estado: 'ready' }, ana)
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('motivo')])
  }
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })
  const answers = [await post(`${path}/cancelar`, { motivo: hostile, estado: 'ready' }, ana)]
  answers.push(await post(`${path}/cancelar`, { motivo: hostile, estado: 'ready' }, ana))
  expect(answers.map(({ status }) => status)).toEqual([303, 303])
  expect(await words(`${path}?hecho=cancelada`)).toContain('Cancelada: no se enviará nada más')
  const html = await (await get(path, ana)).text()
  expect(html).not.toContain('<script>alert')
  expect(html).not.toContain('<img src=x')
  const rows = await app.db
    .selectFrom('auditLog')
    .select('id')
    .where('act', '=', 'cancel')
    .execute()
  expect(rows).toHaveLength(1)
})

test('a page of before the dispatch cancels no dispatch', async () => {
  const { app, post, get, signIn, path, edition } = await editionPanel({ ready: true })
  const luis = await signIn('luis')
  const estado = /name="estado" value="(\w+)"/.exec(await (await get(path, luis)).text())![1]!
  expect(estado).toBe('ready')
  app.clock.moveTo(fridayAt15)
  await release(app.engine, edition.id)
  const again = await signIn('luis')
  const answer = await post(`${path}/cancelar`, { motivo: 'Se pospuso', estado }, again)
  expect([answer.status, wordsOf(await answer.text())]).toEqual([
    409,
    expect.stringContaining('ya no está como se veía: ahora está en curso'),
  ])
  expect((await post(`${path}/cancelar`, { motivo: 'Se pospuso' }, again)).status).toBe(422)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'sending' })
})

test('who only writes is offered to cancel what is theirs, and nothing else', async () => {
  const { app, get, post, signIn, path, edition } = await editionPanel({ ready: true })
  await addTestUser(app, 'eva', ['capturista'])
  const [ana, eva] = [await signIn('ana'), await signIn('eva')]
  const offer = 'Cancelar este envío'
  expect(await (await get(path, ana)).text()).toContain(offer)
  expect(await (await get(path, eva)).text()).not.toContain(offer)
  const fields = { motivo: 'No es mía', estado: 'ready' }
  expect((await post(`${path}/cancelar`, fields, eva)).status).toBe(409)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })
})

test('an address in a reason is not kept where everybody reads it', async () => {
  const { app, get, post, signIn, path } = await editionPanel({ ready: true })
  await addTestUser(app, 'lee', ['consulta'])
  const luis = await signIn('luis')
  const motivo = 'Lo pidió eva@example.org por correo'
  await post(`${path}/cancelar`, { motivo, estado: 'ready' }, luis)
  const lee = await signIn('lee')
  for (const page of [path, '/panel']) {
    const text = await (await get(page, lee)).text()
    expect(text).not.toContain('eva@example.org')
  }
  expect(wordsOf(await (await get(path, lee)).text())).toContain('Lo pidió … por correo')
})

test('the edition, its preview and the queue are used by everybody, on any screen', async () => {
  const { url, app, path, signIn } = await editionPanel({ ready: true })
  app.engine.publications = app.engine.publications.map((one) => ({
    ...one,
    approval: 'second-person' as const,
  }))
  const [name, value] = (await signIn('luis')).split('=') as [string, string]
  const page = await browser.newPage()
  await page.context().addCookies([{ name, value, url }])
  app.engine.config.publicUrl = url
  for (const place of [
    path,
    `${path}?hecho=lista`,
    `${path}/vista`,
    `${path}/vista?como=movil`,
    `${path}/vista?como=texto`,
    `${path}/vista?como=codigo`,
    `${path}/vista?como=diferencias`,
    '/panel/aprobaciones',
  ]) {
    await page.goto(`${url}${place}`)
    for (const details of await page.locator('main details > summary').all()) await details.click()
    for (const width of [320, 1_200]) {
      await page.setViewportSize({ width, height: 800 })
      expect.soft(await barriers(page), `${place}, ${width} px`).toEqual([])
      const content = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect.soft(content, `${place} at ${width} px`).toBeLessThanOrEqual(width)
    }
  }
  await page.context().close()
}, 120_000)
