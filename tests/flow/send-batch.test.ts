import { expect, test } from 'vitest'
import { resume } from '../../src/flow/control.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { attemptsOf, listDeliveries } from '../../src/ledger/search.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import {
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  startWorkers,
  testApp,
  type TestApp,
  type TestAppOptions,
} from '../support/app.ts'
import { testRelay, type Behaviour, type TestRelay } from '../support/relay.ts'

/** A released edition whose mail goes to the relay: allow-listed, as in an environment that is not production. */
async function releasedTo(
  relay: TestRelay,
  options: TestAppOptions = {},
): Promise<{ app: TestApp; editionId: number }> {
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org', ...options.env }
  const app = await testApp({ ...options, env })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  return { app, editionId: id }
}

const deliveriesOf = async (app: TestApp, editionId: number) =>
  listDeliveries(app.db, { editionId, limit: 1_000 })

const answer = (at: 'rcpt' | 'data', line: string): Behaviour => ({ kind: 'answer', at, line })

test('each recipient gets one message, greeted by name, with a Message-ID that leads back to its delivery', async () => {
  const relay = await testRelay()
  const { app, editionId } = await releasedTo(relay)
  await sendBatch(app.engine, editionId, 1)
  const deliveries = await deliveriesOf(app, editionId)
  expect(relay.taken.map((message) => message.to)).toEqual(
    deliveries.map((delivery) => delivery.address),
  )
  for (const [index, message] of relay.taken.entries()) {
    const delivery = deliveries[index]!
    const [attempt] = await attemptsOf(app.db, delivery.id)
    expect(message.messageId).toContain(`.${delivery.id}.`)
    expect(attempt).toMatchObject({
      outcome: 'accepted',
      smtpCode: 250,
      messageId: message.messageId,
    })
    expect(message.text).toContain(`Persona ${index + 1}`)
  }
  const edition = await editionNow(app, editionId)
  expect(edition.state).toBe('sent')
  expect(edition.firstAcceptedAt!.getTime()).toBeGreaterThanOrEqual(fridayAt15.getTime())
})

test('answers become states: 4xx is deferred, 5xx about the mailbox is rejected, any other 5xx is failed', async () => {
  const answers: Record<string, Behaviour> = {
    'persona1@example.org': answer('rcpt', '450 4.2.0 greylisted'),
    'persona2@example.org': answer('rcpt', '550 5.1.1 no such user'),
    'persona3@example.org': answer('rcpt', '554 5.7.1 relay access denied'),
    'persona4@example.org': answer('data', '552 5.3.4 message too big'),
    'persona5@example.org': answer('rcpt', '550 no such user'),
    'persona6@example.org': answer('data', '451 4.3.0 try later'),
  }
  const relay = await testRelay((address) => answers[address] ?? { kind: 'accept' })
  const { app, editionId } = await releasedTo(relay, { recipients: 7 })
  await sendBatch(app.engine, editionId, 1)
  const states = (await deliveriesOf(app, editionId)).map((delivery) => [
    delivery.state,
    delivery.reason,
  ])
  expect(states).toEqual([
    ['deferred', '450 4.2.0 greylisted'],
    ['rejected', '550 5.1.1 no such user'],
    ['failed', '554 5.7.1 relay access denied'],
    ['failed', '552 5.3.4 message too big'],
    ['rejected', '550 no such user'],
    ['deferred', '451 4.3.0 try later'],
    ['accepted', null],
  ])
  expect((await editionNow(app, editionId)).state).toBe('sending')
})

test('a temporary failure is tried again when its time comes, not before, with the same Message-ID', async () => {
  const relay = await testRelay(() => answer('data', '451 4.3.0 try later'))
  const { app, editionId } = await releasedTo(relay, { recipients: 1 })
  await sendBatch(app.engine, editionId, 1)
  relay.behave = () => ({ kind: 'accept' })
  await sendBatch(app.engine, editionId, 1)
  expect(relay.taken).toHaveLength(0)
  app.clock.advance(61_000)
  await startWorkers(app)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, editionId),
    ({ state }) => state === 'sent',
  )
  const [delivery] = await deliveriesOf(app, editionId)
  const attempts = await attemptsOf(app.db, delivery!.id)
  expect(attempts.map((attempt) => attempt.outcome)).toEqual(['deferred', 'accepted'])
  expect(new Set(attempts.map((attempt) => attempt.messageId)).size).toBe(1)
  expect(delivery).toMatchObject({ state: 'accepted', attempts: 2 })
})

test('a delivery that never stops failing is given up as failed, and staff hear of it', async () => {
  const relay = await testRelay(() => answer('rcpt', '450 4.2.1 busy'))
  const { app, editionId } = await releasedTo(relay, { recipients: 1 })
  for (let attempt = 0; attempt < 9; attempt++) {
    await sendBatch(app.engine, editionId, 1)
    app.clock.advance(9 * 3_600_000)
  }
  const [delivery] = await deliveriesOf(app, editionId)
  expect(delivery).toMatchObject({ state: 'failed', attempts: 9 })
  expect((await editionNow(app, editionId)).state).toBe('sent')
  await plan(app.engine)
  const notices = await app.db.selectFrom('notice').select(['kind', 'subject', 'state']).execute()
  expect(notices[0]).toEqual({
    kind: 'finished-with-failures',
    subject: 'Concluido con fallos (1): Boletín Electoral 2026-W48',
    state: 'sent',
  })
})

