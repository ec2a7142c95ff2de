import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { changeList } from '../../src/audience/lists.ts'
import { suppress } from '../../src/audience/suppressions.ts'
import { purgeRequests } from '../../src/flow/subscribe.ts'
import { signToken } from '../../src/keys.ts'
import { linkTo, paths } from '../../src/links.ts'
import { addContacts } from '../support/app.ts'
import { mailsTo, newMailTo } from '../support/outbox.ts'
import { testRelay } from '../support/relay.ts'
import {
  askOwnLink,
  contactId,
  linkIn,
  memberships,
  post,
  publicApp,
  serve,
  subscribe,
  withoutDatabase,
  wordsOf,
  type PublicApp,
} from './support.ts'

const ana = 'ana@example.org'
const hourMs = 3_600_000

const confirmUrl = async (app: PublicApp, count = 1) =>
  linkIn(await newMailTo(app, ana, count), '/confirmar')

/** A page without what differs at every request: its nonce, and the address that was typed. */
const sameFor = (address: string, page: string): string =>
  page.replace(/nonce="[^"]+"/, '').replaceAll(address, '…')

test('a person who asks and confirms from the mailbox is on the list, with what shows the consent', async () => {
  const app = await publicApp()
  const asked = await subscribe(app, {
    nombre: 'Ana Pérez',
    pais: 'US',
    correo: ' Ana@Example.org ',
  })
  expect(asked.status).toBe(200)
  expect(wordsOf(await asked.text())).toContain('en unos minutos llegará un correo')
  expect(await memberships(app, ana)).toEqual([])
  const url = await confirmUrl(app)
  const page = wordsOf(await (await fetch(url)).text())
  expect(page).toMatch(/Red de Observación .*an…@example\.org .*Ana Pérez .*Estados Unidos/)
  expect(page).toContain('versión 2026-11')
  const confirmed = await post(url)
  expect(confirmed.status).toBe(200)
  expect(wordsOf(await confirmed.text())).toContain('próximas publicaciones de Red de Observación')
  const member = await app.db
    .selectFrom('listMember')
    .innerJoin('contact', 'contact.id', 'listMember.contactId')
    .select([
      'address',
      'name',
      'country',
      'state',
      'origin',
      'consentedOn',
      'evidence',
      'noticeVersion',
    ])
    .executeTakeFirst()
  expect(member).toEqual({
    address: ana,
    name: 'Ana Pérez',
    country: 'US',
    state: 'active',
    origin: 'formulario público',
    consentedOn: '2026-11-23',
    evidence: 'solicitud 1 confirmada por correo',
    noticeVersion: '2026-11',
  })
  const acts = await app.db.selectFrom('auditLog').select(['act', 'userId']).execute()
  expect(acts).toContainEqual({ act: 'contacts.subscribe', userId: null })
})

test('the mail goes from the account of the list, says that it is automatic, and holds nothing that the form chose', async () => {
  const app = await publicApp()
  const fields = { lista: 'voto-chilango', nombre: 'Compre en ejemplo.com', pais: 'US' }
  expect((await subscribe(app, fields)).status).toBe(200)
  const mail = await newMailTo(app, ana)
  expect(mail.from).toEqual({ name: 'Voto Chilango', address: 'votochilango@iecm.mx' })
  expect(mail.headers).toContainEqual(
    expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
  )
  expect(mail.subject).toBe('Confirme su suscripción: Voto Chilango')
  expect(mail.html).toBeUndefined()
  expect(mail.text).toContain('hasta el miércoles 25 de noviembre de 2026, 09:00 horas')
  expect(mail.text).toContain('Instituto Electoral de la Ciudad de México')
  expect(mail.text).toContain(`${app.url}/privacidad`)
  expect(mail.text).not.toMatch(/Pregonero|Compre|ejemplo\.com|ana@/)
  expect(decodeURIComponent(linkIn(mail, '/confirmar'))).not.toMatch(/@|ana|chilango/)
})

