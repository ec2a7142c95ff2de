import { expect, test } from 'vitest'
import { limitSender } from '../../src/dispatch/sender-pace.ts'
import { cancel } from '../../src/flow/approve.ts'
import { blockPerson, erasePerson } from '../../src/flow/cancel-person.ts'
import { pause, resend, resume } from '../../src/flow/control.ts'
import { leave } from '../../src/flow/leave-lists.ts'
import { rectify } from '../../src/flow/person.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { resolveUnknown } from '../../src/flow/resolve-unknown.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { claimDeliveries, reapExpired, registerWorker } from '../../src/ledger/claims.ts'
import { recordOutcomes, type OutcomeRow } from '../../src/ledger/outcomes.ts'
import { progressOf } from '../../src/ledger/progress.ts'
import { attemptsOf, listDeliveries } from '../../src/ledger/search.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf, type Outcome } from '../../src/states.ts'
import {
  addTestUser,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { testRelay, type Behaviour, type TestRelay } from '../support/relay.ts'

const accept: Behaviour = { kind: 'accept' }
const says = (line: string): Behaviour => ({ kind: 'answer', at: 'rcpt', line })
const refuses = says('554 5.7.1 relay access denied')
const takesAndIsGone: Behaviour = { kind: 'drop', at: 'dot' }

interface Sent {
  app: TestApp
  relay: TestRelay
  id: number
}

/** Released; sent by hand. */
async function released(
  behave: (address: string) => Behaviour = () => accept,
  recipients = 3,
): Promise<Sent> {
  const relay = await testRelay(behave)
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env, recipients })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  return { app, relay, id }
}

const byAddress =
  (behaviours: Record<string, Behaviour>) =>
  (address: string): Behaviour =>
    behaviours[address] ?? accept

async function sent(behaviours: Record<string, Behaviour>, recipients = 3): Promise<Sent> {
  const dispatch = await released(byAddress(behaviours), recipients)
  await sendBatch(dispatch.app.engine, dispatch.id, 1)
  return dispatch
}

const statesOf = async ({ app, id }: Sent) =>
  (await listDeliveries(app.db, { editionId: id, limit: 100 })).map(({ state }) => state)

const takenBy = ({ relay }: Sent) => relay.taken.map(({ to }) => to).toSorted()

const auditOf = async ({ app, id }: Sent, act: string) => {
  const rows = await app.db
    .selectFrom('auditLog')
    .select(['userId', 'detail'])
    .where('subject', '=', `edition ${id}`)
    .where('act', '=', act)
    .execute()
  return rows
}

const deliveryTo = async ({ app, id }: Sent, address: string) => {
  const rows = await listDeliveries(app.db, { editionId: id, limit: 100 })
  return rows.find((row) => row.address === address)!
}

const contactOf = async ({ app }: Sent, address: string) =>
  app.db.selectFrom('contact').select('id').where('address', '=', address).executeTakeFirstOrThrow()

const one = 'persona1@example.org'
const two = 'persona2@example.org'

test('what is paused takes nothing more in hand, what was in hand gets its outcome, and it goes on to each once', async () => {
  const dispatch = await released(() => accept, 5)
  const { app, relay, id } = dispatch
  // slow enough to be stopped in the middle
  await limitSender(app.db, { slug: 'admin' }, { messagesPerSecond: 2 })
  const sending = sendBatch(app.engine, id, 1)
  await eventually(
    async () => relay.taken.length,
    (taken) => taken === 2,
  )
  const paused = await pause(app.engine, app.luis, id, 'Revisar un dato')
  expect(paused).toMatchObject({ state: 'paused', stateReason: 'Revisar un dato' })
  await sending
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 2, pending: 3, sending: 0 })
  await sendBatch(app.engine, id, 1)
  await plan(app.engine)
  expect(relay.taken).toHaveLength(2)

  await limitSender(app.db, { slug: 'admin' }, undefined)
  // a second click, and the latest start long gone
  await pause(app.engine, app.luis, id, 'Otra vez')
  app.clock.advance(30 * 24 * 3_600_000)
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'paused',
    stateReason: 'Revisar un dato',
  })
  await startWorkers(app)
  await Promise.all([resume(app.engine, app.luis, id), resume(app.engine, app.luis, id)])
  await eventually(
    () => editionNow(app, id),
    ({ state }) => state === 'sent',
  )
  expect(takenBy(dispatch)).toEqual([1, 2, 3, 4, 5].map((n) => `persona${n}@example.org`))
  expect(await auditOf(dispatch, 'pause')).toEqual([
    {
      userId: app.luis.id,
      detail: { reason: 'Revisar un dato', from: 'sending', to: 'paused' },
    },
  ])
  expect(await auditOf(dispatch, 'resume')).toHaveLength(1)
})

