/**
 * Mail to staff, and to people about their own subscriptions: written with the act that causes it, sent by the planner,
 * logged in its own table, never counted.
 */
import { sql } from 'kysely'
import type { SenderSlug } from '../config.ts'
import type { Db } from '../db/database.ts'

export interface Notice {
  kind:
    | 'held'
    | 'omitted'
    | 'paused'
    | 'relay-down'
    | 'returned'
    | 'replanned'
    | 'finished-with-failures'
    | 'account'
    | 'subscription'
  editionId: number | null
  /** What makes a second notice of this kind about this edition a new one, for instance the instant of the hold. */
  occasion: string
  subject: string
  plainText: string
  /** The account that it goes from; the directorate's when not given. */
  sender?: SenderSlug
  /** False: to a person about their own subscriptions. */
  forStaff?: boolean
}

export interface PendingNotice {
  id: number
  address: string
  subject: string
  plainText: string
  attempts: number
  sender: SenderSlug
  forStaff: boolean
}

const maxAttempts = 10
const batchSize = 20
const abandonedAfterMs = 15 * 60_000
const personalSentMs = 24 * 3_600_000
/** By then the links in it have expired. */
const personalUnsentMs = 2 * personalSentMs

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
 * The longest untried first, so that those of a relay that is down do not keep the others waiting.
 */
export async function claimNotices(db: Db, at: Date): Promise<PendingNotice[]> {
  const abandonedBefore = new Date(at.getTime() - abandonedAfterMs)
  const { rows } = await sql<PendingNotice>`
    UPDATE notice SET state = 'sending', updated_at = ${at}
    WHERE id IN (
      SELECT id FROM notice
      WHERE state = 'pending' OR (state = 'sending' AND updated_at < ${abandonedBefore})
      ORDER BY updated_at, id LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
    RETURNING id, address, subject, plain_text, attempts, sender, for_staff`.execute(db)
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

/** Mail about one's own subscriptions holds an address and a link: it is kept while it is of use. Returns how many went. */
export async function forgetPersonalNotices(db: Db, at: Date): Promise<number> {
  const before = (ms: number) => new Date(at.getTime() - ms)
  const { numDeletedRows } = await db
    .deleteFrom('notice')
    .where('forStaff', '=', false)
    .where(({ and, or, eb }) =>
      or([
        and([eb('state', 'in', ['sent', 'failed']), eb('updatedAt', '<', before(personalSentMs))]),
        eb('createdAt', '<', before(personalUnsentMs)),
      ]),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Mail to these addresses about their own subscriptions, in order. */
export async function noticesTo(
  db: Db,
  addresses: string[],
): Promise<{ subject: string; state: string; createdAt: Date }[]> {
  if (addresses.length === 0) return []
  return db
    .selectFrom('notice')
    .select(['subject', 'state', 'createdAt'])
    .where('address', 'in', addresses)
    .where('forStaff', '=', false)
    .orderBy('id')
    .execute()
}

/** A person is erased: mail to them about their own subscriptions is forgotten. What staff were told stays. */
export async function forgetNotices(tx: Db, addresses: string[]): Promise<void> {
  await tx
    .deleteFrom('notice')
    .where('address', 'in', addresses)
    .where('forStaff', '=', false)
    .execute()
}
