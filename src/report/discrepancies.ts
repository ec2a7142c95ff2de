/** What does not agree in a quarter: it names places, values and what to do, and is never part of a text to be pasted. */
import { DateTime } from 'luxon'
import type { Db } from '../db/database.ts'
import { sectionsOf, tablesOf, type ReportDefinition, type TableDefinition } from './definition.ts'
import type { Entry } from './entries.ts'
import { evidenceOf, type EditionEvidence, type ReadTotals } from './evidence.ts'
import type { Quarter } from './quarter.ts'
import { slotsOf } from './slots.ts'
import { placed, type ReportTable } from './tables.ts'

export const discrepancyKinds = [
  'printed-date',
  'duplicate-date',
  'tables-disagree',
  'count',
  'missing-figure',
  'rest-day',
  'outside-quarter',
  'position',
  'topic',
  'edition-without-line',
  'line-without-edition',
  'line-without-table',
  'outside-cadence',
  'does-not-reconcile',
] as const

export interface Discrepancy {
  kind: (typeof discrepancyKinds)[number]
  /** `IV.3.a.i#02`, `IV.1.a.ii-1`, `edición 12` */
  place: string
  /** es */
  message: string
  /** What is printed, counted or sent. */
  value: string
  /** es */
  remedy: string
  editions: number[]
}

/** What the calendar and jobs/ say of a quarter. */
export interface CalendarFacts {
  /** Why the institution rests on a Mexico City date (es); undefined when it works. */
  restOn: (date: string) => string | undefined
  /** Of publications with a cadence: how it is called (es) and the Mexico City dates on which it lets them leave. */
  cadences: Map<string, { text: string; dates: Set<string> }>
  /** Publications that stand for no line, or not always, by design. */
  withoutLines: ReadonlySet<string>
  readTotals: ReadTotals
}

interface Known {
  entries: Entry[]
  tables: Map<string, ReportTable>
  figures: Map<string, number>
  facts: CalendarFacts
}

export async function findDiscrepancies(
  db: Db,
  definition: ReportDefinition,
  quarter: Quarter,
  known: Known,
): Promise<Discrepancy[]> {
  const rows = printedRows(definition, known.entries)
  const evidence = await evidenceOf(db, await editionsOf(db, quarter), known.facts.readTotals)
  return [
    ...rows.flatMap((row) => rowDiscrepancies(row, quarter, known)),
    ...duplicates(rows),
    ...disagreements(definition, rows),
    ...counts(definition, known),
    ...topics(definition, rows, await topicsKnown(db)),
    ...linesWithoutTable(definition, known.entries),
    ...linesWithoutEdition(rows),
    ...editionDiscrepancies(evidence, known),
  ]
}

interface PrintedRow {
  /** `IV.3.a.i#02` */
  id: string
  table: TableDefinition
  entry: Entry
}

function printedRows(definition: ReportDefinition, entries: Entry[]): PrintedRow[] {
  const ofTable = Map.groupBy(entries, ({ tableId }) => tableId)
  return tablesOf(definition).flatMap((table) =>
    placed(ofTable.get(table.id) ?? []).map((entry, index) => ({
      id: `${table.id}#${String(index + 1).padStart(2, '0')}`,
      table,
      entry,
    })),
  )
}

