/** The printed report of January–March 2025 (q1-2025.json) as rows that `pregonero history import` reads. */
import { readFileSync } from 'node:fs'
import { publications } from '../../jobs/index.ts'
import { definitionOf, readDefinitions, tablesOf } from '../../src/report/definition.ts'

export interface PaperRow {
  id: string
  tableId: string
  no: number
  cellsPrinted: string[]
  datePrinted: string | null
  dateCanonical: string | null
  dateCanonicalMatches?: boolean
  dates: string[]
  month: string | null
  textEffective: string
  kind: string
  channel: string | null
}

export const paper = JSON.parse(readFileSync(new URL('q1-2025.json', import.meta.url), 'utf8')) as {
  rows: PaperRow[]
  crossChecks: { temasRedObservacion: { chosen: Record<string, number[]> } }
}

const slugs = new Set(publications.map(({ slug }) => slug))
export const topics = Object.entries(paper.crossChecks.temasRedObservacion.chosen)

/** A row as history tells it: what the paper printed, under the names of the file's columns. */
export function historyRow(row: PaperRow): Record<string, string> {
  const table = tablesOf(definitionOf(readDefinitions(), 2025)).find(
    ({ id }) => id === row.tableId,
  )!
  const own = table.celdas.flatMap((cell, index) =>
    ['numero', 'fecha', 'texto'].includes(cell) ? [] : [[cell, row.cellsPrinted[index]!] as const],
  )
  const topic =
    row.tableId === 'IV.4.a.ii' ? topics.find(([, numbers]) => numbers.includes(row.no))?.[0] : ''
  const isMarked = row.datePrinted?.endsWith('*') ?? false
  return {
    id: row.id,
    tabla: row.tableId,
    trimestre: '2025-Q1',
    numero: String(row.no),
    fechas: row.month ?? row.dates.join(' '),
    texto: row.textEffective,
    tema: topic ?? '',
    publicacion: slugs.has(row.kind) ? row.kind : '',
    canal: row.channel ?? '',
    fecha_impresa: row.datePrinted ?? '',
    ...(isMarked && { marca: '*', nota: footnote }),
    ...Object.fromEntries(own),
  }
}

export const footnote =
  'El presente Convenio se reporta derivado de que fue firmado el 11 de noviembre de 2024, notificado por UTAJ a la DVOE el 13 de diciembre de 2024 e informado en la ISO2025'

export const historyJson = (): Buffer => Buffer.from(JSON.stringify(paper.rows.map(historyRow)))