test('reading the confirmation page changes nothing; confirming twice does what once does', async () => {
  const app = await publicApp()
  await subscribe(app)
  const url = await confirmUrl(app)
  await fetch(url)
  await fetch(url, { method: 'HEAD' })
  expect(await memberships(app, ana)).toEqual([])
  const both = await Promise.all([post(url), post(url)])
  expect(both.map(({ status }) => status)).toEqual([200, 200])
  const events = await app.db.selectFrom('membershipEvent').select('act').execute()
  expect(events).toEqual([{ act: 'joined' }])
  expect(wordsOf(await (await fetch(url)).text())).toContain('Esta liga ya se usó')
})

test('a confirmation that is sent again does not bring back a person who left since', async () => {
  const app = await publicApp()
  await subscribe(app)
  const url = await confirmUrl(app)
  await post(url)
  await askOwnLink(app, ana)
  const own = linkIn(await newMailTo(app, ana, 2), '/suscripciones')
  await post(own, { baja: 'red-observacion' })
  const again = await post(url)
  expect(wordsOf(await again.text())).toContain('la baja sigue vigente')
  expect(await memberships(app, ana)).toEqual(['red-observacion: left'])
})

test('whether an address is known shows in nothing that either form answers', async () => {
  const app = await publicApp()
  await addContacts(app, 1, 'conocida', 'red-observacion')
  for (const ask of [
    (address: string) => subscribe(app, { correo: address }),
    (address: string) => askOwnLink(app, address),
  ]) {
    const seen: { status: number; page: string; headers: string[] }[] = []
    for (const address of ['conocida1@example.org', 'otra@example.org']) {
      const startedMs = performance.now()
      const answer = await ask(address)
      const page = sameFor(address, await answer.text())
      expect(performance.now() - startedMs).toBeGreaterThan(240)
      const headers = [...answer.headers.keys()].toSorted()
      seen.push({ status: answer.status, page, headers })
    }
    expect(seen[0]).toEqual(seen[1])
  }
  // both were asked twice; the mailbox alone learns
  const subjects = async (address: string) =>
    (await mailsTo(app, address)).map(({ subject }) => subject)
  await newMailTo(app, 'conocida1@example.org', 2)
  expect(await subjects('conocida1@example.org')).toEqual([
    'Ya tiene esta suscripción: Red de Observación',
    'Sus suscripciones',
  ])
  const stranger = await app.db
    .selectFrom('notice')
    .select('subject')
    .where('address', '=', 'otra@example.org')
    .execute()
  expect(stranger).toEqual([{ subject: 'Confirme su suscripción: Red de Observación' }])
})

