/** A person leaves: at once, also what is on its way to them and was not yet taken in hand. */
import type { ListKind } from '../audience/lists.ts'
import { leaveLists } from '../audience/memberships.ts'
import { suppress } from '../audience/suppressions.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { withholdFrom } from '../ledger/exclusions.ts'
import { audit } from '../people/audit.ts'
import type { User } from '../people/users.ts'
import type { AudienceDefinition } from '../publication.ts'
import type { Engine } from './engine.ts'

/** What a link in a mail names: whom it was written to, and what it was. */
export interface Leaving {
  contactId: number
  editionId: number
}

export interface Leavable {
  /** Lists by which the edition may have reached the person, and that can be left. */
  lists: { id: number; slug: string; name: string; kind: ListKind; isMember: boolean }[]
  publication: string
  /** False once the person was erased. */
  isKnown: boolean
}

/** undefined: there is no such edition. Changes nothing. */
export async function leavable(
  engine: Engine,
  { contactId, editionId }: Leaving,
): Promise<Leavable | undefined> {
  const { db } = engine
  const edition = await db
    .selectFrom('edition')
    .select(['publication', 'audience'])
    .where('id', '=', editionId)
    .executeTakeFirst()
  if (!edition) return undefined
  const publication = engine.publications.find(({ slug }) => slug === edition.publication)
  const { lists } = edition.audience as AudienceDefinition
  const rows = await db
    .selectFrom('list')
    .leftJoin('listMember', (join) =>
      join.onRef('listMember.listId', '=', 'list.id').on('contactId', '=', contactId),
    )
    .select(['list.id', 'list.slug', 'list.name', 'list.kind', 'listMember.state'])
    .where('list.slug', 'in', lists)
    .orderBy('list.slug')
    .execute()
  const contact = await db
    .selectFrom('contact')
    .select('id')
    .where('id', '=', contactId)
    .executeTakeFirst()
  const own = rows
    .filter((row) => row.state !== null)
    .filter((row) => row.kind === 'external' || publication?.offersLeaving === true)
  // nobody's member any more, since an import was undone: the mail came by one of these all the same
  const isOnNone = contact !== undefined && rows.every((row) => row.state === null)
  const reached = isOnNone ? rows.filter((row) => row.kind === 'external') : own
  return {
    publication: publication?.name ?? edition.publication,
    isKnown: contact !== undefined,
    lists: reached.map(({ id, slug, name, kind, state }) => ({
      id,
      slug,
      name,
      kind: kind as ListKind,
      isMember: state === 'active',
    })),
  }
}

/**
 * `everything`: all external lists, those of the future too. Twice is harmless. `how`: for the record, for instance
 * `un clic`. Returns what it found; undefined when there is no such edition.
 */
export async function leaveByLink(
  engine: Engine,
  leaving: Leaving,
  { everything, how }: { everything: boolean; how: string },
): Promise<Leavable | undefined> {
  const found = await leavable(engine, leaving)
  if (!found?.isKnown) return found
  const lists = everything ? 'external' : found.lists.map(({ id }) => id)
  await leave(engine, leaving.contactId, lists, {
    origin: `baja por ${how}, edición ${leaving.editionId}`,
  })
  return found
}

/** `external`: all of them, for good. `user`: whoever enters a request made by other means. */
export async function leave(
  engine: Engine,
  contactId: number,
  lists: number[] | 'external',
  { origin, user }: { origin: string; user?: User },
): Promise<void> {
  const at = engine.clock.now()
  const actor = user === undefined ? {} : { userId: user.id }
  await inTransaction(engine.db, async (tx) => {
    const left = await leaveLists(tx, contactId, lists, {
      origin,
      reason: 'unsubscribed',
      at,
      ...actor,
    })
    const isNew = lists === 'external' && (await suppressExternal(engine, tx, contactId, at, actor))
    if (left.length === 0 && !isNew) return
    await audit(tx, {
      at,
      user,
      act: 'contacts.leave',
      subject: `contact ${contactId}`,
      detail: { lists: left, everything: lists === 'external', origin },
    })
  })
  // apart, and after the commit: a release that did not see it yet is seen here, or sees it when it withholds
  await withholdFrom(engine.db, contactId, at)
}

async function suppressExternal(
  engine: Engine,
  tx: Db,
  contactId: number,
  at: Date,
  actor: { userId?: number },
): Promise<boolean> {
  const { address } = await tx
    .selectFrom('contact')
    .select('address')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  return suppress(tx, engine.keys, {
    address,
    scope: 'external',
    reason: 'unsubscribed',
    at,
    ...actor,
  })
}
