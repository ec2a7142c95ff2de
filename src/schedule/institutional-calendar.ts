/**
 * The institution's calendar: which days are working days, which are rest days and which are closed. Pure: built
 * from plain rows, whatever they come from. Dates are ISO dates of Mexico City.
 */
import { DateTime } from 'luxon'

/** `descanso`: a single official rest day. `cerrado`: the institution is closed (vacaciones, Semana Santa). */
export const restKinds = ['descanso', 'cerrado'] as const
export type RestKind = (typeof restKinds)[number]

export const restStatuses = ['confirmado', 'por-confirmar'] as const
export type RestStatus = (typeof restStatuses)[number]

export interface RestPeriod {
  start: string
  /** Inclusive. */
  end: string
  /** As staff say it: «Navidad», «Semana Santa». */
  name: string
  kind: RestKind
  /** Law or acuerdo that says so. */
  basis?: string
  /** `confirmado` when not given. What is still to be confirmed holds all the same. */
  status?: RestStatus
}

export type DayKind = 'habil' | 'fin-de-semana' | RestKind

export interface InstitutionalCalendar {
  dayKind(date: string): DayKind
  isWorkingDay(date: string): boolean
  /** What makes it a rest day or a closed one; undefined for working days and plain weekends. */
  restOn(date: string): RestPeriod | undefined
}

export function institutionalCalendar(rows: Iterable<RestPeriod>): InstitutionalCalendar {
  const rests = new Map<string, RestPeriod>()
  // the last to be written holds
  for (const row of [...rows].toSorted((a, b) => weight(a) - weight(b)))
    for (const date of datesOf(row)) rests.set(date, row)

  const dayKind = (date: string): DayKind =>
    rests.get(date)?.kind ?? (isWeekend(date) ? 'fin-de-semana' : 'habil')
  return {
    dayKind,
    isWorkingDay: (date) => dayKind(date) === 'habil',
    restOn: (date) => rests.get(date),
  }
}

/** A closed period takes in the rest days that fall in it; a single closed day does not hide a rest day. */
function weight(row: RestPeriod): number {
  if (row.kind === 'descanso') return 1
  return row.start === row.end ? 0 : 2
}

function datesOf({ start, end }: RestPeriod): string[] {
  const dates: string[] = []
  for (let day = calendarDay(start); isoDate(day) <= end; day = day.plus({ days: 1 }))
    dates.push(isoDate(day))
  return dates
}

const isWeekend = (date: string): boolean => calendarDay(date).weekday > 5

/** A date without hours: reckoned in UTC, where every day has 24. */
function calendarDay(date: string): DateTime<true> {
  const day = DateTime.fromISO(date, { zone: 'utc' })
  if (!day.isValid) throw new Error(`Not a date: ${date}`)
  return day
}

const isoDate = (day: DateTime<true>): string => day.toISODate()
