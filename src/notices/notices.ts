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

/** Takes pending notices. One that a killed process left `sending` is not sent again: better none than two. */
export async function claimNotices(db: Db, at: Date): Promise<PendingNotice[]> {
  const { rows } = await sql<PendingNotice>`
    UPDATE notice SET state = 'sending', attempts = attempts + 1, updated_at = ${at}
    WHERE id IN (SELECT id FROM notice WHERE state = 'pending' ORDER BY id LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
    RETURNING id, address, subject, plain_text, attempts`.execute(db)
  return rows
}

/** `reason` undefined: the relay took it. Otherwise it is tried again at the next plan, ten times in all. */
export async function settleNotice(
  db: Db,
  notice: PendingNotice,
  reason: string | undefined,
  at: Date,
): Promise<void> {
  const state = reason === undefined ? 'sent' : notice.attempts < maxAttempts ? 'pending' : 'failed'
  await db
    .updateTable('notice')
    .set({ state, reason: reason ?? null, updatedAt: at })
    .where('id', '=', notice.id)
    .execute()
}
