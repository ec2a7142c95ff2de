/** What the conversations of a process write together. */
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

test('outcomes of many conversations are all written, and one that cannot be does not keep the others', async () => {
  const app = await testApp({ recipients: 30 })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  const workerId = await app.engine.lease.workerId()
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