test('an answer waits for no relay', async () => {
  const relay = await testRelay(() => ({ kind: 'hang', at: 'rcpt' }))
  const env = { SENDER_DVOE_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await publicApp({ env })
  const startedMs = performance.now()
  expect((await subscribe(app)).status).toBe(200)
  expect(performance.now() - startedMs).toBeLessThan(3_000)
  await relay.close()
})

test('a form with faults comes back with what was written, and with each fault at its field and above', async () => {
  const app = await publicApp()
  const answer = await subscribe(app, {
    lista: [],
    correo: 'ana@',
    nombre: 'Ana <b>',
    pais: 'XX',
    consentimiento: [],
  })
  expect(answer.status).toBe(422)
  const page = await answer.text()
  expect(page).toContain('<title>Error: Suscripciones · IECM</title>')
  for (const id of ['listas', 'correo', 'nombre', 'pais', 'consentimiento']) {
    expect(page).toContain(`<a href="#${id}">`)
    expect(page).toContain(`<p class="problem" id="${id}-error">`)
    expect(page).toMatch(new RegExp(`id="${id}"[^>]*aria-describedby="[^"]*${id}-error"`))
  }
  expect(page).toContain('value="ana@"')
  expect(page).toContain('value="Ana &lt;b&gt;"')
  expect(await app.db.selectFrom('subscriptionRequest').select('id').execute()).toEqual([])
})

test.each([
  ['no consent', { consentimiento: [] as string[] }, 'acepte el aviso de privacidad'],
  ['no address', { correo: '  ' }, 'Escriba su dirección de correo'],
  ['two addresses', { correo: 'a@example.org, b@example.org' }, 'La dirección contiene'],
  ['a header in the address', { correo: 'a@example.org\r\nBcc: b@example.org' }, 'salto de línea'],
  ['an internal list', { lista: 'comunidad-iecm' }, 'Elija al menos una lista'],
  ['a list that is not there', { lista: "x' OR 1=1" }, 'Elija al menos una lista'],
  ['a name that is a site', { nombre: 'www.ejemplo.com' }, 'Escriba sólo su nombre'],
  ['a name with a NUL', { nombre: 'Ana\0' }, 'Escriba sólo su nombre'],
  ['a name without end', { nombre: 'Ana '.repeat(40) }, 'Escriba sólo su nombre'],
])('%s is refused with what to do', async (_, fields, remedy) => {
  const app = await publicApp()
  const answer = await subscribe(app, fields)
  expect(answer.status).toBe(422)
  expect(wordsOf(await answer.text())).toContain(remedy)
  expect(await app.db.selectFrom('subscriptionRequest').select('id').execute()).toEqual([])
})

test('an address is written to three times a day, whoever asks, and the fourth looks the same', async () => {
  const app = await publicApp()
  const pages: string[] = []
  for (let i = 0; i < 5; i++) pages.push(sameFor(ana, await (await subscribe(app)).text()))
  expect(new Set(pages).size).toBe(1)
  await newMailTo(app, ana, 3)
  app.clock.advance(24 * hourMs + 1)
  await subscribe(app)
  await newMailTo(app, ana, 4)
})

test('what is written after a + does not give a mailbox more mails a day', async () => {
  const app = await publicApp()
  const written = ['ana@example.org', 'ana+1@example.org', 'ana+2+x@example.org']
  for (const correo of written) await subscribe(app, { correo })
  for (const correo of ['ana+3@example.org', ana]) await subscribe(app, { correo })
  await subscribe(app, { correo: 'anabel@example.org' })
  await subscribe(app, { correo: 'ana+1@example.com' })
  const notices = await app.db.selectFrom('notice').select('address').orderBy('id').execute()
  expect(notices.map(({ address }) => address)).toEqual([
    ...written,
    'anabel@example.org',
    'ana+1@example.com',
  ])
})

test.each(['complaint', 'staff', 'erased'] as const)(
  'an address that is out by reason «%s» is written to once in 30 days, and every answer looks the same',
  async (reason) => {
    const app = await publicApp()
    await suppress(app.db, app.engine.keys, {
      address: ana,
      scope: 'all',
      reason,
      at: app.clock.now(),
    })
    if (reason === 'erased')
      await app.db.updateTable('suppression').set({ address: null }).execute()
    const days = async (count: number) => {
      const pages = new Set<string>()
      for (let day = 0; day < count; day++) {
        for (let i = 0; i < 2; i++) {
          const answer = await subscribe(app, { ...(i === 1 && { lista: 'voto-chilango' }) })
          pages.add(sameFor(ana, await answer.text()))
        }
        app.clock.advance(24 * hourMs)
        await purgeRequests(app.db, app.clock.now())
      }
      return [...pages]
    }
    const pages = await days(5)
    const other = await subscribe(app, { correo: 'eva@example.org' })
    expect(pages).toEqual([sameFor('eva@example.org', await other.text())])
    await newMailTo(app, ana)
    app.clock.advance(26 * 24 * hourMs)
    expect(await days(1)).toEqual(pages)
    await newMailTo(app, ana, 2)
  },
)

test('what remembers that mail for 30 days is no address, and goes with them', async () => {
  const app = await publicApp()
  await suppress(app.db, app.engine.keys, {
    address: ana,
    scope: 'external',
    reason: 'complaint',
    at: app.clock.now(),
  })
  await subscribe(app, { nombre: 'Ana Pérez', pais: 'US' })
  const kept = async () => {
    await purgeRequests(app.db, app.clock.now())
    return app.db.selectFrom('subscriptionRequest').selectAll().execute()
  }
  app.clock.advance(48 * hourMs)
  expect(await kept()).toEqual([
    expect.objectContaining({
      address: expect.stringMatching(/^#[0-9a-f]{64}$/),
      name: '',
      country: null,
      lists: [],
    }),
  ])
  app.clock.advance(28 * 24 * hourMs)
  expect(await kept()).toEqual([])
})

test('an own link counts as that mail, and a consent of the person ends the silence', async () => {
  const app = await publicApp()
  await addContacts(app, 1, 'lectora', 'red-observacion')
  const correo = 'lectora1@example.org'
  app.clock.advance(hourMs)
  await suppress(app.db, app.engine.keys, {
    address: correo,
    scope: 'all',
    reason: 'complaint',
    at: app.clock.now(),
  })
  app.clock.advance(hourMs)
  await askOwnLink(app, correo)
  const own = linkIn(await newMailTo(app, correo), '/suscripciones')
  await askOwnLink(app, correo)
  await subscribe(app, { correo })
  expect(await app.db.selectFrom('notice').select('id').execute()).toHaveLength(1)
  await post(own, { alta: 'red-observacion' })
  app.clock.advance(24 * hourMs)
  await askOwnLink(app, correo)
  await newMailTo(app, correo, 2)
})

test('when the hour is full nobody is told to wait for a mail: all are asked to come back, and when', async () => {
  const app = await publicApp()
  await addContacts(app, 1, 'lectora', 'red-observacion')
  await sql`
    INSERT INTO subscription_request (address, lists, notice_version, created_at, expires_at)
    SELECT n || '@example.com', '{red-observacion}', '', ${app.clock.now()}, ${app.clock.now()}
    FROM generate_series(1, 199) AS n`.execute(app.db)
  app.clock.advance(hourMs / 2)
  expect((await subscribe(app)).status).toBe(200)
  const refused = [
    await subscribe(app, { correo: 'lectora1@example.org' }),
    await subscribe(app),
    await askOwnLink(app, 'lectora1@example.org'),
  ]
  for (const answer of refused) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1800'])
    const words = wordsOf(await answer.text())
    expect(words).toContain('Inténtelo más tarde')
    expect(words).toContain('no le enviaremos ningún correo')
    expect(words).toContain('Espere 30 minutos')
  }
  expect(await app.db.selectFrom('notice').select('address').execute()).toEqual([{ address: ana }])
  app.clock.advance(hourMs / 2)
  expect((await subscribe(app)).status).toBe(200)
})

test('twenty forms an hour from one address, and then it is told when to come back', async () => {
  const app = await publicApp()
  const page = `${app.url}${paths.subscriptions}`
  for (let i = 0; i < 20; i++) expect((await post(page, {})).status).toBe(422)
  const refused = await subscribe(app)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500)
  expect(wordsOf(await refused.text())).toContain('Espere 60 minutos')
  expect((await fetch(page)).status).toBe(200)
  expect(await app.db.selectFrom('subscriptionRequest').select('id').execute()).toEqual([])
})

