/** Removing the detail of editions that were marked as pruned: totals do not follow it, and nothing else may. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

export interface Detail {
  deliveries: number
  attempts: number
}

/** What an edition has of it. Reads it all: for whoever asks before it goes. */
export async function detailOf(db: Db, editionId: number): Promise<Detail> {
  const { rows } = await sql<Detail>`
    SELECT (SELECT count(*) FROM delivery WHERE edition_id = ${editionId}) AS deliveries,
      (SELECT count(*) FROM attempt WHERE delivery_id IN (
        SELECT id FROM delivery WHERE edition_id = ${editionId})) AS attempts`.execute(db)
  return rows[0]!
}

/** Editions that were marked and still have some: an earlier run was interrupted. */
export async function halfPruned(db: Db): Promise<number[]> {
  const rows = await db
    .selectFrom('edition')
    .select('id')
    .where('prunedAt', 'is not', null)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('delivery').whereRef('delivery.editionId', '=', 'edition.id')),
    )
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** A place in the order in which they go. */
export interface Place {
  batch: number
  id: number
}

export const theFirst: Place = { batch: 0, id: 0 }

export interface Removed extends Detail {
  /** Of the last of them; null: nothing was left. The next ones begin after it. */
  last: Place | null
}

/** Up to `limit` deliveries after a place, with the attempts behind them, in one statement. */
export async function removeDetail(
  db: Db,
  editionId: number,
  { after, limit }: { after: Place; limit: number },
): Promise<Removed> {
  const { rows } = await sql<Removed>`
    WITH chosen AS MATERIALIZED (
      SELECT batch, id FROM delivery
      WHERE edition_id = ${editionId} AND (batch, id) > (${after.batch}, ${after.id})
        AND EXISTS (SELECT FROM edition WHERE id = ${editionId} AND pruned_at IS NOT NULL)
      ORDER BY edition_id, batch, id LIMIT ${limit}
    ), tried AS (
      -- by array: whatever is known of their number, no table is read through for them
      DELETE FROM attempt WHERE delivery_id = ANY (ARRAY(SELECT id FROM chosen)) RETURNING 1
    ), gone AS (
      DELETE FROM delivery WHERE id = ANY (ARRAY(SELECT id FROM chosen)) RETURNING 1
    )
    SELECT (SELECT jsonb_build_object('batch', batch, 'id', id) FROM chosen ORDER BY batch DESC, id DESC LIMIT 1) AS last,
      (SELECT count(*) FROM gone) AS deliveries, (SELECT count(*) FROM tried) AS attempts`.execute(
    db,
  )
  return rows[0]!
}

/** The room of what went can be used again, at the pace of autovacuum. */
export async function vacuumLedger(db: Db): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`SET vacuum_cost_delay = '2ms'`.execute(connection)
    try {
      await sql`VACUUM (ANALYZE) delivery, attempt`.execute(connection)
    } finally {
      await sql`RESET vacuum_cost_delay`.execute(connection)
    }
  })
}
