import { expect, test } from 'vitest'
import {
  institutionalCalendar,
  type RestPeriod,
} from '../../src/schedule/institutional-calendar.ts'

const navidad: RestPeriod = {
  start: '2026-12-25',
  end: '2026-12-25',
  name: 'Navidad',
  kind: 'descanso',
}
const vacaciones: RestPeriod = {
  start: '2026-12-21',
  end: '2027-01-05',
  name: 'Vacaciones',
  kind: 'cerrado',
}
const puente: RestPeriod = { ...navidad, name: 'Puente', kind: 'cerrado' }

test('a day is a working day, a weekend, a rest day or closed, and only the first is worked', () => {
  const calendar = institutionalCalendar([navidad])
  expect(
    ['2026-12-24', '2026-12-25', '2026-12-26', '2026-12-27', '2026-12-28'].map(calendar.dayKind),
  ).toEqual(['habil', 'descanso', 'fin-de-semana', 'fin-de-semana', 'habil'])
  expect(calendar.isWorkingDay('2026-12-24')).toBe(true)
  expect(calendar.isWorkingDay('2026-12-25')).toBe(false)
  expect(calendar.isWorkingDay('2026-12-26')).toBe(false)
  expect(calendar.restOn('2026-12-25')).toEqual(navidad)
  expect(calendar.restOn('2026-12-26')).toBeUndefined()
})

test('a closed period includes its first and its last day, over the end of the year', () => {
  const { dayKind } = institutionalCalendar([vacaciones])
  expect(
    ['2026-12-18', '2026-12-21', '2026-12-31', '2027-01-05', '2027-01-06'].map(dayKind),
  ).toEqual(['habil', 'cerrado', 'cerrado', 'cerrado', 'habil'])
  // its weekends are closed too
  expect(dayKind('2027-01-02')).toBe('cerrado')
})

test('a rest day inside a closed period is closed; a single closed day on a rest day is a rest day', () => {
  for (const rows of [
    [navidad, vacaciones],
    [vacaciones, navidad],
  ])
    expect(institutionalCalendar(rows).dayKind('2026-12-25')).toBe('cerrado')
  for (const rows of [
    [navidad, puente],
    [puente, navidad],
  ])
    expect(institutionalCalendar(rows).dayKind('2026-12-25')).toBe('descanso')
  expect(institutionalCalendar([puente]).dayKind('2026-12-25')).toBe('cerrado')
})

test('a rest day on a weekend is told as one', () => {
  const electionDay = { ...navidad, start: '2027-06-06', end: '2027-06-06' }
  expect(institutionalCalendar([electionDay]).dayKind('2027-06-06')).toBe('descanso')
})
