/** One person, as staff come to them: every look is permitted, and written down before anything is shown. */
import { changeContacts } from '../audience/contact-gate.ts'
import { carrySuppressions, suppressionsOf } from '../audience/suppressions.ts'
import {
  changeContact,
  findContact,
  formerAddresses,
  formerHolder,
  keepFormerAddress,
  lockContact,
  ownAddresses,
  type Contact,
} from '../audience/person.ts'
import { readCountry } from '../countries.ts'
import { inTransaction, violates, type Db } from '../db/database.ts'
import { Problem, shown } from '../errors.ts'
import { readdress } from '../ledger/person.ts'
import { normalizeAddress, redactAddresses } from '../mail.ts'
import { accessesOf, writeAccess, type Access, type AccessAct } from '../people/accesses.ts'
import { audit } from '../people/audit.ts'
import { authorize, type Act, type User } from '../people/users.ts'
import { suppressionReasonNames } from '../states.ts'
import type { Engine } from './engine.ts'

/** Whom an act is about: a contact, or what may be held without one. */
export interface Sought {
  contact: Contact | undefined
  /** undefined: given by a number that is no contact's any more. */
  address: string | undefined
  /** As the audit log and the accesses name the person. */
  number: number | undefined
}

/** `who`: an address, or the number by which the audit log knows the person. */
export async function lookUp(
  { db, clock }: Pick<Engine, 'db' | 'clock'>,
  user: User,
  who: string,
  act: AccessAct,
  permission: Act,
): Promise<Sought> {
  authorize(user, permission)
  const asked = readWho(who)
  const contact = await findContact(db, asked)
  const number = contact?.id ?? ('id' in asked ? asked.id : undefined)
  await writeAccess(db, { at: clock.now(), user, contactId: number, act })
  const address = contact?.address ?? ('address' in asked ? asked.address : undefined)
  return { contact, address, number }
}

function readWho(who: string): { id: number } | { address: string } {
  if (/^\d{1,15}$/.test(who.trim())) return { id: Number(who) }
  return { address: readAddress(who, 'ADDRESS') }
}

/** The normal form. Throws a Problem when it is no address. */
export function readAddress(text: string, place: string): string {
  const normal = normalizeAddress(text)
  if ('address' in normal) return normal.address
  throw new Problem('invalid', {
    place,
    message: `no es una dirección de correo: ${normal.reason}`,
    value: shown(text),
    remedy: 'Dé una dirección como persona@example.org',
  })
}

/** The contact, or a Problem that says under what it may be looked for. */
export async function contactOf({ db }: Pick<Engine, 'db'>, sought: Sought): Promise<Contact> {
  if (sought.contact) return sought.contact
  const former = sought.address === undefined ? undefined : await formerHolder(db, sought.address)
  throw new Problem('notFound', {
    place: 'ADDRESS',
    message: 'ninguna persona de las listas tiene hoy esa dirección',
    remedy:
      former === undefined
        ? 'Revise cómo está escrita; `pregonero person show` dice si algo se conserva bajo ella'
        : `Fue de la persona ${former}: dé ese número en su lugar`,
  })
}

/** Every address under which something of the person may be held. */
export async function addressesOf(db: Db, { contact, address }: Sought): Promise<string[]> {
  if (!contact) return address === undefined ? [] : [address]
  const former = await formerAddresses(db, contact.id)
  return [...new Set([contact.address, ...(await ownAddresses(db, contact.id, former))])]
}

/** Who looked at the person, and when; also of one who was erased, by number. */
export async function accesses(engine: Engine, user: User, who: string): Promise<Access[]> {
  const { number } = await lookUp(engine, user, who, 'person.accesses', 'person.see')
  if (number !== undefined) return accessesOf(engine.db, number)
  throw new Problem('notFound', {
    place: 'ADDRESS',
    message: 'ninguna persona tiene hoy esa dirección',
    remedy: 'De quien ya se suprimió, dé el número que dice la bitácora',
  })
}

export interface Rectification {
  /** '' takes it away. */
  name?: string
  address?: string
  /** ISO 3166-1 alpha-2; '' takes it away. */
  country?: string
}

export interface Rectified {
  contact: Contact
  /** What was waiting for the old address and goes to the new one. */
  readdressed: number
  /** What keeps mail from the new address (es). */
  excludedBy: string[]
}

