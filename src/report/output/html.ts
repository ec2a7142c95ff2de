/**
 * The report as a fragment of HTML to be pasted into Word, which keeps inline styles, headings and merged cells, and
 * turns thead into the header row that is repeated on every page.
 */
import type { ReportRow, ReportSection, ReportTable } from '../report.ts'
import type { Chart } from './charts.ts'
import { columnWidths } from './column-widths.ts'
import { markup, type Markup } from './markup.ts'
import { emptyTableText, type ReportPart } from './part.ts'
import { readSentence, type Span } from './sentence.ts'

const font = 'font-family:Arial,sans-serif;font-size:11pt'
const cellStyle = `border:1px solid #795397;padding:3pt 5pt;vertical-align:top;text-align:left;font-family:Arial,sans-serif;font-size:10pt`
const headStyle = `${cellStyle};background-color:#EDE6F3;font-weight:bold`

/** `charts`: at the end, each with its figures. */
export function partHtml({ kind, report, sections }: ReportPart, charts: Chart[] = []): Markup {
  return markup`<div lang="es-MX" style="${font}">${kind === 'report' && paragraph(report.title, 'text-align:center;font-weight:bold')}${sections.map(
    (section) => [
      kind !== 'table' && heading(section),
      ...section.paragraphs.map((text) => sentence(text)),
      ...section.tables.map((table) => [
        sentence(table.intro),
        tableHtml(table),
        ...table.footnotes.map((note) => paragraph(note, 'font-size:9pt')),
      ]),
    ],
  )}${charts.map(chartHtml)}</div>`
}

function chartHtml({ title, svg, figures }: Chart): Markup {
  return markup`${heading({ level: 1, heading: title, bold: true })}${svg}${figuresHtml(figures)}`
}

function figuresHtml({ columns, rows }: Chart['figures']): Markup {
  return markup`<table style="border-collapse:collapse;margin:0 0 8pt"><thead><tr>${columns.map(
    (column) => markup`<th scope="col" style="${headStyle}">${column}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (cells) =>
      markup`<tr>${cells.map((cell) => markup`<td style="${cellStyle}">${cell}</td>`)}</tr>`,
  )}</tbody></table>`
}

/** The levels of the DOCX, so that a section that is pasted into it has those of its place. */
function heading({
  level,
  heading: text,
  bold,
}: Pick<ReportSection, 'level' | 'heading' | 'bold'>): Markup {
  const weight = bold || level < 2 ? 'font-weight:bold' : 'font-weight:normal'
  const style = `font-family:Arial,sans-serif;font-size:${level === 0 ? 13 : 11}pt;color:#32215C;${weight}`
  // a tag is no value of a template
  switch (level) {
    case 0:
      return markup`<h1 style="${style}">${text}</h1>`
    case 1:
      return markup`<h2 style="${style}">${text}</h2>`
    case 2:
      return markup`<h3 style="${style}">${text}</h3>`
    default:
      return markup`<h4 style="${style}">${text}</h4>`
  }
}

function sentence(text: string): Markup {
  const { listLevel, spans } = readSentence(text)
  // Word makes its own kind of list of ul: a mark and an indent stay as the paper has them
  if (listLevel === 0) return paragraph(spans.map(span), 'text-align:justify')
  const style = `margin-left:${listLevel * 18 + 18}pt;text-indent:-14pt`
  return paragraph([listLevel === 1 ? '✓ ' : '- ', ...spans.map(span)], style)
}

function span({ text, bold, italic }: Span): Markup {
  const inner = italic ? markup`<em>${text}</em>` : markup`${text}`
  return bold ? markup`<strong>${inner}</strong>` : inner
}

const paragraph = (content: string | (Markup | string)[], style: string): Markup =>
  markup`<p style="margin:0 0 8pt;${style}">${content}</p>`

/** The table alone. */
export function tableHtml(table: ReportTable): Markup {
  const widths = columnWidths(table, 92).map((width) => `${Math.round(width * 100)}%`)
  return markup`<table style="border-collapse:collapse;width:100%;margin:0 0 8pt"><thead><tr>${table.columns.map(
    (column, index) =>
      markup`<th scope="col" style="${headStyle};width:${widths[index]}">${column}</th>`,
  )}</tr></thead><tbody>${table.rows.length === 0 && emptyRow(table)}${table.rows.map(
    (row, index) => tableRow(row, index, table),
  )}</tbody></table>`
}

const emptyRow = ({ columns }: ReportTable): Markup =>
  markup`<tr><td colspan="${columns.length}" style="${cellStyle}">${emptyTableText}</td></tr>`

function tableRow(
  { cells }: ReportRow,
  index: number,
  { mergedColumn, rows }: ReportTable,
): Markup {
  return markup`<tr>${cells.map((cell, column) => {
    if (column !== mergedColumn) return markup`<td style="${cellStyle}">${cellLines(cell)}</td>`
    if (index > 0) return ''
    return markup`<td rowspan="${rows.length}" style="${cellStyle}">${cellLines(cell)}</td>`
  })}</tr>`
}

const cellLines = (cell: string): (Markup | string)[] =>
  cell.split(/\s*\n\s*/).map((line, index) => (index === 0 ? line : markup`<br>${line}`))
