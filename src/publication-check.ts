/** What must hold of the publications of jobs/ before any process starts. */
import { senderSlugs } from './settings.ts'
import type { Fault } from './errors.ts'
import {
  approvals,
  cadenceKinds,
  groupings,
  numberings,
  restDayPolicies,
  weekdays,
  type Cadence,
  type Publication,
} from './publication.ts'

const vocabularies: Record<
  'sender' | 'approval' | 'numbering' | 'onRestDay' | 'onClosedPeriod',
  readonly string[]
> = {
  sender: senderSlugs,
  approval: approvals,
  numbering: numberings,
  onRestDay: restDayPolicies,
  onClosedPeriod: restDayPolicies,
}

/** Every fault at once. `tables`: ids of the report definition. */
export function publicationFaults(
  publications: Publication[],
  tables: ReadonlySet<string>,
): Fault[] {
  return publications.flatMap((publication, index) => {
    const fault = (key: string, message: string, remedy: string): Fault => ({
      place: `jobs/${publication.slug}.ts ${key}`,
      message,
      remedy,
    })
    const faults: Fault[] = []
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(publication.slug)) {
      faults.push(
        fault(
          'slug',
          `«${publication.slug}» is not a slug`,
          'Use lower case letters, digits and hyphens',
        ),
      )
    }
    if (publications.findIndex((other) => other.slug === publication.slug) !== index) {
      faults.push(fault('slug', 'is used twice', 'Rename one of the two in jobs/index.ts'))
    }
    if (typeof publication.audience === 'object' && publication.audience.lists.length === 0) {
      faults.push(fault('audience', 'names no list', 'Name at least one list'))
    }
    for (const [message, remedy] of cadenceFaults(publication.cadence))
      faults.push(fault('cadence', message, remedy))
    for (const [key, words] of Object.entries(vocabularies)) {
      const word = publication[key as keyof typeof vocabularies]
      if (word === undefined || words.includes(word)) continue
      faults.push(fault(key, `«${word}» is unknown`, `Use one of ${words.join(', ')}`))
    }
    if (!(publication.latestStartHours >= 0)) {
      faults.push(
        fault('latestStartHours', 'must be zero or more', 'Give hours after the nominal hour'),
      )
    }
    const lineTables = publication.reportLines.map((line) => line.table)
    if (new Set(lineTables).size < lineTables.length) {
      faults.push(fault('reportLines', 'names a table twice', 'Give one line for each table'))
    }
    for (const line of publication.reportLines) {
      if (!groupings.includes(line.grouping)) {
        const remedy = `Use one of ${groupings.join(', ')}`
        faults.push(fault('reportLines', `grouping «${line.grouping}» is unknown`, remedy))
      }
      if (tables.has(line.table)) continue
      faults.push(
        fault(
          'reportLines',
          `table «${line.table}» is not in the report definition`,
          `Known: ${[...tables].join(', ')}`,
        ),
      )
    }
    return faults
  })
}

/** What is wrong and what to do. The files of jobs/ run unchecked by the compiler, so nothing is taken for granted. */
function cadenceFaults(cadence: Cadence): [message: string, remedy: string][] {
  if (!cadenceKinds.includes(cadence.kind))
    return [[`«${cadence.kind}» is unknown`, `Use one of ${cadenceKinds.join(', ')}`]]
  if (cadence.kind === 'on-request') return []
  const faults: [string, string][] = []
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(cadence.time))
    faults.push([`«${cadence.time}» is not an hour`, 'Write it as 15:00'])
  if (cadence.kind === 'weekly') {
    const days = Array.isArray(cadence.weekdays) ? cadence.weekdays : []
    if (days.length === 0) faults.push(['names no weekday', `Use ${weekdays.join(', ')}`])
    for (const day of days.filter((day) => !weekdays.includes(day)))
      faults.push([`«${day}» is not a weekday`, `Use ${weekdays.join(', ')}`])
    for (const day of new Set(days.filter((day, index) => days.indexOf(day) !== index)))
      faults.push([`names «${day}» twice`, 'Name each weekday once'])
  }
  return faults
}
