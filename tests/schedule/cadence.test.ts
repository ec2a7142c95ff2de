import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { zone } from '../../src/clock.ts'
import { onRequest, weekdays, weekly } from '../../src/publication.ts'
import { slotsBetween, weekPeriod } from '../../src/schedule/cadence.ts'

const fridays = weekly('viernes', '15:00')
const dayMs = 86_400_000
const instants = (from: Date, to: Date) => slotsBetween(fridays, from, to).map((s) => s.nominalAt)

/** Fridays at 15:00 by the calendar alone: 21:00 UTC, for Mexico City has had no summer time since 2022. */
function fridaysOf(year: number): Date[] {
  const noonUtc = Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(year, 0, 1 + day, 21)))
  return noonUtc.filter((day) => day.getUTCFullYear() === year && day.getUTCDay() === 5)
}

test('every Friday of two years has its slot at 15:00 of Mexico City, and no other day has one', () => {
  const expected = [...fridaysOf(2026), ...fridaysOf(2027)]
  const slots = slotsBetween(
    fridays,
    new Date('2026-01-01T06:00:00Z'),
    new Date('2028-01-01T06:00:00Z'),
  )
  expect(slots.map((slot) => slot.nominalAt)).toEqual(expected)
  expect(slots.filter((slot) => slot.nominalAt.getUTCFullYear() === 2026)).toHaveLength(52)
  expect(slots.filter((slot) => slot.nominalAt.getUTCFullYear() === 2027)).toHaveLength(53)
  expect(new Set(slots.map((slot) => slot.period)).size).toBe(105)
})

test('a slot is named after the ISO week of its Mexico City date, also over the end of the year', () => {
  const names = slotsBetween(
    fridays,
    new Date('2026-12-18T00:00:00Z'),
    new Date('2027-01-16T00:00:00Z'),
  )
  expect(names.map(({ nominalAt, period }) => [nominalAt.toISOString().slice(0, 10), period])).toEqual([
    ['2026-12-18', '2026-W51'],
    ['2026-12-25', '2026-W52'],
    ['2027-01-01', '2026-W53'],
    ['2027-01-08', '2027-W01'],
    ['2027-01-15', '2027-W02'],
  ])
})

test.each([
  ['2026-11-30T05:59:59Z', '2026-W48'],
  ['2026-11-30T06:00:00Z', '2026-W49'],
  ['2024-12-30T18:00:00Z', '2025-W01'],
])('the week of %s is %s: it turns at midnight in Mexico City', (instant, period) => {
  expect(weekPeriod(new Date(instant))).toBe(period)
})

test('a slot at the first instant is in, a slot at the last is out', () => {
  const slot = new Date('2026-11-27T21:00:00Z')
  const next = new Date('2026-12-04T21:00:00Z')
  expect(instants(slot, next)).toEqual([slot])
  expect(instants(new Date(slot.getTime() + 1), next)).toEqual([])
  expect(instants(new Date(slot.getTime() + 1), new Date(next.getTime() + 1))).toEqual([next])
  expect(instants(slot, slot)).toEqual([])
})

test('windows that follow one another share no slot and lose none, wherever they are cut', () => {
  const start = Date.parse('2026-10-01T00:00:00Z')
  const end = start + 120 * dayMs
  for (const lengthMs of [dayMs, 7 * dayMs, 7 * dayMs + 1, 11 * dayMs - 3_600_000]) {
    const cut: Date[] = []
    for (let from = start; from < end; from += lengthMs) {
      cut.push(...instants(new Date(from), new Date(Math.min(from + lengthMs, end))))
    }
    expect(cut).toEqual(instants(new Date(start), new Date(end)))
  }
})

test('15:00 stays 15:00 when the zone changes its offset', () => {
  const march = slotsBetween(
    fridays,
    new Date('2022-03-28T00:00:00Z'),
    new Date('2022-04-11T00:00:00Z'),
  )
  expect(march.map((slot) => slot.nominalAt.toISOString())).toEqual([
    '2022-04-01T21:00:00.000Z',
    '2022-04-08T20:00:00.000Z',
  ])
})

test.each(weekdays.map((weekday, index) => [weekday, index + 1] as const))(
  'a publication of every %s falls on it, from its first minute to its last',
  (weekday, isoWeekday) => {
    const from = DateTime.fromISO('2026-11-16T00:00', { zone })
    for (const time of ['00:00', '23:59']) {
      const slots = slotsBetween(
        weekly(weekday, time),
        from.toJSDate(),
        from.plus({ weeks: 2 }).toJSDate(),
      )
      const local = slots.map((slot) => DateTime.fromJSDate(slot.nominalAt, { zone }))
      expect(local.map((slot) => [slot.weekday, slot.toFormat('HH:mm')])).toEqual([
        [isoWeekday, time],
        [isoWeekday, time],
      ])
      expect(slots.map((slot) => slot.period)).toEqual(['2026-W47', '2026-W48'])
    }
  },
)

test('what is sent on request has no slots of its own', () => {
  expect(slotsBetween(onRequest(), new Date(0), new Date('2030-01-01T00:00:00Z'))).toEqual([])
})
