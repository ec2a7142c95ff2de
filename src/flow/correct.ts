/** An alcance: what was sent was wrong or changed, and the next revision says so to the same lists. */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { lockEdition, type Edition } from '../editions/editions.ts'
import { Problem } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { editionStateNames } from '../states.ts'
import { requirePublication, type Engine } from './engine.ts'
import { longTime } from './hold.ts'
import { futureHour } from './open-edition.ts'

/**
 * Opens the next revision of an edition that was sent. It keeps the period and the number, leaves at `nominalAt`, and
 * never counts in the report. Asked twice, it is opened once.
 */
export async function openCorrection(
  engine: Engine,
  user: User,
  editionId: number,
  nominalAt: Date,
): Promise<Edition> {
  authorize(user, 'edition.open')
  const at = engine.clock.now()
  futureHour(nominalAt, at)
  return inTransaction(engine.db, async (tx) => {
    const corrected = await lockEdition(tx, editionId)
    const publication = requirePublication(engine, corrected.publication)
    const reachedReaders =
      ['sending', 'sent'].includes(corrected.state) || corrected.firstAcceptedAt
    if (!reachedReaders) {
      throw new Problem('refused', {
        place: `edición ${editionId}`,
        message: `no se puede corregir con un alcance: está ${editionStateNames[corrected.state]}`,
        remedy: 'Lo que no ha salido se corrige agregando el contenido de nuevo',
      })
    }
    const key = `correct ${corrected.publication} ${corrected.period}`
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(tx)
    const latest = await tx
      .selectFrom('edition')
      .selectAll()
      .where('publication', '=', corrected.publication)
      .where('period', '=', corrected.period)
      .orderBy('revision', 'desc')
      .executeTakeFirstOrThrow()
    if (isUntouched(latest) && latest.nominalAt.getTime() === nominalAt.getTime()) return latest
    await refuseSecond(tx, corrected)
    const { publication: slug, period, issueYear, issueNumber } = corrected
    const edition = await tx
      .insertInto('edition')
      .values({
        publication: slug,
        period,
        revision: latest.revision + 1,
        nominalAt,
        latestStartAt: new Date(nominalAt.getTime() + publication.latestStartHours * 3_600_000),
        issueYear,
        issueNumber,
        createdAt: at,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const detail = { corrects: editionId, revision: edition.revision }
    await audit(tx, { at, user, act: 'correct', subject: `edition ${edition.id}`, detail })
    return edition
  })
}

/** Of two that are open at once, the later would not say what the other one changed. */
async function refuseSecond(tx: Db, { publication, period }: Edition): Promise<void> {
  const open = await tx
    .selectFrom('edition')
    .select(['id', 'nominalAt'])
    .where('publication', '=', publication)
    .where('period', '=', period)
    .where('revision', '>', 0)
    .where('state', 'in', ['planned', 'ready', 'approved', 'held'])
    .executeTakeFirst()
  if (!open) return
  throw new Problem('refused', {
    place: `edición ${open.id}`,
    message: 'es un alcance de lo mismo que todavía no sale',
    value: longTime(open.nominalAt),
    remedy: 'Escriba ahí lo que falta corregir, o cancélelo antes de abrir otro',
  })
}

/** A correction that was opened, and that nobody has written yet. */
const isUntouched = ({ revision, state, contentId }: Edition): boolean =>
  revision > 0 && state === 'planned' && contentId === null
