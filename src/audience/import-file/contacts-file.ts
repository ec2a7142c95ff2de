/** A file of contacts: how it was understood, and its rows. Reads no more than it is asked for. */
import { guessColumns, isHeader, isKnownHeader, type Column, type ColumnChoice } from './columns.ts'
import type { ImportFile } from './file.ts'
import { openTable } from './open-table.ts'
import { readable, type Table, type TableRow } from './table.ts'

/** For people to look at before anything else: what each column was taken for, beside its first rows. */
export interface Preview {
  fileName: string
  format: Table['format']
  /** `CSV en UTF-8, separado por comas` */
  readAs: string
  /** What was left unread (es). */
  warnings: string[]
  /** As a spreadsheet counts; titles may stand above it. */
  headerRow: number
  columns: Column[]
  firstRows: string[][]
}

export interface ContactsFile {
  preview: Preview
  /** Those below the header. Once; to stop early ends the reading. */
  rows: AsyncGenerator<TableRow, void, void>
  /** From 0 to 1. */
  progress(): number
}

const previewedRows = 5
/** A header may stand below a title. */
const searchedRows = 10
const shownCharacters = 60

/** Throws a Problem (es) when it cannot be read, or its columns cannot be told. */
export async function openContactsFile(
  file: ImportFile,
  choice: ColumnChoice = {},
): Promise<ContactsFile> {
  const table = await openTable(file)
  try {
    const head = await firstOf(table.rows, searchedRows + previewedRows)
    const searched = head.slice(0, searchedRows)
    const filled = searched.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    const header =
      filled.find(({ cells }) => isHeader(cells, choice)) ??
      filled.find(({ cells }) => cells.some(isKnownHeader)) ??
      filled[0]
    const place = `${file.name}, fila ${header?.number ?? 1}`
    const columns = guessColumns(header?.cells ?? [], choice, place)
    const below = head.filter(({ number }) => number > header!.number)
    const preview: Preview = {
      fileName: file.name,
      format: table.format,
      readAs: table.readAs,
      warnings: table.warnings,
      headerRow: header!.number,
      columns,
      firstRows: below.slice(0, previewedRows).map(({ cells }) => cells.map(cut)),
    }
    return { preview, rows: chained(below, table.rows), progress: table.progress }
  } catch (error) {
    await table.rows.return()
    throw error
  }
}

/** What a person looks at before anything is read whole: for the wizard of the panel, where columns are chosen first. */
export async function previewContactsFile(
  file: ImportFile,
  choice: ColumnChoice = {},
): Promise<Preview> {
  const { preview, rows } = await openContactsFile(file, choice)
  await rows.return()
  return preview
}

async function firstOf<T>(rows: AsyncGenerator<T, void, void>, count: number): Promise<T[]> {
  const first: T[] = []
  while (first.length < count) {
    const next = await rows.next()
    if (next.done) break
    first.push(next.value)
  }
  return first
}

async function* chained(
  first: TableRow[],
  rest: AsyncGenerator<TableRow, void, void>,
): AsyncGenerator<TableRow, void, void> {
  try {
    yield* first
    yield* rest
  } finally {
    await rest.return()
  }
}

const cut = (cell: string): string => {
  const line = readable(cell)
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters - 1)}…` : line
}
