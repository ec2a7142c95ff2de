/**
 * From a cadence to its slots and the periods named after them. Pure: no clock, no database. A slot is what the
 * cadence says; what rest days do to it is in planned-slots.ts.
 */
import { DateTime } from 'luxon'
import { inMexicoCity, zone } from '../clock.ts'
import { weekdays, type Cadence } from '../publication.ts'
import type { InstitutionalCalendar } from './institutional-calendar.ts'

export interface Slot {
  period: string
  slotAt: Date
}

/** Slots in [from, to), in order. The calendar decides only what the working days of a month are. */
export function cadenceSlots(
  cadence: Cadence,
  calendar: InstitutionalCalendar,
  from: Date,
  to: Date,
): Slot[] {
  if (cadence.kind === 'on-request') return []
  const unit = cadence.kind === 'weekly' ? 'week' : 'month'
  const last = calendarDay(to)
  const slots: Slot[] = []
  for (
    let start = calendarDay(from).startOf(unit);
    start <= last;
    start = start.plus({ [unit]: 1 })
  ) {
    for (const day of daysFrom(start, cadence, calendar)) {
      const slotAt = atWallClock(day, cadence.time)
      if (slotAt >= from && slotAt < to) slots.push({ period: periodOfDay(cadence, day), slotAt })
    }
  }
  return slots
}

/** The Mexico City date of the instant, reckoned in UTC: asking the zone about each day costs more than all the rest. */
const calendarDay = (instant: Date): DateTime<true> => {
  const { year, month, day } = inMexicoCity(instant)
  return DateTime.utc(year, month, day) as DateTime<true>
}

type TimedCadence = Exclude<Cadence, { kind: 'on-request' }>

/** The days of its slots in the week (a weekly cadence) or the month that begins at `start`. */
function daysFrom(
  start: DateTime<true>,
  cadence: TimedCadence,
  calendar: InstitutionalCalendar,
): DateTime<true>[] {
  switch (cadence.kind) {
    case 'weekly':
      return weekdays.flatMap((weekday, index) =>
        cadence.weekdays.includes(weekday) ? [start.plus({ days: index })] : [],
      )
    case 'monthly-first-working-day':
      return [workingDay(start, 1, calendar)]
    case 'monthly-last-working-day':
      return [workingDay(start.endOf('month').startOf('day'), -1, calendar)]
    case 'fortnightly':
      return [mondayToFriday(start, 1), mondayToFriday(start.plus({ days: 15 }), 1)]
    case 'quarterly':
      return start.month % 3 === 1 ? [mondayToFriday(start, 1)] : []
  }
}

/**
 * The first working day from the first (or, backwards, the last) day of a month. In a month without any, its first
 * (last) Monday to Friday: the policy for that day decides.
 */
function workingDay(
  edge: DateTime<true>,
  step: 1 | -1,
  calendar: InstitutionalCalendar,
): DateTime<true> {
  for (let day = edge; day.month === edge.month; day = day.plus({ days: step }))
    if (calendar.isWorkingDay(day.toISODate())) return day
  return mondayToFriday(edge, step)
}

/** The day itself, or the nearest in the given direction. */
function mondayToFriday(day: DateTime<true>, step: 1 | -1): DateTime<true> {
  return day.weekday <= 5 ? day : mondayToFriday(day.plus({ days: step }), step)
}

/** Built from the calendar day and the wall clock, so that a change of offset moves no hour. */
function atWallClock(day: DateTime<true>, time: string): Date {
  return DateTime.fromISO(`${day.toISODate()}T${time}`, { zone }).toJSDate()
}

/**
 * The name of the period that a slot stands for, from its Mexico City date: the week or month that it lies in, the
 * fortnight or quarter that ended before it. On request there is none: undefined.
 */
export function periodOf(cadence: TimedCadence, slotAt: Date): string
export function periodOf(cadence: Cadence, slotAt: Date): string | undefined
export function periodOf(cadence: Cadence, slotAt: Date): string | undefined {
  return cadence.kind === 'on-request' ? undefined : periodOfDay(cadence, inMexicoCity(slotAt))
}

function periodOfDay(cadence: TimedCadence, day: DateTime<true>): string {
  switch (cadence.kind) {
    case 'weekly':
      return cadence.weekdays.length === 1 ? weekOf(day) : `${weekOf(day)}-${day.weekday}`
    case 'monthly-first-working-day':
    case 'monthly-last-working-day':
      return day.toFormat('yyyy-MM')
    case 'fortnightly':
      return day.day > 15
        ? day.toFormat("yyyy-MM'-1Q'")
        : day.minus({ months: 1 }).toFormat("yyyy-MM'-2Q'")
    case 'quarterly':
      return day.minus({ quarters: 1 }).toFormat("yyyy-'Q'q")
  }
}

/** ISO 8601 week of the Mexico City date: 1 January 2027 is `2026-W53`. */
export const weekPeriod = (instant: Date): string => weekOf(inMexicoCity(instant))

const weekOf = (day: DateTime<true>): string => day.toFormat("kkkk-'W'WW")
