/** Limits as workers take them: each `db` is a connection pool of its own, on one database. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { freeSlot, takeSlot } from '../../src/dispatch/connection-slots.ts'
import {
  giveBackMessages,
  limitSender,
  reserveMessages,
  senderLimits,
} from '../../src/dispatch/sender-pace.ts'
import { endLease, registerWorker } from '../../src/ledger/claims.ts'
import { quietLog, testDatabaseUrl } from '../support/database.ts'

const sender = { slug: 'admin' as const, ratePerSecond: 100, connections: 3 }

async function pools(count: number): Promise<Db[]> {
  const url = await testDatabaseUrl()
  const all: Db[] = []
  for (let i = 0; i < count; i++) {
    const db = await openDatabase(url, quietLog, { connections: 4 })
    onTestFinished(() => db.destroy())
    all.push(db)
  }
  return all
}

async function worker(db: Db): Promise<string> {
  const id = crypto.randomUUID()
  await registerWorker(db, id, 60_000)
  return id
}

test('messages reserved at once by several workers are one after the other, at the rate', async () => {
  const dbs = await pools(4)
  const begunMs = performance.now()
  const turns = await Promise.all(
    dbs.flatMap((db) => Array.from({ length: 10 }, () => reserveMessages(db, sender, 5))),
  )
  const spentMs = performance.now() - begunMs
  const ends = turns.map(({ endsAtMs }) => endsAtMs - begunMs).toSorted((a, b) => a - b)
  // 200 messages at 100 a second
  expect(ends.at(-1)).toBeGreaterThan(1_950)
  expect(ends.at(-1)).toBeLessThan(2_000 + spentMs + 50)
  for (const [i, end] of ends.slice(1).entries()) expect(end - ends[i]!).toBeGreaterThan(20)
})

test('the next reservation follows a rate that is changed, up and down', async () => {
  const [db] = (await pools(1)) as [Db]
  expect(await reserveMessages(db, sender, 1)).toMatchObject({ intervalMs: 10, connections: 3 })
  await limitSender(db, sender, { messagesPerSecond: 2, connections: 7 })
  const slow = await reserveMessages(db, sender, 4)
  expect(slow).toMatchObject({ intervalMs: 500, connections: 7 })
  await limitSender(db, sender, { messagesPerSecond: 1_000 })
  const fast = await reserveMessages(db, sender, 100)
  expect(fast.endsAtMs - slow.endsAtMs).toBeGreaterThan(95)
  expect(fast.endsAtMs - slow.endsAtMs).toBeLessThan(150)
  await limitSender(db, sender, undefined)
  expect(await senderLimits(db, sender)).toEqual({
    messagesPerSecond: 100,
    connections: 3,
    isChanged: false,
  })
})

test('what is given back is for the next, and time that has passed is nobody’s', async () => {
  const [db] = (await pools(1)) as [Db]
  const turn = await reserveMessages(db, sender, 100)
  await giveBackMessages(db, sender, 90, turn)
  const next = await reserveMessages(db, sender, 1)
  expect(next.waitMs).toBeGreaterThan(50)
  expect(next.waitMs).toBeLessThan(105)

  const late = await reserveMessages(db, sender, 10)
  await sleep(late.endsAtMs - performance.now() + 50)
  const behind = await reserveMessages(db, sender, 50)
  await giveBackMessages(db, sender, 10, late)
  const after = await reserveMessages(db, sender, 1)
  expect(after.endsAtMs - behind.endsAtMs).toBeGreaterThan(5)
})

test('no more slots are taken than the limit, however many workers ask at once', async () => {
  const dbs = await pools(4)
  const ids = await Promise.all(dbs.map(worker))
  for (let round = 0; round < 10; round++) {
    const taken = await Promise.all(
      dbs.flatMap((db, i) =>
        [1, 2].map(async () => [i, await takeSlot(db, sender, ids[i]!, [1, 2, 3])]),
      ),
    )
    const slots = taken.filter(([, slot]) => slot !== undefined)
    expect(slots.length).toBeGreaterThan(0)
    expect(new Set(slots.map(([, slot]) => slot)).size).toBe(slots.length)
    for (const [, slot] of slots) expect(slot).toBeLessThanOrEqual(3)
    for (const [i, slot] of slots) await freeSlot(dbs[i!]!, 'admin', slot!, ids[i!]!)
  }
})

test('the slots of a worker whose lease passed are free, and so is one that it took and never learned of', async () => {
  const [db] = (await pools(1)) as [Db]
  const [dead, alive] = [await worker(db), await worker(db)]
  for (const held of [[], [1], [1, 2]]) await takeSlot(db, sender, dead, held)
  expect(await takeSlot(db, sender, alive, [])).toBeUndefined()
  expect(await takeSlot(db, sender, dead, [1, 3])).toBe(2)
  await endLease(db, dead)
  expect(await takeSlot(db, sender, alive, [])).toBe(1)
  // a slot that is somebody else's by now is not given up by who had it
  await freeSlot(db, 'admin', 1, dead)
  expect(await takeSlot(db, sender, alive, [1])).toBe(2)
})

test('a lowered limit takes no new slot above it, and another sender has its own', async () => {
  const [db] = (await pools(1)) as [Db]
  const id = await worker(db)
  for (const held of [[], [1], [1, 2]]) await takeSlot(db, sender, id, held)
  await limitSender(db, sender, { connections: 1 })
  await freeSlot(db, 'admin', 3, id)
  expect(await takeSlot(db, sender, id, [1, 2])).toBeUndefined()
  expect(await takeSlot(db, { ...sender, slug: 'dvoe' }, id, [])).toBe(1)
  await limitSender(db, sender, { connections: 4 })
  expect(await takeSlot(db, sender, id, [1, 2])).toBe(3)
})
