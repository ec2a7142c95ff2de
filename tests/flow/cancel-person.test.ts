import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { joinLists, membershipsOf } from '../../src/audience/memberships.ts'
import { requireLists } from '../../src/audience/lists.ts'
import { stageImport } from '../../src/audience/imports.ts'
import { fileOf } from '../../src/audience/import-file/file.ts'
import { suppressionsOf } from '../../src/audience/suppressions.ts'
import { blockPerson, eraseDue, erasePerson, unblockPerson } from '../../src/flow/cancel-person.ts'
import { accesses, rectify } from '../../src/flow/person.ts'
import { personFile } from '../../src/flow/person-file.ts'
import { release } from '../../src/flow/release.ts'
import { quarterReport } from '../../src/flow/report.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { suppressAddress } from '../../src/flow/suppress-address.ts'
import { claimDeliveries } from '../../src/ledger/claims.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { suppressedByReason, totalsOf } from '../../src/ledger/totals.ts'
import type { User } from '../../src/people/users.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import { addTestUser, boletin, fridayAt15, testApp, type TestApp } from '../support/app.ts'
import { importText } from '../support/contacts.ts'
import { testRelay, type Behaviour } from '../support/relay.ts'

const address = 'persona1@example.org'
const dayMs = 86_400_000
const days = (n: number) => n * dayMs

type PrivacyApp = TestApp & { eva: User }

/** eva answers for personal data; persona1 … persona4 are of comunidad-iecm. */
async function privacyApp(behave?: (to: string) => Behaviour): Promise<PrivacyApp> {
  const relay = await testRelay(behave)
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env, recipients: 4 })
  return { ...app, eva: await addTestUser(app, 'eva', ['privacidad']) }
}

async function released(app: TestApp): Promise<number> {
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  return id
}

const idOf = async ({ db }: TestApp, of = address): Promise<number> =>
  (await db.selectFrom('contact').select('id').where('address', '=', of).executeTakeFirstOrThrow())
    .id

const erasedNow = (app: PrivacyApp, who = address) =>
  erasePerson(app.engine, app.eva, who, { reason: 'orden', now: true })

/** Tables whose rows hold the text, anywhere. */
async function tablesWith({ db }: TestApp, text: string): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`.execute(db)
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) AS count FROM ${sql.table(name)} AS t WHERE t::text ILIKE ${`%${text}%`}`.execute(
      db,
    )
    if (rows[0]!.count > 0) found.push(name)
  }
  return found
}

test('who is blocked is on no list, receives nothing more of what is on its way, and no file or staff brings them back', async () => {
  const app = await privacyApp()
  const editionId = await released(app)
  const id = await idOf(app)
  const blocked = await blockPerson(app.engine, app.eva, address, 'solicitud 12')
  expect(blocked.withheld).toBe(1)
  expect(blocked.eraseAfter.getTime()).toBe(fridayAt15.getTime() + days(30))
  expect(await suppressedByReason(app.db, editionId)).toEqual({ blocked: 1 })
  expect(await membershipsOf(app.db, id)).toMatchObject([{ state: 'left', leftReason: 'blocked' }])
  await importText(app.db, `correo\n${address}\n`, {
    at: app.clock.now(),
    list: 'comunidad-iecm',
    keys: app.engine.keys,
  })
  expect(await membershipsOf(app.db, id)).toMatchObject([{ state: 'left' }])
  const change = rectify(app.engine, app.eva, address, { name: 'Ana' }, 'x')
  await expect(change).rejects.toThrow('están bloqueados')
  await expect(blockPerson(app.engine, app.eva, address, 'otra vez')).rejects.toThrow('bloqueados')
})

test('a cancellation that is withdrawn brings back the lists that it took away, with their consent, and no other', async () => {
  const app = await privacyApp()
  const id = await idOf(app)
  const [external] = await requireLists(app.db, ['red-observacion'])
  const consent = { origin: 'foro', consentedOn: '2026-11-02', evidence: 'hoja 7' }
  await joinLists(app.db, id, [external!.id], consent, { at: app.clock.now() })
  await app.db
    .updateTable('listMember')
    .set({ state: 'left', leftAt: app.clock.now(), leftReason: 'unsubscribed' })
    .where('contactId', '=', id)
    .where('listId', '<>', external!.id)
    .execute()
  await blockPerson(app.engine, app.eva, address, 'solicitud 12')
  expect(await unblockPerson(app.engine, app.eva, address, 'la retiró')).toEqual([external!.id])
  expect(await membershipsOf(app.db, id)).toMatchObject([
    { list: 'comunidad-iecm', state: 'left', leftReason: 'unsubscribed' },
    { list: 'red-observacion', state: 'active', leftAt: null, ...consent },
  ])
  expect(await suppressionsOf(app.db, app.engine.keys, address)).toEqual([])
  await expect(unblockPerson(app.engine, app.eva, address, 'x')).rejects.toThrow('no están')
  app.clock.advance(days(40))
  expect(await eraseDue(app.engine)).toBe(0)
})

