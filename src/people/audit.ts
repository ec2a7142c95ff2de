/** The audit log: every act, with who did it and what it was done to. Rows are only ever added. */
import type { Db } from '../db/database.ts'
import type { User } from './users.ts'

/** `user` undefined: the system itself. `subject`: `edition 12`, `contacts archivo.csv`. */
export async function audit(
  db: Db,
  entry: { at: Date; user: User | undefined; act: string; subject: string; detail?: object },
): Promise<void> {
  await db
    .insertInto('auditLog')
    .values({
      at: entry.at,
      userId: entry.user?.id ?? null,
      act: entry.act,
      subject: entry.subject,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute()
}

export interface AuditSearch {
  /** `system`: acts of nobody. */
  userId?: number | 'system'
  act?: string
  /** `edition`, `user`: the first word of the subject. */
  kind?: string
  /** The rest of it. */
  reference?: string
  from?: Date
  before?: Date
}

export interface AuditEntry {
  id: number
  at: Date
  login: string | null
  name: string | null
  act: string
  subject: string
  detail: unknown
}

/** Latest first; `beforeId`: those earlier than that one. */
export async function auditEntries(
  db: Db,
  { userId, act, kind, reference, from, before }: AuditSearch,
  { limit, beforeId }: { limit: number; beforeId?: number | undefined },
): Promise<AuditEntry[]> {
  let query = db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select([
      'auditLog.id',
      'auditLog.at',
      'staffUser.login',
      'staffUser.name',
      'auditLog.act',
      'auditLog.subject',
      'auditLog.detail',
    ])
    .orderBy('auditLog.id', 'desc')
    .limit(limit)
  if (userId === 'system') query = query.where('auditLog.userId', 'is', null)
  else if (userId !== undefined) query = query.where('auditLog.userId', '=', userId)
  if (act !== undefined) query = query.where('auditLog.act', '=', act)
  if (kind !== undefined && reference !== undefined)
    query = query.where('auditLog.subject', '=', `${kind} ${reference}`)
  else if (kind !== undefined)
    query = query.where(({ eb, or }) =>
      // a kind is one of our own words: nothing in it is a sign of LIKE
      or([eb('auditLog.subject', '=', kind), eb('auditLog.subject', 'like', `${kind} %`)]),
    )
  if (from) query = query.where('auditLog.at', '>=', from)
  if (before) query = query.where('auditLog.at', '<', before)
  if (beforeId !== undefined) query = query.where('auditLog.id', '<', beforeId)
  return query.execute()
}
