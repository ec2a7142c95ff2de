/** The review of an import as it was shown: kept as long as its rows, because weighing 20,000 takes over half a second. */
import type { Db } from '../db/database.ts'
import type { Remark } from './import-review.ts'

export interface KeptReview {
  weighedAt: Date
  /** Of what every row would do, and of the counts. */
  outcomeHash: string
  /** The first of each class, in the order in which they are looked at. */
  remarks: Remark[]
}

export async function keepReview(
  tx: Db,
  importId: number,
  { weighedAt, outcomeHash, remarks }: KeptReview,
): Promise<void> {
  const kept = { weighedAt, outcomeHash, remarks: JSON.stringify(remarks) }
  await tx
    .insertInto('contactImportReview')
    .values({ importId, ...kept })
    .onConflict((conflict) => conflict.column('importId').doUpdateSet(kept))
    .execute()
}

/** undefined: it was not shown to anybody, or a row of it was erased since. */
export async function keptReview(db: Db, importId: number): Promise<KeptReview | undefined> {
  const row = await db
    .selectFrom('contactImportReview')
    .select(['weighedAt', 'outcomeHash', 'remarks'])
    .where('importId', '=', importId)
    .executeTakeFirst()
  return row && { ...row, remarks: row.remarks as unknown as Remark[] }
}

export async function forgetReview(tx: Db, importId: number): Promise<void> {
  await tx.deleteFrom('contactImportReview').where('importId', '=', importId).execute()
}
