/** Deliveries: one row per recipient address of an edition, written before anything is sent. */
import { sql, type Expression } from 'kysely'
import type { Db } from '../db/database.ts'

/**
 * Freezes the recipients of an edition in one statement, in address order, `batchSize` to a batch. A second call
 * adds nothing: (edition, address) is unique. `listed`: a query of contactId, address, name, isGroup, excludedBy; who is
 * excluded has a row that says why and is never sent. Returns the rows written.
 */
export async function writeDeliveries(
  tx: Db,
  editionId: number,
  listed: Expression<unknown>,
  options: { batchSize: number; at: Date },
): Promise<number> {
  const result = await sql`
    INSERT INTO delivery (edition_id, batch, contact_id, address, name, is_group, state, reason, updated_at)
    SELECT ${editionId}, (row_number() OVER (ORDER BY address) - 1) / ${options.batchSize}::int + 1,
      contact_id, address, name, is_group, CASE WHEN excluded_by IS NULL THEN 'pending' ELSE 'suppressed' END,
      excluded_by, ${options.at}
    FROM ${listed} AS listed
    ORDER BY address
    ON CONFLICT (edition_id, address) DO NOTHING`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

/** The first `limit` batches of an edition that have something to send now. */
export async function openBatches(
  db: Db,
  editionId: number,
  at: Date,
  limit: number,
): Promise<number[]> {
  const { rows } = await sql<{ batch: number }>`
    SELECT batch FROM edition_tally
    WHERE edition_id = ${editionId} AND state = 'pending' AND deliveries > 0
    UNION
    SELECT batch FROM delivery
    WHERE edition_id = ${editionId} AND trouble = 'deferred' AND next_attempt_at <= ${at}
    ORDER BY batch LIMIT ${limit}`.execute(db)
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

/** Deliveries whose conversation ended in a temporary failure after their edition had been cancelled. */
export async function cancelLeftOver(db: Db, at: Date): Promise<void> {
  await sql`
    UPDATE delivery SET state = 'cancelled', next_attempt_at = NULL, updated_at = ${at}
    WHERE state IN ('pending', 'deferred') AND id = ANY (ARRAY(
      SELECT delivery.id FROM edition
      JOIN edition_tally AS open ON open.edition_id = edition.id
      JOIN delivery ON delivery.edition_id = open.edition_id AND delivery.batch = open.batch
      WHERE edition.state = 'cancelled' AND open.state IN ('pending', 'deferred') AND open.deliveries > 0
        AND delivery.state IN ('pending', 'deferred')))`.execute(db)
}
