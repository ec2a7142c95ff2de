/**
 * Imports of contacts: staged, looked at, confirmed or discarded, and undone whole. A person who left a list is never
 * subscribed again by one.
 */
import { sql } from 'kysely'
import { DateTime } from 'luxon'
import { zone } from '../clock.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem, shown, type Fault } from '../errors.ts'
import type { Preview } from './import-file/contacts-file.ts'
import type { ImportFile } from './import-file/file.ts'
import { findImport, lockImport, type ImportRecord, type ImportSummary } from './import-record.ts'
import { allRemarks, firstRemarks, summarise, weigh, type Remark } from './import-review.ts'
import { stageRows, type StageOptions } from './import-staging.ts'
import type { Consent } from './memberships.ts'

export interface ImportReview {
  import: ImportRecord
  summary: ImportSummary
  /** The first of each class, in the order in which they are looked at. */
  remarks: Remark[]
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

/** What confirming would do now: people may have left since it was staged. */
export async function reviewImport(db: Db, importId: number): Promise<ImportReview> {
  return inTransaction(db, async (tx) => {
    const found = await lockImport(tx, importId, 'staged')
    await weigh(tx, importId)
    const summary = await summarise(tx, importId)
    await tx
      .updateTable('contactImport')
      .set({ summary: JSON.stringify(summary) })
      .where('id', '=', importId)
      .execute()
    const remarks = await firstRemarks(tx, importId, remarksShown)
    return {
      import: { ...found, summary },
      summary,
      remarks,
      missing: missingConsent(found, summary),
    }
  })
}

/** The report of a staged import, some lines at a time. Within a transaction: it is one look. */
export async function* remarksOf(tx: Db, importId: number): AsyncGenerator<Remark[]> {
  await lockImport(tx, importId, 'staged')
  await weigh(tx, importId)
  yield* allRemarks(tx, importId)
}

export interface ConfirmOptions {
  at: Date
  /** Import the good rows although there are others. */
  skipInvalid?: boolean | undefined
  /** What was not given when it was staged, or is to be corrected. */
  consent?: Partial<Consent> | undefined
}

/** Writes contacts and memberships. Throws a Problem (es) that says what is missing; then nothing is written. */
export async function confirmImport(
  tx: Db,
  importId: number,
  { at, skipInvalid = false, consent = {} }: ConfirmOptions,
): Promise<ImportRecord> {
  const staged = await lockImport(tx, importId, 'staged')
  const found: ImportRecord = { ...staged, consent: { ...staged.consent, ...consent } }
  await weigh(tx, importId)
  const summary = await summarise(tx, importId)
  const faults = [
    ...refusedRows(found, summary, skipInvalid),
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

function refusedRows(
  { id }: ImportRecord,
  { rows, invalid }: ImportSummary,
  skipInvalid: boolean,
): Fault[] {
  const place = `importación ${id}`
  if (invalid === rows) {
    const remedy = 'Corrija el archivo e impórtelo de nuevo; el informe dice qué tiene cada fila'
    return [{ place, message: 'ninguna fila puede importarse', remedy }]
  }
  if (invalid === 0 || skipInvalid) return []
  return [
    {
      place,
      message: `${invalid} de ${rows} filas no pueden importarse`,
      remedy:
        'Corríjalas en el archivo (el informe, --report, dice qué tienen) o importe las demás con --skip-invalid',
    },
  ]
}

/** Of citizens it must be known who agreed to what, and when. */
function missingConsent({ consent }: ImportRecord, { lists }: ImportSummary): Fault[] {
  const external = lists.filter(({ kind }) => kind === 'external').map(({ slug }) => slug)
  if (external.length === 0) return []
  const needed = [
    ['--origin', 'el origen del consentimiento', consent.origin],
    ['--consented-on', 'la fecha del consentimiento', consent.consentedOn],
    ['--notice', 'la versión del aviso de privacidad', consent.noticeVersion],
  ] as const
  return needed
    .filter(([, , given]) => !given)
    .map(([place, what]) => ({
      place,
      message: `falta ${what}, que toda lista externa requiere`,
      value: external.join(', '),
      remedy: 'Indíquelo; si no se sabe, esas personas no pueden importarse',
    }))
}

/** What a consent says must be possible. */
export function consentFaults({ consentedOn }: Partial<Consent>, at: Date): Fault[] {
  if (consentedOn === undefined) return []
  const date = DateTime.fromISO(consentedOn, { zone })
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(consentedOn) && date.isValid
  if (isDate && date.toMillis() <= at.getTime()) return []
  return [
    {
      place: '--consented-on',
      message: isDate ? 'todavía no llega' : 'no es una fecha',
      value: shown(consentedOn),
      remedy: 'Escríbala como 2026-11-23',
    },
  ]
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

/** What contacts did not have; nothing that they had is changed. */
async function completeContacts(tx: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE contact c SET name = CASE c.name WHEN '' THEN p.name ELSE c.name END,
      country = coalesce(c.country, p.country),
      tags = ARRAY(SELECT DISTINCT tag FROM unnest(c.tags || p.tags) AS tag ORDER BY tag)
    FROM import_person p
    WHERE c.id = p.contact_id
      AND EXISTS (SELECT FROM import_membership m WHERE m.address = p.address AND outcome IN ('new', 'already'))
      AND ((c.name = '' AND p.name <> '') OR (c.country IS NULL AND p.country IS NOT NULL)
        OR NOT p.tags <@ c.tags)`.execute(tx)
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
      SELECT m.list_id, contact.id, ${origin}, ${at}, ${consentedOn ?? null}, ${evidence}, ${noticeVersion},
        ${importId}
      FROM import_membership m JOIN contact USING (address) WHERE outcome = 'new'
      -- as its keys are checked and its indexes grow
      ORDER BY contact.id
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
}
