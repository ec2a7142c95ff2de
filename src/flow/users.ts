/** What whoever administers accounts does with them. Nobody can leave the panel without somebody who does. */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { sha256Hex } from '../hash.ts'
import { findAccount, type Account } from '../people/accounts.ts'
import { audit } from '../people/audit.ts'
import { passwordLink, type PasswordLink } from '../people/password-links.ts'
import { closeSessionsOf, setPassword, writePassword } from '../people/sessions.ts'
import { addUser, authorize, checkUser, requireUser, type User } from '../people/users.ts'
import { rolesSaid, tellOfAccount } from './account-notices.ts'
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
    if (roles.includes('aprobacion')) {
      const said = [`Se creó su cuenta, con ${roles.join(', ')}.`]
      await tellOfAccount(tx, actor, { account: user, addresses: [email], said }, at)
    }
    return { user, link: await passwordLink(tx, keys, user.id, at) }
  })
}

/** What an edit was decided from. */
export const versionOf = ({ name, email, roles }: Pick<User, 'name' | 'email' | 'roles'>): string =>
  sha256Hex(JSON.stringify([name, email, sorted(roles)]))

/** Somebody else changed it since. */
export class AccountChanged extends Problem {}

/** Says what changed. Whose roles change signs in anew. `seen`: the version that the change was decided from. */
export async function editAccount(
  { db, clock, config }: AccountEngine & Pick<Engine, 'config'>,
  actor: User,
  id: number,
  change: AccountChange,
  seen?: string,
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
    // the same again changes nothing, whatever it was decided from
    if (changed.length === 0) return changed
    if (seen !== undefined && seen !== versionOf(was)) throw changedMeanwhile
    if (changed.includes('roles')) refuseOwnApproval(actor, was, now.roles)
    const pick = (from: AccountChange) => Object.fromEntries(changed.map((key) => [key, from[key]]))
    await tx.updateTable('staffUser').set(pick(now)).where('id', '=', id).execute()
    if (changed.includes('roles')) await closeSessionsOf(tx, id)
    const detail = { before: pick(was), after: pick(now) }
    await audit(tx, { at, user: actor, act: 'users.edit', subject: subjectOf(was), detail })
    const said = [
      ...(changed.includes('roles') ? [rolesSaid(was.roles, now.roles)] : []),
      ...(changed.includes('email') ? [addressSaid(config)] : []),
    ]
    const news = { account: { ...was, name: now.name }, addresses: [was.email, now.email], said }
    if (said.length > 0) await tellOfAccount(tx, actor, news, at)
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
    await tellOfLink(tx, actor, account, at)
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
    await tellOfLink(tx, actor, account, at)
    return { user: account, link: await passwordLink(tx, keys, id, at) }
  })
}

/** From the command line, which asks nobody for the password of before: also of one's own it is told. */
export async function resetPassword(
  { db, clock }: AccountEngine,
  actor: User,
  login: string,
  password: string,
): Promise<void> {
  const at = clock.now()
  await inTransaction(db, async (tx) => {
    await setPassword(tx, actor, login, password, at)
    const account = await requireUser(tx, login)
    const said = [
      'Se puso otra contraseña a su cuenta desde la línea de comandos, y sus sesiones terminaron.',
    ]
    await tellOfAccount(tx, actor, { account, addresses: [account.email], said }, at)
  })
}

const tellOfLink = (tx: Db, actor: User, account: Account, at: Date): Promise<void> =>
  tellOfAccount(
    tx,
    actor,
    {
      account,
      addresses: [account.email],
      said: ['Se hizo una liga con la que se elige una contraseña nueva para su cuenta.'],
    },
    at,
  )

/** Who administers accounts would be both persons of the rule of two. */
function refuseOwnApproval(actor: User, was: Account, roles: User['roles']): void {
  if (was.id !== actor.id || was.roles.includes('aprobacion') || !roles.includes('aprobacion'))
    return
  throw new Problem('refused', {
    place: 'roles',
    message: 'nadie se da a sí el rol de aprobación',
    remedy: 'Pídalo a otra persona que tenga el rol de operación',
  })
}

/** With accounts of the institution the address alone leads to the account. */
const addressSaid = ({ oidc }: Engine['config']): string =>
  `Cambió la dirección a la que llegan sus avisos${oidc ? ', y con la que se entra por la cuenta institucional' : ''}.`

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

const changedMeanwhile = new AccountChanged('refused', {
  place: 'cuenta',
  message: 'otra persona la cambió después de que se abrió esta página',
  remedy: 'Compare las dos versiones y decida de nuevo',
})
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