test('a row in hand while it is paused keeps its outcome, and one with nothing left concludes when resumed', async () => {
  const dispatch = await released(() => accept, 1)
  const { app, id } = dispatch
  const { claim, row } = await claimed(dispatch)
  await pause(app.engine, app.luis, id, 'Un momento')
  await recordOutcomes(app.db, id, claim, [outcome(row, 'accepted')])
  expect(await statesOf(dispatch)).toEqual(['accepted'])
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({ state: 'paused' })
  expect(await resume(app.engine, app.luis, id)).toMatchObject({ state: 'sending' })
  expect(await editionNow(app, id)).toMatchObject({ state: 'sent', stateReason: null })
})

test('cancelling what is paused cancels the rest, and what was in hand gets its outcome all the same', async () => {
  const dispatch = await released(() => accept, 3)
  const { app, id } = dispatch
  const { claim, row } = await claimed(dispatch)
  await pause(app.engine, app.luis, id, 'Un momento')
  await cancel(app.engine, app.luis, id, 'No va')
  expect(await statesOf(dispatch)).toEqual(['sending', 'cancelled', 'cancelled'])
  await recordOutcomes(app.db, id, claim, [outcome(row, 'accepted')])
  expect(await statesOf(dispatch)).toEqual(['accepted', 'cancelled', 'cancelled'])
  await expect(resume(app.engine, app.luis, id)).rejects.toThrow('no se puede reanudar')
})

test.each([
  ['', 'está vacío'],
  ['  ', 'está vacío'],
  ['a'.repeat(301), 'tiene 301 caracteres'],
  ['a\nb', 'saltos de línea'],
  ['a\0b', 'caracteres de control'],
])('a pause for no good reason (%j) is refused and changes nothing', async (reason, told) => {
  const dispatch = await released()
  await expect(pause(dispatch.app.engine, dispatch.app.luis, dispatch.id, reason)).rejects.toThrow(
    told,
  )
  expect(await editionNow(dispatch.app, dispatch.id)).toMatchObject({ state: 'sending' })
})

test('who does not operate controls nothing', async () => {
  const dispatch = await sent({ [one]: refuses, [two]: takesAndIsGone })
  const { app, id } = dispatch
  const eva = await addTestUser(app, 'eva', ['capturista', 'aprobacion', 'privacidad', 'consulta'])
  const acts = [
    () => pause(app.engine, eva, id, 'x'),
    () => resume(app.engine, eva, id),
    () => resend(app.engine, eva, id),
    () => resolveUnknown(app.engine, eva, id, { as: 'accept' }),
  ]
  for (const act of acts) await expect(act()).rejects.toThrow('edition.control')
  expect(await statesOf(dispatch)).toEqual(['failed', 'unknown', 'accepted'])
})

