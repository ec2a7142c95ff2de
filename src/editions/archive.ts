/** The archive of what is sent: the rendering frozen under the hash that was sealed. */
import type { Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { RenderingTable } from '../db/schema.ts'

export type ArchivedRendering = Selectable<RenderingTable>

export async function archiveRendering(
  tx: Db,
  row: {
    editionId: number
    sealedHash: string
    subject: string
    html: string
    plainText: string
    createdAt: Date
  },
): Promise<void> {
  await tx
    .insertInto('rendering')
    .values(row)
    .onConflict((conflict) => conflict.columns(['editionId', 'sealedHash']).doNothing())
    .execute()
}

export async function readRendering(
  db: Db,
  editionId: number,
  sealedHash: string,
): Promise<ArchivedRendering> {
  return db
    .selectFrom('rendering')
    .selectAll()
    .where('editionId', '=', editionId)
    .where('sealedHash', '=', sealedHash)
    .executeTakeFirstOrThrow(
      () => new Error(`Edition ${editionId} has no rendering under ${sealedHash.slice(0, 12)}…`),
    )
}
