/**
 * How fast each sender may go, over all workers: messages are reserved in time, conversations in number. Both may be
 * changed while a dispatch is on its way; the next reservation follows. Times are the database server's clock, which all
 * workers share.
 */
import { sql } from 'kysely'
import type { SenderConfig } from '../config.ts'
import type { Db } from '../db/database.ts'

type Sender = Pick<SenderConfig, 'slug' | 'ratePerSecond' | 'connections'>

export interface Turn {
  /** From now until its first message may go. */
  waitMs: number
  /** Between one message and the next. */
  intervalMs: number
}

/** The next `count` messages of the sender are the caller's, whenever they may go. */
export async function reserveMessages(db: Db, sender: Sender, count: number): Promise<Turn> {
  const interval = sql`interval '1 s' / coalesce(sender_pace.messages_per_second, ${sender.ratePerSecond})`
  const { rows } = await sql<{ waitMs: number; perSecond: number }>`
    INSERT INTO sender_pace (sender, next_free_at)
    VALUES (${sender.slug}, clock_timestamp() + ${count} * interval '1 s' / ${sender.ratePerSecond}::int)
    ON CONFLICT (sender) DO UPDATE
      SET next_free_at = greatest(sender_pace.next_free_at, clock_timestamp()) + ${count} * (${interval})
    RETURNING coalesce(messages_per_second, ${sender.ratePerSecond})::float8 AS per_second,
      extract(epoch FROM next_free_at - clock_timestamp())::float8 * 1000 AS wait_ms`.execute(db)
  const { waitMs, perSecond } = rows[0]!
  const intervalMs = 1000 / perSecond
  return { waitMs: Math.max(0, waitMs - count * intervalMs), intervalMs }
}

/** What was reserved and not needed. */
export async function giveBackMessages(
  db: Db,
  { slug }: Sender,
  count: number,
  intervalMs: number,
): Promise<void> {
  await sql`
    UPDATE sender_pace SET next_free_at = next_free_at - ${count * intervalMs} * interval '1 ms'
    WHERE sender = ${slug}`.execute(db)
}

/** One of the sender's conversations; undefined: others hold them all. Those of a worker whose lease passed are free. */
export async function takeSlot(
  db: Db,
  { slug, connections }: Sender,
  workerId: string,
): Promise<number | undefined> {
  const limit = sql`coalesce((SELECT connections FROM sender_pace WHERE sender = ${slug}), ${connections})`
  const { rows: freed } = await sql<{ slot: number }>`
    UPDATE connection_slot SET worker_id = ${workerId}
    WHERE sender = ${slug} AND slot = (
      SELECT slot FROM connection_slot AS one
      WHERE sender = ${slug} AND slot <= ${limit} AND NOT EXISTS (
        SELECT FROM worker WHERE worker.id = one.worker_id AND lease_until > clock_timestamp())
      ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING slot`.execute(db)
  if (freed[0]) return freed[0].slot
  const { rows: added } = await sql<{ slot: number }>`
    INSERT INTO connection_slot (sender, slot, worker_id)
    SELECT ${slug}, slot, ${workerId} FROM generate_series(1, ${limit}) AS slot
    WHERE NOT EXISTS (SELECT FROM connection_slot AS one WHERE one.sender = ${slug} AND one.slot = slot.slot)
    ORDER BY slot LIMIT 1
    ON CONFLICT DO NOTHING RETURNING slot`.execute(db)
  return added[0]?.slot
}

export async function freeSlot(
  db: Db,
  { slug }: Sender,
  slot: number,
  workerId: string,
): Promise<void> {
  await sql`
    UPDATE connection_slot SET worker_id = NULL
    WHERE sender = ${slug} AND slot = ${slot} AND worker_id = ${workerId}`.execute(db)
}

export interface SenderLimits {
  messagesPerSecond: number
  connections: number
}

/** Undefined values: as the environment says. */
export async function setSenderLimits(
  db: Db,
  slug: string,
  {
    messagesPerSecond = null,
    connections = null,
  }: { messagesPerSecond?: number | null; connections?: number | null },
): Promise<void> {
  await db
    .insertInto('senderPace')
    .values({ sender: slug, messagesPerSecond, connections })
    .onConflict((conflict) =>
      conflict.column('sender').doUpdateSet({ messagesPerSecond, connections }),
    )
    .execute()
}

/** What holds now, and whether it is what the environment says. */
export async function senderLimits(
  db: Db,
  sender: Sender,
): Promise<SenderLimits & { isChanged: boolean }> {
  const row = await db
    .selectFrom('senderPace')
    .select(['messagesPerSecond', 'connections'])
    .where('sender', '=', sender.slug)
    .executeTakeFirst()
  return {
    messagesPerSecond: row?.messagesPerSecond ?? sender.ratePerSecond,
    connections: row?.connections ?? sender.connections,
    isChanged: (row?.messagesPerSecond ?? row?.connections ?? null) !== null,
  }
}