test('a connection that drops before DATA is deferred; after the final dot it is unknown and never sent again', async () => {
  const behaviours: Record<string, Behaviour> = {
    'persona1@example.org': { kind: 'drop', at: 'rcpt' },
    'persona2@example.org': { kind: 'drop', at: 'dot' },
  }
  const relay = await testRelay((address) => behaviours[address] ?? { kind: 'accept' })
  const { app, editionId } = await releasedTo(relay)
  await sendBatch(app.engine, editionId, 1)
  const [first, second, third] = await deliveriesOf(app, editionId)
  expect([first!.state, second!.state, third!.state]).toEqual(['deferred', 'unknown', 'accepted'])
  relay.behave = () => ({ kind: 'accept' })
  app.clock.advance(61_000)
  await sendBatch(app.engine, editionId, 1)
  await plan(app.engine)
  expect(relay.taken.map((message) => message.to).toSorted()).toEqual([
    'persona1@example.org',
    'persona2@example.org',
    'persona3@example.org',
  ])
  expect(await totalsOf(app.db, editionId)).toMatchObject({ accepted: 2, unknown: 1 })
})

test('a relay that is not there costs no delivery an attempt', async () => {
  const relay = await testRelay()
  const { app, editionId } = await releasedTo(relay)
  app.engine.outbox = undefined
  await relay.close()
  const toRelay = {
    ...app.engine,
    config: { ...app.engine.config, environment: 'production' as const },
  }
  await expect(sendBatch(toRelay, editionId, 1)).rejects.toThrow('is not available')
  const deliveries = await deliveriesOf(app, editionId)
  expect(deliveries.map((delivery) => [delivery.state, delivery.attempts])).toEqual(
    deliveries.map(() => ['pending', 0]),
  )
})

test('outside production only allow-listed addresses reach the relay; all else stays in the outbox', async () => {
  const relay = await testRelay()
  const { app, editionId } = await releasedTo(relay, {
    env: { MAIL_ALLOWLIST: 'persona2@example.org' },
  })
  await sendBatch(app.engine, editionId, 1)
  expect(relay.taken.map((message) => message.to)).toEqual(['persona2@example.org'])
  expect(app.outbox?.count()).toBe(2)
})

test('a worker whose lease has passed writes no DATA', async () => {
  const relay = await testRelay()
  const { app, editionId } = await releasedTo(relay, { recipients: 1 })
  let asked = 0
  // it holds when the conversation begins, and no more when DATA would be written
  const lease = { ...app.engine.lease, holds: () => ++asked === 1 }
  const frozen = { ...app.engine, lease }
  await sendBatch(frozen, editionId, 1)
  expect(relay.taken).toHaveLength(0)
  expect(await totalsOf(app.db, editionId)).toMatchObject({ deferred: 1 })
})

test('two workers on one batch mail nobody twice', async () => {
  const relay = await testRelay()
  const { app, editionId } = await releasedTo(relay, { recipients: 60 })
  await Promise.all([1, 2, 3, 4].map(() => sendBatch(app.engine, editionId, 1)))
  expect(relay.taken).toHaveLength(60)
  expect(new Set(relay.taken.map((message) => message.messageId)).size).toBe(60)
})

/** So much fails that it pauses by itself: somebody says go on, each time. */
async function sendAll(app: TestApp, editionId: number, batches: number[]): Promise<void> {
  for (;;) {
    await Promise.all(batches.map((batch) => sendBatch(app.engine, editionId, batch)))
    if ((await editionNow(app, editionId)).state !== 'paused') return
    await resume(app.engine, app.luis, editionId)
  }
}

test('totals reconcile at every moment of a dispatch with every kind of outcome', async () => {
  const lines = ['250', '450 4.2.0 later', '550 5.1.1 nobody', '554 5.7.1 no']
  const relay = await testRelay((address) => {
    const index = Number(/\d+/.exec(address)?.[0] ?? 0) % 5
    if (index === 4) return { kind: 'drop', at: 'dot' }
    return index === 0 ? { kind: 'accept' } : answer('rcpt', lines[index]!)
  })
  const { app, editionId } = await releasedTo(relay, { recipients: 250 })
  const sending = sendAll(app, editionId, [1, 2, 3])
  const state = { finished: false }
  void sending.finally(() => (state.finished = true))
  while (!state.finished) {
    expect(recipientsOf(await totalsOf(app.db, editionId))).toBe(250)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await sending
  const counted = await app.db
    .selectFrom('delivery')
    .select(['state', ({ fn }) => fn.countAll<number>().as('n')])
    .groupBy('state')
    .execute()
  const totals = await totalsOf(app.db, editionId)
  expect(Object.fromEntries(counted.map((row) => [row.state, row.n]))).toEqual({
    accepted: 50,
    deferred: 50,
    rejected: 50,
    failed: 50,
    unknown: 50,
  })
  expect(totals).toMatchObject({
    accepted: 50,
    deferred: 50,
    rejected: 50,
    failed: 50,
    unknown: 50,
  })
})

test('pruning the deliveries of a sent edition changes no total', async () => {
  const { app, editionId } = await releasedTo(await testRelay())
  await sendBatch(app.engine, editionId, 1)
  const before = await totalsOf(app.db, editionId)
  await app.db.deleteFrom('delivery').where('editionId', '=', editionId).execute()
  expect(await totalsOf(app.db, editionId)).toEqual(before)
  expect(before.accepted).toBe(3)
})
