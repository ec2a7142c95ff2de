import { strFromU8, unzipSync } from 'fflate'
import readXlsxFile from 'read-excel-file/node'
import { expect, test } from 'vitest'
import { reportXlsx, type EvidenceRow } from '../../../src/report/output/xlsx.ts'
import type { Report } from '../../../src/report/report.ts'
import { exampleReport } from './example.ts'

const edition: EvidenceRow = {
  rowId: 'IV.3.a.i#02',
  edition: 12,
  publication: 'boletin-electoral',
  period: '2025-W02',
  // still the 10th in Mexico City
  firstAcceptedAt: new Date('2025-01-11T01:30:00Z'),
  recipients: 480,
  accepted: 477,
  pending: 0,
  rejected: 3,
  failed: 0,
  suppressed: 0,
  cancelled: 0,
  unknown: 0,
}

const sheetsOf = async (report: Report, evidence: EvidenceRow[] = []) =>
  new Map(
    (await readXlsxFile(await reportXlsx(report, evidence))).map(({ sheet, data }) => [
      sheet,
      data,
    ]),
  )

/** A line of a sheet under its header. */
function lineOf(data: unknown[][] | undefined, id: string): Record<string, unknown> {
  const [header, ...lines] = data!
  const line = lines.find(([first]) => first === id)!
  return Object.fromEntries(header!.map((name, index) => [name, line[index]]))
}

test('there is a sheet for each table, named by its id, and two more for evidence and discrepancies', async () => {
  const sheets = await sheetsOf(exampleReport())
  expect([...sheets.keys()]).toEqual(['IV.3.a.i', 'IV.3.a.vi-1', 'Evidencia', 'Discrepancias'])
  expect(sheets.get('IV.3.a.i')).toEqual([
    ['No.', 'Fecha', 'Instrumento'],
    ['1.', 'Viernes 3 de enero de 2025', 'Boletín Electoral.'],
    ['2.', 'Viernes 10 de enero de 2025', null],
    ['3.', 'Viernes 17 de enero de 2025', null],
  ])
})

test('a merged column is one cell, and the header row is bold and stays in sight', async () => {
  const files = unzipSync(await reportXlsx(exampleReport(), []))
  const sheet = strFromU8(files['xl/worksheets/sheet1.xml']!)
  expect(sheet).toContain('<mergeCell ref="C2:C4"/>')
  expect(sheet).toMatch(/<pane [^>]*ySplit="1"[^>]*state="frozen"/)
  const bold = /<c r="A1" s="(\d+)"/.exec(sheet)![1]!
  const styles = strFromU8(files['xl/styles.xml']!)
  const formats = /<cellXfs.*?<\/cellXfs>/s.exec(styles)![0].match(/<xf [^>]*>/g)!
  const font = Number(/fontId="(\d+)"/.exec(formats[Number(bold)]!)![1])
  expect(styles.match(/<font>.*?<\/font>/gs)![font]).toContain('<b/>')
})

test('each row has behind it its date as a date, its editions, and what became of their recipients', async () => {
  const evidence = (await sheetsOf(exampleReport(), [edition])).get('Evidencia')
  expect(lineOf(evidence, 'IV.3.a.i#02')).toMatchObject({
    Fechas: new Date('2025-01-10T00:00:00Z'),
    Edición: 12,
    Publicación: 'boletin-electoral',
    Periodo: '2025-W02',
    'Primera aceptación (hora de la Ciudad de México)': new Date('2025-01-10T19:30:00Z'),
    Destinatarios: 480,
    'Aceptados por el servidor': 477,
    'Rechazos permanentes': 3,
  })
})

test('a row that no edition stands behind has its line too, with its place in the manual register', async () => {
  const report = exampleReport()
  const [row] = report.sections.flatMap(({ tables }) => tables)[1]!.rows
  Object.assign(row!, { register: 7, dates: ['2025-01-08', '2025-01-09'] })
  const evidence = (await sheetsOf(report)).get('Evidencia')
  expect(lineOf(evidence, row!.id)).toMatchObject({
    'Renglón del registro manual': 7,
    Fechas: '2025-01-08, 2025-01-09',
    Edición: null,
  })
  expect(evidence).toHaveLength(1 + 6)
})

test('a month without its day is a text', async () => {
  const report = exampleReport()
  const [row] = report.sections.flatMap(({ tables }) => tables)[0]!.rows
  report.sections[4]!.tables = [
    { ...report.sections[4]!.tables[0]!, rows: [{ ...row!, dates: ['2025-01'] }] },
  ]
  const evidence = (await sheetsOf(report)).get('Evidencia')
  expect(lineOf(evidence, 'IV.3.a.i#01')).toMatchObject({ Fechas: '2025-01' })
})

test('discrepancies name the place, what is printed, and what to do', async () => {
  const discrepancies = (await sheetsOf(exampleReport())).get('Discrepancias')
  expect(lineOf(discrepancies, 'IV.3.a.i#02')).toEqual({
    Lugar: 'IV.3.a.i#02',
    'Qué no concuerda': 'La fecha no es viernes',
    'Se imprime': "'+52 55",
    'Qué hacer': 'Revise la fecha',
    Ediciones: '12, 13',
  })
})

test('no cell can be a formula; footnotes come after the rows', async () => {
  const sheet = (await sheetsOf(exampleReport())).get('IV.3.a.vi-1')!
  expect(sheet[2]![2]).toBe('\'=HYPERLINK("https://ejemplo.mx")')
  expect(sheet[1]![2]).toBe('<b>Convenio</b> A & B | "C"\nsegundo renglón')
  expect(sheet[4]![0]).toBe('* Se reporta porque se notificó en el trimestre.')
})

test('a report without rows or discrepancies has its sheets with their headers', async () => {
  const report = exampleReport({ discrepancies: [] })
  for (const section of report.sections)
    section.tables = section.tables.map((table) => ({ ...table, rows: [], footnotes: [] }))
  for (const data of (await sheetsOf(report)).values()) expect(data).toHaveLength(1)
})
