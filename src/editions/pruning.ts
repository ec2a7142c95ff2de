/** Which editions ended so long ago that who received them is kept no longer, and which must wait. */
import { sql } from 'kysely'
import { zone } from '../clock.ts'
import type { Db } from '../db/database.ts'

export type Obstacle = 'on-its-way' | 'unknown' | 'quarter-open'

export interface OldEdition {
  id: number
  publication: string
  period: string
  revision: number
  /** When it concluded, or left if it is still on its way. */
  since: Date
  /** `2026-Q4`: of its first acceptance, or of its release when nobody accepted it. */
  quarter: string
  deliveries: number
  /** Why its detail stays. */
  obstacle: Obstacle | null
}

/**
 * Of those that have deliveries and were not pruned, the oldest first; `only`: one of them. While a delivery is unknown a
 * person has to say what became of it, and while its quarter is open the report may still be questioned.
 */
export async function oldEditions(db: Db, before: Date, only?: number): Promise<OldEdition[]> {
  const { rows } = await sql<OldEdition>`
    SELECT id, publication, period, revision, since, quarter, deliveries,
      CASE
        WHEN state IN ('sending', 'paused') OR unfinished > 0 THEN 'on-its-way'
        WHEN unknown > 0 THEN 'unknown'
        WHEN NOT EXISTS (SELECT FROM sealed_report WHERE sealed_report.quarter = old.quarter) THEN 'quarter-open'
      END AS obstacle
    FROM (
      SELECT *, coalesce(closed_at, released_at) AS since,
        to_char(coalesce(first_accepted_at, released_at) AT TIME ZONE ${zone}, 'YYYY-"Q"Q') AS quarter
      FROM edition
      WHERE state IN ('sent', 'cancelled', 'sending', 'paused') AND released_at IS NOT NULL AND pruned_at IS NULL
        AND coalesce(closed_at, released_at) < ${before} AND (${only ?? null}::bigint IS NULL OR id = ${only ?? null})
    ) AS old
    CROSS JOIN LATERAL (
      SELECT sum(deliveries)::bigint AS deliveries,
        coalesce(sum(deliveries) FILTER (WHERE tally.state IN ('pending', 'sending', 'deferred')), 0) AS unfinished,
        coalesce(sum(deliveries) FILTER (WHERE tally.state = 'unknown'), 0) AS unknown
      FROM edition_tally AS tally WHERE edition_id = old.id
    ) AS totals
    WHERE deliveries > 0
    ORDER BY since, id`.execute(db)
  return rows
}

/** From now on its detail goes, and nothing is sent of it again. The caller holds the edition and writes who decided it. */
export async function markPruned(tx: Db, editionId: number, at: Date): Promise<void> {
  await tx
    .updateTable('edition')
    .set({ prunedAt: at })
    .where('id', '=', editionId)
    .where('prunedAt', 'is', null)
    .execute()
}

/** When the last edition whose detail was pruned had concluded: what a person got before is not known any more. */
export async function prunedUntil(db: Db): Promise<Date | null> {
  const { rows } = await sql<{ until: Date | null }>`
    SELECT max(coalesce(closed_at, released_at)) AS until FROM edition WHERE pruned_at IS NOT NULL`.execute(
    db,
  )
  return rows[0]!.until
}
