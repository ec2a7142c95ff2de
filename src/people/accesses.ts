/** Who looked at whom. Rows are only ever added; what they say of a person who was erased is a number. */
import type { Db } from '../db/database.ts'
import type { User } from './users.ts'

/** Acts by which staff come to see one person, as the person's file and staff read them. */
export const accessActs = {
  'person.show': 'consulta',
  'person.export': 'copia de sus datos',
  'person.accesses': 'consulta de quién la ha visto',
  'person.rectify': 'rectificación',
  'person.block': 'bloqueo',
  'person.unblock': 'retiro del bloqueo',
  'person.erase': 'supresión',
  'person.suppress': 'exclusión',
  'person.leave': 'baja',
  'deliveries.search': 'búsqueda de sus envíos',
} as const
export type AccessAct = keyof typeof accessActs

/** `contactId` undefined: nobody was found. Written before anything is shown, and stays when the act is refused. */
export async function writeAccess(
  db: Db,
  {
    at,
    user,
    contactId,
    act,
  }: { at: Date; user: User; contactId: number | undefined; act: AccessAct },
): Promise<void> {
  await db
    .insertInto('personAccess')
    .values({ at, userId: user.id, contactId: contactId ?? null, act })
    .execute()
}

export interface Access {
  at: Date
  login: string
  name: string
  act: AccessAct
}

/** In order; those of a person who was erased can still be read by number. */
export async function accessesOf(db: Db, contactId: number): Promise<Access[]> {
  const rows = await db
    .selectFrom('personAccess')
    .innerJoin('staffUser', 'staffUser.id', 'personAccess.userId')
    .select(['personAccess.at', 'login', 'name', 'act'])
    .where('contactId', '=', contactId)
    .orderBy('personAccess.id')
    .execute()
  return rows as Access[]
}
