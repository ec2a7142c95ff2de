/** What was asked for on the public pages and waits for its mail to be answered. */
import { sql, type Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { SubscriptionRequestTable } from '../db/schema.ts'

export type SubscriptionRequest = Selectable<SubscriptionRequestTable>

export interface NewRequest {
  /** Normal form of src/mail.ts. */
  address: string
  name: string
  /** ISO 3166-1 alpha-2 */
  country: string | undefined
  /** Slugs; none: a link to one's own subscriptions. */
  lists: string[]
  noticeVersion: string
  expiresAt: Date
}

const dayMs = 24 * 3_600_000
/** Of one address in 24 hours, whoever asks: nobody's mailbox is filled by this page. */
export const requestsPerDay = 3
const confirmedMs = 30 * dayMs

/** Its id; undefined when the address had its requests of the day. */
export async function addRequest(
  tx: Db,
  { country, ...request }: NewRequest,
  at: Date,
): Promise<number | undefined> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`subscribe ${request.address}`}, 0))`.execute(
    tx,
  )
  const { count } = await tx
    .selectFrom('subscriptionRequest')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('address', '=', request.address)
    .where('createdAt', '>', new Date(at.getTime() - dayMs))
    .executeTakeFirstOrThrow()
  if (count >= requestsPerDay) return undefined
  const { id } = await tx
    .insertInto('subscriptionRequest')
    .values({ ...request, country: country ?? null, createdAt: at })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function findRequest(db: Db, id: number): Promise<SubscriptionRequest | undefined> {
  return db.selectFrom('subscriptionRequest').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Marks it confirmed, once: undefined when it was, or when its time is over. */
export async function takeRequest(
  tx: Db,
  id: number,
  at: Date,
): Promise<SubscriptionRequest | undefined> {
  return tx
    .updateTable('subscriptionRequest')
    .set({ confirmedAt: at })
    .where('id', '=', id)
    .where('confirmedAt', 'is', null)
    .where('expiresAt', '>', at)
    .returningAll()
    .executeTakeFirst()
}

/** The contact of a request that its mailbox confirmed, new or known. What the person says now replaces what we had. */
export async function contactOfRequest(
  tx: Db,
  { address, name, country }: SubscriptionRequest,
  at: Date,
): Promise<number> {
  const { id } = await tx
    .insertInto('contact')
    .values({ address, name, country, createdAt: at })
    .onConflict((conflict) =>
      conflict.column('address').doUpdateSet({
        name: sql`CASE excluded.name WHEN '' THEN contact.name ELSE excluded.name END`,
        country: sql`coalesce(excluded.country, contact.country)`,
      }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Those that nobody confirmed in time, and confirmed ones once their link may be forgotten. Returns how many went. */
export async function forgetRequests(db: Db, at: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('subscriptionRequest')
    .where(({ and, or, eb }) =>
      or([
        and([eb('confirmedAt', 'is', null), eb('expiresAt', '<=', at)]),
        eb('confirmedAt', '<', new Date(at.getTime() - confirmedMs)),
      ]),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
