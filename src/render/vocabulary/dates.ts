/** Days and hours as the institution writes them, in Mexico City. */
import { DateTime } from 'luxon'
import { inMexicoCity } from '../../clock.ts'
import { shown } from '../../errors.ts'
import { text } from './words.ts'

/** «viernes 27 de noviembre de 2026» */
export function fechaLarga(day: Date | string): string {
  return dayOf(day).toFormat("cccc d 'de' LLLL 'de' yyyy")
}

/** «viernes 27 de noviembre», where the year is known */
export function fechaCorta(day: Date | string): string {
  return dayOf(day).toFormat("cccc d 'de' LLLL")
}

/** «del 23 al 27 de noviembre de 2026», saying month and year twice only when they change */
export function periodo(from: string, to: string): string {
  const [first, last] = [dayOf(from), dayOf(to)]
  const end = last.toFormat("d 'de' LLLL 'de' yyyy")
  if (first.toISODate() === last.toISODate()) return end
  if (first.year !== last.year) return `del ${first.toFormat("d 'de' LLLL 'de' yyyy")} al ${end}`
  if (first.month !== last.month) return `del ${first.toFormat("d 'de' LLLL")} al ${end}`
  return `del ${first.day} al ${end}`
}

/** «25 de noviembre de 2026», as a letter is dated */
export function fechaDeCarta(day: Date | string): string {
  return dayOf(day).toFormat("d 'de' LLLL 'de' yyyy")
}

/** «17:00 horas» */
export function horas(time: string | null): string {
  if (time === null) return 'Hora por confirmar'
  return `${text(time)} horas`
}

/** A calendar day as content writes it, or the day of an instant in Mexico City. */
export function dayOf(day: Date | string): DateTime<true> {
  if (day instanceof Date) return inMexicoCity(day)
  const date = DateTime.fromISO(text(day), { zone: 'utc' }).setLocale('es-MX')
  if (!date.isValid) throw new Error(`esperaba una fecha y recibió ${shown(day)}`)
  return date
}
