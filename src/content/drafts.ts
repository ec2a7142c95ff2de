/**
 * Drafts: what is being written, finished or not. Of an edition there is one, which everybody who writes shares; of a
 * mail on request, one of its author's alone until it has an edition.
 */
import { sql, type RawBuilder, type Selectable } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import type { DraftTable } from '../db/schema.ts'
import { tooHeavy, type ReadNamedFile } from './files.ts'

export type Draft = Omit<Selectable<DraftTable>, 'body'> & { body: Record<string, unknown> }

export interface NewDraft {
  publication: string
  editionId: number | null
  userId: number
  /** Id of the content that it begins from. */
  replaces: number | null
  body: Record<string, unknown>
}

/** `current`: what somebody else saved since the version that was read; nothing was written. */
export type Saved = { ok: true; draft: Draft } | { ok: false; current: Draft }

export async function draftOfEdition(db: Db, editionId: number): Promise<Draft | undefined> {
  const row = await db
    .selectFrom('draft')
    .selectAll()
    .where('editionId', '=', editionId)
    .executeTakeFirst()
  return row as Draft | undefined
}

/** The same, which nobody else saves, discards or gives files until the transaction ends. */
export async function lockDraftOfEdition(tx: Db, editionId: number): Promise<Draft | undefined> {
  const row = await tx
    .selectFrom('draft')
    .selectAll()
    .where('editionId', '=', editionId)
    .forUpdate()
    .executeTakeFirst()
  return row as Draft | undefined
}

/** One that has no edition yet: undefined for everybody but its author. */
export async function findRequest(db: Db, id: number, userId: number): Promise<Draft | undefined> {
  const row = await db
    .selectFrom('draft')
    .selectAll()
    .where('id', '=', id)
    .where('editionId', 'is', null)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row as Draft | undefined
}

/** What a person began and did not finish, latest first. */
export async function requestsOf(db: Db, userId: number): Promise<Draft[]> {
  const rows = await db
    .selectFrom('draft')
    .selectAll()
    .where('editionId', 'is', null)
    .where('userId', '=', userId)
    .orderBy('updatedAt', 'desc')
    .execute()
  return rows as Draft[]
}

/** Of two who begin at once on an edition, the second is told of the first. */
export async function beginDraft(db: Db, draft: NewDraft, at: Date): Promise<Saved> {
  const inserted = await db
    .insertInto('draft')
    .values({
      ...draft,
      body: JSON.stringify(draft.body),
      writers: writersWith(draft.userId, draft.replaces),
      createdAt: at,
      updatedAt: at,
    })
    .onConflict((conflict) => conflict.column('editionId').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted) return { ok: true, draft: inserted as Draft }
  const current = await draftOfEdition(db, draft.editionId!)
  // it was discarded in this moment
  return current ? { ok: false, current } : beginDraft(db, draft, at)
}

/** Over the version that its writer read, and no other. undefined: it is not there any more. */
export async function saveDraft(
  db: Db,
  read: { id: number; version: number },
  change: { body: Record<string, unknown>; userId: number; replaces?: number | null },
  at: Date,
): Promise<Saved | undefined> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .selectFrom('draft')
      .selectAll()
      .where('id', '=', read.id)
      .forUpdate()
      .executeTakeFirst()
    if (!row) return undefined
    if (row.version !== read.version) return { ok: false, current: row as Draft }
    const draft = await tx
      .updateTable('draft')
      .set({
        body: JSON.stringify(change.body),
        userId: change.userId,
        writers: writersWith(change.userId, change.replaces ?? null, row.writers),
        ...(change.replaces !== undefined && { replaces: change.replaces }),
        version: row.version + 1,
        updatedAt: at,
      })
      .where('id', '=', read.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    return { ok: true, draft: draft as Draft }
  })
}

/** Whoever saves, besides those before and those of the content that they began from. */
function writersWith(
  userId: number,
  replaces: number | null,
  before: number[] = [],
): RawBuilder<number[]> {
  return sql`ARRAY(
    SELECT unnest(${before}::bigint[] || ${userId}::bigint)
    UNION SELECT unnest(author_id || writers) FROM content WHERE id = ${replaces}
    ORDER BY 1)`
}

/** With its files. */
export async function discardDraft(db: Db, id: number): Promise<void> {
  await db.deleteFrom('draft').where('id', '=', id).execute()
}

/** That version and no other: false when it is not there any more. */
export async function discardVersion(
  db: Db,
  read: { id: number; version: number },
): Promise<boolean> {
  const row = await db
    .deleteFrom('draft')
    .where('id', '=', read.id)
    .where('version', '=', read.version)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** One of the same name is replaced. */
export async function addDraftFile(
  db: Db,
  draftId: number,
  name: string,
  bytes: Buffer,
): Promise<void> {
  await db
    .insertInto('draftFile')
    .values({ draftId, name, bytes })
    .onConflict((conflict) => conflict.columns(['draftId', 'name']).doUpdateSet({ bytes }))
    .execute()
}

export async function removeDraftFile(db: Db, draftId: number, name: string): Promise<void> {
  await db.deleteFrom('draftFile').where('draftId', '=', draftId).where('name', '=', name).execute()
}

export async function draftFile(
  db: Db,
  draftId: number,
  name: string,
): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('draftFile')
    .select('bytes')
    .where('draftId', '=', draftId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.bytes
}

export async function draftFiles(
  db: Db,
  draftId: number,
): Promise<{ name: string; bytes: number }[]> {
  return db
    .selectFrom('draftFile')
    .select(({ fn }) => ['name', fn<number>('length', ['bytes']).as('bytes')])
    .where('draftId', '=', draftId)
    .orderBy('name')
    .execute()
}

/** The bytes that its content names. `otherwise`: where else a file may be. */
export function filesOfDraft(db: Db, draftId: number, otherwise: ReadNamedFile): ReadNamedFile {
  return async (name, maxBytes) => {
    const bytes = await draftFile(db, draftId, name)
    if (!bytes) return otherwise(name, maxBytes)
    return bytes.length > maxBytes ? tooHeavy(name, bytes.length, maxBytes) : bytes
  }
}
