/** The report as Markdown. */
import type { ReportSection, ReportTable } from '../report.ts'
import { emptyTableText, type ReportPart } from './part.ts'
import { readSentence } from './sentence.ts'

export function partMarkdown({ kind, report, sections }: ReportPart): string {
  const title = kind === 'report' ? [`# ${escape(report.title)}`] : []
  const blocks = sections.flatMap((section) => [
    ...(kind === 'table' ? [] : [headingMarkdown(section)]),
    ...paragraphsMarkdown(section.paragraphs),
    ...section.tables.flatMap((table) => [
      table.intro,
      tableMarkdown(table).trimEnd(),
      ...table.footnotes.map(escape),
    ]),
  ])
  return `${[...title, ...blocks].join('\n\n')}\n`
}

function headingMarkdown({ level, heading }: ReportSection): string {
  return `${'#'.repeat(level + 2)} ${escape(heading)}`
}

/** The items of a list go together. */
function paragraphsMarkdown(paragraphs: string[]): string[] {
  const blocks: string[] = []
  let isAfterItem = false
  for (const paragraph of paragraphs) {
    const { listLevel } = readSentence(paragraph)
    const printed = `${['', '- ', '  '][listLevel]}${paragraph}`
    if (listLevel > 0 && isAfterItem) blocks.push(`${blocks.pop()}\n${printed}`)
    else blocks.push(printed)
    isAfterItem = listLevel > 0
  }
  return blocks
}

export function tableMarkdown(table: Pick<ReportTable, 'columns' | 'rows'>): string {
  const rows = table.rows.map((row) => row.cells)
  const printed =
    rows.length > 0 ? rows : [table.columns.map((_, i) => (i === 0 ? emptyTableText : ''))]
  const rule = `|${' --- |'.repeat(table.columns.length)}`
  return [line(table.columns), rule, ...printed.map(line), ''].join('\n')
}

const line = (cells: string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`

const escapeCell = (cell: string): string =>
  escape(cell)
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, '<br>')

/** What is printed as it is, where Markdown would see a mark. */
const escape = (text: string): string => text.replace(/[\\*`<[]/g, '\\$&')
