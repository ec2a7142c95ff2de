/** Mail to staff: written with the act that causes it, sent by the planner, logged in its own table, never counted. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

export interface Notice {
  kind: 'held' | 'omitted' | 'replanned' | 'finished-with-failures'
  editionId: number
  /** What makes a second notice of this kind about this edition a new one, for instance the instant of the hold. */
  occasion: string
  subject: string
  plainText: string
}

export interface PendingNotice {
  id: number
  address: string
  subject: string
  plainText: string
  attempts: number
}

const maxAttempts = 10
const batchSize = 20
const abandonedAfterMs = 15 * 60_000

/** One row per address; the same occasion twice writes nothing. */
export async function writeNotice(
  tx: Db,
  notice: Notice,
  addresses: string[],
  at: Date,
): Promise<void> {
  if (addresses.length === 0) return
  await tx
    .insertInto('notice')
    .values(addresses.map((address) => ({ ...notice, address, createdAt: at, updatedAt: at })))
    .onConflict((conflict) =>
      conflict.columns(['kind', 'editionId', 'occasion', 'address']).doNothing(),
    )
    .execute()
}

/**
 * Takes pending notices, and those that a killed process left `sending` a while ago: an alert twice is better than none.
 */
export async function claimNotices(db: Db, at: Date): Promise<PendingNotice[]> {
  const abandonedBefore = new Date(at.getTime() - abandonedAfterMs)
  const { rows } = await sql<PendingNotice>`
    UPDATE notice SET state = 'sending', updated_at = ${at}
    WHERE id IN (
      SELECT id FROM notice
      WHERE state = 'pending' OR (state = 'sending' AND updated_at < ${abandonedBefore})
      ORDER BY id LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
    RETURNING id, address, subject, plain_text, attempts`.execute(db)
  return rows
}

/** `unavailable`: no conversation came about; it waits for the relay, however long. */
export type NoticeResult =
  { outcome: 'sent' } | { outcome: 'refused' | 'unavailable'; reason: string }

/** A refusal is tried again at later plans, ten times in all. */
export async function settleNotice(
  db: Db,
  notice: PendingNotice,
  result: NoticeResult,
  at: Date,
): Promise<void> {
  const attempts = notice.attempts + (result.outcome === 'unavailable' ? 0 : 1)
  const unsent = attempts < maxAttempts ? 'pending' : 'failed'
  await db
    .updateTable('notice')
    .set({
      state: result.outcome === 'sent' ? 'sent' : unsent,
      attempts,
      reason: result.outcome === 'sent' ? null : result.reason.replaceAll('\0', ''),
      updatedAt: at,
    })
    .where('id', '=', notice.id)
    .execute()
}
