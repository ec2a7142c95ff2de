/** Imports as they are kept: who brought which file, what for, and what came of it. Counts, never addresses. */
import type { Db } from '../db/database.ts'
import { Problem, shown } from '../errors.ts'
import type { Consent } from './memberships.ts'

export const importStates = ['reading', 'staged', 'confirmed', 'undone', 'discarded'] as const
export type ImportState = (typeof importStates)[number]

/** As staff read them. */
export const importStateNames: Record<ImportState, string> = {
  reading: 'leyéndose',
  staged: 'por confirmar',
  confirmed: 'confirmada',
  undone: 'deshecha',
  discarded: 'descartada',
}

/** What an import holds, or did. Counts, never addresses. */
export interface ImportSummary {
  /** Of the file, the empty ones left out. */
  rows: number
  /** Rows that cannot be imported. */
  invalid: number
  /** Rows that can, and should be looked at. */
  doubtful: number
  /** Rows whose address stood in an earlier one. */
  duplicates: number
  /** People who left one of the lists: they are not subscribed again. */
  left: number
  /** People who are not mailed, whatever lists them or through some of these lists. */
  suppressed: number
  newContacts: number
  newMembers: number
  alreadyMembers: number
  /** Contacts that were there, and got a name, a country, tags or the mark of a group that they did not have. */
  completedContacts: number
  /** Where members are new. */
  lists: { slug: string; kind: 'internal' | 'external'; newMembers: number }[]
}

export interface ImportRecord {
  id: number
  state: ImportState
  fileName: string
  userId: number
  /** Login. */
  user: string
  createdAt: Date
  confirmedAt: Date | null
  undoneAt: Date | null
  /** Empty while it is read. */
  summary: Partial<ImportSummary>
  /** `origin` is empty as long as nobody said it. */
  consent: Required<Omit<Consent, 'consentedOn'>> & Pick<Consent, 'consentedOn'>
}

const records = (db: Db) =>
  db
    .selectFrom('contactImport')
    .innerJoin('staffUser', 'staffUser.id', 'contactImport.userId')
    .select([
      'contactImport.id',
      'state',
      'fileName',
      'userId',
      'login as user',
      'contactImport.createdAt',
      'confirmedAt',
      'undoneAt',
      'summary',
      'origin',
      'consentedOn',
      'evidence',
      'noticeVersion',
    ])

type Row = Awaited<ReturnType<ReturnType<typeof records>['executeTakeFirstOrThrow']>>

function recordOf({ origin, consentedOn, evidence, noticeVersion, ...row }: Row): ImportRecord {
  return {
    ...row,
    state: row.state as ImportState,
    summary: row.summary,
    consent: { origin, evidence, noticeVersion, ...(consentedOn !== null && { consentedOn }) },
  }
}

/** The newest first. */
export async function listImports(db: Db, limit = 50): Promise<ImportRecord[]> {
  const rows = await records(db).orderBy('contactImport.id', 'desc').limit(limit).execute()
  return rows.map(recordOf)
}

/** Throws a Problem when there is none. */
export async function findImport(db: Db, importId: number): Promise<ImportRecord> {
  const row = await records(db).where('contactImport.id', '=', importId).executeTakeFirst()
  if (row) return recordOf(row)
  throw new Problem('notFound', {
    place: 'importación',
    message: 'no existe',
    value: shown(importId),
    remedy: '`pregonero contacts imports` las muestra',
  })
}

/** The same, held until the transaction ends. Throws a Problem when it is in another state. */
export async function lockImport(
  tx: Db,
  importId: number,
  state: ImportState,
): Promise<ImportRecord> {
  await tx.selectFrom('contactImport').select('id').where('id', '=', importId).forUpdate().execute()
  const found = await findImport(tx, importId)
  if (found.state === state) return found
  throw new Problem('refused', {
    place: `importación ${importId}`,
    message: `está ${importStateNames[found.state]}, no ${importStateNames[state]}`,
    value: found.fileName,
    remedy: remedies[found.state],
  })
}

const remedies: Record<ImportState, string> = {
  reading: 'Espere a que termine de leerse',
  staged: 'Confírmela con `pregonero contacts confirm-import ID` o importe el archivo de nuevo',
  confirmed: 'Para quitar lo que trajo: `pregonero contacts undo-import ID`',
  undone: 'Importe el archivo de nuevo',
  discarded: 'Importe el archivo de nuevo',
}
