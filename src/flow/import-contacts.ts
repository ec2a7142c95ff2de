/** Imports of contacts through their acts: staged, confirmed, discarded, undone; each permitted and audited. */
import type { ColumnChoice } from '../audience/import-file/columns.ts'
import type { Preview } from '../audience/import-file/contacts-file.ts'
import type { ImportFile } from '../audience/import-file/file.ts'
import { stagedPreview, type StagedPreview } from '../audience/import-preview.ts'
import { findImport, type ImportRecord } from '../audience/import-record.ts'
import { consentFaults, type Accepted } from '../audience/import-refusals.ts'
import type { Remark } from '../audience/import-review.ts'
import type { ImportProgress } from '../audience/import-staging.ts'
import { undoImport, type UndoneImport } from '../audience/import-undo.ts'
import {
  confirmImport,
  discardImport,
  lastReview,
  remarksOf,
  reviewImport,
  stageImport,
  type ConfirmOptions,
  type ImportReview,
} from '../audience/imports.ts'
import type { Consent } from '../audience/memberships.ts'
import { inTransaction } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { withholdFrom } from '../ledger/exclusions.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Engine } from './engine.ts'

export type ImportEngine = Pick<Engine, 'db' | 'clock' | 'keys'>

export interface ImportOptions {
  /** Slug of the list of every row, when the file has no column for it. */
  list?: string | undefined
  columns?: ColumnChoice | undefined
  consent?: Partial<Consent> | undefined
  onProgress?: ((progress: ImportProgress) => void) | undefined
}

/** The dry run: no contact and no membership is touched. Throws a Problem (es) when the file cannot be read. */
export async function stageContacts(
  engine: ImportEngine,
  user: User,
  file: ImportFile,
  options: ImportOptions = {},
): Promise<ImportReview & { preview: Preview }> {
  const { db, clock } = engine
  const { importId, preview } = await stage(engine, user, file, options)
  const review = await reviewImport(db, importId, clock.now())
  await audit(db, {
    at: clock.now(),
    user,
    act: 'contacts.stage',
    subject: subjectOf(review.import),
    detail: { file: file.name, ...review.summary },
  })
  return { ...review, preview }
}

/** In one go, for who has looked at the file. When it is refused it stays staged: to be corrected and confirmed. */
export async function importContacts(
  engine: ImportEngine,
  user: User,
  file: ImportFile,
  options: ImportOptions & Accepted = {},
): Promise<ImportRecord> {
  const { skipInvalid, acceptDoubtful } = options
  const { importId } = await stage(engine, user, file, options)
  return confirmContacts(engine, user, importId, { skipInvalid, acceptDoubtful, unseen: true })
}

async function stage(
  { db, clock, keys }: ImportEngine,
  user: User,
  file: ImportFile,
  options: ImportOptions,
): Promise<{ importId: number; preview: Preview }> {
  authorize(user, 'contacts.import')
  const at = clock.now()
  const faults = consentFaults(options.consent ?? {}, at)
  if (faults.length > 0) throw new Problem('invalid', faults)
  return stageImport(db, file, { ...options, keys, userId: user.id, at })
}

/** An import in any state, for who may see it. */
export async function seeContactsImport(
  { db }: Pick<ImportEngine, 'db'>,
  user: User,
  importId: number,
): Promise<{ import: ImportRecord; preview: StagedPreview }> {
  authorize(user, 'contacts.import')
  const found = await findImport(db, importId)
  refuseOthers(found, user)
  return { import: found, preview: await stagedPreview(db, importId) }
}

/** What confirming would do, as it was weighed last: confirming weighs it again, and is refused if it would do otherwise. */
export async function reviewContacts(
  { db, clock }: Pick<ImportEngine, 'db' | 'clock'>,
  user: User,
  importId: number,
): Promise<ImportReview> {
  authorize(user, 'contacts.import')
  refuseOthers(await findImport(db, importId), user)
  return lastReview(db, importId, clock.now())
}

