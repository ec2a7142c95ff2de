/** The institution's calendar in the database, where staff keep it. The only module that writes `rest_period`. */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem, shown, type Fault } from '../errors.ts'
import type { RestKind, RestPeriod, RestStatus } from './institutional-calendar.ts'
import { ownRestDays } from './rest-days-file.ts'
import { checkRestPeriod, clashFaults, type RestDraft } from './rest-period.ts'

export async function readRestDays(db: Db): Promise<RestPeriod[]> {
  const rows = await db
    .selectFrom('restPeriod')
    .select(['startDate', 'endDate', 'name', 'kind', 'basis', 'status'])
    .orderBy('startDate')
    .orderBy('kind')
    .execute()
  return rows.map(({ startDate, endDate, name, kind, basis, status }) => ({
    start: startDate,
    end: endDate,
    name,
    kind: kind as RestKind,
    ...(basis !== null && { basis }),
    status: status as RestStatus,
  }))
}

/** A new installation has a calendar: an empty table takes jobs/dias-inhabiles.yaml. Returns how many were written. */
export async function seedRestDays(db: Db): Promise<number> {
  return inTransaction(db, async (tx) => {
    const existing = await lockedRestDays(tx)
    if (existing.length > 0) return 0
    const rows = ownRestDays()
    await insert(tx, rows)
    return rows.length
  })
}

export interface ImportedRestDays {
  /** Of which the calendar was replaced. */
  years: number[]
  added: RestPeriod[]
  removed: RestPeriod[]
  kept: number
}

/**
 * Replaces the calendar of the years that the rows name; other years stay. A period belongs to the year in which it
 * starts. Throws a Problem when a row clashes with one of another year.
 */
export async function importRestDays(tx: Db, rows: RestPeriod[]): Promise<ImportedRestDays> {
  const years = [...new Set(rows.map(yearOf))].toSorted((a, b) => a - b)
  const existing = await lockedRestDays(tx)
  const others = existing.filter((row) => !years.includes(yearOf(row)))
  refuse(rows.flatMap((row) => clashFaults(row, others, `${row.start} ${row.name}`)))

  const replaced = existing.filter((row) => years.includes(yearOf(row)))
  const added = without(rows, replaced)
  const removed = without(replaced, rows)
  await remove(tx, removed)
  await insert(tx, added)
  return { years, added, removed, kept: replaced.length - removed.length }
}

/** `placeOf`: where the person finds the field. Throws a Problem with every fault. */
export async function addRestDay(
  tx: Db,
  draft: RestDraft,
  placeOf: (field: keyof RestPeriod) => string = (field) => field,
): Promise<RestPeriod> {
  const checked = checkRestPeriod(draft, placeOf)
  if (!checked.ok) throw new Problem('invalid', checked.faults)
  refuse(clashFaults(checked.row, await lockedRestDays(tx), placeOf('start')))
  await insert(tx, [checked.row])
  return checked.row
}

/** The rest day or closed period that starts on the date. Throws a Problem when there is none, or two kinds. */
export async function removeRestDay(tx: Db, date: string, kind?: RestKind): Promise<RestPeriod> {
  const existing = await lockedRestDays(tx)
  const found = existing.filter(
    (row) => row.start === date && (kind === undefined || row.kind === kind),
  )
  const [row] = found
  if (row && found.length === 1) {
    await remove(tx, [row])
    return row
  }
  const around = existing.find((row) => row.start < date && date <= row.end)
  const remedy = around
    ? `Está en ${around.name}, que empieza el ${around.start}`
    : '`pregonero rest-days list` muestra los que hay'
  throw row
    ? new Problem('usage', {
        place: '--kind',
        message: `falta: el ${date} empiezan ${found.map((each) => each.name).join(' y ')}`,
        remedy: `Dé uno de: ${found.map((each) => each.kind).join(', ')}`,
      })
    : new Problem('notFound', {
        place: 'DATE',
        message: 'ningún descanso ni periodo cerrado empieza ese día',
        value: shown(date),
        remedy,
      })
}

/** Two people who change the calendar at once wait for each other. */
async function lockedRestDays(tx: Db): Promise<RestPeriod[]> {
  await sql`LOCK TABLE rest_period IN SHARE ROW EXCLUSIVE MODE`.execute(tx)
  return readRestDays(tx)
}

const yearOf = (row: RestPeriod): number => Number(row.start.slice(0, 4))

function refuse(faults: Fault[]): void {
  if (faults.length > 0) throw new Problem('invalid', faults)
}

function without(rows: RestPeriod[], others: RestPeriod[]): RestPeriod[] {
  const known = new Set(others.map(identity))
  return rows.filter((row) => !known.has(identity(row)))
}

const identity = ({ start, end, name, kind, basis, status }: RestPeriod): string =>
  JSON.stringify([start, end, name, kind, basis, status ?? 'confirmado'])

async function insert(tx: Db, rows: RestPeriod[]): Promise<void> {
  if (rows.length === 0) return
  await tx
    .insertInto('restPeriod')
    .values(
      rows.map(({ start, end, name, kind, basis, status }) => ({
        startDate: start,
        endDate: end,
        name,
        kind,
        basis: basis ?? null,
        status: status ?? 'confirmado',
      })),
    )
    .execute()
}

async function remove(tx: Db, rows: RestPeriod[]): Promise<void> {
  for (const { start, kind } of rows) {
    await tx
      .deleteFrom('restPeriod')
      .where('startDate', '=', start)
      .where('kind', '=', kind)
      .execute()
  }
}
