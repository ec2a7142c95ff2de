/** What a person does with their own account: password, sessions, the first one of all. */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { isUnclaimed } from '../people/accounts.ts'
import { audit } from '../people/audit.ts'
import { userOfLink } from '../people/password-links.ts'
import {
  closeOtherSessions,
  confirmPassword,
  goodPassword,
  openSession,
  stillHas,
  writePassword,
} from '../people/sessions.ts'
import { addUser, authorize, checkUser, type User } from '../people/users.ts'
import type { Engine } from './engine.ts'
import { longTime } from './hold.ts'

type AccountEngine = Pick<Engine, 'db' | 'clock' | 'keys'>

/** Every session ends; the token is of a new one. Throws a Problem (places `actual`, `contraseña`). */
export async function changeOwnPassword(
  { db, clock }: AccountEngine,
  user: User,
  { current, next }: { current: string; next: string },
): Promise<string> {
  authorize(user, 'account.own')
  const at = clock.now()
  const confirmed = await confirmPassword(db, user.login, current, at)
  if (!confirmed.ok) throw notConfirmed(confirmed.reason === 'locked' ? confirmed.until : undefined)
  if (next === current) throw samePassword
  const passwordHash = await goodPassword(next, user)
  return inTransaction(db, async (tx) => {
    // a reset or a deactivation meanwhile stands
    if (!(await stillHas(tx, user.id, confirmed.passwordHash))) throw notConfirmed(undefined)
    return replacePassword(tx, user, { passwordHash, origin: 'own', at })
  })
}

const notConfirmed = (until: Date | undefined): Problem =>
  new Problem('invalid', {
    place: 'actual',
    message: until ? 'hubo demasiados intentos' : 'la contraseña actual no es correcta',
    remedy: until ? `Espere hasta el ${longTime(until)}` : 'Revísela y escríbala de nuevo',
  })
const samePassword = new Problem('invalid', {
  place: 'contraseña',
  message: 'es la misma que la actual',
  remedy: 'Escriba otra',
})

/** The token of a session; undefined when the link was used, is late or never was. Throws a Problem (place `contraseña`). */
export async function setPasswordByLink(
  { db, clock, keys }: AccountEngine,
  token: string,
  password: string,
): Promise<string | undefined> {
  const at = clock.now()
  const user = await userOfLink(db, keys, token, at)
  if (!user) return undefined
  const passwordHash = await goodPassword(password, user)
  return inTransaction(db, async (tx) => {
    // used meanwhile, perhaps
    if (!(await userOfLink(tx, keys, token, at))) return undefined
    return replacePassword(tx, user, { passwordHash, origin: 'link', at })
  })
}

async function replacePassword(
  tx: Db,
  user: User,
  { passwordHash, origin, at }: { passwordHash: string; origin: 'own' | 'link'; at: Date },
): Promise<string> {
  await writePassword(tx, user.id, passwordHash, at)
  const subject = `user ${user.login}`
  await audit(tx, { at, user, act: 'users.password', subject, detail: { origin } })
  await audit(tx, { at, user, act: 'sign-in', subject })
  return openSession(tx, user, at)
}

/** Says how many. `token`: of the session that stays. */
export async function closeOwnOtherSessions(
  { db, clock }: AccountEngine,
  user: User,
  token: string,
): Promise<number> {
  authorize(user, 'account.own')
  return inTransaction(db, async (tx) => {
    const closed = await closeOtherSessions(tx, user.id, token)
    if (closed === 0) return 0
    await audit(tx, {
      at: clock.now(),
      user,
      act: 'sessions.close',
      subject: `user ${user.login}`,
      detail: { closed },
    })
    return closed
  })
}

/**
 * While nobody has a password: the token of a session, or undefined when somebody was first. It is of whoever adds the other
 * people and gives them their roles, and gives nobody leave to approve: that comes from another person. Who may ask is for
 * the caller to know. Throws a Problem (places of `checkUser`, `contraseña`).
 */
export async function addFirstAccount(
  { db, clock }: AccountEngine,
  person: Omit<User, 'id' | 'roles'>,
  password: string,
): Promise<string | undefined> {
  const at = clock.now()
  const checked = checkUser({ ...person, roles: ['operacion'] })
  const passwordHash = await goodPassword(password, checked)
  return inTransaction(db, async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended('first account', 0))`.execute(tx)
    if (!(await isUnclaimed(tx))) return undefined
    const user = await addUser(tx, checked, at)
    await writePassword(tx, user.id, passwordHash, at)
    const subject = `user ${user.login}`
    const { name, email, roles } = user
    const detail = { first: true, after: { name, email, roles } }
    await audit(tx, { at, user, act: 'users.add', subject, detail })
    await audit(tx, { at, user, act: 'sign-in', subject })
    return openSession(tx, user, at)
  })
}
