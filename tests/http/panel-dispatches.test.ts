import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTopic } from '../../src/content/topics.ts'
import type { Edition } from '../../src/editions/editions.ts'
import { release } from '../../src/flow/release.ts'
import { rectify } from '../../src/flow/person.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import {
  addContacts,
  addTestUser,
  boletin,
  editionNow,
  fridayAt15,
  type TestApp,
} from '../support/app.ts'
import { testRelay, type Behaviour } from '../support/relay.ts'
import { barriers } from './barriers.ts'
import { panel, type Panel } from './panel-support.ts'
import { openChromium, wordsOf } from './support.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

const says = (line: string): Behaviour => ({ kind: 'answer', at: 'rcpt', line })

interface SentPanel extends Panel {
  edition: Edition
  path: string
  /** Signs in somebody new with that role alone. */
  as: (role: 'consulta' | 'operacion' | 'privacidad') => Promise<string>
  words: (path: string, cookie: string) => Promise<string>
}

/** The boletín of the week, sent to three: one waits, one was rejected, one was accepted. */
async function sentPanel(recipients = 3): Promise<SentPanel> {
  const relay = await testRelay((address) => {
    if (address.startsWith('persona1@')) return says('450 4.2.0 greylisted')
    if (address.startsWith('persona2@')) return says('550 5.1.1 no such user')
    return { kind: 'accept' }
  })
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const base = await panel({ env, recipients })
  const { app, get, signIn } = base
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  await sendBatch(app.engine, id, 1)
  return {
    ...base,
    edition: await editionNow(app, id),
    path: `/panel/ediciones/${id}/destinatarios`,
    as: async (role) => {
      await addTestUser(app, `solo-${role}`, [role])
      return signIn(`solo-${role}`)
    },
    words: async (path, cookie) => wordsOf(await (await get(path, cookie)).text()),
  }
}

const auditOf = (app: TestApp, act: string) =>
  app.db.selectFrom('auditLog').select(['subject', 'detail']).where('act', '=', act).execute()

const conclude = (app: TestApp, id: number) =>
  app.db.updateTable('edition').set({ state: 'sent' }).where('id', '=', id).execute()

const accessesOf = (app: TestApp) =>
  app.db.selectFrom('personAccess').select(['contactId', 'act', 'userId']).execute()

test('the register says what was sent, when, and how it went, in words that promise no delivery', async () => {
  const { app, as, words, get, edition } = await sentPanel()
  const cookie = await as('consulta')
  const page = await words('/panel/registro', cookie)
  expect(page).toMatch(
    /Boletín Electoral 2026-W48 · viernes 27 de noviembre de 2026, 15:00 horas.*En curso · 1 de 3 aceptados, 1 fallo, 1 por enviar/,
  )
  expect(page).not.toMatch(/entregad/i)
  const html = await (await get('/panel/registro', cookie)).text()
  expect(html).toContain(`href="/panel/ediciones/${edition.id}"`)

  await app.db
    .updateTable('delivery')
    .set({ state: 'rejected', nextAttemptAt: null })
    .where('state', '=', 'deferred')
    .execute()
  await conclude(app, edition.id)
  expect(await words('/panel/registro', cookie)).toContain(
    'Concluido con fallos (2) · 1 de 3 aceptados, 2 fallos',
  )
})

test('a search by subject reads neither case nor accents, and each filter narrows it', async () => {
  const { app, as, words, edition } = await sentPanel()
  const topic = { key: 'voto-en-prision', name: 'Voto en prisión' }
  await addTopic(app.db, topic, app.clock.now())
  await addTopic(app.db, { key: 'otro-tema', name: 'Otro' }, app.clock.now())
  await app.db
    .insertInto('editionReportLine')
    .values({
      editionId: edition.id,
      tableId: 'IV.9.z',
      grouping: 'edition',
      lineText: 'x',
      topic: topic.key,
    })
    .execute()
  const cookie = await as('consulta')
  const found = async (query: string) => {
    const page = await words(`/panel/registro?${query}`, cookie)
    expect(page).toContain('Envíos que coinciden')
    return page.includes('1 de 3 aceptados')
  }
  expect(await found('asunto=BOLETIN+eléctoral')).toBe(true)
  expect(await found('asunto=boletin+ornitorrinco')).toBe(false)
  expect(await found('asunto=%25')).toBe(false)
  expect(await found('publicacion=boletin-electoral')).toBe(true)
  expect(await found('publicacion=calendario-ine')).toBe(false)
  expect(await found('desde=2026-11-27&hasta=2026-11-27')).toBe(true)
  expect(await found('desde=2026-11-28')).toBe(false)
  expect(await found('hasta=2026-11-26')).toBe(false)
  expect(await found('tema=voto-en-prision')).toBe(true)
  expect(await found('tema=otro-tema')).toBe(false)
  expect(await found('estado=en-curso')).toBe(true)
  expect(await found('estado=con-fallos')).toBe(false)
  await conclude(app, edition.id)
  expect(await found('estado=con-fallos')).toBe(true)
  expect(await found('estado=concluido')).toBe(false)
  expect(await words('/panel/registro?asunto=ornitorrinco', cookie)).toMatch(
    /Ningún envío coincide\. Para encontrar más, quite palabras/,
  )
})

