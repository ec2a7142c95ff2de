/**
 * Rows of the register from a file, past mailings or whatever else the report prints. CSV (`,` `;` or tab; UTF-8 or the
 * Windows-1252 of Excel) with a header, or JSON: a list of objects with the same keys.
 *
 *   id           tells the row from others for good: importing the file again changes nothing
 *   tabla        IV.1.a.iii                      trimestre    2025-Q1
 *   texto        as printed                      numero       its printed number; empty: in the order of dates
 *   fechas       one or several ISO dates with spaces between them, or a month: 2025-01
 *   tema         key of the catalogue            publicacion  the mailing that it was
 *   canal, evidencia, marca and nota (a footnote), fecha_impresa (as the paper printed it)
 *   any other    a cell that only its table has: objeto, area, estatus
 */
import { parse } from 'csv-parse/sync'
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { messageOf, nearest, Problem, shown, type Fault } from '../errors.ts'
import { columnsOf, registerFaults, type RegisterDraft, type RegisterKnows } from './register.ts'

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
}

/** Reads and checks a whole file. Throws one Problem with every fault (es); nothing is written. */
export function readRegisterFile(
  bytes: Uint8Array,
  place: string,
  knows: RegisterKnows,
): RegisterDraft[] {
  const records = readRecords(decode(bytes), place)
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

/** Excel saves Windows-1252 where UTF-8 was meant. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
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
  const delimiter = [';', '\t', ','].find((one) => head.includes(one)) ?? ','
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
      trim: true,
    }) as unknown as typeof rows
  } catch (error) {
    throw new Problem('invalid', {
      place,
      message: `no se puede leer como CSV: ${messageOf(error)}`,
      remedy: 'Guárdelo de nuevo como CSV UTF-8',
    })
  }
  return rows.map(({ record, info }) => ({ record, where: `${place} línea ${info.lines}` }))
}

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
  if (!Array.isArray(value)) {
    throw new Problem('invalid', {
      place,
      message: 'no es una lista de renglones',
      remedy: 'Escriba [ { "id": …, "tabla": … }, … ]',
    })
  }
  return value.map((entry: object, index) => ({
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

/** Writes what is new or different, in sets. A row already there as it is stays untouched. */
export async function writeRegisterRows(
  tx: Db,
  drafts: RegisterDraft[],
  authorId: number,
  at: Date,
): Promise<ImportedRows> {
  let added = 0
  let changed = 0
  for (let start = 0; start < drafts.length; start += chunkRows) {
    const chunk = drafts.slice(start, start + chunkRows)
    const written = await tx
      .insertInto('registerRow')
      .values(
        chunk.map((draft) => ({ ...columnsOf(draft), authorId, createdAt: at, updatedAt: at })),
      )
      .onConflict((conflict) =>
        conflict
          .column('sourceKey')
          .doUpdateSet(({ ref }) => ({
            ...Object.fromEntries(
              replaced.map((name) => [name, ref(`excluded.${name}` as 'excluded.lineText')]),
            ),
            updatedAt: at,
          }))
          .where(
            sql<boolean>`(${sql.join(replaced.map((name) => sql.ref(`registerRow.${name}`)))})
              IS DISTINCT FROM (${sql.join(replaced.map((name) => sql.ref(`excluded.${name}`)))})`,
          ),
      )
      .returning(sql<boolean>`xmax = 0`.as('isNew'))
      .execute()
    added += written.filter(({ isNew }) => isNew).length
    changed += written.filter(({ isNew }) => !isNew).length
  }
  return { rows: drafts.length, added, changed, unchanged: drafts.length - added - changed }
}

/** All that a row of a file says. */
const replaced = [
  'tableId',
  'quarter',
  'position',
  'dates',
  'precision',
  'lineText',
  'fields',
  'mark',
  'note',
  'topic',
  'publication',
  'channel',
  'evidence',
  'printedDate',
] as const