test('only what failed for technical reasons is sent again, and the edition keeps its date and concludes again', async () => {
  const dispatch = await sent(
    {
      [one]: refuses,
      [two]: takesAndIsGone,
      'persona3@example.org': says('550 5.1.1 no such user'),
    },
    4,
  )
  const { app, relay, id } = dispatch
  const before = await editionNow(app, id)
  expect(before.state).toBe('sent')
  relay.behave = () => accept
  relay.taken.length = 0
  app.clock.advance(3_600_000)
  const resent = await resend(app.engine, app.luis, id)
  expect(resent).toMatchObject({
    requeued: 1,
    withheld: 0,
    edition: { state: 'sending', closedAt: null },
  })
  await sendBatch(app.engine, id, 1)
  expect(takenBy(dispatch)).toEqual([one])
  expect(await statesOf(dispatch)).toEqual(['accepted', 'unknown', 'rejected', 'accepted'])
  const after = await editionNow(app, id)
  expect(after).toMatchObject({ state: 'sent', firstAcceptedAt: before.firstAcceptedAt })
  expect(after.closedAt!.getTime()).toBeGreaterThan(before.closedAt!.getTime())
  const { id: deliveryId } = await deliveryTo(dispatch, one)
  expect((await attemptsOf(app.db, deliveryId)).map((attempt) => attempt.outcome)).toEqual([
    'failed',
    'accepted',
  ])
  expect(await auditOf(dispatch, 'resend')).toMatchObject([
    {
      userId: app.luis.id,
      detail: {
        requeued: 1,
        from: { state: 'sent', failed: 1, rejected: 1 },
        to: { state: 'sending' },
      },
    },
  ])

  relay.taken.length = 0
  app.clock.advance(1_000)
  await expect(resend(app.engine, app.luis, id)).rejects.toThrow('no tiene fallos técnicos')
  expect(await editionNow(app, id)).toMatchObject({ state: 'sent', closedAt: after.closedAt })
  expect(await resend(app.engine, app.luis, id, { rejected: true })).toMatchObject({ requeued: 1 })
  await sendBatch(app.engine, id, 1)
  expect(takenBy(dispatch)).toEqual(['persona3@example.org'])
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 3, unknown: 1 })
})

test('a second click of the same page sends nothing again, whether it is on its way or failed once more', async () => {
  const dispatch = await sent({ [one]: refuses })
  const { app, id } = dispatch
  app.clock.advance(60_000)
  const seenAt = app.clock.now()
  app.clock.advance(1_000)
  expect(await resend(app.engine, app.luis, id, { seenAt })).toMatchObject({ requeued: 1 })
  expect(await resend(app.engine, app.luis, id, { seenAt })).toMatchObject({ requeued: 0 })
  app.clock.advance(1_000)
  await sendBatch(app.engine, id, 1)
  expect((await editionNow(app, id)).state).toBe('sent')
  expect(await resend(app.engine, app.luis, id, { seenAt })).toMatchObject({ requeued: 0 })
  expect((await editionNow(app, id)).state).toBe('sent')
  expect(await auditOf(dispatch, 'resend')).toHaveLength(1)
})

test('staff hear of each time that it concludes with failures, and how to go on', async () => {
  const dispatch = await sent({ [one]: refuses })
  const { app, id } = dispatch
  app.clock.advance(60_000)
  await resend(app.engine, app.luis, id)
  await sendBatch(app.engine, id, 1)
  const notices = await app.db
    .selectFrom('notice')
    .select(['subject', 'plainText'])
    .where('address', '=', app.luis.email)
    .execute()
  expect(notices).toHaveLength(2)
  expect(notices[1]!.plainText).toContain(`pregonero edition resend ${id}`)
})

test('what was tried nine times begins its retries again when it is sent again', async () => {
  const dispatch = await released(() => says('450 4.2.1 busy'), 1)
  const { app, id } = dispatch
  for (let attempt = 0; attempt < 9; attempt++) {
    await sendBatch(app.engine, id, 1)
    app.clock.advance(9 * 3_600_000)
  }
  expect(await statesOf(dispatch)).toEqual(['failed'])
  await resend(app.engine, app.luis, id)
  await sendBatch(app.engine, id, 1)
  const row = await deliveryTo(dispatch, one)
  expect(row).toMatchObject({ state: 'deferred', attempts: 10 })
  expect(row.nextAttemptAt!.getTime() - app.clock.now().getTime()).toBeLessThanOrEqual(61_000)
})