test.each([
  ['pagina=x', 'No existe esa página'],
  ['pagina=1000000000', 'No existe esa página'],
  ['pagina=-1', 'No existe esa página'],
  ['pagina=1e9', 'No existe esa página'],
  ['desde=2026-02-30', 'No es una fecha que exista'],
  ['hasta=ayer', 'No es una fecha que exista'],
  ['desde=0000-00-00', 'No es una fecha que exista'],
  ['desde=2026-11-27&hasta=2026-11-01', 'La fecha final es anterior'],
  ['publicacion=%00', 'La publicación no está entre las opciones'],
  ['tema=nada', 'El tema no está entre las opciones'],
  ['estado=entregado', 'El estado no está entre las opciones'],
  ['asunto=a%00b', 'no se pueden buscar'],
  [`asunto=${'a'.repeat(900)}`, 'cuando más 200 letras'],
])('a search for what cannot be (%s) is told, with nothing failing', async (query, told) => {
  const { get, signIn } = await panel()
  const answer = await get(`/panel/registro?${query}`, await signIn('ana'))
  expect(answer.status).toBe(400)
  expect(wordsOf(await answer.text())).toContain(told)
})

test('an empty register, and a page beyond its end, say so', async () => {
  const { get, signIn } = await panel()
  const cookie = await signIn('ana')
  const text = async (path: string) => wordsOf(await (await get(path, cookie)).text())
  expect(await text('/panel/registro')).toContain('Todavía no se ha enviado nada.')
  expect(await text('/panel/registro?pagina=99999')).toContain('No hay una página 99999')
  expect(await text('/panel/registro?asunto=&desde=&pagina=1')).toContain('Todavía no se ha')
})

test('fifty dispatches are a page, and its links keep the search', async () => {
  const { app, as, get, words, edition } = await sentPanel()
  const copies = Array.from({ length: 60 }, (_, i) => ({
    publication: edition.publication,
    period: `2025-X${i}`,
    nominalAt: edition.nominalAt,
    latestStartAt: edition.latestStartAt,
    releasedAt: new Date(edition.releasedAt!.getTime() - (i + 1) * 3_600_000),
    createdAt: edition.createdAt,
    state: 'cancelled' as const,
  }))
  await app.db.insertInto('edition').values(copies).execute()
  const cookie = await as('consulta')
  const first = await (await get('/panel/registro?publicacion=boletin-electoral', cookie)).text()
  expect(first.match(/<h3>/g)).toHaveLength(50)
  const next = /rel="next"\s+href="([^"]*)"/.exec(first)![1]!.replaceAll('&amp;', '&')
  expect(next).toBe('/panel/registro?publicacion=boletin-electoral&pagina=2')
  const second = await words(next, cookie)
  expect(second).toContain('2025-X59')
  expect(second).not.toContain('Envíos anteriores')
})

test('the deliveries of a person are for who may see addresses, and each look is written down', async () => {
  const { app, as, post, get } = await sentPanel()
  const consulta = await as('consulta')
  const path = '/panel/registro/destinatario'
  const fields = { destinatario: ' Persona2@Example.org ' }
  expect((await post(path, fields, consulta)).status).toBe(403)
  expect((await get(path, consulta)).status).toBe(403)
  expect(await accessesOf(app)).toEqual([])

  const privacidad = await as('privacidad')
  const answer = await post(path, fields, privacidad)
  expect(wordsOf(await answer.text())).toMatch(
    /1 envío .*Boletín Electoral 2026-W48 persona2@example\.org rechazo permanente 550 5\.1\.1 no such user 27\/11\/2026, 15:00 horas/,
  )
  const { id } = await app.db
    .selectFrom('contact')
    .select('id')
    .where('address', '=', 'persona2@example.org')
    .executeTakeFirstOrThrow()
  const [access, ...others] = await accessesOf(app)
  expect(access).toMatchObject({ contactId: id, act: 'deliveries.search' })
  expect(others).toEqual([])

  const none = await post(path, { destinatario: 'nadie@example.org' }, privacidad)
  expect(wordsOf(await none.text())).toContain('No hay envíos a nadie@example.org.')
  expect((await accessesOf(app))[1]).toMatchObject({ contactId: null })
})

