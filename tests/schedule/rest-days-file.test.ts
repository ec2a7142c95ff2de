import Holidays from 'date-holidays'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { formatFault } from '../../src/errors.ts'
import { ownRestDays, parseRestDays } from '../../src/schedule/rest-days-file.ts'

const faultsOf = (text: string): string[] => {
  const parsed = parseRestDays(text, 'dias.yaml')
  return parsed.ok ? [] : parsed.faults.map(formatFault)
}
const faultsOfRow = (row: string): string[] => faultsOf(`dias:\n  - { ${row} }\n`)

const navidad = 'fecha: 2026-12-25, nombre: Navidad, tipo: descanso'
const semanaSanta = 'del: 2026-03-30, al: 2026-04-03, nombre: Semana Santa, tipo: cerrado'

test('a file of days and periods is read as it is written', () => {
  const text = `
# el calendario de 2026
dias:
  - { ${navidad}, fundamento: LFT 74-VIII }
  - del: 2026-03-30
    al: 2026-04-03
    nombre: Semana Santa
    tipo: cerrado
    estado: por-confirmar
`
  expect(parseRestDays(text, 'dias.yaml')).toEqual({
    ok: true,
    rows: [
      {
        start: '2026-12-25',
        end: '2026-12-25',
        name: 'Navidad',
        kind: 'descanso',
        basis: 'LFT 74-VIII',
        status: 'confirmado',
      },
      {
        start: '2026-03-30',
        end: '2026-04-03',
        name: 'Semana Santa',
        kind: 'cerrado',
        status: 'por-confirmar',
      },
    ],
  })
})

test('a rest day may fall in a closed period, and closed periods may touch', () => {
  expect(
    faultsOf(`dias:
  - { ${navidad} }
  - { del: 2026-12-21, al: 2026-12-31, nombre: Vacaciones, tipo: cerrado }
  - { del: 2027-01-01, al: 2027-01-05, nombre: Vacaciones, tipo: cerrado }
  - { fecha: 2000-01-01, nombre: La primera, tipo: descanso }
  - { fecha: 2100-12-31, nombre: La última, tipo: descanso }
`),
  ).toEqual([])
})

