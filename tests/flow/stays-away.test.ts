/** Who must not be mailed stays so through imports, rectifications, blocks and consents to something else. */
import { expect, test } from 'vitest'
import { countAudience } from '../../src/audience/audience.ts'
import { addList, requireLists } from '../../src/audience/lists.ts'
import { membershipsOf } from '../../src/audience/memberships.ts'
import { suppress, type SuppressionScope } from '../../src/audience/suppressions.ts'
import { inTransaction } from '../../src/db/database.ts'
import { blockPerson, erasePerson, unblockPerson } from '../../src/flow/cancel-person.ts'
import { undoContacts } from '../../src/flow/import-contacts.ts'
import { leavable, leave, leaveByLink } from '../../src/flow/leave-lists.ts'
import { rectify } from '../../src/flow/person.ts'
import { release } from '../../src/flow/release.ts'
import { joinByConsent } from '../../src/flow/subscribe.ts'
import { leaveOnRequest, suppressAddress } from '../../src/flow/suppress-address.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { suppressedByReason } from '../../src/ledger/totals.ts'
import type { User } from '../../src/people/users.ts'
import { addTestUser, boletin, fridayAt15, testApp, type TestApp } from '../support/app.ts'
import { importText } from '../support/contacts.ts'

const old = 'ana@example.org'
const now = 'ana@example.com'
const aDayMs = 24 * 3_600_000

/** eva answers for personal data; voto-chilango is external as red-observacion is. */
async function peopleApp(): Promise<TestApp & { eva: User }> {
  const app = await testApp({ recipients: 0 })
  const list = { slug: 'voto-chilango', name: 'Voto Chilango', kind: 'external' } as const
  await addList(app.db, list, app.clock.now())
  return { ...app, eva: await addTestUser(app, 'eva', ['privacidad', 'operacion']) }
}

async function imported(app: TestApp, address: string, list = 'red-observacion') {
  const { keys } = app.engine
  const text = `correo,nombre\n${address},Ana`
  const record = await importText(app.db, text, { at: app.clock.now(), list, keys })
  return { id: record.id, newMembers: record.summary.newMembers }
}

const idOf = async (app: TestApp, address: string): Promise<number> =>
  (
    await app.db
      .selectFrom('contact')
      .select('id')
      .where('address', '=', address)
      .executeTakeFirstOrThrow()
  ).id

const reached = async (app: TestApp, ...lists: string[]) =>
  (await countAudience(app.db, { lists })).recipients

async function consent(app: TestApp, contact: number, slug: string): Promise<void> {
  const lists = await requireLists(app.db, [slug])
  const shown = { evidence: 'solicitud 1 confirmada por correo', noticeVersion: '2026-11' }
  await inTransaction(app.db, (tx) => joinByConsent(app.engine, tx, contact, lists, shown))
}

async function suppressed(
  app: TestApp,
  address: string,
  scope: SuppressionScope,
  reason: 'staff' | 'complaint',
) {
  await suppress(app.db, app.engine.keys, { address, scope, reason, at: app.clock.now() })
}

test('a file with an address that was rectified brings nobody back, neither beside the person nor after they were erased', async () => {
  const app = await peopleApp()
  await imported(app, old)
  await rectify(app.engine, app.eva, old, { address: now }, 'la cambió')
  await leave(app.engine, await idOf(app, now), 'external', { origin: 'un clic' })
  expect(await imported(app, old)).toMatchObject({ newMembers: 0 })
  expect(await reached(app, 'red-observacion')).toBe(0)
  await blockPerson(app.engine, app.eva, now, 'lo pidió')
  await erasePerson(app.engine, app.eva, now, { reason: 'lo pidió', now: true })
  expect(await imported(app, old)).toMatchObject({ newMembers: 0 })
  expect(await imported(app, now)).toMatchObject({ newMembers: 0 })
  expect(await app.db.selectFrom('contact').selectAll().execute()).toEqual([])
})

test('what waits for a rectified address goes to the new one, and what is asked of the old one names the person', async () => {
  const app = await peopleApp()
  await imported(app, old, 'comunidad-iecm')
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const { readdressed } = await rectify(app.engine, app.eva, old, { address: now }, 'la cambió')
  expect(readdressed).toBe(1)
  const [delivery] = await listDeliveries(app.db, { editionId: id, limit: 10 })
  expect(delivery).toMatchObject({ address: now, state: 'pending' })
  const complaint = { scope: 'all', reason: 'complaint', note: '' } as const
  await expect(suppressAddress(app.engine, app.eva, old, complaint)).rejects.toThrow(
    /Fue de la persona \d+/,
  )
  const byTelephone = { lists: 'external', how: 'teléfono' } as const
  await expect(leaveOnRequest(app.engine, app.eva, old, byTelephone)).rejects.toThrow(
    /Fue de la persona/,
  )
  const { withheld } = await suppressAddress(app.engine, app.eva, now, complaint)
  expect(withheld).toBe(1)
})

