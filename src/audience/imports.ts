/**
 * Imports of contacts: staged, looked at, confirmed or discarded, and undone whole. A person who left a list is never
 * subscribed again by one.
 */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem, type Fault } from '../errors.ts'
import type { Preview } from './import-file/contacts-file.ts'
import type { ImportFile } from './import-file/file.ts'
import { forgetReview, keepReview, keptReview, type KeptReview } from './import-kept.ts'
import { findImport, lockImport, type ImportRecord, type ImportSummary } from './import-record.ts'
import { consentFaults, missingConsent, refusedRows, type Accepted } from './import-refusals.ts'
import {
  allRemarks,
  firstRemarks,
  outcomeHash,
  summarise,
  weigh,
  type Remark,
} from './import-review.ts'
import { stageRows, type StageOptions } from './import-staging.ts'
import type { Consent } from './memberships.ts'

export interface ImportReview extends KeptReview {
  import: ImportRecord
  summary: ImportSummary
  /** What external lists require and was not given: to be given on confirmation. */
  missing: Fault[]
}

const remarksShown = 10
const stagedForMs = 24 * 60 * 60_000

/** Reads the file into staging. Throws a Problem (es) when it cannot be read; then nothing is kept. */
export async function stageImport(
  db: Db,
  file: ImportFile,
  options: StageOptions,
): Promise<{ importId: number; preview: Preview }> {
  const staged = await stageRows(db, file, options)
  // what it has never seen, PostgreSQL takes for small
  await sql`ANALYZE contact_import_row`.execute(db)
  await db
    .updateTable('contactImport')
    .set({ state: 'staged' })
    .where('id', '=', staged.importId)
    .execute()
  return staged
}

/** What confirming would do now: people may have left since it was staged. It is what confirming is held to. */
export async function reviewImport(db: Db, importId: number, at: Date): Promise<ImportReview> {
  return inTransaction(db, async (tx) => {
    const found = await lockImport(tx, importId, 'staged')
    await weigh(tx, importId)
    return keepWeighed(tx, found, await summarise(tx, importId), at)
  })
}

/** As it was weighed the last time; weighed now if it never was, or if a row of it was erased since. */
export async function lastReview(db: Db, importId: number, at: Date): Promise<ImportReview> {
  // in this order: weighed again in between, its hash is of before, and confirming is refused
  const kept = await keptReview(db, importId)
  const found = await findImport(db, importId)
  if (!kept || found.state !== 'staged') return reviewImport(db, importId, at)
  return reviewOf(found, found.summary as ImportSummary, kept)
}

async function keepWeighed(
  tx: Db,
  found: ImportRecord,
  summary: ImportSummary,
  at: Date,
): Promise<ImportReview> {
  const kept = {
    weighedAt: at,
    outcomeHash: await outcomeHash(tx, summary),
    remarks: await firstRemarks(tx, found.id, remarksShown),
  }
  await keepReview(tx, found.id, kept)
  await tx
    .updateTable('contactImport')
    .set({ summary: JSON.stringify(summary) })
    .where('id', '=', found.id)
    .execute()
  return reviewOf({ ...found, summary }, summary, kept)
}

const reviewOf = (found: ImportRecord, summary: ImportSummary, kept: KeptReview): ImportReview => ({
  import: found,
  summary,
  ...kept,
  missing: missingConsent(found, summary),
})

/** The report of a staged import, some lines at a time. Within a transaction: it is one look. */
export async function* remarksOf(tx: Db, importId: number): AsyncGenerator<Remark[]> {
  await lockImport(tx, importId, 'staged')
  await weigh(tx, importId)
  yield* allRemarks(tx, importId)
}

export interface ConfirmOptions extends Accepted {
  at: Date
  /** What was not given when it was staged, or is to be corrected. */
  consent?: Partial<Consent> | undefined
  /** `outcomeHash` of the review that whoever confirms saw; left out: of the last one that was shown. */
  seen?: string | undefined
  /** Nobody needs to have seen a review of it. */
  unseen?: boolean | undefined
}

/**
 * Writes contacts and memberships. undefined: it would do something else than was seen, or nobody saw what it would do;
 * nothing is written, and its new review is kept. Throws a Problem (es) that says what is missing; then nothing is written either.
 */
