/** Signing in to the panel: a random token in a cookie, of which the database has only the hash. */
import { randomBytes } from 'node:crypto'
import type { Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { sha256Hex } from '../hash.ts'
import { audit } from './audit.ts'
import { hashPassword, isPassword, passwordFault } from './passwords.ts'
import { authorize, requireUser, type User } from './users.ts'

/** Without a request for this long a session ends. */
export const idleMs = 60 * 60_000
/** And after this long in any case. */
export const absoluteMs = 12 * 60 * 60_000
const maxFailures = 5
const lockMs = 15 * 60_000
const touchEveryMs = 60_000

export type SignIn =
  | { ok: true; user: User; token: string }
  /** `locked`: too many failures in a row; also told to whoever has the right password. */
  | { ok: false; reason: 'wrong' }
  | { ok: false; reason: 'locked'; until: Date }

/** The same answer in the same time for a login that does not exist. */
export async function signIn(db: Db, login: string, password: string, at: Date): Promise<SignIn> {
  const row = await db
    .selectFrom('staffUser')
    .select([
      'id',
      'login',
      'name',
      'email',
      'roles',
      'passwordHash',
      'failedSignIns',
      'lockedUntil',
    ])
    .where('login', '=', login)
    .where('active', '=', true)
    .executeTakeFirst()
  const isRight = await isPassword(password, row?.passwordHash ?? undefined)
  if (!row) return { ok: false, reason: 'wrong' }
  if (row.lockedUntil && row.lockedUntil > at)
    return { ok: false, reason: 'locked', until: row.lockedUntil }
  const { id, name, email, roles } = row
  const user = { id, login: row.login, name, email, roles } as User
  if (!isRight) return refuse(db, user, at)
  await db
    .updateTable('staffUser')
    .set({ failedSignIns: 0, lockedUntil: null })
    .where('id', '=', id)
    .execute()
  const token = await openSession(db, user, at)
  await audit(db, { at, user, act: 'sign-in', subject: `user ${user.login}` })
  return { ok: true, user, token }
}

async function refuse(db: Db, user: User, at: Date): Promise<SignIn> {
  const until = new Date(at.getTime() + lockMs)
  const { failedSignIns } = await db
    .updateTable('staffUser')
    .set((set) => ({ failedSignIns: set('failedSignIns', '+', 1) }))
    .where('id', '=', user.id)
    .returning('failedSignIns')
    .executeTakeFirstOrThrow()
  const isLocked = failedSignIns >= maxFailures
  if (isLocked) {
    await db
      .updateTable('staffUser')
      .set({ failedSignIns: 0, lockedUntil: until })
      .where('id', '=', user.id)
      .execute()
  }
  const act = isLocked ? 'sign-in.locked' : 'sign-in.refused'
  await audit(db, { at, user: undefined, act, subject: `user ${user.login}` })
  return isLocked ? { ok: false, reason: 'locked', until } : { ok: false, reason: 'wrong' }
}

/** Returns the token of the cookie: 256 random bits. */
export async function openSession(db: Db, user: User, at: Date): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db
    .insertInto('staffSession')
    .values({ tokenSha256: sha256Hex(token), userId: user.id, createdAt: at, seenAt: at })
    .execute()
  return token
}

export interface Session {
  user: User
  /** When it ends without another request, or in any case. */
  endsAt: Date
}

/** undefined: it ended, or never was. */
export async function findSession(db: Db, token: string, at: Date): Promise<Session | undefined> {
  const tokenSha256 = sha256Hex(token)
  const row = await db
    .selectFrom('staffSession')
    .innerJoin('staffUser', 'staffUser.id', 'staffSession.userId')
    .select(['staffUser.id', 'login', 'name', 'email', 'roles', 'staffSession.createdAt', 'seenAt'])
    .where('tokenSha256', '=', tokenSha256)
    .where('active', '=', true)
    .where('seenAt', '>', new Date(at.getTime() - idleMs))
    .where('staffSession.createdAt', '>', new Date(at.getTime() - absoluteMs))
    .executeTakeFirst()
  if (!row) return undefined
  const { createdAt, seenAt, ...user } = row
  if (at.getTime() - seenAt.getTime() > touchEveryMs)
    await db
      .updateTable('staffSession')
      .set({ seenAt: at })
      .where('tokenSha256', '=', tokenSha256)
      .execute()
  const endsAt = new Date(Math.min(at.getTime() + idleMs, createdAt.getTime() + absoluteMs))
  return { user: user as User, endsAt }
}

export async function closeSession(db: Db, token: string): Promise<void> {
  await db.deleteFrom('staffSession').where('tokenSha256', '=', sha256Hex(token)).execute()
}

/** Of a person whose password or roles changed: every browser signs in anew. */
export async function closeSessionsOf(db: Db, userId: number): Promise<void> {
  await db.deleteFrom('staffSession').where('userId', '=', userId).execute()
}

/** Every browser in which the person is signed in signs in anew. Throws a Problem when the password is a poor one. */
export async function setPassword(
  db: Db,
  actor: User,
  login: string,
  password: string,
  at: Date,
): Promise<void> {
  if (actor.login !== login) authorize(actor, 'users.add')
  const user = await requireUser(db, login)
  const fault = passwordFault(password, user)
  if (fault) throw new Problem('invalid', fault)
  const passwordHash = await hashPassword(password)
  await db
    .updateTable('staffUser')
    .set({ passwordHash, passwordSetAt: at, failedSignIns: 0, lockedUntil: null })
    .where('id', '=', user.id)
    .execute()
  await closeSessionsOf(db, user.id)
  await audit(db, { at, user: actor, act: 'users.password', subject: `user ${login}` })
}

export async function purgeSessions(db: Db, at: Date): Promise<void> {
  await db
    .deleteFrom('staffSession')
    .where(({ or, eb }) =>
      or([
        eb('seenAt', '<', new Date(at.getTime() - idleMs)),
        eb('createdAt', '<', new Date(at.getTime() - absoluteMs)),
      ]),
    )
    .execute()
}
