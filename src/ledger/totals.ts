/** Totals of editions, read from the tally that the database keeps in step with every change of a delivery. */
import type { Db } from '../db/database.ts'
import { deliveryStates, type SuppressionReason, type Totals } from '../states.ts'

export async function totalsOf(db: Db, editionId: number): Promise<Totals> {
  const all = await totalsOfMany(db, [editionId])
  return all.get(editionId) ?? noTotals()
}

/** Editions without deliveries are absent from the map. */
export async function totalsOfMany(db: Db, editionIds: number[]): Promise<Map<number, Totals>> {
  const totals = new Map<number, Totals>()
  if (editionIds.length === 0) return totals
  const rows = await db
    .selectFrom('editionTally')
    .select(['editionId', 'state', ({ fn }) => fn.sum<string>('deliveries').as('deliveries')])
    .where('editionId', 'in', editionIds)
    .groupBy(['editionId', 'state'])
    .execute()
  for (const row of rows) {
    const edition = totals.get(row.editionId) ?? noTotals()
    edition[row.state] = Number(row.deliveries)
    totals.set(row.editionId, edition)
  }
  return totals
}

/** Of an edition that ended: a large one leaves some rows a batch, and most of them say nothing any more. */
export async function dropEmptyTallies(tx: Db, editionId: number): Promise<void> {
  await tx
    .deleteFrom('editionTally')
    .where('editionId', '=', editionId)
    .where('deliveries', '=', 0)
    .execute()
}

/** Deliveries that were left out, by reason. */
export async function suppressedByReason(
  db: Db,
  editionId: number,
): Promise<Partial<Record<SuppressionReason, number>>> {
  const rows = await db
    .selectFrom('editionTally')
    .select(['reason', ({ fn }) => fn.sum<string>('deliveries').as('deliveries')])
    .where('editionId', '=', editionId)
    .where('state', '=', 'suppressed')
    .groupBy('reason')
    .having(({ fn }) => fn.sum('deliveries'), '>', 0)
    .orderBy('reason')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.reason, Number(row.deliveries)]))
}

export function noTotals(): Totals {
  return Object.fromEntries(deliveryStates.map((state) => [state, 0])) as Totals
}
