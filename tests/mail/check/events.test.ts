import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import { sampleMail, samples } from '../../support/sample-mails.ts'

test.each(
  samples
    .filter(({ publication }) => publication.events !== undefined)
    .map((sample) => [sample.name, sample] as const),
)('another program reads from the .ics of %s the events that it announces', async (_, sample) => {
  const { publication, body, edition, rendering } = await sampleMail(sample)
  const announced = publication.events!(body, edition)
  const [file, ...others] = rendering.attachments.filter(({ contentType }) =>
    contentType.startsWith('text/calendar'),
  )
  expect(others).toEqual([])
  if (announced.length === 0) {
    expect(file).toBeUndefined()
    return
  }
  const text = String(file!.content)
  const calendar = new ICAL.Component(ICAL.parse(text))
  expect(calendar.name).toBe('vcalendar')
  expect(calendar.getFirstPropertyValue('version')).toBe('2.0')
  expect(calendar.getFirstPropertyValue('prodid')).toMatch(/^-\/\/IECM DVOE\/\/Pregonero\/\/ES$/)
  expect(calendar.getFirstPropertyValue('method')).toBe('PUBLISH')

  const events = calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event))
  expect(
    events.map(({ summary, startDate, sequence, component }) => ({
      title: summary,
      start: startDate.isDate ? startDate.toString() : startDate.toJSDate(),
      sequence,
      cancelled: component.getFirstPropertyValue('status') === 'CANCELLED',
    })),
  ).toEqual(
    announced.map(({ title, start, sequence, cancelled }) => ({
      title,
      start,
      sequence,
      cancelled,
    })),
  )
  for (const [index, { end, start }] of announced.entries()) {
    if (end) expect(events[index]!.endDate.toJSDate()).toEqual(end)
    if (start instanceof Date) expect(events[index]!.startDate.zone.tzid).toBe('UTC')
  }
  expect(new Set(events.map(({ uid }) => uid)).size).toBe(announced.length)
  for (const { uid } of events) expect(uid).toMatch(/^[\w.-]+@iecm\.mx$/)

  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true)
  // RFC 5545 §3.1
  const longest = Math.max(...text.split('\r\n').map((line) => Buffer.byteLength(line)))
  expect(longest).toBeLessThanOrEqual(75)
})
