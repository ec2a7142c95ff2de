/** Recipients of one edition, page by page, and what the servers said. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import { usualStates, type DeliveryState } from '../states.ts'

/** Where a delivery stands among those of its edition. */
export interface Place {
  batch: number
  id: number
}

export interface RecipientOfEdition extends Place {
  address: string
  isGroup: boolean
  state: DeliveryState
  reason: string | null
  attempts: number
  updatedAt: Date
}

/** In the order in which they were frozen, that of their addresses then. `after`: the last of the page before. */
export async function recipientsOfEdition(
  db: Db,
  {
    editionId,
    state,
    after,
    limit,
  }: { editionId: number; state?: DeliveryState; after?: Place; limit: number },
): Promise<RecipientOfEdition[]> {
  const beyond = after ? sql`AND (batch, id) > (${after.batch}, ${after.id})` : sql``
  const { rows } = await sql<RecipientOfEdition>`
    SELECT id, batch, address, is_group, state, reason, attempts, updated_at FROM delivery
    WHERE edition_id = ${editionId} ${beyond} ${state ? inState(editionId, state, after, limit) : sql``}
    ORDER BY edition_id, batch, id LIMIT ${limit}`.execute(db)
  return rows
}

/** No index has the states of the usual way: the tally tells the batches in which the next `limit` are. */
function inState(
  editionId: number,
  state: DeliveryState,
  after: Place | undefined,
  limit: number,
): RawBuilder<unknown> {
  if (!usualStates.includes(state)) return sql`AND trouble = ${state}`
  const first = after?.batch ?? 0
  return sql`AND state = ${state} AND batch = ANY (ARRAY(
    SELECT batch FROM (
      SELECT batch, sum(deliveries) FILTER (WHERE batch > ${first}) OVER (ORDER BY batch) - deliveries AS before
      FROM edition_tally
      WHERE edition_id = ${editionId} AND state = ${state} AND deliveries > 0 AND batch >= ${first}) AS tally
    WHERE batch = ${first} OR before < ${limit}))`
}

/** A page is named by a delivery, because an address must not be in a URL. undefined: it is not of the edition any more. */
export async function placeOfDelivery(
  db: Db,
  editionId: number,
  id: number,
): Promise<Place | undefined> {
  return db
    .selectFrom('delivery')
    .select(['batch', 'id'])
    .where('id', '=', id)
    .where('editionId', '=', editionId)
    .executeTakeFirst()
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
        .where('trouble', 'in', ['deferred', 'rejected', 'failed', 'unknown'])
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
