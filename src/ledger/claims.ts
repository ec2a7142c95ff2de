/**
 * Claims: a row is taken (state `sending`, worker id) and committed before its SMTP conversation. The worker's
 * lease covers its rows; rows of a lease that passed become `unknown`, never `pending` again by themselves.
 */
import { hostname } from 'node:os'
import { sql, type RawBuilder } from 'kysely'
import { inTransaction, prepared, type Db } from '../db/database.ts'

export interface Claim {
  editionId: number
  batch: number
  /** Those after this delivery alone. */
  after?: number
  workerId: string
  limit: number
  at: Date
}

export interface ClaimedDelivery {
  id: number
  batch: number
  /** null: the person was erased since. */
  contactId: number | null
  address: string
  name: string
  /** This attempt included. */
  attempts: number
}

export async function registerWorker(db: Db, workerId: string, leaseMs: number): Promise<void> {
  await sql`
    INSERT INTO worker (id, host, pid, lease_until)
    VALUES (${workerId}, ${hostname()}, ${process.pid}, clock_timestamp() + ${leaseMs} * interval '1 ms')`.execute(
    db,
  )
}

/** Extends a lease that has not passed. False: it has, and this worker id must claim and write no more. */
export async function renewLease(db: Db, workerId: string, leaseMs: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE worker SET lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
    WHERE id = ${workerId} AND lease_until > clock_timestamp()`.execute(db)
  return Number(numAffectedRows) === 1
}

/** A worker that stops with nothing in its hands leaves; with rows still `sending` they are found at once. */
export async function endLease(db: Db, workerId: string): Promise<void> {
  await sql`UPDATE worker SET lease_until = clock_timestamp() WHERE id = ${workerId}`.execute(db)
}

/**
 * Takes up to `limit` sendable rows of a batch, in order. Empty when there are none, when the edition is not `sending`
 * (paused, cancelled), or when the worker's lease has passed.
 */
export async function claimDeliveries(db: Db, claim: Claim): Promise<ClaimedDelivery[]> {
  const [claimed] = await claimForEach(db, [claim])
  return claimed!
}

/** The same for several batches of one edition and one worker in one statement. Of a batch asked for twice, the first gets what there is. */
export async function claimForEach(db: Db, claims: Claim[]): Promise<ClaimedDelivery[][]> {
  const { editionId, workerId, at } = claims[0]!
  const asked = new Map(claims.toReversed().map((claim) => [claim.batch, claim]))
  const parts = [...asked.values()]
  const { rows } = await sql<ClaimedDelivery>`${prepared}
    UPDATE delivery SET state = 'sending', worker_id = ${workerId}, attempts = attempts + 1,
      next_attempt_at = NULL, reason = NULL, updated_at = ${at}
    WHERE id = ANY (ARRAY(
        SELECT open.id
        FROM unnest(${parts.map(({ batch }) => batch)}::int[], ${parts.map(({ after }) => after ?? 0)}::bigint[],
          ${parts.map(({ limit }) => limit)}::int[]) AS part (batch, after, most)
        CROSS JOIN LATERAL (
          SELECT id FROM delivery
          WHERE edition_id = ${editionId} AND delivery.batch = part.batch AND id > part.after
            AND (state = 'pending' OR (state = 'deferred' AND next_attempt_at <= ${at}))
          ORDER BY id LIMIT part.most FOR UPDATE SKIP LOCKED) AS open))
      AND EXISTS (SELECT FROM edition WHERE id = ${editionId} AND state = 'sending')
      AND EXISTS (SELECT FROM worker WHERE id = ${workerId} AND lease_until > clock_timestamp())
    RETURNING id, batch, contact_id, address, name, attempts`.execute(db)
  return claims.map((claim) =>
    asked.get(claim.batch) === claim ? rows.filter(({ batch }) => batch === claim.batch) : [],
  )
}

/** What was claimed and not begun goes back as it was, as long as this worker still holds it. */
export async function returnClaims(
  db: Db,
  workerId: string,
  claimed: Pick<ClaimedDelivery, 'id' | 'attempts'>[],
  at: Date,
): Promise<void> {
  if (claimed.length === 0) return
  await sql`
    UPDATE delivery SET state = 'pending', attempts = delivery.attempts - 1, updated_at = ${at}
    FROM unnest(${claimed.map(({ id }) => id)}::bigint[], ${claimed.map(({ attempts }) => attempts)}::int[])
      AS given (id, attempts)
    WHERE delivery.id = given.id AND delivery.attempts = given.attempts
      AND worker_id = ${workerId} AND state = 'sending'`.execute(db)
}

/**
 * Rows whose worker is gone become `unknown`, with an attempt that says so. Returns the editions concerned.
 */
export async function reapExpired(db: Db, at: Date): Promise<number[]> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ editionId: number }>`
      WITH lost AS (
        UPDATE delivery SET state = 'unknown', updated_at = ${at},
          reason = 'El proceso que lo enviaba terminó sin anotar el resultado'
        WHERE id IN (${inHand(sql`true`)})
          AND state = 'sending' AND NOT EXISTS (SELECT FROM worker WHERE worker.id = worker_id AND lease_until > clock_timestamp())
        RETURNING id, edition_id, worker_id
      ), witnessed AS (
        INSERT INTO attempt (delivery_id, edition_id, at, outcome, phase, smtp_text, relay, message_id, worker_id)
        SELECT id, edition_id, ${at}, 'unknown', 'lost', 'the worker ended without an outcome', '', '', worker_id
        FROM lost
      )
      SELECT DISTINCT edition_id FROM lost`.execute(tx)
    await sql`
      DELETE FROM worker WHERE lease_until < clock_timestamp() - interval '1 day'
        AND NOT EXISTS (${inHand(sql`worker_id = worker.id`)})`.execute(tx)
    return rows.map((row) => row.editionId)
  })
}

/** Deliveries in state `sending`, by the tally: a few batches of the editions that are not over, or were cancelled. */
function inHand(which: RawBuilder<boolean>): RawBuilder<{ id: number }> {
  return sql`
    SELECT delivery.id FROM edition
    JOIN edition_tally AS held ON held.edition_id = edition.id
    JOIN delivery ON delivery.edition_id = held.edition_id AND delivery.batch = held.batch
    WHERE edition.state IN ('sending', 'paused', 'cancelled') AND held.state = 'sending' AND held.deliveries > 0 AND delivery.state = 'sending' AND ${which}`
}
