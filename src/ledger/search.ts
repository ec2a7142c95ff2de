/** Reading the ledger: deliveries of an edition and the attempts behind one. */
import type { Db } from '../db/database.ts'
import type { DeliveryState } from '../states.ts'

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
  if (filter.state !== undefined) query = query.where('delivery.state', '=', filter.state)
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
