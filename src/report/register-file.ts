/**
 * Rows of the register from a file, past mailings or whatever else the report prints. CSV (`,` `;` or tab; UTF-8, UTF-16 or
 * the Windows-1252 of Excel) with a header, or JSON: a list of objects with the same keys.
 *
 *   id           tells the row from others for good: importing the file again changes nothing
 *   tabla        IV.1.a.iii                      trimestre    2025-Q1
 *   texto        as printed                      numero       its printed number; empty: in the order of dates
 *   fechas       one or several ISO dates with spaces between them, or a month: 2025-01
 *   tema         key of the catalogue            publicacion  the mailing that it was
 *   canal, evidencia, marca and nota (a footnote), fecha_impresa (as the paper printed it)
 *   any other    a cell that only its table has: objeto, area, estatus
 */
import { CsvError, parse } from 'csv-parse/sync'
import type { Db } from '../db/database.ts'
import { messageOf, nearest, Problem, shown, type Fault } from '../errors.ts'
import { canonicalJson } from '../hash.ts'
import { decodeText } from '../text-encoding.ts'
import {
  columnsOf,
  draftOf,
  registerFaults,
  type RegisterDraft,
  type RegisterKnows,
  type RegisterRow,
} from './register.ts'

const required = ['id', 'tabla', 'trimestre', 'texto']
const optional = [
  'numero',
  'fechas',
  'tema',
  'publicacion',
  'canal',
  'evidencia',
  'marca',
  'nota',
  'fecha_impresa',
]
const chunkRows = 1_000
/** More than these are told by their number. */
const maxFaults = 50

export interface ImportedRows {
  rows: number
  added: number
  changed: number
  unchanged: number
  /** Corrected by hand since, and left so. */
  kept: number
}

/** Reads and checks a whole file. Throws one Problem with every fault (es); nothing is written. */
export function readRegisterFile(
  bytes: Uint8Array,
  place: string,
  knows: RegisterKnows,
): RegisterDraft[] {
  const records = readRecords(decodeText(bytes), place)
  const faults: Fault[] = []
  const seen = new Map<string, string>()
  const drafts = records.map(({ record, where }) => {
    const draft = draftFrom(record)
    faults.push(...registerFaults(draft, knows, where))
    const key = draft.sourceKey ?? ''
    const earlier = seen.get(key)
    if (key === '') {
      faults.push({
        place: `${where} id`,
        message: 'está vacío',
        remedy: 'Dé a cada renglón su id',
      })
    } else if (earlier !== undefined) {
      faults.push({
        place: `${where} id`,
        message: `es el mismo que el de ${earlier}`,
        value: shown(key),
        remedy: 'Quite el renglón repetido, o dele otro id si es otro',
      })
    }
    seen.set(key, earlier ?? where)
    return draft
  })
  if (faults.length > 0) throw new Problem('invalid', fewer(faults, place))
  return drafts
}

function fewer(faults: Fault[], place: string): Fault[] {
  if (faults.length <= maxFaults) return faults
  const message = `y ${faults.length - maxFaults} errores más`
  return [
    ...faults.slice(0, maxFaults),
    { place, message, remedy: 'Corrija los primeros y repita' },
  ]
}

interface PlacedRecord {
  record: Record<string, string>
  where: string
}

