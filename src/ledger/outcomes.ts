/** Outcomes: what each conversation left, written as the delivery's state and an attempt that is never changed. */
import { sql } from 'kysely'
import { prepared, type Db } from '../db/database.ts'
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
  const column = <T>(pick: (row: OutcomeRow) => T): T[] => rows.map(pick)
  await sql`${prepared}
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest(
        ${column((row) => row.deliveryId)}::bigint[], ${column((row) => row.attempts)}::int[], ${column((row) => row.outcome)}::text[],
        ${column((row) => row.phase)}::text[], ${column((row) => row.startedAt)}::timestamptz[],
        ${column((row) => row.durationMs)}::int[], ${column((row) => row.smtpCode ?? null)}::smallint[],
        ${column((row) => row.smtpText)}::text[], ${column((row) => row.relay)}::text[],
        ${column((row) => row.messageId)}::text[], ${column((row) => row.nextAttemptAt ?? null)}::timestamptz[]
      ) AS given (id, attempts, outcome, phase, started_at, duration_ms, smtp_code, smtp_text, relay, message_id,
        next_attempt_at)
    ), changed AS (
      UPDATE delivery SET state = given.outcome, next_attempt_at = given.next_attempt_at,
        reason = CASE WHEN given.outcome <> 'accepted' THEN given.smtp_text END,
        updated_at = given.started_at + given.duration_ms * interval '1 ms'
      FROM given
      WHERE delivery.id = given.id AND delivery.worker_id = ${workerId} AND delivery.attempts = given.attempts
        AND (state = 'sending' OR (given.outcome = 'accepted' AND state <> 'accepted')
          OR (given.outcome = 'rejected' AND state IN ('unknown', 'pending')))
    ), first_accepted AS (
      -- almost never after the first of them, so the edition's row is not contended
      UPDATE edition SET first_accepted_at = first.at
      FROM (SELECT min(started_at + duration_ms * interval '1 ms') AS at FROM given WHERE outcome = 'accepted') AS first
      WHERE id = ${editionId} AND first_accepted_at IS NULL AND first.at IS NOT NULL
    )
    INSERT INTO attempt (delivery_id, edition_id, at, duration_ms, outcome, phase, smtp_code, smtp_text, relay,
      message_id, worker_id)
    SELECT id, ${editionId}, started_at, duration_ms, outcome, phase, smtp_code, smtp_text, relay, message_id, ${workerId}
    FROM given`.execute(db)
}
