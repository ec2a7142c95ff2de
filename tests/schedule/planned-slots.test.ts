import { expect, test } from 'vitest'
import {
  fortnightly,
  monthlyOnLastWorkingDay,
  quarterly,
  restDayPolicies,
  weekdays,
  weekly,
  type Publication,
  type RestDayPolicy,
} from '../../src/publication.ts'
import {
  institutionalCalendar,
  type RestPeriod,
} from '../../src/schedule/institutional-calendar.ts'
import { farthestMoveDays, plannedSlots } from '../../src/schedule/planned-slots.ts'
import { ownRestDays } from '../../src/schedule/rest-days-file.ts'
import { dateOf, mexicoCity, wallClock } from './dates.ts'

type Scheduled = Pick<Publication, 'cadence' | 'onRestDay' | 'onClosedPeriod'>

// as the Dirección works: see the printed report of January–March 2025
const boletin: Scheduled = {
  cadence: weekly('viernes', '15:00'),
  onRestDay: 'dia-habil-anterior',
  onClosedPeriod: 'omitir',
}
const calendario: Scheduled = { cadence: weekly('lunes', '08:30'), onRestDay: 'enviar-igual' }
const informeQuincenal: Scheduled = { cadence: fortnightly('12:00'), onRestDay: 'enviar-igual' }

const calendar = institutionalCalendar(ownRestDays())
const planned = (publication: Scheduled, from: string, to: string, on = calendar) =>
  plannedSlots(publication, on, mexicoCity(from), mexicoCity(to))
const leavingDates = (publication: Scheduled, from: string, to: string) =>
  planned(publication, from, to)
    .filter((slot) => slot.omitted === undefined)
    .map((slot) => dateOf(slot.nominalAt))

const closed = (start: string, end: string): RestPeriod => ({
  start,
  end,
  name: 'Vacaciones',
  kind: 'cerrado',
})

test('the 13 Mondays printed in January–March 2025 come out exactly, those of 3 February and 17 March as well', () => {
  const printed = [
    ['2025-01-06', '2025-01-13', '2025-01-20', '2025-01-27'],
    ['2025-02-03', '2025-02-10', '2025-02-17', '2025-02-24'],
    ['2025-03-03', '2025-03-10', '2025-03-17', '2025-03-24', '2025-03-31'],
  ].flat()
  expect(leavingDates(calendario, '2025-01-01', '2025-04-01')).toEqual(printed)
  expect(calendar.dayKind('2025-02-03')).toBe('descanso')
  expect(calendar.dayKind('2025-03-17')).toBe('descanso')
})

test('of the 13 Fridays printed in January–March 2025 only the two misprints, both Saturdays, differ', () => {
  const printed = [
    ['2025-01-03', '2025-01-11', '2025-01-17', '2025-01-24', '2025-01-31'],
    ['2025-02-07', '2025-02-14', '2025-02-21', '2025-02-28'],
    ['2025-03-07', '2025-03-14', '2025-03-21', '2025-03-29'],
  ].flat()
  const ours = leavingDates(boletin, '2025-01-01', '2025-04-01')
  expect(ours).toHaveLength(13)
  expect(
    printed.flatMap((date, index) => (date === ours[index] ? [] : [[date, ours[index]]])),
  ).toEqual([
    ['2025-01-11', '2025-01-10'],
    ['2025-03-29', '2025-03-28'],
  ])
})

test('2025 has 52 Fridays: 51 leave, and Good Friday is omitted with its reason', () => {
  const slots = planned(boletin, '2025-01-01', '2026-01-01')
  expect(slots).toHaveLength(52)
  expect(slots.filter((slot) => slot.omitted !== undefined || slot.moved !== undefined)).toEqual([
    {
      period: '2025-W16',
      slotAt: mexicoCity('2025-04-18T15:00'),
      nominalAt: mexicoCity('2025-04-18T15:00'),
      omitted: 'el viernes 18 de abril cae en Semana Santa (por confirmar): no se envía',
    },
  ])
})

test('of the six fortnights printed for January–March 2025 the rule gives five; the last went at the close', () => {
  const printed = {
    '2025-01-1Q': '2025-01-16',
    '2025-01-2Q': '2025-02-03',
    '2025-02-1Q': '2025-02-17',
    '2025-02-2Q': '2025-03-03',
    '2025-03-1Q': '2025-03-17',
    '2025-03-2Q': '2025-03-31',
  }
  const ours = Object.fromEntries(
    planned(informeQuincenal, '2025-01-15', '2025-04-05').map(({ period, nominalAt }) => [
      period,
      dateOf(nominalAt),
    ]),
  )
  expect(ours).toEqual({ ...printed, '2025-03-2Q': '2025-04-01' })
})

