/** Outcomes: what each conversation left, written as the delivery's state and an attempt that is never changed. */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import type { Outcome, Phase } from '../states.ts'

export interface OutcomeRow {
  deliveryId: number
  /** Which claim of it this is the outcome of: its attempts, as the claim counted them. */
  attempts: number
  outcome: Outcome
  phase: Phase
  startedAt: Date
  durationMs: number
  smtpCode: number | undefined
  smtpText: string
  relay: string
  messageId: string
  /** For `deferred` alone. */
  nextAttemptAt: Date | undefined
}

/**
 * Writes outcomes of one edition and one worker, all or none. A row that was taken from the worker meanwhile (its
 * lease passed, so it is `unknown`) still learns a definite answer, but is never queued again by it. So does one that
 * a person queued again or gave up since, as long as nobody else claimed it: what was accepted after all is not sent a
 * second time. The first acceptance gives the edition its date in the report.
 */
export async function recordOutcomes(
  db: Db,
  editionId: number,
  workerId: string,
  rows: OutcomeRow[],
): Promise<void> {
  if (rows.length === 0) return
  await inTransaction(db, async (tx) => {
    const column = <T>(pick: (row: OutcomeRow) => T): T[] => rows.map(pick)
    await sql`
      UPDATE delivery SET state = given.outcome, next_attempt_at = given.next_attempt_at,
        reason = given.reason, updated_at = given.at
      FROM unnest(
        ${column((row) => row.deliveryId)}::bigint[], ${column((row) => row.attempts)}::int[],
        ${column((row) => row.outcome)}::text[],
        ${column((row) => row.nextAttemptAt ?? null)}::timestamptz[],
        ${column((row) => (row.outcome === 'accepted' ? null : row.smtpText))}::text[],
        ${column((row) => finishedAt(row))}::timestamptz[]
      ) AS given (id, attempts, outcome, next_attempt_at, reason, at)
      WHERE delivery.id = given.id AND delivery.worker_id = ${workerId} AND delivery.attempts = given.attempts
        -- their numbers once more, as a constant: a worker's deliveries are not to be looked through one by one
        AND delivery.id = ANY (${column((row) => row.deliveryId)}::bigint[])
        AND (state = 'sending' OR (given.outcome = 'accepted' AND state <> 'accepted')
          OR (given.outcome = 'rejected' AND state IN ('unknown', 'pending')))`.execute(tx)
    await sql`
      INSERT INTO attempt (delivery_id, edition_id, at, duration_ms, outcome, phase, smtp_code, smtp_text, relay,
        message_id, worker_id)
      SELECT id, ${editionId}, at, duration_ms, outcome, phase, smtp_code, smtp_text, relay, message_id, ${workerId}
      FROM unnest(
        ${column((row) => row.deliveryId)}::bigint[], ${column((row) => row.startedAt)}::timestamptz[],
        ${column((row) => row.durationMs)}::int[], ${column((row) => row.outcome)}::text[],
        ${column((row) => row.phase)}::text[], ${column((row) => row.smtpCode ?? null)}::smallint[],
        ${column((row) => row.smtpText)}::text[], ${column((row) => row.relay)}::text[],
        ${column((row) => row.messageId)}::text[]
      ) AS given (id, at, duration_ms, outcome, phase, smtp_code, smtp_text, relay, message_id)`.execute(
      tx,
    )
    const accepted = rows
      .filter((row) => row.outcome === 'accepted')
      .map((row) => finishedAt(row).getTime())
    if (accepted.length === 0) return
    // almost always false after the first flush, so the edition's row is not contended
    await tx
      .updateTable('edition')
      .set({ firstAcceptedAt: new Date(Math.min(...accepted)) })
      .where('id', '=', editionId)
      .where('firstAcceptedAt', 'is', null)
      .execute()
  })
}

const finishedAt = (row: OutcomeRow): Date => new Date(row.startedAt.getTime() + row.durationMs)
