import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { publications } from '../../jobs/index.ts'
import { checkContent, editionFaults } from '../../src/content/check.ts'
import { contentSchema, exampleOf } from '../../src/content/example.ts'
import { filesIn, prepareFiles } from '../../src/content/files.ts'
import { samplesFolder } from '../../src/content/sample.ts'
import type { Publication } from '../../src/publication.ts'
import { institutionalCalendar } from '../../src/schedule/institutional-calendar.ts'
import { plannedSlots } from '../../src/schedule/planned-slots.ts'
import { ownRestDays } from '../../src/schedule/rest-days-file.ts'
import { mexicoCity } from '../support/app.ts'

const all = publications.map((publication) => [publication.slug, publication] as const)
const wednesday = mexicoCity('2026-11-25T10:00')
const ofSlug = (slug: string): Publication => publications.find((one) => one.slug === slug)!
const example = (slug: string): string => exampleOf(ofSlug(slug), `${slug}.yaml`, wednesday).text

interface Edition {
  at: Date
  nominalAt: Date
  period: string | undefined
}

/** The first edition of each month from November 2026 to the end of 2027. */
function editionsOf(publication: Publication): Edition[] {
  const months = Array.from({ length: 14 }, (_, i) => new Date(Date.UTC(2026, 10 + i, 2, 18)))
  if (publication.leavesAt) return months.map((at) => ({ at, nominalAt: at, period: undefined }))
  const calendar = institutionalCalendar(ownRestDays())
  return months.flatMap((from) => {
    const to = new Date(from.getTime() + 31 * 86_400_000)
    return plannedSlots(publication, calendar, from, to)
      .slice(0, 1)
      .map(({ slotAt, nominalAt, period }) => ({ at: slotAt, nominalAt, period }))
  })
}

test.each(all)(
  'the example of %s is sound content of its edition all year round, as a sample and in earnest',
  (_slug, publication) => {
    const editions = editionsOf(publication)
    expect(editions.length).toBeGreaterThanOrEqual(4)
    for (const { at, nominalAt, period } of editions) {
      const { text } = exampleOf(publication, 'ejemplo.yaml', at, period)
      const inEarnest = text.replace(/^muestra: true\n/m, '')
      for (const [written, muestra] of [
        [text, true],
        [inEarnest, false],
      ] as const) {
        const checked = checkContent(written, 'ejemplo.yaml', publications)
        expect(checked).toMatchObject({ ok: true, content: { publication, body: { muestra } } })
        if (!checked.ok || period === undefined) continue
        expect(editionFaults(checked.content, { period, nominalAt })).toEqual([])
      }
    }
  },
)

test.each(all)(
  'the files that the example of %s names are among the samples, and can be sent',
  async (_slug, publication) => {
    const { text, fileNames } = exampleOf(publication, 'ejemplo.yaml', wednesday)
    for (const name of fileNames) expect(existsSync(new URL(name, samplesFolder)), name).toBe(true)
    const prepared = await prepareFiles(
      parse(text),
      'ejemplo.yaml',
      filesIn(fileURLToPath(samplesFolder)),
    )
    expect(prepared).toMatchObject({ ok: true })
  },
)

test.each(all)(
  'the editor finds nothing to underline in the example of %s',
  (slug, publication) => {
    const validate = editor(publication)
    const content = parse(example(slug)) as Record<string, unknown>
    expect(validate(content), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ ...content, titulr: 'x' })).toBe(false)
    expect(validate({ ...content, tipo: 'otra' })).toBe(false)
  },
)

function editor(publication: Publication) {
  const ajv = new Ajv.default({ allErrors: true })
  addFormats.default(ajv)
  return ajv.compile(contentSchema(publication))
}

test.each(all)(
  'the example of %s shows every field, those that it does not use in a list of notes',
  (slug, publication) => {
    const text = example(slug)
    for (const name of fieldNames(contentSchema(publication)))
      expect(text, name).toMatch(new RegExp(`^[ #-]*${name}:`, 'm'))
  },
)

