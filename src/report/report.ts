/** The quarter's report, computed from the ledger: nobody counts by hand. */
import { inMexicoCity } from '../clock.ts'
import type { Db } from '../db/database.ts'
import {
  definitionOf,
  type ReportDefinition,
  type ReportDefinitions,
  type TableDefinition,
} from './definition.ts'
import type { Quarter } from './quarter.ts'

/** The contract of `pregonero report --json`. */
export interface Report {
  quarter: string
  /** 0 while the quarter is not sealed. */
  version: number
  sections: { id: string; heading: string; intro: string; tables: ReportTable[] }[]
  discrepancies: Discrepancy[]
  planned: unknown[]
}

/** What does not agree; it names places, never text to be pasted. */
export interface Discrepancy {
  kind: 'line-without-table'
  table: string
  editions: number[]
}

export interface ReportTable {
  id: string
  columns: string[]
  rows: ReportRow[]
  /** `topics`: different topics, the printed «temas». */
  totals: { rows: number; editions: number; topics: number }
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
  topic: string | null
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
    sections: secciones.map((section) => {
      const tables = section.tablas.map((table) => buildTable(table, lines.get(table.id) ?? []))
      return {
        id: section.id,
        heading: section.titulo,
        intro: withCounts(section.introduccion, tables),
        tables,
      }
    }),
    discrepancies: linesWithoutTable(lines, secciones),
    planned: [],
  }
}

/** An edition counts once something of it was accepted, on the date of that; corrections never count. */
async function countedLines(db: Db, quarter: Quarter): Promise<CountedLine[]> {
  const rows = await db
    .selectFrom('editionReportLine as line')
    .innerJoin('edition', 'edition.id', 'line.editionId')
    .select([
      'line.editionId',
      'line.tableId',
      'line.lineText',
      'line.topic',
      'edition.firstAcceptedAt',
    ])
    .where('edition.revision', '=', 0)
    .where('edition.firstAcceptedAt', '>=', quarter.from)
    .where('edition.firstAcceptedAt', '<', quarter.to)
    .orderBy('edition.firstAcceptedAt')
    .orderBy('line.editionId')
    .execute()
  return rows as CountedLine[]
}

/** What was sent and is in no table of the year's definition. */
function linesWithoutTable(
  lines: Map<string, CountedLine[]>,
  sections: ReportDefinition['secciones'],
): Discrepancy[] {
  const known = new Set(sections.flatMap((section) => section.tablas.map((table) => table.id)))
  return [...lines]
    .filter(([table]) => !known.has(table))
    .map(([table, rows]) => ({
      kind: 'line-without-table',
      table,
      editions: rows.map((row) => row.editionId),
    }))
}

/** Figures of a sentence, from the tables below it. */
function withCounts(sentence: string, tables: ReportTable[]): string {
  const sum = (pick: (totals: ReportTable['totals']) => number) =>
    String(tables.reduce((total, { totals }) => total + pick(totals), 0))
  return sentence
    .replaceAll(
      '{renglones}',
      sum((totals) => totals.rows),
    )
    .replaceAll(
      '{temas}',
      sum((totals) => totals.topics),
    )
}

function buildTable(table: TableDefinition, lines: CountedLine[]): ReportTable {
  const topics = new Set(lines.flatMap(({ topic }) => topic ?? [])).size
  const rows = lines.map((line, index): ReportRow => {
    const cells = table.celdas.map((cell) => {
      switch (cell) {
        case 'numero':
          return `${index + 1}.`
        case 'fecha':
          return dateStyles[table.fecha](line.firstAcceptedAt)
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
    totals: { rows: rows.length, editions: lines.length, topics },
  }
}

const dateStyles: Record<TableDefinition['fecha'], (instant: Date) => string> = {
  /** «Viernes 3 de enero de 2025» */
  'dia-y-fecha': (instant) =>
    capitalised(inMexicoCity(instant).toFormat("cccc d 'de' LLLL 'de' yyyy")),
  /** «Enero 2025» */
  mes: (instant) => capitalised(inMexicoCity(instant).toFormat('LLLL yyyy')),
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
