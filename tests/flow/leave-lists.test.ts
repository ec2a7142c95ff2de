import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { joinLists } from '../../src/audience/memberships.ts'
import { requireLists } from '../../src/audience/lists.ts'
import { addTopic } from '../../src/content/topics.ts'
import type { Connection, SendResult } from '../../src/dispatch/transport.ts'
import { approve } from '../../src/flow/approve.ts'
import type { Engine } from '../../src/flow/engine.ts'
import { invite } from '../../src/flow/invite.ts'
import { leavable, leave, leaveByLink } from '../../src/flow/leave-lists.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { suppressedByReason, totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import {
  addContacts,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  testApp,
  type TestApp,
} from '../support/app.ts'

const sample = readFileSync(
  new URL('../../jobs/samples/invitacion-red-observacion.yaml', import.meta.url),
  'utf8',
)

/** An invitation to observadora1 … observadora3 of an external list, approved and due now. */
async function dueInvitation(): Promise<{ app: TestApp; editionId: number }> {
  const app = await testApp()
  const { engine, ana, luis } = app
  const topic = { key: 'taller-que-observa-quien-observa', name: 'Taller' }
  await addTopic(app.db, topic, app.clock.now())
  await addContacts(app, 3, 'observadora', 'red-observacion')
  const { edition } = await invite(engine, ana, { text: sample, place: 'invitacion.yaml' })
  await approve(engine, luis, edition.id, edition.sealedHash!)
  app.clock.moveTo(edition.nominalAt)
  return { app, editionId: edition.id }
}

async function releasedInvitation(): Promise<{ app: TestApp; editionId: number }> {
  const due = await dueInvitation()
  await release(due.app.engine, due.editionId)
  return due
}

const contactId = async (app: TestApp, name: string): Promise<number> =>
  (
    await app.db
      .selectFrom('contact')
      .select('id')
      .where('address', '=', `${name}@example.org`)
      .executeTakeFirstOrThrow()
  ).id

const outcomes = async (app: TestApp, editionId: number) =>
  (await listDeliveries(app.db, { editionId, limit: 100 })).map(({ address, state, reason }) => [
    address.replace('@example.org', ''),
    state,
    reason,
  ])

const membershipsOf = async (app: TestApp, contact: number) =>
  app.db
    .selectFrom('listMember')
    .innerJoin('list', 'list.id', 'listId')
    .select(['slug', 'state'])
    .where('contactId', '=', contact)
    .orderBy('slug')
    .execute()

test('who leaves while an edition is on its way is out of what was not yet taken in hand, and the totals say why', async () => {
  const { app, editionId } = await releasedInvitation()
  const leaving = { contactId: await contactId(app, 'observadora2'), editionId }
  await leaveByLink(app.engine, leaving, { everything: false, how: 'un clic' })
  await sendBatch(app.engine, editionId, 1)
  expect(await outcomes(app, editionId)).toEqual([
    ['observadora1', 'accepted', null],
    ['observadora2', 'suppressed', 'unsubscribed'],
    ['observadora3', 'accepted', null],
  ])
  const totals = await totalsOf(app.db, editionId)
  expect(totals).toMatchObject({ accepted: 2, suppressed: 1 })
  expect(recipientsOf(totals)).toBe(3)
  expect(await suppressedByReason(app.db, editionId)).toEqual({ unsubscribed: 1 })
  expect(await editionNow(app, editionId)).toMatchObject({ state: 'sent' })
})

/** An engine whose relay waits, with a message in its hands, until the person has left, and then answers so. */
function leavingInTheMiddle(app: TestApp, contact: number, result: SendResult): Engine {
  const connection: Connection = {
    relay: 'relay',
    usable: () => true,
    send: async () => {
      await leave(app.engine, contact, 'external', { origin: 'un clic' })
      return result
    },
    close: () => undefined,
  }
  const connections = { ...app.engine.connections, take: async () => connection, give: () => {} }
  return { ...app.engine, connections }
}

/** One delivery alone is left to send. */
async function onlyTo(app: TestApp, editionId: number, contact: number): Promise<void> {
  await app.db
    .updateTable('delivery')
    .set({ state: 'cancelled' })
    .where('editionId', '=', editionId)
    .where('contactId', '<>', contact)
    .execute()
}

test('what was in hand when the person left goes out', async () => {
  const { app, editionId } = await releasedInvitation()
  const contact = await contactId(app, 'observadora1')
  await onlyTo(app, editionId, contact)
  const accepted = { outcome: 'accepted', phase: 'dot', smtpCode: 250, smtpText: 'ok' } as const
  await sendBatch(leavingInTheMiddle(app, contact, accepted), editionId, 1)
  expect((await outcomes(app, editionId))[0]).toEqual(['observadora1', 'accepted', null])
})

