/** The quarters that have something to report, and whether each is closed. */
import { sql } from 'kysely'
import { zone } from '../clock.ts'
import type { Db } from '../db/database.ts'

export interface KnownQuarter {
  /** `2026-Q4` */
  name: string
  /** Mailings that left in it. */
  editions: number
  /** Rows that staff entered. */
  rows: number
  /** How it was closed last; null: it is open. */
  closed: { version: number; at: Date; by: string } | null
}

/** Newest first. */
export async function knownQuarters(db: Db): Promise<KnownQuarter[]> {
  const quarterOfEdition = sql<string>`to_char(first_accepted_at AT TIME ZONE ${zone}, 'YYYY-"Q"Q')`
  const editions = await db
    .selectFrom('edition')
    .select([quarterOfEdition.as('quarter'), sql<number>`count(*)::int`.as('count')])
    .where('firstAcceptedAt', 'is not', null)
    .where('revision', '=', 0)
    .groupBy(sql`1`)
    .execute()
  const rows = await db
    .selectFrom('registerRow')
    .select(['quarter', sql<number>`count(*)::int`.as('count')])
    .groupBy('quarter')
    .execute()
  const closed = await db
    .selectFrom('sealedReport')
    .innerJoin('staffUser', 'staffUser.id', 'sealedReport.userId')
    .select(['quarter', 'version', 'at', 'staffUser.name as by'])
    .distinctOn('quarter')
    .orderBy('quarter')
    .orderBy('version', 'desc')
    .execute()
  const [sent, entered] = [editions, rows].map(
    (counts) => new Map(counts.map(({ quarter, count }) => [quarter, count])),
  )
  const seals = new Map(closed.map(({ quarter, ...seal }) => [quarter, seal]))
  const names = new Set([...sent!.keys(), ...entered!.keys(), ...seals.keys()])
  return [...names]
    .toSorted()
    .toReversed()
    .map((name) => ({
      name,
      editions: sent!.get(name) ?? 0,
      rows: entered!.get(name) ?? 0,
      closed: seals.get(name) ?? null,
    }))
}

export interface ClosedVersion {
  version: number
  sha256: string
  at: Date
  by: string
  /** Why a closed quarter was corrected. */
  reason: string | null
}

/** Newest first. */
export async function closedVersions(db: Db, quarter: string): Promise<ClosedVersion[]> {
  return db
    .selectFrom('sealedReport')
    .innerJoin('staffUser', 'staffUser.id', 'sealedReport.userId')
    .select(['version', 'sha256', 'at', 'staffUser.name as by', 'reason'])
    .where('quarter', '=', quarter)
    .orderBy('version', 'desc')
    .execute()
}
