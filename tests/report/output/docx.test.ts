import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { reportCharts } from '../../../src/report/output/charts.ts'
import { partDocx, type DocxOptions } from '../../../src/report/output/docx.ts'
import {
  sectionPart,
  tablePart,
  wholeReport,
  type ReportPart,
} from '../../../src/report/output/part.ts'
import { boletines, exampleChartData, exampleReport, exampleTable } from './example.ts'

/** Its files, by path; those that are not XML too. */
async function filesOf(part: ReportPart, options?: DocxOptions): Promise<Record<string, string>> {
  const files = unzipSync(await partDocx(part, options))
  return Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, strFromU8(bytes)]))
}

const documentOf = async (part: ReportPart, options?: DocxOptions): Promise<string> =>
  (await filesOf(part, options))['word/document.xml']!

/** Its paragraphs, each with its style and the text of its runs; those of tables too. */
const paragraphsOf = (xml: string): string[] =>
  [...xml.matchAll(/<w:p>(.*?)<\/w:p>/gs)].map(([, inner = '']) => {
    const style = /<w:pStyle w:val="(\w+)"/.exec(inner)?.[1] ?? ''
    const text = [...inner.matchAll(/<w:t[ >].*?<\/w:t>/gs)].map(([run]) =>
      run.replace(/<.*?>/g, ''),
    )
    return `${style}: ${text.join('')}`
  })

/** The rows of its tables, as they are written. */
const rowsOf = (xml: string): string[] =>
  [...xml.matchAll(/<w:tr>.*?<\/w:tr>/gs)].map(([row]) => row)

const oneTable = (table = boletines): ReportPart =>
  tablePart(
    exampleReport({
      sections: [{ id: 'A', level: 0, heading: 'A', bold: false, paragraphs: [], tables: [table] }],
    }),
    table.id,
  )!

test('a report has its cover, its headings by level, and on every other page its title and «n de m»', async () => {
  const files = await filesOf(wholeReport(exampleReport()), { coverLines: ['Punto 04'] })
  const document = files['word/document.xml']!
  expect(paragraphsOf(document).slice(0, 3)).toEqual([
    'Subtitle: Comisión de Vinculación',
    'Title: Segundo informe trimestral de la Comisión de Vinculación de enero a marzo de 2025',
    'PortadaRenglon: Punto 04',
  ])
  expect(paragraphsOf(document)).toEqual(
    expect.arrayContaining([
      'Heading1: I. Presentación',
      'Heading2: 3. Seguimiento a la vinculación con el INE',
      'Heading3: a. Fortalecer la relación (2025-24A).',
      'Heading4: i. Dar seguimiento.',
      'ListBullet: Capacitación:',
      'ListBullet2: Aula virtual.',
    ]),
  )
  expect(styleOf(files, 'Subtitle')).toContain('<w:caps/>')
  const [coverHeader, header] = [1, 2].map((n) => files[`word/header${n}.xml`]!)
  expect(coverHeader).not.toContain('informe')
  expect(header).toContain('Segundo informe trimestral')
  const footer = files['word/footer2.xml']!
  expect(footer.match(/(?<=<w:instrText[^>]*>)\w+|(?<=<w:t[^>]*>)[^<]+/g)).toEqual([
    'PAGE',
    ' de ',
    'NUMPAGES',
  ])
})

const styleOf = (files: Record<string, string>, id: string): string =>
  new RegExp(`<w:style [^>]*w:styleId="${id}".*?</w:style>`, 's').exec(
    files['word/styles.xml']!,
  )?.[0] ?? ''

test('a quarter that is not sealed says so on the cover, and a later version its number', async () => {
  const coverOf = async (version: number) =>
    paragraphsOf(await documentOf(wholeReport(exampleReport({ version }))))
  expect(await coverOf(0)).toContain('PortadaRenglon: Borrador: el trimestre no se ha cerrado')
  expect((await coverOf(1)).join()).not.toContain('PortadaRenglon')
  expect(await coverOf(2)).toContain('PortadaRenglon: Versión 2')
})

