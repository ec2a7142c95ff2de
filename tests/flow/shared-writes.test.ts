/** What the conversations of a process write together. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { release } from '../../src/flow/release.ts'
import { claimDeliveries, type ClaimedDelivery } from '../../src/ledger/claims.ts'
import type { OutcomeRow } from '../../src/ledger/outcomes.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { boletin, fridayAt15, testApp } from '../support/app.ts'

const accepted = ({ id, attempts }: ClaimedDelivery, smtpText = '250 ok'): OutcomeRow => ({
  deliveryId: id,
  attempts,
  outcome: 'accepted',
  phase: 'dot',
  startedAt: fridayAt15,
  durationMs: 1,
  smtpCode: 250,
  smtpText,
  relay: 'relay.example:25',
  messageId: `<${id}@example.org>`,
  nextAttemptAt: undefined,
})

test('turns that are taken at once follow each other, at the rate', async () => {
  const { engine } = await testApp({ recipients: 0 })
  const sender = { ...engine.config.senders.admin, ratePerSecond: 100 }
  const counts = [5, 1, 10, 4, 20, 2]
  const turns = await Promise.all(counts.map((count) => engine.writes.reserve(sender, count)))
  // the first goes alone, the others together: each begins where the one before it ends
  for (const [i, turn] of turns.entries()) {
    expect(turn.intervalMs).toBe(10)
    const before = turns[i - 1]
    if (i > 1) expect(turn.waitMs - before!.waitMs).toBeCloseTo(counts[i - 1]! * 10, 3)
    if (i > 1) expect(turn.endsAtMs - before!.endsAtMs).toBeCloseTo(counts[i]! * 10, 3)
  }
  // what came before is over when it is 420 ms old, and no sooner
  const next = await engine.writes.reserve(sender, 1)
  expect(next.endsAtMs - turns[0]!.endsAtMs).toBeGreaterThan(370)
})

async function released(recipients: number) {
  const app = await testApp({ recipients })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  const workerId = await app.engine.lease.workerId()
  return { ...app, editionId, workerId }
}

test('claims of many batches at once are those of each, in order, and nobody is claimed twice', async () => {
  const { db, engine, editionId, workerId } = await released(250)
  const claim = (batch: number, limit: number, after = 0) =>
    engine.writes.claim({ editionId, batch, after, limit, workerId, at: fridayAt15 })
  const all = await Promise.all([
    claim(1, 30),
    claim(2, 7),
    claim(1, 5),
    claim(3, 100),
    claim(9, 10),
  ])
  // the first gets what there is, and a batch that there is not has nothing
  expect(all.map((one) => one.length)).toEqual([30, 7, 0, 50, 0])
  const ids = all.flat().map(({ id }) => id)
  expect(new Set(ids).size).toBe(87)
  for (const one of all) expect(one).toEqual(one.toSorted((a, b) => a.id - b.id))
  const [second] = await Promise.all([claim(1, 5, all[0].at(-1)!.id), claim(2, 1, 0)])
  expect(second.map(({ id }) => ids.includes(id))).toEqual(Array(5).fill(false))
  expect(await totalsOf(db, editionId)).toMatchObject({ sending: 93, pending: 157 })
})

test('what is not urgent waits for others, and goes with the first that is', async () => {
  const { db, engine, editionId, workerId } = await released(12)
  const claim = { editionId, batch: 1, workerId, limit: 12, at: fridayAt15 }
  const [first, ...others] = await claimDeliveries(db, claim)
  const later = others.map((one) =>
    engine.writes.record(editionId, workerId, [accepted(one)], 'later'),
  )
  await engine.writes.record(editionId, workerId, [accepted(first!)])
  await Promise.all(later)
  expect(await totalsOf(db, editionId)).toMatchObject({ accepted: 12, sending: 0 })
  // of one statement, and one transaction
  const { rows } = await sql<{ times: number }>`
    SELECT count(DISTINCT xmin::text)::int AS times FROM attempt`.execute(db)
  expect(rows[0]!.times).toBe(1)
})

test('outcomes of many conversations are all written, and one that cannot be does not keep the others', async () => {
  const { editionId, workerId, ...app } = await released(30)
  const claim = { editionId, batch: 1, workerId, limit: 30, at: fridayAt15 }
  const claimed = await claimDeliveries(app.db, claim)
  const written = await Promise.allSettled(
    // PostgreSQL holds no NUL
    claimed.map((one, i) =>
      app.engine.writes.record(editionId, workerId, [
        accepted(one, i === 7 ? '250 \0' : `250 ok ${i}`),
      ]),
    ),
  )
  expect(written.map(({ status }) => status === 'fulfilled')).toEqual(
    claimed.map((_, i) => i !== 7),
  )
  expect(await totalsOf(app.db, editionId)).toMatchObject({ accepted: 29, sending: 1 })
  const attempts = await app.db.selectFrom('attempt').select('smtpText').execute()
  expect(attempts.map(({ smtpText }) => smtpText!).toSorted()).toEqual(
    claimed.flatMap((_, i) => (i === 7 ? [] : [`250 ok ${i}`])).toSorted(),
  )
})
