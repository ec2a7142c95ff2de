/** The draft of an edition's content: saved as it is, and never over what somebody else saved meanwhile. */
import { isDeepStrictEqual } from 'node:util'
import {
  beginDraft,
  discardVersion,
  draftOfEdition,
  lockDraftOfEdition,
  saveDraft,
  type Draft,
  type Saved,
} from '../content/drafts.ts'
import { inTransaction } from '../db/database.ts'
import { lockEdition, rememberWriters, type Edition } from '../editions/editions.ts'
import { Problem } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Engine } from './engine.ts'

export interface DraftVersion {
  id: number
  version: number
}

export interface Writing {
  /** The version that its writer had before them; undefined when there was none. */
  seen: DraftVersion | undefined
  /** Id of the content that its writer had before them. */
  replaces: number | null
  body: Record<string, unknown>
}

/**
 * While `work` lasts nobody else saves the draft or gives it files: the version that it is told of is the one that it writes
 * over. undefined: there is none yet.
 */
export async function holdingDraft<Result>(
  engine: Engine,
  editionId: number,
  work: (own: Engine, draft: Draft | undefined) => Promise<Result>,
): Promise<Result> {
  return inTransaction(engine.db, async (tx) =>
    work({ ...engine, db: tx }, await lockDraftOfEdition(tx, editionId)),
  )
}

/** In any state of the edition: what was written is kept even where it cannot be used. */
export async function writeDraft(
  engine: Engine,
  user: User,
  edition: Edition,
  { seen, replaces, body }: Writing,
): Promise<Saved> {
  authorize(user, 'content.add')
  const { db } = engine
  const at = engine.clock.now()
  const current = await draftOfEdition(db, edition.id)
  const change = { body, userId: user.id, replaces }
  const saved =
    (current && current.id === seen?.id && (await saveDraft(db, seen, change, at))) ||
    (await beginDraft(
      db,
      { publication: edition.publication, editionId: edition.id, ...change },
      at,
    ))
  // a form that was posted twice is one
  if (!saved.ok && isDeepStrictEqual(saved.current.body, body))
    return { ok: true, draft: saved.current }
  return saved
}

/**
 * Throws a Problem when it was changed since it was read. One that is gone is discarded already. The edition keeps whose text
 * it was: somebody may have it open still, and save it again as theirs.
 */
export async function discardEditionDraft(
  engine: Engine,
  user: User,
  editionId: number,
  seen: DraftVersion | undefined,
): Promise<void> {
  authorize(user, 'content.add')
  await inTransaction(engine.db, async (tx) => {
    await lockEdition(tx, editionId)
    const draft = await draftOfEdition(tx, editionId)
    if (!draft) return
    const isTheOne = draft.id === seen?.id && (await discardVersion(tx, seen))
    if (!isTheOne) throw changedSince()
    await rememberWriters(tx, editionId, draft.writers)
    await audit(tx, {
      at: engine.clock.now(),
      user,
      act: 'draft.discard',
      subject: `draft of edition ${editionId}`,
      detail: {
        before: { version: draft.version, savedBy: draft.userId, savedAt: draft.updatedAt },
        after: null,
      },
    })
  })
}

const changedSince = (): Problem =>
  new Problem('refused', {
    place: 'borrador',
    message: 'otra persona lo cambió mientras tanto',
    remedy: 'Abra de nuevo el contenido y revíselo antes de descartarlo',
  })