test('a confirmation link is good for 48 hours; one that was altered or is for something else for none', async () => {
  const app = await publicApp()
  await subscribe(app)
  const url = await confirmUrl(app)
  app.clock.advance(48 * hourMs)
  for (const answer of [await fetch(url), await post(url)]) {
    expect(answer.status).toBe(410)
    expect(wordsOf(await answer.text())).toContain('La liga ya venció')
  }
  const wrong = [
    `${url}A`,
    url.slice(0, -3),
    linkTo(app.url, paths.confirm(signToken(app.engine.keys, 'leave', [1, 1]))),
  ]
  for (const one of wrong) {
    expect((await fetch(one)).status).toBe(404)
    expect((await post(one)).status).toBe(404)
  }
  const forgotten = signToken(app.engine.keys, 'confirm', [999])
  expect((await post(linkTo(app.url, paths.confirm(forgotten)))).status).toBe(410)
  expect(await memberships(app, ana)).toEqual([])
})

test('who had left, bounced or was erased is back by a new consent of their own', async () => {
  const app = await publicApp()
  const { db, clock, engine } = app
  await addContacts(app, 1, 'lectora', 'voto-chilango')
  for (const reason of ['bounced', 'erased', 'unsubscribed'] as const)
    await suppress(db, engine.keys, { address: ana, scope: 'external', reason, at: clock.now() })
  await sql`UPDATE suppression SET address = NULL WHERE reason = 'erased'`.execute(db)
  await suppress(db, engine.keys, {
    address: 'lectora1@example.org',
    scope: 'all',
    reason: 'staff',
    at: clock.now(),
  })
  await subscribe(app)
  clock.advance(1_000)
  await post(await confirmUrl(app))
  expect(await memberships(app, ana)).toEqual(['red-observacion: active'])
  const standing =
    await sql`SELECT excluded_by FROM membership_standing WHERE address = ${ana}`.execute(db)
  expect(standing.rows).toEqual([{ excludedBy: null }])
  // what is of more lists holds for the others
  const left = await db.selectFrom('suppression').select('reason').orderBy('id').execute()
  expect(left.map(({ reason }) => reason)).toEqual(['bounced', 'unsubscribed', 'staff'])
})

