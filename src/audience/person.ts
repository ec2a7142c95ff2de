/** One person in the tables of the audience: what is held of them, and how it is mended, blocked and erased. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { displayAddress } from '../mail.ts'

const columns = [
  'id',
  'address',
  'name',
  'isGroup',
  'country',
  'tags',
  'createdAt',
  'blockedAt',
  'eraseAfter',
] as const

export interface Contact {
  id: number
  address: string
  name: string
  isGroup: boolean
  /** ISO 3166-1 alpha-2 */
  country: string | null
  tags: string[]
  createdAt: Date
  /** Cancellation, first step: nothing but erasing or unblocking may be done. */
  blockedAt: Date | null
  eraseAfter: Date | null
}

/** `address`: in normal form. */
export async function findContact(
  db: Db,
  who: { id: number } | { address: string },
): Promise<Contact | undefined> {
  const query = db.selectFrom('contact').select(columns)
  return (
    'id' in who ? query.where('id', '=', who.id) : query.where('address', '=', who.address)
  ).executeTakeFirst()
}

/** Nobody joins, is released or is erased beside whoever holds the lock. undefined: erased meanwhile. */
export async function lockContact(tx: Db, id: number): Promise<Contact | undefined> {
  return tx
    .selectFrom('contact')
    .select(columns)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

/** Throws what violates `contact_address_key` when the address is somebody else's. */
export async function changeContact(
  tx: Db,
  id: number,
  change: Partial<Pick<Contact, 'address' | 'name' | 'country' | 'blockedAt' | 'eraseAfter'>>,
): Promise<void> {
  await tx.updateTable('contact').set(change).where('id', '=', id).execute()
}

/** The address was rectified: whoever brings it again brings this contact. */
export async function keepFormerAddress(
  tx: Db,
  { id, address }: Pick<Contact, 'id' | 'address'>,
  until: Date,
): Promise<void> {
  await tx
    .insertInto('formerAddress')
    .values({ address, contactId: id, until })
    .onConflict((conflict) => conflict.column('address').doUpdateSet({ contactId: id, until }))
    .execute()
}

/** Addresses that the contact had before. */
export async function formerAddresses(db: Db, contactId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('formerAddress')
    .select('address')
    .where('contactId', '=', contactId)
    .orderBy('address')
    .execute()
  return rows.map((row) => row.address)
}

/** The contact whose address it was. */
export async function formerHolder(db: Db, address: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('formerAddress')
    .select('contactId')
    .where('address', '=', address)
    .executeTakeFirst()
  return row?.contactId
}

/** Contacts whose time to be erased has come. */
export async function contactsToErase(db: Db, at: Date): Promise<Contact[]> {
  return db
    .selectFrom('contact')
    .select(columns)
    .where('eraseAfter', '<=', at)
    .orderBy('eraseAfter')
    .execute()
}

/** Those of the addresses that no other contact has. */
export async function ownAddresses(
  db: Db,
  contactId: number,
  addresses: string[],
): Promise<string[]> {
  if (addresses.length === 0) return []
  const others = await db
    .selectFrom('contact')
    .select('address')
    .where('address', 'in', addresses)
    .where('id', '<>', contactId)
    .execute()
  return addresses.filter((address) => !others.some((other) => other.address === address))
}

export interface RequestOfPerson {
  address: string
  createdAt: Date
  lists: string[]
  confirmedAt: Date | null
}

/** What was asked for on the public pages. */
export async function requestsOf(db: Db, addresses: string[]): Promise<RequestOfPerson[]> {
  if (addresses.length === 0) return []
  return db
    .selectFrom('subscriptionRequest')
    .select(['address', 'createdAt', 'lists', 'confirmedAt'])
    .where('address', 'in', addresses)
    .orderBy('id')
    .execute()
}

export interface StagedRow {
  address: string | null
  fileName: string
  createdAt: Date
}

/** Rows of files that were read and not yet confirmed or discarded. */
export async function stagedRowsOf(db: Db, addresses: string[]): Promise<StagedRow[]> {
  if (addresses.length === 0) return []
  return db
    .selectFrom('contactImportRow')
    .innerJoin('contactImport', 'contactImport.id', 'contactImportRow.importId')
    .select(['contactImportRow.address', 'contactImport.fileName', 'contactImport.createdAt'])
    .where('contactImportRow.address', 'in', addresses)
    .orderBy('importId')
    .orderBy('rowNumber')
    .execute()
}

/** Erases the contact, with memberships and their events, and all that waits under the addresses. */
export async function forgetContact(
  tx: Db,
  contactId: number | undefined,
  addresses: string[],
): Promise<void> {
  await tx.deleteFrom('subscriptionRequest').where('address', 'in', addresses).execute()
  // whoever weighs one meanwhile would keep its review
  await sql`SELECT FROM contact_import WHERE state = 'staged' ORDER BY id FOR UPDATE`.execute(tx)
  // of a row that is refused the address stands in its faults alone, as it was written; a review repeats its rows
  await sql`
    WITH erased AS (
      DELETE FROM contact_import_row WHERE address = ANY (${addresses}::text[]) OR EXISTS (
        SELECT FROM unnest(${addresses.flatMap((one) => [one, displayAddress(one)])}::text[]) AS one
        WHERE position(lower(one) IN lower(faults::text)) > 0)
      RETURNING import_id)
    DELETE FROM contact_import_review WHERE import_id IN (SELECT import_id FROM erased)`.execute(tx)
  if (contactId !== undefined) await tx.deleteFrom('contact').where('id', '=', contactId).execute()
}
