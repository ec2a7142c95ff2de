/** Mexico City dates and hours as tests write them. */
import { DateTime } from 'luxon'
import { zone } from '../../src/clock.ts'

/** `2026-11-27T15:00`, or the midnight that begins `2026-11-27`. */
export function mexicoCity(text: string): Date {
  return DateTime.fromISO(text, { zone }).toJSDate()
}

export const dateOf = (instant: Date): string => wallClock(instant, 'yyyy-MM-dd')

export const wallClock = (instant: Date, format = 'HH:mm'): string =>
  DateTime.fromJSDate(instant, { zone }).toFormat(format)
