/** The quarter's report with what it needs to know of calendar, publications and ledger; its closing. */
import { DateTime } from 'luxon'
import { inMexicoCity, zone } from '../clock.ts'
import { inTransaction, violates } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { totalsOfMany } from '../ledger/totals.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { cadenceText, type Publication } from '../publication.ts'
import {
  closeQuarter,
  hashOf,
  printedPart,
  sealedVersions,
  verifyQuarter,
  type Closed,
  type SealedReport,
} from '../report/closing.ts'
import type { ReportDefinitions } from '../report/definition.ts'
import { type Quarter } from '../report/quarter.ts'
import { buildReport, type QuarterFacts, type Report } from '../report/report.ts'
import {
  institutionalCalendar,
  type InstitutionalCalendar,
} from '../schedule/institutional-calendar.ts'
import { farthestMoveDays, plannedSlots } from '../schedule/planned-slots.ts'
import { readRestDays } from '../schedule/rest-days.ts'
import type { Engine } from './engine.ts'

export type ReportEngine = Pick<Engine, 'db' | 'publications'>

/** `version`: of the seal under which a report of today is the same. `known`: the facts of the quarter, if read already. */
export async function quarterReport(
  engine: ReportEngine,
  definitions: ReportDefinitions,
  quarter: Quarter,
  known?: QuarterFacts,
): Promise<Report> {
  const facts = known ?? (await quarterFacts(engine, quarter))
  const report = await buildReport(engine.db, definitions, quarter, facts)
  const [sealed] = await sealedVersions(engine.db, quarter.name)
  const isSealed = sealed?.sha256 === hashOf(printedPart(report))
  return { ...report, version: isSealed ? sealed.version : 0 }
}

/** The report as it was closed last, with what is found today. Throws a Problem when it never was. */
export async function sealedReport(
  engine: ReportEngine,
  definitions: ReportDefinitions,
  quarter: Quarter,
): Promise<{ report: Report; sealed: SealedReport }> {
  const today = await quarterReport(engine, definitions, quarter)
  const { sealed } = await verifyQuarter(engine.db, today)
  return { report: { ...today, ...sealed.body, version: sealed.version }, sealed }
}

/** Seals the quarter and says so in the audit log. `sha256`: of the report that was reviewed, and no other. Throws a Problem when it may not be closed. */
export async function closeReport(
  engine: Pick<Engine, 'db' | 'publications' | 'clock'>,
  definitions: ReportDefinitions,
  user: User,
  quarter: Quarter,
  options: { reason?: string; withoutFigures?: boolean; sha256?: string } = {},
): Promise<Closed> {
  authorize(user, 'report.close')
  const at = engine.clock.now()
  const { reason, withoutFigures = false } = options
  try {
    return await inTransaction(engine.db, 'repeatable read', async (tx) => {
      const report = await quarterReport({ ...engine, db: tx }, definitions, quarter)
      if (options.sha256 !== undefined && options.sha256 !== hashOf(printedPart(report))) {
        throw new Problem('refused', {
          place: quarter.name,
          message: 'el informe ya no es el que se revisó',
          remedy: 'Revise cómo quedó y ciérrelo después',
        })
      }
      const closed = await closeQuarter(tx, report, {
        endsAt: quarter.to,
        at,
        userId: user.id,
        reason,
        withoutFigures,
      })
      const { version, sha256, differences } = closed
      await audit(tx, {
        at,
        user,
        act: 'report.close',
        subject: `report ${quarter.name}`,
        detail: { version, sha256, reason: reason ?? null, withoutFigures, differences },
      })
      return closed
    })
  } catch (error) {
    if (!violates(error, 'sealed_report_pkey')) throw error
    throw new Problem('refused', {
      place: quarter.name,
      message: 'otra persona lo cerró al mismo tiempo',
      remedy: `\`pregonero report verify ${quarter.name}\` dice cómo quedó`,
    })
  }
}

export async function quarterFacts(
  { db, publications }: ReportEngine,
  quarter: Quarter,
): Promise<QuarterFacts> {
  const calendar = institutionalCalendar(await readRestDays(db))
  const both = { from: quarter.from, to: plusMonths(quarter.to, 3) }
  const timed = publications
    .filter(({ cadence }) => cadence.kind !== 'on-request')
    .map((publication) => {
      // both quarters at once: this is what a report costs beside its queries
      const days = daysOf(publication, calendar, both)
      return {
        ...publication,
        due: days.filter((day) => day < quarter.to),
        planned: days.filter((day) => day >= quarter.to),
      }
    })
  return {
    restOn: (date) => calendar.restOn(date)?.name,
    cadences: new Map(
      timed.map(({ slug, cadence, due }) => [
        slug,
        {
          text: cadenceText(cadence),
          dates: new Set(due.map((day) => inMexicoCity(day).toISODate())),
        },
      ]),
    ),
    withoutLines: new Set(
      publications
        .filter(({ reportLines }) => reportLines.every((line) => line.when !== undefined))
        .map(({ slug }) => slug),
    ),
    due: new Map(timed.map(({ slug, due }) => [slug, due.length])),
    planned: new Map(timed.map(({ slug, planned }) => [slug, planned.length])),
    readTotals: (ids) => totalsOfMany(db, ids),
  }
}

/** When its editions leave between two instants: those that move over an edge are of where they move to. */
function daysOf(
  publication: Publication,
  calendar: InstitutionalCalendar,
  { from, to }: { from: Date; to: Date },
): Date[] {
  const marginMs = farthestMoveDays * 86_400_000
  return plannedSlots(
    publication,
    calendar,
    new Date(from.getTime() - marginMs),
    new Date(to.getTime() + marginMs),
  )
    .filter(
      ({ omitted, nominalAt }) => omitted === undefined && nominalAt >= from && nominalAt < to,
    )
    .map(({ nominalAt }) => nominalAt)
}

const plusMonths = (instant: Date, months: number): Date =>
  DateTime.fromJSDate(instant, { zone }).plus({ months }).toJSDate()
