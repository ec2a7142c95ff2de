/** Deliveries: one row per recipient address of an edition, written before anything is sent. */
import { sql, type Expression } from 'kysely'
import type { Db } from '../db/database.ts'

/**
 * Freezes the recipients of an edition in one statement, in address order, `batchSize` to a batch. A second call
 * adds nothing: (edition, address) is unique. `recipients`: a query of contactId, address, name, isGroup.
 * Returns the rows written.
 */
export async function writeDeliveries(
  tx: Db,
  editionId: number,
  recipients: Expression<unknown>,
  options: { batchSize: number; at: Date },
): Promise<number> {
  const result = await sql`
    INSERT INTO delivery (edition_id, batch, contact_id, address, name, is_group, updated_at)
    SELECT ${editionId}, (row_number() OVER (ORDER BY address) - 1) / ${options.batchSize}::int + 1,
      contact_id, address, name, is_group, ${options.at}
    FROM ${recipients} AS recipient
    ORDER BY address
    ON CONFLICT (edition_id, address) DO NOTHING`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

/** Batches of an edition that still have something to send now. One index probe a batch. */
export async function openBatches(db: Db, editionId: number, at: Date): Promise<number[]> {
  const { rows } = await sql<{ batch: number }>`
    SELECT batch FROM generate_series(1, (SELECT max(batch) FROM delivery WHERE edition_id = ${editionId})) AS batch
    WHERE EXISTS (
      SELECT FROM delivery WHERE edition_id = ${editionId} AND delivery.batch = batch.batch
        AND state IN ('pending', 'deferred') AND (state = 'pending' OR next_attempt_at <= ${at}))
    ORDER BY batch`.execute(db)
  return rows.map((row) => row.batch)
}

/** Deliveries not yet claimed become `cancelled`. Returns how many. */
export async function cancelOpen(tx: Db, editionId: number, at: Date): Promise<number> {
  const result = await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', nextAttemptAt: null, updatedAt: at })
    .where('editionId', '=', editionId)
    .where('state', 'in', ['pending', 'deferred'])
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}
