/** What staff enter for a person who asked by telephone or letter, or whose mail does not arrive. */
import { requireLists } from '../audience/lists.ts'
import { formerHolder } from '../audience/person.ts'
import { suppress, type SuppressionScope } from '../audience/suppressions.ts'
import { inTransaction } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { withholdFrom } from '../ledger/exclusions.ts'
import { audit } from '../people/audit.ts'
import type { User } from '../people/users.ts'
import type { SuppressionReason } from '../states.ts'
import type { Engine } from './engine.ts'
import { leave } from './leave-lists.ts'
import { contactOf, lookUp, subjectOf, withoutPerson, type Sought } from './person.ts'

/** Why staff may keep mail from an address; the other reasons come from what the person does. */
export const staffReasons = ['bounced', 'complaint', 'staff'] as const satisfies SuppressionReason[]
export type StaffReason = (typeof staffReasons)[number]

/** By slug; one list, all external lists, or everything. */
export type NamedScope = { list: string } | 'external' | 'all'

/** Also of an address that is on no list yet. `isNew`: it was not suppressed so already. */
export async function suppressAddress(
  engine: Engine,
  user: User,
  who: string,
  { scope: named, reason, note }: { scope: NamedScope; reason: StaffReason; note: string },
): Promise<{ isNew: boolean; withheld: number }> {
  const sought = await lookUp(engine, user, who, 'person.suppress', 'contacts.suppress')
  await refuseFormer(engine, sought)
  const { contact } = sought
  const address = sought.address ?? (await contactOf(engine, sought)).address
  if (reason === 'staff' && note.trim() === '') {
    throw new Problem('usage', {
      place: '--note',
      message: 'falta: una decisión del área dice por qué',
      remedy: 'Escriba el motivo',
    })
  }
  const at = engine.clock.now()
  const isNew = await inTransaction(engine.db, async (tx) => {
    const scope = await scopeOf(tx, named)
    const isNew = await suppress(tx, engine.keys, {
      address,
      scope,
      reason,
      note: note.trim(),
      at,
      userId: user.id,
    })
    const detail = { scope: named, reason, isNew }
    await audit(tx, { at, user, act: 'contacts.suppress', subject: subjectOf(contact?.id), detail })
    return isNew
  })
  // apart, and after the commit, as whoever leaves a list
  return { isNew, withheld: contact ? await withholdFrom(engine.db, contact.id, at) : 0 }
}

async function scopeOf(db: Engine['db'], named: NamedScope): Promise<SuppressionScope> {
  if (typeof named === 'string') return named
  const [list] = await requireLists(db, [named.list])
  return { list: list!.id }
}

/** A request to leave. `lists`: slugs; `external`: all that can be left, for good, also of an address on no list. */
export async function leaveOnRequest(
  engine: Engine,
  user: User,
  who: string,
  { lists, how }: { lists: string[] | 'external'; how: string },
): Promise<void> {
  const sought = await lookUp(engine, user, who, 'person.leave', 'contacts.suppress')
  await refuseFormer(engine, sought)
  const which =
    lists === 'external' ? lists : (await requireLists(engine.db, lists)).map(({ id }) => id)
  if (!sought.contact && sought.address !== undefined && which === 'external')
    return suppressStranger(engine, user, sought.address)
  const contact = await contactOf(engine, sought)
  await leave(engine, contact.id, which, {
    origin: `a petición, ${withoutPerson(how, contact)}`,
    user,
  })
}

/** A rectified address is nobody's: what is asked of it is meant for the address that the person has now. */
async function refuseFormer(engine: Engine, sought: Sought): Promise<void> {
  const { contact, address } = sought
  if (contact || address === undefined) return
  if ((await formerHolder(engine.db, address)) !== undefined) await contactOf(engine, sought)
}

/** Who is on no list is kept off those to come. */
async function suppressStranger(engine: Engine, user: User, address: string): Promise<void> {
  const at = engine.clock.now()
  await inTransaction(engine.db, async (tx) => {
    const scope = 'external'
    await suppress(tx, engine.keys, {
      address,
      scope,
      reason: 'unsubscribed',
      at,
      userId: user.id,
    })
    const detail = { scope, reason: 'unsubscribed' }
    await audit(tx, { at, user, act: 'contacts.leave', subject: subjectOf(undefined), detail })
  })
}
