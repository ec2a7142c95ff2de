/** Deliveries that were frozen and must not leave any more: whoever left meanwhile is out of editions on their way. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'

/** Of the contacts, in every edition on its way. What is in a worker's hands goes out. Returns how many. */
export async function withholdFrom(db: Db, contacts: number | number[], at: Date): Promise<number> {
  const ids = typeof contacts === 'number' ? [contacts] : contacts
  return withhold(db, sql`delivery.contact_id = ANY (${ids}::bigint[])`, at)
}

/** Of these: they were in a worker's hands when somebody left. */
export async function withholdDeliveries(db: Db, ids: number[], at: Date): Promise<void> {
  if (ids.length > 0) await withhold(db, sql`delivery.id = ANY (${ids}::bigint[])`, at)
}

/**
 * Of one edition, for whatever changed since its release: it froze its recipients from a snapshot that does not have
 * whoever was leaving in those moments. `beforeMs`: how long before the release that may have begun.
 */
export async function withholdChanged(
  db: Db,
  editionId: number,
  beforeMs: number,
  at: Date,
): Promise<number> {
  const since = sql`(SELECT released_at - ${beforeMs} * interval '1 ms' FROM edition WHERE id = ${editionId})`
  return withhold(
    db,
    sql`delivery.edition_id = ${editionId} AND delivery.contact_id IN (
      SELECT contact_id FROM list_member WHERE left_at >= ${since}
      UNION ALL
      SELECT contact.id FROM suppression JOIN contact USING (address) WHERE at >= ${since})`,
    at,
  )
}

/** Who is blocked has left every list for that reason. */
async function withhold(db: Db, which: RawBuilder<unknown>, at: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE delivery SET state = 'suppressed', next_attempt_at = NULL, updated_at = ${at},
      reason = CASE
        WHEN EXISTS (SELECT FROM contact WHERE id = delivery.contact_id AND blocked_at IS NOT NULL) THEN 'blocked'
        ELSE exclusion_of(delivery.contact_id, edition.audience -> 'lists') END
    FROM edition
    WHERE edition.id = delivery.edition_id AND edition.state IN ('sending', 'paused')
      AND delivery.state IN ('pending', 'deferred') AND ${which}
      AND exclusion_of(delivery.contact_id, edition.audience -> 'lists') IS NOT NULL`.execute(db)
  return Number(numAffectedRows ?? 0)
}
