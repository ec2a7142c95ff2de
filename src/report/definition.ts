/**
 * The printed form of the quarterly report as data (jobs/informe/AÑO.yaml), validated at boot: bodies are renamed
 * and codes change every year, so staff edit a file and not the code.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Fault } from '../errors.ts'
import { Problem, shown } from '../errors.ts'
import { readYaml } from '../yaml-file.ts'

const table = z.strictObject({
  id: z.string(),
  /** The sentence before the table; `{renglones}` and `{temas}` in it are counted. */
  introduccion: z.string(),
  columnas: z.array(z.string()).min(2),
  /** What each column holds. */
  celdas: z.array(z.enum(['numero', 'fecha', 'texto'])).min(2),
  /**
   * `dia-y-fecha`: «Viernes 3 de enero de 2025»; `dos-digitos`: «06 de enero de 2025.»; `dias`: «2, 9 y 10 de enero de
   * 2025.»; `mes`: «Enero 2025».
   */
  fecha: z.enum(['dia-y-fecha', 'dos-digitos', 'dias', 'mes']),
  /** The text column is one merged cell, printed on row 1. */
  combinada: z.boolean().default(false),
})

const definition = z.strictObject({
  secciones: z
    .array(
      z.strictObject({
        id: z.string(),
        titulo: z.string(),
        tablas: z.array(table).min(1),
      }),
    )
    .min(1),
})

export type ReportDefinition = z.infer<typeof definition>
export type TableDefinition = z.infer<typeof table>

/** Definitions by the year from which they hold. */
export type ReportDefinitions = Map<number, ReportDefinition>

const folder = new URL('../../jobs/informe/', import.meta.url)

/** Reads every year. Throws one Problem with every fault of every file. */
export function readDefinitions(from: URL = folder): ReportDefinitions {
  const faults: Fault[] = []
  const definitions: ReportDefinitions = new Map()
  for (const name of readdirSync(from)
    .filter((file) => file.endsWith('.yaml'))
    .sort()) {
    const place = `jobs/informe/${name}`
    const year = Number(/^(\d{4})\.yaml$/.exec(name)?.[1])
    if (!year) {
      faults.push({ place, message: 'is not named after a year', remedy: 'Name it like 2025.yaml' })
      continue
    }
    const read = readYaml(readFileSync(new URL(name, from), 'utf8'), place)
    if (!read.ok) {
      faults.push(...read.faults)
      continue
    }
    const parsed = definition.safeParse(read.value)
    if (parsed.success) {
      definitions.set(year, parsed.data)
      faults.push(...tableFaults(parsed.data, place))
    } else {
      faults.push(
        ...parsed.error.issues.map((issue) => ({
          place: `${place} ${issue.path.join('.')}`,
          message: issue.message,
          remedy: 'Correct the definition; src/report/definition.ts has its schema',
        })),
      )
    }
  }
  if (definitions.size === 0 && faults.length === 0) {
    faults.push({
      place: 'jobs/informe',
      message: 'has no definition',
      remedy: 'Add one named after its first year',
    })
  }
  if (faults.length > 0) throw new Problem('config', faults)
  return definitions
}

function tableFaults({ secciones }: ReportDefinition, place: string): Fault[] {
  const tables = secciones.flatMap((section) => section.tablas)
  return tables.flatMap((entry, index) => {
    const faults: Fault[] = []
    if (tables.findIndex((other) => other.id === entry.id) !== index) {
      faults.push({
        place: `${place} ${entry.id}`,
        message: 'appears twice',
        remedy: 'Give each table its own id',
      })
    }
    if (entry.celdas.length !== entry.columnas.length) {
      faults.push({
        place: `${place} ${entry.id}`,
        message: `has ${entry.columnas.length} columns and ${entry.celdas.length} cells`,
        remedy: 'Give one cell for each column',
      })
    }
    return faults
  })
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

/** Of the latest definition: what publications of today can feed. */
export function tableIds(definitions: ReportDefinitions): Set<string> {
  const latest = definitions.get(Math.max(...definitions.keys()))
  return new Set(latest?.secciones.flatMap((section) => section.tablas.map((table) => table.id)))
}
