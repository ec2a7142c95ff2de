/** The report as Markdown. */
import type { Report, ReportTable } from './report.ts'

export function reportMarkdown(report: Report): string {
  return report.sections
    .map((section) =>
      [
        `## ${section.heading}`,
        '',
        ...section.tables.flatMap((table) => [table.intro, '', tableMarkdown(table)]),
      ].join('\n'),
    )
    .join('\n')
}

export function tableMarkdown(table: ReportTable): string {
  return [
    line(table.columns),
    line(table.columns.map(() => '---')),
    ...table.rows.map((row) => line(row.cells)),
    '',
  ].join('\n')
}

const line = (cells: string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`

const escapeCell = (cell: string): string =>
  cell.replaceAll('|', '\\|').replace(/\s*\n\s*/g, '<br>')
