/** The quarter's report, computed from what was sent and from the manual register: nobody counts by hand. */
import { DateTime } from 'luxon'
import { toOrdinal } from 'n2words/es-MX'
import type { Db } from '../db/database.ts'
import { trimestreEnPalabras } from '../period-words.ts'
import {
  definitionOf,
  sectionsOf,
  tablesOf,
  type ReportDefinition,
  type ReportDefinitions,
} from './definition.ts'
import { findDiscrepancies, type CalendarFacts, type Discrepancy } from './discrepancies.ts'
import { readEntries } from './entries.ts'
import { parseQuarter, type Quarter } from './quarter.ts'
import { readFigures } from './register.ts'
import { fillSlots, type Slot } from './slots.ts'
import { buildTable, type ReportTable } from './tables.ts'

export type { ReportRow, ReportTable } from './tables.ts'

/** The contract of `pregonero report --json`. */
export interface Report {
  quarter: string
  /** 0 while the quarter is not sealed. */
  version: number
  /** «Segundo informe trimestral de la Comisión … de enero a marzo de 2025» */
  title: string
  commission: string
  sections: ReportSection[]
  discrepancies: Discrepancy[]
  /** Editions that the coming quarter plans. */
  planned: { publication: string; editions: number }[]
}

export interface ReportSection {
  id: string
  /** 0 for «I.», 1 for «1.», 2 for «a.», 3 for «i.» */
  level: number
  heading: string
  bold: boolean
  paragraphs: string[]
  tables: ReportTable[]
}

/** What the calendar says of a quarter, for a report that cannot ask it. */
export interface QuarterFacts extends CalendarFacts {
  /** Editions that this quarter planned, by publication. */
  due: Map<string, number>
  /** Editions that the coming quarter plans, by publication. */
  planned: Map<string, number>
}

export async function buildReport(
  db: Db,
  definitions: ReportDefinitions,
  quarter: Quarter,
  facts: QuarterFacts,
): Promise<Report> {
  const definition = definitionOf(definitions, quarter.year)
  const entries = await readEntries(db, quarter)
  const figures = await readFigures(db, quarter)
  const ofTable = Map.groupBy(entries, ({ tableId }) => tableId)
  const tables = new Map(
    tablesOf(definition).map((table) => [table.id, buildTable(table, ofTable.get(table.id) ?? [])]),
  )
  const valueOf = slotValues(definition, quarter, { tables, figures, planned: facts.planned })
  for (const table of tablesOf(definition)) {
    const built = tables.get(table.id)!
    built.intro = fillSlots(table.introduccion, (slot) => valueOf(slot, table.id))
  }
  const sections = sectionsOf(definition).map(({ section, level }) => ({
    id: section.id,
    level,
    heading: section.clave === undefined ? section.titulo : `${section.titulo} (${section.clave}).`,
    bold: section.negritas ?? false,
    paragraphs: (section.parrafos ?? []).map((text) => fillSlots(text, (slot) => valueOf(slot))),
    tables: (section.tablas ?? []).map(({ id }) => tables.get(id)!),
  }))
  return {
    quarter: quarter.name,
    version: 0,
    title: titleOf(definition, quarter),
    commission: definition.comision,
    sections,
    discrepancies: await findDiscrepancies(db, definition, quarter, {
      entries,
      tables,
      figures,
      facts,
    }),
    planned: [...facts.planned].map(([publication, editions]) => ({ publication, editions })),
  }
}

function slotValues(
  definition: ReportDefinition,
  quarter: Quarter,
  counts: {
    tables: Map<string, ReportTable>
    figures: Map<string, number>
    planned: Map<string, number>
  },
): (slot: Slot, own?: string) => number | string | undefined {
  return ({ kind, of }, own) => {
    switch (kind) {
      case 'renglones':
        return counts.tables.get(of ?? own!)?.totals.rows
      case 'temas':
        return counts.tables.get(of ?? own!)?.totals.topics
      case 'planeadas':
        return counts.planned.get(of!)
      case 'cifra':
        return counts.figures.get(of!)
      case 'trimestre':
        return ordinalBeforeNoun(Number(quarter.name.at(-1)))
      case 'meses':
        return monthsOf(quarter)
      case 'anio':
        return String(quarter.year)
      case 'ordinal':
        return ordinalBeforeNoun(ordinalOf(definition, quarter))
      case 'comision':
        return definition.comision
      default:
        // the definition was checked at boot
        throw new Error(`No such slot: ${kind}`)
    }
  }
}

/** «primer trimestre», «tercer trimestre» */
const ordinalBeforeNoun = (n: number): string => toOrdinal(n).replace(/(primer|tercer)o$/, '$1')

/** «enero a marzo» */
const monthsOf = ({ name, year }: Quarter): string =>
  trimestreEnPalabras(name).replace(` de ${year}`, '')

/** How many reports the commission has approved, this one included. */
function ordinalOf({ primerInforme }: ReportDefinition, quarter: Quarter): number {
  const first = parseQuarter(primerInforme)
  const quarters = DateTime.fromJSDate(quarter.from).diff(DateTime.fromJSDate(first.from), 'months')
  return 1 + Math.round(quarters.months / 3)
}

function titleOf(definition: ReportDefinition, quarter: Quarter): string {
  const n = ordinalOf(definition, quarter)
  const ordinal = n > 0 ? ordinalBeforeNoun(n) : ''
  return `${ordinal.charAt(0).toUpperCase()}${ordinal.slice(1)} informe trimestral de la ${definition.comision} de ${monthsOf(quarter)} de ${quarter.year}`.trim()
}
