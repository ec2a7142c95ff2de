/**
 * A person subscribes by the public page. Nothing is believed before the mailbox answers: the request is a row, its mail
 * is another, and whoever asked learns nothing of who is on our lists.
 */
import { inMexicoCity } from '../clock.ts'
import { allLists, type List } from '../audience/lists.ts'
import { joinLists } from '../audience/memberships.ts'
import { findContact, lockContact, type Contact } from '../audience/person.ts'
import { listsOfReader, type ReaderList } from '../audience/readers.ts'
import {
  addRequest,
  contactOfRequest,
  findRequest,
  forgetRequests,
  takeRareTurn,
  takeRequest,
  type NewRequest,
  type SubscriptionRequest,
} from '../audience/subscription-requests.ts'
import { liftByConsent, suppressionsOf } from '../audience/suppressions.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { forgetPersonalNotices, writeNotice } from '../notices/notices.ts'
import { audit } from '../people/audit.ts'
import type { SuppressionReason } from '../states.ts'
import type { Engine } from './engine.ts'
import {
  alreadySubscribedMail,
  confirmMail,
  confirmWithinHours,
  manageWithinHours,
  ownSubscriptionsMail,
  type PersonalMail,
} from './subscription-mails.ts'

const hourMs = 3_600_000

/** What the person wrote of themselves. */
export type Asked = Pick<NewRequest, 'address' | 'name' | 'country'>

/** `full`: too many asked, whatever their addresses, and nothing was written; there is room again then. */
export type Answered = { is: 'taken' } | { is: 'full'; until: Date }

/** `lists`: open ones. What is found makes little difference to the work, and none to the answer. */
export async function requestSubscription(
  engine: Engine,
  asked: Asked,
  lists: List[],
): Promise<Answered> {
  const request = { ...asked, lists: lists.map(({ slug }) => slug) }
  return writeRequest(engine, request, confirmWithinHours, ({ contact, known }, requestId) => {
    const isOn = ({ id }: List) => known.some((list) => list.id === id && isReached(list))
    return contact && lists.every(isOn)
      ? alreadySubscribedMail(engine, lists, contact.id)
      : confirmMail(engine, lists, requestId)
  })
}

/** An address that is on no list of ours is sent nothing. */
export async function requestOwnSubscriptions(engine: Engine, address: string): Promise<Answered> {
  const request = { address, name: '', country: undefined, lists: [] }
  return writeRequest(engine, request, manageWithinHours, ({ contact, known }) => {
    if (!contact) return undefined
    const sender = known.find(({ kind, state }) => kind === 'external' && state !== null)?.sender
    return ownSubscriptionsMail(engine, contact.id, sender ?? 'dvoe')
  })
}

async function writeRequest(
  engine: Engine,
  request: Asked & Pick<NewRequest, 'lists'>,
  validHours: number,
  mailFor: (reader: Reader, requestId: number) => PersonalMail | undefined,
): Promise<Answered> {
  const at = engine.clock.now()
  const row = {
    ...request,
    noticeVersion: engine.privacy.version,
    expiresAt: new Date(at.getTime() + validHours * hourMs),
  }
  return inTransaction(engine.db, async (tx) => {
    const added = await addRequest(tx, row, at)
    if (added.is === 'full') return added
    const taken = { is: 'taken' as const }
    if (added.is === 'enough') return taken
    const reader = await readerAt(engine, tx, request.address)
    const mail = reader.isBlocked ? undefined : mailFor(reader, added.id)
    if (!mail) return taken
    if (reader.isSilenced && !(await takeRareTurn(tx, engine.keys, request.address, at)))
      return taken
    const notice = {
      ...mail,
      kind: 'subscription' as const,
      editionId: null,
      occasion: `request ${added.id}`,
      forStaff: false,
    }
    await writeNotice(tx, notice, [request.address], at)
    return taken
  })
}

interface Reader {
  contact: Contact | undefined
  known: ReaderList[]
  isBlocked: boolean
  /** Somebody had to see to it that the address is not mailed, and no consent has come from it since. */
  isSilenced: boolean
}

