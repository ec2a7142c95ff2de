import { expect, test } from 'vitest'
import {
  cadenceText,
  fortnightly,
  monthlyOnFirstWorkingDay,
  monthlyOnLastWorkingDay,
  onRequest,
  quarterly,
  weekdays,
  weekly,
  type Cadence,
} from '../../src/publication.ts'
import { cadenceSlots, periodOf, weekPeriod } from '../../src/schedule/cadence.ts'
import { institutionalCalendar } from '../../src/schedule/institutional-calendar.ts'
import { ownRestDays } from '../../src/schedule/rest-days-file.ts'
import { dateOf, mexicoCity, wallClock } from './dates.ts'

const fridays = weekly('viernes', '15:00')
const calendar = institutionalCalendar(ownRestDays())
const dayMs = 86_400_000
const everyCadence: Cadence[] = [
  fridays,
  weekly(['martes', 'jueves'], '11:00'),
  monthlyOnFirstWorkingDay('10:00'),
  monthlyOnLastWorkingDay('12:00'),
  fortnightly('12:00'),
  quarterly('09:05'),
]

/** Slots of whole Mexico City dates, the last one not included. */
const slotsOf = (cadence: Cadence, from: string, to: string) =>
  cadenceSlots(cadence, calendar, mexicoCity(from), mexicoCity(to))
const datesOf = (cadence: Cadence, from: string, to: string) =>
  slotsOf(cadence, from, to).map(({ period, slotAt }) => [period, dateOf(slotAt)])
const instants = (cadence: Cadence, from: Date, to: Date) =>
  cadenceSlots(cadence, calendar, from, to).map((slot) => slot.slotAt)

/** Fridays at 15:00 by the calendar alone: 21:00 UTC, for Mexico City has had no summer time since 2022. */
function fridaysOf(year: number): Date[] {
  const days = Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(year, 0, 1 + day, 21)))
  return days.filter((day) => day.getUTCFullYear() === year && day.getUTCDay() === 5)
}

test('every Friday of two years has its slot at 15:00 of Mexico City, and no other day has one', () => {
  const slots = slotsOf(fridays, '2026-01-01', '2028-01-01')
  expect(slots.map((slot) => slot.slotAt)).toEqual([...fridaysOf(2026), ...fridaysOf(2027)])
  expect(slots.filter((slot) => slot.slotAt.getUTCFullYear() === 2026)).toHaveLength(52)
  expect(slots.filter((slot) => slot.slotAt.getUTCFullYear() === 2027)).toHaveLength(53)
  expect(new Set(slots.map((slot) => slot.period)).size).toBe(105)
})

test('a slot is named after the ISO week of its Mexico City date, also over a year of 53 weeks', () => {
  expect(datesOf(fridays, '2026-12-18', '2027-01-16')).toEqual([
    ['2026-W51', '2026-12-18'],
    ['2026-W52', '2026-12-25'],
    ['2026-W53', '2027-01-01'],
    ['2027-W01', '2027-01-08'],
    ['2027-W02', '2027-01-15'],
  ])
})

test.each([
  ['2026-11-30T05:59:59Z', '2026-W48'],
  ['2026-11-30T06:00:00Z', '2026-W49'],
  ['2024-12-30T18:00:00Z', '2025-W01'],
])('the week of %s is %s: it turns at midnight in Mexico City', (instant, period) => {
  expect(weekPeriod(new Date(instant))).toBe(period)
})

test('twice a week names its period with the ISO week date, in the order of the week', () => {
  expect(datesOf(weekly(['jueves', 'martes'], '11:00'), '2026-12-22', '2027-01-06')).toEqual([
    ['2026-W52-2', '2026-12-22'],
    ['2026-W52-4', '2026-12-24'],
    ['2026-W53-2', '2026-12-29'],
    ['2026-W53-4', '2026-12-31'],
    ['2027-W01-2', '2027-01-05'],
  ])
})

test.each(weekdays.map((weekday, index) => [weekday, index + 1] as const))(
  'a publication of every %s falls on it, from its first minute to its last',
  (weekday, isoWeekday) => {
    for (const time of ['00:00', '23:59']) {
      const slots = slotsOf(weekly(weekday, time), '2026-11-16', '2026-11-30')
      const wallClocks = slots.map(({ slotAt }) => wallClock(slotAt, 'c HH:mm'))
      expect(wallClocks).toEqual([`${isoWeekday} ${time}`, `${isoWeekday} ${time}`])
      expect(slots.map((slot) => slot.period)).toEqual(['2026-W47', '2026-W48'])
    }
  },
)

