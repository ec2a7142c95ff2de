/** A weekday written in a text and its date can never disagree: every «jueves 3 de diciembre» is looked up. */
import { DateTime } from 'luxon'
import type { Fault } from '../errors.ts'
import { monthNames as months } from '../period-words.ts'

const weekdays = ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo']
const written = new RegExp(
  `(?<![\\p{L}])(${weekdays.join('|')}|miercoles|sabado),?\\s+(\\d{1,2})º?(?:\\s+de)?\\s+(${months.join('|')}|setiembre)(?:\\s+(?:de|del)\\s+(\\d{4}))?(?![\\p{L}\\d])`,
  'giu',
)

/** Faults of every text in `body`, however deep. `near`: a date without a year is the one closest to this instant. */
export function weekdayFaults(body: unknown, near: Date): Fault[] {
  return textsOf(body, '').flatMap(({ path, text }) =>
    [...text.matchAll(written)].flatMap((match) => faultOf(match, path, near)),
  )
}

function faultOf(match: RegExpMatchArray, path: string, near: Date): Fault[] {
  const [phrase, weekdayText = '', dayText = '', monthText = '', yearText] = match
  const day = Number(dayText)
  const month = 1 + months.indexOf(monthText.toLowerCase().replace('setiembre', 'septiembre'))
  const date = dateOf(day, month, yearText === undefined ? undefined : Number(yearText), near)
  const place = path === '' ? 'texto' : path
  if (!date.isValid) {
    return [
      {
        place,
        message: 'esa fecha no existe',
        value: `«${phrase}»`,
        remedy: 'Corrija el día o el mes',
      },
    ]
  }
  const weekday = weekdays[date.weekday - 1]!
  if (plain(weekdayText) === plain(weekday)) return []
  const right = `${weekday} ${day} de ${months[month - 1]} de ${date.year}`
  return [
    {
      place,
      message: 'el día de la semana no es el de la fecha',
      value: `«${phrase}»`,
      remedy: `Es ${right}`,
    },
  ]
}

function dateOf(day: number, month: number, year: number | undefined, near: Date): DateTime {
  if (year !== undefined) return DateTime.utc(year, month, day)
  const around = DateTime.fromJSDate(near, { zone: 'utc' })
  const candidates = [-1, 0, 1].map((offset) => DateTime.utc(around.year + offset, month, day))
  const distance = (date: DateTime) =>
    date.isValid ? Math.abs(date.diff(around).toMillis()) : Infinity
  return candidates.reduce((best, date) => (distance(date) < distance(best) ? date : best))
}

function textsOf(value: unknown, path: string): { path: string; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (Array.isArray(value))
    return value.flatMap((inner, index) => textsOf(inner, `${path}[${index}]`))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) =>
    textsOf(inner, path === '' ? key : `${path}.${key}`),
  )
}

const plain = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
