import { expect, test } from 'vitest'
import { weekdayFaults } from '../../src/content/weekday-check.ts'

const near = new Date('2026-11-25T16:00:00Z')
const faults = (text: string) => weekdayFaults({ cuerpo: text }, near)

test('a weekday that is not that of its date is named, with the right one', () => {
  expect(faults('Les esperamos el viernes 3 de diciembre a las 17:00.')).toEqual([
    {
      place: 'cuerpo',
      message: 'el día de la semana no es el de la fecha',
      value: '«viernes 3 de diciembre»',
      remedy: 'Es jueves 3 de diciembre de 2026',
    },
  ])
})

test.each([
  'Jueves 3 de diciembre',
  'el JUEVES, 3 de diciembre de 2026',
  'miercoles 25 de noviembre',
  'viernes 1 de enero',
  'el jueves 29 de febrero de 2024',
  'los lunes de diciembre, sin fecha',
  'jueveses 4 de diciembre',
])('«%s» is right', (text) => {
  expect(faults(text)).toEqual([])
})

test('without a year the date is the one closest to the hour of the edition, before or after', () => {
  expect(faults('lunes 4 de enero')).toEqual([])
  expect(weekdayFaults(['domingo 27 de diciembre'], new Date('2027-01-05T16:00:00Z'))).toEqual([])
})

test('a date that does not exist is a fault of its own', () => {
  expect(faults('el martes 31 de noviembre')[0]).toMatchObject({ message: 'esa fecha no existe' })
  expect(faults('el domingo 29 de febrero de 2026')[0]).toMatchObject({
    message: 'esa fecha no existe',
  })
})

test('every text is looked at, however deep, and every fault is told at once', () => {
  const body = {
    asunto: 'Taller (lunes 3 de diciembre)',
    evento: { titulo: 'bien: jueves 3 de diciembre' },
    notas: [{ resumen: 'bien' }, { resumen: 'martes 3 de diciembre y sábado 4 de diciembre' }],
  }
  expect(weekdayFaults(body, near).map((fault) => fault.place)).toEqual([
    'asunto',
    'notas[1].resumen',
    'notas[1].resumen',
  ])
})
