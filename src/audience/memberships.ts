/** Joining and leaving lists, with what shows that the person wanted it. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

export interface Consent {
  /** The file, form or act that brought the person here. */
  origin: string
  /** ISO date; undefined for officials, whom the institution writes to as such. */
  consentedOn?: string
  /** Where the consent can be seen. */
  evidence?: string
  /** Of the privacy notice that the person was shown. */
  noticeVersion?: string
}

interface Act {
  at: Date
  /** undefined: the person. */
  userId?: number
}

/**
 * Makes the contact an active member of the lists by a new consent: one who had left is back, and one whom an import
 * brought is there by their own will from now on. What was suppressed before holds no more for these lists.
 */
export async function joinLists(
  tx: Db,
  contactId: number,
  listIds: number[],
  { origin, consentedOn, evidence = '', noticeVersion = '' }: Consent,
  { at, userId }: Act,
): Promise<void> {
  await sql`
    INSERT INTO list_member AS m (list_id, contact_id, origin, since, consented_on, evidence, notice_version)
    SELECT list_id, ${contactId}, ${origin}, ${at}, ${consentedOn ?? null}, ${evidence}, ${noticeVersion}
    FROM unnest(${listIds}::bigint[]) AS list_id
    ON CONFLICT (list_id, contact_id) DO UPDATE SET state = 'active', left_at = NULL, left_reason = NULL,
      origin = excluded.origin, since = excluded.since, consented_on = excluded.consented_on,
      evidence = excluded.evidence, notice_version = excluded.notice_version, import_id = NULL`.execute(
    tx,
  )
  await writeEvents(tx, contactId, listIds, { act: 'joined', origin, noticeVersion, at, userId })
}

/** Lists by their ids, also those that the contact is not on: no import shall bring them there. */
export type WhichLists = number[] | 'external' | 'all'

/**
 * Leaving twice is harmless; who leaves while blocked stays away when the block is withdrawn. Returns the lists that
 * were left now.
 */
export async function leaveLists(
  tx: Db,
  contactId: number,
  lists: WhichLists,
  { origin, reason, at, userId }: Act & { origin: string; reason: string },
): Promise<number[]> {
  const which =
    typeof lists === 'object'
      ? sql`SELECT unnest(${lists}::bigint[]) AS list_id`
      : sql`SELECT list_id FROM list_member JOIN list ON list.id = list_id
          WHERE contact_id = ${contactId} AND (kind = 'external' OR ${lists === 'all'})`
  const { rows } = await sql<{ listId: number }>`
    INSERT INTO list_member AS m (list_id, contact_id, state, origin, since, left_at, left_reason)
    SELECT list_id, ${contactId}, 'left', ${origin}, ${at}, ${at}, ${reason} FROM (${which}) AS which
    ON CONFLICT (list_id, contact_id) DO UPDATE SET state = 'left', left_at = excluded.left_at,
      left_reason = excluded.left_reason
    WHERE m.state = 'active' OR (m.left_reason = 'blocked' AND excluded.left_reason <> 'blocked')
    RETURNING list_id`.execute(tx)
  const left = rows.map((row) => row.listId)
  await writeEvents(tx, contactId, left, { act: 'left', origin, noticeVersion: '', at, userId })
  return left
}

/**
 * Back to the lists that were left for this reason, with the consent that each had: what was done is taken back.
 * Returns them.
 */
export async function returnToLists(
  tx: Db,
  contactId: number,
  { origin, reason, at, userId }: Act & { origin: string; reason: string },
): Promise<number[]> {
  const rows = await tx
    .updateTable('listMember')
    .set({ state: 'active', leftAt: null, leftReason: null })
    .where('contactId', '=', contactId)
    .where('state', '=', 'left')
    .where('leftReason', '=', reason)
    .returning('listId')
    .execute()
  const back = rows.map((row) => row.listId)
  await writeEvents(tx, contactId, back, { act: 'joined', origin, noticeVersion: '', at, userId })
  return back
}

async function writeEvents(
  tx: Db,
  contactId: number,
  listIds: number[],
  event: {
    act: 'joined' | 'left'
    origin: string
    noticeVersion: string
    at: Date
    userId: number | undefined
  },
): Promise<void> {
  if (listIds.length === 0) return
  const { userId = null, ...rest } = event
  await tx
    .insertInto('membershipEvent')
    .values(listIds.map((listId) => ({ ...rest, contactId, listId, userId })))
    .execute()
}

export interface Membership {
  list: string
  listName: string
  kind: 'internal' | 'external'
  state: 'active' | 'left'
  since: Date
  origin: string
  consentedOn: string | null
  evidence: string
  noticeVersion: string
  leftAt: Date | null
  leftReason: string | null
}

export async function membershipsOf(db: Db, contactId: number): Promise<Membership[]> {
  const rows = await db
    .selectFrom('listMember')
    .innerJoin('list', 'list.id', 'listMember.listId')
    .select([
      'list.slug as list',
      'list.name as listName',
      'kind',
      'state',
      'since',
      'origin',
      'consentedOn',
      'evidence',
      'noticeVersion',
      'leftAt',
      'leftReason',
    ])
    .where('contactId', '=', contactId)
    .orderBy('list.slug')
    .execute()
  return rows as Membership[]
}

export interface MembershipEvent {
  at: Date
  listName: string
  act: 'joined' | 'left'
  origin: string
  noticeVersion: string
}

/** What happened to each membership, in order. */
export async function membershipEventsOf(db: Db, contactId: number): Promise<MembershipEvent[]> {
  const rows = await db
    .selectFrom('membershipEvent')
    .innerJoin('list', 'list.id', 'membershipEvent.listId')
    .select(['at', 'list.name as listName', 'act', 'origin', 'noticeVersion'])
    .where('contactId', '=', contactId)
    .orderBy('membershipEvent.id')
    .execute()
  return rows as MembershipEvent[]
}

export interface Leave {
  id: number
  at: Date
  address: string
  listName: string
  origin: string
}

/** Latest first; `before`: the id of the last one of the page before. */
export async function recentLeaves(
  db: Db,
  { limit, before }: { limit: number; before?: number },
): Promise<Leave[]> {
  let query = db
    .selectFrom('membershipEvent')
    .innerJoin('list', 'list.id', 'membershipEvent.listId')
    .innerJoin('contact', 'contact.id', 'membershipEvent.contactId')
    .select([
      'membershipEvent.id',
      'membershipEvent.at',
      'contact.address',
      'list.name as listName',
      'membershipEvent.origin',
    ])
    .where('act', '=', 'left')
    .orderBy('membershipEvent.id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('membershipEvent.id', '<', before)
  return query.execute()
}
