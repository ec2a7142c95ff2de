/**
 * The printed form of the quarterly report as data (jobs/informe/AÑO.yaml), validated at boot: bodies are renamed
 * and codes change every year, so staff edit a file and not the code. A year that changes little says only that.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Fault } from '../errors.ts'
import { nearest, Problem, shown } from '../errors.ts'
import { parseQuarter } from './quarter.ts'
import { slotFaults, slotsOf } from './slots.ts'
import { readYaml } from '../yaml-file.ts'

const sentence = z.string().trim().min(1)

const table = z.strictObject({
  id: z.string().regex(/^[IVX]+(\.[0-9a-z]+)*(-\d)?$/, 'must be an id like IV.1.a.ii-1'),
  /** What it is, for whoever enters a row or reads a discrepancy. */
  nombre: sentence,
  /** The sentence before the table, with its slots: see slots.ts. */
  introduccion: sentence,
  columnas: z.array(z.string()).min(2),
  /** What each column holds: `numero`, `fecha`, `texto`, or a field that its rows have (`objeto`). */
  celdas: z.array(z.string().regex(/^[a-z]+$/, 'must be one lower-case word')).min(2),
  /**
   * `dia-y-fecha`: «Viernes 3 de enero de 2025»; `dos-digitos`: «06 de enero de 2025.»; `dias`: «2, 9 y 10 de enero de
   * 2025.»; `mes`: «Enero 2025»; `dia`: «8 de enero de 2025»; `dia-sin-anio`: «6 de febrero»; a final stop where the
   * paper has one.
   */
  fecha: z
    .enum(['dia-y-fecha', 'dos-digitos', 'dias', 'mes', 'dia', 'dia-con-punto', 'dia-sin-anio'])
    .optional(),
  /** `1.` or, without a stop, `1`. */
  numeracion: z.enum(['con-punto', 'sin-punto']).default('con-punto'),
  /** The text column is one merged cell, drawn from row 1. */
  combinada: z.boolean().default(false),
  /** Ids of tables of which each date must be in this one too, and the other way round. */
  concuerdaCon: z
    .array(z.strictObject({ tabla: z.string(), texto: z.string().optional() }))
    .default([]),
})

/** Levels as printed: I. > 1. > a. > i. */
export interface SectionDefinition {
  id: string
  titulo: string
  /** Budget code, printed in parentheses after the title. */
  clave?: string | undefined
  negritas?: boolean | undefined
  /** Paragraphs with slots, before tables and subsections. */
  parrafos?: string[] | undefined
  tablas?: z.infer<typeof table>[] | undefined
  secciones?: SectionDefinition[] | undefined
}

const section: z.ZodType<SectionDefinition> = z.strictObject({
  id: z.string().regex(/^[IVX]+(\.[0-9a-z]+)*$/, 'must be an id like IV.1.a.ii'),
  titulo: sentence,
  clave: z.string().optional(),
  negritas: z.boolean().optional(),
  parrafos: z.array(sentence).optional(),
  tablas: z.array(table).optional(),
  get secciones() {
    return z.array(section).optional()
  },
})

const quarter = z.string().refine((text) => isQuarter(text), 'must be a quarter like 2024-Q4')

const definition = z.strictObject({
  /** The body that approves it, as its name is printed. */
  comision: sentence,
  /** Its first report: the ordinal of every other is counted from it. */
  primerInforme: quarter,
  secciones: z.array(section).min(1),
})

/** A year that is like another but for what it says. By id of section: */
const yearChanges = z.strictObject({
  /** The other year. */
  base: z.int(),
  comision: sentence.optional(),
  primerInforme: quarter.optional(),
  claves: z.record(z.string(), sentence).default({}),
  titulos: z.record(z.string(), sentence).default({}),
  /** In place of all the paragraphs of the section; none at all is right too. */
  parrafos: z.record(z.string(), z.array(sentence)).default({}),
})

export type ReportDefinition = z.infer<typeof definition>
export type TableDefinition = z.infer<typeof table>
type YearChanges = z.infer<typeof yearChanges>
/** Undefined when the file cannot be used: its faults are told already. */
type WrittenYears = Map<number, ReportDefinition | YearChanges | undefined>

/** Definitions by the year from which they hold. */
export type ReportDefinitions = Map<number, ReportDefinition>

const folder = new URL('../../jobs/informe/', import.meta.url)

/** Reads every year. Throws one Problem with every fault of every file. */
export function readDefinitions(from: URL = folder): ReportDefinitions {
  const { years, faults } = readYears(from)
  const definitions: ReportDefinitions = new Map()
  for (const [year, written] of years) {
    if (written) faults.push(...yearFaults(year, written, years))
    const whole = wholeYear(year, years)
    if (whole) definitions.set(year, whole)
  }
  if (years.size === 0 && faults.length === 0) {
    faults.push({
      place: 'jobs/informe',
      message: 'has no definition',
      remedy: 'Add one named after its first year',
    })
  }
  if (faults.length > 0) throw new Problem('config', faults)
  return definitions
}

