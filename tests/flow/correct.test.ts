import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import { addContent } from '../../src/flow/add-content.ts'
import { openCorrection } from '../../src/flow/correct.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import { quarterReport } from '../../src/flow/report.ts'
import { frozenClock } from '../../src/clock.ts'
import { boletinYaml } from '../support/content.ts'
import {
  addContacts,
  boletin,
  editionNow,
  eventually,
  mexicoCity,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { mailsOf } from '../support/outbox.ts'

const mondayAt830 = mexicoCity('2026-11-23T08:30')

async function calendarApp(): Promise<TestApp> {
  const app = await testApp({ clock: frozenClock(mexicoCity('2026-11-22T20:00')), recipients: 0 })
  await addContacts(app, 2, 'titular', 'calendario-ine')
  await startWorkers(app)
  await plan(app.engine)
  return app
}

async function sendCalendar(
  app: TestApp,
  text: string,
  options: { at: Date; period: string },
): Promise<number> {
  const edition = await addContent(
    app.engine,
    app.ana,
    { text, place: 'calendario.yaml' },
    options.period,
  )
  await markReady(app.engine, app.ana, edition.id)
  app.clock.moveTo(options.at)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  return edition.id
}

/** The events of the newest mail in the outbox, by UID. */
async function eventsOfLastMail(app: TestApp) {
  const mail = (await mailsOf(app)).at(-1)!
  const [attachment] = mail.attachments
  const text = Buffer.from(attachment!.content as ArrayBuffer).toString()
  const calendar = new ICAL.Component(ICAL.parse(text))
  const events = calendar
    .getAllSubcomponents('vevent')
    .map((event): [string, { sequence: unknown; status: unknown }] => [
      String(event.getFirstPropertyValue('uid')).split('@')[0]!,
      {
        sequence: event.getFirstPropertyValue('sequence'),
        status: event.getFirstPropertyValue('status'),
      },
    ])
  return { mail, method: calendar.getFirstPropertyValue('method'), events: new Map(events) }
}

test('an alcance raises the sequence of what changed, cancels what it drops, and never counts', async () => {
  const app = await calendarApp()
  const { text } = sampleFor('calendario-ine', mondayAt830)
  const id = await sendCalendar(app, text, { at: mondayAt830, period: '2026-W48' })
  const first = await eventsOfLastMail(app)
  expect(first.method).toBe('PUBLISH')
  expect([...first.events.values()]).toEqual(
    Array.from({ length: 6 }, () => ({ sequence: 0, status: 'CONFIRMED' })),
  )

  const later = mexicoCity('2026-11-23T13:00')
  const correction = await openCorrection(app.engine, app.ana, id, later)
  expect(correction).toMatchObject({ revision: 1, period: '2026-W48', state: 'planned' })
  // one at another hour, one cancelled, one left out
  const changed = text
    .replace('hora: "10:00"', 'hora: "11:00"')
    .replace(/(id: unidas-cppp-cvopl[^]*?modalidad: virtual\n)/, '$1    estado: cancelada\n')
    .replace(/ {2}- id: crt-esp-06[^]*?(?= {2}- id: gt-muestra-03)/, '')
  await sendCalendar(app, changed, { at: later, period: '2026-W48' })
  const second = await eventsOfLastMail(app)
  expect(second.mail.subject).toBe(
    'Alcance: Calendario de sesiones del INE, semana del 23 de noviembre de 2026',
  )
  expect(Object.fromEntries(second.events)).toEqual({
    'sesion-ine-cvopl-ord-11': { sequence: 0, status: 'CONFIRMED' },
    'sesion-ine-jge-ord-11': { sequence: 1, status: 'CONFIRMED' },
    'sesion-ine-unidas-cppp-cvopl': { sequence: 1, status: 'CANCELLED' },
    'sesion-ine-crt-esp-06': { sequence: 1, status: 'CANCELLED' },
    'sesion-ine-gt-muestra-03': { sequence: 0, status: 'CONFIRMED' },
    'sesion-ine-cg-ext-muestra': { sequence: 0, status: 'CONFIRMED' },
  })
  for (const word of ['Modificada', 'Cancelada']) expect(second.mail.html).toContain(word)

  const report = await quarterReport(app.engine, app.reportDefinitions, parseQuarter('2026-Q4'))
  const section = report.sections.find((one) => one.id === 'IV.3.a.ii')
  expect(section?.tables[0]?.rows.map((row) => row.editions)).toEqual([[id]])
  expect(section?.tables[0]?.intro).toContain('enviaron 1 calendarios semanales')
})

test('sessions entered before are taken by a calendar that does not name them', async () => {
  const app = await calendarApp()
  const { text } = sampleFor('calendario-ine', mondayAt830)
  await addContent(app.engine, app.ana, { text, place: 'a.yaml' }, '2026-W48')
  const bare = text.replace(/^sesiones:[^]*/m, '')
  await sendCalendar(app, bare, { at: mondayAt830, period: '2026-W48' })
  expect((await eventsOfLastMail(app)).events.size).toBe(6)
})

test('an empty week is legal, says so, and carries no calendar file', async () => {
  const app = await calendarApp()
  const { text } = sampleFor('calendario-ine', mondayAt830)
  const empty = text.replace(/^sesiones:[^]*/m, 'sesiones: []\n')
  await sendCalendar(app, empty, { at: mondayAt830, period: '2026-W48' })
  const [mail] = await mailsOf(app)
  expect(mail!.attachments).toEqual([])
  expect(mail!.text).toContain('Sin sesiones programadas')
})

test('a session outside its week and one entered twice are refused with their place', async () => {
  const app = await calendarApp()
  const { text } = sampleFor('calendario-ine', mondayAt830)
  const wrong = text
    .replace('fecha: 2026-11-24', 'fecha: 2026-12-01')
    .replace('id: crt-esp-06', 'id: jge-ord-11')
  await expect(addContent(app.engine, app.ana, { text: wrong, place: 'c.yaml' })).rejects.toThrow(
    /sesiones\[1\]\.fecha: la sesión no pertenece a esta semana[^]*sesiones\[3\]\.id: está repetido/,
  )
})

test('only what was sent is corrected by an alcance', async () => {
  const app = await calendarApp()
  const { id } = await app.db
    .selectFrom('edition')
    .select('id')
    .orderBy('id')
    .executeTakeFirstOrThrow()
  await expect(
    openCorrection(app.engine, app.ana, id, mexicoCity('2026-11-24T10:00')),
  ).rejects.toThrow('no se puede corregir con un alcance: está planeada')
})

test('a boletín is corrected on Monday, and in January with its number of December', async () => {
  const app = await testApp({ clock: frozenClock(mexicoCity('2026-12-21T09:00')), recipients: 1 })
  await startWorkers(app)
  const text = boletinYaml({ del: '2026-12-21', al: '2026-12-25' })
  const edition = await boletin(app, { yaml: text })
  app.clock.moveTo(edition.nominalAt)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  const { id } = await openCorrection(
    app.engine,
    app.ana,
    edition.id,
    mexicoCity('2027-01-04T12:00'),
  )
  await addContent(app.engine, app.ana, { text, place: 'b.yaml' }, edition.period)
  await markReady(app.engine, app.ana, id, { confirmRepeat: true })
  expect(await editionNow(app, id)).toMatchObject({
    issueYear: 2026,
    issueNumber: edition.issueNumber,
  })
})

test('what was cancelled after it had reached somebody can be corrected', async () => {
  const app = await calendarApp()
  const { text } = sampleFor('calendario-ine', mondayAt830)
  const id = await sendCalendar(app, text, { at: mondayAt830, period: '2026-W48' })
  await app.db.updateTable('edition').set({ state: 'cancelled' }).where('id', '=', id).execute()
  const correction = await openCorrection(app.engine, app.ana, id, mexicoCity('2026-11-23T13:00'))
  expect(correction.revision).toBe(1)
})