test('of the three monthly boletines printed for January–March 2025 the rule gives two', () => {
  const monthly: Scheduled = { cadence: monthlyOnLastWorkingDay('12:00') }
  const printed = ['2025-01-30', '2025-02-28', '2025-03-31']
  const ours = leavingDates(monthly, '2025-01-01', '2025-04-01')
  expect(ours).toEqual(printed.with(0, '2025-01-31'))
})

test.each<[RestDayPolicy, object]>([
  ['enviar-igual', { nominalAt: mexicoCity('2026-12-25T15:00') }],
  [
    'dia-habil-anterior',
    {
      nominalAt: mexicoCity('2026-12-24T15:00'),
      moved: 'el viernes 25 de diciembre es Navidad: sale el jueves 24',
    },
  ],
  [
    'dia-habil-siguiente',
    {
      nominalAt: mexicoCity('2026-12-28T15:00'),
      moved: 'el viernes 25 de diciembre es Navidad: sale el lunes 28',
    },
  ],
  [
    'omitir',
    {
      nominalAt: mexicoCity('2026-12-25T15:00'),
      omitted: 'el viernes 25 de diciembre es Navidad: no se envía',
    },
  ],
])(
  'on 25 December 2026, a Friday, «%s» does what it says, under the same period',
  (policy, expected) => {
    const slots = planned({ ...boletin, onRestDay: policy }, '2026-12-25', '2026-12-26')
    expect(slots).toEqual([
      { period: '2026-W52', slotAt: mexicoCity('2026-12-25T15:00'), ...expected },
    ])
  },
)

test('the reason names the month when the move leaves it', () => {
  expect(planned(boletin, '2026-05-01', '2026-05-02')).toMatchObject([
    {
      nominalAt: mexicoCity('2026-04-30T15:00'),
      moved: 'el viernes 1 de mayo es Día del Trabajo: sale el jueves 30 de abril',
    },
  ])
})

test('without a policy a rest day is worked, and a closed period is not', () => {
  const mondays: Scheduled = { cadence: weekly('lunes', '08:30') }
  expect(leavingDates(mondays, '2026-02-02', '2026-02-03')).toEqual(['2026-02-02'])
  expect(planned(mondays, '2026-03-30', '2026-03-31')).toMatchObject([
    { omitted: 'el lunes 30 de marzo cae en Semana Santa (por confirmar): no se envía' },
  ])
})

test('a closed period has its own policy, also for the rest days in it', () => {
  const winter = institutionalCalendar([...ownRestDays(), closed('2026-12-21', '2027-01-05')])
  const slots = planned(
    { ...boletin, onRestDay: 'enviar-igual', onClosedPeriod: 'dia-habil-siguiente' },
    '2026-12-25',
    '2027-01-02',
    winter,
  )
  expect(slots).toMatchObject([
    {
      period: '2026-W52',
      nominalAt: mexicoCity('2027-01-06T15:00'),
      moved: 'el viernes 25 de diciembre cae en Vacaciones: sale el miércoles 6 de enero',
    },
    { period: '2026-W53', nominalAt: mexicoCity('2027-01-06T15:00') },
  ])
})

test('a slot that moves over the end of the year keeps the period of its own day', () => {
  const slots = planned(boletin, '2027-01-01', '2027-01-02')
  expect(slots).toEqual([
    {
      period: '2026-W53',
      slotAt: mexicoCity('2027-01-01T15:00'),
      nominalAt: mexicoCity('2026-12-31T15:00'),
      moved: 'el viernes 1 de enero es Año Nuevo: sale el jueves 31 de diciembre',
    },
  ])
})

test('what moves in another month, quarter or fortnight is still named after its own slot', () => {
  const earlier = { onRestDay: 'dia-habil-anterior' } as const
  expect(
    planned({ cadence: quarterly('09:00'), ...earlier }, '2027-01-01', '2027-01-02'),
  ).toMatchObject([{ period: '2026-Q4', nominalAt: mexicoCity('2026-12-31T09:00') }])
  expect(
    planned({ cadence: fortnightly('12:00'), ...earlier }, '2027-01-01', '2027-01-02'),
  ).toMatchObject([{ period: '2026-12-2Q', nominalAt: mexicoCity('2026-12-31T12:00') }])
})

