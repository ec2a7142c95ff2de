/** What was asked for on the public pages and waits for its mail to be answered. */
import { sql, type RawBuilder, type Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { SubscriptionRequestTable } from '../db/schema.ts'
import { addressHashes, type Keys } from '../keys.ts'

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

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Of one mailbox in 24 hours, whoever asks: nobody's is filled by this page. */
export const requestsPerDay = 3
/**
 * Of all addresses together, from wherever they come: a good campaign brings some dozens. More are machines that would
 * have our accounts write to strangers, until nobody takes our mail.
 */
export const requestsPerHour = 200
/** To an address that is not to be mailed, since anybody may type it. */
export const daysBetweenRareMails = 30
const confirmedMs = 30 * dayMs

/** `enough`: the mailbox had its requests of the day. `full`: the hour had its own, and the next may come then. */
export type AddedRequest =
  { is: 'added'; id: number } | { is: 'enough' } | { is: 'full'; until: Date }

export async function addRequest(
  tx: Db,
  { country, ...request }: NewRequest,
  at: Date,
): Promise<AddedRequest> {
  // one request at a time: two that count together would both find room
  await sql`SELECT pg_advisory_xact_lock(hashtextextended('subscribe', 0))`.execute(tx)
  // first, and for all: whether the hour is full must not depend on the address
  const until = await hourIsFullUntil(tx, at)
  if (until) return { is: 'full', until }
  const { count } = await tx
    .selectFrom('subscriptionRequest')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(mailboxOf(sql.ref('address')), '=', mailboxOf(sql.val(request.address)))
    .where('createdAt', '>', new Date(at.getTime() - dayMs))
    .executeTakeFirstOrThrow()
  if (count >= requestsPerDay) return { is: 'enough' }
  const { id } = await tx
    .insertInto('subscriptionRequest')
    .values({ ...request, country: country ?? null, createdAt: at })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { is: 'added', id }
}

async function hourIsFullUntil(tx: Db, at: Date): Promise<Date | undefined> {
  const last = await tx
    .selectFrom('subscriptionRequest')
    .select('createdAt')
    .where('createdAt', '>', new Date(at.getTime() - hourMs))
    .where('address', 'like', '%@%')
    .orderBy('createdAt', 'desc')
    .offset(requestsPerHour - 1)
    .limit(1)
    .executeTakeFirst()
  return last && new Date(last.createdAt.getTime() + hourMs)
}

/** `ana+a@` and `ana+b@` are one mailbox to most providers. To count only: which mail goes to which is theirs to say. */
const mailboxOf = (address: RawBuilder<unknown>): RawBuilder<string> =>
  sql<string>`regexp_replace(${address}, '^([^+@]+)[+].*@', '\\1@')`

/**
 * The one mail in 30 days to an address that is not to be mailed; false when it had it. The row that remembers it holds
 * a hash in place of the address: nobody may have asked.
 */
export async function takeRareTurn(
  tx: Db,
  keys: Keys,
  address: string,
  at: Date,
): Promise<boolean> {
  const marks = addressHashes(keys, address).map((hash) => `#${hash.toString('hex')}`)
  const earlier = await tx
    .selectFrom('subscriptionRequest')
    .select('id')
    .where('address', 'in', marks)
    .where('expiresAt', '>', at)
    .executeTakeFirst()
  if (earlier) return false
  const expiresAt = new Date(at.getTime() + daysBetweenRareMails * dayMs)
  const mark = { address: marks[0]!, lists: [], noticeVersion: '', createdAt: at, expiresAt }
  await tx.insertInto('subscriptionRequest').values(mark).execute()
  return true
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
