/**
 * The report as DOCX, for a commission to approve and staff to go on writing in: every text has a named style
 * (docx-styles.ts), so its look is changed in one place. Discrepancies are never in it.
 */
import {
  Document,
  Footer,
  Header,
  HeadingLevel,
  ImageRun,
  Packer,
  PageNumber,
  Paragraph,
  SectionType,
  TextRun,
  type FileChild,
  type ISectionOptions,
} from 'docx'
import type { ReportSection, ReportTable } from '../report.ts'
import type { Chart } from './charts.ts'
import { numbering, pageSize, styles, tableStyles, textWidthPixels } from './docx-styles.ts'
import { figuresTable, printedTable } from './docx-tables.ts'
import type { ReportPart } from './part.ts'
import { plainSentence, readSentence } from './sentence.ts'

export interface DocxOptions {
  /** Printed at the end of a whole report. */
  charts?: Chart[]
  /** What the cover says below the title: «Punto 04», «Cuarta sesión ordinaria». */
  coverLines?: string[]
}

export async function partDocx(
  given: ReportPart,
  { charts = [], coverLines = [] }: DocxOptions = {},
): Promise<Buffer> {
  const part = printable(given)
  const { report, sections } = part
  const isWhole = part.kind === 'report'
  const children = [
    ...sections.flatMap((section) => [
      ...(part.kind === 'table' ? [] : [heading(section)]),
      ...section.paragraphs.map((text) => sentence(text)),
      ...section.tables.flatMap(tableWithTexts),
    ]),
    ...(isWhole && charts.length > 0 ? await annex(charts) : []),
  ]
  const body: ISectionOptions = {
    properties: { type: SectionType.NEXT_PAGE, page: pageSize },
    headers: { default: new Header({ children: [styled('Header', `${report.title}.`)] }) },
    footers: { default: new Footer({ children: [pageNumbers()] }) },
    children,
  }
  const document = new Document({
    title: report.title,
    creator: report.commission,
    lastModifiedBy: 'Pregonero',
    styles,
    externalStyles: tableStyles(),
    numbering,
    sections: isWhole ? [cover(part, coverLines), body] : [body],
  })
  return Packer.toBuffer(document)
}

/** Without two characters that XML has no way to write: docx leaves out the others, and Word refuses a file with one. */
const printable = (part: ReportPart): ReportPart =>
  JSON.parse(JSON.stringify(part), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(/[\uFFFE\uFFFF]/g, '') : value,
  ) as ReportPart

function cover({ report }: ReportPart, lines: string[]): ISectionOptions {
  // blank ones: without them it would have those of the pages that follow
  return {
    properties: { page: pageSize },
    headers: { default: new Header({ children: [new Paragraph('')] }) },
    footers: { default: new Footer({ children: [new Paragraph('')] }) },
    children: [
      styled('Subtitle', report.commission),
      styled('Title', report.title),
      ...lines.map((line) => styled('PortadaRenglon', line)),
      ...(report.version === 0
        ? [styled('PortadaRenglon', 'Borrador: el trimestre no se ha cerrado')]
        : report.version > 1
          ? [styled('PortadaRenglon', `Versión ${report.version}`)]
          : []),
    ],
  }
}

const headingLevels = [
  HeadingLevel.HEADING_1,
  HeadingLevel.HEADING_2,
  HeadingLevel.HEADING_3,
  HeadingLevel.HEADING_4,
]

function heading({ level, heading: text, bold }: ReportSection): Paragraph {
  // the styles of the first two are bold; «Strong» on them would undo it
  const style = bold && level > 1 ? { style: 'Strong' } : {}
  return new Paragraph({
    heading: headingLevels[Math.min(level, 3)]!,
    children: [new TextRun({ text: text, ...style })],
  })
}

const sentenceStyles = ['BodyText', 'ListBullet', 'ListBullet2']

function sentence(text: string, style?: string): Paragraph {
  const { listLevel, spans } = readSentence(text)
  return new Paragraph({
    style: style ?? sentenceStyles[listLevel]!,
    children: spans.map(({ text: words, bold, italic }) => {
      const runStyle = bold && italic ? 'StrongEmphasis' : bold ? 'Strong' : 'Emphasis'
      return new TextRun({
        text: words,
        ...(bold || italic ? { style: runStyle } : {}),
      })
    }),
  })
}

function tableWithTexts(table: ReportTable): FileChild[] {
  const description = plainSentence(table.intro)
  return [
    sentence(table.intro, 'TablaIntroduccion'),
    printedTable(table, { title: table.name, description }),
    // it also keeps a table apart from what follows
    ...(table.footnotes.length > 0 ? table.footnotes : ['']).map((note) =>
      styled('TablaNota', note),
    ),
  ]
}

/** Each chart with its figures below it. */
async function annex(charts: Chart[]): Promise<FileChild[]> {
  // loaded when it is needed: most processes draw nothing
  const { default: sharp } = await import('sharp')
  const drawn = await Promise.all(
    charts.map(async (chart, index): Promise<FileChild[]> => {
      // in the letter of the document
      const svg = Buffer.from(String(chart.svg).replace('Montserrat, Arial', 'Arial'))
      const caption = `Gráfica ${index + 1}. ${chart.title}`
      const image = new ImageRun({
        type: 'svg',
        data: svg,
        // for programs that do not draw SVG
        fallback: { type: 'png', data: await sharp(svg, { density: 144 }).png().toBuffer() },
        transformation: fitted(chart),
        altText: {
          name: chart.id,
          title: chart.title,
          description: chart.description,
        },
      })
      return [
        styled('Caption', caption),
        new Paragraph({ style: 'Grafica', children: [image] }),
        figuresTable(chart.figures, { title: caption, description: chart.description }),
        styled('TablaNota', ''),
      ]
    }),
  )
  return [heading({ ...annexSection, level: 0 }), ...drawn.flat()]
}

const annexSection = {
  id: '',
  heading: 'Anexo. Gráficas del trimestre',
  bold: false,
  paragraphs: [],
  tables: [],
}

/** As wide as the text, and no higher than most of a page. */
function fitted({ width, height }: Chart): { width: number; height: number } {
  const scale = Math.min(textWidthPixels / width, 680 / height)
  return { width: Math.round(width * scale), height: Math.round(height * scale) }
}

const pageNumbers = (): Paragraph =>
  new Paragraph({
    style: 'Footer',
    children: [new TextRun({ children: [PageNumber.CURRENT, ' de ', PageNumber.TOTAL_PAGES] })],
  })

const styled = (style: string, text: string): Paragraph =>
  new Paragraph({ style, children: [new TextRun(text)] })