test('every text has a named style that the document defines, and nothing else says how it looks', async () => {
  const files = await filesOf(wholeReport(exampleReport()), {
    charts: reportCharts(exampleChartData),
  })
  const document = files['word/document.xml']!
  const runProperties = [...document.matchAll(/<w:rPr>(.*?)<\/w:rPr>/gs)].map(([, inner]) => inner!)
  expect(
    new Set(runProperties.map((inner) => inner.replace(/<w:rStyle w:val="\w+"\/>/, ''))),
  ).toEqual(new Set(['']))
  const paragraphProperties = [...document.matchAll(/<w:pPr>(.*?)<\/w:pPr>/gs)].map(
    ([, inner]) => inner!,
  )
  const besides = paragraphProperties.map((inner) =>
    inner.replace(/<w:sectPr.*<\/w:sectPr>/s, '').replace(/<w:pStyle w:val="\w+"\/>/, ''),
  )
  expect(new Set(besides)).toEqual(new Set(['']))
  expect(paragraphsOf(document).filter((text) => text.startsWith(': ') && text !== ': ')).toEqual(
    [],
  )
  const named = new Set(
    [...document.matchAll(/<w:(?:p|r|tbl)Style w:val="(\w+)"/g)].map(([, id]) => id!),
  )
  expect([...named].filter((id) => styleOf(files, id) === '')).toEqual([])
})

test('what a sentence marks is bold or italic by a character style, and so is a heading in bold', async () => {
  const document = await documentOf(sectionPart(exampleReport(), 'IV.3.a')!)
  const run = (style: string, text: string) =>
    expect.stringMatching(
      new RegExp(`<w:rStyle w:val="${style}"/></w:rPr><w:t xml:space="preserve">${text}</w:t>`),
    )
  expect(document).toEqual(run('Strong', '3 boletines'))
  expect(document).toEqual(run('Emphasis', 'ADMIN'))
  expect(document).toEqual(run('Strong', 'a. Fortalecer la relación \\(2025-24A\\).'))
  expect(document).not.toContain('**')
})

test('a table repeats its header row on every page and splits no row', async () => {
  const [head, ...body] = rowsOf(await documentOf(oneTable()))
  expect(head).toContain('<w:tblHeader/>')
  expect(head).toContain('Instrumento')
  expect(body).toHaveLength(3)
  for (const row of body) expect(row).not.toContain('<w:tblHeader/>')
  for (const row of [head, ...body]) expect(row).toContain('<w:cantSplit/>')
})

test('a merged column is one cell from the first row on', async () => {
  const [, first, ...others] = rowsOf(await documentOf(oneTable()))
  expect(first).toMatch(/<w:vMerge w:val="restart"\/>.*Boletín Electoral\./s)
  for (const row of others) expect(row).toContain('<w:vMerge w:val="continue"/>')
})

test('a table says its name and its sentence to whoever does not see it', async () => {
  const document = await documentOf(oneTable())
  expect(document).toContain('<w:tblCaption w:val="Boletín Electoral"/>')
  expect(document).toContain(
    '<w:tblDescription w:val="Se enviaron 3 boletines por la cuenta ADMIN, a saber:"/>',
  )
})

const widthsOf = async (part: ReportPart): Promise<number[]> =>
  [...(await documentOf(part)).matchAll(/<w:gridCol w:w="(\d+)"/g)].map(([, width]) =>
    Number(width),
  )

test('columns fill the page; row numbers take little of it, and a date keeps its line', async () => {
  const text = 'Establecer mecanismos operativos para difundir la participación ciudadana. '.repeat(
    9,
  )
  const long = await widthsOf(
    oneTable(exampleTable({ cells: [['1.', '11 de noviembre de 2024*', text]] })),
  )
  const short = await widthsOf(oneTable())
  for (const widths of [long, short]) {
    expect(widths.reduce((total, width) => total + width)).toBe(9404)
    expect(widths[0]).toBeLessThan(800)
    expect(widths[1]).toBeGreaterThan(2200)
  }
  expect(long[2]).toBeGreaterThan(5000)
})

test('footnotes come under their table; a table without rows says so', async () => {
  const withNote = paragraphsOf(await documentOf(tablePart(exampleReport(), 'IV.3.a.vi-1')!))
  expect(withNote.at(-1)).toBe('TablaNota: * Se reporta porque se notificó en el trimestre.')
  const empty = await documentOf(oneTable(exampleTable({ cells: [] })))
  expect(rowsOf(empty)[1]).toContain('Sin registros en el periodo.')
})

