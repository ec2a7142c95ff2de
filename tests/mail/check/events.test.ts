import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import { publications } from '../../../jobs/index.ts'
import { sampleMail } from '../../support/sample-mails.ts'

test.each(
  publications
    .filter(({ events }) => events !== undefined)
    .map((publication) => [publication.slug, publication] as const),
)('another program reads from the .ics of %s the events that it announces', async (_, one) => {
  const { body, edition, rendering } = await sampleMail(one)
  const announced = one.events!(body, edition)
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
    events.map(({ summary, startDate, sequence }) => ({
      title: summary,
      start: startDate.isDate ? startDate.toString() : startDate.toJSDate(),
      sequence,
    })),
  ).toEqual(announced.map(({ title, start, sequence }) => ({ title, start, sequence })))
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
