/** Content comes in: a file is checked, frozen and given to its edition, whose seal it breaks. */
import { checkContent, contentHash, editionFaults, type CheckedContent } from '../content/check.ts'
import {
  noFiles,
  prepareFiles,
  storeFiles,
  type ReadNamedFile,
  type StoredFile,
} from '../content/files.ts'
import { freezeContent } from '../content/content.ts'
import { leftOut, markChanges, readSessions, registerSessions } from '../content/sessions.ts'
import { discardVersion } from '../content/drafts.ts'
import { topicFaults } from '../content/topics.ts'
import { weekdayFaults } from '../content/weekday-check.ts'
import { inTransaction, type Db } from '../db/database.ts'
import {
  editionForContent,
  findEdition,
  lockEdition,
  moveEdition,
  orThrow,
  transition,
  unsealed,
  type Edition,
} from '../editions/editions.ts'
import { permits, refusal } from '../editions/machine.ts'
import { contentWriters } from '../editions/waiting.ts'
import { Problem, shown, type Fault } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Publication, RegisteredSession, SessionRecord } from '../publication.ts'
import { futureHour } from './open-edition.ts'
import type { Engine } from './engine.ts'

/** A content file; `readFile` gets the images and attachments that it names. */
export interface ContentFile {
  text: string
  place: string
  readFile?: ReadNamedFile
  /** Id of the content that its writer had before them, null for none: another one since then is not overwritten. */
  replaces?: number | null
  /** The draft that it was: discarded with it, unless somebody wrote on. `writers`: whose text it is. */
  draft?: { id: number; version: number; writers: number[] }
  /** Which edition it is for, where its writer sees it: a period may have one that corrects another. */
  editionId?: number
}

/** Throws a Problem with every fault of the file. `period`: of which edition, when the file names none; else the next. */
export async function addContent(
  engine: Engine,
  user: User,
  file: ContentFile,
  period?: string,
): Promise<Edition> {
  const prepared = await prepare(engine, user, file)
  return inTransaction(engine.db, async (tx) => {
    await storeFiles(tx, prepared.files, engine.clock.now())
    return place({ ...engine, db: tx }, user, file, prepared, period)
  })
}

interface Prepared {
  content: CheckedContent
  files: StoredFile[]
}

/** Before the transaction that locks the edition: images take a while, and their bytes come by another connection. */
async function prepare(engine: Engine, user: User, file: ContentFile): Promise<Prepared> {
  authorize(user, 'content.add')
  const checked = checkContent(file.text, file.place, engine.publications)
  if (!checked.ok) throw new Problem('invalid', checked.faults)
  const prepared = await prepareFiles(checked.content.body, file.place, file.readFile ?? noFiles)
  if (!prepared.ok) throw new Problem('invalid', prepared.faults)
  return { content: { ...checked.content, body: prepared.body }, files: prepared.files }
}

/** In the transaction that is the engine's. */
async function place(
  engine: Engine,
  user: User,
  file: ContentFile,
  { content: checked }: Prepared,
  period: string | undefined,
): Promise<Edition> {
  const { db: tx } = engine
  const at = engine.clock.now()
  const { publication, body } = checked
  const found = await editionOf(tx, checked, file, period, at)
  const locked = await lockEdition(tx, found.id)
  if (!permits('content.add', locked.state) && !permits('content.mend', locked.state))
    throw new Problem('refused', refusal('content.add', locked))
  refuseOverwriting(locked, file)
  const edition = await rescheduled(tx, publication, body, locked, at)
  const faults = [
    ...editionFaults(checked, await factsToCheck(tx, edition)),
    ...weekdayFaults(body, edition.nominalAt),
    ...(await topicFaults(tx, publication.topic?.(body))),
  ]
  if (faults.length > 0) throw new Problem('invalid', faults)
  const frozen = { publication, body, sha256: contentHash(body) }
  const content = await withSessions(tx, frozen, edition, user, at)
  const corrected = edition.revision > 0 ? await correctedContent(tx, edition) : undefined
  const writers = writersOf(file, edition, corrected, user)
  const stored = await freezeContent(tx, content, user.id, writers, at)
  const isHeld = edition.state === 'held'
  const updated = orThrow(
    await transition(tx, edition, isHeld ? 'content.mend' : 'content.add', {
      ...unsealed,
      stateReason: isHeld ? 'su contenido no se marcó como listo' : null,
      contentId: stored.id,
      contentAuthorId: user.id,
      contentWriters: writers,
      // somebody may have it open still, and save it again as theirs
      draftWriters: [...new Set([...edition.draftWriters, ...writers])],
    }),
  )
  const detail = {
    content: stored.id,
    sha256: stored.sha256,
    file: file.place,
    was: edition.state,
    ...(writers.length > 1 && { writers }),
  }
  await audit(tx, { at, user, act: 'content.add', subject: `edition ${edition.id}`, detail })
  if (file.draft) await discardVersion(tx, file.draft)
  return updated
}

/**
 * Of a draft also those of what was discarded or used up before it, whose text somebody may have kept open; of a correction
 * those of what it corrects, which it begins as.
 */
function writersOf(
  { draft }: ContentFile,
  { draftWriters }: Edition,
  corrected: Pick<Edition, 'contentAuthorId' | 'contentWriters'> | undefined,
  user: User,
): number[] {
  return [
    ...new Set([
      ...(draft ? [...draftWriters, ...draft.writers] : []),
      ...(corrected ? contentWriters(corrected) : []),
      user.id,
    ]),
  ]
}

