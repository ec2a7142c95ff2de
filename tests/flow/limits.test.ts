/** The limits of senders while editions are on their way, by several workers at once on one database. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { enqueueBatches, release } from '../../src/flow/release.ts'
import type { Publication } from '../../src/publication.ts'
import { changeLimits } from '../../src/flow/sender-limits.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { endLease, registerWorker } from '../../src/ledger/claims.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import { eventually, mexicoCity, startWorkers } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import {
  besides,
  concluded,
  dispatchTo,
  mostInASecond,
  timesTaken,
  workAll,
  type Dispatch,
} from '../support/dispatch.ts'
import { testRelay } from '../support/relay.ts'

const limits = (rate: number, connections: number) => ({
  SENDER_ADMIN_RATE_PER_SECOND: String(rate),
  SENDER_ADMIN_CONNECTIONS: String(connections),
})

test('messages per second are held over all workers', async () => {
  const env = limits(20, 20)
  const dispatch = await dispatchTo(await testRelay(), { env, recipients: 200 })
  await workAll([dispatch.app, await besides(dispatch, { env }), await besides(dispatch, { env })])
  expect(await concluded(dispatch)).toMatchObject({ accepted: 200 })
  const { relay } = dispatch
  expect(timesTaken(relay)).toEqual({ messages: 200, people: 200 })
  const seconds = (relay.taken.at(-1)!.atMs - relay.taken[0]!.atMs) / 1_000
  expect(199 / seconds).toBeLessThan(21)
  expect(199 / seconds).toBeGreaterThan(15)
  expect(mostInASecond(relay)).toBeLessThan(30)
})

test('a rate that is changed on the way holds at once, and no count breaks', async () => {
  const env = limits(20, 8)
  const dispatch = await dispatchTo(await testRelay(), { env, recipients: 600 })
  const { app, relay, id } = dispatch
  await workAll([app, await besides(dispatch, { env })])
  await eventually(
    async () => relay.taken.length,
    (taken) => taken > 20,
  )
  await changeLimits(app.engine, app.luis, 'admin', { messagesPerSecond: 40 })
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
  expect(arrived(raisedMs, loweredMs)).toBeGreaterThan(55)
  expect(arrived(raisedMs, loweredMs)).toBeLessThan(100)
  expect(arrived(slowMs, slowMs + 3_000)).toBeGreaterThan(9)
  expect(arrived(slowMs, slowMs + 3_000)).toBeLessThan(19)
  expect(recipientsOf(await totalsOf(app.db, id))).toBe(600)
  await changeLimits(app.engine, app.luis, 'admin', { messagesPerSecond: 10_000 })
  expect(await concluded(dispatch)).toMatchObject({ accepted: 600 })
  expect(timesTaken(relay)).toEqual({ messages: 600, people: 600 })
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
  const publications = [boletinElectoral]
  // more batches than there are places, each of which takes a minute
  const env = limits(1, 2)
  const slow = await dispatchTo(await testRelay(), { env, recipients: 700, publications })
  const { app, relay } = slow
  const id = await nextWeeksOf(slow, { ...boletinElectoral, slug: 'otro', sender: 'dvoe' })
  await app.engine.queue.empty()
  await enqueueBatches(app.engine, slow.id)
  await startWorkers(app, 5)
  // what waits for its second does not keep the test waiting
  onTestFinished(() => app.drain())
  await eventually(
    async () => relay.taken.length,
    (taken) => taken > 0,
  )
  await enqueueBatches(app.engine, id)
  expect(await concluded({ app, relay, id })).toMatchObject({ accepted: 700 })
  expect((await totalsOf(app.db, slow.id)).pending).toBeGreaterThan(600)
})

/** Released, and from then on of another publication, whose sender it has. */
async function nextWeeksOf({ app }: Dispatch, other: Publication): Promise<number> {
  const text = boletinYaml({ del: '2026-11-30', al: '2026-12-04' })
  const { id } = await addContent(app.engine, app.ana, { text, place: 'otro.yaml' })
  await markReady(app.engine, app.ana, id)
  app.clock.moveTo(mexicoCity('2026-12-04T15:00'))
  await release(app.engine, id)
  app.engine.publications.push(other)
  await app.db
    .updateTable('edition')
    .set({ publication: other.slug })
    .where('id', '=', id)
    .execute()
  return id
}
