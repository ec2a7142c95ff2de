/**
 * The vocabulary of jobs/: what a publication says of itself. Plain values only; the engine reads them and knows
 * no publication by name.
 */
import type { z } from 'zod'
import type { SenderSlug } from './config.ts'
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

/** When editions are due; `time` is hora de la Ciudad de México. */
export type Cadence =
  | { kind: 'weekly'; weekdays: Weekday[]; time: string }
  /** Working days are those of the institutional calendar. */
  | { kind: 'monthly-first-working-day'; time: string }
  | { kind: 'monthly-last-working-day'; time: string }
  /** First Monday to Friday after the 15th and after the end of the month, rest day or not. */
  | { kind: 'fortnightly'; time: string }
  /** First Monday to Friday after the end of the quarter, rest day or not. */
  | { kind: 'quarterly'; time: string }
  /** Editions are opened by staff, at the hour that they choose. */
  | { kind: 'on-request' }

export const weekly = (days: Weekday | Weekday[], time: string): Cadence => ({
  kind: 'weekly',
  weekdays: Array.isArray(days) ? days : [days],
  time,
})
export const monthlyOnFirstWorkingDay = (time: string): Cadence => ({
  kind: 'monthly-first-working-day',
  time,
})
export const monthlyOnLastWorkingDay = (time: string): Cadence => ({
  kind: 'monthly-last-working-day',
  time,
})
export const fortnightly = (time: string): Cadence => ({ kind: 'fortnightly', time })
export const quarterly = (time: string): Cadence => ({ kind: 'quarterly', time })
export const onRequest = (): Cadence => ({ kind: 'on-request' })

export const cadenceKinds: readonly Cadence['kind'][] = [
  'weekly',
  'monthly-first-working-day',
  'monthly-last-working-day',
  'fortnightly',
  'quarterly',
  'on-request',
]

/** As staff say it: «cada viernes, 15:00». */
export function cadenceText(cadence: Cadence): string {
  switch (cadence.kind) {
    case 'weekly':
      return `cada ${listFormat.format(cadence.weekdays)}, ${cadence.time}`
    case 'monthly-first-working-day':
      return `el primer día hábil de cada mes, ${cadence.time}`
    case 'monthly-last-working-day':
      return `el último día hábil de cada mes, ${cadence.time}`
    case 'fortnightly':
      return `al terminar cada quincena, ${cadence.time}`
    case 'quarterly':
      return `al terminar cada trimestre, ${cadence.time}`
    case 'on-request':
      return 'a petición'
  }
}

const listFormat = new Intl.ListFormat('es-MX', { type: 'conjunction' })

/** Active members of any of the lists, each address once; of these countries and with one of these tags, when given. */
export interface AudienceDefinition {
  lists: string[]
  /** ISO 3166-1 alpha-2 */
  countries?: string[]
  tags?: string[]
}

/** The same members, whatever the order in which they are named. */
export function sameAudience(one: AudienceDefinition, other: AudienceDefinition): boolean {
  const same = (a: string[] = [], b: string[] = []) =>
    new Set(a).symmetricDifference(new Set(b)).size === 0
  return (
    same(one.lists, other.lists) &&
    same(one.countries, other.countries) &&
    same(one.tags, other.tags)
  )
}

/** As staff read it: `red-observacion, voto-chilango (países: US, CA; etiquetas: taller)`. */
export function audienceText({ lists, countries = [], tags = [] }: AudienceDefinition): string {
  const segment = [
    ...(countries.length > 0 ? [`países: ${countries.join(', ')}`] : []),
    ...(tags.length > 0 ? [`etiquetas: ${tags.join(', ')}`] : []),
  ]
  return `${lists.join(', ')}${segment.length > 0 ? ` (${segment.join('; ')})` : ''}`
}

export const approvals = ['author', 'second-person'] as const
export const numberings = ['yearly', 'none'] as const
export const groupings = ['edition', 'month'] as const

/** One printed line of the quarterly report that an edition stands for. */
export interface ReportLine<Content> {
  /** Id of the printed table, for instance `IV.3.a.i`. */
  table: string
  /** `edition`: a row each. `month`: one row for the editions of a month that say the same, with all their dates. */
  grouping: (typeof groupings)[number]
  /** `{mes}` in it is the month in which the edition was sent: «enero de 2025». */
  text: string | ((content: Content) => string)
  /** Whether this edition stands for this line; it does when not given. */
  when?: (content: Content) => boolean
}

