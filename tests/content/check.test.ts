import { expect, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import {
  checkContent,
  contentHash,
  editionFaults,
  type CheckedContent,
  type ContentCheck,
} from '../../src/content/check.ts'
import type { Fault } from '../../src/errors.ts'
import { fridayAt15 } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'

const check = (text: string): ContentCheck => checkContent(text, 'boletin.yaml', publications)

function faultsOf(text: string): Fault[] {
  const result = check(text)
  return result.ok ? [] : result.faults
}

function accepted(text: string): CheckedContent {
  const result = check(text)
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.content
}

const placesOf = (text: string): string[] => faultsOf(text).map((fault) => fault.place)

/** The sample with another text after `titular:`, as it stands in the file. */
const withTitular = (yaml: string): string =>
  boletinYaml().replace(/^titular: .*$/m, `titular: ${yaml}`)

/** The sample with another first link. */
const withUrl = (url: string): string =>
  boletinYaml().replace('https://example.org/consejo-general', JSON.stringify(url))

test('the sample is valid, as YAML and as JSON, and says which publication it is for', () => {
  const fromYaml = accepted(boletinYaml())
  expect(fromYaml.publication.slug).toBe('boletin-electoral')
  expect(accepted(JSON.stringify(fromYaml.body))).toEqual(fromYaml)
})

test('the hash is of what is said, not of the order in which it is written', () => {
  const { body, sha256 } = accepted(boletinYaml())
  const backwards = Object.fromEntries(Object.entries(body).toReversed())
  expect(Object.keys(backwards)).not.toEqual(Object.keys(body))
  expect(accepted(JSON.stringify(backwards)).sha256).toBe(sha256)
  expect(contentHash(backwards)).toBe(sha256)
  expect(contentHash([{ a: 1, b: [1, 2] }])).toBe(contentHash([{ b: [1, 2], a: 1 }]))
  expect(contentHash([{ a: 1, b: [1, 2] }])).not.toBe(contentHash([{ a: 1, b: [2, 1] }]))
  expect(accepted(boletinYaml({ titular: 'Otro titular' })).sha256).not.toBe(sha256)
})

test.each([
  ['a quotation mark that is not closed', withTitular('"La semana'), 6],
  ['a colon in plain text', withTitular('Consejo General: sesión'), 6],
  ['an asterisk at the start of plain text', withTitular('*Importante*'), 6],
  ['a tab for indentation', boletinYaml().replace('  - clave: opl', '\t- clave: opl'), 46],
  ['a key twice', withTitular('Una\ntitular: Otra'), 7],
])('YAML broken by %s is told with its line', (_what, text, line) => {
  const [first] = faultsOf(text)
  expect(first).toMatchObject({
    place: `boletin.yaml, renglón ${line}`,
    message: expect.stringContaining('no se puede leer'),
    remedy: expect.stringMatching(/\S/),
  })
})

const yamlList = (name: string, inner: string) => `${name}: &${name} [${`${inner}, `.repeat(9)}]`

test('a file of aliases that grow without end is a fault, not a crash', () => {
  const bomb = [
    yamlList('a', 'x'),
    ...'bcdefg'.split('').map((name, i) => yamlList(name, `*${'abcdefg'[i]}`)),
  ]
  expect(placesOf(bomb.join('\n'))[0]).toMatch(/^boletin\.yaml/)
})

test('all faults of a file are told at once, each with its place, the value and what to do', () => {
  const text = boletinYaml({ titular: ' ' })
    .replace('fecha: 2026-11-27', 'fecha: 27 de noviembre')
    .replace('https://example.org/consejo-general', 'http://example.org/consejo-general')
    .replace('clave: noticias-iecm', 'clave: noticias')
    .replace('hora: "10:00"', 'hora: 10 de la mañana')
    .concat(`\npie: texto\n`)
  expect(faultsOf(text)).toMatchObject([
    { place: 'boletin.yaml titular', message: 'está vacío' },
    { place: 'boletin.yaml secciones[0].notas[0].fecha', value: '"27 de noviembre"' },
    { place: 'boletin.yaml secciones[0].notas[0].url', value: expect.stringContaining('http:') },
    { place: 'boletin.yaml secciones[1].clave', remedy: expect.stringContaining('noticias-iecm') },
    { place: 'boletin.yaml agenda[0].hora', value: '"10 de la mañana"' },
    { place: 'boletin.yaml (raíz)', remedy: 'Quite o corrija: pie' },
  ])
})

test('an unknown publication is refused with the nearest one, and none with those that there are', () => {
  const unknown = boletinYaml().replace('tipo: boletin-electoral', 'tipo: boletin-electorla')
  expect(faultsOf(unknown)).toMatchObject([
    {
      place: 'boletin.yaml tipo',
      value: '"boletin-electorla"',
      remedy: '¿Quiso decir boletin-electoral?',
    },
  ])
  for (const text of ['', 'titular: Hola', '- una lista', 'tipo:']) {
    expect(faultsOf(text)).toMatchObject([
      { place: 'boletin.yaml tipo', remedy: expect.stringContaining('boletin-electoral') },
    ])
  }
})

test('a number typed by hand is refused: Pregonero numbers', () => {
  expect(faultsOf(`${boletinYaml()}\nnumero: 48\n`)).toMatchObject([
    { message: expect.stringContaining('numero'), remedy: 'Quite o corrija: numero' },
  ])
})

test.each([
  ['a control character', '\u0007'],
  ['a NUL, which the database cannot hold', '\u0000'],
  ['a C1 control character', '\u0085'],
  ['the start of a recipient slot', '\ue000'],
  ['half a surrogate pair, which the database cannot hold', '\ud800'],
  ['what a file that is not UTF-8 is read as', '\ufffd'],
])('%s is refused in text and in a link', (_what, character) => {
  expect(placesOf(withTitular(JSON.stringify(`a${character}b`)))).toEqual(['boletin.yaml titular'])
  expect(placesOf(withUrl(`https://example.org/a${character}b`))).toEqual([
    'boletin.yaml secciones[0].notas[0].url',
  ])
})

test.each([
  'javascript:alert(1)',
  'https://',
  'https://intranet/a',
  'https://example.org/a b',
  'hola',
])('the link «%s» is refused', (url) => {
  expect([...new Set(placesOf(withUrl(url)))]).toEqual(['boletin.yaml secciones[0].notas[0].url'])
})

test('an emoji and an accent are text like any other', () => {
  expect(faultsOf(withTitular('Elección 🗳️ de niñas y niños'))).toEqual([])
})

test.each([
  ['its own week', '2026-11-23', '2026-11-27', true],
  ['a week that ends on Sunday', '2026-11-23', '2026-11-29', true],
  ['a week that ended on Wednesday', '2026-11-19', '2026-11-25', true],
  ['the week before', '2026-11-16', '2026-11-20', false],
  ['a week that ended on Tuesday', '2026-11-18', '2026-11-24', false],
  ['the week after', '2026-11-28', '2026-12-04', false],
  ['the same week of another year', '2025-11-24', '2025-11-28', false],
])('content of %s (%s to %s) for the edition of a Friday: fits? %4$s', (_what, del, al, fits) => {
  const faults = editionFaults(accepted(boletinYaml({ del, al })), {
    period: '2026-W48',
    nominalAt: fridayAt15,
  })
  expect(faults.map(({ place, value }) => [place, value])).toEqual(
    fits ? [] : [['periodo', `${del} a ${al}`]],
  )
})