const placeOf = (name: string | number): string =>
  `jobs/informe/${typeof name === 'number' ? `${name}.yaml` : name}`

function readYears(from: URL): { years: WrittenYears; faults: Fault[] } {
  const years: WrittenYears = new Map()
  const faults: Fault[] = []
  const names = readdirSync(from).filter((file) => file.endsWith('.yaml'))
  for (const name of names.toSorted()) {
    const place = placeOf(name)
    const year = Number(/^(\d{4})\.yaml$/.exec(name)?.[1])
    if (!year) {
      faults.push({ place, message: 'is not named after a year', remedy: 'Name it like 2025.yaml' })
      continue
    }
    const read = readYaml(readFileSync(new URL(name, from), 'utf8'), place)
    if (!read.ok) {
      years.set(year, undefined)
      faults.push(...read.faults)
      continue
    }
    const parsed = hasBase(read.value)
      ? yearChanges.safeParse(read.value)
      : definition.safeParse(read.value)
    years.set(year, parsed.data)
    faults.push(
      ...(parsed.error?.issues ?? []).map((issue) => ({
        place: `${place} ${issue.path.join('.')}`,
        message: issue.message,
        remedy: 'Correct the definition; src/report/definition.ts has its schema',
      })),
    )
  }
  return { years, faults }
}

const hasBase = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'base' in value

function yearFaults(
  year: number,
  written: ReportDefinition | YearChanges,
  years: WrittenYears,
): Fault[] {
  if (!('base' in written)) return definitionFaults(written, placeOf(year))
  const place = `${placeOf(year)} base`
  const value = shown(written.base)
  if (!years.has(written.base)) {
    const remedy = `Known: ${[...years.keys()].filter((other) => other !== year).join(', ')}`
    return [{ place, message: 'is a year that has no definition', value, remedy }]
  }
  if (basesOf(year, years).includes(year)) {
    const remedy = 'Name a year that is written whole'
    return [{ place, message: 'leads back to the year itself', value, remedy }]
  }
  const base = wholeYear(written.base, years)
  return base ? changeFaults(written, base, placeOf(year)) : []
}

/** The base of a year, the base of that, and so on: each once. */
function basesOf(year: number, years: WrittenYears): number[] {
  const bases: number[] = []
  for (let next = years.get(year); next && 'base' in next; next = years.get(next.base)) {
    if (bases.includes(next.base)) break
    bases.push(next.base)
  }
  return bases
}

/** What the definition of a year comes to. Undefined when a base of it cannot be used. */
function wholeYear(year: number, years: WrittenYears): ReportDefinition | undefined {
  const written = years.get(year)
  if (!written || !('base' in written)) return written
  const isLoop = basesOf(year, years).some((base) => basesOf(base, years).includes(base))
  const base = isLoop ? undefined : wholeYear(written.base, years)
  return base && withChanges(base, written)
}

function withChanges(base: ReportDefinition, changes: YearChanges): ReportDefinition {
  const renewed = (one: SectionDefinition): SectionDefinition => ({
    ...one,
    titulo: changes.titulos[one.id] ?? one.titulo,
    clave: changes.claves[one.id] ?? one.clave,
    parrafos: changes.parrafos[one.id] ?? one.parrafos,
    secciones: one.secciones?.map(renewed),
  })
  return {
    comision: changes.comision ?? base.comision,
    primerInforme: changes.primerInforme ?? base.primerInforme,
    secciones: base.secciones.map(renewed),
  }
}

function changeFaults(changes: YearChanges, base: ReportDefinition, place: string): Fault[] {
  const sections = sectionsOf(base).map(({ section: one }) => one.id)
  const ids = tablesOf(base).map(({ id }) => id)
  const named = (['claves', 'titulos', 'parrafos'] as const).flatMap((key) =>
    Object.keys(changes[key]).map((id) => ({ key, id })),
  )
  const unknown = named.filter(({ id }) => !sections.includes(id))
  return [
    ...unknown.map(({ key, id }) => {
      const guess = nearest(id, sections)
      return {
        place: `${place} ${key}`,
        message: `names a section that ${changes.base} does not have`,
        value: shown(id),
        remedy: guess ? `Did you mean ${guess}?` : `Known: ${sections.join(', ')}`,
      }
    }),
    ...Object.entries(changes.parrafos).flatMap(([id, texts]) =>
      texts.flatMap((text) => slotFaults(text, { place: `${place} ${id}`, ids })),
    ),
  ]
}

