import sharp from 'sharp'
import { expect, test } from 'vitest'
import {
  plannedChart,
  previousChart,
  reportCharts,
  weeksChart,
} from '../../../src/report/output/charts.ts'
import { exampleChartData } from './example.ts'

const all = () => reportCharts(exampleChartData)

test('every chart says what it is and what it shows, and prints its figures', () => {
  expect(all().map(({ figures }) => figures)).toEqual([
    {
      columns: ['Publicación', '30 dic', '6 ene', '13 ene', 'Total'],
      rows: [
        ['Boletín <Electoral> & más', '1', '0', '2', '3'],
        ['Pulso Político-Electoral Internacional', '0', '0', '1', '1'],
      ],
    },
    {
      columns: ['Publicación', 'Planeadas', 'Enviadas', 'Diferencia'],
      rows: [['Boletín Electoral', '13', '12', '−1']],
    },
    {
      columns: ['Tabla', 'Nombre', 'Trimestre anterior', 'Este trimestre', 'Diferencia'],
      rows: [
        ['IV.3.a.i', 'Boletín Electoral', '11', '13', '+2'],
        ['IV.3.a.ii', 'Calendario', 'sin dato', '12', 'sin dato'],
      ],
    },
  ])
  for (const { id, title, description, svg } of all()) {
    expect(String(svg)).toContain(`aria-labelledby="${id}-titulo ${id}-descripcion"`)
    expect(String(svg)).toContain(`<title id="${id}-titulo">${title}</title>`)
    expect(String(svg)).toContain(`<desc id="${id}-descripcion">${description}</desc>`)
  }
})

test('descriptions count what is drawn', () => {
  const [weeks, planned, previous] = all().map(({ description }) => description)
  expect(weeks).toMatch(/^Se hicieron 4 envíos en 3 semanas\./)
  expect(planned).toMatch(/^De 13 ediciones planeadas en el calendario salieron 12\./)
  expect(previous).toMatch(/1 tabla tiene más renglones y 0 tablas tienen menos/)
})

test('every value is written beside its mark, so that no colour says anything alone', () => {
  const texts = (svg: unknown) =>
    [...String(svg).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)
  expect(texts(weeksChart(exampleChartData).svg)).toEqual(
    expect.arrayContaining(['dic', 'ene', '30', '6', '13', 'Total', '1', '2', '3']),
  )
  expect(texts(plannedChart(exampleChartData).svg)).toEqual([
    'Planeadas',
    'Enviadas',
    'Boletín Electoral',
    '13',
    '12',
  ])
  expect(texts(previousChart(exampleChartData).svg)).toContain('sin dato')
})

test('letters have 12 pixels or more, and nothing runs out of the drawing', () => {
  const long = 'Comunicaciones a la Red de Observación y a la ciudadanía en general de la Ciudad'
  const charts = [
    ...all(),
    plannedChart({
      quarter: 'enero a marzo de 2025',
      planned: [{ publication: long, planned: 100_000, done: 0 }],
    }),
    weeksChart({
      quarter: 'enero a marzo de 2025',
      weeks: {
        starts: Array.from({ length: 14 }, (_, week) => `2025-01-${String(week + 10)}`),
        publications: [{ name: long, sent: Array.from({ length: 14 }, () => 99) }],
      },
    }),
  ]
  for (const { svg, width, height } of charts) {
    const text = String(svg)
    const sizes = [...text.matchAll(/font-size="(\d+)"/g)].map(([, size]) => Number(size))
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12)
    for (const [, x, y] of text.matchAll(/ x="([\d.-]+)" y="([\d.-]+)"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0)
      expect(Number(x)).toBeLessThanOrEqual(width - 12)
      expect(Number(y)).toBeLessThanOrEqual(height)
    }
  }
})

test('a chart is well-formed SVG whatever the names, and the same data are the same bytes', async () => {
  for (const { svg, width, height } of all()) {
    const metadata = await sharp(Buffer.from(String(svg))).metadata()
    expect(metadata).toMatchObject({ format: 'svg', width, height })
    expect(String(svg)).not.toMatch(/NaN|undefined|null|\[object/)
  }
  expect(all().map(({ svg }) => String(svg))).toEqual(all().map(({ svg }) => String(svg)))
  expect(String(weeksChart(exampleChartData).svg)).toContain('Boletín &lt;Electoral&gt; &amp;')
})

test('what has nothing to show has no chart, and a quarter without mailings is drawn', () => {
  expect(
    reportCharts({
      quarter: 'enero a marzo de 2025',
      weeks: { starts: ['2025-01-01'], publications: [] },
      planned: [],
      previous: [],
    }),
  ).toEqual([])
  const { svg } = plannedChart({
    quarter: 'enero a marzo de 2025',
    planned: [{ publication: 'Boletín', planned: 0, done: 0 }],
  })
  expect(String(svg)).not.toContain('NaN')
})