/** Everything that left in the quarter, lines or not. */
async function editionsOf(db: Db, quarter: Quarter): Promise<number[]> {
  const rows = await db
    .selectFrom('edition')
    .select('id')
    .where('revision', '=', 0)
    .where(({ eb, and, or }) =>
      or([
        and([eb('firstAcceptedAt', '>=', quarter.from), eb('firstAcceptedAt', '<', quarter.to)]),
        // of which nothing was accepted that we know of
        and([
          eb('firstAcceptedAt', 'is', null),
          eb('releasedAt', '>=', quarter.from),
          eb('releasedAt', '<', quarter.to),
        ]),
      ]),
    )
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

function rowDiscrepancies(
  { id, entry }: PrintedRow,
  quarter: Quarter,
  { tables, facts }: Known,
): Discrepancy[] {
  const say = sayer(id, entry.editions)
  const found: Discrepancy[] = []
  const ours = printedCell(tables, id, entry)
  if (entry.printedDate !== null && ours !== undefined && entry.printedDate !== ours) {
    const message = saysAnotherWeekday(entry.printedDate, ours)
      ? 'el papel da otro día de la semana que el de la fecha'
      : 'el papel escribió la fecha de otro modo'
    const remedy = `Aquí se imprime «${ours}»`
    found.push(say('printed-date', message, entry.printedDate, remedy))
  }
  const number = Number(id.split('#')[1])
  if (entry.position !== null && entry.position !== number) {
    const message = `se le dio el número ${entry.position} y se imprime con el ${number}`
    found.push(say('position', message, entry.text, 'Corrija los números: repetidos o con huecos'))
  }
  if (entry.precision === 'month') return found
  for (const date of entry.dates) {
    const rest = restText(date, facts)
    if (rest !== undefined)
      found.push(say('rest-day', `cae en ${rest}`, date, 'Confirme que así ocurrió'))
    if (!isIn(quarter, date)) {
      const remedy = 'Explíquelo en una nota al pie, o repórtelo en su trimestre'
      found.push(say('outside-quarter', 'la fecha no es del trimestre', date, remedy))
    }
  }
  for (const { publication, date } of entry.sent) {
    const cadence = facts.cadences.get(publication)
    if (!cadence || cadence.dates.has(date) || !isIn(quarter, date)) continue
    const message = `salió fuera de su cadencia: ${cadence.text}`
    found.push(
      say('outside-cadence', message, date, 'Revise por qué; el informe dice cuándo salió'),
    )
  }
  return found
}

function printedCell(
  tables: Map<string, ReportTable>,
  id: string,
  entry: Entry,
): string | undefined {
  const row = tables.get(entry.tableId)?.rows.find((one) => one.id === id)
  return row?.printedDate ?? undefined
}

const weekdayPattern = /^(lunes|martes|miércoles|jueves|viernes|sábado|domingo)/i

function saysAnotherWeekday(printed: string, ours: string): boolean {
  const [theirs, own] = [printed, ours].map((text) => weekdayPattern.exec(text)?.[1]?.toLowerCase())
  return theirs !== undefined && own !== undefined && theirs !== own
}

function restText(date: string, { restOn }: CalendarFacts): string | undefined {
  const { weekday } = DateTime.fromISO(date)
  return weekday > 5 ? (weekday === 6 ? 'sábado' : 'domingo') : restOn(date)
}

/** Mexico City dates: their bounds are those of the quarter's name. */
function isIn({ name, year }: Quarter, date: string): boolean {
  const month = Number(date.slice(5, 7))
  return date.startsWith(`${year}-`) && Math.ceil(month / 3) === Number(name.at(-1))
}

/** The same day twice in the rows of a table that say the same. */
function duplicates(rows: PrintedRow[]): Discrepancy[] {
  const days = rows.flatMap(({ id, entry }) =>
    entry.precision === 'month' ? [] : entry.dates.map((date) => ({ id, entry, date })),
  )
  const groups = Map.groupBy(days, ({ entry, date }) => `${entry.tableId} ${date} ${entry.text}`)
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => {
      const editions = group.flatMap(({ entry }) => entry.editions)
      const place = group.map(({ id }) => id).join(' y ')
      const remedy = 'Si es el mismo envío, quite uno; si son dos, déjelos'
      return sayer(place, editions)(
        'duplicate-date',
        'la misma fecha aparece dos veces con el mismo texto',
        group[0]!.date,
        remedy,
      )
    })
}

/** Tables that the definition says must have the same dates. */
function disagreements(definition: ReportDefinition, rows: PrintedRow[]): Discrepancy[] {
  return tablesOf(definition).flatMap((table) =>
    table.concuerdaCon.flatMap(({ tabla, texto }) => {
      const here = rows.filter((row) => row.table.id === table.id)
      const there = rows.filter(
        (row) => row.table.id === tabla && (texto === undefined || row.entry.text === texto),
      )
      const datesOf = (some: PrintedRow[]) => new Set(some.flatMap(({ entry }) => entry.dates))
      const [own, other] = [datesOf(here), datesOf(there)]
      const onlyHere = [...own.difference(other)].toSorted()
      const onlyThere = [...other.difference(own)].toSorted()
      if (onlyHere.length + onlyThere.length === 0) return []
      const parts = [
        `${table.id}: ${own.size} fechas`,
        `${tabla}: ${other.size} fechas`,
        ...(onlyHere.length > 0 ? [`sólo en la primera: ${onlyHere.join(', ')}`] : []),
        ...(onlyThere.length > 0 ? [`sólo en la segunda: ${onlyThere.join(', ')}`] : []),
      ]
      return [
        sayer(`${table.id} y ${tabla}`, [])(
          'tables-disagree',
          'deberían tener las mismas fechas y no las tienen',
          parts.join('; '),
          'Revise qué envío falta en cuál',
        ),
      ]
    }),
  )
}

