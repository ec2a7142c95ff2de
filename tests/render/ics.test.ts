import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import { calendarioIne } from '../../jobs/calendario-ine.ts'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import type { Evento } from '../../src/content/evento.ts'
import type { CalendarEvent, EditionFacts, Publication } from '../../src/publication.ts'
import { calendarFile, eventsFile } from '../../src/render/ics.ts'
import {
  calendario,
  chosenHour,
  correction,
  evento,
  invitacion,
  mailDomain,
  monday,
  sesion,
  type Calendario,
} from './samples.ts'

function fileOf(
  publication: Publication,
  body: { muestra: boolean },
  edition: EditionFacts = monday,
) {
  const file = calendarFile(publication, body, edition, mailDomain)
  if (file === undefined) throw new Error('no file')
  return { ...file, content: String(file.content) }
}

const weekFile = (changes: Partial<Calendario> = {}, edition: EditionFacts = monday) =>
  fileOf(calendarioIne, { ...calendario(), ...changes }, edition)

const read = (content: string) => new ICAL.Component(ICAL.parse(content))
const eventsIn = (content: string) =>
  read(content)
    .getAllSubcomponents('vevent')
    .map((component) => ({ component, event: new ICAL.Event(component) }))

const plain: CalendarEvent = {
  id: 'x',
  sequence: 0,
  cancelled: false,
  title: 'Sesión',
  start: new Date('2026-11-23T18:00:00Z'),
}
const facts = { name: 'Agenda', mailDomain, stampedAt: new Date('2026-11-23T14:30:00Z') }

test('a week of sessions is a published calendar with one event each', () => {
  const { filename, contentType, content } = weekFile()
  expect(filename).toBe('calendario-ine-2026-W48.ics')
  expect(contentType).toBe('text/calendar; charset=utf-8; method=PUBLISH')
  const calendar = read(content)
  expect(calendar.getFirstPropertyValue('method')).toBe('PUBLISH')
  expect(calendar.getFirstPropertyValue('version')).toBe('2.0')
  expect(calendar.getFirstPropertyValue('prodid')).toBe('-//IECM DVOE//Pregonero//ES')
  expect(calendar.getFirstPropertyValue('name')).toBe('Calendario de sesiones del INE')
  expect(eventsIn(content).map(({ event }) => event.uid)).toEqual(
    calendario().sesiones.map(({ id }) => `sesion-ine-${id}@${mailDomain}`),
  )
  expect(content).not.toContain('VALARM')
})

test('hours are written as instants, in UTC', () => {
  const { component, event } = eventsIn(weekFile().content)[0]!
  expect(event.startDate.toJSDate()).toEqual(new Date('2026-11-23T12:00:00-06:00'))
  expect(event.endDate.toJSDate()).toEqual(new Date('2026-11-23T14:00:00-06:00'))
  expect(component.getFirstPropertyValue('dtstart')?.toString()).toBe('2026-11-23T18:00:00Z')
  expect(event.summary).toBe('CVOPL: décima primera sesión ordinaria')
  expect(component.getFirstPropertyValue('url')).toBe('https://example.org/transmision/cvopl')
})

test('a session without an hour takes its day, and leaves people free', () => {
  const { component, event } = eventsIn(
    weekFile({ sesiones: [sesion({ fecha: '2026-11-26', hora: null })] }).content,
  )[0]!
  expect(event.startDate.isDate).toBe(true)
  expect(event.startDate.toString()).toBe('2026-11-26')
  expect(event.endDate.toString()).toBe('2026-11-27')
  expect(component.getFirstPropertyValue('transp')).toBe('TRANSPARENT')
  expect(event.description).toContain('Por confirmar')
})

test('a change keeps the UID and raises SEQUENCE; a cancelled session says so in STATUS and in words', () => {
  const file = weekFile(
    {
      sesiones: [
        sesion({ id: 'uno', secuencia: 1, hora: '11:00', cambio: 'modificada' }),
        sesion({ id: 'dos', secuencia: 2, estado: 'cancelada', cambio: 'cancelada' }),
      ],
    },
    correction,
  )
  expect(file.filename).toBe('calendario-ine-2026-W48-alcance-1.ics')
  const seen = eventsIn(file.content).map(({ component, event }) => [
    event.uid,
    event.sequence,
    component.getFirstPropertyValue('status'),
    event.summary,
  ])
  expect(seen).toEqual([
    [`sesion-ine-uno@${mailDomain}`, 1, 'CONFIRMED', 'JGE: sesión ordinaria'],
    [`sesion-ine-dos@${mailDomain}`, 2, 'CANCELLED', 'Cancelada. JGE: sesión ordinaria'],
  ])
})

test('the same edition gives the same bytes, stamped with its hour and not with that of the machine', async () => {
  const first = weekFile()
  await new Promise((resolve) => setTimeout(resolve, 1100))
  expect(weekFile()).toEqual(first)
  for (const { component } of eventsIn(first.content))
    expect(component.getFirstPropertyValue('dtstamp')?.toString()).toBe('2026-11-23T14:30:00Z')
})

