/** Links by which a person sets their own password, once: nobody else ever knows it. */
import type { Db } from '../db/database.ts'
import { sha256Hex } from '../hash.ts'
import { readToken, signToken, type Keys } from '../keys.ts'
import type { User } from './users.ts'

export const linkHours = 24

export interface PasswordLink {
  token: string
  until: Date
}

interface PasswordState {
  passwordHash: string | null
  passwordSetAt: Date | null
}

/** Serves until the password, or the lack of one, is another than now. */
export async function passwordLink(
  db: Db,
  keys: Keys,
  userId: number,
  at: Date,
): Promise<PasswordLink> {
  const state = await db
    .selectFrom('staffUser')
    .select(['passwordHash', 'passwordSetAt'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  const seconds = Math.floor(at.getTime() / 1000) + linkHours * 3_600
  const token = signToken(keys, 'password', [userId, seconds, stampOf(state)])
  return { token, until: new Date(seconds * 1000) }
}

/** Whose it is; undefined when it was used, is late, is of somebody inactive, or is no link. Locks their row in a transaction. */
export async function userOfLink(
  db: Db,
  keys: Keys,
  token: string,
  at: Date,
): Promise<User | undefined> {
  const [userId, seconds, stamp] = readToken(keys, 'password', token) ?? []
  if (userId === undefined || seconds! * 1000 <= at.getTime()) return undefined
  const row = await db
    .selectFrom('staffUser')
    .select(['id', 'login', 'name', 'email', 'roles', 'passwordHash', 'passwordSetAt'])
    .where('id', '=', userId)
    .where('active', '=', true)
    .$if(db.isTransaction, (query) => query.forUpdate())
    .executeTakeFirst()
  if (!row || stampOf(row) !== stamp) return undefined
  const { passwordHash: _hash, passwordSetAt: _at, ...user } = row
  return user as User
}

/** 48 bits that change with every password: a link is of the one that it replaces. */
function stampOf({ passwordHash, passwordSetAt }: PasswordState): number {
  const text = `${passwordHash ?? ''} ${passwordSetAt?.toISOString() ?? ''}`
  return Number.parseInt(sha256Hex(text).slice(0, 12), 16)
}
