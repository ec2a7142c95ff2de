/**
 * The vocabulary of jobs/: what a publication says of itself. Plain values only; the engine reads them and knows
 * no publication by name.
 */
import type { z } from 'zod'
import { senderSlugs, type SenderSlug } from './config.ts'
import type { Fault } from './errors.ts'

export const weekdays = [
  'lunes',
  'martes',
  'miércoles',
  'jueves',
  'viernes',
  'sábado',
  'domingo',
] as const
export type Weekday = (typeof weekdays)[number]

/** When editions are due, in hora de la Ciudad de México. */
export type Cadence =
  | { kind: 'weekly'; weekday: Weekday; time: string }
  /** Editions are opened by staff, at the hour that they choose. */
  | { kind: 'on-request' }

export const weekly = (weekday: Weekday, time: string): Cadence => ({
  kind: 'weekly',
  weekday,
  time,
})
export const onRequest = (): Cadence => ({ kind: 'on-request' })

/** As staff say it: «cada viernes, 15:00». */
export function cadenceText(cadence: Cadence): string {
  switch (cadence.kind) {
    case 'weekly':
      return `cada ${cadence.weekday}, ${cadence.time}`
    case 'on-request':
      return 'a petición'
  }
}

/** Active members of any of the lists, each address once. */
export interface AudienceDefinition {
  lists: string[]
}

/** One printed line of the quarterly report that an edition stands for. */
export interface ReportLine<Content> {
  /** Id of the printed table, for instance `IV.3.a.i`. */
  table: string
  /** `edition`: a row each; `month`: one row a month with the list of dates. */
  grouping: 'edition' | 'month'
  text: string | ((content: Content) => string)
  /** Key of the topic catalogue: COUNT(DISTINCT tema) is the printed «temas». */
  topic?: (content: Content) => string
}

export const perEdition = <Content>(
  table: string,
  text: ReportLine<Content>['text'],
): ReportLine<Content> => ({
  table,
  grouping: 'edition',
  text,
})

/** What content, subject and templates may know of the edition that they belong to. */
export interface EditionFacts {
  period: string
  revision: number
  nominalAt: Date
  /** Position in the sequence of its year; undefined when the publication is not numbered. */
  issue: { year: number; number: number } | undefined
}

export interface Publication<Content extends { muestra: boolean } = { muestra: boolean }> {
  slug: string
  name: string
  /** One sentence for the README and the panel (es). */
  description: string
  /** Who receives it, in words (es). */
  readers: string
  sender: SenderSlug
  audience: AudienceDefinition
  cadence: Cadence
  /** After this many hours past its nominal hour an edition is omitted, not sent. */
  latestStartHours: number
  /** `author`: marking it ready is enough. `second-person`: somebody else must approve. */
  approval: 'author' | 'second-person'
  /** `yearly`: issues are numbered by us, from 1 each year. */
  numbering: 'yearly' | 'none'
  content: z.ZodType<Content>
  /** What a schema cannot see: content against the edition that it is for. Messages in Spanish. */
  check?: (content: Content, edition: Pick<EditionFacts, 'period' | 'nominalAt'>) => Fault[]
  subject: (content: Content, edition: EditionFacts) => string
  /** The line that mail programs show beside the subject. */
  preheader: (content: Content) => string
  reportLines: ReportLine<Content>[]
}

/** Ties the functions of a publication to the type of its content. */
export function definePublication<Content extends { muestra: boolean }>(
  publication: Publication<Content>,
): Publication {
  // the engine hands each function only what its own schema produced
  return publication as unknown as Publication
}

/** What must hold before any process starts. `tables`: ids of the report definition. */
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
    if (!senderSlugs.includes(publication.sender)) {
      faults.push(
        fault(
          'sender',
          `«${publication.sender}» is unknown`,
          `Use one of ${senderSlugs.join(', ')}`,
        ),
      )
    }
    if (publication.audience.lists.length === 0) {
      faults.push(fault('audience', 'names no list', 'Name at least one list'))
    }
    if (
      publication.cadence.kind === 'weekly' &&
      !/^([01]\d|2[0-3]):[0-5]\d$/.test(publication.cadence.time)
    ) {
      faults.push(
        fault('cadence', `«${publication.cadence.time}» is not an hour`, 'Write it as 15:00'),
      )
    }
    if (!(publication.latestStartHours >= 0)) {
      faults.push(
        fault('latestStartHours', 'must be zero or more', 'Give hours after the nominal hour'),
      )
    }
    for (const line of publication.reportLines) {
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
