/** The report as a workbook: a sheet for each table as printed, what is behind each row, and what does not agree. */
import writeXlsxFile, { type Cell, type Row, type Sheet } from 'write-excel-file/node'
import { inMexicoCity } from '../../clock.ts'
import type { Discrepancy } from '../discrepancies.ts'
import type { Report, ReportRow, ReportTable } from '../report.ts'
import { columnWidths } from './column-widths.ts'
import { neutralise } from '../../neutralise.ts'
import { tablesOfReport } from './part.ts'

/** An edition behind a row of the report. */
export interface EvidenceRow {
  /** `IV.3.a.ii#02` */
  rowId: string
  edition: number
  publication: string
  period: string
  firstAcceptedAt: Date
  /** The sum of the counts that follow. */
  recipients: number
  accepted: number
  /** Not final yet: pending, sending or deferred. */
  pending: number
  rejected: number
  failed: number
  suppressed: number
  cancelled: number
  unknown: number
  subject?: string
  author?: string | null
  approver?: string | null
  sealedHash?: string | null
  /** Why its numbers do not add up, or are not final (es). */
  obstacle?: string | undefined
}

export async function reportXlsx(
  report: Pick<Report, 'sections' | 'discrepancies'>,
  evidence: EvidenceRow[],
): Promise<Buffer> {
  const tables = tablesOfReport(report)
  const sheets = [
    ...tables.map(tableSheet),
    evidenceSheet(tables, evidence),
    discrepanciesSheet(report.discrepancies),
  ]
  return writeXlsxFile(sheets, { fontFamily: 'Arial', fontSize: 10 }).toBuffer()
}

function tableSheet(table: ReportTable): Sheet<never> {
  const { columns, rows, mergedColumn, footnotes } = table
  const body = rows.map(({ cells }, index) =>
    cells.map((cell, column) => {
      if (column !== mergedColumn) return text(cell)
      // the cells that a merged one covers must be empty
      return index === 0 ? { ...text(cell), rowSpan: rows.length } : null
    }),
  )
  return {
    ...sheetNamed(table.id),
    columns: columnWidths(table, 120).map((share) => ({ width: Math.round(share * 120) })),
    data: [
      header(columns),
      ...body,
      ...footnotes.map((note) => [{ ...text(note), columnSpan: columns.length }]),
    ],
  }
}

/** What each column of «Evidencia» has, of a row and of an edition behind it; a row of the register has none. */
const evidenceColumns: {
  name: string
  width: number
  cell: (row: ReportRow, edition: EvidenceRow | undefined) => Cell
}[] = [
  { name: 'Renglón', width: 18, cell: (row) => text(row.id) },
  { name: 'Fechas', width: 24, cell: (row) => dates(row.dates) },
  { name: 'Tema', width: 24, cell: (row) => text(row.topic ?? '') },
  { name: 'Renglón del registro manual', width: 16, cell: (row) => row.register },
  { name: 'Edición', width: 10, cell: (_, edition) => edition?.edition },
  { name: 'Publicación', width: 28, cell: (_, edition) => text(edition?.publication ?? '') },
  { name: 'Periodo', width: 14, cell: (_, edition) => text(edition?.period ?? '') },
  { name: 'Asunto', width: 48, cell: (_, edition) => text(edition?.subject ?? '') },
  {
    name: 'Primera aceptación (hora de la Ciudad de México)',
    width: 18,
    cell: (_, edition) => instant(edition?.firstAcceptedAt),
  },
  { name: 'Destinatarios', width: 14, cell: (_, edition) => edition?.recipients },
  { name: 'Aceptados por el servidor', width: 14, cell: (_, edition) => edition?.accepted },
  { name: 'Sin terminar', width: 12, cell: (_, edition) => edition?.pending },
  { name: 'Rechazos permanentes', width: 14, cell: (_, edition) => edition?.rejected },
  { name: 'Fallos técnicos', width: 12, cell: (_, edition) => edition?.failed },
  { name: 'Omitidos', width: 12, cell: (_, edition) => edition?.suppressed },
  { name: 'Cancelados', width: 12, cell: (_, edition) => edition?.cancelled },
  { name: 'Resultado incierto', width: 12, cell: (_, edition) => edition?.unknown },
  { name: 'Autoría', width: 16, cell: (_, edition) => text(edition?.author ?? '') },
  { name: 'Aprobación', width: 16, cell: (_, edition) => text(edition?.approver ?? '') },
  { name: 'Huella sellada', width: 24, cell: (_, edition) => text(edition?.sealedHash ?? '') },
  { name: 'Por revisar', width: 40, cell: (_, edition) => text(edition?.obstacle ?? '') },
]

/** A line for each edition of each row, or one for a row that has none. */
function evidenceSheet(tables: ReportTable[], evidence: EvidenceRow[]): Sheet<never> {
  const ofRow = Map.groupBy(evidence, ({ rowId }) => rowId)
  const lines = tables.flatMap(({ rows }) =>
    rows.flatMap((row) => (ofRow.get(row.id) ?? [undefined]).map((edition) => ({ row, edition }))),
  )
  return {
    ...sheetNamed('Evidencia'),
    columns: evidenceColumns.map(({ width }) => ({ width })),
    data: [
      header(evidenceColumns.map(({ name }) => name)),
      ...lines.map(({ row, edition }) => evidenceColumns.map(({ cell }) => cell(row, edition))),
    ],
  }
}

function discrepanciesSheet(discrepancies: Discrepancy[]): Sheet<never> {
  return {
    ...sheetNamed('Discrepancias'),
    columns: [28, 48, 36, 48, 16].map((width) => ({ width })),
    data: [
      header(['Lugar', 'Qué no concuerda', 'Se imprime', 'Qué hacer', 'Ediciones']),
      ...discrepancies.map(({ place, message, value, remedy, editions }) =>
        [place, message, value, remedy, editions.join(', ')].map(text),
      ),
    ],
  }
}

/** With its header row in sight as it scrolls. */
const sheetNamed = (name: string): Pick<Sheet<never>, 'sheet' | 'stickyRowsCount'> => ({
  sheet: name,
  stickyRowsCount: 1,
})

const header = (names: string[]): Row =>
  names.map((name) => ({
    ...text(name),
    fontWeight: 'bold',
    backgroundColor: '#EDE6F3',
    alignVertical: 'center',
  }))

const text = (value: string) => ({
  value: neutralise(value),
  type: String,
  wrap: true,
  alignVertical: 'top' as const,
})

/** One day is a date of the sheet; several, or a month alone, are a text. */
function dates(days: string[]): Cell {
  if (days.length !== 1 || !/^\d{4}-\d\d-\d\d$/.test(days[0]!)) return text(days.join(', '))
  const value = new Date(`${days[0]}T00:00:00Z`)
  return { value, type: Date, format: 'dd/mm/yyyy', align: 'left', alignVertical: 'top' }
}

/** The hour on the wall in Mexico City: a cell has no zone, and is written as if it were UTC. */
function instant(at: Date | undefined): Cell {
  if (!at) return null
  const value = inMexicoCity(at).setZone('utc', { keepLocalTime: true }).toJSDate()
  return { value, type: Date, format: 'dd/mm/yyyy hh:mm', align: 'left', alignVertical: 'top' }
}