export async function confirmImport(
  tx: Db,
  importId: number,
  { at, consent = {}, seen, unseen = false, ...accepted }: ConfirmOptions,
): Promise<ImportRecord | undefined> {
  const staged = await lockImport(tx, importId, 'staged')
  const found: ImportRecord = { ...staged, consent: { ...staged.consent, ...consent } }
  await weigh(tx, importId)
  const summary = await summarise(tx, importId)
  const shown = seen ?? (await keptReview(tx, importId))?.outcomeHash
  const isSeen = shown === undefined ? unseen : shown === (await outcomeHash(tx, summary))
  if (!isSeen) {
    await keepWeighed(tx, staged, summary, at)
    return undefined
  }
  const faults = [
    ...refusedRows(found, summary, accepted),
    ...missingConsent(found, summary),
    ...consentFaults(found.consent, at),
  ]
  if (faults.length > 0) throw new Problem('refused', faults)
  const { consentedOn = null, evidence, noticeVersion } = found.consent
  const origin = found.consent.origin || found.fileName
  const done: ImportSummary = {
    ...summary,
    newContacts: await insertContacts(tx, importId, at),
    completedContacts: await completeContacts(tx),
    newMembers: await insertMembers(tx, importId, { ...found.consent, origin }, at),
  }
  await removeRows(tx, importId)
  await tx
    .updateTable('contactImport')
    .set({ state: 'confirmed', confirmedAt: at, summary: JSON.stringify(done) })
    .set({ origin, consentedOn, evidence, noticeVersion })
    .where('id', '=', importId)
    .execute()
  return findImport(tx, importId)
}

async function insertContacts(tx: Db, importId: number, at: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    INSERT INTO contact (address, name, is_group, country, tags, created_at, import_id)
    SELECT address, name, is_group, country, tags, ${at}, ${importId} FROM import_person p
    WHERE contact_id IS NULL AND EXISTS (
      SELECT FROM import_membership m WHERE m.address = p.address AND outcome = 'new')
    ON CONFLICT (address) DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** What contacts did not have; nothing that they had is changed. That an address is a group is something to have. */
async function completeContacts(tx: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE contact c SET name = CASE c.name WHEN '' THEN p.name ELSE c.name END,
      country = coalesce(c.country, p.country), is_group = c.is_group OR p.is_group,
      tags = ARRAY(SELECT DISTINCT tag FROM unnest(c.tags || p.tags) AS tag ORDER BY tag)
    FROM import_person p
    WHERE c.id = p.contact_id
      AND EXISTS (SELECT FROM import_membership m WHERE m.address = p.address AND outcome IN ('new', 'already'))
      AND ((c.name = '' AND p.name <> '') OR (c.country IS NULL AND p.country IS NOT NULL)
        OR (p.is_group AND NOT c.is_group) OR NOT p.tags <@ c.tags)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** One who left in the meantime stays so: the conflict keeps what is there. */
async function insertMembers(
  tx: Db,
  importId: number,
  { origin, consentedOn, evidence, noticeVersion }: ImportRecord['consent'],
  at: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH joined AS (
      INSERT INTO list_member (list_id, contact_id, origin, since, consented_on, evidence, notice_version, import_id)
      SELECT m.list_id, coalesce(contact.id, p.contact_id) AS contact_id, ${origin}, ${at}, ${consentedOn ?? null}, ${evidence}, ${noticeVersion},
        ${importId}
      FROM import_membership m JOIN import_person p USING (address) LEFT JOIN contact USING (address)
      WHERE outcome = 'new'
      -- as its keys are checked and its indexes grow
      ORDER BY contact_id
      ON CONFLICT (list_id, contact_id) DO NOTHING
      RETURNING contact_id, list_id)
    INSERT INTO membership_event (contact_id, list_id, at, act, origin, notice_version)
    SELECT contact_id, list_id, ${at}, 'joined', ${`importación ${importId}: ${origin}`}, ${noticeVersion}
    FROM joined`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** Nobody will confirm it. */
export async function discardImport(tx: Db, importId: number): Promise<void> {
  await lockImport(tx, importId, 'staged')
  await removeRows(tx, importId)
  await tx
    .updateTable('contactImport')
    .set({ state: 'discarded' })
    .where('id', '=', importId)
    .execute()
}

/** Rows that wait for more than a day, and those of a process that died while it read. Returns how many imports. */
export async function purgeStaged(db: Db, at: Date): Promise<number> {
  return inTransaction(db, async (tx) => {
    const stale = await tx
      .updateTable('contactImport')
      .set({ state: 'discarded' })
      .where('state', 'in', ['reading', 'staged'])
      .where('createdAt', '<', new Date(at.getTime() - stagedForMs))
      .returning('id')
      .execute()
    for (const { id } of stale) await removeRows(tx, id)
    return stale.length
  })
}

async function removeRows(tx: Db, importId: number): Promise<void> {
  await tx.deleteFrom('contactImportRow').where('importId', '=', importId).execute()
  await forgetReview(tx, importId)
}
