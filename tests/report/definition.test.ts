import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import { Problem } from '../../src/errors.ts'
import {
  definitionOf,
  plannedFaults,
  readDefinitions,
  sectionsOf,
  tableIds,
  tablesOf,
} from '../../src/report/definition.ts'
import { fillSlots, slotsOf, type Slot } from '../../src/report/slots.ts'

/** A folder like jobs/informe/ with these files. */
async function folderWith(files: Record<string, string>): Promise<URL> {
  const path = await mkdtemp(join(tmpdir(), 'pregonero-informe-'))
  onTestFinished(() => rm(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return pathToFileURL(`${path}/`)
}

async function faultsOf(files: Record<string, string>) {
  const folder = await folderWith(files)
  try {
    readDefinitions(folder)
  } catch (error) {
    if (error instanceof Problem && error.kind === 'config') return error.faults
    throw error
  }
  return []
}

const tableYaml = (id: string, { celdas = '[numero, fecha, texto]', more = '' } = {}) =>
  `{ id: ${id}, nombre: N, introduccion: I, columnas: [No., Fecha, Tema], celdas: ${celdas}${more} }`
const dated = { more: ', fecha: dia-y-fecha' }
const definitionYaml = (...tables: string[]) => `
comision: C
primerInforme: 2024-Q4
secciones:
  - id: I
    titulo: S
    parrafos: [Uno]
    secciones: [{ id: I.1, titulo: T, clave: K, tablas: [${tables.join(', ')}] }]
`

test('every fault of every file is told at once, with its place and what to do', async () => {
  expect(
    await faultsOf({
      'anexo.yaml': definitionYaml(tableYaml('I.1', dated)),
      '2024.yaml': 'secciones:\n  - id: "A\n',
      '2025.yaml': definitionYaml(
        tableYaml('I.1', dated),
        tableYaml('I.1', dated),
        tableYaml('I.2', { celdas: '[numero, texto]' }),
        tableYaml('I.3', { ...dated, more: ', concuerdaCon: [{ tabla: I.9 }]' }),
      ),
      '2026.yaml': definitionYaml(tableYaml('A.1', { celdas: '[numero, Hora, texto]' }))
        .replace('titulo: T', 'tittle: T')
        .replace('2024-Q4', '2024-Q5')
        .replace('comision: C', 'comision: ""'),
      '2027.yaml': definitionYaml().replace('[Uno]', '["Son {renglones}", "Son {renglon:I.1}"]'),
      'notas.txt': 'not a definition',
    }),
  ).toMatchObject(
    [
      { place: expect.stringContaining('jobs/informe/2024.yaml, renglón ') },
      { place: '2026.yaml comision' },
      { place: '2026.yaml primerInforme', message: 'must be a quarter like 2024-Q4' },
      { place: '2026.yaml secciones.0.secciones.0.titulo' },
      {
        place: '2026.yaml secciones.0.secciones.0.tablas.0.id',
        message: 'must be an id like IV.1.a.ii-1',
      },
      { place: '2026.yaml secciones.0.secciones.0.tablas.0.celdas.1' },
      { place: '2026.yaml secciones.0.secciones.0', message: expect.stringContaining('tittle') },
      { place: 'anexo.yaml', message: 'is not named after a year' },
      { place: '2025.yaml I.1', message: 'appears twice' },
      { place: '2025.yaml I.2', message: 'has 3 columns and 2 cells' },
      {
        place: '2025.yaml I.3',
        message: 'has a column of dates and does not say how they are printed',
      },
      { place: '2025.yaml I.3', message: 'must agree with a table that is not there' },
      { place: '2027.yaml I', message: 'counts no table' },
      { place: '2027.yaml I', remedy: 'Did you mean {renglones}?' },
    ].map((fault) =>
      typeof fault.place === 'string' ? { ...fault, place: `jobs/informe/${fault.place}` } : fault,
    ),
  )
})

test('a folder without a definition is a fault: there would be no report', async () => {
  const folder = await folderWith({})
  expect(() => readDefinitions(folder)).toThrow('jobs/informe: has no definition')
})

test('a year is printed by its own definition, or else by the latest before it', async () => {
  const folder = await folderWith({
    '2025.yaml': definitionYaml(tableYaml('I.1-1', dated)),
    '2027.yaml': definitionYaml(tableYaml('I.1-2', dated)),
  })
  const definitions = readDefinitions(folder)
  const idsOf = (year: number) => tablesOf(definitionOf(definitions, year)).map(({ id }) => id)
  expect(idsOf(2025)).toEqual(['I.1-1'])
  expect(idsOf(2026)).toEqual(['I.1-1'])
  expect(idsOf(2027)).toEqual(['I.1-2'])
  expect(idsOf(2030)).toEqual(['I.1-2'])
  expect(() => definitionOf(definitions, 2024)).toThrow(/2024.*jobs\/informe\/2024\.yaml/)
  // what publications of today can feed
  expect(tableIds(definitions)).toEqual(new Set(['I.1-2']))
})

test('a year may say only what changes: the rest is that of its base, and of the base of that', async () => {
  const folder = await folderWith({
    '2025.yaml': definitionYaml(tableYaml('I.1', dated)),
    '2026.yaml': `
base: 2025
comision: D
claves: { I.1: L }
parrafos: { I: ['Son {renglones:I.1}'] }
`,
    '2027.yaml': 'base: 2026\nprimerInforme: 2026-Q4\ntitulos: { I: R }\nparrafos: { I: [] }\n',
  })
  const definitions = readDefinitions(folder)
  const brief = (year: number) => {
    const { comision, primerInforme, ...rest } = definitionOf(definitions, year)
    const sections = sectionsOf(rest).map(({ section: one, level }) => [
      level,
      one.titulo,
      one.clave,
      one.parrafos,
      one.tablas?.map(({ id }) => id),
    ])
    return [comision, primerInforme, ...sections]
  }
  const ofBase = [1, 'T', 'K', undefined, ['I.1']]
  expect(brief(2025)).toEqual(['C', '2024-Q4', [0, 'S', undefined, ['Uno'], undefined], ofBase])
  expect(brief(2026)).toEqual([
    'D',
    '2024-Q4',
    [0, 'S', undefined, ['Son {renglones:I.1}'], undefined],
    [1, 'T', 'L', undefined, ['I.1']],
  ])
  expect(brief(2027)).toEqual([
    'D',
    '2026-Q4',
    [0, 'R', undefined, [], undefined],
    [1, 'T', 'L', undefined, ['I.1']],
  ])
})

test('a base that is not there, or that leads back, is told where it is named', async () => {
  const place = (year: number) => `jobs/informe/${year}.yaml base`
  expect(
    await faultsOf({
      '2024.yaml': definitionYaml(tableYaml('I.1', dated)),
      '2025.yaml': 'base: 2019\n',
      '2026.yaml': 'base: 2026\n',
      '2027.yaml': 'base: 2028\n',
      '2028.yaml': 'base: 2027\n',
      // of these, only what their bases are is wrong
      '2029.yaml': 'base: 2025\n',
      '2030.yaml': 'base: 2028\n',
    }),
  ).toEqual([
    {
      place: place(2025),
      message: 'is a year that has no definition',
      value: '2019',
      remedy: 'Known: 2024, 2026, 2027, 2028, 2029, 2030',
    },
    ...[
      [2026, 2026],
      [2027, 2028],
      [2028, 2027],
    ].map(([year, base]) => ({
      place: place(year!),
      message: 'leads back to the year itself',
      value: String(base),
      remedy: 'Name a year that is written whole',
    })),
  ])
})

test('a change of a section that the base does not have, or a slot that it cannot fill, is told', async () => {
  expect(
    await faultsOf({
      '2025.yaml': definitionYaml(tableYaml('I.1', dated)),
      '2026.yaml': `
base: 2025
claves: { I.l: L, IX: M }
titulos: { IV.9.z.viii: T }
parrafos: { I: ['Son {renglones:I.2}'], I.1: ['Son {temas:I.1}'] }
`,
      '2027.yaml': 'base: 2025\nclave: { I.1: L }\n',
    }),
  ).toMatchObject([
    { place: 'jobs/informe/2027.yaml ', message: expect.stringContaining('clave') },
    {
      place: 'jobs/informe/2026.yaml claves',
      message: 'names a section that 2025 does not have',
      value: '"I.l"',
      remedy: 'Did you mean I.1?',
    },
    { place: 'jobs/informe/2026.yaml claves', value: '"IX"' },
    { place: 'jobs/informe/2026.yaml titulos', remedy: 'Known: I, I.1' },
    { place: 'jobs/informe/2026.yaml I', message: 'counts a table that is not there' },
  ])
})

test('a fault of a base is told once, however many years build on it', async () => {
  const faults = await faultsOf({
    '2025.yaml': definitionYaml(tableYaml('I.1')),
    '2026.yaml': 'base: 2025\n',
    '2027.yaml': 'base: 2026\n',
  })
  expect(faults.map(({ place }) => place)).toEqual(['jobs/informe/2025.yaml I.1'])
  const unread = await faultsOf({ '2025.yaml': 'comision: "\n', '2026.yaml': 'base: 2025\n' })
  expect(unread.map(({ place }) => place)).toEqual([
    expect.stringContaining('jobs/informe/2025.yaml, renglón '),
  ])
})

test('since 2026 the report is that of the renamed commission, and repeats no plan of 2025', () => {
  const definition = definitionOf(readDefinitions(), 2026)
  expect(definition.comision).toBe('Comisión Provisional de Vinculación Institucional')
  const sections = sectionsOf(definition).map(({ section: one }) => one)
  const texts = sections.flatMap(({ titulo, parrafos = [] }) => [titulo, ...parrafos])
  expect(texts.filter((text) => text.includes('Organismos Externos'))).toEqual([])
  expect(
    sections.flatMap(({ parrafos = [] }) => parrafos).filter((text) => text.includes('2025')),
  ).toEqual([])
})

test('the editions that a sentence plans are of a publication that there is', () => {
  const planned = [...readDefinitions().values()].flatMap((definition) =>
    sectionsOf(definition)
      .flatMap(({ section: one }) => one.parrafos ?? [])
      .flatMap(slotsOf)
      .flatMap(({ kind, of }) => (kind === 'planeadas' ? of! : [])),
  )
  expect(new Set(planned)).toEqual(
    new Set(['boletin-electoral', 'calendario-ine', 'pulso-internacional', 'informe-quincenal']),
  )
  const slugs = publications.map(({ slug }) => slug)
  expect(planned.filter((slug) => !slugs.includes(slug))).toEqual([])
})

/** The report of January to March 2025, cut from its text: see meta.rules. */
interface Paper {
  tables: {
    id: string
    section: string
    title: string
    headingPrinted: string
    /** Whole, where a page break cuts the printed one. */
    heading: string
    introPrinted: string
    columns: string[]
    rowCount: number
  }[]
  rows: {
    tableId: string
    no: number
    cellsPrinted: string[]
    dates: string[]
    month: string | null
    datePrinted: string | null
    /** As the style of its table prints it, where the paper slips. */
    dateCanonical?: string
    textEffective: string
  }[]
  proseCounts: { printed: string }[]
  plannedNextQuarter: { section: string; kind: string; count: number | null; printed: string }[]
}

const paper = JSON.parse(readFileSync(new URL('q1-2025.json', import.meta.url), 'utf8')) as Paper

/** Figures of the paper that no table has. */
const figures: Record<string, number> = {
  'reuniones-internacionales': 10,
  'folios-sivople': 198,
  'consultas-sivople': 119,
  sesiones: 3,
  acuerdos: 10,
  'instrumentos-actualizados': 53,
  'instrumentos-suscritos': 839,
  'instrumentos-concluidos': 730,
  'instrumentos-vigentes': 109,
  'foros-planeados': 2,
  'notas-planeadas': 15,
  'actas-planeadas': 3,
  'convenios-planeados': 6,
  'opiniones-planeadas': 3,
}

/** What the paper prints in a slot. */
function printedValue({ kind, of }: Slot, own?: string): number | string | undefined {
  switch (kind) {
    case 'renglones':
      return paper.tables.find(({ id }) => id === (of ?? own))?.rowCount
    case 'temas':
      return (of ?? own) === 'IV.4.a.ii' ? 12 : undefined
    case 'planeadas':
      return paper.plannedNextQuarter.find((plan) => plan.kind === of)?.count ?? undefined
    case 'cifra':
      return figures[of!]
    default:
      return { trimestre: 'primer', meses: 'enero a marzo', anio: '2025' }[kind]
  }
}

const of2025 = () => {
  const definition = definitionOf(readDefinitions(), 2025)
  const sections = new Map(sectionsOf(definition).map(({ section: one }) => [one.id, one]))
  const paragraphsOf = (id: string) =>
    (sections.get(id)?.parrafos ?? []).map((text) => fillSlots(text, printedValue))
  return { sections, paragraphsOf, tables: tablesOf(definition) }
}

/** «- » begins what the text of the PDF takes for a list. */
const withoutBullet = (text: string) => text.replace(/^- /, '')

test('the definition of 2025 has the tables of the paper, each under its heading and with its columns', () => {
  const { sections, tables } = of2025()
  const inOrder = [...sections.values()].flatMap(({ id, tablas = [] }) =>
    tablas.map((table) => [id, table.id]),
  )
  expect(inOrder).toEqual([
    ['IV.1.a.ii', 'IV.1.a.ii-1'],
    ['IV.1.a.ii', 'IV.1.a.ii-2'],
    ['IV.1.a.iii', 'IV.1.a.iii'],
    ['IV.2.a.i', 'IV.2.a.i'],
    ['IV.2.a.ii', 'IV.2.a.ii'],
    ['IV.3.a.i', 'IV.3.a.i'],
    ['IV.3.a.ii', 'IV.3.a.ii'],
    ['IV.3.a.iv', 'IV.3.a.iv'],
    ['IV.3.a.v', 'IV.3.a.v'],
    ['IV.3.a.vi', 'IV.3.a.vi-1'],
    ['IV.3.a.vi', 'IV.3.a.vi-2'],
    ['IV.3.a.vii', 'IV.3.a.vii'],
    ['IV.4.a.i', 'IV.4.a.i'],
    ['IV.4.a.ii', 'IV.4.a.ii'],
  ])
  expect(new Set(inOrder)).toEqual(new Set(paper.tables.map((t) => [t.section, t.id])))
  for (const { id, section, title, columns, headingPrinted, heading } of paper.tables) {
    const table = tables.find((one) => one.id === id)
    expect.soft(table?.columnas, id).toEqual(columns)
    expect.soft(table?.nombre, id).toBe(title)
    // a page break cuts the heading of IV.4.a.i in two
    const printed = id === 'IV.4.a.i' ? heading : headingPrinted
    const { titulo, negritas = false } = sections.get(section)!
    expect.soft(titulo, id).toBe(withoutBullet(printed).replaceAll('**', ''))
    expect.soft(negritas, id).toBe(printed.includes('**'))
  }
})

test('with the counts of the paper, the sentence before each table is the printed one', () => {
  const { tables, paragraphsOf } = of2025()
  const differences = new Map([
    // the data has the paragraph above; this line stands between it and the table
    ['IV.2.a.i', 'A continuación, se reportan:'],
    // «: uno con el Instituto… y tres con el Instituto…»: nothing counts rows by institute
    ['IV.3.a.v', 'En el periodo señalado, se realizaron 4 intercambios:'],
  ])
  for (const { id, introPrinted } of paper.tables) {
    const { introduccion } = tables.find((one) => one.id === id)!
    const filled = fillSlots(introduccion, (slot) => printedValue(slot, id))
    expect.soft(filled, id).toBe(differences.get(id) ?? introPrinted)
  }
  expect(paragraphsOf('IV.2.a.i')).toEqual([
    paper.tables.find(({ id }) => id === 'IV.2.a.i')!.introPrinted,
  ])
})

test('every sentence of the paper that repeats a count is there, and so is every plan', () => {
  const { sections, tables, paragraphsOf } = of2025()
  const text = [
    ...[...sections.keys()].flatMap(paragraphsOf),
    ...tables.map((one) => fillSlots(one.introduccion, (slot) => printedValue(slot, one.id))),
  ].join('\n')
  expect(text).not.toContain('___')
  const missing = paper.proseCounts.map((count) => count.printed).filter((p) => !text.includes(p))
  // of one project and one quarter
  expect(missing).toEqual(['las primeras dos de ocho mesas'])
  for (const { section, printed } of paper.plannedNextQuarter) {
    // the paper letters the objective of V.3 «b.», without an «a.», and the data leaves it out
    const id = section.replace(/^V\.3\./, 'V.3.a.')
    expect.soft(paragraphsOf(id), section).toContain(withoutBullet(printed))
  }
})

test('a plan of a publication that has none is a fault, and the definitions of today want only those that have', () => {
  const definitions = readDefinitions()
  const timed = publications.filter(({ cadence }) => cadence.kind !== 'on-request')
  expect(
    plannedFaults(
      definitions,
      timed.map(({ slug }) => slug),
    ),
  ).toEqual([])
  const [fault] = plannedFaults(definitions, ['calendario-ine'])
  expect(fault).toMatchObject({
    place: expect.stringMatching(/^jobs\/informe\/\d{4}\.yaml V\./),
    message: 'wants the plan of a publication that has none',
    remedy: 'Known: calendario-ine',
  })
})