test('who left, was erased or has another address since is not mailed where they were', async () => {
  const three = 'persona3@example.org'
  const dispatch = await sent({ [one]: refuses, [two]: refuses, [three]: refuses }, 4)
  const { app, relay, id } = dispatch
  const { id: contactId } = await contactOf(dispatch, one)
  await leave(app.engine, contactId, [await listId(app)], { origin: 'prueba' })
  const eva = await addTestUser(app, 'eva', ['privacidad'])
  await blockPerson(app.engine, eva, two, 'lo pidió')
  await erasePerson(app.engine, eva, two, { reason: 'lo pidió', now: true })
  await rectify(app.engine, eva, three, { address: 'nueva@example.org' }, 'cambió')
  relay.behave = () => accept
  relay.taken.length = 0
  expect(await resend(app.engine, app.luis, id)).toMatchObject({ requeued: 1, withheld: 2 })
  await sendBatch(app.engine, id, 1)
  expect(takenBy(dispatch)).toEqual(['nueva@example.org'])
  // what became of the others then is still true
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 2, failed: 2, suppressed: 0 })
  expect((await editionNow(app, id)).state).toBe('sent')
  expect(await auditOf(dispatch, 'resend')).toMatchObject([
    { detail: { requeued: 1, withheld: 2, from: { failed: 3 } } },
  ])
})

test('when all who failed have left since, nothing is sent again, and that is why', async () => {
  const dispatch = await sent({ [one]: refuses, [two]: takesAndIsGone })
  const { app, id } = dispatch
  const before = { edition: await editionNow(app, id), totals: await totalsOf(app.db, id) }
  for (const address of [one, two])
    await leave(app.engine, (await contactOf(dispatch, address)).id, [await listId(app)], {
      origin: 'prueba',
    })
  app.clock.advance(60_000)
  await expect(resend(app.engine, app.luis, id, { seenAt: app.clock.now() })).rejects.toThrow(
    'la persona a quien iba dejó sus listas',
  )
  await expect(
    resolveUnknown(app.engine, app.luis, id, { as: 'resend', acceptsDuplicates: true }),
  ).rejects.toThrow('dejó sus listas')
  expect({ edition: await editionNow(app, id), totals: await totalsOf(app.db, id) }).toEqual(before)
  expect(await auditOf(dispatch, 'resend')).toEqual([])
  // what nobody knows of is still said by a person
  await resolveUnknown(app.engine, app.luis, id, { as: 'drop' })
  expect(await totalsOf(app.db, id)).toMatchObject({ failed: 2, unknown: 0 })
})

test('who leaves between the click and the sending is not mailed', async () => {
  const dispatch = await sent({ [one]: refuses })
  const { app, relay, id } = dispatch
  relay.behave = () => accept
  relay.taken.length = 0
  await resend(app.engine, app.luis, id)
  const { id: contactId } = await contactOf(dispatch, one)
  await leave(app.engine, contactId, [await listId(app)], { origin: 'prueba' })
  await sendBatch(app.engine, id, 1)
  expect(relay.taken).toEqual([])
})

test('what is unknown is sent again only with a word that accepts duplicates, and then closes its edition', async () => {
  const dispatch = await sent({ [one]: takesAndIsGone })
  const { app, relay, id } = dispatch
  relay.behave = () => accept
  await expect(resolveUnknown(app.engine, app.luis, id, { as: 'resend' })).rejects.toThrow(
    'puede repetirlo',
  )
  expect(await statesOf(dispatch)).toEqual(['unknown', 'accepted', 'accepted'])
  const given = { as: 'resend', acceptsDuplicates: true, reason: 'El relay no lo vio' } as const
  expect(await resolveUnknown(app.engine, app.luis, id, given)).toMatchObject({
    resolved: 1,
    edition: { state: 'sending' },
  })
  await sendBatch(app.engine, id, 1)
  expect(takenBy(dispatch)).toEqual([one, one, two, 'persona3@example.org'])
  expect(new Set(relay.taken.map(({ messageId }) => messageId)).size).toBe(3)
  expect(await editionNow(app, id)).toMatchObject({ state: 'sent' })
  expect(await auditOf(dispatch, 'resolve')).toEqual([
    {
      userId: app.luis.id,
      detail: {
        as: 'resend',
        resolved: 1,
        withheld: 0,
        reason: 'El relay no lo vio',
        from: { state: 'sent', unknown: 1 },
        to: { state: 'sending', unknown: 0 },
      },
    },
  ])
})

