/** Staff users: who they are and what their roles permit. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { Problem, nearest, shown, type Fault } from '../errors.ts'
import { normalizeAddress } from '../mail.ts'

export const roles = ['capturista', 'aprobacion', 'operacion', 'privacidad', 'consulta'] as const
export type Role = (typeof roles)[number]

export interface User {
  id: number
  login: string
  name: string
  email: string
  roles: Role[]
}

/** Who may do what: permissions belong to acts, and roles are lists of them. */
const permissions = {
  /** Agenda, editions, report: with addresses masked. */
  'panel.see': roles,
  'content.add': ['capturista', 'aprobacion'],
  'edition.ready': ['capturista', 'aprobacion'],
  'edition.approve': ['aprobacion'],
  'edition.return': ['aprobacion'],
  /** Pause, resume, resend what failed, say what became of the unknown. */
  'edition.control': ['operacion'],
  /** Of one's own that nobody approved; any other takes `edition.cancel-any`. */
  'edition.cancel': ['capturista', 'aprobacion', 'operacion'],
  'edition.cancel-any': ['aprobacion', 'operacion'],
  'edition.open': ['capturista', 'aprobacion', 'operacion'],
  'edition.test': ['capturista', 'aprobacion', 'operacion'],
  'contacts.import': ['capturista', 'operacion'],
  'contacts.suppress': ['capturista', 'operacion', 'privacidad'],
  /** Whole addresses: everybody else reads them masked. */
  'addresses.see': ['operacion', 'privacidad'],
  'person.see': ['privacidad'],
  'person.change': ['privacidad'],
  'lists.add': ['operacion'],
  'topics.add': ['aprobacion'],
  'sessions.edit': ['capturista', 'aprobacion'],
  'numbering.set': ['operacion'],
  'users.add': ['operacion'],
  'settings.see': roles,
  'audit.see': ['operacion', 'privacidad'],
  /** Of oneself: password and sessions. */
  'account.own': roles,
  'rest-days.edit': ['operacion'],
  'register.edit': ['capturista', 'aprobacion'],
  'report.close': ['aprobacion'],
  /** How fast a sender may go. */
  'senders.limit': ['operacion'],
  'instance.adopt': ['operacion'],
  /** Who received what, of editions that ended long ago. */
  'detail.prune': ['operacion'],
} as const satisfies Record<string, readonly Role[]>
export type Act = keyof typeof permissions

/** Throws a Problem when the user's roles do not permit the act. */
export function authorize(user: User, act: Act): void {
  if (may(user, act)) return
  const allowed: readonly Role[] = permissions[act]
  throw new Problem('refused', {
    place: `--as ${user.login}`,
    message: `no puede ${act}: tiene ${user.roles.join(', ')}`,
    remedy: `Lo puede hacer una persona con el rol ${allowed.join(' o ')}`,
  })
}

export function may(user: User, act: Act): boolean {
  const allowed: readonly Role[] = permissions[act]
  return user.roles.some((role) => allowed.includes(role))
}

/** The active user of that login. Throws a Problem that names the closest login when there is none. */
export async function requireUser(db: Db, login: string | undefined): Promise<User> {
  const rows = await db
    .selectFrom('staffUser')
    .select(['id', 'login', 'name', 'email', 'roles'])
    .where('active', '=', true)
    .execute()
  const found = rows.find((row) => row.login === login)
  if (found) return found as User
  const guess =
    login &&
    nearest(
      login,
      rows.map((row) => row.login),
    )
  throw new Problem(login === undefined ? 'usage' : 'notFound', {
    place: '--as',
    message:
      login === undefined
        ? 'falta: cada acto tiene una persona'
        : 'no hay una persona usuaria con esa clave',
    ...(login !== undefined && { value: shown(login) }),
    remedy: guess
      ? `¿Quiso decir ${guess}?`
      : '`pregonero users list` las muestra; `pregonero users add` crea una',
  })
}

/** Adds a user; the login must be free. Returns it. */
export async function addUser(db: Db, user: Omit<User, 'id'>, at: Date): Promise<User> {
  const checked = checkUser(user)
  const inserted = await db
    .insertInto('staffUser')
    .values({ ...checked, createdAt: at })
    .onConflict((conflict) => conflict.column('login').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (inserted) return { ...checked, id: inserted.id }
  throw new Problem('refused', {
    place: 'clave',
    message: 'ya existe una persona usuaria con esa clave',
    value: shown(user.login),
    remedy: 'Elija otra clave',
  })
}

export const maxNameLength = 100

/** As it is kept. Throws a Problem with every fault at once; each place is the name of the datum in Spanish. */
export function checkUser(user: Omit<User, 'id'>): Omit<User, 'id'> {
  const name = user.name.trim().normalize('NFC')
  const email = normalizeAddress(user.email)
  const given = [...new Set(user.roles)]
  const address = 'reason' in email ? '' : email.address
  const faults = [
    loginFault(user.login),
    nameFault(name),
    'reason' in email ? emailFault(user, email) : undefined,
    rolesFault(given),
  ].filter((fault) => fault !== undefined)
  if (faults.length > 0) throw new Problem('invalid', faults)
  return { login: user.login, name, email: address, roles: given }
}

/** Only such a text can be somebody's login. */
export const isLogin = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{1,39}$/.test(text)

function loginFault(login: string): Fault | undefined {
  if (isLogin(login)) return undefined
  return {
    place: 'clave',
    message: 'no es una clave válida',
    value: shown(login),
    remedy: 'Use de 2 a 40 minúsculas sin acento, dígitos, puntos o guiones',
  }
}

function nameFault(name: string): Fault | undefined {
  const fault = (message: string, remedy: string) => ({ place: 'nombre', message, remedy })
  if (name === '') return fault('falta el nombre', 'Escriba cómo conoce el personal a la persona')
  if (name.length > maxNameLength)
    return fault(`el nombre tiene ${name.length} letras`, `Use ${maxNameLength} o menos`)
  if (/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(name))
    return fault('el nombre contiene caracteres de control o invisibles', 'Escríbalo de nuevo')
  return undefined
}

const emailFault = ({ email }: Pick<User, 'email'>, { reason }: { reason: string }): Fault => ({
  place: 'correo',
  message: `no es una dirección de correo: ${reason}`,
  value: shown(email),
  remedy: 'Dé una dirección como persona@iecm.mx',
})

function rolesFault(given: Role[]): Fault | undefined {
  const unknown = given.filter((role) => !roles.includes(role))
  const place = 'roles'
  if (given.length === 0)
    return { place, message: 'falta al menos un rol', remedy: 'Elija uno o varios' }
  if (unknown.length === 0) return undefined
  return {
    place,
    message: 'no es un rol',
    value: shown(unknown.join(', ')),
    remedy: `Use uno o varios de: ${roles.join(', ')}`,
  }
}

/** Of those that exist, by their id. */
export async function namesOf(db: Db, ids: number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('staffUser')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Active users with any of the roles: whom a notice goes to. */
export async function usersWithRoles(db: Db, wanted: Role[]): Promise<User[]> {
  const rows = await db
    .selectFrom('staffUser')
    .select(['id', 'login', 'name', 'email', 'roles'])
    .where('active', '=', true)
    .where(sql<boolean>`roles && ${wanted}::text[]`)
    .orderBy('id')
    .execute()
  return rows as User[]
}
