/** Days and hours as staff read them. */
import { DateTime } from 'luxon'
import { inMexicoCity, zone } from '../../../clock.ts'

/** «jueves 3 de diciembre de 2026»; what is no date stays as it is. */
export function dayInWords(date: string): string {
  const day = DateTime.fromISO(date, { zone, locale: 'es-MX' })
  return day.isValid && /^\d{4}-\d{2}-\d{2}$/.test(date) ? day.toFormat(longDay) : date
}

/** «3 de diciembre de 2026 es jueves»; undefined when it is no date. */
export function weekdayOf(date: string): string | undefined {
  const words = dayInWords(date)
  if (words === date) return undefined
  const [weekday, ...rest] = words.split(' ')
  return `${rest.join(' ')} es ${weekday}`
}

/** «el viernes 27 de noviembre de 2026 a las 15:00 horas» */
export function momentInWords(instant: Date): string {
  const local = inMexicoCity(instant)
  return `el ${local.toFormat(longDay)} a las ${local.toFormat('HH:mm')} horas`
}

const longDay = "cccc d 'de' LLLL 'de' yyyy"