test('what a person accepts is accepted, says who said so, and gives the edition its date', async () => {
  const dispatch = await sent({ [one]: takesAndIsGone }, 1)
  const { app, id } = dispatch
  const was = await deliveryTo(dispatch, one)
  expect((await editionNow(app, id)).firstAcceptedAt).toBeNull()
  app.clock.advance(3_600_000)
  await resolveUnknown(app.engine, app.luis, id, { as: 'accept', reason: 'Está en su bitácora' })
  expect(await deliveryTo(dispatch, one)).toMatchObject({
    state: 'accepted',
    reason: 'Dado por aceptado por Luis: Está en su bitácora',
  })
  expect(await editionNow(app, id)).toMatchObject({
    state: 'sent',
    firstAcceptedAt: was.updatedAt,
  })
  await expect(resolveUnknown(app.engine, app.luis, id, { as: 'accept' })).rejects.toThrow(
    'ninguna de esas entregas',
  )
})

test('what a person gives up is never sent again as a failure', async () => {
  const dispatch = await sent({ [one]: takesAndIsGone, [two]: refuses })
  const { app, relay, id } = dispatch
  const { id: deliveryId } = await deliveryTo(dispatch, one)
  await resolveUnknown(app.engine, app.luis, id, { as: 'drop', deliveries: [deliveryId] })
  expect(await deliveryTo(dispatch, one)).toMatchObject({
    state: 'failed',
    reason: 'Dado por no aceptado por Luis',
  })
  relay.behave = () => accept
  relay.taken.length = 0
  expect(await resend(app.engine, app.luis, id, { rejected: true })).toMatchObject({ requeued: 1 })
  await sendBatch(app.engine, id, 1)
  expect(takenBy(dispatch)).toEqual([two])
})

test('only those that were named, were seen and are of the edition are resolved', async () => {
  const dispatch = await sent({ [one]: takesAndIsGone, [two]: takesAndIsGone })
  const { app, id } = dispatch
  const first = await deliveryTo(dispatch, one)
  const other = await deliveryTo(dispatch, two)
  // the clock stands still, and conversations of a few milliseconds end in any order
  const before = new Date(Math.min(first.updatedAt.getTime(), other.updatedAt.getTime()) - 1)
  const all = { as: 'accept' } as const
  expect(await resolveUnknown(app.engine, app.luis, id, { ...all, seenAt: before })).toMatchObject({
    resolved: 0,
  })
  expect(await auditOf(dispatch, 'resolve')).toEqual([])
  const third = await deliveryTo(dispatch, 'persona3@example.org')
  const named = { ...all, deliveries: [first.id, third.id, 999_999] }
  expect(await resolveUnknown(app.engine, app.luis, id, named)).toMatchObject({ resolved: 1 })
  expect(await statesOf(dispatch)).toEqual(['accepted', 'unknown', 'accepted'])
})

test('of a paused edition the unknown waits with the rest, of a cancelled one nothing leaves any more', async () => {
  const dispatch = await released(byAddress({ [one]: takesAndIsGone }), 2)
  const { app, relay, id } = dispatch
  const { claim } = await claimed(dispatch, 2)
  await app.db
    .updateTable('worker')
    .set({ leaseUntil: new Date(0) })
    .where('id', '=', claim)
    .execute()
  await reapExpired(app.db, app.clock.now())
  await pause(app.engine, app.luis, id, 'x')
  const { id: deliveryId } = await deliveryTo(dispatch, one)
  const again = { as: 'resend', acceptsDuplicates: true } as const
  await resolveUnknown(app.engine, app.luis, id, { ...again, deliveries: [deliveryId] })
  await sendBatch(app.engine, id, 1)
  expect(relay.taken).toEqual([])
  expect(await statesOf(dispatch)).toEqual(['pending', 'unknown'])
  await cancel(app.engine, app.luis, id, 'No va')
  await expect(resolveUnknown(app.engine, app.luis, id, again)).rejects.toThrow(
    'no se puede reenviar: está cancelada',
  )
  await resolveUnknown(app.engine, app.luis, id, { as: 'drop' })
  expect(await statesOf(dispatch)).toEqual(['cancelled', 'failed'])
})

