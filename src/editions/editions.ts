/** Editions: one row per (publication, period, revision), and the only statements that change it. */
import { sql, type Selectable, type Updateable } from 'kysely'
import { zone } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { EditionTable } from '../db/schema.ts'
import { Problem, shown, type Fault } from '../errors.ts'
import type { EditionFacts } from '../publication.ts'
import { acts, permits, refusal, type EditionAct } from './machine.ts'

const hourMs = 3_600_000

export type Edition = Selectable<EditionTable>

export type Transition = { ok: true; edition: Edition } | { ok: false; refusal: Fault }

export interface NewEdition {
  publication: string
  period: string
  nominalAt: Date
  latestStartAt: Date
  /** What the cadence says; not given for editions opened by staff. */
  slotAt?: Date
  /** Why nominalAt is not slotAt (es). */
  movedReason?: string | null
}

/** Opens those that do not exist yet; a second call with the same slots opens nothing. Returns the new ones. */
export async function openEditions(db: Db, slots: NewEdition[], at: Date): Promise<Edition[]> {
  if (slots.length === 0) return []
  return db
    .insertInto('edition')
    .values(slots.map((slot) => ({ ...slot, createdAt: at })))
    .onConflict((conflict) => conflict.columns(['publication', 'period', 'revision']).doNothing())
    .returningAll()
    .execute()
}

export async function findEdition(db: Db, id: number): Promise<Edition> {
  const edition = await db.selectFrom('edition').selectAll().where('id', '=', id).executeTakeFirst()
  if (edition) return edition
  throw new Problem('notFound', {
    place: 'edición',
    message: 'no existe',
    value: shown(id),
    remedy: '`pregonero edition list` muestra las que hay',
  })
}

/** The row, locked until the transaction ends: every change of state goes through here first. */
export async function lockEdition(tx: Db, id: number): Promise<Edition> {
  const edition = await tx
    .selectFrom('edition')
    .selectAll()
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return edition ?? findEdition(tx, id)
}