const written = 'Escríbala como 2026-12-25 (año-mes-día)'
test.each([
  [
    'an impossible date',
    'fecha: 2026-02-30, nombre: X, tipo: descanso',
    `fecha: ese día no existe ("2026-02-30"). ${written}`,
  ],
  [
    'a leap day of a year that has none',
    'fecha: 2027-02-29, nombre: X, tipo: descanso',
    `fecha: ese día no existe ("2027-02-29"). ${written}`,
  ],
  [
    'a date written otherwise',
    'fecha: 25/12/2026, nombre: X, tipo: descanso',
    `fecha: no es una fecha ("25/12/2026"). ${written}`,
  ],
  [
    'a date with an hour',
    "fecha: '2026-12-25T15:00', nombre: X, tipo: descanso",
    `fecha: no es una fecha ("2026-12-25T15:00"). ${written}`,
  ],
  [
    'a year alone',
    'fecha: 2026, nombre: X, tipo: descanso',
    `fecha: no es una fecha (2026). ${written}`,
  ],
  ['no date', 'nombre: X, tipo: descanso', `fecha: falta la fecha. ${written}`],
  ['an empty date', 'fecha: , nombre: X, tipo: descanso', `fecha: falta la fecha. ${written}`],
  [
    'a period without its end',
    'del: 2026-12-21, nombre: X, tipo: cerrado',
    `al: falta la fecha. ${written}`,
  ],
  [
    'a period without its start',
    'al: 2026-12-21, nombre: X, tipo: cerrado',
    `del: falta la fecha. ${written}`,
  ],
  [
    'an end before the start',
    'del: 2026-04-03, al: 2026-04-02, nombre: X, tipo: cerrado',
    'al: termina antes de empezar (2026-04-03 a 2026-04-02). Corrija las fechas',
  ],
  [
    'a year that is too early',
    'fecha: 1999-12-31, nombre: X, tipo: descanso',
    `fecha: el año no está entre 2000 y 2100 ("1999-12-31"). ${written}`,
  ],
  [
    'a year that is too late',
    'fecha: 2101-01-01, nombre: X, tipo: descanso',
    `fecha: el año no está entre 2000 y 2100 ("2101-01-01"). ${written}`,
  ],
  [
    'a period of years, which would silence everything',
    'del: 2026-12-21, al: 2036-01-05, nombre: X, tipo: cerrado',
    'al: dura 3303 días y el máximo es 92 (2026-12-21 a 2036-01-05). Revise el año; si es correcto, divídalo en varios periodos',
  ],
  [
    'a rest day of several days',
    'del: 2026-12-21, al: 2026-12-22, nombre: X, tipo: descanso',
    'al: un descanso es de un solo día (2026-12-21 a 2026-12-22). Use el tipo cerrado para varios días seguidos',
  ],
  [
    'an unknown kind',
    'fecha: 2026-12-25, nombre: X, tipo: decanso',
    'tipo: no se conoce ("decanso"). ¿Quiso decir descanso?',
  ],
  [
    'a kind that resembles none',
    'fecha: 2026-12-25, nombre: X, tipo: feriado-bancario',
    'tipo: no se conoce ("feriado-bancario"). Use uno de: descanso, cerrado',
  ],
  ['no kind', 'fecha: 2026-12-25, nombre: X', 'tipo: falta. Use uno de: descanso, cerrado'],
  [
    'no name',
    'fecha: 2026-12-25, tipo: descanso',
    'nombre: falta. Diga cómo se llama, por ejemplo Navidad',
  ],
  [
    'a blank name',
    "fecha: 2026-12-25, nombre: '  ', tipo: descanso",
    'nombre: falta. Diga cómo se llama, por ejemplo Navidad',
  ],
  [
    'a name that is a number',
    'fecha: 2026-12-25, nombre: 12, tipo: descanso',
    'nombre: debe ser texto (12). Diga cómo se llama, por ejemplo Navidad',
  ],
  [
    'a name of two lines',
    'fecha: 2026-12-25, nombre: "Navi\\ndad", tipo: descanso',
    'nombre: debe ser un solo renglón de 120 caracteres a lo más ("Navi\\ndad"). Acórtelo',
  ],
  [
    'an unknown status',
    `${navidad}, estado: por_confirmar`,
    'estado: no se conoce ("por_confirmar"). ¿Quiso decir por-confirmar?',
  ],
  [
    'a field that does not exist',
    `${navidad}, fundamneto: LFT`,
    'fundamneto: no se conoce ese campo. ¿Quiso decir fundamento?',
  ],
  [
    'a day that is also a period',
    `${semanaSanta}, fecha: 2026-04-02`,
    'fecha: sobra junto a del y al. Deje fecha para un solo día, o del y al para un periodo',
  ],
])('%s is refused with its line and what to do', (_what, row, message) => {
  expect(faultsOfRow(row)).toEqual([`dias.yaml, renglón 2 ${message}`])
})

test.each([
  [
    'the same date twice',
    navidad,
    'fecha: 2026-12-25, nombre: Nochebuena, tipo: descanso',
    'repite una fecha que ya es Navidad (2026-12-25)',
  ],
  [
    'a single closed day on a rest day',
    navidad,
    'fecha: 2026-12-25, nombre: Puente, tipo: cerrado',
    'repite una fecha que ya es Navidad (2026-12-25)',
  ],
  [
    'two closed periods that share a day',
    semanaSanta,
    'del: 2026-04-03, al: 2026-04-10, nombre: Pascua, tipo: cerrado',
    'se encima con Semana Santa, del 2026-03-30 al 2026-04-03 (2026-04-03 a 2026-04-10)',
  ],
  [
    'a closed period inside another',
    semanaSanta,
    'fecha: 2026-04-01, nombre: Miércoles, tipo: cerrado',
    'se encima con Semana Santa, del 2026-03-30 al 2026-04-03 (2026-04-01)',
  ],
])('%s is refused', (_what, first, second, message) => {
  const remedy = 'Deje uno de los dos, o corrija las fechas'
  expect(faultsOf(`dias:\n  - { ${first} }\n  - { ${second} }\n`)).toEqual([
    `dias.yaml, renglón 3: ${message}. ${remedy}`,
  ])
})