/** A worker took one, froze, and its lease passed: nobody knows. It will wake up with an answer. */
async function frozenWorker(): Promise<Sent & { claim: string; row: Claimed }> {
  const dispatch = await released(() => accept, 1)
  const { claim, row } = await claimed(dispatch)
  const { app } = dispatch
  await app.db
    .updateTable('worker')
    .set({ leaseUntil: new Date(0) })
    .where('id', '=', claim)
    .execute()
  await reapExpired(app.db, app.clock.now())
  expect(await statesOf(dispatch)).toEqual(['unknown'])
  app.clock.advance(1_000)
  return { ...dispatch, claim, row }
}

const again = { as: 'resend', acceptsDuplicates: true } as const

test('a late acceptance of what a person queued again is kept, and it is not sent a second time', async () => {
  const late = await frozenWorker()
  const { app, relay, id, claim, row } = late
  await resolveUnknown(app.engine, app.luis, id, again)
  await recordOutcomes(app.db, id, claim, [outcome(row, 'accepted')])
  expect(await statesOf(late)).toEqual(['accepted'])
  await sendBatch(app.engine, id, 1)
  expect(relay.taken).toEqual([])
  expect((await editionNow(app, id)).state).toBe('sent')
})

test.each(['deferred', 'failed', 'unknown'] as const)(
  'a late «%s» of what a person queued again leaves it in the queue',
  async (what) => {
    const late = await frozenWorker()
    const { app, id, claim, row } = late
    await resolveUnknown(app.engine, app.luis, id, again)
    await recordOutcomes(app.db, id, claim, [outcome(row, what)])
    expect(await statesOf(late)).toEqual(['pending'])
    await sendBatch(app.engine, id, 1)
    expect(takenBy(late)).toEqual([one])
  },
)

test('a late answer of what another worker has in hand by now changes nothing of it', async () => {
  const late = await frozenWorker()
  const { app, id, claim, row } = late
  await resolveUnknown(app.engine, app.luis, id, again)
  const second = await claimed(late)
  for (const what of ['accepted', 'rejected', 'deferred', 'failed', 'unknown'] as const)
    await recordOutcomes(app.db, id, claim, [outcome(row, what)])
  expect(await statesOf(late)).toEqual(['sending'])
  await recordOutcomes(app.db, id, second.claim, [outcome(second.row, 'failed')])
  expect(await statesOf(late)).toEqual(['failed'])
  // the first one was accepted after all: nothing sends it again
  app.clock.advance(1_000)
  await plan(app.engine)
  await expect(resend(app.engine, app.luis, id)).rejects.toThrow('no tiene fallos técnicos')
})

test('nor does one of the same worker, that is alive and took it once more', async () => {
  const dispatch = await released(() => accept, 1)
  const { app, id } = dispatch
  const first = await claimed(dispatch)
  await recordOutcomes(app.db, id, first.claim, [outcome(first.row, 'unknown')])
  app.clock.advance(1_000)
  await resolveUnknown(app.engine, app.luis, id, again)
  const second = await claimed(dispatch, 1, first.claim)
  expect(second.row.attempts).toBe(2)
  // written already, and written again because its commit was not heard
  await recordOutcomes(app.db, id, first.claim, [outcome(first.row, 'unknown')])
  expect(await statesOf(dispatch)).toEqual(['sending'])
  await recordOutcomes(app.db, id, second.claim, [outcome(second.row, 'accepted')])
  expect(await statesOf(dispatch)).toEqual(['accepted'])
})

test('a late acceptance of what a person gave up is kept; what a person accepted stays so', async () => {
  const dropped = await frozenWorker()
  await resolveUnknown(dropped.app.engine, dropped.app.luis, dropped.id, { as: 'drop' })
  await recordOutcomes(dropped.app.db, dropped.id, dropped.claim, [
    outcome(dropped.row, 'accepted'),
  ])
  expect(await statesOf(dropped)).toEqual(['accepted'])

  const accepted = await frozenWorker()
  await resolveUnknown(accepted.app.engine, accepted.app.luis, accepted.id, { as: 'accept' })
  for (const what of ['accepted', 'rejected', 'deferred', 'failed', 'unknown'] as const)
    await recordOutcomes(accepted.app.db, accepted.id, accepted.claim, [
      outcome(accepted.row, what),
    ])
  expect(await deliveryTo(accepted, one)).toMatchObject({
    state: 'accepted',
    reason: 'Dado por aceptado por Luis',
  })
})

