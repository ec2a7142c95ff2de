/** A mail on request that is written in the panel, from its first step to its edition. */
import { sql } from 'kysely'
import { contentOf, requestBody, type Answers } from '../content/answers.ts'
import {
  beginDraft,
  discardDraft,
  filesOfDraft,
  findRequest,
  requestsOf,
  saveDraft,
  type Draft,
  type Saved,
} from '../content/drafts.ts'
import { noFiles } from '../content/files.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Publication } from '../publication.ts'
import { requirePublication, type Engine } from './engine.ts'
import { invite, type Invited } from './invite.ts'
import { wakePlanner } from './wake-planner.ts'

/** The publications that staff queue. */
export const onRequestPublications = ({ publications }: Engine): Publication[] =>
  publications.filter(({ leavesAt }) => leavesAt !== undefined)

/** One of the same kind in which nothing was written yet is taken up: asking twice begins one. */
export async function beginRequest(engine: Engine, user: User, slug: string): Promise<Draft> {
  authorize(user, 'content.add')
  const { slug: publication } = requirePublication(engine, slug)
  const blank = (await requestsOf(engine.db, user.id)).find(
    (draft) => draft.publication === publication && draft.version === 1,
  )
  if (blank) return blank
  const body = { saved: [], answers: {} }
  const draft = { publication, editionId: null, userId: user.id, replaces: null, body }
  const begun = await beginDraft(engine.db, draft, engine.clock.now())
  return begun.ok ? begun.draft : begun.current
}

/** While `work` lasts nobody else saves the draft, nor asks for it: undefined when it is there no more. */
export async function holdingRequest<Result>(
  engine: Engine,
  user: User,
  id: number,
  work: (own: Engine, draft: Draft) => Promise<Result>,
): Promise<Result | undefined> {
  return inTransaction(engine.db, async (tx) => {
    const draft = await lockRequest(tx, id, user.id)
    return draft && work({ ...engine, db: tx }, draft)
  })
}

/** Right or wrong: what is wrong is said when it is looked at. `names`: the fields of the step; without one, only kept. */
export async function saveStep(
  engine: Engine,
  user: User,
  draft: Draft,
  { step, names, answers }: { step?: string; names: string[]; answers: Answers },
): Promise<Saved | undefined> {
  authorize(user, 'content.add')
  const before = requestBody(draft.body)
  const others = Object.entries(before.answers).filter(([name]) => !names.includes(name))
  const body = {
    saved: [...new Set([...before.saved, ...(step === undefined ? [] : [step])])],
    answers: { ...Object.fromEntries(others), ...answers },
  }
  return saveDraft(engine.db, draft, { body, userId: user.id }, engine.clock.now())
}

export async function discardRequest(engine: Engine, user: User, id: number): Promise<void> {
  authorize(user, 'content.add')
  await inTransaction(engine.db, async (tx) => {
    const draft = await findRequest(tx, id, user.id)
    if (!draft) throw noRequest()
    await discardDraft(tx, id)
    await audit(tx, {
      at: engine.clock.now(),
      user,
      act: 'request.discard',
      subject: `draft ${id}`,
      // the log keeps for ever: not what was written of anybody
      detail: {
        publication: draft.publication,
        version: draft.version,
        characters: JSON.stringify(requestBody(draft.body).answers).length,
      },
    })
  })
}

/**
 * Opens its edition, marks it ready and discards the draft, in one go: whoever asks a second time, at once or later, gets
 * the edition of the first. Throws a Problem when it is not the version that was reviewed, and with every fault.
 */
export async function requestMailing(
  engine: Engine,
  user: User,
  read: { id: number; version: number },
  options: { confirmRepeat?: boolean | string } = {},
): Promise<Pick<Invited, 'warnings'> & { editionId: number }> {
  authorize(user, 'edition.open')
  const requested = await inTransaction(engine.db, async (tx) => {
    const draft = await lockRequest(tx, read.id, user.id)
    if (!draft) {
      const editionId = await requestedEdition(tx, user, read.id)
      if (editionId === undefined) throw noRequest()
      return { editionId, warnings: [] }
    }
    if (draft.version !== read.version) throw changedMeanwhile()
    const content = contentOf(draft.publication, requestBody(draft.body).answers)
    const file = {
      text: JSON.stringify(content),
      place: 'contenido',
      readFile: filesOfDraft(tx, draft.id, noFiles),
    }
    const { edition, warnings } = await invite({ ...engine, db: tx }, user, file, {
      ...options,
      draft: draft.id,
    })
    await discardDraft(tx, draft.id)
    return { editionId: edition.id, warnings }
  })
  await wakePlanner(engine)
  return requested
}

/** The edition that came from that draft of this person. */
export async function requestedEdition(
  db: Db,
  user: User,
  draftId: number,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('auditLog')
    .select('subject')
    .where('userId', '=', user.id)
    .where('act', '=', 'open')
    .where(sql<boolean>`detail ->> 'draft' = ${String(draftId)}`)
    .executeTakeFirst()
  return row && Number(row.subject.replace('edition ', ''))
}

async function lockRequest(tx: Db, id: number, userId: number): Promise<Draft | undefined> {
  await tx.selectFrom('draft').select('id').where('id', '=', id).forUpdate().execute()
  return findRequest(tx, id, userId)
}

export const noRequest = (): Problem =>
  new Problem('notFound', {
    place: 'correo puntual',
    message: 'no existe: se descartó o lo redacta otra persona',
    remedy: 'Los que usted tiene sin terminar están en «Correo puntual»',
  })

const changedMeanwhile = (): Problem =>
  new Problem('refused', {
    place: 'contenido',
    message: 'cambió en otra ventana después de esta revisión',
    remedy: 'Revíselo de nuevo como está ahora',
  })