export async function rectify(
  engine: Engine,
  user: User,
  who: string,
  change: Rectification,
  reason: string,
): Promise<Rectified> {
  const sought = await lookUp(engine, user, who, 'person.rectify', 'person.change')
  const wanted = readRectification(change)
  const { id } = await contactOf(engine, sought)
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    if (wanted.address !== undefined) await changeContacts(tx)
    const before = await lockPerson(tx, id)
    refuseBlocked(before)
    if (wanted.address !== undefined && wanted.address !== before.address)
      await moveTo(engine, tx, before, wanted.address, at)
    await changeContact(tx, id, wanted)
    const contact = { ...before, ...wanted }
    const fields = Object.keys(wanted)
    const detail = { fields, reason: withoutPerson(reason, before, contact) }
    await audit(tx, { at, user, act: 'person.rectify', subject: subjectOf(id), detail })
    const excluded = await suppressionsOf(tx, engine.keys, contact.address)
    return {
      contact,
      readdressed:
        contact.address === before.address ? 0 : await readdress(tx, id, contact.address, at),
      excludedBy: [...new Set(excluded.map((row) => suppressionReasonNames[row.reason]))],
    }
  }).catch((error: unknown) => {
    throw violates(error, 'contact_address_key') ? addressTaken() : error
  })
}

function readRectification({ name, address, country }: Rectification): {
  name?: string
  address?: string
  country?: string | null
} {
  if (name === undefined && address === undefined && country === undefined) {
    throw new Problem('usage', {
      place: '--name, --address, --country',
      message: 'no dice qué se rectifica',
      remedy: "Dé al menos uno; '' quita el nombre o el país",
    })
  }
  return {
    ...(name !== undefined && { name: name.trim() }),
    ...(address !== undefined && { address: readAddress(address, '--address') }),
    ...(country !== undefined && {
      country: country === '' ? null : readCountry(country, '--country'),
    }),
  }
}

/** The new address must be nobody's, and not that of somebody who asked to be forgotten. */
async function moveTo(
  engine: Engine,
  tx: Db,
  before: Contact,
  address: string,
  at: Date,
): Promise<void> {
  if (await findContact(tx, { address })) throw addressTaken()
  const excluded = await suppressionsOf(tx, engine.keys, address)
  if (excluded.some(({ reason }) => reason === 'erased' || reason === 'blocked')) {
    throw new Problem('refused', {
      place: '--address',
      message: 'de esa dirección se pidió cancelar los datos',
      remedy:
        'Solo un nuevo consentimiento, dado desde ella en la página pública, la trae de vuelta',
    })
  }
  await carrySuppressions(tx, engine.keys, { from: before.address, to: address })
  await keepFormerAddress(tx, before, at)
}

const addressTaken = (): Problem =>
  new Problem('refused', {
    place: '--address',
    message: 'ya es de otra persona de las listas',
    remedy: 'Si es la misma persona, dé de baja o suprima uno de los dos registros',
  })

/** Throws a Problem when the person was erased meanwhile. */
export async function lockPerson(tx: Db, id: number): Promise<Contact> {
  const contact = await lockContact(tx, id)
  if (contact) return contact
  throw new Problem('notFound', {
    place: 'ADDRESS',
    message: 'sus datos se acaban de suprimir',
    remedy: 'No hay nada más que hacer',
  })
}

/** Blocked data are kept to answer for what was done, and used for nothing. */
export function refuseBlocked({ blockedAt }: Contact): void {
  if (blockedAt === null) return
  throw new Problem('refused', {
    place: 'ADDRESS',
    message: 'sus datos están bloqueados: la persona pidió cancelarlos',
    remedy: 'Si la persona retira su petición: `pregonero person unblock`',
  })
}

export const subjectOf = (contactId: number | undefined): string => `contact ${contactId ?? 'none'}`

/** Words of staff as the audit log may keep them for ever: it names nobody who may have to be forgotten. */
export function withoutPerson(
  text: string,
  ...people: Pick<Contact, 'address' | 'name'>[]
): string {
  return people.reduce((rest, { address, name }) => {
    const redacted = redactAddresses(rest, address)
    return name === '' ? redacted : redacted.replaceAll(name, '…')
  }, text)
}
