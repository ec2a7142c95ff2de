/** Quarters of every kind, from editions as the ledger holds them. */
import { expect, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import { prepareSampleData } from '../../src/cli/demo-data.ts'
import { simulate } from '../../src/cli/simulate.ts'
import { frozenClock } from '../../src/clock.ts'
import { quarterFacts, quarterReport } from '../../src/flow/report.ts'
import { reportEvidence, reportFile } from '../../src/flow/report-file.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import type { Report, ReportTable } from '../../src/report/report.ts'
import { seedRestDays } from '../../src/schedule/rest-days.ts'
import { recipientsOf } from '../../src/states.ts'
import { mexicoCity, reopenApp } from '../support/app.ts'
import { testDatabaseUrl } from '../support/database.ts'

const tableOf = (report: Report, id: string): ReportTable =>
  report.sections.flatMap(({ tables }) => tables).find((table) => table.id === id)!

test('a quarter of fourteen Fridays: one leaves a day early over the end of the year, a calendar is omitted, and the report counts what left', async () => {
  const clock = frozenClock(mexicoCity('2026-09-28T00:00'))
  const app = await reopenApp(await testDatabaseUrl(), { clock, publications })
  await seedRestDays(app.db)
  const staff = await prepareSampleData(app, { contacts: 1 })
  const departures = []
  for await (const departure of simulate(app, {
    clock,
    staff,
    until: mexicoCity('2027-01-08T00:00'),
    // nobody prepares one of them: held, and omitted when its grace is over
    prepares: ({ publication, period }) =>
      !(publication === 'calendario-ine' && period === '2026-W45'),
  }))
    departures.push(departure)

  const report = await quarterReport(app.engine, app.reportDefinitions, parseQuarter('2026-Q4'))
  const boletines = tableOf(report, 'IV.3.a.i')
  // Fridays 2 October to 25 December are thirteen; that of 1 January left on Thursday 31
  expect(boletines.totals.rows).toBe(14)
  expect(boletines.rows.at(-1)!.cells).toEqual(['14.', 'Jueves 31 de diciembre de 2026', ''])
  expect(boletines.rows.map(({ dates }) => dates[0])).toContain('2026-12-24')
  expect(tableOf(report, 'IV.3.a.ii').intro).toContain('realizaron y enviaron 12 calendarios')
  expect(tableOf(report, 'IV.1.a.ii-2').rows.map(({ cells }) => cells[1])).toEqual([
    '30 de octubre de 2026.',
    '30 de noviembre de 2026.',
    '31 de diciembre de 2026.',
  ])
  expect(tableOf(report, 'IV.4.a.ii').totals).toMatchObject({ rows: 6, topics: 2 })
  // what left as the calendar says is no discrepancy, on the 24th and the 31st too
  expect(report.discrepancies.filter(({ kind }) => kind === 'outside-cadence')).toEqual([])
  expect(report.discrepancies.filter(({ kind }) => kind === 'does-not-reconcile')).toEqual([])

  // from a number to its deliveries: every recipient has one state
  const evidence = await reportEvidence(app.engine, boletines.rows)
  expect(evidence).toHaveLength(14)
  for (const { frozenRecipients, totals, author } of evidence) {
    expect(recipientsOf(totals)).toBe(frozenRecipients)
    expect(author).toBe('ana')
  }

  // a report costs by edition, and each of its forms is made of it
  for (const format of ['docx', 'xlsx', 'html', 'md', 'json'] as const)
    expect((await reportFile(app.engine, report, { format })).length, format).toBeGreaterThan(1_000)
  const csv = await reportFile(app.engine, report, { format: 'csv', table: 'IV.3.a.i' })
  expect(csv.toString('utf8').split('\r\n')[1]).toBe(
    '1.,Viernes 2 de octubre de 2026,Boletín Electoral.',
  )
  await expect(reportFile(app.engine, report, { format: 'csv' })).rejects.toThrow('--table')
  await expect(reportFile(app.engine, report, { format: 'md', table: 'IV.3.a.1' })).rejects.toThrow(
    '¿Quiso decir IV.3.a.i?',
  )
}, 120_000)

test('what a quarter plans for the next is what is due in that, also when it moves over the end of the year', async () => {
  const app = await reopenApp(await testDatabaseUrl(), { publications })
  await seedRestDays(app.db)
  const [last, first] = await Promise.all(
    ['2026-Q4', '2027-Q1'].map((name) => quarterFacts(app.engine, parseQuarter(name))),
  )
  expect(first!.due).toEqual(last!.planned)
  // thirteen Fridays, and that of 1 January on Thursday 31
  expect(last!.due.get('boletin-electoral')).toBe(14)
  // without that, and without that of Holy Week
  expect(first!.due.get('boletin-electoral')).toBe(11)
  const { dates } = last!.cadences.get('boletin-electoral')!
  expect([...dates].at(-1)).toBe('2026-12-31')
  expect(dates.size).toBe(14)
})

test('an empty quarter prints every table with its heading and no row, and zeros in its sentences', async () => {
  const app = await reopenApp(await testDatabaseUrl())
  const report = await quarterReport(app.engine, app.reportDefinitions, parseQuarter('2026-Q2'))
  const tables = report.sections.flatMap((section) => section.tables)
  expect(tables).toHaveLength(14)
  expect(tables.every(({ totals }) => totals.rows === 0)).toBe(true)
  expect(tableOf(report, 'IV.3.a.ii').intro).toContain('enviaron 0 calendarios')
  expect((await reportFile(app.engine, report, { format: 'docx' })).length).toBeGreaterThan(1_000)
})
