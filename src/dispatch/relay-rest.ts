/** Relays that are left alone for a while: one that says 421, defers whatever it is given, or does not answer. For all workers. */
import { sql } from 'kysely'
import { prepared, type Db } from '../db/database.ts'

export interface Rests {
  firstMs: number
  longestMs: number
}

export const usualRests: Rests = { firstMs: 30_000, longestMs: 15 * 60_000 }

export interface RelayRest {
  relay: string
  until: Date
  /** What it answered. */
  reason: string
  /** It is being left alone now. */
  isResting: boolean
}

/** Longer each time, until it accepts something again. */
export async function restRelay(
  db: Db,
  relay: string,
  reason: string,
  at: Date,
  { firstMs, longestMs }: Rests = usualRests,
): Promise<void> {
  await sql`
    INSERT INTO relay_rest (relay, until, times, reason, at)
    VALUES (${relay}, clock_timestamp() + ${firstMs} * interval '1 ms', 1, ${reason.slice(0, 500)}, ${at})
    ON CONFLICT (relay) DO UPDATE SET times = relay_rest.times + 1, reason = excluded.reason, at = excluded.at,
      until = clock_timestamp()
        + least(${longestMs}::float8, ${firstMs}::float8 * 2 ^ least(relay_rest.times, 20)) * interval '1 ms'
    -- several conversations hear the same answer in the same moment
    WHERE relay_rest.until <= clock_timestamp()`.execute(db)
}

/** No conversation could begin. It may be back at any moment: it is asked again after the same short time. */
export async function restUnreachable(
  db: Db,
  relay: string,
  reason: string,
  at: Date,
  restMs: number,
): Promise<void> {
  await sql`
    INSERT INTO relay_rest (relay, until, times, reason, at)
    VALUES (${relay}, clock_timestamp() + ${restMs} * interval '1 ms', 0, ${reason.slice(0, 500)}, ${at})
    ON CONFLICT (relay) DO UPDATE SET until = excluded.until, reason = excluded.reason, at = excluded.at
    WHERE relay_rest.until <= clock_timestamp()`.execute(db)
}

/** undefined: nothing is wrong with it. `leftMs`: for so long it is left alone; not above 0: it may be asked. */
export async function restOf(
  db: Db,
  relay: string,
): Promise<{ leftMs: number; reason: string } | undefined> {
  const { rows } = await sql<{ leftMs: number; reason: string }>`${prepared}
    SELECT reason, extract(epoch FROM until - clock_timestamp())::float8 * 1000 AS left_ms
    FROM relay_rest WHERE relay = ${relay}`.execute(db)
  return rows[0]
}

/** Those that nothing was heard from lately but this. */
export async function troubledRelays(db: Db): Promise<RelayRest[]> {
  const { rows } = await sql<RelayRest>`
    SELECT relay, until, reason, until > clock_timestamp() AS is_resting FROM relay_rest
    WHERE until > clock_timestamp() - interval '2 minutes' ORDER BY relay`.execute(db)
  return rows
}

/** It accepted something: all is well, and the next rest is a short one again. */
export async function relayAccepted(db: Db, relay: string): Promise<void> {
  await sql`DELETE FROM relay_rest WHERE relay = ${relay} AND until <= clock_timestamp()`.execute(
    db,
  )
}
