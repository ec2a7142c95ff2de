/** What whoever administers accounts does with them. Nobody can leave the panel without somebody who does. */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { findAccount, type Account } from '../people/accounts.ts'
import { audit } from '../people/audit.ts'
import { passwordLink, type PasswordLink } from '../people/password-links.ts'
import { closeSessionsOf, writePassword } from '../people/sessions.ts'
import { addUser, authorize, checkUser, type User } from '../people/users.ts'
import type { Engine } from './engine.ts'

type AccountEngine = Pick<Engine, 'db' | 'clock' | 'keys'>
export type AccountChange = Partial<Pick<User, 'name' | 'email' | 'roles'>>

export interface LinkedAccount {
  user: User
  /** To hand over: with it the person sets their password. */
  link: PasswordLink
}

/** `actor` undefined: only while there is nobody at all, from the command line. */
export async function addAccount(
  { db, clock, keys }: AccountEngine,
  actor: User | undefined,
  person: Omit<User, 'id'>,
): Promise<LinkedAccount> {
  if (actor) authorize(actor, 'users.add')
  const at = clock.now()
  return inTransaction(db, async (tx) => {
    await (actor ? lockOperators(tx, actor) : requireNobody(tx))
    const user = await addUser(tx, person, at)
    const { name, email, roles } = user
    await audit(tx, {
      at,
      user: actor,
      act: 'users.add',
      subject: subjectOf(user),
      detail: { after: { name, email, roles } },
    })
    return { user, link: await passwordLink(tx, keys, user.id, at) }
  })
}

/** Says what changed. Whose roles change signs in anew. */
export async function editAccount(
  { db, clock }: AccountEngine,
  actor: User,
  id: number,
  change: AccountChange,
): Promise<(keyof AccountChange)[]> {
  authorize(actor, 'users.add')
  const at = clock.now()
  return inTransaction(db, async (tx) => {
    const operators = await lockOperators(tx, actor)
    const was = await lockAccount(tx, id)
    const now = checkUser({ ...was, ...change })
    if (!now.roles.includes('operacion')) refuseLoss(operators, actor, was, 'roles')
    const changed = (['name', 'email', 'roles'] as const).filter(
      (key) => JSON.stringify(sorted(was[key])) !== JSON.stringify(sorted(now[key])),
    )
    if (changed.length === 0) return changed
    const pick = (from: AccountChange) => Object.fromEntries(changed.map((key) => [key, from[key]]))
    await tx.updateTable('staffUser').set(pick(now)).where('id', '=', id).execute()
    if (changed.includes('roles')) await closeSessionsOf(tx, id)
    const detail = { before: pick(was), after: pick(now) }
    await audit(tx, { at, user: actor, act: 'users.edit', subject: subjectOf(was), detail })
    return changed
  })
}

/** Their sessions end, and their password with them: who comes back sets another. */
export async function deactivateAccount(
  { db, clock }: AccountEngine,
  actor: User,
  id: number,
): Promise<void> {
  authorize(actor, 'users.add')
  const at = clock.now()
  await inTransaction(db, async (tx) => {
    const operators = await lockOperators(tx, actor)
    const account = await lockAccount(tx, id)
    refuseLoss(operators, actor, account, 'cuenta')
    if (account.active) await setActive(tx, actor, account, { active: false, at })
  })
}

export async function reactivateAccount(
  { db, clock, keys }: AccountEngine,
  actor: User,
  id: number,
): Promise<LinkedAccount> {
  authorize(actor, 'users.add')
  const at = clock.now()
  return inTransaction(db, async (tx) => {
    await lockOperators(tx, actor)
    const account = await lockAccount(tx, id)
    if (account.active) throw isActive
    await setActive(tx, actor, account, { active: true, at })
    return { user: account, link: await passwordLink(tx, keys, id, at) }
  })
}

