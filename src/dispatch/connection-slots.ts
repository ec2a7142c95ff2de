/**
 * The conversations that a sender may hold at once, over all workers: one row each, of a worker as long as its lease
 * holds.
 */
import { sql } from 'kysely'
import type { SenderConfig } from '../config.ts'
import type { Db } from '../db/database.ts'

/**
 * One of the sender's slots; undefined: others hold them all. Free are those of a worker whose lease passed, and those
 * of this worker that are not in `held`: it took them and never learned of it.
 */
export async function takeSlot(
  db: Db,
  { slug, connections }: Pick<SenderConfig, 'slug' | 'connections'>,
  workerId: string,
  held: number[],
): Promise<number | undefined> {
  const limit = sql`coalesce((SELECT connections FROM sender_pace WHERE sender = ${slug}), ${connections}::int)`
  const { rows: freed } = await sql<{ slot: number }>`
    UPDATE connection_slot SET worker_id = ${workerId}
    WHERE sender = ${slug} AND slot = (
      SELECT slot FROM connection_slot AS one
      WHERE sender = ${slug} AND slot <= ${limit} AND (
        (worker_id = ${workerId} AND slot <> ALL (${held}::int[])) OR NOT EXISTS (
          SELECT FROM worker WHERE worker.id = one.worker_id AND lease_until > clock_timestamp()))
      ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING slot`.execute(db)
  if (freed[0]) return freed[0].slot
  const { rows: added } = await sql<{ slot: number }>`
    INSERT INTO connection_slot (sender, slot, worker_id)
    SELECT ${slug}, slot, ${workerId}::uuid FROM generate_series(1, ${limit}) AS slot
    WHERE NOT EXISTS (SELECT FROM connection_slot AS one WHERE one.sender = ${slug} AND one.slot = slot.slot)
    ORDER BY slot LIMIT 1
    ON CONFLICT DO NOTHING RETURNING slot`.execute(db)
  return added[0]?.slot
}

export async function freeSlot(
  db: Db,
  sender: string,
  slot: number,
  workerId: string,
): Promise<void> {
  await sql`
    UPDATE connection_slot SET worker_id = NULL
    WHERE sender = ${sender} AND slot = ${slot} AND worker_id = ${workerId}`.execute(db)
}
