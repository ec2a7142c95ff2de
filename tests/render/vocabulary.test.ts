import { expect, test } from 'vitest'
import { claseOrgano, sesionIne } from '../../src/content/sesion.ts'
import * as dates from '../../src/render/vocabulary/dates.ts'
import * as events from '../../src/render/vocabulary/events.ts'
import * as sessions from '../../src/render/vocabulary/sessions.ts'

test('every code that a session may have has words', () => {
  const { tipo, modalidad } = sesionIne.shape
  for (const code of tipo.options)
    expect(sessions.nombreDeSesion({ tipo: code })).toMatch(/^(Sesión|Reunión) /)
  for (const code of modalidad.options) expect(sessions.modalidadEnPalabras(code)).not.toBe('')
  const states = sesionIne.shape.estado
    .unwrap()
    .options.map((estado) => sessions.estadoDeSesion({ estado, hora: '10:00' }))
  expect(states).toEqual(['', 'Por confirmar', 'Reprogramada', 'Cancelada', 'Celebrada'])
  expect(sessions.estadoDeSesion({ estado: 'por-confirmar', hora: null })).toBe('')
  expect(() => sessions.modalidadEnPalabras('constructor')).toThrow(/constructor/)
})

test('dates and hours read as the institution writes them, in Mexico City', () => {
  expect(dates.fechaLarga('2026-11-27')).toBe('viernes 27 de noviembre de 2026')
  expect(dates.fechaLarga(new Date('2026-11-28T05:59:00Z'))).toBe('viernes 27 de noviembre de 2026')
  expect(dates.fechaCorta('2027-01-01')).toBe('viernes 1 de enero')
  expect(dates.horas('17:00')).toBe('17:00 horas')
  expect(dates.horas(null)).toBe('Hora por confirmar')
  expect(dates.periodo('2026-11-23', '2026-11-27')).toBe('del 23 al 27 de noviembre de 2026')
  expect(dates.periodo('2026-11-30', '2026-12-04')).toBe(
    'del 30 de noviembre al 4 de diciembre de 2026',
  )
  expect(dates.periodo('2026-12-28', '2027-01-01')).toBe(
    'del 28 de diciembre de 2026 al 1 de enero de 2027',
  )
  expect(dates.periodo('2026-11-27', '2026-11-27')).toBe('27 de noviembre de 2026')
  expect(dates.fechaDeCarta('2026-11-27')).toBe('27 de noviembre de 2026')
  expect(() => dates.fechaLarga('27/11/2026')).toThrow(/esperaba una fecha/)
})

test('sessions are listed by day and hour, those without an hour last, and each source once', () => {
  const some = [
    session('2026-12-02', null),
    session('2026-12-02', '17:00', '2026-11-27T09:00:00-06:00'),
    session('2026-11-30', '10:00'),
    session('2026-12-02', '09:00'),
  ]
  expect(
    sessions
      .porDia(some)
      .map(({ diaDeLaSemana, dia, mes, sesiones }) => [
        diaDeLaSemana,
        dia,
        mes,
        ...sesiones.map(({ hora }) => hora),
      ]),
  ).toEqual([
    ['lunes', '30', 'noviembre', '10:00'],
    ['miércoles', '2', 'diciembre', '09:00', '17:00', null],
  ])
  expect(sessions.fuentesDe(some)).toEqual([
    { nombre: 'INE', url: null, consultadaEl: new Date('2026-11-27T09:00:00-06:00') },
  ])
})

const session = (
  fecha: string,
  hora: string | null,
  consultadaEl = '2026-11-26T18:00:00-06:00',
) => ({
  fecha,
  hora,
  fuente: { nombre: 'INE', consultadaEl },
})

const days = (...dates: string[]) =>
  sessions
    .diasDeLaSemana(
      '2026-11-30',
      dates.map((date) => session(date, '10:00')),
    )
    .map(({ diaDeLaSemana, dia, sesiones }) => `${diaDeLaSemana} ${dia}: ${sesiones.length}`)

test('a week has its five days in order, and Saturday or Sunday only with sessions', () => {
  expect(days('2026-12-06', '2026-12-02', '2026-12-02')).toEqual([
    'lunes 30: 0',
    'martes 1: 0',
    'miércoles 2: 2',
    'jueves 3: 0',
    'viernes 4: 0',
    'domingo 6: 1',
  ])
  expect(days()).toHaveLength(5)
})

test('sessions of one hour share it, those without an hour too', () => {
  const some = [null, '17:00', '09:30', '17:00', null].map((hora) => session('2026-12-02', hora))
  const [day] = sessions.porDia(some)
  expect(day?.porHora.map(({ hora, sesiones }) => [hora, sesiones.length])).toEqual([
    ['09:30', 1],
    ['17:00', 2],
    [null, 2],
  ])
})

const organ = (changes: object) =>
  sessions.organoBreve({ clase: 'comite', nombre: 'Comité de Transparencia', ...changes })

