/**
 * How fast each sender may go, over all workers: messages are reserved in time. It may be changed while a dispatch is on
 * its way; the next reservation follows. Times are the database server's clock, which all workers share.
 */
import { sql } from 'kysely'
import type { SenderConfig } from '../config.ts'
import { prepared, type Db } from '../db/database.ts'

type Sender = Pick<SenderConfig, 'slug' | 'ratePerSecond' | 'connections'>

export interface Turn {
  /** From when it was asked for until its first message may go. */
  waitMs: number
  /** Between one message and the next. */
  intervalMs: number
  /** When the time of its last message is over, on this process's clock (performance.now). */
  endsAtMs: number
  /** What holds now for the sender, over all workers. */
  connections: number
}

/** The next `count` messages of the sender are the caller's, whenever they may go. */
export async function reserveMessages(db: Db, sender: Sender, count: number): Promise<Turn> {
  const perSecond = sql`coalesce(sender_pace.messages_per_second, ${sender.ratePerSecond}::int)`
  const { rows } = await sql<{
    endsInMs: number
    perSecond: number
    connections: number
  }>`${prepared}
    -- a server that crashes may forget the last turns: not worth waiting for its disk
    WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO sender_pace (sender, next_free_at)
    SELECT ${sender.slug}, clock_timestamp() + ${count} * interval '1 s' / ${sender.ratePerSecond}::int FROM quick
    ON CONFLICT (sender) DO UPDATE
      SET next_free_at = greatest(sender_pace.next_free_at, clock_timestamp()) + ${count} * (interval '1 s' / ${perSecond})
    RETURNING ${perSecond} AS per_second,
      coalesce(sender_pace.connections, ${sender.connections}::int) AS connections,
      extract(epoch FROM next_free_at - clock_timestamp())::float8 * 1000 AS ends_in_ms`.execute(db)
  const { endsInMs, perSecond: rate, connections } = rows[0]!
  const intervalMs = 1000 / rate
  return {
    waitMs: Math.max(0, endsInMs - count * intervalMs),
    intervalMs,
    endsAtMs: performance.now() + endsInMs,
    connections,
  }
}

/** The last `count` of the turn were not needed. Time that has passed is nobody's any more: given back, it would be used twice. */
export async function giveBackMessages(
  db: Db,
  { slug }: Pick<Sender, 'slug'>,
  count: number,
  { intervalMs, endsAtMs }: Turn,
): Promise<void> {
  const leftMs = Math.min(count * intervalMs, endsAtMs - performance.now())
  if (leftMs <= 0) return
  await sql`
    UPDATE sender_pace SET next_free_at = next_free_at - ${leftMs} * interval '1 ms'
    WHERE sender = ${slug}`.execute(db)
}

export interface SenderLimits {
  messagesPerSecond: number
  connections: number
}

type LimitsNow = SenderLimits & { isChanged: boolean }

/** Undefined: as the environment says. */
export async function limitSender(
  db: Db,
  { slug }: Pick<Sender, 'slug'>,
  limits: Partial<SenderLimits> | undefined,
): Promise<void> {
  const set = {
    messagesPerSecond: limits?.messagesPerSecond ?? null,
    connections: limits?.connections ?? null,
  }
  await db
    .insertInto('senderPace')
    .values({ sender: slug, ...set })
    .onConflict((conflict) => conflict.column('sender').doUpdateSet(set))
    .execute()
}

/** What holds now, and whether somebody changed what the environment says. */
export async function senderLimits(db: Db, sender: Sender): Promise<LimitsNow> {
  return limitsFrom(sender, await rowOf(db, sender).executeTakeFirst())
}

/** The same, in a transaction that is about to change them: nobody else does meanwhile. */
export async function freshLimits(tx: Db, sender: Sender): Promise<LimitsNow> {
  await tx
    .insertInto('senderPace')
    .values({ sender: sender.slug })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return limitsFrom(sender, await rowOf(tx, sender).forUpdate().executeTakeFirst())
}

const rowOf = (db: Db, { slug }: Sender) =>
  db
    .selectFrom('senderPace')
    .select(['messagesPerSecond', 'connections'])
    .where('sender', '=', slug)

const limitsFrom = (
  sender: Sender,
  row: { messagesPerSecond: number | null; connections: number | null } | undefined,
): LimitsNow => ({
  messagesPerSecond: row?.messagesPerSecond ?? sender.ratePerSecond,
  connections: row?.connections ?? sender.connections,
  isChanged: (row?.messagesPerSecond ?? row?.connections ?? null) !== null,
})
