/** From entries to the rows of a printed table. */
import { printedDates } from './dates.ts'
import type { TableDefinition } from './definition.ts'
import type { Entry } from './entries.ts'

export interface ReportTable {
  id: string
  name: string
  /** The sentence before it, with its counts. */
  intro: string
  columns: string[]
  rows: ReportRow[]
  /** The column of which all cells are one, drawn from the first row; null when there is none. */
  mergedColumn: number | null
  /** What the marks of its rows mean, as printed under it: «* Se reporta…». */
  footnotes: string[]
  /** `topics`: different topics, the printed «temas». `dates`: of all rows. */
  totals: { rows: number; editions: number; topics: number; dates: number }
}

export interface ReportRow {
  /** `IV.3.a.ii#02` */
  id: string
  /** As printed; a merged cell has its text on the first row and is empty on the others. */
  cells: string[]
  /** Mexico City dates, ISO. */
  dates: string[]
  /** The cell of its date; null in a table without one. */
  printedDate: string | null
  topic: string | null
  /** Ids of the editions behind the row. */
  editions: number[]
  /** The row of the manual register that it is. */
  register: number | null
}

/** `entries`: of this table, in order of first date. The sentence comes later: it may count other tables. */
export function buildTable(table: TableDefinition, entries: Entry[]): ReportTable {
  const inPlace = placed(entries)
  const rows = inPlace.map((entry, index): ReportRow => {
    const printedDate =
      table.fecha === undefined
        ? null
        : `${printedDates(table.fecha, entry.dates, entry.precision)}${entry.mark}`
    const cells = table.celdas.map((cell) => {
      switch (cell) {
        case 'numero':
          return `${index + 1}${table.numeracion === 'con-punto' ? '.' : ''}`
        case 'fecha':
          return printedDate ?? ''
        case 'texto':
          return table.combinada && index > 0 ? '' : entry.text
        default:
          return entry.fields[cell] ?? ''
      }
    })
    return {
      id: `${table.id}#${String(index + 1).padStart(2, '0')}`,
      cells,
      dates: entry.dates,
      printedDate,
      topic: entry.topic,
      editions: entry.editions,
      register: entry.registerId,
    }
  })
  const footnotes = inPlace.flatMap(({ mark, note }) => (note === null ? [] : [`${mark} ${note}`]))
  return {
    id: table.id,
    name: table.nombre,
    intro: '',
    columns: table.columnas,
    rows,
    mergedColumn: table.combinada ? table.celdas.indexOf('texto') : null,
    footnotes: [...new Set(footnotes)],
    totals: {
      rows: rows.length,
      editions: rows.reduce((sum, { editions }) => sum + editions.length, 0),
      topics: new Set(rows.flatMap(({ topic }) => topic ?? [])).size,
      dates: rows.reduce((sum, { dates }) => sum + dates.length, 0),
    },
  }
}

/** A row with a position has that number; the others fill the places between, in order of date. */
export function placed(entries: Entry[]): Entry[] {
  const fixed = entries
    .filter(({ position }) => position !== null)
    .toSorted((a, b) => a.position! - b.position!)
  const free = entries.filter(({ position }) => position === null)
  const rows: Entry[] = []
  while (fixed.length + free.length > 0) {
    const isDue =
      fixed[0] !== undefined && (fixed[0].position! <= rows.length + 1 || free.length === 0)
    rows.push((isDue ? fixed : free).shift()!)
  }
  return rows
}