test('late answers and clicks at the same moment leave one state and whole totals', async () => {
  for (let round = 0; round < 5; round++) {
    const late = await frozenWorker()
    const { app, relay, id, claim, row } = late
    await Promise.all([
      recordOutcomes(app.db, id, claim, [outcome(row, 'accepted')]),
      resolveUnknown(app.engine, app.luis, id, again).catch(() => undefined),
      resolveUnknown(app.engine, app.luis, id, again).catch(() => undefined),
    ])
    await sendBatch(app.engine, id, 1)
    expect(relay.taken).toEqual([])
    expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 1 })
    expect(recipientsOf(await totalsOf(app.db, id))).toBe(1)
    await plan(app.engine)
    expect((await editionNow(app, id)).state).toBe('sent')
  }
})

test('clicks, pauses and workers at once mail nobody twice and lose nobody', async () => {
  const dispatch = await released(() => accept, 80)
  const { app, relay, id } = dispatch
  await startWorkers(app)
  for (let round = 0; round < 6; round++) {
    await Promise.all([
      pause(app.engine, app.luis, id, 'x').catch(() => undefined),
      sendBatch(app.engine, id, 1),
      resume(app.engine, app.luis, id).catch(() => undefined),
      plan(app.engine),
    ])
  }
  await resume(app.engine, app.luis, id).catch(() => undefined)
  await eventually(
    async () => {
      await plan(app.engine)
      return editionNow(app, id)
    },
    ({ state }) => state === 'sent',
  )
  expect(relay.taken).toHaveLength(80)
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(80)
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 80 })
})

test('progress says how many, how fast and until when', async () => {
  const dispatch = await released(() => accept, 30)
  const { app, id } = dispatch
  expect(await progressOf(app.db, id, app.clock.now())).toMatchObject({
    perSecond: 0,
    endsAt: undefined,
  })
  for (let tried = 0; tried < 10; tried++) {
    const { claim, row } = await claimed(dispatch)
    await recordOutcomes(app.db, id, claim, [
      { ...outcome(row, 'accepted'), startedAt: app.clock.now() },
    ])
    app.clock.advance(1_000)
  }
  const progress = await progressOf(app.db, id, app.clock.now())
  expect(progress).toMatchObject({ perSecond: 1, totals: { accepted: 10, pending: 20 } })
  expect(progress.endsAt!.getTime() - app.clock.now().getTime()).toBe(20_000)
  app.clock.advance(61_000)
  expect(await progressOf(app.db, id, app.clock.now())).toMatchObject({ perSecond: 0 })
})

interface Claimed {
  id: number
  attempts: number
}

/** The first that is free, by a worker of its own unless one is given; the row of the first of `limit`. */
async function claimed(
  { app, id }: Sent,
  limit = 1,
  claim: string = crypto.randomUUID(),
): Promise<{ claim: string; row: Claimed }> {
  const known = await app.db.selectFrom('worker').select('id').where('id', '=', claim).execute()
  if (known.length === 0) await registerWorker(app.db, claim, 60_000)
  const at = app.clock.now()
  const [row] = await claimDeliveries(app.db, {
    editionId: id,
    batch: 1,
    workerId: claim,
    limit,
    at,
  })
  return { claim, row: row! }
}

function outcome({ id, attempts }: Claimed, what: Outcome): OutcomeRow {
  return {
    deliveryId: id,
    attempts,
    outcome: what,
    phase: 'dot',
    startedAt: fridayAt15,
    durationMs: 1,
    smtpCode: what === 'accepted' ? 250 : undefined,
    smtpText: 'x',
    relay: 'test',
    messageId: '<1@test>',
    nextAttemptAt: what === 'deferred' ? new Date(fridayAt15.getTime() + 60_000) : undefined,
  }
}

async function listId(app: TestApp): Promise<number> {
  const { id } = await app.db
    .selectFrom('list')
    .select('id')
    .where('slug', '=', 'comunidad-iecm')
    .executeTakeFirstOrThrow()
  return id
}
