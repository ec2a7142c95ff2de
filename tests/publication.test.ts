import { z } from 'zod'
import { expect, test } from 'vitest'
import { publications } from '../jobs/index.ts'
import { definePublication, perEdition, weekly, type Publication } from '../src/publication.ts'
import { publicationFaults } from '../src/publication-check.ts'
import { readDefinitions, tableIds } from '../src/report/definition.ts'

const tables = new Set(['IV.3.a.i'])
const sound = definePublication({
  slug: 'boletin',
  name: 'Boletín',
  description: 'Una frase.',
  readers: 'Todas las personas',
  sender: 'admin',
  audience: { lists: ['comunidad-iecm'] },
  cadence: weekly('viernes', '15:00'),
  latestStartHours: 72,
  approval: 'second-person',
  numbering: 'none',
  content: z.strictObject({ muestra: z.boolean() }),
  subject: () => 'Boletín',
  preheader: () => '',
  reportLines: [perEdition('IV.3.a.i', 'Boletín.')],
})

/** As a file of jobs/ would have it that nobody type-checked: Node strips the types and runs it. */
const unsound = (changes: object): Publication => ({ ...sound, ...changes })
const placesOf = (...all: Publication[]) => publicationFaults(all, tables).map((f) => f.place)

test('the publications of jobs/ are sound', () => {
  expect(publicationFaults(publications, tableIds(readDefinitions()))).toEqual([])
})

test('every fault of every publication is told at once, with its file and what to do', () => {
  const faults = publicationFaults(
    [
      sound,
      sound,
      unsound({
        slug: 'Boletín Electoral',
        sender: 'ADMIN',
        audience: { lists: [] },
        cadence: weekly('viernes', '24:00'),
        latestStartHours: -1,
        reportLines: [perEdition('IV.3.b', 'Boletín.')],
      }),
    ],
    tables,
  )
  expect(faults.map((fault) => fault.place)).toEqual([
    'jobs/boletin.ts slug',
    'jobs/Boletín Electoral.ts slug',
    'jobs/Boletín Electoral.ts audience',
    'jobs/Boletín Electoral.ts cadence',
    'jobs/Boletín Electoral.ts sender',
    'jobs/Boletín Electoral.ts latestStartHours',
    'jobs/Boletín Electoral.ts reportLines',
  ])
  expect(faults.at(-1)?.remedy).toContain('IV.3.a.i')
})

test.each([
  ['weekday', 'cadence', { cadence: { kind: 'weekly', weekdays: ['viérnes'], time: '15:00' } }],
  ['kind of cadence', 'cadence', { cadence: { kind: 'daily', time: '15:00' } }],
  ['approval', 'approval', { approval: 'second-persons' }],
  ['numbering', 'numbering', { numbering: 'anual' }],
  ['number of hours', 'latestStartHours', { latestStartHours: Number.NaN }],
  [
    'grouping',
    'reportLines',
    { reportLines: [{ ...perEdition('IV.3.a.i', 'x'), grouping: 'all' }] },
  ],
])(
  'an unknown %s is a fault at boot, and never a mail that leaves otherwise than was meant',
  (_what, key, changes) => {
    expect(placesOf(unsound(changes))).toEqual([`jobs/boletin.ts ${key}`])
  },
)
