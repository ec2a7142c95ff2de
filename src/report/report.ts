/** The quarter's report, computed from the ledger: nobody counts by hand. */
import type { DateTime } from 'luxon'
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
  sections: { id: string; heading: string; tables: ReportTable[] }[]
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
  /** The sentence before it, with its counts. */
  intro: string
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
  grouping: string
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
    sections: secciones.map(({ id, titulo, tablas }) => ({
      id,
      heading: titulo,
      tables: tablas.map((table) => buildTable(table, lines.get(table.id) ?? [])),
    })),
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
      'line.grouping',
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
  return rows.map((row) => ({
    ...row,
    firstAcceptedAt: row.firstAcceptedAt!,
    lineText: row.lineText.replaceAll(
      '{mes}',
      inMexicoCity(row.firstAcceptedAt!).toFormat("LLLL 'de' yyyy"),
    ),
  }))
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

function buildTable(table: TableDefinition, lines: CountedLine[]): ReportTable {
  const topics = new Set(lines.flatMap(({ topic }) => topic ?? [])).size
  const rows = groupsOf(lines).map((group, index): ReportRow => {
    const days = daysOf(group)
    const cells = table.celdas.map((cell) => {
      switch (cell) {
        case 'numero':
          return `${index + 1}.`
        case 'fecha':
          return dateStyles[table.fecha](days)
        case 'texto':
          return table.combinada && index > 0 ? '' : group[0].lineText
      }
    })
    return {
      cells,
      dates: days.map((day) => day.toISODate()),
      editions: group.map(({ editionId }) => editionId),
    }
  })
  const totals = { rows: rows.length, editions: lines.length, topics }
  return {
    id: table.id,
    intro: withCounts(table.introduccion, totals),
    columns: table.columnas,
    rows,
    totals,
  }
}

/** A sentence with the figures of its table. */
const withCounts = (sentence: string, { rows, topics }: ReportTable['totals']): string =>
  sentence.replaceAll('{renglones}', String(rows)).replaceAll('{temas}', String(topics))

type Group = [CountedLine, ...CountedLine[]]

/** What is one row each: an edition, or those of a month that say the same. In order of their first dates. */
function groupsOf(lines: CountedLine[]): Group[] {
  const groups = Map.groupBy(lines, ({ editionId, grouping, lineText, firstAcceptedAt }) =>
    grouping === 'month'
      ? `${inMexicoCity(firstAcceptedAt).toFormat('yyyy-MM')} ${lineText}`
      : editionId,
  )
  return [...groups.values()] as Group[]
}

/** Each day once: two mailings of a day are one date of the row. */
function daysOf(group: Group): Days {
  const days = Map.groupBy(
    group.map(({ firstAcceptedAt }) => inMexicoCity(firstAcceptedAt)),
    (day) => day.toISODate(),
  )
  return [...days.values()].map(([day]) => day!) as Days
}

type Days = [DateTime<true>, ...DateTime<true>[]]

/** `days` are of one month. */
const dateStyles: Record<TableDefinition['fecha'], (days: Days) => string> = {
  /** «Viernes 3 de enero de 2025» */
  'dia-y-fecha': ([day]) => capitalised(day.toFormat("cccc d 'de' LLLL 'de' yyyy")),
  /** «06 de enero de 2025.» */
  'dos-digitos': ([day]) => `${day.toFormat("dd 'de' LLLL 'de' yyyy")}.`,
  /** «2, 9, 10, 14 y 27 de enero de 2025.» */
  dias: (days) =>
    `${dayList.format(days.map(({ day }) => String(day)))} ${days[0].toFormat("'de' LLLL 'de' yyyy")}.`,
  /** «Enero 2025» */
  mes: ([day]) => capitalised(day.toFormat('LLLL yyyy')),
}

const dayList = new Intl.ListFormat('es-MX', { type: 'conjunction' })

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
