/** One's own subscriptions, by a link that only the mailbox got. */
import { findContact } from '../audience/person.ts'
import { listsOfReader, type ReaderList } from '../audience/readers.ts'
import { inTransaction } from '../db/database.ts'
import { readToken } from '../keys.ts'
import type { Engine } from './engine.ts'
import { leave } from './leave-lists.ts'
import { joinByConsent } from './subscribe.ts'

export interface OwnSubscriptions {
  contactId: number
  address: string
  lists: ReaderList[]
}

/** `unknown`: not a link of ours, or broken. `gone`: we have no data of this person any more, or may not use them. */
export type OwnPage = { is: 'open'; own: OwnSubscriptions } | { is: 'unknown' | 'expired' | 'gone' }

/** What a link finds; changes nothing. */
export async function ownSubscriptions(engine: Engine, token: string): Promise<OwnPage> {
  const [contactId, untilSeconds] = readToken(engine.keys, 'manage', token) ?? []
  if (contactId === undefined || untilSeconds === undefined) return { is: 'unknown' }
  if (engine.clock.now().getTime() >= untilSeconds * 1000) return { is: 'expired' }
  const contact = await findContact(engine.db, { id: contactId })
  if (!contact || contact.blockedAt !== null) return { is: 'gone' }
  const lists = await listsOfReader(engine.db, contactId)
  return { is: 'open', own: { contactId, address: contact.address, lists } }
}

/** Of external lists only: officials are written to as such. False when there was nothing to leave. */
export async function leaveOwn(
  engine: Engine,
  { contactId, lists }: OwnSubscriptions,
  slug: string,
): Promise<boolean> {
  const list = lists.find((one) => one.slug === slug && canLeave(one))
  if (!list) return false
  await leave(engine, contactId, [list.id], { origin })
  return true
}

export async function leaveAllOwn(engine: Engine, { contactId }: OwnSubscriptions): Promise<void> {
  await leave(engine, contactId, 'external', { origin })
}

/** A new consent, by whoever reads the mailbox. False when the list is not open, or is received already. */
export async function joinOwn(
  engine: Engine,
  { contactId, lists }: OwnSubscriptions,
  slug: string,
): Promise<boolean> {
  const list = lists.find((one) => one.slug === slug && canJoin(one))
  if (!list) return false
  await inTransaction(engine.db, (tx) =>
    joinByConsent(engine, tx, contactId, [list], {
      evidence: 'página propia',
      noticeVersion: engine.privacy.version,
    }),
  )
  return true
}

export const canLeave = ({ kind, state }: ReaderList): boolean =>
  kind === 'external' && state === 'active'

export const canJoin = ({ isOpen, state, excludedBy }: ReaderList): boolean =>
  isOpen && (state !== 'active' || excludedBy !== null)

const origin = 'baja por la página propia'
