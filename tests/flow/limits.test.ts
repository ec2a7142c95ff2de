/** The limits of senders while editions are on their way, by several workers at once on one database. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { release } from '../../src/flow/release.ts'
import { changeLimits } from '../../src/flow/sender-limits.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { endLease, registerWorker } from '../../src/ledger/claims.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import { eventually, startWorkers } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import {
  besides,
  concluded,
  dispatchTo,
  mostInASecond,
  timesTaken,
  workAll,
} from '../support/dispatch.ts'
import { testRelay } from '../support/relay.ts'

const limits = (rate: number, connections: number) => ({
  SENDER_ADMIN_RATE_PER_SECOND: String(rate),
  SENDER_ADMIN_CONNECTIONS: String(connections),
})

test('messages per second are held over all workers', async () => {
  const env = limits(40, 20)
  const dispatch = await dispatchTo(await testRelay(), { env, recipients: 200 })
  await workAll([dispatch.app, await besides(dispatch, { env }), await besides(dispatch, { env })])
  expect(await concluded(dispatch)).toMatchObject({ accepted: 200 })
  const { relay } = dispatch
  expect(timesTaken(relay)).toEqual({ messages: 200, people: 200 })
  const seconds = (relay.taken.at(-1)!.atMs - relay.taken[0]!.atMs) / 1_000
  expect(199 / seconds).toBeLessThan(42)
  expect(199 / seconds).toBeGreaterThan(32)
  expect(mostInASecond(relay)).toBeLessThan(50)
})

test('a rate that is changed on the way holds at once, and no count breaks', async () => {
  const env = limits(20, 10)
  const dispatch = await dispatchTo(await testRelay(), { env, recipients: 300 })
  const { app, relay, id } = dispatch
  await workAll([app, await besides(dispatch, { env })])
  await eventually(
    async () => relay.taken.length,
    (taken) => taken > 20,
  )
  await changeLimits(app.engine, app.luis, 'admin', { messagesPerSecond: 80 })
  await sleep(500)
  const raisedMs = performance.now()
  await sleep(2_000)
  const loweredMs = performance.now()
  await changeLimits(app.engine, app.luis, 'admin', { messagesPerSecond: 5 })
  await sleep(1_000)
  const slowMs = performance.now()
  await sleep(3_000)
  const arrived = (fromMs: number, toMs: number) =>
    relay.taken.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length
  expect(arrived(raisedMs, loweredMs)).toBeGreaterThan(110)
  expect(arrived(raisedMs, loweredMs)).toBeLessThan(185)
  expect(arrived(slowMs, slowMs + 3_000)).toBeGreaterThan(9)
  expect(arrived(slowMs, slowMs + 3_000)).toBeLessThan(19)
  expect(recipientsOf(await totalsOf(app.db, id))).toBe(300)
  await changeLimits(app.engine, app.luis, 'admin', { messagesPerSecond: 10_000 })
  expect(await concluded(dispatch)).toMatchObject({ accepted: 300 })
  expect(timesTaken(relay)).toEqual({ messages: 300, people: 300 })
})

test('the relay never sees more conversations than the limit, and sees them all used', async () => {
  const env = limits(10_000, 3)
  const dispatch = await dispatchTo(await testRelay(), { env, recipients: 1_500 })
  await workAll([dispatch.app, await besides(dispatch, { env }), await besides(dispatch, { env })])
  expect(await concluded(dispatch)).toMatchObject({ accepted: 1_500 })
  expect(timesTaken(dispatch.relay)).toEqual({ messages: 1_500, people: 1_500 })
  expect(dispatch.relay.mostOpen).toBe(3)
})

test('a lowered limit closes conversations within a message, a raised one opens them again', async () => {
  const env = limits(100, 6)
  const dispatch = await dispatchTo(await testRelay(), { env, recipients: 1_500 })
  const { app, relay } = dispatch
  await workAll([app, await besides(dispatch, { env })])
  await eventually(
    async () => relay.open(),
    (open) => open === 6,
  )
  await changeLimits(app.engine, app.luis, 'admin', { connections: 2 })
  await eventually(
    async () => relay.open(),
    (open) => open <= 2,
    2_000,
  )
  relay.mostOpen = 0
  await sleep(1_000)
  expect(relay.mostOpen).toBeLessThanOrEqual(2)
  await changeLimits(app.engine, app.luis, 'admin', { connections: 5 })
  await eventually(
    async () => relay.open(),
    (open) => open === 5,
    8_000,
  )
  await changeLimits(app.engine, app.luis, 'admin', { messagesPerSecond: 10_000 })
  expect(await concluded(dispatch)).toMatchObject({ accepted: 1_500 })
  expect(timesTaken(relay)).toEqual({ messages: 1_500, people: 1_500 })
})

test('the conversations of a worker that died are for others once its lease has passed', async () => {
  const dispatch = await dispatchTo(await testRelay(), { env: limits(10_000, 1) })
  const { app, id } = dispatch
  const dead = crypto.randomUUID()
  await registerWorker(app.db, dead, 60_000)
  await app.db
    .insertInto('connectionSlot')
    .values({ sender: 'admin', slot: 1, workerId: dead })
    .execute()
  const sending = sendBatch(app.engine, id, 1)
  await sleep(800)
  expect(dispatch.relay.taken).toHaveLength(0)
  await endLease(app.db, dead)
  await sending
  expect(dispatch.relay.taken).toHaveLength(3)
})

test('a sender that waits for its limits keeps no other sender waiting', async () => {
  const other = { ...boletinElectoral, slug: 'boletin-dvoe', sender: 'dvoe' as const }
  const publications = [boletinElectoral, other]
  // more batches than there are places, each of which takes a minute
  const slow = await dispatchTo(await testRelay(), {
    env: limits(1, 2),
    recipients: 700,
    publications,
  })
  const { app, relay } = slow
  await startWorkers(app, 5)
  await eventually(
    async () => relay.taken.length,
    (taken) => taken > 0,
  )
  const text = boletinYaml().replace(/^tipo: .*$/m, 'tipo: boletin-dvoe')
  const { id } = await addContent(app.engine, app.ana, { text, place: 'otro.yaml' })
  await markReady(app.engine, app.ana, id)
  const begunMs = performance.now()
  await release(app.engine, id)
  await concluded({ app, relay, id }, { timeoutMs: 20_000 })
  expect(performance.now() - begunMs).toBeLessThan(20_000)
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 700 })
  expect((await totalsOf(app.db, slow.id)).pending).toBeGreaterThan(600)
})
