/** The agenda: what will leave, when, to how many, and whom it waits for. */
import { listsWithCounts } from '../audience/lists.ts'
import { readContent } from '../content/content.ts'
import type { Edition } from '../editions/editions.ts'
import { totalsOfMany } from '../ledger/totals.ts'
import { audienceOf, type Publication } from '../publication.ts'
import { institutionalCalendar } from '../schedule/institutional-calendar.ts'
import { plannedSlots } from '../schedule/planned-slots.ts'
import { readRestDays } from '../schedule/rest-days.ts'
import { eventsFile } from '../render/ics.ts'
import { editionStateNames, failuresOf, recipientsOf, type EditionState } from '../states.ts'
import { titleOf, type Engine } from './engine.ts'
import { relayTroubles } from './relay-trouble.ts'
import { releasableStates } from './release.ts'

export interface AgendaItem {
  /** undefined: the planner has not opened it yet, and the calendar says that it will. */
  editionId: number | undefined
  publication: string
  period: string
  /** Above 0: a correction. */
  revision: number
  title: string
  nominalAt: Date
  state: EditionState
  /** Frozen for what has left, counted when it was sealed before that. undefined while its audience is not known. */
  recipients: number | undefined
  /** Not sealed yet: its lists have so many members, of whom some may be in two or not be mailed. */
  isAtMost: boolean
  /** Of what has left: how many did not go as they should. */
  failures: number
  /** What lacks, and whose turn it is (es); empty when it leaves by itself. */
  waitingOn: string
  /** Why it is held, omitted or moved (es). */
  reason: string
  /** On its way, and its server takes nothing (es); empty otherwise. */
  relayTrouble: string
}

/** Editions whose hour lies in [from, to), by hour, and those that the calendar will bring. */
export async function agenda(engine: Engine, from: Date, to: Date): Promise<AgendaItem[]> {
  const editions = await engine.db
    .selectFrom('edition')
    .selectAll()
    .where('nominalAt', '>=', from)
    .where('nominalAt', '<', to)
    .orderBy('nominalAt')
    .orderBy('id')
    .execute()
  const totals = await totalsOfMany(
    engine.db,
    editions.map((edition) => edition.id),
  )
  const members = new Map(
    (await listsWithCounts(engine.db)).map(({ slug, active }) => [slug, active]),
  )
  const troubles = await relayTroubles(engine, editions)
  const items: AgendaItem[] = []
  for (const edition of editions) {
    const publication = engine.publications.find((one) => one.slug === edition.publication)
    const sums = totals.get(edition.id)
    items.push({
      editionId: edition.id,
      publication: edition.publication,
      period: edition.period,
      revision: edition.revision,
      title: titleOf(engine, edition),
      nominalAt: edition.nominalAt,
      state: edition.state,
      recipients: sums
        ? recipientsOf(sums)
        : await expectedRecipients(engine, publication, edition, members),
      isAtMost: !sums && edition.expectedRecipients === null,
      failures: sums ? failuresOf(sums) : 0,
      waitingOn: publication ? waitingOn(publication, edition) : '',
      reason: edition.stateReason ?? edition.movedReason ?? '',
      relayTrouble: troubles.get(edition.id) ?? '',
    })
  }
  const projected = await notYetOpen(engine, from, to)
  return [...items, ...projected].toSorted((a, b) => a.nominalAt.getTime() - b.nominalAt.getTime())
}

/** Slots of the cadences that have no edition yet: the planner opens them 14 days ahead. */
async function notYetOpen(engine: Engine, from: Date, to: Date): Promise<AgendaItem[]> {
  const calendar = institutionalCalendar(await readRestDays(engine.db))
  const now = engine.clock.now()
  const items: AgendaItem[] = []
  for (const publication of engine.publications) {
    const { slug } = publication
    const known = await engine.db
      .selectFrom('edition')
      .select('period')
      .where('publication', '=', slug)
      .where('slotAt', '>=', from)
      .execute()
    const periods = new Set(known.map((row) => row.period))
    for (const slot of plannedSlots(publication, calendar, from > now ? from : now, to)) {
      if (periods.has(slot.period) || slot.nominalAt >= to) continue
      items.push({
        editionId: undefined,
        publication: slug,
        period: slot.period,
        revision: 0,
        title: titleOf(engine, { publication: slug, period: slot.period }),
        nominalAt: slot.nominalAt,
        state: slot.omitted === undefined ? 'planned' : 'omitted',
        recipients: undefined,
        isAtMost: false,
        failures: 0,
        waitingOn: slot.omitted === undefined ? 'que se abra, 14 días antes' : '',
        reason: slot.omitted ?? slot.moved ?? '',
        relayTrouble: '',
      })
    }
  }
  return items
}

/** From counts that are kept: an agenda counts nobody one by one. */
async function expectedRecipients(
  { db }: Engine,
  publication: Publication | undefined,
  edition: Edition,
  members: Map<string, number>,
): Promise<number | undefined> {
  if (!publication || ['omitted', 'cancelled'].includes(edition.state)) return undefined
  if (edition.expectedRecipients !== null) return edition.expectedRecipients
  if (typeof publication.audience === 'function' && edition.contentId === null) return undefined
  const { lists } =
    typeof publication.audience === 'object'
      ? publication.audience
      : audienceOf(publication, (await readContent(db, edition)).body)
  return lists.reduce((sum, list) => sum + (members.get(list) ?? 0), 0)
}

function waitingOn(publication: Publication, edition: Edition): string {
  if (!['planned', 'ready', 'held'].includes(edition.state)) return ''
  if (edition.contentId === null) return 'contenido: capturista'
  if (edition.sealedHash === null) return 'marcarla como lista: capturista'
  return releasableStates(publication).includes('ready') ? '' : 'aprobación: otra persona'
}

/** The agenda as events, for the calendar of whoever wants it there. */
export function agendaFile(items: AgendaItem[], mailDomain: string): string {
  return eventsFile(
    items.map((item) => ({
      id: `${item.publication}-${item.period}${item.revision > 0 ? `-${item.revision}` : ''}`,
      sequence: 0,
      cancelled: item.state === 'cancelled' || item.state === 'omitted',
      title: `${item.title}: ${editionStateNames[item.state]}`,
      description: [recipientsText(item), item.waitingOn && `Espera ${item.waitingOn}`, item.reason]
        .filter(Boolean)
        .join('\n'),
      start: item.nominalAt,
      end: new Date(item.nominalAt.getTime() + 15 * 60_000),
    })),
    {
      name: 'Pregonero: agenda de envíos',
      mailDomain,
      stampedAt: items[0]?.nominalAt ?? new Date(0),
    },
  )
}

/** «480 direcciones», «hasta 480 direcciones»; empty while nobody knows. */
export function recipientsText({ recipients, isAtMost }: AgendaItem): string {
  if (recipients === undefined) return ''
  return `${isAtMost ? 'hasta ' : ''}${recipients.toLocaleString('es-MX')} ${recipients === 1 ? 'dirección' : 'direcciones'}`
}
