/** Frozen content: what was checked, by whom it was written, under its hash. An edit is a new row. */
import type { Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import type { CheckedContent } from './check.ts'

export interface StoredContent {
  id: number
  body: { muestra: boolean }
  sha256: string
  isSample: boolean
  authorId: number
}

/** `writers`: whose text it is besides. */
export async function freezeContent(
  db: Db,
  content: CheckedContent,
  authorId: number,
  writers: number[],
  at: Date,
): Promise<StoredContent> {
  const { id } = await db
    .insertInto('content')
    .values({
      publication: content.publication.slug,
      body: JSON.stringify(content.body),
      sha256: content.sha256,
      isSample: content.body.muestra,
      authorId,
      writers,
      createdAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return {
    id,
    body: content.body,
    sha256: content.sha256,
    isSample: content.body.muestra,
    authorId,
  }
}

/** The content of an edition. Throws a Problem when it has none yet. */
export async function readContent(
  db: Db,
  edition: { id: number; contentId: number | null },
): Promise<StoredContent> {
  const row =
    edition.contentId === null
      ? undefined
      : await db
          .selectFrom('content')
          .select(['id', 'body', 'sha256', 'isSample', 'authorId'])
          .where('id', '=', edition.contentId)
          .executeTakeFirst()
  if (row) return { ...row, body: row.body as { muestra: boolean } }
  throw new Problem('refused', {
    place: `edición ${edition.id}`,
    message: 'no tiene contenido',
    remedy: 'Agréguelo con `pregonero content add ARCHIVO --as CLAVE`',
  })
}
