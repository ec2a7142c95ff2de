/** Tiles and bars as SVG, without DOM. Texts have 12 px or more; charts are as wide as the lines of a page. */
import { markup, type Markup } from './markup.ts'

export interface ChartText {
  id: string
  title: string
  description: string
}

export interface Drawing {
  svg: Markup
  /** Pixels. */
  width: number
  height: number
}

const width = 640
const labelWidth = 214
const lineHeight = 15
const [ink, muted, purple, lilac, soft] = ['#1E1238', '#5B5B6B', '#32215C', '#8C65AA', '#F8F5FB']

/** A row of tiles for each label, with its total at the end. Columns that follow each other share their group. */
export function tileChart(
  text: ChartText,
  data: {
    columns: { group: string; label: string }[]
    rows: { label: string; values: number[] }[]
  },
): Drawing {
  const step = Math.min(40, (width - labelWidth - 48) / data.columns.length)
  const tile = step - 3
  const x = (column: number) => labelWidth + column * step
  const totalX = x(data.columns.length) + 24
  const head = data.columns.map(({ group, label }, index) => {
    const isFirst = group !== data.columns[index - 1]?.group
    return markup`${isFirst && markup`<text x="${px(x(index))}" y="14" fill="${muted}">${group}</text>`}<text x="${px(x(index) + tile / 2)}" y="31" text-anchor="middle" fill="${muted}">${label}</text>`
  })
  const { rows, bottom } = stacked(data.rows, { from: 40, least: 30 })
  const body = rows.map(({ row, middle, lines }) => [
    rowLabel(lines, middle),
    row.values.map((value, column) => {
      // lighter for one, darker for more; the number says how many
      const fill = value === 0 ? soft : value === 1 ? lilac : purple
      const number = markup`<text x="${px(x(column) + tile / 2)}" y="${px(middle + 4.5)}" text-anchor="middle" font-weight="bold" fill="#FFFFFF">${value}</text>`
      return markup`<rect x="${px(x(column))}" y="${px(middle - 12)}" width="${px(tile)}" height="24" rx="3" fill="${fill}" stroke="${value === 0 ? '#C9BAD6' : fill}"/>${value > 0 && number}`
    }),
    markup`<text x="${px(totalX)}" y="${px(middle + 4.5)}" text-anchor="middle" font-weight="bold" fill="${ink}">${row.values.reduce((total, value) => total + value, 0)}</text>`,
  ])
  return drawing(
    text,
    bottom,
    markup`${head}<text x="${px(totalX)}" y="31" text-anchor="middle" fill="${muted}">Total</text>${body}`,
  )
}

/** Two bars for each label: one with only its outline, one filled. null: not known. */
export function barChart(
  text: ChartText,
  data: {
    hollow: string
    solid: string
    rows: { label: string; hollow: number | null; solid: number }[]
  },
): Drawing {
  const most = Math.max(1, ...data.rows.flatMap(({ hollow, solid }) => [hollow ?? 0, solid]))
  const length = (value: number) => Math.max(1, (value / most) * (width - labelWidth - 64))
  const bar = (value: number | null, y: number, isSolid: boolean) =>
    value === null
      ? markup`<text x="${labelWidth}" y="${px(y + 11)}" fill="${muted}">sin dato</text>`
      : markup`<rect x="${labelWidth}" y="${px(y + 1)}" width="${px(length(value))}" height="11" ${barFill(isSolid)}/><text x="${px(labelWidth + length(value) + 6)}" y="${px(y + 11)}" fill="${ink}">${value}</text>`
  const { rows, bottom } = stacked(data.rows, { from: 34, least: 42 })
  const solidX = labelWidth + 160
  const legend = markup`<rect x="${labelWidth}" y="6" width="24" height="11" ${barFill(false)}/><text x="${labelWidth + 31}" y="16" fill="${ink}">${data.hollow}</text><rect x="${solidX}" y="6" width="24" height="11" ${barFill(true)}/><text x="${solidX + 31}" y="16" fill="${ink}">${data.solid}</text>`
  const body = rows.map(({ row, middle, lines }) => [
    rowLabel(lines, middle),
    bar(row.hollow, middle - 15, false),
    bar(row.solid, middle + 1, true),
  ])
  return drawing(text, bottom, markup`${legend}${body}`)
}

const barFill = (isSolid: boolean): Markup =>
  isSolid
    ? markup`fill="${purple}" stroke="${purple}" stroke-width="1.5"`
    : markup`fill="#FFFFFF" stroke="${purple}" stroke-width="1.5"`

/** Rows one below the other, each as high as the lines of its label. */
function stacked<Row extends { label: string }>(
  rows: Row[],
  { from, least }: { from: number; least: number },
): { rows: { row: Row; middle: number; lines: string[] }[]; bottom: number } {
  let bottom = from
  const placed = rows.map((row) => {
    const lines = wrapped(row.label)
    const height = Math.max(least, lines.length * lineHeight + 10)
    bottom += height
    return { row, lines, middle: bottom - height / 2 }
  })
  return { rows: placed, bottom: bottom + 6 }
}

/** Lines that fit beside the marks in any of the fonts. */
function wrapped(label: string, room = 27): string[] {
  const lines: string[] = []
  for (const word of label.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < room) lines.push(`${lines.pop()} ${word}`)
    else lines.push(word)
  }
  return lines
}

const rowLabel = (lines: string[], middle: number): Markup[] =>
  lines.map((line, index) => {
    const y = middle + 4.5 + (index - (lines.length - 1) / 2) * lineHeight
    return markup`<text x="${labelWidth - 12}" y="${px(y)}" text-anchor="end" fill="${ink}">${line}</text>`
  })

const drawing = ({ id, title, description }: ChartText, height: number, body: Markup): Drawing => ({
  width,
  height,
  svg: markup`<svg xmlns="http://www.w3.org/2000/svg" lang="es-MX" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-titulo ${id}-descripcion" font-family="Montserrat, Arial, sans-serif" font-size="12"><title id="${id}-titulo">${title}</title><desc id="${id}-descripcion">${description}</desc><rect width="${width}" height="${height}" fill="#FFFFFF"/>${body}</svg>`,
})

/** A coordinate, without the noise of the last decimals: the same data are the same bytes. */
const px = (value: number): string => String(Math.round(value * 10) / 10)