function readRecords(text: string, place: string): PlacedRecord[] {
  const isJson = /^\s*[[{]/.test(text)
  const records = isJson ? jsonRecords(text, place) : csvRecords(text, place)
  const columns = new Set(records.flatMap(({ record }) => Object.keys(record)))
  const missing = records.length === 0 ? [] : required.filter((name) => !columns.has(name))
  if (missing.length > 0) {
    throw new Problem(
      'invalid',
      missing.map((name) => {
        const guess = nearest(name, [...columns])
        const fault = { place: `${place} encabezado`, message: `falta la columna «${name}»` }
        const known = [...required, ...optional].join(', ')
        return {
          ...fault,
          remedy: guess ? `¿Es «${guess}»? Cambie su nombre` : `Las columnas son: ${known}`,
        }
      }),
    )
  }
  return records
}

function csvRecords(text: string, place: string): PlacedRecord[] {
  const [head = ''] = text.split('\n')
  const columnsWith = (delimiter: string) => head.replace(/"[^"]*"/g, '').split(delimiter).length
  const [delimiter = ','] = [',', ';', '\t'].toSorted((a, b) => columnsWith(b) - columnsWith(a))
  let rows: { record: Record<string, string>; info: { lines: number } }[]
  try {
    rows = parse(text, {
      bom: true,
      delimiter,
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      info: true,
      skipEmptyLines: true,
      // titles have quotation marks of their own
      relaxQuotes: true,
      // what a short row leaves out is empty
      relaxColumnCountLess: true,
      trim: true,
    }) as unknown as typeof rows
  } catch (error) {
    throw new Problem('invalid', {
      place,
      message: isTooLong(error)
        ? `la línea ${error.lines} tiene más celdas que el encabezado`
        : `no se puede leer como CSV: ${messageOf(error)}`,
      remedy:
        'Ponga entre comillas las celdas que llevan el separador, o guárdelo de nuevo como CSV',
    })
  }
  return rows.map(({ record, info }) => ({ record, where: `${place} línea ${info.lines}` }))
}

const isTooLong = (error: unknown): error is CsvError & { lines: number } =>
  error instanceof CsvError && error.code === 'CSV_RECORD_INCONSISTENT_COLUMNS'

function jsonRecords(text: string, place: string): PlacedRecord[] {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new Problem('invalid', {
      place,
      message: `no es JSON: ${messageOf(error)}`,
      remedy: 'Revise comas, comillas y corchetes',
    })
  }
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'object' && one)
  if (!isList) {
    throw new Problem('invalid', {
      place,
      message: 'no es una lista de renglones',
      remedy: 'Escriba [ { "id": …, "tabla": … }, … ]',
    })
  }
  return (value as object[]).map((entry, index) => ({
    where: `${place} [${index}]`,
    record: Object.fromEntries(
      Object.entries(entry).map(([key, inner]) => [
        key,
        Array.isArray(inner) ? inner.join(' ') : String(inner ?? ''),
      ]),
    ),
  }))
}

function draftFrom(record: Record<string, string>): RegisterDraft {
  const value = (name: string): string => (record[name] ?? '').trim()
  const orNull = (name: string): string | null => (value(name) === '' ? null : value(name))
  const dates = value('fechas')
    .split(/[\s,]+/)
    .filter(Boolean)
  const isMonth = dates.length === 1 && /^\d{4}-\d{2}$/.test(dates[0]!)
  const own = Object.keys(record).filter(
    (name) => ![...required, ...optional].includes(name) && value(name) !== '',
  )
  return {
    tableId: value('tabla'),
    quarter: value('trimestre'),
    position: value('numero') === '' ? null : Number(value('numero')),
    dates: isMonth ? [`${dates[0]}-01`] : dates,
    precision: isMonth ? 'month' : 'day',
    text: value('texto'),
    fields: Object.fromEntries(own.map((name) => [name, value(name)])),
    mark: value('marca'),
    note: orNull('nota'),
    topic: orNull('tema'),
    publication: orNull('publicacion'),
    channel: orNull('canal'),
    evidence: orNull('evidencia'),
    printedDate: orNull('fecha_impresa'),
    sourceKey: orNull('id'),
  }
}

export interface WrittenRows {
  imported: ImportedRows
  /** What rows said before and say now. */
  changes: { id: number; before: RegisterDraft; after: RegisterDraft }[]
}

/** Writes what is new or different. A row that somebody corrected by hand stays as they left it. */
export async function writeRegisterRows(
  tx: Db,
  drafts: RegisterDraft[],
  authorId: number,
  at: Date,
): Promise<WrittenRows> {
  const imported = { rows: drafts.length, added: 0, changed: 0, unchanged: 0, kept: 0 }
  const changes: WrittenRows['changes'] = []
  for (let start = 0; start < drafts.length; start += chunkRows) {
    const chunk = drafts.slice(start, start + chunkRows)
    const existing = await lockByKey(tx, chunk)
    const fresh: RegisterDraft[] = []
    for (const draft of chunk) {
      const row = existing.get(draft.sourceKey!)
      if (!row) fresh.push(draft)
      else if (canonicalJson(draft) === canonicalJson(draftOf(row))) imported.unchanged++
      else if (row.editedAt !== null) imported.kept++
      else changes.push({ id: row.id, before: draftOf(row), after: draft })
    }
    imported.added += fresh.length
    if (fresh.length === 0) continue
    await tx
      .insertInto('registerRow')
      .values(
        fresh.map((draft) => ({ ...columnsOf(draft), authorId, createdAt: at, updatedAt: at })),
      )
      .execute()
  }
  imported.changed = changes.length
  for (const { id, after } of changes) {
    await tx
      .updateTable('registerRow')
      .set({ ...columnsOf(after), updatedAt: at })
      .where('id', '=', id)
      .execute()
  }
  return { imported, changes }
}

async function lockByKey(tx: Db, drafts: RegisterDraft[]): Promise<Map<string, RegisterRow>> {
  const keys = drafts.map(({ sourceKey }) => sourceKey)
  const rows = await tx
    .selectFrom('registerRow')
    .selectAll()
    .where('sourceKey', 'in', keys)
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.sourceKey!, row]))
}
