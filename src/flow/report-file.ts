/** The report as files: DOCX, XLSX, HTML, CSV, Markdown and JSON, with charts and what stands behind each row. */
import { inMexicoCity } from '../clock.ts'
import { nearest, Problem, shown } from '../errors.ts'
import { totalsOfMany } from '../ledger/totals.ts'
import { trimestreEnPalabras } from '../period-words.ts'
import { parseQuarter, type Quarter } from '../report/quarter.ts'
import { evidenceOf, type EditionEvidence } from '../report/evidence.ts'
import { readEntries, type Entry } from '../report/entries.ts'
import { reportCharts, type Chart } from '../report/output/charts.ts'
import { tableCsv } from '../report/output/csv.ts'
import { partDocx } from '../report/output/docx.ts'
import { partHtml } from '../report/output/html.ts'
import { partMarkdown } from '../report/output/markdown.ts'
import {
  sectionPart,
  tablePart,
  tablesOfReport,
  wholeReport,
  type ReportPart,
} from '../report/output/part.ts'
import { reportXlsx, type EvidenceRow } from '../report/output/xlsx.ts'
import {
  type QuarterFacts,
  type Report,
  type ReportRow,
  type ReportTable,
} from '../report/report.ts'
import { recipientsOf, unfinishedOf } from '../states.ts'
import type { Engine } from './engine.ts'
import { quarterFacts, type ReportEngine } from './report.ts'

