/** What the searches of the panel have in common: filters in the address of the page, days among them. */
import { html } from 'hono/html'
import { DateTime } from 'luxon'
import { zone } from '../../clock.ts'
import type { Html } from '../env.ts'
import { marks, notes, type Field, type FormErrors } from '../form.ts'

/** As they came, without the empty ones: shown again, and in the links to other pages. */
export type Filters = Map<string, string>

export function filtersIn(query: (name: string) => string | undefined, names: string[]): Filters {
  const filters: Filters = new Map()
  for (const name of names) {
    const value = (query(name) ?? '').trim()
    if (value !== '') filters.set(name, value)
  }
  return filters
}

export const notInList = (what: string): string =>
  `${what} no está entre las opciones: elija una de ellas`

/** PostgreSQL has no text with a NUL, and nobody searches for a line break. */
export const isSearchable = (text: string): boolean => !/\p{Cc}/u.test(text)

/** From the first instant of `desde` to the last of `hasta`; what is wrong goes to `errors`. */
export function readDays(filters: Filters, errors: FormErrors): { from?: Date; before?: Date } {
  const days: { from?: Date; before?: Date } = {}
  const from = readDay(filters.get('desde'))
  const until = readDay(filters.get('hasta'))
  if (from === 'wrong') errors['desde'] = wrongDay
  else if (from) days.from = from.toJSDate()
  if (until === 'wrong') errors['hasta'] = wrongDay
  else if (until) days.before = until.plus({ days: 1 }).toJSDate()
  if (days.from && days.before && days.from >= days.before)
    errors['hasta'] = 'La fecha final es anterior a la inicial: cambie una de las dos'
  return days
}

const wrongDay = 'No es una fecha que exista: escríbala como día, mes y año, o 2026-11-27'

function readDay(text: string | undefined): DateTime<true> | 'wrong' | undefined {
  if (text === undefined) return undefined
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'wrong'
  const day = DateTime.fromISO(text, { zone })
  // of a year that a calendar of ours could have
  return day.isValid && day.year >= 1900 && day.year < 3000 ? day : 'wrong'
}

/** A filter as it came, for the field where it is written. */
export const filterField =
  ({ filters, errors }: { filters: Filters; errors: FormErrors }) =>
  (id: string, label: string) => ({
    id,
    label,
    value: filters.get(id) ?? '',
    error: errors[id],
  })

export function inputField(
  field: Field & { value: string; type: 'text' | 'date'; maxLength?: number; max?: string },
): Html {
  const { id, label, value, type, maxLength, max, error } = field
  return html`<div class="field ${error && 'has-problem'}">
    <label for="${id}">${label}</label>
    ${notes(field)}
    <input
      id="${id}"
      name="${id}"
      type="${type}"
      value="${value}"
      ${maxLength !== undefined && html`maxlength="${maxLength}"`}
      ${max !== undefined && html`max="${max}"`}
      ${marks(field)}
    />
  </div>`
}
