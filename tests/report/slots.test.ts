import { expect, test } from 'vitest'
import { fillSlots, slotFaults, slotsOf, type Slot } from '../../src/report/slots.ts'

const ids = ['IV.3.a.i', 'IV.4.a.ii']
const faultsOf = (sentence: string, own?: string) =>
  slotFaults(sentence, { place: '2025.yaml IV.3.a.i', ids, ...(own === undefined ? {} : { own }) })

const written = (count: number, style: string) => fillSlots(`{temas|${style}}`, () => count)

test('a sentence says what it counts, of what, and how the count is written', () => {
  const slots: [string, Slot][] = [
    ['{renglones}', { kind: 'renglones', of: undefined, style: undefined }],
    ['{temas}', { kind: 'temas', of: undefined, style: undefined }],
    ['{renglones:IV.3.a.i}', { kind: 'renglones', of: 'IV.3.a.i', style: undefined }],
    ['{temas:IV.4.a.ii|letra}', { kind: 'temas', of: 'IV.4.a.ii', style: 'letra' }],
    ['{planeadas:boletin}', { kind: 'planeadas', of: 'boletin', style: undefined }],
    ['{cifra:folios|letra-femenina}', { kind: 'cifra', of: 'folios', style: 'letra-femenina' }],
    ['{trimestre}', { kind: 'trimestre', of: undefined, style: undefined }],
    ['{meses}', { kind: 'meses', of: undefined, style: undefined }],
    ['{anio}', { kind: 'anio', of: undefined, style: undefined }],
    ['{ordinal}', { kind: 'ordinal', of: undefined, style: undefined }],
    ['{comision}', { kind: 'comision', of: undefined, style: undefined }],
  ]
  const sentence = slots.map(([text]) => text).join(', ')
  expect(slotsOf(sentence)).toEqual(slots.map(([, slot]) => slot))
  expect(faultsOf(sentence, 'IV.3.a.i')).toEqual([])
  expect(fillSlots(sentence, ({ kind }) => kind)).toBe(
    'renglones, temas, renglones, temas, planeadas, cifra, trimestre, meses, anio, ordinal, comision',
  )
})

test('every count of a sentence is written in its place, bold or not', () => {
  const counts = new Map([
    ['renglones', 20],
    ['temas', 12],
  ])
  expect(
    fillSlots(
      '**{renglones} comunicaciones, relacionadas con {temas} temas diferentes.**',
      (slot) => counts.get(slot.kind),
    ),
  ).toBe('**20 comunicaciones, relacionadas con 12 temas diferentes.**')
})

test('a count in words agrees with the noun after it', () => {
  const numbers = [0, 1, 3, 6, 11, 16, 21, 22, 31, 100, 101, 116, 121, 200, 221, 1001, 21000, 31021]
  expect(numbers.map((n) => [n, written(n, 'letra'), written(n, 'letra-femenina')])).toEqual([
    [0, 'cero', 'cero'],
    [1, 'un', 'una'],
    [3, 'tres', 'tres'],
    [6, 'seis', 'seis'],
    [11, 'once', 'once'],
    [16, 'dieciséis', 'dieciséis'],
    [21, 'veintiún', 'veintiuna'],
    [22, 'veintidós', 'veintidós'],
    [31, 'treinta y un', 'treinta y una'],
    [100, 'cien', 'cien'],
    [101, 'ciento un', 'ciento una'],
    [116, 'ciento dieciséis', 'ciento dieciséis'],
    [121, 'ciento veintiún', 'ciento veintiuna'],
    [200, 'doscientos', 'doscientas'],
    [221, 'doscientos veintiún', 'doscientas veintiuna'],
    [1001, 'mil un', 'mil una'],
    [21000, 'veintiún mil', 'veintiún mil'],
    [31021, 'treinta y un mil veintiún', 'treinta y un mil veintiuna'],
  ])
})

test('a value that is not known leaves a blank to fill by hand, whatever its style', () => {
  expect(
    fillSlots('{cifra:folios} folios y {cifra:sesiones|letra-femenina} sesiones', () => undefined),
  ).toBe('___ folios y ___ sesiones')
  expect(fillSlots('{cifra:folios} folios', () => 0)).toBe('0 folios')
})

test('a slot that nothing counts is told, with the one that was meant', () => {
  expect(faultsOf('Se enviaron {renglon} correos', 'IV.3.a.i')).toEqual([
    {
      place: '2025.yaml IV.3.a.i',
      message: 'has a slot that nothing counts',
      value: '"{renglon}"',
      remedy: 'Did you mean {renglones}?',
    },
  ])
  expect(faultsOf('{ temas }', 'IV.3.a.i')[0]!.remedy).toBe('Did you mean {temas}?')
  expect(faultsOf('{xyz}')[0]!.remedy).toMatch(/^Known: renglones, temas, .*comision$/)
})

test('a count of no table, or of one that is not there, is told', () => {
  expect(faultsOf('Son {renglones}')).toMatchObject([
    { message: 'counts no table', remedy: 'Name one: {renglones:IV.3.a.i}' },
  ])
  expect(faultsOf('Son {temas:IV.9}', 'IV.3.a.i')).toMatchObject([
    {
      message: 'counts a table that is not there',
      value: '"{temas:IV.9}"',
      remedy: 'Known: IV.3.a.i, IV.4.a.ii',
    },
  ])
})

test('a publication or a figure without a name is told, and a figure that nobody could enter', () => {
  expect(faultsOf('{planeadas} {cifra:}')).toMatchObject([
    { message: 'does not say of what', value: '"{planeadas}"' },
    { message: 'does not say of what', value: '"{cifra:}"' },
  ])
  expect(faultsOf('{cifra:Folios SIVOPLE} {cifra:folios_sivople}')).toMatchObject([
    { message: 'names a figure that cannot be entered', value: '"{cifra:Folios SIVOPLE}"' },
    { message: 'names a figure that cannot be entered', value: '"{cifra:folios_sivople}"' },
  ])
})

test('a style that is not known, or of something that is not a count, is told', () => {
  const unknown = {
    message: 'has a slot of an unknown style',
    remedy: 'Known: letra, letra-femenina',
  }
  expect(faultsOf('{renglones|letras} {anio|letra}', 'IV.3.a.i')).toMatchObject([
    { ...unknown, value: '"{renglones|letras}"' },
    { ...unknown, value: '"{anio|letra}"' },
  ])
})

test('a brace without its pair is told: it would be printed', () => {
  expect(faultsOf('Son {renglones:IV.3.a.i boletines')).toMatchObject([
    { message: 'has a brace without its pair', value: expect.stringContaining('Son {renglones') },
  ])
  expect(faultsOf('Son {renglones:IV.3.a.i}} boletines')).toMatchObject([
    { message: 'has a brace without its pair' },
  ])
})
