/** How far an edition is and how fast it goes, at a cost that does not grow with it. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Totals } from '../states.ts'
import { totalsOf } from './totals.ts'

export interface Progress {
  totals: Totals
  /** Conversations that ended, of the last minute. */
  perSecond: number
  /** When the last that is queued will have been tried once; undefined while nothing moves or nothing is queued. */
  endsAt: Date | undefined
}

const windowMs = 60_000
/** Conversations of all editions that are looked at: a minute of the fastest relay that we know. */
const newest = 5_000
/** A rate from less time than this would jump. */
const leastMs = 5_000

export async function progressOf(db: Db, editionId: number, at: Date): Promise<Progress> {
  const totals = await totalsOf(db, editionId)
  const perSecond = await rateOf(db, editionId, at)
  const queued = totals.pending + totals.sending
  const endsAt =
    queued > 0 && perSecond > 0 ? new Date(at.getTime() + (queued / perSecond) * 1_000) : undefined
  return { totals, perSecond, endsAt }
}

/** Attempts are numbered as they come: the newest are found without reading the rest. */
async function rateOf(db: Db, editionId: number, at: Date): Promise<number> {
  const { rows } = await sql<{ attempts: number; firstAt: Date | null }>`
    SELECT count(*) AS attempts, min(at) AS first_at
    FROM (SELECT edition_id, at, phase FROM attempt ORDER BY id DESC LIMIT ${newest}) AS latest
    WHERE edition_id = ${editionId} AND phase <> 'lost' AND at > ${new Date(at.getTime() - windowMs)}`.execute(
    db,
  )
  const { attempts, firstAt } = rows[0]!
  if (firstAt === null) return 0
  return attempts / (Math.max(leastMs, at.getTime() - firstAt.getTime()) / 1_000)
}