/** Figures that sentences want and nobody entered; and printed counts that are not those of the rows. */
function counts(definition: ReportDefinition, { tables, figures }: Known): Discrepancy[] {
  const sentences = sectionsOf(definition).flatMap(({ section }) => [
    ...(section.parrafos ?? []).map((text) => ({ place: section.id, text })),
    ...(section.tablas ?? []).map(({ id, introduccion }) => ({ place: id, text: introduccion })),
  ])
  const missing = sentences.flatMap(({ place, text }) =>
    slotsOf(text)
      .filter(({ kind, of }) => kind === 'cifra' && !figures.has(of!))
      .map(({ of }) =>
        sayer(place, [])(
          'missing-figure',
          'falta una cifra que se captura a mano',
          of!,
          `\`pregonero register figure TRIMESTRE ${of} CIFRA --as CLAVE\``,
        ),
      ),
  )
  const wrong = [...figures].flatMap(([key, printed]) => {
    const rows = tables.get(key)?.totals.rows
    if (rows === undefined || rows === printed) return []
    const message = `el papel dice ${printed} y la tabla tiene ${rows} renglones`
    return [sayer(key, [])('count', message, String(printed), 'Revise qué renglón falta o sobra')]
  })
  return [...missing, ...wrong]
}

async function topicsKnown(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('topic').select('key').execute()
  return new Set(rows.map(({ key }) => key))
}

/** In tables whose sentence counts topics every row needs one of the catalogue. */
function topics(
  definition: ReportDefinition,
  rows: PrintedRow[],
  catalogue: Set<string>,
): Discrepancy[] {
  const counting = new Set(
    sectionsOf(definition).flatMap(({ section }) => [
      ...(section.parrafos ?? []).flatMap((text) => topicSlots(text)),
      ...(section.tablas ?? []).flatMap(({ id, introduccion }) => topicSlots(introduccion, id)),
    ]),
  )
  return rows
    .filter(({ table, entry }) => counting.has(table.id) && !catalogue.has(entry.topic ?? ''))
    .map(({ id, entry }) =>
      sayer(id, entry.editions)(
        'topic',
        entry.topic === null ? 'no tiene tema y no se cuenta' : 'su tema no está en el catálogo',
        entry.topic ?? entry.text,
        'Dele un tema del catálogo: `pregonero topics list`',
      ),
    )
}

const topicSlots = (sentence: string, own?: string): string[] =>
  slotsOf(sentence).flatMap(({ kind, of }) => (kind === 'temas' ? [of ?? own ?? ''] : []))

/** What was sent or entered and is in no table of the year's definition. */
function linesWithoutTable(definition: ReportDefinition, entries: Entry[]): Discrepancy[] {
  const known = new Set(tablesOf(definition).map(({ id }) => id))
  const lost = Map.groupBy(
    entries.filter(({ tableId }) => !known.has(tableId)),
    ({ tableId }) => tableId,
  )
  return [...lost].map(([table, group]) =>
    sayer(
      table,
      group.flatMap(({ editions }) => editions),
    )(
      'line-without-table',
      'hay renglones de una tabla que la definición de este año no tiene',
      `${group.length} renglones`,
      'Agregue la tabla a la definición, o cambie la tabla de esos renglones',
    ),
  )
}

/** Rows said to be mailings of ours that the ledger does not have: told by table, as a past quarter has many. */
function linesWithoutEdition(rows: PrintedRow[]): Discrepancy[] {
  const lines = rows.filter(({ entry }) => entry.registerId !== null && entry.sent.length > 0)
  return [...Map.groupBy(lines, ({ table }) => table.id)].map(([table, group]) =>
    sayer(table, [])(
      'line-without-edition',
      'son envíos que no están en la bitácora: se capturaron a mano',
      `${group.length} renglones (${group[0]!.id} …)`,
      'Nada, si son anteriores a Pregonero; si no, revise por qué',
    ),
  )
}

function editionDiscrepancies(
  evidence: EditionEvidence[],
  { entries, facts }: Known,
): Discrepancy[] {
  const withLine = new Set(entries.flatMap(({ editions }) => editions))
  return evidence.flatMap((one) => {
    const say = sayer(`edición ${one.editionId}`, [one.editionId])
    const name = `${one.publication} ${one.period}`
    const found: Discrepancy[] = []
    const counts = one.firstAcceptedAt !== null && !facts.withoutLines.has(one.publication)
    if (counts && !withLine.has(one.editionId)) {
      const remedy = 'Si debe contarse, captúrela con `pregonero register add`'
      found.push(say('edition-without-line', 'se envió y no está en el informe', name, remedy))
    }
    if (one.obstacle !== undefined) {
      found.push(
        say(
          'does-not-reconcile',
          one.obstacle,
          name,
          `Vea \`pregonero edition show ${one.editionId}\``,
        ),
      )
    }
    return found
  })
}

const sayer =
  (place: string, editions: number[]) =>
  (kind: Discrepancy['kind'], message: string, value: string, remedy: string): Discrepancy => ({
    kind,
    place,
    message,
    value,
    remedy,
    editions,
  })