/** Performs an act of the machine on a locked edition, or says why it cannot. */
export async function transition(
  tx: Db,
  edition: Edition,
  act: EditionAct,
  changes: Updateable<EditionTable> = {},
): Promise<Transition> {
  if (!permits(act, edition.state)) return { ok: false, refusal: refusal(act, edition) }
  if (edition.prunedAt !== null) return { ok: false, refusal: wasPruned(edition.id) }
  const updated = await tx
    .updateTable('edition')
    .set({ stateReason: null, ...changes, state: acts[act].to })
    .where('id', '=', edition.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return { ok: true, edition: updated }
}

/** Nothing leaves a pruned edition: who has it is not known any more. */
const wasPruned = (id: number): Fault => ({
  place: `edición ${id}`,
  message: 'su detalle se depuró: ya no se sabe a quién llegó',
  remedy: 'Sus totales se conservan; lo que haga falta decir, en otro envío',
})

/** What an edit undoes: the seal, and the marks of those who sealed. The issue number stays. */
export const unsealed = {
  sealedHash: null,
  audience: null,
  expectedRecipients: null,
  readyBy: null,
  readyAt: null,
  approvedBy: null,
  approvedAt: null,
} satisfies Updateable<EditionTable>

/** Another hour for an edition not yet released; the seal, which holds the hour, is the caller's to break. */
export async function moveEdition(
  tx: Db,
  edition: Edition,
  nominalAt: Date,
  latestStartHours: number,
): Promise<Edition> {
  const latestStartAt = new Date(nominalAt.getTime() + latestStartHours * hourMs)
  await tx
    .updateTable('edition')
    .set({ nominalAt, latestStartAt })
    .where('id', '=', edition.id)
    .execute()
  return { ...edition, nominalAt, latestStartAt }
}

/** Whose text was in a draft that was discarded: what comes of another one may still have it. */
export async function rememberWriters(tx: Db, id: number, writers: number[]): Promise<void> {
  await tx
    .updateTable('edition')
    .set({
      draftWriters: sql<
        number[]
      >`ARRAY(SELECT DISTINCT unnest(draft_writers || ${writers}::bigint[]) ORDER BY 1)`,
    })
    .where('id', '=', id)
    .execute()
}

/**
 * The edition that new content is for: the given period, or else the earliest whose hour has not gone by for good.
 * Throws a Problem when there is none.
 */
export async function editionForContent(
  db: Db,
  publication: string,
  period: string | undefined,
  at: Date,
): Promise<Edition> {
  let query = db
    .selectFrom('edition')
    .selectAll()
    .where('publication', '=', publication)
    .where('state', 'in', [...acts['content.add'].from, ...acts['content.mend'].from])
    .orderBy('nominalAt')
    .orderBy('revision', 'desc')
  query =
    period === undefined
      ? query.where('latestStartAt', '>=', at)
      : query.where('period', '=', period)
  const edition = await query.executeTakeFirst()
  if (edition) return edition
  throw new Problem('notFound', {
    place: period === undefined ? publication : '--period',
    message: 'no hay una edición abierta que reciba contenido',
    ...(period !== undefined && { value: shown(period) }),
    remedy: `\`pregonero edition list --publication ${publication}\` muestra las que hay; el planificador abre las de los próximos 14 días`,
  })
}

/**
 * The next free number of the publication's year, on a locked edition; a number already given is kept. Numbers of
 * omitted and cancelled editions were given back. `year`: of the nominal instant in Mexico City.
 */
export async function assignIssueNumber(tx: Db, edition: Edition, year: number): Promise<number> {
  if (edition.issueNumber !== null && edition.issueYear === year) return edition.issueNumber
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`issue ${edition.publication} ${year}`}, 0))`.execute(
    tx,
  )
  await refuseOutOfOrder(tx, edition, year)
  const { rows } = await sql<{ next: number }>`
    SELECT 1 + greatest(
      coalesce((SELECT max(issue_number) FROM edition
        WHERE publication = ${edition.publication} AND issue_year = ${year} AND revision = 0), 0),
      coalesce((SELECT last_number FROM issue_start
        WHERE publication = ${edition.publication} AND issue_year = ${year}), 0)
    )::int AS next`.execute(tx)
  const number = rows[0]!.next
  await tx
    .updateTable('edition')
    .set({ issueYear: year, issueNumber: number })
    .where('id', '=', edition.id)
    .execute()
  return number
}

/** Numbers go by the calendar: an earlier edition that is still open takes its number first. */
async function refuseOutOfOrder(tx: Db, edition: Edition, year: number): Promise<void> {
  const earlier = await tx
    .selectFrom('edition')
    .select(['id', 'period'])
    .where('publication', '=', edition.publication)
    .where('revision', '=', 0)
    .where('state', 'in', ['planned', 'held'])
    .where('issueNumber', 'is', null)
    .where('nominalAt', '<', edition.nominalAt)
    .where(sql<boolean>`extract(year FROM nominal_at AT TIME ZONE ${zone}) = ${year}`)
    .orderBy('nominalAt')
    .executeTakeFirst()
  if (!earlier) return
  throw new Problem('refused', {
    place: `edición ${edition.id}`,
    message: `antes va la edición ${earlier.id} (${earlier.period}), que no tiene número todavía`,
    remedy: 'Márquela como lista primero, o cancélela si no va a salir',
  })
}

/** The last number printed before Pregonero took the publication over. */
export async function setIssueStart(
  db: Db,
  publication: string,
  year: number,
  lastNumber: number,
): Promise<void> {
  await db
    .insertInto('issueStart')
    .values({ publication, issueYear: year, lastNumber })
    .onConflict((conflict) =>
      conflict.columns(['publication', 'issueYear']).doUpdateSet({ lastNumber }),
    )
    .execute()
}

export function factsOf(edition: Edition): EditionFacts {
  return {
    period: edition.period,
    revision: edition.revision,
    nominalAt: edition.nominalAt,
    issue:
      edition.issueNumber === null || edition.issueYear === null
        ? undefined
        : { year: edition.issueYear, number: edition.issueNumber },
  }
}

/** For acts whose refusal ends them: the refusal as a Problem. */
export function orThrow(result: Transition): Edition {
  if (result.ok) return result.edition
  throw new Problem('refused', result.refusal)
}