test('who searches an address that a person had is told what was sent to them, and the look is at that person', async () => {
  const { app, as, post } = await sentPanel()
  const eva = await addTestUser(app, 'eva', ['privacidad'])
  const address = 'nueva@example.org'
  await rectify(app.engine, eva, 'persona3@example.org', { address }, 'se casó')
  const answer = await post(
    '/panel/registro/destinatario',
    { destinatario: 'persona3@example.org' },
    await as('operacion'),
  )
  expect(wordsOf(await answer.text())).toMatch(/hoy tiene otra.*Boletín Electoral 2026-W48/)
  const looks = (await accessesOf(app)).filter(({ act }) => act === 'deliveries.search')
  expect(looks.at(-1)!.contactId).not.toBeNull()
})

test.each(['@example.org', 'example.org', ' EXAMPLE.org '])(
  'a domain (%s) has masked addresses and counts, of nobody by name',
  async (destinatario) => {
    const { app, as, post } = await sentPanel()
    const answer = await post(
      '/panel/registro/destinatario',
      { destinatario },
      await as('operacion'),
    )
    const page = await answer.text()
    expect(wordsOf(page)).toMatch(/3 direcciones .*pe…@example\.org 0 de 1 aceptado, 1 por enviar/)
    expect(page).not.toMatch(/persona[123]@/)
    expect(await accessesOf(app)).toEqual([])
    expect(await auditOf(app, 'deliveries.search')).toEqual([
      { subject: 'domain', detail: { addresses: 3 } },
    ])
  },
)

test.each([
  '',
  '%',
  'dos palabras',
  'a@b@c',
  '@',
  '12',
  `${'a'.repeat(300)}@example.org`,
  'a\0@b.mx',
])(
  'what is neither an address nor a domain (%j) comes back with its reason',
  async (destinatario) => {
    const { app, post, signIn } = await panel()
    const answer = await post(
      '/panel/registro/destinatario',
      { destinatario },
      await signIn('luis'),
    )
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('Hay datos por corregir')
    expect(await accessesOf(app)).toEqual([])
  },
)

test('recipients are masked for most, and whole, written down, for who may see addresses', async () => {
  const { app, as, words, path, edition } = await sentPanel()
  const masked = await words(path, await as('consulta'))
  expect(masked).toContain('pe…@example.org rechazo permanente 550 5.1.1 no such user 1')
  expect(masked).toContain('550 rechazo permanente 1')
  expect(masked).toContain('450 fallo temporal (se reintenta) 1')
  expect(masked).not.toMatch(/persona\d@/)
  expect(await auditOf(app, 'addresses.see')).toEqual([])

  const whole = await words(`${path}?estado=rejected`, await as('operacion'))
  expect(whole).toContain('persona2@example.org rechazo permanente')
  expect(whole).not.toContain('persona1@example.org')
  expect(await auditOf(app, 'addresses.see')).toEqual([
    { subject: `edition ${edition.id}`, detail: { rows: 1 } },
  ])
})

test('why somebody was left out is said in words, and a state that nobody has too', async () => {
  const { app, as, words, path } = await sentPanel()
  await app.db
    .updateTable('delivery')
    .set({ state: 'suppressed', reason: 'complaint', nextAttemptAt: null })
    .where('address', '=', 'persona1@example.org')
    .execute()
  const cookie = await as('consulta')
  expect(await words(`${path}?estado=suppressed`, cookie)).toContain(
    'omitido lo marcó como no deseado',
  )
  expect(await words(`${path}?estado=unknown`, cookie)).toContain(
    'Ninguno tiene el estado «resultado incierto»',
  )
  await app.db.deleteFrom('delivery').execute()
  expect(await words(path, cookie)).toContain('El detalle ya se depuró')
})

