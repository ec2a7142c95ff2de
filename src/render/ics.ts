/** The `.ics` beside a mail: the events of its content as an iCalendar file (RFC 5545) that any calendar can add. */
import ical, {
  ICalCalendarMethod,
  ICalEventStatus,
  ICalEventTransparency,
  escape,
  type ICalEventData,
} from 'ical-generator'
import type { Attachment } from '../mail.ts'
import type { CalendarEvent, EditionFacts, Publication } from '../publication.ts'

const prodId = { company: 'IECM DVOE', product: 'Pregonero', language: 'ES' }
const dayMs = 86_400_000

/**
 * undefined when the content announces no event. A pure function of its arguments: the file is hashed with the rest
 * of what is sent. `mailDomain`: of the UIDs.
 */
export function calendarFile(
  publication: Publication,
  body: { muestra: boolean },
  edition: EditionFacts,
  mailDomain: string,
): Attachment | undefined {
  const events = publication.events?.(body, edition) ?? []
  if (events.length === 0) return undefined
  return {
    filename: filename(publication, edition),
    contentType: 'text/calendar; charset=utf-8; method=PUBLISH',
    content: eventsFile(events, {
      name: publication.name,
      mailDomain,
      // when this version was published, not when it was computed: the same edition gives the same bytes
      stampedAt: edition.nominalAt,
    }),
  }
}

/** `calendario-ine-2026-W48.ics`; a correction says which one, so that both can lie in the same folder. */
function filename({ slug }: Publication, { period, revision }: EditionFacts): string {
  const name = `${slug}-${period}${revision > 0 ? `-alcance-${revision}` : ''}`
  return `${name.replace(/[^\w.-]+/g, '-')}.ics`
}

export interface EventsFileFacts {
  /** What a calendar program calls it. */
  name: string
  /** UIDs are `<id>@<mailDomain>`. */
  mailDomain: string
  /** DTSTAMP of every event. */
  stampedAt: Date
}

export function eventsFile(events: CalendarEvent[], facts: EventsFileFacts): string {
  const calendar = ical({
    prodId,
    // published, not an invitation: nobody is asked to answer
    method: ICalCalendarMethod.PUBLISH,
    // the one text that the library writes as it is
    name: escape(facts.name.toWellFormed(), false),
    // without a timezone: the hours of its events are written in UTC, and every calendar shows them in its own
    events: events.map((event) => eventData(event, facts)),
  })
  return `${calendar.toString()}\r\n`
}

function eventData(
  event: CalendarEvent,
  { mailDomain, stampedAt }: EventsFileFacts,
): ICalEventData {
  const { id, sequence, cancelled, title, description, location, url, start, end } = event
  if (!/^[\w.-]+$/.test(id)) throw new Error(`Not the id of an event: ${JSON.stringify(id)}`)
  const isAllDay = typeof start === 'string'
  return {
    id: `${id}@${mailDomain}`,
    sequence,
    stamp: stampedAt,
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    summary: title.toWellFormed(),
    ...(description !== undefined && { description: description.toWellFormed() }),
    ...(location !== undefined && { location: location.toWellFormed() }),
    ...(url !== undefined && { url: uri(url) }),
    start,
    // DTEND is the first day that it does not take (RFC 5545 §3.6.1)
    ...(isAllDay
      ? { allDay: true, end: new Date(Date.parse(start) + dayMs) }
      : end !== undefined && { end }),
    // a day whose hour is not known yet, or that will not be held, leaves people free
    ...((isAllDay || cancelled) && { transparency: ICalEventTransparency.TRANSPARENT }),
  }
}

/** The library escapes URLs as if they were text, which they are not (RFC 5545 §3.3.13): nothing is left to escape. */
const uri = (url: string): string => new URL(url).href.replace(/[\\;,]/g, encodeURIComponent)
