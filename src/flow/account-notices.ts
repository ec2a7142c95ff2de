/** Who has power over accounts does nothing with them in silence: the person and the other operators are told by mail. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { writeNotice } from '../notices/notices.ts'
import type { Role, User } from '../people/users.ts'
import { longTime } from './hold.ts'

export interface AccountNews {
  account: Pick<User, 'id' | 'login' | 'name'>
  /** Of the person: also that of before, when it changed. */
  addresses: string[]
  /** What was done, a sentence each. */
  said: string[]
}

/** `actor` undefined: the command line, while there is nobody. */
export async function tellOfAccount(
  tx: Db,
  actor: User | undefined,
  { account, addresses, said }: AccountNews,
  at: Date,
): Promise<void> {
  const operators = await tx
    .selectFrom('staffUser')
    .select(['id', 'email'])
    .where('active', '=', true)
    .where(sql<boolean>`'operacion' = ANY (roles)`)
    .orderBy('id')
    .execute()
  const others = operators.filter(({ id }) => id !== actor?.id).map(({ email }) => email)
  await writeNotice(
    tx,
    {
      kind: 'account',
      editionId: null,
      occasion: `${account.login} ${at.toISOString()} ${said[0]}`,
      subject: `Cuenta de ${account.name} (${account.login})`,
      plainText: [
        `${actor ? `${actor.name} (${actor.login})` : 'Desde la línea de comandos'}, el ${longTime(at)}:`,
        '',
        ...said,
        '',
        'Si nadie lo había acordado, avisar de inmediato a las demás personas de Operación: pueden desactivar la cuenta, y todo queda en la bitácora.',
      ].join('\n'),
    },
    [...new Set([...addresses, ...others])],
    at,
  )
}

export const rolesSaid = (was: Role[], is: Role[]): string =>
  `Sus roles eran ${was.join(', ')} y ahora son ${is.join(', ')}.`