test('a move crosses weekends, rest days and closed periods until it finds a working day', () => {
  const on = institutionalCalendar([
    ...ownRestDays(),
    { ...closed('2026-12-24', '2026-12-24'), name: 'Nochebuena' },
    closed('2026-12-28', '2026-12-30'),
  ])
  const [before] = planned(boletin, '2026-12-25', '2026-12-26', on)
  expect(before).toMatchObject({ nominalAt: mexicoCity('2026-12-23T15:00') })
  const later: Scheduled = { ...boletin, onRestDay: 'dia-habil-siguiente' }
  const [after] = planned(later, '2026-12-25', '2026-12-26', on)
  expect(after).toMatchObject({ nominalAt: mexicoCity('2026-12-31T15:00') })
})

test.each(['dia-habil-anterior', 'dia-habil-siguiente'] as const)(
  'in a year that is closed from end to end «%s» gives up and says so',
  (policy) => {
    const always = institutionalCalendar([closed('2025-01-01', '2027-12-31')])
    const side = policy === 'dia-habil-anterior' ? 'anteriores' : 'siguientes'
    for (const cadence of [boletin.cadence, monthlyOnLastWorkingDay('12:00')]) {
      const slots = planned({ cadence, onClosedPeriod: policy }, '2026-01-01', '2027-01-01', always)
      expect(slots.length).toBeGreaterThanOrEqual(12)
      for (const slot of slots) {
        expect(slot.nominalAt).toEqual(slot.slotAt)
        expect(slot.omitted).toContain(
          `Vacaciones y no hay día hábil en los ${farthestMoveDays} días ${side}: no se envía`,
        )
      }
    }
  },
)

test('a slot moves no farther than the days that a planner must look ahead', () => {
  const last = mexicoCity('2026-11-30T15:00')
  const long = institutionalCalendar([closed('2026-12-01', '2027-01-31')])
  const daily: Scheduled = {
    cadence: weekly([...weekdays], '15:00'),
    onClosedPeriod: 'dia-habil-anterior',
  }
  const slots = planned(daily, '2026-12-01', '2027-02-01', long)
  const moved = slots.filter((slot) => slot.moved !== undefined)
  expect(moved).toHaveLength(farthestMoveDays)
  expect(moved.every((slot) => slot.nominalAt.getTime() === last.getTime())).toBe(true)
  expect(slots.slice(farthestMoveDays).every((slot) => slot.omitted !== undefined)).toBe(true)
})

test.each(restDayPolicies)(
  'with «%s» on every rest, hours keep the wall clock, periods are unique and windows compose',
  (policy) => {
    const cadences = [
      weekly(['lunes', 'viernes'], '15:00'),
      monthlyOnLastWorkingDay('12:00'),
      fortnightly('00:30'),
      quarterly('23:59'),
    ]
    // 2022 had summer time until October
    const on = institutionalCalendar([
      ...ownRestDays(),
      closed('2022-04-01', '2022-04-15'),
      closed('2022-10-24', '2022-11-04'),
      closed('2026-12-21', '2027-01-05'),
    ])
    for (const cadence of cadences) {
      const publication = { cadence, onRestDay: policy, onClosedPeriod: policy }
      for (const [from, cut, to] of [
        ['2022-01-01', '2022-04-05', '2023-01-01'],
        ['2026-01-01', '2026-12-25T15:00', '2028-01-01'],
      ] as const) {
        const whole = planned(publication, from, to, on)
        expect([
          ...planned(publication, from, cut, on),
          ...planned(publication, cut, to, on),
        ]).toEqual(whole)
        expect(new Set(whole.map((slot) => slot.period)).size).toBe(whole.length)
        for (const { slotAt, nominalAt, moved, omitted } of whole) {
          expect(wallClock(nominalAt)).toBe(cadence.kind === 'on-request' ? '' : cadence.time)
          expect(moved !== undefined).toBe(nominalAt.getTime() !== slotAt.getTime())
          if (moved !== undefined) expect(on.isWorkingDay(dateOf(nominalAt))).toBe(true)
          expect(omitted === undefined || moved === undefined).toBe(true)
        }
      }
    }
  },
)
