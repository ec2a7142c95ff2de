/** One person in the ledger: what was sent to them, and how it is forgotten without changing a total. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import type { DeliveryState, Outcome } from '../states.ts'

/** `contactId` undefined: what was sent to the addresses and belongs to no contact any more. */
export interface Recipient {
  contactId: number | undefined
  addresses: string[]
}

export interface DeliveryOfPerson {
  id: number
  publication: string
  period: string
  revision: number
  address: string
  name: string
  state: DeliveryState
  reason: string | null
  updatedAt: Date
  attempts: { at: Date; outcome: Outcome; smtpCode: number | null }[]
}

/** Newest first, without what is behind each. */
export async function deliveriesTo(db: Db, recipient: Recipient) {
  return db
    .selectFrom('delivery')
    .innerJoin('edition', 'edition.id', 'delivery.editionId')
    .select([
      'delivery.editionId',
      'publication',
      'period',
      'address',
      'delivery.state',
      'reason',
      'updatedAt',
    ])
    .where(isTo(recipient))
    .orderBy('delivery.id', 'desc')
    .execute()
}

/** In the order in which they were written. */
export async function deliveriesOfPerson(
  db: Db,
  recipient: Recipient,
): Promise<DeliveryOfPerson[]> {
  const deliveries = await db
    .selectFrom('delivery')
    .innerJoin('edition', 'edition.id', 'delivery.editionId')
    .select([
      'delivery.id',
      'publication',
      'period',
      'revision',
      'address',
      'name',
      'delivery.state',
      'reason',
      'updatedAt',
    ])
    .where(isTo(recipient))
    .orderBy('delivery.id')
    .execute()
  const attempts = await db
    .selectFrom('attempt')
    .select(['deliveryId', 'at', 'outcome', 'smtpCode'])
    .where('deliveryId', 'in', (query) =>
      query.selectFrom('delivery').select('delivery.id').where(isTo(recipient)),
    )
    .orderBy('id')
    .execute()
  const byDelivery = Map.groupBy(attempts, (attempt) => attempt.deliveryId)
  return deliveries.map((delivery) => ({
    ...delivery,
    attempts: (byDelivery.get(delivery.id) ?? []).map(({ at, outcome, smtpCode }) => ({
      at,
      outcome,
      smtpCode,
    })),
  }))
}

/**
 * What waits for the contact goes to the address that they have now; where that address has a delivery of the same
 * edition already, it is not sent twice. Returns how many were moved.
 */
export async function readdress(
  tx: Db,
  contactId: number,
  address: string,
  at: Date,
): Promise<number> {
  const waiting = sql`contact_id = ${contactId} AND state IN ('pending', 'deferred') AND address <> ${address}`
  await sql`
    UPDATE delivery SET state = 'suppressed', reason = 'staff', next_attempt_at = NULL, updated_at = ${at}
    WHERE ${waiting} AND EXISTS (
      SELECT FROM delivery AS other
      WHERE other.edition_id = delivery.edition_id AND other.address = ${address})`.execute(tx)
  const { numAffectedRows } = await sql`
    UPDATE delivery SET address = ${address}, updated_at = ${at} WHERE ${waiting}`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/**
 * Takes address and name out of every delivery; what was not sent yet is not sent. False, and to be undone, while a
 * worker has one in its hands. No release writes another one beside it: `tx` holds the gate of
 * src/audience/contact-gate.ts.
 */
export async function forgetDeliveries(tx: Db, recipient: Recipient, at: Date): Promise<boolean> {
  await tx
    .updateTable('delivery')
    .set({ state: 'suppressed', reason: 'erased', nextAttemptAt: null, updatedAt: at })
    .where('state', 'in', ['pending', 'deferred'])
    .where(isTo(recipient))
    .execute()
  const inHand = await tx
    .selectFrom('delivery')
    .select('id')
    .where('state', '=', 'sending')
    .where(isTo(recipient))
    .executeTakeFirst()
  if (inHand) return false
  await tx
    .updateTable('delivery')
    .set({
      address: sql<string>`'suprimida-' || id || '@invalid'`,
      name: '',
      contactId: null,
      // totals are by reason where it was left out; elsewhere it is the relay's words, which attempts keep
      reason: sql<string>`CASE WHEN state = 'suppressed' THEN reason END`,
    })
    .where(isTo(recipient))
    .execute()
  return true
}

function isTo({ contactId, addresses }: Recipient): RawBuilder<boolean> {
  const nobodys = sql<boolean>`(delivery.contact_id IS NULL AND delivery.address = ANY (${addresses}::text[]))`
  return contactId === undefined
    ? nobodys
    : sql<boolean>`(delivery.contact_id = ${contactId} OR ${nobodys})`
}
