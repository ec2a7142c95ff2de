import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addList } from '../../src/audience/lists.ts'
import { keysOf, signToken } from '../../src/keys.ts'
import { linkTo, paths } from '../../src/links.ts'
import { leaveToken } from '../../src/flow/letters.ts'
import { suppressedByReason, totalsOf } from '../../src/ledger/totals.ts'
import { addContacts } from '../support/app.ts'
import {
  contactId,
  leaveUrl,
  memberships,
  post,
  publicApp,
  releasedNews,
  sentNews,
  serve,
  withoutDatabase,
  wordsOf,
  type PublicApp,
} from './support.ts'

const lectora = 'lectora1@example.org'
const oneClick = { 'List-Unsubscribe': 'One-Click' }

/** Everything that leaving could change. */
async function traces({ db }: PublicApp): Promise<unknown[]> {
  const tables = ['list_member', 'membership_event', 'suppression', 'audit_log', 'delivery']
  return Promise.all(
    tables.map(async (table) => {
      const { rows } = await sql`
        SELECT to_jsonb(t) AS row FROM ${sql.table(table)} AS t ORDER BY 1`.execute(db)
      return rows
    }),
  )
}

function multipart(fields: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

test('a filter that reads the page, asks for its head or fetches it beforehand changes nothing', async () => {
  const app = await publicApp()
  const url = await leaveUrl(app, await releasedNews(app), lectora)
  const before = await traces(app)
  const page = await fetch(url)
  const ahead = await fetch(url, { headers: { 'Sec-Purpose': 'prefetch', Purpose: 'prefetch' } })
  const head = await fetch(url, { method: 'HEAD' })
  expect([page.status, ahead.status, head.status]).toEqual([200, 200, 200])
  const words = wordsOf(await page.text())
  expect(words).toContain('El correo «Noticias de la Red de Observación» llegó a su dirección')
  expect(words).toContain('por la lista «Red de Observación».')
  expect(words).toContain('Darme de baja')
  expect(words).toContain('No recibir ningún correo de las listas externas del Instituto')
  expect(await head.text()).toBe('')
  expect(await traces(app)).toEqual(before)
})

test('the button leaves the list of the mail at once, and no other', async () => {
  const app = await publicApp()
  const url = await leaveUrl(app, await releasedNews(app), lectora)
  await addContacts(app, 1, 'lectora', 'voto-chilango')
  const answer = await post(url)
  expect(answer.status).toBe(200)
  const words = wordsOf(await answer.text())
  expect(words).toContain('Su dirección salió de la lista «Red de Observación».')
  expect(words).toContain(
    'Vale desde este momento: martes 24 de noviembre de 2026, 11:00 horas (hora de la Ciudad de México)',
  )
  expect(words).toContain('puede volver cuando quiera')
  expect(await memberships(app, lectora)).toEqual([
    'red-observacion: left',
    'voto-chilango: active',
  ])
  expect(await memberships(app, 'lectora2@example.org')).toEqual(['red-observacion: active'])
  expect(wordsOf(await (await fetch(url)).text())).toContain('Ya se dio de baja')
})

test('what a running edition has not taken in hand for a person who leaves is not sent', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app, 3)
  await post(await leaveUrl(app, edition, lectora))
  expect(await totalsOf(app.db, edition.id)).toMatchObject({ pending: 2, suppressed: 1 })
  expect(await suppressedByReason(app.db, edition.id)).toEqual({ unsubscribed: 1 })
})

test.each([
  ['urlencoded', new URLSearchParams(oneClick)],
  ['multipart', multipart(oneClick)],
])(
  'one click of a mail program, %s, leaves at once without a cookie or a redirect',
  async (_, body) => {
    const app = await publicApp()
    const edition = await releasedNews(app)
    const answer = await fetch(await leaveUrl(app, edition, lectora), {
      method: 'POST',
      body,
      redirect: 'error',
    })
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null])
    expect(await memberships(app, lectora)).toEqual(['red-observacion: left'])
    const events = await app.db.selectFrom('membershipEvent').select(['act', 'origin']).execute()
    expect(events.at(-1)).toEqual({
      act: 'left',
      origin: `baja por un clic, edición ${edition.id}`,
    })
  },
)

test('a POST that arrives again changes nothing and says the same', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app)
  const url = await leaveUrl(app, edition, lectora)
  expect((await post(url)).status).toBe(200)
  const after = await traces(app)
  app.clock.advance(60_000)
  const again = await post(url, oneClick)
  expect(again.status).toBe(200)
  expect(wordsOf(await again.text())).toContain('ya no estaba en la lista «Red de Observación»')
  expect(await traces(app)).toEqual(after)
})

test('the button and one click are told apart in the record', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app)
  await post(await leaveUrl(app, edition, lectora))
  await post(await leaveUrl(app, edition, 'lectora2@example.org'), oneClick)
  const events = await app.db
    .selectFrom('membershipEvent')
    .select('origin')
    .where('act', '=', 'left')
    .orderBy('id')
    .execute()
  expect(events.map(({ origin }) => origin)).toEqual([
    `baja por la página de baja, edición ${edition.id}`,
    `baja por un clic, edición ${edition.id}`,
  ])
})

test('a body that is no form, or none at all, leaves too: who posts wants to leave', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app, 3)
  const bodies = [undefined, '{"a":1}', 'x'.repeat(500)]
  for (const [index, body] of bodies.entries()) {
    const address = `lectora${index + 1}@example.org`
    const headers = { 'Content-Type': 'multipart/form-data; boundary=never' }
    const init = { method: 'POST', headers, ...(body !== undefined && { body }) }
    expect((await fetch(await leaveUrl(app, edition, address), init)).status).toBe(200)
    expect(await memberships(app, address)).toEqual(['red-observacion: left'])
  }
})