/** Every section, each before those that it holds. `level`: 0 for I., 1 for 1., 2 for a., 3 for i. */
export function sectionsOf(
  definition: Pick<ReportDefinition, 'secciones'>,
): { section: SectionDefinition; level: number }[] {
  const walk = (sections: SectionDefinition[], level: number): ReturnType<typeof sectionsOf> =>
    sections.flatMap((one) => [{ section: one, level }, ...walk(one.secciones ?? [], level + 1)])
  return walk(definition.secciones, 0)
}

export function tablesOf(definition: Pick<ReportDefinition, 'secciones'>): TableDefinition[] {
  return sectionsOf(definition).flatMap(({ section: one }) => one.tablas ?? [])
}

function definitionFaults(definition: ReportDefinition, place: string): Fault[] {
  const tables = tablesOf(definition)
  const ids = tables.map(({ id }) => id)
  const sections = sectionsOf(definition).map(({ section: one }) => one)
  const at = (id: string) => `${place} ${id}`
  return [
    ...repeated(sections.map(({ id }) => id)).map((id) => twice(at(id))),
    ...repeated(ids).map((id) => twice(at(id))),
    ...sections.flatMap(({ id, parrafos = [] }) =>
      parrafos.flatMap((text) => slotFaults(text, { place: at(id), ids })),
    ),
    ...tables.flatMap((one) => [
      ...slotFaults(one.introduccion, { place: at(one.id), ids, own: one.id }),
      ...tableFaults(one, at(one.id), ids),
    ]),
  ]
}

function tableFaults(one: TableDefinition, place: string, ids: string[]): Fault[] {
  const faults: Fault[] = []
  if (one.celdas.length !== one.columnas.length) {
    faults.push({
      place,
      message: `has ${one.columnas.length} columns and ${one.celdas.length} cells`,
      remedy: 'Give one cell for each column',
    })
  }
  if (one.celdas.includes('fecha') && one.fecha === undefined) {
    faults.push({
      place,
      message: 'has a column of dates and does not say how they are printed',
      remedy: 'Give fecha: dia-y-fecha, for instance',
    })
  }
  for (const { tabla } of one.concuerdaCon) {
    if (ids.includes(tabla)) continue
    faults.push({
      place,
      message: 'must agree with a table that is not there',
      value: shown(tabla),
      remedy: `Known: ${ids.join(', ')}`,
    })
  }
  return faults
}

const twice = (place: string): Fault => ({
  place,
  message: 'appears twice',
  remedy: 'Give each its own id',
})

const repeated = (ids: string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index)

function isQuarter(text: string): boolean {
  try {
    return parseQuarter(text).name === text
  } catch {
    return false
  }
}

/** The definition in force in a year: its own, or the latest before it. Throws a Problem when there is none. */
export function definitionOf(definitions: ReportDefinitions, year: number): ReportDefinition {
  const years = [...definitions.keys()].filter((first) => first <= year)
  const found = definitions.get(Math.max(...years))
  if (found) return found
  throw new Problem('notFound', {
    place: 'informe',
    message: 'no hay una definición para ese año',
    value: shown(year),
    remedy: `Agregue jobs/informe/${year}.yaml`,
  })
}

/** Figures that its sentences want, and the tables whose printed count may be entered. */
export function figureKeys(definition: ReportDefinition): string[] {
  const sentences = sectionsOf(definition).flatMap(({ section: one }) => [
    ...(one.parrafos ?? []),
    ...(one.tablas ?? []).map(({ introduccion }) => introduccion),
  ])
  const wanted = sentences.flatMap((text) =>
    slotsOf(text).flatMap(({ kind, of }) => (kind === 'cifra' ? [of!] : [])),
  )
  return [...new Set([...wanted, ...tablesOf(definition).map(({ id }) => id)])]
}

/** Publications of which a definition wants the plan and that have none: they are not there, or have no cadence. */
export function plannedFaults(definitions: ReportDefinitions, planned: string[]): Fault[] {
  return [...definitions].flatMap(([year, definition]) =>
    sectionsOf(definition).flatMap(({ section: one }) =>
      (one.parrafos ?? [])
        .flatMap((text) => slotsOf(text))
        .filter(({ kind, of }) => kind === 'planeadas' && !planned.includes(of!))
        .map(({ of }) => ({
          place: `jobs/informe/${year}.yaml ${one.id}`,
          message: 'wants the plan of a publication that has none',
          value: shown(of),
          remedy: `Known: ${planned.join(', ')}`,
        })),
    ),
  )
}

/** Of the latest definition: what publications of today can feed. */
export function tableIds(definitions: ReportDefinitions): Set<string> {
  const latest = definitions.get(Math.max(...definitions.keys()))
  return new Set(latest ? tablesOf(latest).map(({ id }) => id) : [])
}
