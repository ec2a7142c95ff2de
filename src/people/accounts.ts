/** Accounts as whoever administers them sees them. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { Problem, shown } from '../errors.ts'
import type { User } from './users.ts'

export interface Account extends User {
  active: boolean
  hasPassword: boolean
  lastSignInAt: Date | null
}

/** Active ones first, by name. */
export async function listAccounts(db: Db): Promise<Account[]> {
  const rows = await accounts(db).orderBy('active', 'desc').orderBy('name').execute()
  return rows as Account[]
}

/** Throws a Problem when there is none. */
export async function findAccount(db: Db, id: number): Promise<Account> {
  const row = await accounts(db).where('id', '=', id).executeTakeFirst()
  if (!row) throw noAccount(String(id))
  return row as Account
}

/** Active or not: who left still has a login. Throws a Problem when there is none. */
export async function accountId(db: Db, login: string): Promise<number> {
  const row = await db
    .selectFrom('staffUser')
    .select('id')
    .where('login', '=', login)
    .executeTakeFirst()
  if (!row) throw noAccount(login)
  return row.id
}

const noAccount = (value: string): Problem =>
  new Problem('notFound', {
    place: 'persona usuaria',
    message: 'no existe',
    value: shown(value),
    remedy: 'La lista de personas usuarias muestra las que hay',
  })

const accounts = (db: Db) =>
  db
    .selectFrom('staffUser')
    .select(({ selectFrom }) => [
      'id',
      'login',
      'name',
      'email',
      'roles',
      'active',
      sql<boolean>`password_hash IS NOT NULL`.as('hasPassword'),
      selectFrom('auditLog')
        .select('auditLog.at')
        .whereRef('auditLog.userId', '=', 'staffUser.id')
        .where('auditLog.act', '=', 'sign-in')
        .orderBy('auditLog.id', 'desc')
        .limit(1)
        .as('lastSignInAt'),
    ])

/**
 * Nobody has had a password or signed in otherwise: the first account may be made in the browser. A reset does not open it
 * again.
 */
export async function isUnclaimed(db: Db): Promise<boolean> {
  const { rows } = await sql<{ isClaimed: boolean }>`
    SELECT EXISTS (SELECT FROM staff_user WHERE password_set_at IS NOT NULL)
      OR EXISTS (SELECT FROM audit_log WHERE act = 'sign-in') AS is_claimed`.execute(db)
  return !rows[0]!.isClaimed
}