test('the document is in Spanish of Mexico, on letter paper', async () => {
  const files = await filesOf(wholeReport(exampleReport()))
  expect(files['word/styles.xml']).toMatch(/<w:docDefaults>.*<w:lang w:val="es-MX"/s)
  expect(files['word/document.xml']).toMatch(/<w:pgSz [^>]*w:w="12240" w:h="15840"/)
})

test('characters of XML are escaped, and those that XML cannot write are left out', async () => {
  const document = await documentOf(
    oneTable(
      exampleTable({
        cells: [['1.', '', 'A & B <c> \u000B\u0000\uFFFF\uD800 ❤ 😀']],
        name: 'x < "y"\uFFFE',
      }),
    ),
  )
  expect(document).toContain('A &amp; B &lt;c&gt; \uFFFD ❤ 😀')
  expect(document).toContain('<w:tblCaption w:val="x &lt; &quot;y&quot;"/>')
})

test('lines of a cell are its paragraphs', async () => {
  const document = await documentOf(oneTable(exampleTable({ cells: [['1.', '', 'uno\ndos']] })))
  expect(paragraphsOf(rowsOf(document)[1]!)).toEqual([
    'TablaTexto: 1.',
    'TablaTexto: ',
    'TablaTexto: uno',
    'TablaTexto: dos',
  ])
})

test('each chart is SVG, with PNG for other programs, has its description, and its figures below', async () => {
  const charts = reportCharts(exampleChartData)
  const files = await filesOf(wholeReport(exampleReport()), { charts })
  const media = Object.keys(files).filter((path) => path.startsWith('word/media/'))
  expect(media.filter((path) => path.endsWith('.svg'))).toHaveLength(3)
  expect(media.filter((path) => path.endsWith('.png'))).toHaveLength(3)
  const document = files['word/document.xml']!
  for (const { description } of charts) expect(document).toContain(`descr="${description}"`)
  const annex = paragraphsOf(document.slice(document.indexOf('Anexo. Gráficas')))
  expect(annex).toContain(
    'Caption: Gráfica 2. Ediciones planeadas y enviadas, enero a marzo de 2025',
  )
  expect(annex).toContain('TablaCifras: −1')
  const [whole, section] = [wholeReport(exampleReport()), sectionPart(exampleReport(), 'I')!]
  expect(await documentOf(whole)).not.toContain('Anexo')
  expect(await documentOf(section, { charts })).not.toContain('Anexo')
})

test('discrepancies are for staff: the DOCX has none', async () => {
  const files = await filesOf(wholeReport(exampleReport()))
  expect(Object.values(files).join()).not.toContain('La fecha no es viernes')
})

test('a section comes without cover and with what it holds; a table, with its sentence alone', async () => {
  const section = paragraphsOf(await documentOf(sectionPart(exampleReport(), 'IV.3')!))
  expect(section[0]).toBe('Heading2: 3. Seguimiento a la vinculación con el INE')
  expect(section).toContain('Heading4: vi. Convenios.')
  expect(section.join()).not.toMatch(/Title|Presentación|pendientes/)
  const table = paragraphsOf(await documentOf(tablePart(exampleReport(), 'IV.3.a.i')!))
  expect(table[0]).toBe('TablaIntroduccion: Se enviaron 3 boletines por la cuenta ADMIN, a saber:')
  expect(table.join()).not.toContain('Heading')
})

test('a report five times as long as those of today is printed to its last row', async () => {
  const text = 'Establecer mecanismos operativos en el ámbito de sus respectivas atribuciones. '
  const tables = Array.from({ length: 30 }, (_, n) =>
    exampleTable({
      id: `IV.${n + 1}`,
      cells: Array.from({ length: 40 }, (_, row) => [
        `${row + 1}.`,
        '8 de enero de 2025',
        text.repeat(5),
      ]),
    }),
  )
  const [first] = exampleReport().sections
  const report = exampleReport({ sections: [{ ...first!, tables }] })
  const xml = await documentOf(wholeReport(report), { charts: reportCharts(exampleChartData) })
  // a header row for each table; the figures of the charts come on top
  expect(xml.match(/<w:tr[ >]/g)!.length).toBeGreaterThanOrEqual(30 * (1 + 40))
})
