/** Tables of the DOCX: header rows that repeat, rows that stay whole, merged cells, and their alternative text. */
import {
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  VerticalMergeType,
  WidthType,
  XmlAttributeComponent,
  XmlComponent,
  type ITableOptions,
} from 'docx'
import type { ReportTable } from '../report.ts'
import { columnWidths } from './column-widths.ts'
import { textWidthTwips } from './docx-styles.ts'
import { emptyTableText } from './part.ts'

interface AltText {
  title: string
  description: string
}

/** A table of the report. */
export function printedTable(table: ReportTable, altText: AltText): Table {
  const { columns, rows, mergedColumn } = table
  const widths = twips(columnWidths(table, 104))
  const body = rows.map(
    ({ cells }, index) =>
      new TableRow({
        cantSplit: true,
        children: cells.map((cell, column) =>
          column === mergedColumn
            ? tableCell(cell, 'TablaTexto', widths[column]!, {
                verticalMerge: index === 0 ? VerticalMergeType.RESTART : VerticalMergeType.CONTINUE,
              })
            : tableCell(cell, 'TablaTexto', widths[column]!),
        ),
      }),
  )
  const empty = new TableRow({
    children: [
      tableCell(emptyTableText, 'TablaTexto', textWidthTwips, { columnSpan: columns.length }),
    ],
  })
  return describedTable(widths, altText, [
    headRow(columns, 'TablaEncabezado', widths),
    ...(body.length > 0 ? body : [empty]),
  ])
}

/** The figures of a chart. */
export function figuresTable(
  { columns, rows }: { columns: string[]; rows: string[][] },
  altText: AltText,
): Table {
  const widths = twips(columnWidths({ columns, rows: rows.map((cells) => ({ cells })) }, 112))
  return describedTable(widths, altText, [
    headRow(columns, 'TablaCifrasEncabezado', widths),
    ...rows.map(
      (cells) =>
        new TableRow({
          cantSplit: true,
          children: cells.map((cell, column) => tableCell(cell, 'TablaCifras', widths[column]!)),
        }),
    ),
  ])
}

const headRow = (columns: string[], style: string, widths: number[]): TableRow =>
  new TableRow({
    tableHeader: true,
    cantSplit: true,
    children: columns.map((column, index) => tableCell(column, style, widths[index]!)),
  })

function tableCell(
  text: string,
  style: string,
  width: number,
  options: Omit<ConstructorParameters<typeof TableCell>[0], 'children'> = {},
): TableCell {
  return new TableCell({
    ...options,
    width: { size: width, type: WidthType.DXA },
    children: text
      .split(/\s*\n\s*/)
      .map((line) => new Paragraph({ style, children: [new TextRun(line)] })),
  })
}

/** They add up to the width of the text. */
function twips(shares: number[]): number[] {
  const widths = shares.map((share) => Math.floor(share * textWidthTwips))
  const rest = textWidthTwips - widths.reduce((total, width) => total + width, 0)
  return widths.map((width, index) => (index === widths.length - 1 ? width + rest : width))
}

function describedTable(widths: number[], altText: AltText, rows: TableRow[]): Table {
  return new DescribedTable(
    {
      style: 'TablaInforme',
      width: { size: textWidthTwips, type: WidthType.DXA },
      layout: TableLayoutType.FIXED,
      columnWidths: widths,
      tableLook: { firstRow: true, noHBand: true, noVBand: true },
      rows,
    },
    altText,
  )
}

/** docx has no option for the title and the description that Word reads to whoever does not see the table. */
class DescribedTable extends Table {
  constructor(options: ITableOptions, { title, description }: AltText) {
    super(options)
    const properties = this.root[0] as XmlComponent
    properties.addChildElement(new TextElement('w:tblCaption', title))
    properties.addChildElement(new TextElement('w:tblDescription', description))
  }
}

class TextElement extends XmlComponent {
  constructor(name: string, value: string) {
    super(name)
    this.root.push(new ValueAttribute({ value: value }))
  }
}

class ValueAttribute extends XmlAttributeComponent<{ value: string }> {
  protected override readonly xmlKeys = { value: 'w:val' }
}