test('a monthly mailing leaves on the last working day of every month of 2025–2028', () => {
  const expected = {
    2025: '31 28 31 30 30 30 31 29 30 31 28 31',
    // 30 and 31 March are Semana Santa
    2026: '30 27 27 30 29 30 31 31 30 30 30 31',
    2027: '29 26 31 30 31 30 30 31 30 29 30 31',
    2028: '31 29 31 28 31 30 31 31 29 31 30 29',
  }
  for (const [year, days] of Object.entries(expected)) {
    const slots = datesOf(
      monthlyOnLastWorkingDay('12:00'),
      `${year}-01-01`,
      `${Number(year) + 1}-01-01`,
    )
    expect(slots).toEqual(
      days.split(' ').map((day, index) => {
        const month = `${year}-${String(index + 1).padStart(2, '0')}`
        return [month, `${month}-${day}`]
      }),
    )
  }
})

test('a monthly mailing leaves on the first working day of every month of 2026, past rest days and closed periods', () => {
  expect(datesOf(monthlyOnFirstWorkingDay('10:00'), '2026-01-01', '2027-01-01')).toEqual(
    // 1 January, 2 February and 1 May are of rest, and Semana Santa ends on 3 April
    '2 3 2 6 4 1 1 3 1 1 2 1'.split(' ').map((day, index) => {
      const month = `2026-${String(index + 1).padStart(2, '0')}`
      return [month, `${month}-${day.padStart(2, '0')}`]
    }),
  )
})

test('the last working day of December comes before the winter closing, and not inside it', () => {
  const closing = institutionalCalendar([
    ...ownRestDays(),
    { start: '2026-12-21', end: '2027-01-05', name: 'Vacaciones', kind: 'cerrado' },
  ])
  const from = mexicoCity('2026-12-01')
  const [december, january] = cadenceSlots(
    monthlyOnLastWorkingDay('12:00'),
    closing,
    from,
    mexicoCity('2027-02-01'),
  )
  expect(december).toEqual({ period: '2026-12', slotAt: mexicoCity('2026-12-18T12:00') })
  expect(january).toEqual({ period: '2027-01', slotAt: mexicoCity('2027-01-29T12:00') })
})

/** The monthly slot of June 2026 when the institution is closed from a day on. */
const ofJune = (start: string) =>
  cadenceSlots(
    monthlyOnLastWorkingDay('12:00'),
    institutionalCalendar([{ start, end: '2026-06-30', name: 'Obras', kind: 'cerrado' }]),
    mexicoCity('2026-06-01'),
    mexicoCity('2026-07-01'),
  ).map(({ period, slotAt }) => [period, dateOf(slotAt)])

test('the only working day of a month is its last one, and a month without any keeps its last weekday', () => {
  expect(ofJune('2026-06-02')).toEqual([['2026-06', '2026-06-01']])
  expect(ofJune('2026-06-01')).toEqual([['2026-06', '2026-06-30']])
})

test('a fortnight is named after the days that it reports on: the second one leaves in the next month', () => {
  expect(datesOf(fortnightly('12:00'), '2026-11-01', '2027-01-31')).toEqual([
    ['2026-10-2Q', '2026-11-02'],
    ['2026-11-1Q', '2026-11-16'],
    ['2026-11-2Q', '2026-12-01'],
    ['2026-12-1Q', '2026-12-16'],
    ['2026-12-2Q', '2027-01-01'],
    ['2027-01-1Q', '2027-01-18'],
  ])
  expect(datesOf(fortnightly('12:00'), '2028-02-15', '2028-03-15')).toEqual([
    ['2028-02-1Q', '2028-02-16'],
    ['2028-02-2Q', '2028-03-01'],
  ])
})

