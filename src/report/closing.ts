/** A quarter is closed by sealing what was printed; a later correction is the next version, with its difference. */
import type { Db } from '../db/database.ts'
import { Problem, shown } from '../errors.ts'
import { canonicalJson, sha256Hex } from '../hash.ts'
import type { Report } from './report.ts'

/** What is kept: the text and the tables. What does not agree is found anew each time. */
export type PrintedReport = Pick<Report, 'quarter' | 'title' | 'commission' | 'sections'>

export interface SealedReport {
  quarter: string
  version: number
  /** Of what `body` prints. */
  sha256: string
  body: PrintedReport
  reason: string | null
  userId: number
  at: Date
}

export function printedPart({ quarter, title, commission, sections }: Report): PrintedReport {
  return { quarter, title, commission, sections }
}

/** SHA-256 of every printed text by its place, and of the columns: ids of rows and editions are no part of it. */
export function hashOf(body: PrintedReport): string {
  return sha256Hex(canonicalJson([body.quarter, body.commission, [...placesOf(body)]]))
}

/** Newest first. */
export async function sealedVersions(db: Db, quarter: string): Promise<SealedReport[]> {
  const rows = await db
    .selectFrom('sealedReport')
    .selectAll()
    .where('quarter', '=', quarter)
    .orderBy('version', 'desc')
    .execute()
  return rows.map((row) => ({ ...row, body: row.body as PrintedReport }))
}

export interface Closed {
  version: number
  sha256: string
  /** What changed since the version before, place by place. */
  differences: Difference[]
}

/**
 * Seals the next version. Throws a Problem for a quarter that is not over, that does not reconcile, that lacks figures,
 * or that is closed as it is; a new version of a closed quarter needs its reason.
 */
export async function closeQuarter(
  tx: Db,
  report: Report,
  options: {
    endsAt: Date
    at: Date
    userId: number
    reason: string | undefined
    /** Close it with gaps where figures were not entered. */
    withoutFigures: boolean
  },
): Promise<Closed> {
  const { endsAt, at, userId, reason } = options
  const refuse = (message: string, remedy: string, value?: string): Problem =>
    new Problem('refused', {
      place: report.quarter,
      message,
      ...(value !== undefined && { value: shown(value) }),
      remedy,
    })
  if (at < endsAt) throw refuse('el trimestre no ha terminado', 'Ciérrelo cuando termine')
  const open = report.discrepancies.filter(({ kind }) => kind === 'does-not-reconcile')
  if (open.length > 0) {
    const places = open.map(({ place, message }) => `${place}: ${message}`).join('; ')
    throw refuse('sus cifras no concilian', 'Resuelva cada una y ciérrelo después', places)
  }
  const missing = report.discrepancies.filter(({ kind }) => kind === 'missing-figure')
  if (missing.length > 0 && !options.withoutFigures) {
    const keys = [...new Set(missing.map(({ value }) => value))].join(', ')
    const remedy = 'Captúrelas con `pregonero register figure`, o repita con --without-figures'
    throw refuse('faltan cifras: sus frases saldrían con un hueco', remedy, keys)
  }
  const body = printedPart(report)
  const sha256 = hashOf(body)
  const [last] = await sealedVersions(tx, report.quarter)
  if (last?.sha256 === sha256)
    throw refuse(
      `ya está cerrado: es la versión ${last.version}`,
      `\`pregonero report files ${report.quarter}\` escribe sus archivos otra vez`,
    )
  if (last && reason === undefined) {
    const remedy = 'Si es una corrección, repita con --reason; `report verify` dice qué cambió'
    throw refuse(`ya está cerrado en la versión ${last.version} y lo de ahora es distinto`, remedy)
  }
  const version = (last?.version ?? 0) + 1
  await tx
    .insertInto('sealedReport')
    .values({
      quarter: report.quarter,
      version,
      sha256,
      body: JSON.stringify(body),
      reason: reason ?? null,
      userId,
      at,
    })
    .execute()
  return { version, sha256, differences: last ? differencesOf(last.body, body) : [] }
}

export interface Verification {
  sealed: SealedReport
  /** That what is in the database is what was sealed. */
  intact: boolean
  /** What a report of today would print differently. */
  differences: Difference[]
}

/** Throws a Problem when the quarter was never closed. */
export async function verifyQuarter(db: Db, report: Report): Promise<Verification> {
  const [sealed] = await sealedVersions(db, report.quarter)
  if (!sealed) {
    throw new Problem('notFound', {
      place: report.quarter,
      message: 'no se ha cerrado',
      remedy: `\`pregonero report close ${report.quarter} --as CLAVE\` lo cierra`,
    })
  }
  return {
    sealed,
    intact: hashOf(sealed.body) === sealed.sha256,
    differences: differencesOf(sealed.body, printedPart(report)),
  }
}

export interface Difference {
  place: string
  /** null: it was not there. */
  before: string | null
  /** null: it is not there any more. */
  after: string | null
}

/** By the places of both, in the order of the report. */
export function differencesOf(before: PrintedReport, after: PrintedReport): Difference[] {
  const [old, now] = [placesOf(before), placesOf(after)]
  return [...new Set([...now.keys(), ...old.keys()])]
    .map((place) => ({ place, before: old.get(place) ?? null, after: now.get(place) ?? null }))
    .filter((one) => one.before !== one.after)
}

function placesOf({ title, sections }: PrintedReport): Map<string, string> {
  const places = new Map([['título', title]])
  for (const { id, heading, paragraphs, tables } of sections) {
    places.set(id, heading)
    paragraphs.forEach((text, index) => places.set(`${id} párrafo ${index + 1}`, text))
    for (const table of tables) {
      places.set(`${table.id} introducción`, table.intro)
      places.set(`${table.id} columnas`, table.columns.join(' | '))
      for (const row of table.rows) places.set(row.id, row.cells.join(' | '))
      table.footnotes.forEach((text, index) => places.set(`${table.id} nota ${index + 1}`, text))
    }
  }
  return places
}