test('an import that is undone takes its people out of what is on its way, and they can still leave for good', async () => {
  const app = await peopleApp()
  app.clock.moveTo(new Date(fridayAt15.getTime() - 3_600_000))
  const wrong = await imported(app, old, 'comunidad-iecm')
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const contact = await idOf(app, old)
  await undoContacts(app.engine, app.luis, wrong.id)
  expect(await suppressedByReason(app.db, id)).toEqual({ staff: 1 })

  // as if the edition had gone to an external list: only those are left by a link
  await app.db
    .updateTable('list')
    .set({ kind: 'external' })
    .where('slug', '=', 'comunidad-iecm')
    .execute()
  const leaving = { contactId: contact, editionId: id }
  expect(await leavable(app.engine, leaving)).toMatchObject({
    isKnown: true,
    lists: [{ slug: 'comunidad-iecm', isMember: false }],
  })
  await leaveByLink(app.engine, leaving, { everything: false, how: 'un clic' })
  expect(await imported(app, old, 'comunidad-iecm')).toMatchObject({ newMembers: 0 })
  expect(await reached(app, 'comunidad-iecm')).toBe(0)
})

test('a consent to one list is of that list: what keeps the others away stays', async () => {
  const app = await peopleApp()
  await imported(app, old, 'comunidad-iecm')
  await imported(app, old, 'red-observacion')
  const contact = await idOf(app, old)
  await suppressed(app, old, 'all', 'staff')
  await suppressed(app, old, 'external', 'complaint')
  expect(await reached(app, 'comunidad-iecm', 'red-observacion')).toBe(0)
  app.clock.advance(aDayMs)
  await consent(app, contact, 'voto-chilango')
  expect(await reached(app, 'voto-chilango')).toBe(1)
  expect(await reached(app, 'comunidad-iecm', 'red-observacion')).toBe(0)
  // and what comes later holds for it too
  app.clock.advance(aDayMs)
  await suppressed(app, old, 'external', 'staff')
  expect(await reached(app, 'voto-chilango')).toBe(0)
})

test('who left everything and came back to one list is not imported into another', async () => {
  const app = await peopleApp()
  await imported(app, old, 'red-observacion')
  const contact = await idOf(app, old)
  await leave(app.engine, contact, 'external', { origin: 'un clic' })
  app.clock.advance(aDayMs)
  await consent(app, contact, 'red-observacion')
  expect(await reached(app, 'red-observacion')).toBe(1)
  expect(await imported(app, old, 'voto-chilango')).toMatchObject({ newMembers: 0 })
  expect(await reached(app, 'voto-chilango')).toBe(0)
})

test('who leaves while blocked is not brought back when the block is withdrawn', async () => {
  const app = await peopleApp()
  await imported(app, old, 'red-observacion')
  await imported(app, old, 'voto-chilango')
  const contact = await idOf(app, old)
  await blockPerson(app.engine, app.eva, old, 'lo pidió')
  const [red] = await requireLists(app.db, ['red-observacion'])
  await leave(app.engine, contact, [red!.id], { origin: 'un clic' })
  await unblockPerson(app.engine, app.eva, old, 'se arrepintió')
  const states = (await membershipsOf(app.db, contact)).map(({ list, state }) => [list, state])
  expect(states).toEqual([
    ['red-observacion', 'left'],
    ['voto-chilango', 'active'],
  ])
})

test('a consent that confirms what an import brought is what counts, and outlives the import', async () => {
  const app = await peopleApp()
  const file = await imported(app, old, 'red-observacion')
  const contact = await idOf(app, old)
  app.clock.advance(3_600_000)
  await consent(app, contact, 'red-observacion')
  const [membership] = await membershipsOf(app.db, contact)
  expect(membership).toMatchObject({ origin: 'formulario público', noticeVersion: '2026-11' })
  await undoContacts(app.engine, app.luis, file.id)
  expect(await reached(app, 'red-observacion')).toBe(1)
})
