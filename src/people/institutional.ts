/** Who signs in by an account of the institution: somebody who has an account here already, by their address. */
import { inTransaction, type Db } from '../db/database.ts'
import { maskAddress } from '../mail.ts'
import { audit } from './audit.ts'
import { openSession } from './sessions.ts'
import type { User } from './users.ts'

/**
 * The token of a session; undefined without one active account of that address. A lock by wrong passwords does not count:
 * no password is guessed here.
 */
export async function signInByAddress(
  db: Db,
  address: string,
  at: Date,
): Promise<string | undefined> {
  return inTransaction(db, async (tx) => {
    const rows = await tx
      .selectFrom('staffUser')
      .select(['id', 'login', 'name', 'email', 'roles', 'active'])
      .where('email', '=', address)
      .orderBy('id')
      .forUpdate()
      .execute()
    const [found, ...others] = rows.filter(({ active }) => active)
    if (!found || others.length > 0) {
      const reason = found
        ? 'varias cuentas tienen ese correo'
        : rows.length > 0
          ? 'la cuenta está desactivada'
          : 'ninguna cuenta tiene ese correo'
      const login = rows.length === 1 ? rows[0]!.login : 'none'
      const subject = `user ${login}`
      const detail = { email: maskAddress(address), reason }
      await audit(tx, { at, user: undefined, act: 'sign-in.unknown', subject, detail })
      return undefined
    }
    const { active: _active, ...user } = found
    const token = await openSession(tx, user as User, at)
    const subject = `user ${user.login}`
    const detail = { origin: 'institutional' }
    await audit(tx, { at, user: user as User, act: 'sign-in', subject, detail })
    return token
  })
}