test('nothing more of the external lists: all are left, also those of the future', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app)
  await addContacts(app, 1, 'lectora', 'voto-chilango')
  await addContacts(app, 1, 'lectora', 'comunidad-iecm')
  const answer = await post(await leaveUrl(app, edition, lectora), { todas: 'si' })
  expect(wordsOf(await answer.text())).toContain('no recibirá correos de ninguna lista externa')
  expect(await memberships(app, lectora)).toEqual([
    'comunidad-iecm: active',
    'red-observacion: left',
    'voto-chilango: left',
  ])
  const suppressions = await app.db.selectFrom('suppression').select(['scope', 'reason']).execute()
  expect(suppressions).toEqual([{ scope: 'external', reason: 'unsubscribed' }])
})

test('a token that was altered, cut, made for something else or signed by nobody leaves nothing, and help is offered', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app)
  const id = await contactId(app, lectora)
  const token = leaveToken(app.engine, edition.id, id)
  const other = token.at(-1) === 'A' ? 'Q' : 'A'
  const before = await traces(app)
  const wrong = [
    token.slice(0, -1) + other,
    (token.startsWith('B') ? 'A' : 'B') + token.slice(1),
    token.slice(0, 20),
    `${token}.`,
    token.toLowerCase(),
    signToken(app.engine.keys, 'manage', [id, 2 ** 40]),
    signToken(
      keysOf({ secretKey: 'somebody else has this one, not us', previousSecretKeys: [] }),
      'leave',
      [id, edition.id],
    ),
    signToken(app.engine.keys, 'leave', [id, 999_999]),
    '%00',
    '%E0%A4%A',
    'x'.repeat(2_000),
  ]
  for (const one of wrong) {
    const url = linkTo(app.url, paths.leave(one))
    const answers = [await fetch(url), await post(url, oneClick)]
    expect(
      answers.map(({ status }) => status),
      one,
    ).toEqual([404, 404])
    const page = await answers[1]!.text()
    expect(wordsOf(page)).toContain('la parten en dos renglones')
    expect(page).toContain('href="/suscripciones"')
  }
  expect(await traces(app)).toEqual(before)
})

test('links of an earlier key work for as long as the key is kept', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app)
  const token = leaveToken(app.engine, edition.id, await contactId(app, lectora))
  const { secretKey } = app.engine.config
  const rotated = 'the key that was made after the other one'
  const later = (previousSecretKeys: string[]) =>
    serve({ ...app.engine, keys: keysOf({ secretKey: rotated, previousSecretKeys }) })
  const forgetful = await later([])
  expect((await post(linkTo(forgetful.url, paths.leave(token)))).status).toBe(404)
  expect(await memberships(app, lectora)).toEqual(['red-observacion: active'])
  const careful = await later([secretKey])
  expect((await post(linkTo(careful.url, paths.leave(token)))).status).toBe(200)
  expect(await memberships(app, lectora)).toEqual(['red-observacion: left'])
})

test('of a person who was erased, or of nobody, the page promises nothing and says where later subscriptions are', async () => {
  const app = await publicApp()
  const edition = await sentNews(app)
  const urls = [
    await leaveUrl(app, edition, lectora),
    linkTo(app.url, paths.leave(leaveToken(app.engine, edition.id, null))),
  ]
  await app.db.deleteFrom('contact').where('address', '=', lectora).execute()
  for (const url of urls) {
    for (const answer of [await fetch(url), await post(url)]) {
      expect(answer.status).toBe(200)
      const page = await answer.text()
      expect(wordsOf(page)).toContain('No hay de qué darse de baja')
      expect(wordsOf(page)).toContain('Si se suscribió después, puede ver sus suscripciones')
      expect(wordsOf(page)).not.toContain('No le escribiremos')
      expect(page).toMatch(/<p>\s+Si se suscribió.*?<a href="\/suscripciones">/s)
    }
  }
})

test('an official who is written to as such finds nothing to leave', async () => {
  const app = await publicApp()
  await addList(app.db, { slug: 'otra', name: 'Otra', kind: 'internal' }, app.clock.now())
  const edition = await releasedNews(app)
  await app.db
    .updateTable('edition')
    .set({ audience: JSON.stringify({ lists: ['comunidad-iecm'] }) })
    .where('id', '=', edition.id)
    .execute()
  await addContacts(app, 1, 'lectora', 'comunidad-iecm')
  const url = await leaveUrl(app, edition, lectora)
  const page = wordsOf(await (await fetch(url)).text())
  expect(page).toContain('No hay de qué darse de baja')
  expect(page).not.toContain('listas externas')
  await post(url)
  expect(await memberships(app, lectora)).toContain('comunidad-iecm: active')
})

test('no page names the person or the address, and none sets a cookie or may be kept', async () => {
  const app = await publicApp()
  const url = await leaveUrl(app, await releasedNews(app), lectora)
  for (const answer of [await fetch(url), await post(url), await fetch(url)]) {
    expect(wordsOf(await answer.text())).not.toMatch(/lectora1|Persona|@/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('set-cookie')).toBeNull()
  }
})

test('while the database is away the answer says that nothing was lost, and when to try again', async () => {
  const app = await publicApp()
  const url = new URL(await leaveUrl(app, await releasedNews(app), lectora))
  const server = await serve(await withoutDatabase(app.engine, app.databaseUrl))
  const answer = await post(`${server.url}${url.pathname}`, oneClick)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
  expect(wordsOf(await answer.text())).toContain('No se perdió nada y puede repetirlo sin riesgo')
})