test.each(all)('what takes one form alone says which, in %s', (_slug, publication) => {
  const silent = formless(contentSchema(publication), '')
  expect(silent).toEqual([])
})

test('each field says what it is, whether it may be left out and how long it may be', () => {
  const text = example('boletin-electoral')
  const invitation = example('invitacion-red-observacion')
  expect(text).toContain('# Va en el asunto · hasta 140 caracteres\ntitular: ')
  expect(text).toContain('# de 1 a 8 elementos\nsecciones:\n')
  expect(text).toContain('  # una de: sesiones-ine, acuerdos, noticias-ine, noticias-iecm, opl,')
  expect(text).toContain('  # AAAA-MM-DD\n  del: 2026-11-23\n')
  expect(text).toContain('# La del hecho · opcional · AAAA-MM-DD\n')
  expect(text).toContain(
    '# opcional (si falta, «no-consta») · una de: unanimidad, mayoria, no-consta\n',
  )
  expect(text).toContain('# Dónde leer más · opcional · https://… · hasta 500 caracteres\n')
  expect(text).toContain(
    [
      '        # También admite:',
      '        #   imagen: opcional',
      '        #     archivo: PNG, JPEG, WebP o GIF que esté junto a este archivo, como cartel.png',
    ].join('\n'),
  )
  expect(invitation).toMatch(/^# {3}adjuntos: .* · opcional · hasta 3 elementos\n# {5}- archivo: /m)
})

test('the notes of a list are on its first item alone, and notes fit the screen', () => {
  const text = example('boletin-electoral')
  const [, rest = ''] = text.split('Comisión de Vinculación con los OPL')
  expect(rest.slice(0, rest.indexOf('agenda:'))).not.toMatch(/^ +#/m)
  for (const [slug] of all) {
    const notes = example(slug).matchAll(/^ *#(?! Contenido|.*`pregonero).*$/gm)
    for (const [line] of notes) expect(line.length, line).toBeLessThanOrEqual(105)
  }
})

test('it begins with its schema and what to do with it, and keeps what the sample says', () => {
  const { text } = exampleOf(ofSlug('boletin-electoral'), 'mi-boletin.yaml', wednesday)
  const invitation = exampleOf(ofSlug('red-observacion'), 'difusion.yaml', wednesday).text
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/boletin-electoral\.schema\.json\n/)
  const [header = ''] = text.split(/^tipo:/m)
  expect(header).toContain('«muestra: true»')
  expect(header).toContain('#   pregonero content check mi-boletin.yaml\n')
  expect(header).toContain('#   pregonero content add mi-boletin.yaml --as CLAVE\n')
  expect(header).toContain('# El número del boletín no se escribe aquí')
  expect(invitation).toContain('#   pregonero invite difusion.yaml --as CLAVE\n')
})

interface Schema {
  type?: string
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  pattern?: string
  format?: string
  description?: string
}

const inside = ({ properties = {}, items, anyOf = [] }: Schema): [string, Schema][] => [
  ...Object.entries(properties),
  ...(items ? [['[]', items] as [string, Schema]] : []),
  ...anyOf.map((branch): [string, Schema] => ['', branch]),
]

function fieldNames(schema: unknown): string[] {
  return inside(schema as Schema).flatMap(([name, inner]) => [
    ...(name === '' || name === '[]' ? [] : [name]),
    ...fieldNames(inner),
  ])
}

/** Paths of the fields with a pattern that no word explains. */
function formless(schema: unknown, path: string): string[] {
  const { pattern, format, description } = schema as Schema
  return [
    ...(pattern !== undefined && format === undefined && description === undefined ? [path] : []),
    ...inside(schema as Schema).flatMap(([name, inner]) => formless(inner, `${path}.${name}`)),
  ]
}