test('what was in hand and failed for now is not tried again after the person left', async () => {
  const { app, editionId } = await releasedInvitation()
  const contact = await contactId(app, 'observadora1')
  await onlyTo(app, editionId, contact)
  const later = { outcome: 'deferred', phase: 'envelope', smtpCode: 450, smtpText: 'no' } as const
  await sendBatch(leavingInTheMiddle(app, contact, later), editionId, 1)
  expect((await outcomes(app, editionId))[0]).toEqual([
    'observadora1',
    'suppressed',
    'unsubscribed',
  ])
  expect(await suppressedByReason(app.db, editionId)).toEqual({ unsubscribed: 1 })
})

test('a release that froze its recipients just before somebody left does not write to them', async () => {
  const { app, editionId } = await dueInvitation()
  const contact = await contactId(app, 'observadora3')
  let releasing: Promise<void> | undefined
  await app.db.transaction().execute(async (tx) => {
    await tx.selectFrom('edition').select('id').where('id', '=', editionId).forUpdate().execute()
    // its snapshot is taken, and it waits for the edition
    releasing = release(app.engine, editionId)
    await eventually(
      () => waitingSessions(app),
      (count) => count > 0,
    )
    await leave(app.engine, contact, 'external', { origin: 'un clic' })
  })
  await releasing
  expect(await outcomes(app, editionId)).toEqual([
    ['observadora1', 'pending', null],
    ['observadora2', 'pending', null],
    ['observadora3', 'suppressed', 'unsubscribed'],
  ])
})

async function waitingSessions(app: TestApp): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(app.db)
  return rows[0]!.count
}

test('leaving twice is harmless: it is written down once', async () => {
  const { app, editionId } = await releasedInvitation()
  const contact = await contactId(app, 'observadora1')
  for (const everything of [false, false, true, true])
    await leaveByLink(app.engine, { contactId: contact, editionId }, { everything, how: 'un clic' })
  const events = await app.db
    .selectFrom('membershipEvent')
    .select('act')
    .where('contactId', '=', contact)
    .orderBy('id')
    .execute()
  expect(events.map(({ act }) => act)).toEqual(['joined', 'left'])
  const audited = await app.db
    .selectFrom('auditLog')
    .select('subject')
    .where('act', '=', 'contacts.leave')
    .execute()
  // one list, and then every list of the future too
  expect(audited).toEqual([{ subject: `contact ${contact}` }, { subject: `contact ${contact}` }])
  expect(await suppressedByReason(app.db, editionId)).toEqual({ unsubscribed: 1 })
})

test('leaving everything is leaving every external list, those to come too, and no internal one', async () => {
  const { app, editionId } = await releasedInvitation()
  const contact = await contactId(app, 'observadora1')
  const [internal, external] = await requireLists(app.db, ['comunidad-iecm', 'red-observacion'])
  const consent = { origin: 'test' }
  await joinLists(app.db, contact, [internal!.id], consent, { at: app.clock.now() })
  await leaveByLink(
    app.engine,
    { contactId: contact, editionId },
    { everything: true, how: 'liga' },
  )
  expect(await membershipsOf(app, contact)).toEqual([
    { slug: 'comunidad-iecm', state: 'active' },
    { slug: 'red-observacion', state: 'left' },
  ])
  const suppressions = await app.db.selectFrom('suppression').select(['scope', 'reason']).execute()
  expect(suppressions).toEqual([{ scope: 'external', reason: 'unsubscribed' }])
  // a file that lists them anew does not reach them
  await joinLists(app.db, contact, [external!.id], consent, { at: app.clock.now() })
  const { rows } = await sql<{ excludedBy: string }>`
    SELECT excluded_by FROM membership_standing WHERE contact_id = ${contact} ORDER BY list`.execute(
    app.db,
  )
  expect(rows).toEqual([{ excludedBy: null }, { excludedBy: 'unsubscribed' }])
})

test('a link of an edition to an internal list takes nobody off it', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const leaving = { contactId: await contactId(app, 'persona1'), editionId: id }
  expect(await leavable(app.engine, leaving)).toMatchObject({ lists: [], isKnown: true })
  await leaveByLink(app.engine, leaving, { everything: false, how: 'un clic' })
  expect(await membershipsOf(app, leaving.contactId)).toEqual([
    { slug: 'comunidad-iecm', state: 'active' },
  ])
  await sendBatch(app.engine, id, 1)
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 3 })
})

test('the link of somebody who was erased, or of an edition that never was, changes nothing', async () => {
  const { app, editionId } = await releasedInvitation()
  const byLink = (contact: number, edition: number) =>
    leaveByLink(
      app.engine,
      { contactId: contact, editionId: edition },
      { everything: true, how: '' },
    )
  expect(await byLink(0, editionId)).toMatchObject({ isKnown: false, lists: [] })
  expect(await byLink(await contactId(app, 'observadora1'), 99)).toBeUndefined()
  expect(await app.db.selectFrom('suppression').selectAll().execute()).toEqual([])
})
