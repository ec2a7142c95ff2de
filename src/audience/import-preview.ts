/** A staged import as its file was understood: its columns, and its first rows as they were read. */
import type { Db } from '../db/database.ts'
import type { Column } from './import-file/columns.ts'

export interface StagedPreview {
  columns: Column[]
  firstRows: {
    rowNumber: number
    /** null: it cannot be read as one. */
    address: string | null
    name: string
    country: string | null
    lists: string[]
    tags: string[]
  }[]
}

const rowsShown = 5

/** Without rows once it was confirmed or discarded. */
export async function stagedPreview(db: Db, importId: number): Promise<StagedPreview> {
  const { columns } = await db
    .selectFrom('contactImport')
    .select('columns')
    .where('id', '=', importId)
    .executeTakeFirstOrThrow()
  const firstRows = await db
    .selectFrom('contactImportRow')
    .select(['rowNumber', 'address', 'name', 'country', 'lists', 'tags'])
    .where('importId', '=', importId)
    .orderBy('rowNumber')
    .limit(rowsShown)
    .execute()
  return { columns: columns as unknown as Column[], firstRows }
}
