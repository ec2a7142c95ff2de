/**
 * Cancellation of a person's data, in two steps: blocked, they are kept to answer for what was done and used for
 * nothing; after the term of the privacy notice they are erased. Neither changes a total that was printed.
 */
import { changeContacts } from '../audience/contact-gate.ts'
import { liftBlock, rememberErased, suppress } from '../audience/suppressions.ts'
import { leaveLists, returnToLists } from '../audience/memberships.ts'
import { changeContact, contactsToErase, forgetContact, type Contact } from '../audience/person.ts'
import { inMexicoCity } from '../clock.ts'
import { inTransaction } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { withholdFrom } from '../ledger/exclusions.ts'
import { forgetDeliveries } from '../ledger/person.ts'
import { forgetNotices } from '../notices/notices.ts'
import { audit } from '../people/audit.ts'
import type { User } from '../people/users.ts'
import { eachOf } from './each-of.ts'
import type { Engine } from './engine.ts'
import {
  addressesOf,
  contactOf,
  lockPerson,
  lookUp,
  refuseBlocked,
  subjectOf,
  withoutPerson,
  type Sought,
} from './person.ts'
import { holdsOnlyHashes, readPersonFile } from './person-file.ts'

/** First step. Returns when the second is due, and how many deliveries were stopped. */
export async function blockPerson(
  engine: Engine,
  user: User,
  who: string,
  reason: string,
): Promise<{ eraseAfter: Date; withheld: number }> {
  const sought = await lookUp(engine, user, who, 'person.block', 'person.change')
  const { id } = await contactOf(engine, sought)
  const at = engine.clock.now()
  const eraseAfter = inMexicoCity(at).plus({ days: engine.privacy.diasDeBloqueo }).toJSDate()
  await inTransaction(engine.db, async (tx) => {
    const contact = await lockPerson(tx, id)
    refuseBlocked(contact)
    await changeContact(tx, id, { blockedAt: at, eraseAfter })
    await suppress(tx, engine.keys, {
      address: contact.address,
      scope: 'all',
      reason: 'blocked',
      note: reason,
      at,
      userId: user.id,
    })
    const lists = await leaveLists(tx, id, 'all', {
      origin: 'bloqueo de sus datos',
      reason: 'blocked',
      at,
      userId: user.id,
    })
    const detail = { lists, eraseAfter, reason: withoutPerson(reason, contact) }
    await audit(tx, { at, user, act: 'person.block', subject: subjectOf(id), detail })
  })
  // apart, and after the commit, as whoever leaves a list
  return { eraseAfter, withheld: await withholdFrom(engine.db, id, at) }
}

/** The person withdraws the cancellation within its term. Returns the lists (ids) that they are back on. */
export async function unblockPerson(
  engine: Engine,
  user: User,
  who: string,
  reason: string,
): Promise<number[]> {
  const sought = await lookUp(engine, user, who, 'person.unblock', 'person.change')
  const { id } = await contactOf(engine, sought)
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    const contact = await lockPerson(tx, id)
    if (contact.blockedAt === null) throw notBlocked('No hay nada que retirar')
    await changeContact(tx, id, { blockedAt: null, eraseAfter: null })
    await liftBlock(tx, engine.keys, contact.address)
    const lists = await returnToLists(tx, id, {
      origin: 'retiro del bloqueo',
      reason: 'blocked',
      at,
      userId: user.id,
    })
    const detail = { lists, reason: withoutPerson(reason, contact) }
    await audit(tx, { at, user, act: 'person.unblock', subject: subjectOf(id), detail })
    return lists
  })
}

/**
 * Second step. `now`: without waiting for the term. Throws a Problem before its time, while a mail to the person is in
 * a worker's hands, and when there is nothing to erase.
 */
export async function erasePerson(
  engine: Engine,
  user: User,
  who: string,
  { reason, now = false }: { reason: string; now?: boolean },
): Promise<void> {
  const sought = await lookUp(engine, user, who, 'person.erase', 'person.change')
  if (!sought.contact && holdsOnlyHashes(await readPersonFile(engine, sought)))
    await contactOf(engine, sought)
  await erase(engine, sought, { user, reason, now })
}

/** Those whose term has passed; one whose mail is in a worker's hands waits for the next time. Returns how many. */
export async function eraseDue(engine: Engine): Promise<number> {
  const due = await contactsToErase(engine.db, engine.clock.now())
  let erased = 0
  await eachOf(due, async (contact) => {
    const sought = { contact, address: contact.address, number: contact.id }
    try {
      await erase(engine, sought, { user: undefined, reason: 'se cumplió el plazo', now: false })
      erased++
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      engine.log.info({ contact: contact.id, reason: error.message }, 'not erased yet')
    }
  })
  return erased
}

/** All of it or nothing, in one transaction. */
async function erase(
  engine: Engine,
  sought: Sought,
  { user, reason, now }: { user: User | undefined; reason: string; now: boolean },
): Promise<void> {
  const at = engine.clock.now()
  const contactId = sought.contact?.id
  await inTransaction(engine.db, async (tx) => {
    await changeContacts(tx)
    const contact = contactId === undefined ? undefined : await lockPerson(tx, contactId)
    const isEarly = refuseEarly(contact, at, now)
    const addresses = await addressesOf(tx, { ...sought, contact })
    if (!(await forgetDeliveries(tx, { contactId, addresses }, at))) throw inHand()
    await forgetContact(tx, contactId, addresses)
    await forgetNotices(tx, addresses)
    for (const address of addresses)
      await rememberErased(tx, engine.keys, address, { at, ...(user && { userId: user.id }) })
    const people = addresses.map((address) => ({ address, name: contact?.name ?? '' }))
    const detail = { reason: withoutPerson(reason, ...people), early: isEarly }
    await audit(tx, { at, user, act: 'person.erase', subject: subjectOf(contactId), detail })
  })
}

/** True when it is done before its time, because `now` says so. */
function refuseEarly(contact: Contact | undefined, at: Date, now: boolean): boolean {
  if (contact && contact.eraseAfter === null)
    throw notBlocked('Primero bloquéelos: `pregonero person block`')
  const isDue = contact?.eraseAfter != null && contact.eraseAfter <= at
  if (isDue || now) return contact !== undefined && !isDue
  throw new Problem('refused', {
    place: 'ADDRESS',
    message: contact?.eraseAfter
      ? `el plazo de bloqueo termina el ${inMexicoCity(contact.eraseAfter).toFormat("d 'de' LLLL 'de' yyyy, HH:mm")}`
      : 'no está en ninguna lista: lo que se conserva no tiene plazo de bloqueo',
    remedy: 'Espere, o agregue --now con el motivo: queda en la bitácora',
  })
}

const notBlocked = (remedy: string): Problem =>
  new Problem('refused', { place: 'ADDRESS', message: 'sus datos no están bloqueados', remedy })

const inHand = (): Problem =>
  new Problem('refused', {
    place: 'ADDRESS',
    message: 'en este momento se le está enviando un correo',
    remedy: 'Inténtelo de nuevo en unos minutos; no se suprimió nada',
  })