test('every fault of every line is told at once', () => {
  const faults = faultsOf(`dias:
  - { fecha: 2026-02-30, tipo: feriado }
  - Navidad

  - { ${navidad} }
  - { del: 2026-12-31, al: 2026-12-01, nombre: X, tipo: cerrado, estado: no }
  - { ${navidad} }
`)
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'dias.yaml, renglón 2 fecha',
    'dias.yaml, renglón 2 nombre',
    'dias.yaml, renglón 2 tipo',
    'dias.yaml, renglón 3',
    'dias.yaml, renglón 6 al',
    'dias.yaml, renglón 6 estado',
    'dias.yaml, renglón 7',
  ])
})

test.each([
  ['is empty', '', 'debe tener una lista de días y nada más'],
  ['is a list', `- { ${navidad} }`, 'debe tener una lista de días y nada más'],
  ['has no list', 'dias: 3', 'debe tener una lista de días y nada más'],
  [
    'has more than the list',
    `dias:\n  - { ${navidad} }\notros: []`,
    'debe tener una lista de días',
  ],
  ['has an empty list', 'dias: []', 'no tiene ningún día'],
  ['is no YAML', 'dias:\n  - { fecha: 2026-12-25', 'no se puede leer'],
  ['names a field twice', `dias:\n  - { ${navidad}, tipo: cerrado }`, 'no se puede leer'],
  ['refers to nothing', 'dias:\n  - *navidad', 'no se puede leer'],
])('a file that %s is refused, and nothing is thrown', (_what, text, message) => {
  const faults = faultsOf(text)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(message)
})

test('our rest days of 2024–2030 are those of date-holidays, but for the differences known', () => {
  const holidays = new Holidays('MX')
  const theirs = new Set(
    [2024, 2025, 2026, 2027, 2028, 2029, 2030]
      .flatMap((year) => holidays.getHolidays(year))
      .filter((holiday) => holiday.type === 'public')
      .map((holiday) => holiday.date.slice(0, 10)),
  )
  const ours = new Set(
    ownRestDays()
      .filter((row) => row.kind === 'descanso')
      .map((row) => row.start),
  )
  expect([...ours].filter((date) => !theirs.has(date))).toEqual([
    '2024-06-02', // election day (LFT 74-IX): the library has none
    '2024-10-01', // handover of the Executive: 1 October since the reform of article 83
    '2027-06-06',
    '2030-06-02',
    '2030-10-01',
  ])
  expect([...theirs].filter((date) => !ours.has(date))).toEqual([
    '2024-12-01', // the handover where it was until 2018
    '2030-12-01',
  ])
  // the movable Mondays agree: every year has its three
  const mondays = [...ours].filter((date) => DateTime.fromISO(date).weekday === 1)
  expect(mondays.filter((date) => ['02', '03', '11'].includes(date.slice(5, 7)))).toHaveLength(21)
})

test('our closed periods are proposals: each Semana Santa, Monday to Good Friday', () => {
  const holidays = new Holidays('MX')
  const closed = ownRestDays().filter((row) => row.kind === 'cerrado')
  const expected = [2025, 2026, 2027, 2028, 2029, 2030].map((year) => {
    const goodFriday = holidays.getHolidays(year).find((day) => day.name === 'Viernes Santo')!
    const end = goodFriday.date.slice(0, 10)
    const start = DateTime.fromISO(end).minus({ days: 4 }).toISODate()
    return { start, end, name: 'Semana Santa', kind: 'cerrado', status: 'por-confirmar' }
  })
  expect(closed).toEqual(expected)
})
