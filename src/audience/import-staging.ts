/**
 * The dry run of an import: its rows, checked, wait in a table of their own. Contacts and memberships are untouched, and
 * memory is flat: a batch is in hand, never the file.
 */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { Problem, shown } from '../errors.ts'
import { addressHashes, type Keys } from '../keys.ts'
import type { ColumnChoice } from './import-file/columns.ts'
import { openContactsFile, type Preview } from './import-file/contacts-file.ts'
import type { ImportFile } from './import-file/file.ts'
import { checkRow, type CheckedRow, type RowContext } from './import-file/row.ts'
import { requireLists, allLists, type List } from './lists.ts'
import type { Consent } from './memberships.ts'

export interface StageOptions {
  keys: Keys
  userId: number
  at: Date
  /** Slug of the list of every row, when the file has no column for it. */
  list?: string | undefined
  columns?: ColumnChoice | undefined
  /** Of everybody in the file. What external lists require of it is asked for on confirmation. */
  consent?: Partial<Consent> | undefined
  onProgress?: ((progress: ImportProgress) => void) | undefined
}

export interface ImportProgress {
  rows: number
  /** Of the file that was read, from 0 to 1. */
  read: number
}

/** Rows that are in memory at a time, and in one statement. */
export const batchRows = 5000

/**
 * Reads a whole file into staging, in state `reading`. Throws a Problem (es) for what cannot be read, and then leaves
 * nothing behind.
 */
export async function stageRows(
  db: Db,
  file: ImportFile,
  options: StageOptions,
): Promise<{ importId: number; preview: Preview }> {
  const list = options.list === undefined ? undefined : (await requireLists(db, [options.list]))[0]!
  const { preview, rows, progress } = await openContactsFile(file, options.columns)
  try {
    refuseListTwice(preview, list)
    const context: RowContext = {
      columns: preview.columns,
      lists: (await allLists(db)).map(({ slug }) => slug),
      list: list?.slug,
    }
    const importId = await insertImport(db, preview, list, options)
    try {
      let staged = 0
      // one batch is written while the next is read
      let writing: Promise<void> = Promise.resolve()
      try {
        for await (const batch of batches(rows, context)) {
          await writing
          writing = insertRows(db, importId, batch, options.keys)
          staged += batch.length
          options.onProgress?.({ rows: staged, read: progress() })
        }
      } finally {
        await writing
      }
      if (staged === 0) throw noRows(preview)
    } catch (error) {
      await db.deleteFrom('contactImport').where('id', '=', importId).execute()
      throw error
    }
    return { importId, preview }
  } finally {
    await rows.return()
  }
}

function refuseListTwice({ columns, fileName, headerRow }: Preview, list: List | undefined): void {
  const hasColumn = columns.some(({ field }) => field === 'lista')
  if (hasColumn && list) {
    throw new Problem('usage', {
      place: '--list',
      message: 'sobra: el archivo tiene su columna de lista',
      value: shown(list.slug),
      remedy: 'Quite la opción o la columna',
    })
  }
  if (hasColumn || list) return
  throw new Problem('invalid', {
    place: `${fileName}, fila ${headerRow}`,
    message: 'no hay columna de lista',
    remedy: 'Agregue la columna lista o indique --list',
  })
}

const noRows = ({ fileName }: Preview): Problem =>
  new Problem('invalid', {
    place: fileName,
    message: 'no tiene filas',
    remedy: 'Agregue una fila por persona',
  })

async function insertImport(
  db: Db,
  { fileName, columns }: Preview,
  list: List | undefined,
  { userId, at, consent = {} }: StageOptions,
): Promise<number> {
  const { id } = await db
    .insertInto('contactImport')
    .values({
      fileName,
      listId: list?.id ?? null,
      origin: consent.origin ?? '',
      consentedOn: consent.consentedOn ?? null,
      evidence: consent.evidence ?? '',
      noticeVersion: consent.noticeVersion ?? '',
      columns: JSON.stringify(columns),
      userId,
      createdAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function* batches(
  rows: AsyncIterable<Parameters<typeof checkRow>[0]>,
  context: RowContext,
): AsyncGenerator<CheckedRow[]> {
  let batch: CheckedRow[] = []
  for await (const row of rows) {
    const checked = checkRow(row, context)
    if (!checked) continue
    batch.push(checked)
    if (batch.length < batchRows) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function insertRows(db: Db, importId: number, rows: CheckedRow[], keys: Keys): Promise<void> {
  const written = rows.map(({ number, address, isGroup, ...row }) => ({
    ...row,
    row_number: number,
    address,
    is_group: isGroup,
    address_hashes:
      address === null
        ? []
        : addressHashes(keys, address).map((hash) => `\\x${hash.toString('hex')}`),
  }))
  await sql`
    INSERT INTO contact_import_row
      (import_id, row_number, address, address_hashes, name, country, tags, is_group, lists, faults)
    SELECT ${importId}, row_number, address, address_hashes, name, country, tags, is_group, lists, faults
    FROM json_to_recordset(${JSON.stringify(written)}::json) AS given (row_number int, address text,
      address_hashes bytea[], name text, country text, tags text[], is_group boolean, lists text[], faults jsonb)`.execute(
    db,
  )
}