test('a person on the list who is not reached is asked to confirm again, not told that all is well', async () => {
  const app = await publicApp()
  await addContacts(app, 1, 'lectora', 'red-observacion')
  const correo = 'lectora1@example.org'
  await suppress(app.db, app.engine.keys, {
    address: correo,
    scope: 'all',
    reason: 'bounced',
    at: app.clock.now(),
  })
  await subscribe(app, { correo })
  expect((await newMailTo(app, correo)).subject).toMatch(/^Confirme/)
})

test('while a person’s data wait to be erased nothing is written to them, and no link of before brings them back', async () => {
  const app = await publicApp()
  await subscribe(app)
  const confirm = await confirmUrl(app)
  await addContacts(app, 1, 'lectora', 'red-observacion')
  await app.db
    .updateTable('contact')
    .set({ address: ana, blockedAt: app.clock.now(), eraseAfter: app.clock.now() })
    .where('address', '=', 'lectora1@example.org')
    .execute()
  const own = linkTo(
    app.url,
    paths.ownSubscriptions(
      signToken(app.engine.keys, 'manage', [await contactId(app, ana), 2 ** 40]),
    ),
  )
  const pages = [await subscribe(app), await askOwnLink(app, ana)]
  expect(pages.map(({ status }) => status)).toEqual([200, 200])
  const notices = await app.db.selectFrom('notice').select('id').execute()
  expect(notices).toHaveLength(1)
  expect((await post(confirm)).status).toBe(409)
  expect((await fetch(own)).status).toBe(410)
  expect((await post(own, { alta: 'voto-chilango' })).status).toBe(410)
  expect(await memberships(app, ana)).toEqual(['red-observacion: active'])
})

test('a list that was closed meanwhile is not joined', async () => {
  const app = await publicApp()
  await subscribe(app)
  const url = await confirmUrl(app)
  await changeList(app.db, 'red-observacion', { isOpen: false })
  expect((await post(url)).status).toBe(410)
  expect(await memberships(app, ana)).toEqual([])
})

test('what was asked for and its mail are forgotten when they are of no more use', async () => {
  const app = await publicApp()
  await subscribe(app)
  await confirmUrl(app)
  await subscribe(app, { lista: 'voto-chilango' })
  await post(await confirmUrl(app, 2))
  const left = async () => {
    await purgeRequests(app.db, app.clock.now())
    const requests = await app.db.selectFrom('subscriptionRequest').select('lists').execute()
    const notices = await app.db.selectFrom('notice').select('id').execute()
    return [requests.flatMap(({ lists }) => lists), notices.length]
  }
  expect(await left()).toEqual([['red-observacion', 'voto-chilango'], 2])
  app.clock.advance(24 * hourMs + 1)
  expect(await left()).toEqual([['red-observacion', 'voto-chilango'], 0])
  app.clock.advance(24 * hourMs)
  expect(await left()).toEqual([['voto-chilango'], 0])
  app.clock.advance(29 * 24 * hourMs)
  expect(await left()).toEqual([[], 0])
})

test('while the database is away the form says that nothing was lost', async () => {
  const app = await publicApp()
  const server = await serve(await withoutDatabase(app.engine, app.databaseUrl))
  const answer = await subscribe({ ...app, url: server.url })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
  expect(wordsOf(await answer.text())).toContain('No se perdió nada')
})
