/** The institution's calendar as a file that people write: jobs/dias-inhabiles.yaml, or a later year's. */
import { readFileSync } from 'node:fs'
import { isMap, isSeq, type Node } from 'yaml'
import { nearest, Problem, shown, type Fault } from '../errors.ts'
import { readYaml } from '../yaml-file.ts'
import type { RestPeriod } from './institutional-calendar.ts'
import { checkRestPeriod, clashFaults, type RestDraft } from './rest-period.ts'

export type ParsedRestDays = { ok: true; rows: RestPeriod[] } | { ok: false; faults: Fault[] }

const ownFile = new URL('../../jobs/dias-inhabiles.yaml', import.meta.url)

/** What a new installation starts with. Throws a Problem with every fault. */
export function ownRestDays(): RestPeriod[] {
  const parsed = parseRestDays(readFileSync(ownFile, 'utf8'), 'jobs/dias-inhabiles.yaml')
  if (!parsed.ok) throw new Problem('config', parsed.faults)
  return parsed.rows
}

/** `place`: the file's name in messages. */
export function parseRestDays(text: string, place: string): ParsedRestDays {
  const read = readEntries(text, place)
  if (!read.ok) return read
  const faults: Fault[] = []
  const sound: RestPeriod[] = []
  for (const { line, value } of read.entries) {
    const at = `${place}, renglón ${line}`
    if (!isRecord(value)) {
      const remedy = 'Escríbalo como { fecha: 2026-12-25, nombre: Navidad, tipo: descanso }'
      faults.push({ place: at, message: 'no es un día', value: shown(value), remedy })
      continue
    }
    faults.push(...keyFaults(value, at))
    const checked = checkRestPeriod(draftOf(value), (field) => `${at} ${keyOf(field, value)}`)
    if (!checked.ok) {
      faults.push(...checked.faults)
      continue
    }
    faults.push(...clashFaults(checked.row, sound, at))
    sound.push(checked.row)
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, rows: sound }
}

interface Entry {
  line: number
  value: unknown
}

/** The items of the list `dias`, which is all that the file has. */
function readEntries(
  text: string,
  place: string,
): { ok: true; entries: Entry[] } | { ok: false; faults: Fault[] } {
  const read = readYaml(text, place)
  if (!read.ok) return read
  const { document, lineOf } = read
  const root = document.contents
  const list = isMap(root) && root.items.length === 1 ? root.get('dias') : undefined
  if (!isSeq<Node>(list)) {
    const message = 'debe tener una lista de días y nada más'
    const remedy = 'Escriba dias: y debajo un renglón por día, como en jobs/dias-inhabiles.yaml'
    return { ok: false, faults: [{ place, message, remedy }] }
  }
  if (list.items.length === 0) {
    const remedy = 'Escriba al menos un día; un archivo vacío no quita los que hay'
    return { ok: false, faults: [{ place, message: 'no tiene ningún día', remedy }] }
  }
  const values = list.toJS(document) as unknown[]
  return {
    ok: true,
    entries: list.items.map((node, index) => ({
      line: lineOf(node.range?.[0] ?? 0),
      value: values[index],
    })),
  }
}

type Row = Partial<Record<(typeof keys)[number], unknown>>
const keys = ['fecha', 'del', 'al', 'nombre', 'tipo', 'fundamento', 'estado'] as const

const isRecord = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPeriod = (row: Row): boolean => 'del' in row || 'al' in row

function keyFaults(row: Row, place: string): Fault[] {
  const faults = Object.keys(row)
    .filter((key) => !keys.includes(key as (typeof keys)[number]))
    .map((key): Fault => {
      const guess = nearest(key, keys)
      const remedy = guess ? `¿Quiso decir ${guess}?` : `Use: ${keys.join(', ')}`
      return { place: `${place} ${key}`, message: 'no se conoce ese campo', remedy }
    })
  if ('fecha' in row && isPeriod(row)) {
    const remedy = 'Deje fecha para un solo día, o del y al para un periodo'
    faults.push({ place: `${place} fecha`, message: 'sobra junto a del y al', remedy })
  }
  return faults
}

/** A single day has `fecha`; a period has `del` and `al`. */
function draftOf(row: Row): RestDraft {
  return {
    ...(isPeriod(row) ? { start: row.del, end: row.al ?? null } : { start: row.fecha }),
    name: row.nombre,
    kind: row.tipo,
    basis: row.fundamento,
    status: row.estado,
  }
}

function keyOf(field: keyof RestPeriod, row: Row): string {
  const named = {
    start: isPeriod(row) ? 'del' : 'fecha',
    end: isPeriod(row) ? 'al' : 'fecha',
    name: 'nombre',
    kind: 'tipo',
    basis: 'fundamento',
    status: 'estado',
  }
  return named[field]
}