async function readerAt({ keys }: Engine, tx: Db, address: string): Promise<Reader> {
  const contact = await findContact(tx, { address })
  const known = await listsOfReader(tx, contact?.id ?? 0)
  const isReader = known.some((list) => list.kind === 'external' && isReached(list))
  const suppressions = await suppressionsOf(tx, keys, address)
  return {
    contact,
    known,
    isBlocked: contact !== undefined && contact.blockedAt !== null,
    isSilenced:
      !isReader &&
      suppressions.some(({ scope, reason }) => scope !== 'list' && silencing.includes(reason)),
  }
}

const silencing: SuppressionReason[] = ['complaint', 'staff', 'erased']

const isReached = ({ state, excludedBy }: ReaderList): boolean =>
  state === 'active' && excludedBy === null

/**
 * `joined`: by this confirmation. `confirmed`: by an earlier one. `expired`: or forgotten since. `blocked`: the person's
 * data are being cancelled. `closed`: its lists are not open any more.
 */
export type RequestStanding =
  | { is: 'waiting' | 'joined'; request: SubscriptionRequest; lists: List[] }
  | { is: 'confirmed'; request: SubscriptionRequest; lists: List[]; confirmedAt: Date }
  | { is: 'expired' | 'blocked' | 'closed' }

/** What a confirmation link finds; changes nothing. */
export async function standingOf(
  engine: Pick<Engine, 'db' | 'clock'>,
  requestId: number,
): Promise<RequestStanding> {
  const request = await findRequest(engine.db, requestId)
  if (!request || request.lists.length === 0) return { is: 'expired' }
  const known = await allLists(engine.db)
  const asked = known.filter(({ slug }) => request.lists.includes(slug))
  const { confirmedAt } = request
  if (confirmedAt !== null) return { is: 'confirmed', request, lists: asked, confirmedAt }
  if (request.expiresAt <= engine.clock.now()) return { is: 'expired' }
  const contact = await findContact(engine.db, { address: request.address })
  if (contact && contact.blockedAt !== null) return { is: 'blocked' }
  const lists = asked.filter(({ isOpen }) => isOpen)
  return lists.length === 0 ? { is: 'closed' } : { is: 'waiting', request, lists }
}

/** The consent of whoever reads the mailbox. Twice is harmless: what was left since stays left. */
export async function confirmSubscription(
  engine: Engine,
  requestId: number,
): Promise<RequestStanding> {
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    const standing = await standingOf({ ...engine, db: tx }, requestId)
    if (standing.is !== 'waiting') return standing
    const request = await takeRequest(tx, requestId, at)
    // another confirmation was faster
    if (!request) return standingOf({ ...engine, db: tx }, requestId)
    const { lists } = standing
    const contactId = await contactOfRequest(tx, request, at)
    await joinByConsent(engine, tx, contactId, lists, {
      evidence: `solicitud ${requestId} confirmada por correo`,
      noticeVersion: request.noticeVersion,
    })
    return { is: 'joined', request, lists }
  })
}

/** `evidence`: where the consent of this moment can be seen. Throws when the person was blocked or erased meanwhile. */
export async function joinByConsent(
  engine: Engine,
  tx: Db,
  contactId: number,
  lists: { id: number }[],
  { evidence, noticeVersion }: { evidence: string; noticeVersion: string },
): Promise<void> {
  const at = engine.clock.now()
  const contact = await lockContact(tx, contactId)
  if (!contact || contact.blockedAt !== null)
    throw new Error(`Contact ${contactId} was blocked or erased while joining`)
  const listIds = lists.map(({ id }) => id)
  const consent = {
    origin: 'formulario público',
    consentedOn: inMexicoCity(at).toISODate(),
    evidence,
    noticeVersion,
  }
  await joinLists(tx, contactId, listIds, consent, { at })
  const lifted = await liftByConsent(tx, engine.keys, contact.address, listIds)
  await audit(tx, {
    at,
    user: undefined,
    act: 'contacts.subscribe',
    subject: `contact ${contactId}`,
    detail: { lists: listIds, lifted, evidence, noticeVersion },
  })
}

/** What the public pages wrote and is of no more use. */
export async function purgeRequests(db: Db, at: Date): Promise<void> {
  await forgetRequests(db, at)
  await forgetPersonalNotices(db, at)
}
