import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { tableCsv } from '../../../src/report/output/csv.ts'
import { partHtml, tableHtml } from '../../../src/report/output/html.ts'
import { partMarkdown, tableMarkdown } from '../../../src/report/output/markdown.ts'
import { neutralise } from '../../../src/neutralise.ts'
import { sectionPart, tablePart, wholeReport } from '../../../src/report/output/part.ts'
import { readSentence } from '../../../src/report/output/sentence.ts'
import { boletines, convenios, exampleReport, exampleTable } from './example.ts'

test('a section is a part with those under it, and no other', () => {
  const part = sectionPart(exampleReport(), 'IV.3.a')!
  expect(part.sections.map(({ id }) => id)).toEqual(['IV.3.a', 'IV.3.a.i', 'IV.3.a.vi'])
  expect(sectionPart(exampleReport(), 'IV.3.a.i')!.sections).toHaveLength(1)
  expect(sectionPart(exampleReport(), 'V')!.sections).toHaveLength(1)
  expect(tablePart(exampleReport(), 'IV.3.a.vi-1')!.sections[0]!.tables).toEqual([convenios])
  expect(sectionPart(exampleReport(), 'VI')).toBeUndefined()
  expect(tablePart(exampleReport(), 'IV.3.a')).toBeUndefined()
})

test.each([
  ['**13 boletines**, y *Pulsos*.', [['13 boletines', 'b'], [', y '], ['Pulsos', 'i'], ['.']]],
  ['***ambas***', [['ambas', 'bi']]],
  ['8 de enero* y 9 de enero**', [['8 de enero* y 9 de enero**']]],
  ['* Se reporta', [['* Se reporta']]],
  ['de _correo_ a ana_b@iecm.mx', [['de '], ['_'], ['correo'], ['_'], [' a ana_b@iecm.mx']]],
  ['<b>&amp;</b> [liga](https://ejemplo.mx)', [['<b>&amp;</b> [liga](https://ejemplo.mx)']]],
])('of %j only pairs of asteriscos are marks', (text, expected) => {
  const { spans } = readSentence(text)
  expect(
    spans.map(({ text: words, bold, italic }) => {
      const marks = `${bold ? 'b' : ''}${italic ? 'i' : ''}`
      return marks === '' ? [words] : [words, marks]
    }),
  ).toEqual(expected)
})

test.each(['=1+1', '+52 55', '-1', '@a', '\t=1', '\r=1', '\n=1', '＝1'])(
  'a spreadsheet does not take %j for a formula',
  (cell) => expect(neutralise(cell)).toBe(`'${cell}`),
)

test.each(['', '1.', 'a=b', '«+»', '2025-01-03', '…'])('%j is left as it is', (cell) =>
  expect(neutralise(cell)).toBe(cell),
)

test('CSV opens in Excel with its accents, and is read back as it was', () => {
  const csv = tableCsv(convenios)
  expect(csv.startsWith('\uFEFFNo.,Fecha,Información\r\n')).toBe(true)
  expect(csv.endsWith('\r\n')).toBe(true)
  expect(csv).toContain('"<b>Convenio</b> A & B | ""C""\nsegundo renglón"')
  expect(parse(csv, { bom: true })).toEqual([
    convenios.columns,
    ['1', '11 de noviembre de 2024*', convenios.rows[0]!.cells[2]],
    ['2', '8 de enero de 2025', '\'=HYPERLINK("https://ejemplo.mx")'],
    ['3', '9 de enero de 2025', 'Infografía ¡8M! ❤'],
  ])
})

test('the HTML of a table has a head, and one cell for a merged column', () => {
  const html = String(tableHtml(boletines))
  expect(html.match(/<thead>.*<\/thead>/s)![0].match(/<th scope="col"/g)).toHaveLength(3)
  expect(html.match(/rowspan="3"/g)).toHaveLength(1)
  expect(html.match(/Boletín Electoral\./g)).toHaveLength(1)
  expect(html.match(/<tr>/g)).toHaveLength(4)
  expect(html.match(/<td/g)).toHaveLength(3 * 2 + 1)
  expect(String(tableHtml(exampleTable({ cells: [] })))).toMatch(
    /<td colspan="3"[^>]*>Sin registros en el periodo\.<\/td>/,
  )
})

test('the HTML escapes what is printed and keeps the lines of a cell', () => {
  const html = String(tableHtml(convenios))
  expect(html).toContain('&lt;b&gt;Convenio&lt;/b&gt; A &amp; B | &quot;C&quot;<br>segundo renglón')
  expect(html).not.toMatch(/<b>|<script|\sclass=/)
})

test('the HTML of a report has its headings, sentences and lists in order, with what they mark', () => {
  const html = String(partHtml(wholeReport(exampleReport())))
  expect(html.replace(/ style="[^"]*"/g, '')).toContain(
    '<h1>I. Presentación</h1><p>Hubo <strong>3 &amp; más</strong> envíos.</p><h1>IV. Actividades realizadas</h1>',
  )
  expect(html).toContain(
    '<p style="margin:0 0 8pt;margin-left:36pt;text-indent:-14pt">✓ Capacitación:</p>',
  )
  expect(html).toMatch(/^<div lang="es-MX"/)
  expect(html).toContain('* Se reporta porque')
})

test('the HTML of a table alone has its sentence and no heading', () => {
  const html = String(partHtml(tablePart(exampleReport(), 'IV.3.a.i')!))
  expect(html).toContain('<strong>3 boletines</strong> por la cuenta <em>ADMIN</em>')
  expect(html).not.toMatch(/<h\d/)
})

test('Markdown has headings by level, lists that hold together, sentences, tables and footnotes', () => {
  expect(partMarkdown(wholeReport(exampleReport())))
    .toBe(`# Segundo informe trimestral de la Comisión de Vinculación de enero a marzo de 2025

## I. Presentación

Hubo **3 & más** envíos.

## IV. Actividades realizadas

### 3. Seguimiento a la vinculación con el INE

#### a. Fortalecer la relación (2025-24A).

##### i. Dar seguimiento.

Se enviaron **3 boletines** por la cuenta *ADMIN*, a saber:

| No. | Fecha | Instrumento |
| --- | --- | --- |
| 1. | Viernes 3 de enero de 2025 | Boletín Electoral. |
| 2. | Viernes 10 de enero de 2025 |  |
| 3. | Viernes 17 de enero de 2025 |  |

##### vi. Convenios.

En el periodo se hicieron las siguientes comunicaciones:

| No. | Fecha | Información |
| --- | --- | --- |
| 1 | 11 de noviembre de 2024\\* | \\<b>Convenio\\</b> A & B \\| "C"<br>segundo renglón |
| 2 | 8 de enero de 2025 | =HYPERLINK("https://ejemplo.mx") |
| 3 | 9 de enero de 2025 | Infografía ¡8M! ❤ |

\\* Se reporta porque se notificó en el trimestre.

## V. Actividades pendientes

- ✓ Capacitación:
  - Aula virtual.
  - Observación electoral.

Es todo.
`)
})

test('a table without rows says so in Markdown too', () => {
  expect(tableMarkdown(exampleTable({ cells: [] }))).toContain(
    '| Sin registros en el periodo. |  |  |',
  )
})