/** Writes contacts and memberships, or throws a Problem (es) and writes none; what is shown next is weighed anew. */
export async function confirmContacts(
  { db, clock }: ImportEngine,
  user: User,
  importId: number,
  options: Omit<ConfirmOptions, 'at'> = {},
): Promise<ImportRecord> {
  authorize(user, 'contacts.import')
  const at = clock.now()
  const done = await inTransaction(db, async (tx) => {
    refuseOthers(await findImport(tx, importId), user)
    const confirmed = await confirmImport(tx, importId, { ...options, at })
    if (!confirmed) return undefined
    const detail = { file: confirmed.fileName, ...confirmed.summary }
    await audit(tx, { at, user, act: 'contacts.import', subject: subjectOf(confirmed), detail })
    return confirmed
  })
  if (!done) throw new OtherOutcome(await lastReview(db, importId, at))
  return done
}

/** It would do something else than was reviewed, or nobody has. `review`: what it would do now, to be shown. */
export class OtherOutcome extends Problem {
  readonly review: ImportReview

  constructor(review: ImportReview) {
    const { summary } = review
    super('refused', {
      place: `importación ${review.import.id}`,
      message:
        'haría algo distinto de lo que se revisó, o no se ha revisado desde que algo de ella cambió',
      value: `ahora, altas: ${summary.newMembers}; ya en su lista: ${summary.alreadyMembers}; bajas que se respetan: ${summary.left}; excluidas: ${summary.suppressed}`,
      remedy: 'No se escribió nada. Si así está bien, confírmela otra vez',
    })
    this.review = review
  }
}

export async function discardContacts(
  { db, clock }: ImportEngine,
  user: User,
  importId: number,
): Promise<void> {
  authorize(user, 'contacts.import')
  const at = clock.now()
  await inTransaction(db, async (tx) => {
    const found = await findImport(tx, importId)
    refuseOthers(found, user)
    await discardImport(tx, importId)
    await audit(tx, { at, user, act: 'contacts.discard', subject: subjectOf(found) })
  })
}

/**
 * Within a day, by who imported them or by an operator; mail that waits for people whom no list of its edition
 * has any more is stopped. Throws a Problem (es) otherwise.
 */
export async function undoContacts(
  { db, clock }: ImportEngine,
  user: User,
  importId: number,
): Promise<UndoneImport & { withheld: number }> {
  authorize(user, 'contacts.import')
  const at = clock.now()
  const { contactIds, ...undone } = await inTransaction(db, async (tx) => {
    const found = await findImport(tx, importId)
    refuseOthers(found, user)
    const done = await undoImport(tx, importId, { at, userId: user.id })
    const { contactIds: _, ...counts } = done
    const detail = { file: found.fileName, ...counts }
    await audit(tx, { at, user, act: 'contacts.undo', subject: subjectOf(found), detail })
    return done
  })
  return { ...undone, withheld: await withholdFrom(db, contactIds, at) }
}

/**
 * Everything that there is to say of the rows of a staged import, in the order of the file, to `write` some at a time:
 * neither they nor the file are held in memory. Returns how many.
 */
export async function reportContacts(
  { db }: Pick<ImportEngine, 'db'>,
  user: User,
  importId: number,
  write: (remarks: Remark[]) => Promise<void>,
): Promise<number> {
  authorize(user, 'contacts.import')
  return inTransaction(db, async (tx) => {
    refuseOthers(await findImport(tx, importId), user)
    let count = 0
    for await (const remarks of remarksOf(tx, importId)) {
      await write(remarks)
      count += remarks.length
    }
    return count
  })
}

/** The rows of an import are addresses, which its author has already and only operators may see beside. */
function refuseOthers({ id, user: author }: ImportRecord, user: User): void {
  if (author === user.login || user.roles.includes('operacion')) return
  throw new Problem('refused', {
    place: `importación ${id}`,
    message: `es de ${author}, no de ${user.login}`,
    remedy: `Lo puede hacer ${author}, o una persona con el rol operacion`,
  })
}

const subjectOf = ({ id }: ImportRecord): string => `import ${id}`
