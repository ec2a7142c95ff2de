/** The quarter's report, computed from the ledger: nobody counts by hand. */
import { inMexicoCity } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { definitionOf, type ReportDefinitions, type TableDefinition } from './definition.ts'
import type { Quarter } from './quarter.ts'

/** The contract of `pregonero report --json`. */
export interface Report {
  quarter: string
  /** 0 while the quarter is not sealed. */
  version: number
  sections: { id: string; heading: string; intro: string; tables: ReportTable[] }[]
  discrepancies: unknown[]
  planned: unknown[]
}

export interface ReportTable {
  id: string
  columns: string[]
  rows: ReportRow[]
  totals: { rows: number; editions: number }
}

export interface ReportRow {
  /** As printed; a merged cell has its text on the first row and is empty on the others. */
  cells: string[]
  /** Mexico City dates, ISO. */
  dates: string[]
  /** Ids of the editions behind the row. */
  editions: number[]
}

interface CountedLine {
  editionId: number
  tableId: string
  lineText: string
  firstAcceptedAt: Date
}

export async function buildReport(
  db: Db,
  definitions: ReportDefinitions,
  quarter: Quarter,
): Promise<Report> {
  const { secciones } = definitionOf(definitions, quarter.year)
  const lines = Map.groupBy(await countedLines(db, quarter), (line) => line.tableId)
  return {
    quarter: quarter.name,
    version: 0,
    sections: secciones.map((section) => ({
      id: section.id,
      heading: section.titulo,
      intro: section.introduccion,
      tables: section.tablas.map((table) => buildTable(table, lines.get(table.id) ?? [])),
    })),
    discrepancies: [],
    planned: [],
  }
}

/** An edition counts once something of it was accepted, on the date of that; corrections never count. */
async function countedLines(db: Db, quarter: Quarter): Promise<CountedLine[]> {
  const rows = await db
    .selectFrom('editionReportLine as line')
    .innerJoin('edition', 'edition.id', 'line.editionId')
    .select(['line.editionId', 'line.tableId', 'line.lineText', 'edition.firstAcceptedAt'])
    .where('edition.revision', '=', 0)
    .where('edition.firstAcceptedAt', '>=', quarter.from)
    .where('edition.firstAcceptedAt', '<', quarter.to)
    .orderBy('edition.firstAcceptedAt')
    .orderBy('line.editionId')
    .execute()
  return rows as CountedLine[]
}

function buildTable(table: TableDefinition, lines: CountedLine[]): ReportTable {
  const rows = lines.map((line, index): ReportRow => {
    const cells = table.celdas.map((cell) => {
      switch (cell) {
        case 'numero':
          return `${index + 1}.`
        case 'fecha':
          return dayAndDate(line.firstAcceptedAt)
        case 'texto':
          return table.combinada && index > 0 ? '' : line.lineText
      }
    })
    return {
      cells,
      dates: [inMexicoCity(line.firstAcceptedAt).toISODate()],
      editions: [line.editionId],
    }
  })
  return {
    id: table.id,
    columns: table.columnas,
    rows,
    totals: { rows: rows.length, editions: lines.length },
  }
}

/** «Viernes 3 de enero de 2025» */
export function dayAndDate(instant: Date): string {
  const text = inMexicoCity(instant).toFormat("cccc d 'de' LLLL 'de' yyyy")
  return text.charAt(0).toUpperCase() + text.slice(1)
}
