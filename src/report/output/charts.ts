/**
 * The charts of the quarter, each as SVG with its figures as a table. Every value is written beside its mark, so a chart
 * needs neither an axis nor a library of scales, and says nothing by colour alone.
 */
import { DateTime } from 'luxon'
import { barChart, tileChart, type ChartText } from './chart-drawing.ts'
import type { Markup } from './markup.ts'

/** What the charts count. Only what was sent and counts in the report; names in Spanish, in the order of jobs/. */
export interface ChartData {
  /** «enero a marzo de 2025» */
  quarter: string
  weeks: {
    /** Mexico City dates, ISO: the Monday of each week of the quarter, or its first day. */
    starts: string[]
    /** `sent`: editions in each of those weeks. */
    publications: { name: string; sent: number[] }[]
  }
  /** Editions that the calendar asked for and those that left, of publications with a cadence. */
  planned: { publication: string; planned: number; done: number }[]
  /** Rows of each table now and in the quarter before; null when nobody has it. */
  previous: { table: string; name: string; previous: number | null; current: number }[]
}

export interface Chart {
  id: string
  title: string
  /** What it shows, in words: its alternative text. */
  description: string
  svg: Markup
  /** Pixels. */
  width: number
  height: number
  figures: { columns: string[]; rows: string[][] }
}

/** Those that have something to show. */
export function reportCharts(data: ChartData): Chart[] {
  return [
    ...(data.weeks.publications.length > 0 ? [weeksChart(data)] : []),
    ...(data.planned.length > 0 ? [plannedChart(data)] : []),
    ...(data.previous.length > 0 ? [previousChart(data)] : []),
  ]
}

export function weeksChart({ quarter, weeks }: Pick<ChartData, 'quarter' | 'weeks'>): Chart {
  const starts = weeks.starts.map((date) =>
    DateTime.fromISO(date, { zone: 'utc' }).setLocale('es-MX'),
  )
  const rows = weeks.publications.map(({ name, sent }) => ({ name, sent, total: sum(sent) }))
  const text: ChartText = {
    id: 'envios-por-semana',
    title: `Envíos por semana y publicación, ${quarter}`,
    description:
      `Se hicieron ${counted(sum(rows.map(({ total }) => total)), 'envío', 'envíos')} en ` +
      `${counted(starts.length, 'semana', 'semanas')}. Cada cuadro es una semana y lleva el número de ` +
      'envíos; un cuadro vacío es una semana sin envíos.',
  }
  const drawing = tileChart(text, {
    columns: starts.map((start) => ({ group: start.toFormat('LLL'), label: start.toFormat('d') })),
    rows: rows.map(({ name, sent }) => ({ label: name, values: sent })),
  })
  const figures = {
    columns: ['Publicación', ...starts.map((start) => start.toFormat('d LLL')), 'Total'],
    rows: rows.map(({ name, sent, total }) => [name, ...sent.map(String), String(total)]),
  }
  return { ...text, ...drawing, figures }
}

export function plannedChart({ quarter, planned }: Pick<ChartData, 'quarter' | 'planned'>): Chart {
  const total = {
    planned: sum(planned.map((row) => row.planned)),
    done: sum(planned.map((row) => row.done)),
  }
  const text: ChartText = {
    id: 'planeado-y-enviado',
    title: `Ediciones planeadas y enviadas, ${quarter}`,
    description:
      `De ${counted(total.planned, 'edición planeada', 'ediciones planeadas')} en el calendario ` +
      `salieron ${total.done}. Por cada publicación, la barra con solo contorno es lo planeado y la ` +
      'barra llena, lo enviado.',
  }
  const drawing = barChart(text, {
    hollow: 'Planeadas',
    solid: 'Enviadas',
    rows: planned.map((row) => ({ label: row.publication, hollow: row.planned, solid: row.done })),
  })
  const figures = {
    columns: ['Publicación', 'Planeadas', 'Enviadas', 'Diferencia'],
    rows: planned.map((row) => [
      row.publication,
      String(row.planned),
      String(row.done),
      signed(row.done - row.planned),
    ]),
  }
  return { ...text, ...drawing, figures }
}

export function previousChart({
  quarter,
  previous,
}: Pick<ChartData, 'quarter' | 'previous'>): Chart {
  const more = previous.filter((row) => row.previous !== null && row.current > row.previous).length
  const fewer = previous.filter((row) => row.previous !== null && row.current < row.previous).length
  const text: ChartText = {
    id: 'trimestre-anterior',
    title: `Renglones de cada tabla frente al trimestre anterior, ${quarter}`,
    description:
      `Frente al trimestre anterior, ${counted(more, 'tabla tiene', 'tablas tienen')} más renglones y ` +
      `${counted(fewer, 'tabla tiene', 'tablas tienen')} menos. La barra con solo contorno es el ` +
      'trimestre anterior y la barra llena, este.',
  }
  const drawing = barChart(text, {
    hollow: 'Trimestre anterior',
    solid: 'Este trimestre',
    rows: previous.map((row) => ({ label: row.name, hollow: row.previous, solid: row.current })),
  })
  const figures = {
    columns: ['Tabla', 'Nombre', 'Trimestre anterior', 'Este trimestre', 'Diferencia'],
    rows: previous.map((row) => [
      row.table,
      row.name,
      row.previous === null ? noFigure : String(row.previous),
      String(row.current),
      row.previous === null ? noFigure : signed(row.current - row.previous),
    ]),
  }
  return { ...text, ...drawing, figures }
}

const noFigure = 'sin dato'

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

const counted = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

/** With the sign of a minus, not a hyphen: it is no formula. */
const signed = (n: number): string => (n > 0 ? `+${n}` : n < 0 ? `−${-n}` : '0')
