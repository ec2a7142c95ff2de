/** Relays that are left alone for a while: one that says 421, or that defers whatever it is given. For all workers. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

const firstRestSeconds = 30
const longestRestSeconds = 15 * 60

export interface RelayRest {
  relay: string
  until: Date
  /** What it answered. */
  reason: string
}

/** Longer each time, until it accepts something again. */
export async function restRelay(db: Db, relay: string, reason: string, at: Date): Promise<void> {
  const restFor = (times: ReturnType<typeof sql>) =>
    sql`least(${longestRestSeconds}, ${firstRestSeconds} * 2 ^ least(${times} - 1, 20)) * interval '1 s'`
  await sql`
    INSERT INTO relay_rest (relay, until, times, reason, at)
    VALUES (${relay}, clock_timestamp() + ${restFor(sql`1`)}, 1, ${reason.slice(0, 500)}, ${at})
    ON CONFLICT (relay) DO UPDATE SET times = relay_rest.times + 1,
      until = clock_timestamp() + ${restFor(sql`(relay_rest.times + 1)`)}, reason = excluded.reason, at = excluded.at
    -- several conversations hear the same answer in the same moment
    WHERE relay_rest.until <= clock_timestamp()`.execute(db)
}

/** No conversation could begin: who would wait for it sees why. */
export async function isUnreachable(
  db: Db,
  relay: string,
  reason: string,
  at: Date,
): Promise<void> {
  await sql`
    INSERT INTO relay_rest (relay, until, times, reason, at)
    VALUES (${relay}, clock_timestamp(), 0, ${reason.slice(0, 500)}, ${at})
    ON CONFLICT (relay) DO UPDATE SET until = clock_timestamp(), reason = excluded.reason, at = excluded.at
    WHERE relay_rest.until <= clock_timestamp()`.execute(db)
}

/** undefined: nothing is wrong with it. It is left alone until `until`; `now` is the same clock. */
export async function restOf(
  db: Db,
  relay: string,
): Promise<(RelayRest & { now: Date }) | undefined> {
  const { rows } = await sql<RelayRest & { now: Date }>`
    SELECT relay, until, reason, clock_timestamp() AS now FROM relay_rest WHERE relay = ${relay}`.execute(
    db,
  )
  return rows[0]
}

/** Those that nothing was heard from lately but this. */
export async function troubledRelays(db: Db): Promise<RelayRest[]> {
  const { rows } = await sql<RelayRest>`
    SELECT relay, until, reason FROM relay_rest
    WHERE until > clock_timestamp() - interval '2 minutes' ORDER BY relay`.execute(db)
  return rows
}

/** It accepted something: all is well, and the next rest is a short one again. */
export async function relayAccepted(db: Db, relay: string): Promise<void> {
  await sql`DELETE FROM relay_rest WHERE relay = ${relay} AND until <= clock_timestamp()`.execute(
    db,
  )
}