test('an organ without initials goes by its name, or by its kind when the name is long', () => {
  expect(organ({ siglas: 'CT' })).toBe('CT')
  expect(organ({ siglas: null })).toBe('Comité de Transparencia')
  for (const clase of claseOrgano.options)
    expect(organ({ clase, nombre: 'x'.repeat(80) })).toMatch(/^[CGJ]/)
  expect(sessions.organoConSiglas({ nombre: 'Consejo General', siglas: 'CG' })).toBe(
    'Consejo General (CG)',
  )
  expect(sessions.organoConSiglas({ nombre: 'Comité (CT)', siglas: 'CT' })).toBe('Comité (CT)')
})

const count = (...states: string[]) =>
  sessions.cuentaDeSesiones(states.map((estado) => ({ estado })))

test('sessions are counted without those that were cancelled', () => {
  expect(count('programada')).toBe('1 sesión programada')
  expect(count('programada', 'reprogramada', 'cancelada')).toBe(
    '2 sesiones programadas y 1 cancelada',
  )
  expect(count('cancelada', 'cancelada')).toBe('2 sesiones canceladas')
})

const beside = (estado: string, cambio?: string) =>
  sessions
    .rotulosDeSesion({ estado, hora: '10:00', ...(cambio !== undefined && { cambio }) })
    .map(({ texto }) => texto)

test('what is said beside a session is its change and its state, each once', () => {
  expect(beside('programada')).toEqual([])
  expect(beside('programada', 'nueva')).toEqual(['Nueva'])
  expect(beside('reprogramada', 'modificada')).toEqual(['Modificada', 'Reprogramada'])
  expect(beside('cancelada', 'cancelada')).toEqual(['Cancelada'])
  expect(() => beside('programada', 'otra')).toThrow(/no sabe decir "otra"/)
})

test('the number of a point has one full stop, however it was typed', () => {
  expect(['3', '3.', 'IV', '5.2)', '7.-'].map(sessions.numeral)).toEqual([
    '3.',
    '3.',
    'IV.',
    '5.2.',
    '7.',
  ])
})

// Mexico City is UTC-6 all year; Europe leaves summer time on 25 October 2026, the United States on 1 November
test.each([
  ['2026-10-24', '17:00', 'Madrid', '01:00 a 02:30 horas', 'domingo 25 de octubre'],
  ['2026-10-28', '18:00', 'Madrid', '01:00 a 02:30 horas', 'jueves 29 de octubre'],
  ['2026-10-28', '16:30', 'Madrid', '23:30 horas a 01:00 horas del jueves 29 de octubre', null],
  ['2026-10-28', '18:00', 'Nueva York', '20:00 a 21:30 horas', null],
  ['2026-11-04', '18:00', 'Nueva York', '19:00 a 20:30 horas', null],
  ['2026-11-04', '18:00', 'Los Ángeles', '16:00 a 17:30 horas', null],
  ['2026-07-15', '18:00', 'Madrid', '02:00 a 03:30 horas', 'jueves 16 de julio'],
  [
    '2026-07-15',
    '00:30',
    'Los Ángeles',
    '23:30 horas a 01:00 horas del miércoles 15 de julio',
    'martes 14 de julio',
  ],
  // 02:30 does not exist in Madrid that night
  ['2027-03-27', '19:30', 'Madrid', '03:30 a 05:00 horas', 'domingo 28 de marzo'],
  ['2026-07-15', '18:00', 'Tokio', '09:00 a 10:30 horas', 'jueves 16 de julio'],
])(
  '%s at %s is told to %s as «%s», with its date when it is another',
  (day, hour, city, horario, fecha) => {
    const start = new Date(`${day}T${hour}:00-06:00`)
    const rows = events.horasEnZonas({
      inicio: start.toISOString(),
      fin: new Date(start.getTime() + 90 * 60_000).toISOString(),
      zonas: ['America/Los_Angeles', 'America/New_York', 'Europe/Madrid', 'Asia/Tokyo'],
    })
    expect(rows.find(({ ciudad }) => ciudad === city)).toEqual({ ciudad: city, horario, fecha })
  },
)

test('the hour of Mexico City is told once, and each zone once', () => {
  const event = {
    inicio: '2026-12-03T17:00:00-06:00',
    fin: '2026-12-04T14:00:00-06:00',
    zonas: ['America/Mexico_City', 'Europe/Madrid', 'Europe/Madrid'],
  }
  expect(events.fechaDelEvento(event)).toBe('jueves 3 de diciembre de 2026')
  expect(events.horasDelEvento(event)).toBe('17:00 horas a 14:00 horas del viernes 4 de diciembre')
  expect(events.horasEnZonas(event).map(({ ciudad }) => ciudad)).toEqual(['Madrid'])
})

test('cities have their Spanish names, and those that we do not know are readable', () => {
  const names = ['America/New_York', 'Europe/London', 'America/Argentina/Buenos_Aires', 'Etc/UTC']
  expect(names.map(events.ciudadDe)).toEqual([
    'Nueva York',
    'Londres',
    'Buenos Aires',
    'Tiempo universal (UTC)',
  ])
})