test('lines end in CRLF and have 75 octets at most, whatever the alphabet', () => {
  const title = `${'Sesión 会議 👩🏽‍💻 ñ'.repeat(20)} ${'x'.repeat(200)}`
  const content = eventsFile(
    [{ ...plain, title, description: '\n'.repeat(100) + title, location: '日'.repeat(100) }],
    { ...facts, name: title },
  )
  expect(content.endsWith('END:VCALENDAR\r\n')).toBe(true)
  expect(content.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  for (const line of content.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  expect(eventsIn(content)[0]?.event.summary).toBe(title)
  expect(read(content).getFirstPropertyValue('name')).toBe(title)
})

test.each([
  ['separators', 'Uno, dos; tres: cuatro \\ cinco \\n seis "siete" ^n'],
  ['line ends', 'Uno\nBEGIN:VALARM\nEND:VEVENT\nDTSTART:19700101T000000Z'],
  ['emoji and other scripts', '👩🏽‍💻 🏳️‍🌈 שלום 会議 ñ'],
])('text with %s comes back as it was written', (_, text) => {
  const content = eventsFile(
    [{ ...plain, title: text, description: text, location: text, url: 'https://a.mx/?a=1,2;b=\\' }],
    { ...facts, name: text },
  )
  const [only, ...others] = eventsIn(content)
  expect(others).toEqual([])
  expect(only?.event.summary).toBe(text)
  expect(only?.event.description).toBe(text)
  expect(only?.event.location).toBe(text)
  expect(only?.component.getFirstPropertyValue('url')).toBe('https://a.mx/?a=1%2C2%3Bb=%5C')
  expect(only?.event.startDate.toJSDate()).toEqual(plain.start)
})

test('half a character becomes a whole one, so that what is hashed is what is sent', () => {
  const content = eventsFile([{ ...plain, title: 'a\ud83d' }], facts)
  expect(content).toContain('SUMMARY:a\ufffd\r\n')
})

test('an id that could write another property is a bug, not an event', () => {
  expect(() => eventsFile([{ ...plain, id: 'x\r\nATTACH:y' }], facts)).toThrow(
    /Not the id of an event/,
  )
})

test('an invitation carries its event with the place and the link', () => {
  const body = invitacion()
  const file = fileOf(invitacionRedObservacion, body, { ...chosenHour, revision: 2 })
  expect(file.filename).toBe('invitacion-red-observacion-taller-diciembre-alcance-2.ics')
  const { component, event } = eventsIn(file.content)[0]!
  expect(event.uid).toMatch(/^evento-2026-12-03-[0-9a-f]{12}@/)
  expect(event.startDate.toJSDate()).toEqual(new Date('2026-12-03T17:00:00-06:00'))
  expect(event.endDate.toJSDate()).toEqual(new Date('2026-12-03T18:30:00-06:00'))
  expect(component.getFirstPropertyValue('url')).toBe('https://example.org/registro')
  const hybrid = evento({ modalidad: 'hibrida', sede: 'Sala A, piso 2', liga: 'https://a.mx/x' })
  const other = fileOf(invitacionRedObservacion, { ...body, evento: hybrid } as never, chosenHour)
  expect(eventsIn(other.content)[0]?.event.location).toBe('Sala A, piso 2 · https://a.mx/x')
})

test('an event is the same in whatever mail mentions it: the one that leaves last has the last word', () => {
  const later = { ...chosenHour, nominalAt: new Date('2026-11-30T10:00:00-06:00') }
  const eventOf = (one: Evento, edition: EditionFacts) =>
    eventsIn(
      fileOf(invitacionRedObservacion, { ...invitacion(), evento: one } as never, edition).content,
    )[0]!
  const moved = { titulo: 'Taller en línea', inicio: '2026-12-03T16:00:00-06:00' }
  for (const [first, second] of [
    [evento(), evento({ cancelado: true })],
    [evento({ clave: 'taller-de-muestra' }), evento({ clave: 'taller-de-muestra', ...moved })],
  ] as const) {
    const [before, after] = [eventOf(first, chosenHour), eventOf(second, later)]
    expect(after.event.uid).toBe(before.event.uid)
    expect(after.event.sequence).toBeGreaterThan(before.event.sequence)
  }
  const { component, event } = eventOf(evento({ cancelado: true }), later)
  expect(component.getFirstPropertyValue('status')).toBe('CANCELLED')
  expect(event.summary).toBe('Cancelado. Taller virtual «Qué observa quien observa»')
})

test('without events there is no file', () => {
  expect(
    calendarFile(calendarioIne, { ...calendario(), sesiones: [] } as never, monday, mailDomain),
  ).toBe(undefined)
  const { evento: _evento, ...withoutEvent } = invitacion()
  expect(calendarFile(invitacionRedObservacion, withoutEvent, chosenHour, mailDomain)).toBe(
    undefined,
  )
})

test('a period with any character makes a safe file name', () => {
  const { filename } = weekFile({}, { ...monday, period: '../2026 «W48»\r\n' })
  expect(filename).toBe('calendario-ine-..-2026-W48-.ics')
})