test('nobody is erased before they are blocked, nor before the term, unless it is said and written down', async () => {
  const app = await privacyApp()
  const id = await idOf(app)
  const erase = (now: boolean) =>
    erasePerson(app.engine, app.eva, address, { reason: 'orden 9', now })
  await expect(erase(true)).rejects.toThrow('Primero bloquéelos')
  await blockPerson(app.engine, app.eva, address, 'solicitud 12')
  await expect(erase(false)).rejects.toThrow('23 de diciembre de 2026, 09:00')
  await erase(true)
  const log = await app.db
    .selectFrom('auditLog')
    .select(['subject', 'detail'])
    .where('act', '=', 'person.erase')
    .execute()
  expect(log).toEqual([{ subject: `contact ${id}`, detail: { reason: 'orden 9', early: true } }])
  await expect(erase(true)).rejects.toMatchObject({ kind: 'notFound' })
})

test('when the term has passed the planner erases, and only whom it has passed for', async () => {
  const app = await privacyApp()
  await blockPerson(app.engine, app.eva, address, 'solicitud 12')
  app.clock.advance(days(10))
  await blockPerson(app.engine, app.eva, 'persona2@example.org', 'solicitud 13')
  expect(await eraseDue(app.engine)).toBe(0)
  app.clock.advance(days(20))
  expect(await eraseDue(app.engine)).toBe(1)
  expect(await eraseDue(app.engine)).toBe(0)
  const left = await app.db.selectFrom('contact').select('address').orderBy('address').execute()
  expect(left.map((row) => row.address)).toEqual([
    'persona2@example.org',
    'persona3@example.org',
    'persona4@example.org',
  ])
  const [act] = await app.db
    .selectFrom('auditLog')
    .select(['userId', 'detail'])
    .where('act', '=', 'person.erase')
    .execute()
  expect(act).toEqual({ userId: null, detail: { reason: 'se cumplió el plazo', early: false } })
})

test('of who is erased nothing stays anywhere but a keyed hash and numbers, whatever servers and staff wrote', async () => {
  const app = await privacyApp((to) =>
    to === address
      ? {
          kind: 'answer',
          at: 'rcpt',
          line: `450 4.2.1 <${address}>: persona1 is over quota, see https://x.test/?m=persona1%40example.org`,
        }
      : { kind: 'accept' },
  )
  const { engine, eva, db } = app
  const at = app.clock.now()
  const id = await idOf(app)
  await rectify(engine, eva, address, { name: 'Xochitl Quijano' }, `Persona 1 <${address}> pidió`)
  const editionId = await released(app)
  await sendBatch(engine, editionId, 1)
  const note = `llamó Xochitl Quijano desde ${address}`
  await suppressAddress(engine, app.luis, address, { scope: 'external', reason: 'staff', note })
  const request = { address, lists: ['red-observacion'], noticeVersion: '2026-11' }
  await db
    .insertInto('subscriptionRequest')
    .values({ ...request, name: 'Xochitl Quijano', createdAt: at, expiresAt: at })
    .execute()
  const mail = { kind: 'subscription', occasion: 'request 1', subject: 'x', plainText: 'x' }
  await db
    .insertInto('notice')
    .values({ ...mail, address, forStaff: false, createdAt: at, updatedAt: at })
    .execute()
  await stageImport(db, fileOf(`correo,nombre\n${address},Xochitl Quijano\n`, 'otra.csv'), {
    keys: engine.keys,
    userId: app.luis.id,
    at,
    list: 'comunidad-iecm',
    consent: { origin: 'otra.csv' },
  })
  expect((await tablesWith(app, address)).length).toBeGreaterThanOrEqual(5)

  await blockPerson(engine, eva, address, `Xochitl Quijano, ${address}, solicitud 12`)
  await erasePerson(engine, eva, address, { reason: `de ${address}, Xochitl Quijano`, now: true })
  for (const text of [address, 'persona1', 'Xochitl', 'Quijano'])
    expect(await tablesWith(app, text), text).toEqual([])
  const attempts = await db.selectFrom('attempt').select(['smtpCode', 'smtpText']).execute()
  expect(attempts).toContainEqual({
    smtpCode: 450,
    smtpText: expect.stringContaining('450 4.2.1 <…>: … is over quota'),
  })
  const file = personFile(engine, eva, address, 'person.show')
  await expect(file).resolves.toMatchObject({
    persona: null,
    envios: [],
    exclusiones: [
      { motivo: 'por decisión del área', direccion: null, nota: '' },
      { motivo: 'sus datos se suprimieron', direccion: null },
    ],
  })
  // who looked at whom is still there, by number
  expect(await accesses(engine, eva, String(id))).toHaveLength(5)
})

