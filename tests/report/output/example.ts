/** A small report with what the outputs must bear: levels, a merged cell, long texts, marks, and characters of every format. */
import type { Report, ReportSection, ReportTable } from '../../../src/report/report.ts'
import type { ChartData } from '../../../src/report/output/charts.ts'

export function exampleTable(
  given: Partial<ReportTable> & { cells: string[][]; dates?: string[] },
): ReportTable {
  const { cells, dates = [], ...table } = given
  const id = table.id ?? 'IV.1.a'
  const rows = cells.map((row, index) => ({
    id: `${id}#${String(index + 1).padStart(2, '0')}`,
    cells: row,
    dates: dates.slice(index, index + 1),
    printedDate: null,
    topic: null,
    editions: [],
    register: null,
  }))
  return {
    id,
    name: 'Comunicaciones',
    intro: 'En el periodo se hicieron las siguientes comunicaciones:',
    columns: ['No.', 'Fecha', 'Información'],
    rows,
    mergedColumn: null,
    footnotes: [],
    totals: { rows: rows.length, editions: 0, topics: 0, dates: dates.length },
    ...table,
  }
}

export const boletines = exampleTable({
  id: 'IV.3.a.i',
  name: 'Boletín Electoral',
  intro: 'Se enviaron **3 boletines** por la cuenta *ADMIN*, a saber:',
  columns: ['No.', 'Fecha', 'Instrumento'],
  cells: [
    ['1.', 'Viernes 3 de enero de 2025', 'Boletín Electoral.'],
    ['2.', 'Viernes 10 de enero de 2025', ''],
    ['3.', 'Viernes 17 de enero de 2025', ''],
  ],
  dates: ['2025-01-03', '2025-01-10', '2025-01-17'],
  mergedColumn: 2,
})

export const convenios = exampleTable({
  id: 'IV.3.a.vi-1',
  name: 'Instrumentos jurídicos suscritos',
  cells: [
    ['1', '11 de noviembre de 2024*', '<b>Convenio</b> A & B | "C"\nsegundo renglón'],
    ['2', '8 de enero de 2025', '=HYPERLINK("https://ejemplo.mx")'],
    ['3', '9 de enero de 2025', 'Infografía ¡8M! ❤'],
  ],
  footnotes: ['* Se reporta porque se notificó en el trimestre.'],
})

const section = (
  given: Pick<ReportSection, 'id' | 'level' | 'heading'> & Partial<ReportSection>,
) => ({
  bold: false,
  paragraphs: [],
  tables: [],
  ...given,
})

export function exampleReport(given: Partial<Report> = {}): Report {
  return {
    quarter: '2025-Q1',
    version: 1,
    title: 'Segundo informe trimestral de la Comisión de Vinculación de enero a marzo de 2025',
    commission: 'Comisión de Vinculación',
    sections: [
      section({
        id: 'I',
        level: 0,
        heading: 'I. Presentación',
        paragraphs: ['Hubo **3 & más** envíos.'],
      }),
      section({ id: 'IV', level: 0, heading: 'IV. Actividades realizadas' }),
      section({ id: 'IV.3', level: 1, heading: '3. Seguimiento a la vinculación con el INE' }),
      section({
        id: 'IV.3.a',
        level: 2,
        heading: 'a. Fortalecer la relación (2025-24A).',
        bold: true,
      }),
      section({ id: 'IV.3.a.i', level: 3, heading: 'i. Dar seguimiento.', tables: [boletines] }),
      section({ id: 'IV.3.a.vi', level: 3, heading: 'vi. Convenios.', tables: [convenios] }),
      section({
        id: 'V',
        level: 0,
        heading: 'V. Actividades pendientes',
        paragraphs: ['✓ Capacitación:', '- Aula virtual.', '- Observación electoral.', 'Es todo.'],
      }),
    ],
    discrepancies: [
      {
        kind: 'printed-date',
        place: 'IV.3.a.i#02',
        message: 'La fecha no es viernes',
        value: '+52 55',
        remedy: 'Revise la fecha',
        editions: [12, 13],
      },
    ],
    planned: [],
    ...given,
  }
}

export const exampleChartData: ChartData = {
  quarter: 'enero a marzo de 2025',
  weeks: {
    starts: ['2024-12-30', '2025-01-06', '2025-01-13'],
    publications: [
      { name: 'Boletín <Electoral> & más', sent: [1, 0, 2] },
      { name: 'Pulso Político-Electoral Internacional', sent: [0, 0, 1] },
    ],
  },
  planned: [{ publication: 'Boletín Electoral', planned: 13, done: 12 }],
  previous: [
    { table: 'IV.3.a.i', name: 'Boletín Electoral', previous: 11, current: 13 },
    { table: 'IV.3.a.ii', name: 'Calendario', previous: null, current: 12 },
  ],
}
