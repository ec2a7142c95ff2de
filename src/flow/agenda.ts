/** The agenda: what will leave, when, to how many, and whom it waits for. */
import { countAudience } from '../audience/audience.ts'
import { readContent } from '../content/content.ts'
import type { Edition } from '../editions/editions.ts'
import { totalsOfMany } from '../ledger/totals.ts'
import { audienceOf, type Publication } from '../publication.ts'
import { institutionalCalendar } from '../schedule/institutional-calendar.ts'
import { plannedSlots } from '../schedule/planned-slots.ts'
import { readRestDays } from '../schedule/rest-days.ts'
import { recipientsOf, type EditionState } from '../states.ts'
import { titleOf, type Engine } from './engine.ts'
import { releasableStates } from './release.ts'

export interface AgendaItem {
  /** undefined: the planner has not opened it yet, and the calendar says that it will. */
  editionId: number | undefined
  publication: string
  period: string
  title: string
  nominalAt: Date
  state: EditionState
  /** Counted now for what has not left; frozen for what has. undefined while its audience is not known. */
  recipients: number | undefined
  /** What lacks, and whose turn it is (es); empty when it leaves by itself. */
  waitingOn: string
  /** Why it is held, omitted or moved (es). */
  reason: string
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
  const items: AgendaItem[] = []
  for (const edition of editions) {
    const publication = engine.publications.find((one) => one.slug === edition.publication)
    const sums = totals.get(edition.id)
    items.push({
      editionId: edition.id,
      publication: edition.publication,
      period: edition.period,
      title: titleOf(engine, edition),
      nominalAt: edition.nominalAt,
      state: edition.state,
      recipients: sums
        ? recipientsOf(sums)
        : await expectedRecipients(engine, publication, edition),
      waitingOn: publication ? waitingOn(publication, edition) : '',
      reason: edition.stateReason ?? edition.movedReason ?? '',
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
        title: titleOf(engine, { publication: slug, period: slot.period }),
        nominalAt: slot.nominalAt,
        state: slot.omitted === undefined ? 'planned' : 'omitted',
        recipients: undefined,
        waitingOn: slot.omitted === undefined ? 'que se abra, 14 días antes' : '',
        reason: slot.omitted ?? slot.moved ?? '',
      })
    }
  }
  return items
}

async function expectedRecipients(
  engine: Engine,
  publication: Publication | undefined,
  edition: Edition,
): Promise<number | undefined> {
  if (!publication || ['omitted', 'cancelled'].includes(edition.state)) return undefined
  if (typeof publication.audience === 'object')
    return (await countAudience(engine.db, publication.audience)).recipients
  if (edition.contentId === null) return undefined
  const content = await readContent(engine.db, edition)
  return (await countAudience(engine.db, audienceOf(publication, content.body))).recipients
}

function waitingOn(publication: Publication, edition: Edition): string {
  if (!['planned', 'ready', 'held'].includes(edition.state)) return ''
  if (edition.contentId === null) return 'contenido: capturista'
  if (edition.sealedHash === null) return 'marcarla como lista: capturista'
  return releasableStates(publication).includes('ready') ? '' : 'aprobación: otra persona'
}
