import { expect, test } from 'vitest'
import { frozenClock, inMexicoCity, movableClock } from '../src/clock.ts'

const friday = new Date('2026-11-27T21:00:00Z')
const hourMs = 3_600_000

test('a frozen clock stands still until it is moved', () => {
  const clock = frozenClock(friday)
  expect(clock.now()).toEqual(friday)
  clock.advance(hourMs)
  expect(clock.now()).toEqual(new Date('2026-11-27T22:00:00Z'))
  clock.moveTo(friday)
  expect(clock.now()).toEqual(friday)
})

test('the instant of a frozen clock cannot be changed from outside', () => {
  const clock = frozenClock(friday)
  clock.now().setUTCFullYear(1999)
  expect(clock.now()).toEqual(new Date('2026-11-27T21:00:00Z'))
})

test('a movable clock starts where it is told, is moved forth and back, and never stops', async () => {
  const clock = movableClock(friday)
  const started = clock.now().getTime()
  expect(started).toBeGreaterThanOrEqual(friday.getTime())
  await expect.poll(() => clock.now().getTime()).toBeGreaterThan(started)
  clock.advance(7 * 24 * hourMs)
  expect(clock.now().toISOString()).toMatch(/^2026-12-04T2/)
  clock.moveTo(friday)
  expect(clock.now().toISOString()).toMatch(/^2026-11-27T21/)
})

test.each([
  ['2026-11-28T05:59:59Z', 'viernes 27 de noviembre de 2026 23:59'],
  ['2026-11-28T06:00:00Z', 'sábado 28 de noviembre de 2026 00:00'],
  ['2026-07-01T18:00:00Z', 'miércoles 1 de julio de 2026 12:00'],
  ['2022-07-01T18:00:00Z', 'viernes 1 de julio de 2022 13:00'],
])('%s is %s in Mexico City, which has had no summer time since 2022', (instant, text) => {
  const format = "cccc d 'de' LLLL 'de' yyyy HH:mm"
  expect(inMexicoCity(new Date(instant)).toFormat(format)).toBe(text)
})

test('what is not an instant is refused, not printed as «Invalid DateTime»', () => {
  expect(() => inMexicoCity(new Date('soon'))).toThrow('Not an instant')
})