test('neither blocking nor erasing changes a total of an edition or a printed table, and a later file brings nobody back', async () => {
  const app = await privacyApp((to) =>
    to === 'persona2@example.org'
      ? { kind: 'answer', at: 'rcpt', line: '550 5.1.1 no such user' }
      : { kind: 'accept' },
  )
  const { engine, eva, db } = app
  const people = [1, 2, 3].map((n) => `persona${n}@example.org`)
  const all = { scope: 'all', note: '' } as const
  await suppressAddress(engine, app.luis, people[2]!, { ...all, reason: 'complaint' })
  const editionId = await released(app)
  await sendBatch(engine, editionId, 1)
  const printed = async () => ({
    totals: await totalsOf(db, editionId),
    byReason: await suppressedByReason(db, editionId),
    report: await quarterReport(engine, app.reportDefinitions, parseQuarter('2026-Q4')),
  })
  const before = await printed()
  expect(before.totals).toMatchObject({ accepted: 2, rejected: 1, suppressed: 1 })
  expect(before.byReason).toEqual({ complaint: 1 })
  expect(JSON.stringify(before.report)).toContain('Viernes 27 de noviembre de 2026')

  for (const who of people) await blockPerson(engine, eva, who, 'solicitud')
  expect(await printed()).toEqual(before)
  app.clock.advance(days(30))
  expect(await eraseDue(engine)).toBe(3)
  expect(await printed()).toEqual(before)

  const rows = await listDeliveries(db, { editionId, limit: 10 })
  expect(rows.map((row) => [row.address, row.state])).toEqual([
    [`suprimida-${rows[0]!.id}@invalid`, 'accepted'],
    [`suprimida-${rows[1]!.id}@invalid`, 'rejected'],
    [`suprimida-${rows[2]!.id}@invalid`, 'suppressed'],
    ['persona4@example.org', 'accepted'],
  ])
  const text = ['correo', ...people, 'nueva@example.org'].join('\n')
  const at = app.clock.now()
  await importText(db, text, { at, list: 'comunidad-iecm', keys: engine.keys })
  const contacts = await db.selectFrom('contact').select('address').orderBy('id').execute()
  expect(contacts.map((row) => row.address)).toEqual(['persona4@example.org', 'nueva@example.org'])
})

test('while a mail is in the hands of a worker nothing is erased, and the others do not wait for it', async () => {
  const app = await privacyApp()
  const editionId = await released(app)
  const workerId = await app.engine.lease.workerId()
  const at = app.clock.now()
  await claimDeliveries(app.db, { editionId, batch: 1, workerId, limit: 1, at })
  for (const who of [address, 'persona2@example.org'])
    await blockPerson(app.engine, app.eva, who, 'solicitud')
  await expect(erasedNow(app)).rejects.toThrow('se le está enviando un correo')
  expect(await tablesWith(app, address)).toContain('delivery')
  app.clock.advance(days(30))
  expect(await eraseDue(app.engine)).toBe(1)
  await app.db
    .updateTable('delivery')
    .set({ state: 'accepted' })
    .where('state', '=', 'sending')
    .execute()
  expect(await eraseDue(app.engine)).toBe(1)
  expect(await tablesWith(app, address)).toEqual([])
  expect(await suppressedByReason(app.db, editionId)).toEqual({ blocked: 1 })
})

test('an address that the person had before is forgotten too, unless it is somebody else’s now', async () => {
  const app = await privacyApp()
  const { engine, eva } = app
  await released(app)
  await rectify(engine, eva, address, { address: 'ana@example.com' }, 'cambió')
  await rectify(engine, eva, 'persona2@example.org', { address: 'eva@example.com' }, 'cambió')
  await rectify(engine, eva, 'persona3@example.org', { address: 'persona2@example.org' }, 'es suya')
  for (const who of ['ana@example.com', 'eva@example.com']) {
    await blockPerson(engine, eva, who, 'solicitud')
    await erasedNow(app, who)
  }
  for (const gone of [address, 'ana@example.com', 'eva@example.com'])
    expect(await tablesWith(app, gone), gone).toEqual([])
  const erased = async (of: string) => suppressionsOf(app.db, engine.keys, of)
  expect(await erased(address)).toMatchObject([{ reason: 'erased' }])
  expect(await erased('persona2@example.org')).toEqual([])
  // of persona3 now, and so is what waits for her
  expect(await tablesWith(app, 'persona2@example.org')).toEqual(['contact', 'delivery'])
})

test('what is held under an address without a person is erased at once when staff say so', async () => {
  const app = await privacyApp()
  const { engine, eva, luis } = app
  const stranger = 'otra@example.org'
  await expect(erasedNow(app, stranger)).rejects.toMatchObject({ kind: 'notFound' })
  await suppressAddress(engine, luis, stranger, { scope: 'all', reason: 'complaint', note: '' })
  const late = erasePerson(engine, eva, stranger, { reason: 'solicitud 15' })
  await expect(late).rejects.toThrow('--now')
  await erasedNow(app, stranger)
  expect(await tablesWith(app, stranger)).toEqual([])
  expect(await suppressionsOf(app.db, engine.keys, stranger)).toMatchObject([
    { reason: 'complaint' },
    { reason: 'erased' },
  ])
})
