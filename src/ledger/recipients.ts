/** Recipients of one edition, page by page, and what the servers said. Walks the index of (edition, address). */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { DeliveryState } from '../states.ts'

export interface RecipientOfEdition {
  id: number
  address: string
  isGroup: boolean
  state: DeliveryState
  reason: string | null
  attempts: number
  updatedAt: Date
}

/** In the order of their addresses. `after`: the last address of the page before. */
export async function recipientsOfEdition(
  db: Db,
  {
    editionId,
    state,
    after,
    limit,
  }: { editionId: number; state?: DeliveryState; after?: string; limit: number },
): Promise<RecipientOfEdition[]> {
  let query = db
    .selectFrom('delivery')
    .select(['id', 'address', 'isGroup', 'state', 'reason', 'attempts', 'updatedAt'])
    .where('editionId', '=', editionId)
    .orderBy('editionId')
    .orderBy('address')
    .limit(limit)
  if (state !== undefined) query = query.where('state', '=', state)
  if (after !== undefined) query = query.where('address', '>', after)
  return query.execute()
}

/** A page is named by a delivery, because an address must not be in a URL. undefined: it is not of the edition any more. */
export async function addressOfDelivery(
  db: Db,
  editionId: number,
  id: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('delivery')
    .select('address')
    .where('id', '=', id)
    .where('editionId', '=', editionId)
    .executeTakeFirst()
  return row?.address
}

export interface AnswerGroup {
  state: DeliveryState
  /** Of SMTP; null: no server answered. */
  code: string | null
  deliveries: number
}

/** So many answers say what is wrong; the totals say how much. */
export const answersLooked = 5_000

/** Deliveries that were not accepted, by what the server answered last; the most frequent first, of those looked at. */
export async function answersOfEdition(db: Db, editionId: number): Promise<AnswerGroup[]> {
  const code = sql<string | null>`substring(reason FROM '^[2-5][0-9]{2}')`
  const rows = await db
    .selectFrom((from) =>
      from
        .selectFrom('delivery')
        .select(['state', 'reason'])
        .where('editionId', '=', editionId)
        .where('state', 'in', ['deferred', 'rejected', 'failed', 'unknown'])
        .limit(answersLooked)
        .as('looked'),
    )
    .select(['state', code.as('code'), ({ fn }) => fn.countAll<string>().as('deliveries')])
    .groupBy(['state', code])
    .orderBy('deliveries', 'desc')
    .orderBy('state')
    .orderBy('code')
    .execute()
  return rows.map((row) => ({ ...row, deliveries: Number(row.deliveries) }))
}
