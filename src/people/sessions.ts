/** Signing in to the panel: a random token in a cookie, of which the database has only the hash. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { sha256Hex } from '../hash.ts'
import { audit } from './audit.ts'
import { hashPassword, isPassword, passwordFault } from './passwords.ts'
import { authorize, isLogin, requireUser, type User } from './users.ts'

/** Without a request for this long a session ends. */
export const idleMs = 60 * 60_000
/** And after this long in any case. */
export const absoluteMs = 12 * 60 * 60_000
const maxFailures = 5
const lockMs = 15 * 60_000
const touchEveryMs = 60_000

/** `locked`: too many failures in a row, of a login that exists: the page to sign in says the same as to `wrong`. */
export type Refusal = { ok: false; reason: 'wrong' } | { ok: false; reason: 'locked'; until: Date }
export type SignIn = { ok: true; user: User; token: string } | Refusal

/** The same answer in the same time for a login that does not exist. */
export async function signIn(db: Db, login: string, password: string, at: Date): Promise<SignIn> {
  const confirmed = await confirmPassword(db, login, password, at)
  if (!confirmed.ok) return confirmed
  const { user, passwordHash } = confirmed
  return inTransaction(db, async (tx): Promise<SignIn> => {
    if (!(await stillHas(tx, user.id, passwordHash))) return { ok: false, reason: 'wrong' }
    const token = await openSession(tx, user, at)
    await audit(tx, { at, user, act: 'sign-in', subject: `user ${user.login}` })
    return { ok: true, user, token }
  })
}

/** Another one was set, or the person was deactivated, while this one was looked at: false. Locks them until the end of `tx`. */
export async function stillHas(tx: Db, userId: number, passwordHash: string): Promise<boolean> {
  const row = await tx
    .selectFrom('staffUser')
    .select('id')
    .where('id', '=', userId)
    .where('active', '=', true)
    .where('passwordHash', '=', passwordHash)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Whether it is the password of that person; failures count towards the lock. Each attempt is counted before its password is
 * looked at: many at once are counted as those that come one by one.
 */
export async function confirmPassword(
  db: Db,
  login: string,
  password: string,
  at: Date,
): Promise<{ ok: true; user: User; passwordHash: string } | Refusal> {
  // what cannot be a login is not asked for: PostgreSQL has no text with a NUL
  const row = isLogin(login) ? await countAttempt(db, login, at) : undefined
  const isRight = await isPassword(password, row?.passwordHash ?? undefined)
  if (!row) return refusalOf(isLogin(login) ? await lockOf(db, login) : undefined, at)
  const { passwordHash, lockedUntil, ...found } = row
  const user = found as User
  if (!isRight) return refuse(db, user, lockedUntil, at)
  const { numUpdatedRows } = await db
    .updateTable('staffUser')
    .set({ failedSignIns: 0, lockedUntil: null })
    .where('id', '=', user.id)
    .where('active', '=', true)
    .where('passwordHash', '=', passwordHash)
    // its own lock, when it was the last attempt; not that of another one meanwhile
    .where(({ or, eb }) =>
      or([
        eb('lockedUntil', 'is', null),
        eb('lockedUntil', '<=', at),
        ...(lockedUntil ? [eb('lockedUntil', '=', lockedUntil)] : []),
      ]),
    )
    .executeTakeFirst()
  return numUpdatedRows === 0n
    ? refusalOf(await lockOf(db, login), at)
    : { ok: true, user, passwordHash: passwordHash! }
}

/** One statement, so that no two attempts have the same number; undefined: nobody, or locked. `lockedUntil`: by this one. */
const countAttempt = (db: Db, login: string, at: Date) =>
  db
    .updateTable('staffUser')
    .set({
      failedSignIns: sql`CASE WHEN failed_sign_ins + 1 < ${maxFailures} THEN failed_sign_ins + 1 ELSE 0 END`,
      lockedUntil: sql`CASE WHEN failed_sign_ins + 1 < ${maxFailures} THEN NULL ELSE ${new Date(at.getTime() + lockMs)}::timestamptz END`,
    })
    .where('login', '=', login)
    .where('active', '=', true)
    .where(({ or, eb }) => or([eb('lockedUntil', 'is', null), eb('lockedUntil', '<=', at)]))
    .returning(['id', 'login', 'name', 'email', 'roles', 'passwordHash', 'lockedUntil'])
    .executeTakeFirst()

async function lockOf(db: Db, login: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom('staffUser')
    .select('lockedUntil')
    .where('login', '=', login)
    .where('active', '=', true)
    .executeTakeFirst()
  return row?.lockedUntil ?? undefined
}

const refusalOf = (until: Date | undefined, at: Date): Refusal =>
  until && until > at ? { ok: false, reason: 'locked', until } : { ok: false, reason: 'wrong' }

async function refuse(db: Db, user: User, until: Date | null, at: Date): Promise<Refusal> {
  const act = until ? 'sign-in.locked' : 'sign-in.refused'
  await audit(db, { at, user: undefined, act, subject: `user ${user.login}` })
  return refusalOf(until ?? undefined, at)
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

/** All but that of `token`; says how many. */
export async function closeOtherSessions(db: Db, userId: number, token: string): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('staffSession')
    .where('userId', '=', userId)
    .where('tokenSha256', '!=', sha256Hex(token))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

export interface OpenSession {
  createdAt: Date
  seenAt: Date
  isThis: boolean
}

/** Those that still open the panel, latest used first; `token`: of the one that asks. */
export async function sessionsOf(
  db: Db,
  userId: number,
  token: string,
  at: Date,
): Promise<OpenSession[]> {
  const rows = await db
    .selectFrom('staffSession')
    .select(['tokenSha256', 'createdAt', 'seenAt'])
    .where('userId', '=', userId)
    .where('seenAt', '>', new Date(at.getTime() - idleMs))
    .where('createdAt', '>', new Date(at.getTime() - absoluteMs))
    .orderBy('seenAt', 'desc')
    .orderBy('createdAt', 'desc')
    .execute()
  const own = sha256Hex(token)
  return rows.map(({ tokenSha256, ...row }) => ({ ...row, isThis: tokenSha256 === own }))
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
  const passwordHash = await goodPassword(password, user)
  await inTransaction(db, async (tx) => {
    await writePassword(tx, user.id, passwordHash, at)
    await audit(tx, { at, user: actor, act: 'users.password', subject: `user ${login}` })
  })
}

/** Its hash. Throws a Problem when it is a poor one. */
export async function goodPassword(
  password: string,
  user: Pick<User, 'login' | 'name'>,
): Promise<string> {
  const fault = passwordFault(password, user)
  if (fault) throw new Problem('invalid', fault)
  return hashPassword(password)
}

/** `passwordHash` null: none, until a link sets one. Sessions of the one before end. */
export async function writePassword(
  tx: Db,
  userId: number,
  passwordHash: string | null,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('staffUser')
    .set({ passwordHash, passwordSetAt: at, failedSignIns: 0, lockedUntil: null })
    .where('id', '=', userId)
    .execute()
  await closeSessionsOf(tx, userId)
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
