/** What must hold of a rest day or closed period before it is written, whether from a file or from a command. */
import { DateTime } from 'luxon'
import { nearest, shown, type Fault } from '../errors.ts'
import { restKinds, restStatuses, type RestPeriod } from './institutional-calendar.ts'

/** As a person wrote it. Without `end` it is a single day. */
export type RestDraft = Partial<Record<keyof RestPeriod, unknown>>

export type CheckedRest = { ok: true; row: RestPeriod } | { ok: false; faults: Fault[] }

const firstYear = 2000
const lastYear = 2100
/** Longer is more likely a wrong year, and would silence every publication without a word. */
const longestDays = 92
const longestName = 120

/** `placeOf`: where the person finds the field. */
export function checkRestPeriod(
  draft: RestDraft,
  placeOf: (field: keyof RestPeriod) => string,
): CheckedRest {
  const { start, end = start } = draft
  const dates = [
    ...dateFaults(start, placeOf('start')),
    ...(draft.end === undefined ? [] : dateFaults(end, placeOf('end'))),
  ]
  // a cast until the faults are known: only then is it returned
  const row = {
    start,
    end,
    name: typeof draft.name === 'string' ? draft.name.trim() : draft.name,
    kind: draft.kind,
    ...(draft.basis !== undefined && { basis: draft.basis }),
    status: draft.status ?? 'confirmado',
  } as RestPeriod
  const faults = [
    ...dates,
    ...(dates.length === 0 ? lengthFaults(row, placeOf('end')) : []),
    ...textFaults(row.name, placeOf('name'), 'Diga cómo se llama, por ejemplo Navidad'),
    ...wordFaults(row.kind, restKinds, placeOf('kind')),
    ...wordFaults(row.status, restStatuses, placeOf('status')),
  ]
  if (draft.basis !== undefined)
    faults.push(...textFaults(draft.basis, placeOf('basis'), 'Cite la ley o el acuerdo, o quítelo'))
  return faults.length > 0 ? { ok: false, faults } : { ok: true, row }
}

function dateFaults(value: unknown, place: string): Fault[] {
  const remedy = 'Escríbala como 2026-12-25 (año-mes-día)'
  if (value === undefined || value === null) return [{ place, message: 'falta la fecha', remedy }]
  const fault = (message: string): Fault[] => [{ place, message, value: shown(value), remedy }]
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return fault('no es una fecha')
  if (!DateTime.fromISO(value).isValid) return fault('ese día no existe')
  const year = Number(value.slice(0, 4))
  return year < firstYear || year > lastYear
    ? fault(`el año no está entre ${firstYear} y ${lastYear}`)
    : []
}

function lengthFaults({ start, end, kind }: RestPeriod, place: string): Fault[] {
  const fault = (message: string, remedy: string): Fault[] => [
    { place, message, value: `${start} a ${end}`, remedy },
  ]
  const days = (Date.parse(end) - Date.parse(start)) / 86_400_000 + 1
  if (days < 1) return fault('termina antes de empezar', 'Corrija las fechas')
  if (kind === 'descanso' && days > 1)
    return fault('un descanso es de un solo día', 'Use el tipo cerrado para varios días seguidos')
  if (days > longestDays)
    return fault(
      `dura ${days} días y el máximo es ${longestDays}`,
      'Revise el año; si es correcto, divídalo en varios periodos',
    )
  return []
}

function textFaults(value: unknown, place: string, remedy: string): Fault[] {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === ''))
    return [{ place, message: 'falta', remedy }]
  if (typeof value !== 'string')
    return [{ place, message: 'debe ser texto', value: shown(value), remedy }]
  if (value.length <= longestName && !/\p{Cc}/u.test(value)) return []
  const message = `debe ser un solo renglón de ${longestName} caracteres a lo más`
  return [{ place, message, value: shown(value), remedy: 'Acórtelo' }]
}

function wordFaults(value: unknown, known: readonly string[], place: string): Fault[] {
  if (known.includes(value as string)) return []
  const guess = typeof value === 'string' ? nearest(value, known) : undefined
  const remedy = guess ? `¿Quiso decir ${guess}?` : `Use uno de: ${known.join(', ')}`
  return value === undefined || value === null
    ? [{ place, message: 'falta', remedy }]
    : [{ place, message: 'no se conoce', value: shown(value), remedy }]
}

/** Why `row` cannot stand beside the others in one calendar. A rest day may fall in a closed period. */
export function clashFaults(row: RestPeriod, others: RestPeriod[], place: string): Fault[] {
  return others.flatMap((other) => {
    if (row.end < other.start || other.end < row.start) return []
    const isSameDay = [row.start, row.end, other.end].every((date) => date === other.start)
    if (!isSameDay && row.kind !== other.kind) return []
    const message = isSameDay
      ? `repite una fecha que ya es ${other.name}`
      : `se encima con ${other.name}, del ${other.start} al ${other.end}`
    const value = row.start === row.end ? row.start : `${row.start} a ${row.end}`
    return [{ place, message, value, remedy: 'Deje uno de los dos, o corrija las fechas' }]
  })
}