test('a quarter is named after the months that it reports on, and leaves in the month after them', () => {
  expect(datesOf(quarterly('09:00'), '2026-01-01', '2027-07-01')).toEqual([
    ['2025-Q4', '2026-01-01'],
    ['2026-Q1', '2026-04-01'],
    ['2026-Q2', '2026-07-01'],
    ['2026-Q3', '2026-10-01'],
    ['2026-Q4', '2027-01-01'],
    ['2027-Q1', '2027-04-01'],
  ])
  expect(datesOf(quarterly('09:00'), '2028-01-01', '2028-12-31')).toEqual([
    ['2027-Q4', '2028-01-03'],
    ['2028-Q1', '2028-04-03'],
    ['2028-Q2', '2028-07-03'],
    ['2028-Q3', '2028-10-02'],
  ])
})

test('the leap day has its slot and its period', () => {
  expect(datesOf(weekly('martes', '11:00'), '2028-02-28', '2028-03-02')).toEqual([
    ['2028-W09', '2028-02-29'],
  ])
  expect(datesOf(monthlyOnLastWorkingDay('12:00'), '2028-02-01', '2028-03-01')).toEqual([
    ['2028-02', '2028-02-29'],
  ])
})

test('a slot at the first instant is in, a slot at the last is out', () => {
  const slot = new Date('2026-11-27T21:00:00Z')
  const next = new Date('2026-12-04T21:00:00Z')
  expect(instants(fridays, slot, next)).toEqual([slot])
  expect(instants(fridays, new Date(slot.getTime() + 1), next)).toEqual([])
  expect(instants(fridays, new Date(slot.getTime() + 1), new Date(next.getTime() + 1))).toEqual([
    next,
  ])
  expect(instants(fridays, slot, slot)).toEqual([])
})

test('15:00 stays 15:00 when the zone changes its offset', () => {
  const slots = slotsOf(fridays, '2022-03-28', '2022-04-11')
  expect(slots.map((slot) => slot.slotAt.toISOString())).toEqual([
    '2022-04-01T21:00:00.000Z',
    '2022-04-08T20:00:00.000Z',
  ])
})

test.each(everyCadence.map((cadence) => [cadenceText(cadence), cadence] as const))(
  '%s: over two years each period comes once, in order, at its wall-clock hour',
  (_text, cadence) => {
    for (const [from, to] of [
      ['2021-06-01', '2023-06-01'], // with summer time
      ['2026-01-01', '2028-03-01'], // 53 weeks, a leap day
    ] as const) {
      const slots = slotsOf(cadence, from, to)
      expect(slots.length).toBeGreaterThanOrEqual(8)
      expect(new Set(slots.map((slot) => slot.period)).size).toBe(slots.length)
      const times = slots.map((slot) => slot.slotAt.getTime())
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      const { time } = cadence as { time: string }
      expect(new Set(slots.map(({ slotAt }) => wallClock(slotAt)))).toEqual(new Set([time]))
    }
  },
)

test.each(everyCadence.map((cadence) => [cadenceText(cadence), cadence] as const))(
  '%s: windows that follow one another share no slot and lose none, wherever they are cut',
  (_text, cadence) => {
    const start = Date.parse('2026-10-01T00:00:00Z')
    const end = start + 200 * dayMs
    const whole = instants(cadence, new Date(start), new Date(end))
    for (const lengthMs of [dayMs, 7 * dayMs, 7 * dayMs + 1, 11 * dayMs - 3_600_000, 45 * dayMs]) {
      const cut: Date[] = []
      for (let from = start; from < end; from += lengthMs)
        cut.push(...instants(cadence, new Date(from), new Date(Math.min(from + lengthMs, end))))
      expect(cut).toEqual(whole)
    }
    // at each slot itself: in the second window, never in both
    for (const slot of whole) {
      const before = instants(cadence, new Date(start), slot)
      expect([...before, ...instants(cadence, slot, new Date(end))]).toEqual(whole)
    }
  },
)

test('the period of any hour that staff choose is that of the slot it would be', () => {
  const at = mexicoCity('2027-01-01T23:30')
  expect(periodOf(weekly('viernes', '15:00'), at)).toBe('2026-W53')
  expect(periodOf(weekly(['martes', 'viernes'], '15:00'), at)).toBe('2026-W53-5')
  expect(periodOf(monthlyOnLastWorkingDay('12:00'), at)).toBe('2027-01')
  expect(periodOf(fortnightly('12:00'), at)).toBe('2026-12-2Q')
  expect(periodOf(quarterly('12:00'), at)).toBe('2026-Q4')
})

test('what is sent on request has no slots of its own', () => {
  expect(slotsOf(onRequest(), '1970-01-01', '2030-01-01')).toEqual([])
})