export const reportFormats = ['md', 'html', 'docx', 'xlsx', 'csv', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** The report, a section of it or one table, as a file. Throws a Problem when it has no such part, or no such form. */
export async function reportFile(
  engine: ReportEngine,
  report: Report,
  {
    format,
    section,
    table,
    coverLines = [],
  }: { format: ReportFormat; section?: string; table?: string; coverLines?: string[] },
): Promise<Buffer> {
  const part = partOf(report, section, table)
  if (part.kind !== 'report' && (format === 'json' || format === 'xlsx')) {
    throw new Problem('usage', {
      place: `--format ${format}`,
      message: 'es del informe entero',
      remedy: 'Quite --table o --section, o pida otro formato',
    })
  }
  switch (format) {
    case 'md':
      return Buffer.from(partMarkdown(part))
    case 'html':
      return Buffer.from(partHtml(part, await chartsOf(engine, report, part)).toString())
    case 'csv':
      return Buffer.from(tableCsv(onlyTable(part)))
    case 'json':
      return Buffer.from(`${JSON.stringify(report, null, 2)}\n`)
    case 'xlsx':
      return reportXlsx(report, await evidenceRows(engine, report))
    case 'docx':
      return partDocx(part, { charts: await chartsOf(engine, report, part), coverLines })
  }
}

function partOf(
  report: Report,
  section: string | undefined,
  table: string | undefined,
): ReportPart {
  const id = table ?? section
  if (id === undefined) return wholeReport(report)
  const part = table === undefined ? sectionPart(report, id) : tablePart(report, id)
  if (part) return part
  const known =
    table === undefined
      ? report.sections.map((one) => one.id)
      : tablesOfReport(report).map((one) => one.id)
  const guess = nearest(id, known)
  throw new Problem('notFound', {
    place: table === undefined ? '--section' : '--table',
    message: 'no está en el informe',
    value: shown(id),
    remedy: guess ? `¿Quiso decir ${guess}?` : `Están: ${known.join(', ')}`,
  })
}

function onlyTable({ sections }: ReportPart): ReportTable {
  const tables = sections.flatMap((section) => section.tables)
  if (tables.length === 1) return tables[0]!
  throw new Problem('usage', {
    place: '--format csv',
    message: 'es de una sola tabla',
    remedy: 'Diga cuál con --table; xlsx las lleva todas',
  })
}

/** What stands behind rows of a report, each edition once. */
export async function reportEvidence(
  { db }: Pick<Engine, 'db'>,
  rows: Pick<ReportRow, 'editions'>[],
): Promise<EditionEvidence[]> {
  const ids = [...new Set(rows.flatMap(({ editions }) => editions))]
  return evidenceOf(db, ids, (some) => totalsOfMany(db, some))
}

async function evidenceRows(engine: ReportEngine, report: Report): Promise<EvidenceRow[]> {
  const rows = tablesOfReport(report).flatMap((table) => table.rows)
  const evidence = await reportEvidence(engine, rows)
  const byId = new Map(evidence.map((one) => [one.editionId, one]))
  return rows.flatMap((row) => row.editions.map((id) => evidenceRow(row, byId.get(id)!)))
}

function evidenceRow(row: ReportRow, one: EditionEvidence): EvidenceRow {
  const { accepted, rejected, failed, suppressed, cancelled, unknown } = one.totals
  return {
    rowId: row.id,
    edition: one.editionId,
    publication: one.publication,
    period: one.period,
    firstAcceptedAt: one.firstAcceptedAt!,
    recipients: recipientsOf(one.totals),
    pending: unfinishedOf(one.totals),
    accepted,
    rejected,
    failed,
    suppressed,
    cancelled,
    unknown,
    subject: one.subject,
    author: one.author,
    approver: one.approver,
    sealedHash: one.sealedHash,
    obstacle: one.obstacle,
  }
}

/** The charts of the quarter, each with its figures. */
export async function reportChartsOf(
  engine: ReportEngine,
  report: Report,
  { due }: Pick<QuarterFacts, 'due'>,
): Promise<Chart[]> {
  const quarter = parseQuarter(report.quarter)
  const before = parseQuarter(quarterBefore(quarter))
  const [now, then] = [await readEntries(engine.db, quarter), await readEntries(engine.db, before)]
  const sent = mailingsOf(now)
  const byHand = new Set(
    now.filter(({ registerId }) => registerId !== null).map(({ tableId }) => tableId),
  )
  const weeks = weeksOf(quarter)
  const rowsBefore = Map.groupBy(then, ({ tableId }) => tableId)
  return reportCharts({
    quarter: trimestreEnPalabras(quarter.name),
    weeks: {
      starts: weeks,
      publications: engine.publications
        .map(({ slug, name }) => ({
          name,
          sent: weeks.map(
            (start, index) =>
              (sent.get(slug) ?? []).filter(
                (date) => date >= start && date < (weeks[index + 1] ?? '9999'),
              ).length,
          ),
        }))
        .filter((one) => one.sent.some((count) => count > 0)),
    },
    planned: engine.publications
      .filter((one) => one.cadence.kind !== 'on-request' && one.reportLines.length > 0)
      // past mailings that the register tells by month, without their dates
      .filter(
        (one) => sent.has(one.slug) || !one.reportLines.some(({ table }) => byHand.has(table)),
      )
      .map((one) => ({
        publication: one.name,
        planned: due.get(one.slug) ?? 0,
        done: sent.get(one.slug)?.length ?? 0,
      })),
    previous: tablesOfReport(report).map((table) => ({
      table: table.id,
      name: table.name,
      previous: then.length === 0 ? null : (rowsBefore.get(table.id)?.length ?? 0),
      current: table.totals.rows,
    })),
  })
}

/** Of a whole report alone. */
async function chartsOf(
  engine: ReportEngine,
  report: Report,
  { kind }: ReportPart,
): Promise<Chart[]> {
  if (kind !== 'report') return []
  return reportChartsOf(engine, report, await quarterFacts(engine, parseQuarter(report.quarter)))
}

/** The dates of the mailings of each publication: one that stands for two lines is one mailing. */
function mailingsOf(entries: Entry[]): Map<string, string[]> {
  const mailings = new Map<string, { publication: string; date: string }>()
  for (const { publication, period, date } of entries.flatMap((entry) => entry.sent))
    mailings.set(`${publication} ${period ?? date}`, { publication, date })
  const groups = Map.groupBy(mailings.values(), ({ publication }) => publication)
  return new Map([...groups].map(([slug, all]) => [slug, all.map(({ date }) => date)]))
}

/** The Mondays of the quarter, ISO; its first day when that is none. */
function weeksOf({ from, to }: Quarter): string[] {
  const starts: string[] = []
  for (
    let day = inMexicoCity(from);
    day.toJSDate() < to;
    day = day.startOf('week').plus({ weeks: 1 })
  )
    starts.push(day.toISODate())
  return starts
}

function quarterBefore({ year, name }: Quarter): string {
  const number = Number(name.at(-1))
  return number === 1 ? `${year - 1}-Q4` : `${year}-Q${number - 1}`
}
