/** The archive of what is sent: the rendering frozen under the hash that was sealed, attachments included. */
import type { Db } from '../db/database.ts'
import { sha256Hex } from '../hash.ts'
import type { Attachment } from '../mail.ts'

export interface ArchivedRendering {
  subject: string
  html: string
  plainText: string
  attachments: Attachment[]
}

/** The bytes of its attachments must be stored already, under their hashes. */
export async function archiveRendering(
  tx: Db,
  key: { editionId: number; sealedHash: string },
  rendering: ArchivedRendering,
  createdAt: Date,
): Promise<void> {
  const { subject, html, plainText, attachments } = rendering
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('rendering')
    .values({ ...key, subject, html, plainText, createdAt })
    .onConflict((conflict) => conflict.columns(['editionId', 'sealedHash']).doNothing())
    .executeTakeFirst()
  // the same seal is the same rendering: it is archived already
  if (Number(numInsertedOrUpdatedRows) === 0 || attachments.length === 0) return
  await tx
    .insertInto('renderingAttachment')
    .values(
      attachments.map(({ filename, contentType, content, contentId = null }, position) => ({
        ...key,
        position,
        filename,
        contentType,
        contentId,
        sha256: sha256Hex(content),
      })),
    )
    .execute()
}

export async function readRendering(
  db: Db,
  editionId: number,
  sealedHash: string,
): Promise<ArchivedRendering> {
  const rendering = await db
    .selectFrom('rendering')
    .select(['subject', 'html', 'plainText'])
    .where('editionId', '=', editionId)
    .where('sealedHash', '=', sealedHash)
    .executeTakeFirstOrThrow(
      () => new Error(`Edition ${editionId} has no rendering under ${sealedHash.slice(0, 12)}…`),
    )
  const rows = await db
    .selectFrom('renderingAttachment')
    .innerJoin('storedFile', 'storedFile.sha256', 'renderingAttachment.sha256')
    .select(['filename', 'renderingAttachment.contentType', 'contentId', 'bytes'])
    .where('editionId', '=', editionId)
    .where('sealedHash', '=', sealedHash)
    .orderBy('position')
    .execute()
  return {
    ...rendering,
    attachments: rows.map(({ bytes, contentId, ...row }) => ({
      ...row,
      content: bytes,
      ...(contentId !== null && { contentId }),
    })),
  }
}
