/**
 * Deliveries that ended and leave again because a person said so. Who claimed them last and how often they were tried
 * stays in the row, so that an outcome of that claim which comes late is known for what it is (src/ledger/outcomes.ts).
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import { readdress } from './person.ts'

export interface Chosen {
  editionId: number
  states: ('failed' | 'rejected' | 'unknown')[]
  /** Of these alone; undefined: of all. */
  deliveries?: number[] | undefined
  /** What changed after it was not seen by whoever chose, and is left as it is. */
  seenAt?: Date | undefined
}

export interface Requeued {
  requeued: number
  /** Left the lists since: each stays as it was, for what became of it then is still true. */
  withheld: number
}

/**
 * To the address that each has today. In a transaction that holds the edition: contacts are locked first, as whoever
 * erases one does, so that nobody who is being forgotten is mailed.
 */
export async function requeue(tx: Db, chosen: Chosen, at: Date): Promise<Requeued> {
  await sql`
    SELECT FROM contact WHERE id IN (SELECT contact_id FROM delivery WHERE ${isChosen(chosen)})
    ORDER BY id FOR KEY SHARE`.execute(tx)
  const { rows } = await sql<Requeued & { moved: { contactId: number; address: string }[] }>`
    WITH standing AS (
      SELECT delivery.id, contact.address AS today,
        exclusion_of(delivery.contact_id, edition.audience -> 'lists') IS NOT NULL AS has_left
      FROM delivery
      JOIN edition ON edition.id = delivery.edition_id
      LEFT JOIN contact ON contact.id = delivery.contact_id
      WHERE ${isChosen(chosen)}
    ), queued AS (
      UPDATE delivery SET state = 'pending', reason = NULL, next_attempt_at = NULL, updated_at = ${at}
      FROM standing
      WHERE standing.id = delivery.id AND NOT has_left AND ${isChosen(chosen)}
      RETURNING delivery.contact_id, delivery.address, today
    )
    SELECT count(*) AS requeued, (SELECT count(*) FROM standing WHERE has_left) AS withheld,
      coalesce(jsonb_agg(jsonb_build_object('contactId', contact_id, 'address', today))
        FILTER (WHERE today <> address), '[]') AS moved
    FROM queued`.execute(tx)
  const { moved, ...requeued } = rows[0]!
  for (const { contactId, address } of moved) await readdress(tx, contactId, address, at)
  return requeued
}

/** How many of these would be sent again, or be found to have left: counted up to `most`. */
export async function countChosen(db: Db, chosen: Chosen, most: number): Promise<number> {
  const { rows } = await sql<{ deliveries: number }>`
    SELECT count(*) AS deliveries
    FROM (SELECT FROM delivery WHERE ${isChosen(chosen)} LIMIT ${most}) AS chosen`.execute(db)
  return rows[0]!.deliveries
}

/**
 * A person says what became of them. Returns how many, and when the first of them had been in conversation: an
 * acceptance that is said later is of that moment.
 */
export async function settleUnknown(
  tx: Db,
  chosen: Omit<Chosen, 'states'>,
  to: { state: 'accepted' | 'failed'; reason: string },
  at: Date,
): Promise<{ settled: number; firstAt: Date | null }> {
  const { rows } = await sql<{ settled: number; firstAt: Date | null }>`
    WITH of_old AS (
      SELECT id, updated_at FROM delivery WHERE ${isChosen({ ...chosen, states: ['unknown'] })}
      FOR NO KEY UPDATE
    ), said AS (
      UPDATE delivery SET state = ${to.state}, reason = ${to.reason}, updated_at = ${at}
      FROM of_old WHERE of_old.id = delivery.id
      RETURNING of_old.updated_at
    )
    SELECT count(*) AS settled, min(updated_at) AS first_at FROM said`.execute(tx)
  return rows[0]!
}

/**
 * What failed is sent again only where no server ever took it, as far as anybody knows: never what was unknown when a
 * person gave it up, nor what a late answer says was accepted.
 */
function isChosen({ editionId, states, deliveries, seenAt }: Chosen): RawBuilder<boolean> {
  return sql`delivery.edition_id = ${editionId} AND delivery.trouble = ANY (${states}::text[])
    AND (${seenAt === undefined} OR delivery.updated_at <= ${seenAt ?? null}::timestamptz)
    AND (${deliveries === undefined} OR delivery.id = ANY (${deliveries ?? []}::bigint[]))
    AND (delivery.trouble = 'unknown' OR NOT EXISTS (
      SELECT FROM attempt WHERE attempt.delivery_id = delivery.id AND (attempt.outcome = 'accepted'
        OR (attempt.outcome = 'unknown' AND NOT EXISTS (
          SELECT FROM attempt AS later WHERE later.delivery_id = delivery.id AND later.id > attempt.id)))))`
}
