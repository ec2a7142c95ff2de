/** The manual register: rows of the report that no mailing of ours stands for, each with who entered it. */
import type { Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { RegisterRowTable } from '../db/schema.ts'
import { nearest, Problem, shown, type Fault } from '../errors.ts'
import { canonicalJson, sha256Hex } from '../hash.ts'
import { definitionOf, tablesOf, type ReportDefinitions } from './definition.ts'
import { parseQuarter, type Quarter } from './quarter.ts'

export type RegisterRow = Selectable<RegisterRowTable>

/** A row as staff give it. `fields`: the cells that only its table has. */
export interface RegisterDraft {
  tableId: string
  quarter: string
  position: number | null
  /** ISO; a month alone when `precision` is `month`. */
  dates: string[]
  precision: 'day' | 'month'
  text: string
  fields: Record<string, string>
  mark: string
  /** What the mark means, printed under the table. */
  note: string | null
  topic: string | null
  publication: string | null
  channel: string | null
  evidence: string | null
  printedDate: string | null
  /** Of an import: the same row twice is one. */
  sourceKey: string | null
}

/** What a register is checked against. */
export interface RegisterKnows {
  definitions: ReportDefinitions
  topics: ReadonlySet<string>
  publications: string[]
}

export async function readRegister(
  db: Db,
  filter: { quarter?: string; table?: string } = {},
): Promise<RegisterRow[]> {
  let query = db
    .selectFrom('registerRow')
    .selectAll()
    .orderBy('quarter')
    .orderBy('tableId')
    .orderBy('position')
    .orderBy('id')
  if (filter.quarter !== undefined) query = query.where('quarter', '=', filter.quarter)
  if (filter.table !== undefined) query = query.where('tableId', '=', filter.table)
  return query.execute()
}

/** The row, locked until the transaction ends. Throws a Problem when there is none. */
export async function lockRegisterRow(tx: Db, id: number): Promise<RegisterRow> {
  const row = await tx
    .selectFrom('registerRow')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row) return row
  throw new Problem('notFound', {
    place: 'renglón',
    message: 'no existe',
    value: shown(id),
    remedy: '`pregonero register list TRIMESTRE` los muestra',
  })
}

export async function insertRegisterRow(
  tx: Db,
  draft: RegisterDraft,
  authorId: number,
  at: Date,
): Promise<number> {
  const { id } = await tx
    .insertInto('registerRow')
    .values({ ...columnsOf(draft), authorId, createdAt: at, updatedAt: at })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function updateRegisterRow(
  tx: Db,
  id: number,
  draft: RegisterDraft,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('registerRow')
    .set({ ...columnsOf(draft), updatedAt: at, editedAt: at })
    .where('id', '=', id)
    .execute()
}

export async function deleteRegisterRow(tx: Db, id: number): Promise<void> {
  await tx.deleteFrom('registerRow').where('id', '=', id).execute()
}

export async function setFigure(
  tx: Db,
  figure: { quarter: string; key: string; value: number },
  authorId: number,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('reportFigure')
    .values({ ...figure, authorId, updatedAt: at })
    .onConflict((conflict) =>
      conflict
        .columns(['quarter', 'key'])
        .doUpdateSet({ value: figure.value, authorId, updatedAt: at }),
    )
    .execute()
}

/** By key. */
export async function readFigures(db: Db, quarter: Quarter): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('reportFigure')
    .select(['key', 'value'])
    .where('quarter', '=', quarter.name)
    .execute()
  return new Map(rows.map(({ key, value }) => [key, value]))
}

export function columnsOf({ text, fields, ...draft }: RegisterDraft) {
  return { ...draft, lineText: text, fields: JSON.stringify(fields) }
}

export function draftOf(row: RegisterRow): RegisterDraft {
  const { tableId, quarter, position, dates, mark, note, topic, publication } = row
  const { channel, evidence, printedDate, sourceKey } = row
  return {
    tableId,
    quarter,
    position,
    dates,
    mark,
    note,
    topic,
    publication,
    channel,
    evidence,
    printedDate,
    sourceKey,
    precision: row.precision as RegisterDraft['precision'],
    text: row.lineText,
    fields: row.fields as Record<string, string>,
  }
}

/** Of what a row says: whoever changes it after reading it may ask that it still be this. */
export const versionOf = (row: RegisterRow): string => sha256Hex(canonicalJson(draftOf(row)))

/** Everything that is wrong with a row, in Spanish. `place`: where it was given. */
export function registerFaults(draft: RegisterDraft, knows: RegisterKnows, place: string): Fault[] {
  const fault = (key: string, message: string, value: unknown, remedy: string): Fault => ({
    place: `${place} ${key}`,
    message,
    value: shown(value),
    remedy,
  })
  if (!/^\d{4}-Q[1-4]$/.test(draft.quarter))
    return [fault('trimestre', 'no es un trimestre', draft.quarter, 'Escríbalo como 2025-Q1')]
  const faults: Fault[] = []
  const tables = tablesOf(definitionOf(knows.definitions, parseQuarter(draft.quarter).year))
  const table = tables.find(({ id }) => id === draft.tableId)
  if (!table) {
    const ids = tables.map(({ id }) => id)
    const guess = nearest(draft.tableId, ids)
    const remedy = guess ? `¿Quiso decir ${guess}?` : `Las del informe son: ${ids.join(', ')}`
    faults.push(fault('tabla', 'no está en el informe de ese año', draft.tableId, remedy))
  } else {
    const own = table.celdas.filter((cell) => !['numero', 'fecha', 'texto'].includes(cell))
    for (const key of Object.keys(draft.fields).filter((name) => !own.includes(name))) {
      const remedy =
        own.length > 0 ? `Tiene: ${own.join(', ')}` : 'No tiene celdas propias: quítela'
      faults.push(fault(key, `no es una celda de ${table.id}`, draft.fields[key], remedy))
    }
    if (table.celdas.includes('fecha') && draft.dates.length === 0)
      faults.push(fault('fechas', 'faltan', '', 'Escriba una o varias, como 2025-01-09 2025-01-14'))
  }
  if (draft.mark !== '' && draft.note === null)
    faults.push(fault('nota', 'falta', draft.mark, 'Escriba lo que la marca quiere decir'))
  if (draft.text === '') faults.push(fault('texto', 'está vacío', '', 'Escriba el renglón'))
  for (const date of draft.dates.filter((one) => !exists(one)))
    faults.push(fault('fechas', 'no es una fecha que exista', date, 'Escríbala como 2025-01-09'))
  const { position } = draft
  if (position !== null && !(Number.isInteger(position) && position > 0 && position < 10_000))
    faults.push(fault('numero', 'no es un número de renglón', position, 'Use 1, 2, 3…'))
  if (draft.topic !== null && !knows.topics.has(draft.topic)) {
    const guess = nearest(draft.topic, [...knows.topics])
    const remedy = guess ? `¿Quiso decir ${guess}?` : 'Agréguelo con `pregonero topics add`'
    faults.push(fault('tema', 'no está en el catálogo', draft.topic, remedy))
  }
  if (draft.publication !== null && !knows.publications.includes(draft.publication)) {
    const guess = nearest(draft.publication, knows.publications)
    const remedy = guess
      ? `¿Quiso decir ${guess}?`
      : `Déjela vacía o use una de: ${knows.publications.join(', ')}`
    faults.push(fault('publicacion', 'no es una publicación', draft.publication, remedy))
  }
  return faults
}

/** 2025-02-30 is written like a date and is none. */
function exists(date: string): boolean {
  // PostgreSQL has no year 0
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(date)) return false
  const parsed = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date)
}