test.each([
  'estado=entregado',
  'despues=x',
  'despues=999999',
  'despues=',
  `despues=${'9'.repeat(40)}`,
])('a list of recipients that cannot be (%s) is told', async (query) => {
  const { get, as, path } = await sentPanel()
  const cookie = await as('consulta')
  const answer = await get(`${path}?${query}`, cookie)
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('Hay datos por corregir')
  expect((await get(`${path}.csv?${query}`, cookie)).status).toBe(422)
})

test('a hundred recipients are a page, the next begins where it ends, and no address is in its link', async () => {
  const { get, as, path } = await sentPanel(250)
  const cookie = await as('operacion')
  const seen = new Set<string>()
  let next: string | undefined = path
  let pages = 0
  while (next !== undefined) {
    const page = await (await get(next, cookie)).text()
    for (const [address] of page.matchAll(/persona\d+@example\.org/g)) seen.add(address)
    next = /rel="next"\s+href="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
    expect(next ?? '').not.toContain('persona')
    pages++
  }
  expect([pages, seen.size]).toEqual([3, 250])
})

test('the CSV opens in a spreadsheet as text: no formula, accents whole, masked by role', async () => {
  const { app, as, get, path, edition } = await sentPanel()
  const cell = '=HYPERLINK("https://malo.example")'
  await app.db
    .updateTable('delivery')
    .set({ reason: cell, address: '+malo@example.org' })
    .where('address', '=', 'persona2@example.org')
    .execute()
  const answer = await get(`${path}.csv`, await as('operacion'))
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=UTF-8')
  expect(answer.headers.get('content-disposition')).toContain(
    `destinatarios-edicion-${edition.id}.csv`,
  )
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const lines = bytes.toString().slice(1).trim().split('\r\n')
  expect(lines).toHaveLength(4)
  expect(lines).toContain(
    `'+malo@example.org,no,rechazo permanente,"'=HYPERLINK(""https://malo.example"")",1,"27/11/2026, 15:00 horas"`,
  )
  expect(await auditOf(app, 'addresses.see')).toEqual([
    { subject: `edition ${edition.id}`, detail: { rows: 3, file: 'csv' } },
  ])
  const masked = await (await get(`${path}.csv?estado=accepted`, await as('consulta'))).text()
  expect(masked.trim().split('\r\n')).toEqual([
    expect.stringContaining('Dirección'),
    expect.stringContaining('pe…@example.org,no,aceptado por el servidor'),
  ])
})

test('a CSV of more than one reading has every recipient once', async () => {
  const { app, as, get, path, edition } = await sentPanel()
  const rows = Array.from({ length: 4_500 }, (_, i) => ({
    editionId: edition.id,
    batch: 1,
    address: `otra${i}@example.org`,
    state: 'accepted' as const,
    updatedAt: fridayAt15,
  }))
  await app.db.insertInto('delivery').values(rows).execute()
  const text = await (await get(`${path}.csv`, await as('operacion'))).text()
  const addresses = text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[0])
  expect([addresses.length, new Set(addresses).size]).toEqual([4_503, 4_503])
})

test('the pages of the register are used by everybody, on any screen', async () => {
  const { app, url, as, path, edition } = await sentPanel()
  await addContacts(app, 3, 'nadie-con-un-nombre-muy-largo-que-no-cabe', 'comunidad-iecm')
  const [name, value] = (await as('operacion')).split('=') as [string, string]
  const page = await browser.newPage()
  await page.context().addCookies([{ name, value, url }])
  app.engine.config.publicUrl = url
  const look = async (title: string) => {
    for (const width of [320, 1_200]) {
      await page.setViewportSize({ width, height: 800 })
      expect.soft(await barriers(page), `${title}, ${width} px`).toEqual([])
      const content = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect.soft(content, `${title} at ${width} px`).toBeLessThanOrEqual(width)
    }
  }
  for (const place of [
    '/panel/registro',
    '/panel/registro?desde=2026-02-30&pagina=x',
    '/panel/registro?asunto=ornitorrinco',
    '/panel/registro/destinatario',
    `/panel/ediciones/${edition.id}`,
    path,
    `${path}?estado=entregado`,
  ]) {
    await page.goto(`${url}${place}`)
    await look(place)
  }
  for (const wanted of ['persona2@example.org', 'example.org', 'nada de nada']) {
    await page.goto(`${url}/panel/registro/destinatario`)
    await page.getByLabel('Dirección de correo o dominio').fill(wanted)
    await page.getByRole('button', { name: 'Buscar' }).click()
    await look(wanted)
    expect(page.url()).not.toContain('example.org')
  }
  await page.context().close()
}, 120_000)