/** The password and the links of before stop working. */
export async function newPasswordLink(
  { db, clock, keys }: AccountEngine,
  actor: User,
  id: number,
): Promise<LinkedAccount> {
  authorize(actor, 'users.add')
  const at = clock.now()
  return inTransaction(db, async (tx) => {
    await lockOperators(tx, actor)
    const account = await lockAccount(tx, id)
    if (!account.active) throw isInactive
    if (account.id === actor.id) throw ownLink
    await writePassword(tx, id, null, at)
    await audit(tx, { at, user: actor, act: 'users.link', subject: subjectOf(account) })
    return { user: account, link: await passwordLink(tx, keys, id, at) }
  })
}

const subjectOf = ({ login }: Pick<User, 'login'>): string => `user ${login}`

const sorted = (value: string | string[]) => (Array.isArray(value) ? value.toSorted() : value)

/**
 * Active operators, one change at a time: two who take the role from each other must not both succeed. Throws a Problem
 * when the actor is one no longer.
 */
async function lockOperators(tx: Db, actor: User): Promise<number[]> {
  const rows = await tx
    .selectFrom('staffUser')
    .select('id')
    .where('active', '=', true)
    .where(sql<boolean>`'operacion' = ANY (roles)`)
    .orderBy('id')
    .forUpdate()
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.includes(actor.id)) return ids
  throw new Problem('refused', {
    place: actor.login,
    message: 'ya no tiene el rol de operación',
    remedy: 'Pida el cambio a una persona que lo tenga',
  })
}

async function requireNobody(tx: Db): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended('first account', 0))`.execute(tx)
  const [somebody] = await tx.selectFrom('staffUser').select('id').limit(1).execute()
  if (!somebody) return
  throw new Problem('usage', {
    place: '--as',
    message: 'falta: cada acto tiene una persona',
    remedy: 'Dé la clave de quien administra las cuentas',
  })
}

async function lockAccount(tx: Db, id: number): Promise<Account> {
  await tx.selectFrom('staffUser').select('id').where('id', '=', id).forUpdate().execute()
  return findAccount(tx, id)
}

async function setActive(
  tx: Db,
  actor: User,
  account: Account,
  { active, at }: { active: boolean; at: Date },
): Promise<void> {
  await tx.updateTable('staffUser').set({ active }).where('id', '=', account.id).execute()
  await writePassword(tx, account.id, null, at)
  await audit(tx, {
    at,
    user: actor,
    act: active ? 'users.reactivate' : 'users.deactivate',
    subject: subjectOf(account),
    detail: { before: { active: account.active }, after: { active } },
  })
}

/** Throws a Problem when nobody would be left to administer accounts, or when it is one's own. */
function refuseLoss(
  operators: number[],
  actor: User,
  account: Account,
  place: 'roles' | 'cuenta',
): void {
  if (!operators.includes(account.id)) return
  if (operators.length === 1) {
    throw new Problem('refused', {
      place,
      message: `${account.name} es la única persona activa con el rol de operación, y sin ella nadie administraría las cuentas`,
      remedy: 'Dé antes ese rol a otra persona',
    })
  }
  if (account.id === actor.id) {
    throw new Problem('refused', {
      place,
      message:
        place === 'roles'
          ? 'nadie se quita a sí el rol de operación'
          : 'nadie desactiva su propia cuenta',
      remedy: 'Pídalo a otra persona que tenga ese rol',
    })
  }
}

const isActive = new Problem('refused', {
  place: 'cuenta',
  message: 'ya está activa',
  remedy: 'Si la persona no puede entrar, haga una liga nueva',
})
const isInactive = new Problem('refused', {
  place: 'cuenta',
  message: 'está desactivada',
  remedy: 'Reactívela: con ello se hace una liga',
})
const ownLink = new Problem('refused', {
  place: 'cuenta',
  message: 'es la propia, y la liga dejaría sin contraseña a quien la hace',
  remedy: 'Cambie su contraseña en la página de su cuenta',
})
