/** Reading the ledger: deliveries of an edition and the attempts behind one. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { usualStates, type DeliveryState, type Totals } from '../states.ts'
import { noTotals } from './totals.ts'

export async function listDeliveries(
  db: Db,
  filter: { editionId?: number; address?: string; state?: DeliveryState; limit: number },
) {
  let query = db
    .selectFrom('delivery')
    .innerJoin('edition', 'edition.id', 'delivery.editionId')
    .select([
      'delivery.id',
      'delivery.editionId',
      'edition.publication',
      'edition.period',
      'delivery.address',
      'delivery.state',
      'delivery.reason',
      'delivery.attempts',
      'delivery.nextAttemptAt',
      'delivery.updatedAt',
    ])
    .orderBy('delivery.id')
    .limit(filter.limit)
  if (filter.editionId !== undefined)
    query = query.where('delivery.editionId', '=', filter.editionId)
  if (filter.address !== undefined) query = query.where('delivery.address', '=', filter.address)
  if (filter.state !== undefined) {
    const column = usualStates.includes(filter.state) ? 'delivery.state' : 'delivery.trouble'
    query = query.where(column, '=', filter.state)
  }
  return query.execute()
}

export async function attemptsOf(db: Db, deliveryId: number) {
  return db
    .selectFrom('attempt')
    .selectAll()
    .where('deliveryId', '=', deliveryId)
    .orderBy('id')
    .execute()
}

/**
 * Addresses of a domain among today's contacts: they are as many as people, and deliveries many times more, which no index
 * has by domain. Each with its deliveries by state.
 */
export async function addressesOfDomain(
  db: Db,
  domain: string,
  { limit, shown }: { limit: number; shown: number },
): Promise<{ found: number; addresses: { address: string; totals: Totals }[] }> {
  const contacts = await db
    .selectFrom('contact')
    .select('address')
    .where(sql<boolean>`split_part(address, '@', 2) = ${domain}`)
    .limit(limit)
    .execute()
  const addresses = contacts.map(({ address }) => address).sort()
  const first = addresses.slice(0, shown)
  const rows = await db
    .selectFrom('delivery')
    .select(['address', 'state', ({ fn }) => fn.countAll<string>().as('deliveries')])
    .where(sql<boolean>`address = ANY (${first}::text[])`)
    .groupBy(['address', 'state'])
    .execute()
  const byAddress = Map.groupBy(rows, ({ address }) => address)
  return {
    found: addresses.length,
    addresses: first.map((address) => ({
      address,
      totals: Object.assign(
        noTotals(),
        Object.fromEntries(
          (byAddress.get(address) ?? []).map((row) => [row.state, Number(row.deliveries)]),
        ),
      ),
    })),
  }
}
