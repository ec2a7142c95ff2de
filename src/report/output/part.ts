/** What of a report is printed: all of it, a section with what it holds, or one table. */
import type { Report, ReportSection, ReportTable } from '../report.ts'

/** What outputs need of a report: a sealed one has it too. */
export type PrintableReport = Pick<Report, 'title' | 'commission' | 'version' | 'sections'>

export interface ReportPart {
  kind: 'report' | 'section' | 'table'
  report: PrintableReport
  /** In the order in which they are printed. Of a table: the section that has it, with no other table. */
  sections: ReportSection[]
}

export const wholeReport = (report: PrintableReport): ReportPart => ({
  kind: 'report',
  report,
  sections: report.sections,
})

/** undefined: the report has no such section. */
export function sectionPart(report: PrintableReport, id: string): ReportPart | undefined {
  const first = report.sections.findIndex((section) => section.id === id)
  if (first === -1) return undefined
  const { level } = report.sections[first]!
  const next = report.sections.findIndex(
    (section, index) => index > first && section.level <= level,
  )
  const sections = report.sections.slice(first, next === -1 ? undefined : next)
  return { kind: 'section', report, sections }
}

/** undefined: the report has no such table. */
export function tablePart(report: PrintableReport, id: string): ReportPart | undefined {
  const section = report.sections.find(({ tables }) => tables.some((table) => table.id === id))
  if (!section) return undefined
  const tables = section.tables.filter((table) => table.id === id)
  return { kind: 'table', report, sections: [{ ...section, paragraphs: [], tables }] }
}

export const tablesOfReport = (report: Pick<Report, 'sections'>): ReportTable[] =>
  report.sections.flatMap(({ tables }) => tables)

/** The only row of a table that has none. */
export const emptyTableText = 'Sin registros en el periodo.'