/** The one that was said, or else the one of the period. */
async function editionOf(
  tx: Db,
  { publication }: CheckedContent,
  { editionId }: ContentFile,
  period: string | undefined,
  at: Date,
): Promise<Edition> {
  if (editionId !== undefined) {
    const edition = await findEdition(tx, editionId)
    if (edition.publication === publication.slug) return edition
    throw new Problem('invalid', {
      place: 'tipo',
      message: `no es el de la edición ${editionId}`,
      value: shown(publication.slug),
      remedy: 'Abra la edición a la que pertenece este contenido',
    })
  }
  if (publication.leavesAt && period === undefined) {
    throw new Problem('usage', {
      place: '--period',
      message: `falta: puede haber varias de ${publication.name} en espera`,
      remedy: 'Diga a cuál con --period, o ponga una nueva con `pregonero invite`',
    })
  }
  return editionForContent(tx, publication.slug, period, at)
}

/** What keeps it from being added: it is added, and that is undone. */
export async function contentFaults(
  engine: Engine,
  user: User,
  file: ContentFile,
): Promise<Fault[]> {
  const undo = new Error('only to see')
  try {
    const prepared = await prepare(engine, user, file)
    await inTransaction(engine.db, async (tx) => {
      await place({ ...engine, db: tx }, user, file, prepared, undefined)
      throw undo
    })
  } catch (error) {
    if (error instanceof Problem) return error.faults
    if (error !== undo) throw error
  }
  return []
}

/** Two people at once: the second is told, and loses nothing of what they wrote. */
function refuseOverwriting({ id, contentId }: Edition, { place, replaces }: ContentFile): void {
  if (replaces === undefined || replaces === contentId) return
  throw new Problem('refused', {
    place: `${place} edición ${id}`,
    message: 'otra persona guardó su contenido mientras tanto',
    remedy:
      'Abra la edición en otra ventana, compare, y vuelva a guardar desde el formulario actual',
  })
}

/** A correction is checked against the hour of what it corrects. */
async function factsToCheck(
  tx: Db,
  edition: Edition,
): Promise<{ period: string; nominalAt: Date }> {
  if (edition.revision === 0) return edition
  return tx
    .selectFrom('edition')
    .select(['period', 'nominalAt'])
    .where('publication', '=', edition.publication)
    .where('period', '=', edition.period)
    .where('revision', '=', 0)
    .executeTakeFirstOrThrow()
}

/** Where the content says when it leaves, the edition follows. */
async function rescheduled(
  tx: Db,
  publication: Publication,
  body: { muestra: boolean },
  edition: Edition,
  at: Date,
): Promise<Edition> {
  const nominalAt = publication.leavesAt?.(body)
  if (nominalAt === undefined || nominalAt.getTime() === edition.nominalAt.getTime()) return edition
  return moveEdition(tx, edition, futureHour(nominalAt, at), publication.latestStartHours)
}

/** Content made of INE sessions: they are entered in their register, and frozen with their sequence and changes. */
async function withSessions(
  tx: Db,
  content: CheckedContent,
  edition: Edition,
  user: User,
  at: Date,
): Promise<CheckedContent> {
  const { sessions } = content.publication
  if (!sessions) return content
  const corrected =
    edition.revision > 0
      ? sessionsOf(content.publication, (await correctedContent(tx, edition))?.body)
      : []
  const week = sessions.week(content.body)
  const named =
    sessions.read(content.body) ?? (await readSessions(tx, week.from, week.to)).map(asEntered)
  const registered = await registerSessions(
    tx,
    [...named, ...leftOut(named, corrected)],
    user.id,
    at,
  )
  if (!registered.ok) throw new Problem('invalid', registered.faults)
  const all = registered.changes.map(({ session }) => session)
  const body = sessions.write(
    content.body,
    edition.revision > 0 ? markChanges(all, corrected) : all,
  )
  return { ...content, body, sha256: contentHash(body) }
}

/** Of the edition that this one corrects: its body, and whose it is. */
async function correctedContent(
  tx: Db,
  edition: Edition,
): Promise<
  (Pick<Edition, 'contentAuthorId' | 'contentWriters'> & { body: { muestra: boolean } }) | undefined
> {
  const row = await tx
    .selectFrom('edition')
    .innerJoin('content', 'content.id', 'edition.contentId')
    .select(['content.body', 'contentAuthorId', 'contentWriters'])
    .where('edition.publication', '=', edition.publication)
    .where('edition.period', '=', edition.period)
    .where('edition.revision', '<', edition.revision)
    .where('edition.releasedAt', 'is not', null)
    .orderBy('edition.revision', 'desc')
    .executeTakeFirst()
  return row && { ...row, body: row.body as { muestra: boolean } }
}

function sessionsOf(
  publication: Publication,
  body: { muestra: boolean } | undefined,
): RegisteredSession[] {
  return body === undefined ? [] : ((publication.sessions?.read(body) ?? []) as RegisteredSession[])
}

/** A registered session as staff would write it. */
function asEntered({
  secuencia: _secuencia,
  cambio: _cambio,
  ...session
}: RegisteredSession): SessionRecord {
  return session
}