export const perEdition = <Content>(
  table: string,
  text: ReportLine<Content>['text'],
): ReportLine<Content> => ({
  table,
  grouping: 'edition',
  text,
})

export const perMonth = <Content>(
  table: string,
  text: ReportLine<Content>['text'],
): ReportLine<Content> => ({
  table,
  grouping: 'month',
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

/** An event of the `.ics` that travels with the mail (RFC 5545). */
export interface CalendarEvent {
  /** Stable over all editions that mention it: its UID is made from it. */
  id: string
  /** Raised by every change of the event. */
  sequence: number
  cancelled: boolean
  title: string
  description?: string
  location?: string
  url?: string
  /** An instant, or a Mexico City date (ISO) when the hour is not known. */
  start: Date | string
  end?: Date
}

/** What is done when a slot falls on a day on which the institution rests. */
export const restDayPolicies = [
  'enviar-igual',
  'dia-habil-anterior',
  'dia-habil-siguiente',
  'omitir',
] as const
export type RestDayPolicy = (typeof restDayPolicies)[number]

export interface Publication<Content extends { muestra: boolean } = { muestra: boolean }> {
  slug: string
  name: string
  /** One sentence for the README and the panel (es). */
  description: string
  /** Who receives it, in words (es). */
  readers: string
  sender: SenderSlug
  /** From the content when staff choose it for each mailing. */
  audience: AudienceDefinition | ((content: Content) => AudienceDefinition)
  /** Anyone may read it: its mails say where, and its editions are in the public archive and its feed. */
  isPublic?: boolean
  /** Readers of internal lists may leave too; those of external lists always may. */
  offersLeaving?: boolean
  cadence: Cadence
  /** On a single rest day; `enviar-igual` when not given. */
  onRestDay?: RestDayPolicy
  /** In a closed period (vacaciones, Semana Santa); `omitir` when not given. */
  onClosedPeriod?: RestDayPolicy
  /** After this many hours past its nominal hour an edition is omitted, not sent. */
  latestStartHours: number
  /** `author`: marking it ready is enough. `second-person`: somebody else must approve. */
  approval: (typeof approvals)[number]
  /** `yearly`: issues are numbered by us, from 1 each year. */
  numbering: (typeof numberings)[number]
  content: z.ZodType<Content>
  /** What a schema cannot see: content against the edition that it is for. Messages in Spanish. */
  check?: (content: Content, edition: Pick<EditionFacts, 'period' | 'nominalAt'>) => Fault[]
  /** Of a correction it is sent with «Alcance:» before it. */
  subject: (content: Content, edition: EditionFacts) => string
  /** The line that mail programs show beside the subject. */
  preheader: (content: Content) => string
  reportLines: ReportLine<Content>[]
  /** Key of the topic catalogue that the content is about: COUNT(DISTINCT tema) is the printed «temas». */
  topic?: (content: Content) => string
  /** For mailings on request: when it leaves, as its content says. */
  leavesAt?: (content: Content) => Date
  /** The `.ics` beside the mail; an empty list attaches none. */
  events?: (content: Content, edition: EditionFacts) => CalendarEvent[]
  /** For content made of INE sessions: they are entered once, in their own table, and come back with their changes. */
  sessions?: SessionsOf<Content>
}

/** What the engine knows of an INE session; src/content/sesion.ts has the whole. */
export interface SessionRecord {
  id: string
  /** ISO date */
  fecha: string
  estado: string
}

/** As frozen in an edition: with the revision of the session and what it means against the edition it corrects. */
export type RegisteredSession<Session extends SessionRecord = SessionRecord> = Session & {
  /** SEQUENCE of its event: 0 at first, raised by each change. */
  secuencia: number
  cambio?: 'nueva' | 'modificada' | 'cancelada'
}

export interface SessionsOf<Content> {
  /** undefined: those registered for the week. */
  read: (content: Content) => SessionRecord[] | undefined
  /** The first and last date (ISO) that belong to it. */
  week: (content: Content) => { from: string; to: string }
  write: (content: Content, sessions: RegisteredSession[]) => Content
}

/** Ties the functions of a publication to the type of its content. */
export function definePublication<Content extends { muestra: boolean }>(
  publication: Publication<Content>,
): Publication {
  // the engine hands each function only what its own schema produced
  return publication as unknown as Publication
}

export function audienceOf(
  publication: Publication,
  content: { muestra: boolean },
): AudienceDefinition {
  return typeof publication.audience === 'function'
    ? publication.audience(content)
    : publication.audience
}
