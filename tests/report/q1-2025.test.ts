/** January–March 2025: what the institute printed, from rows that were imported and from nothing else. */
import { expect, test } from 'vitest'
import { addTopic, listTopics } from '../../src/content/topics.ts'
import { quarterReport } from '../../src/flow/report.ts'
import { enterFigure, importRows } from '../../src/flow/register.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import type { Report, ReportTable } from '../../src/report/report.ts'
import { seedRestDays } from '../../src/schedule/rest-days.ts'
import { publications } from '../../jobs/index.ts'
import { testApp, type TestApp } from '../support/app.ts'
import { footnote, historyJson, paper, topics } from './paper.ts'

const quarter = parseQuarter('2025-Q1')

async function withHistory(): Promise<TestApp> {
  const app = await testApp({ publications })
  await seedRestDays(app.db)
  await addTopics(app)
  await importHistory(app)
  return app
}

/** The twelve, with those that a new installation has. */
async function addTopics(app: TestApp): Promise<void> {
  const known = new Set((await listTopics(app.db)).map(({ key }) => key))
  for (const [key] of topics.filter(([one]) => !known.has(one)))
    await addTopic(app.db, { key, name: key }, app.clock.now())
}

const importHistory = (app: TestApp, dryRun = false) =>
  importRows(
    app.engine,
    app.reportDefinitions,
    app.ana,
    { bytes: historyJson(), place: 'historia.json' },
    { dryRun },
  )

const reportOf = (app: TestApp): Promise<Report> =>
  quarterReport(app.engine, app.reportDefinitions, quarter)

const tablesIn = (report: Report): Map<string, ReportTable> =>
  new Map(report.sections.flatMap(({ tables }) => tables).map((table) => [table.id, table]))

test('every cell of every table is the one that was printed, slips of its dates apart, which are told', async () => {
  const report = await reportOf(await withHistory())
  const tables = tablesIn(report)
  expect(paper.rows).toHaveLength(128)
  const slips: [string, string][] = []
  for (const row of paper.rows) {
    const built = tables.get(row.tableId)!.rows[row.no - 1]!
    const merged = tables.get(row.tableId)!.mergedColumn
    const expected = row.cellsPrinted.map((cell, column) => {
      // one cell drawn from the first row, where the paper has it on whatever row a page break left
      if (column === merged) return row.no === 1 ? row.textEffective : ''
      if (cell !== row.datePrinted) return cell
      const canonical = cell.endsWith('*') ? `${row.dateCanonical}*` : row.dateCanonical!
      if (cell !== canonical) slips.push([row.id, cell])
      return canonical
    })
    expect.soft(built.cells, row.id).toEqual(expected)
  }
  // nothing but what the golden data says that differs
  expect(slips.map(([id]) => id)).toEqual(
    paper.rows
      .filter(
        ({ dateCanonicalMatches, datePrinted }) =>
          dateCanonicalMatches === false && !datePrinted?.endsWith('*'),
      )
      .map(({ id }) => id),
  )
  const told = report.discrepancies.filter(({ kind }) => kind === 'printed-date')
  expect(new Map(told.map(({ place, value }) => [place, value]))).toEqual(new Map(slips))
  expect(tables.get('IV.3.a.vi-1')!.footnotes).toEqual([`* ${footnote}`])
})

test('its totals come from rows: 13 mails, 13 boletines, 13 calendars, 6 reports, 20 communications on 12 topics', async () => {
  const report = await reportOf(await withHistory())
  const tables = tablesIn(report)
  const rowsOf = (id: string) => tables.get(id)!.totals.rows
  expect(['IV.1.a.ii-1', 'IV.3.a.i', 'IV.3.a.ii', 'IV.3.a.iv', 'IV.4.a.ii'].map(rowsOf)).toEqual([
    13, 13, 13, 6, 20,
  ])
  expect(tables.get('IV.4.a.ii')!.totals.topics).toBe(12)
  expect(tables.get('IV.1.a.ii-1')!.intro).toMatch(
    /^Durante el primer trimestre se distribuyeron, .*\*\*13 comunicaciones\*\*/,
  )
  expect(tables.get('IV.3.a.iv')!.intro).toContain('se enviaron seis informes estadísticos')
  expect(tables.get('IV.4.a.ii')!.intro).toContain(
    '**20 comunicaciones, relacionadas con 12 temas diferentes.**',
  )
  const first = report.sections
    .filter(({ id }) => id.startsWith('I'))
    .flatMap((one) => one.paragraphs)
  expect(first.join('\n')).toContain(
    'Se generaron 13 boletines electorales, así como 13 calendarios',
  )
  expect(report.title).toBe(
    'Segundo informe trimestral de la Comisión Provisional de Vinculación con Organismos Externos de enero a marzo de 2025',
  )
})

test('the coming quarter is planned from cadences and rest days: 12 boletines and 12 calendars, as was printed', async () => {
  const report = await reportOf(await withHistory())
  const planned = Object.fromEntries(report.planned.map((one) => [one.publication, one.editions]))
  // thirteen Fridays and Mondays less Semana Santa; the paper plans 15 of the Pulso, which no cadence gives
  expect(planned).toMatchObject({
    'boletin-electoral': 12,
    'calendario-ine': 12,
    'pulso-internacional': 12,
    'informe-quincenal': 6,
  })
  const text = report.sections.flatMap((section) => section.paragraphs).join('\n')
  expect(text).toContain('Se tienen programados 12 boletines Electorales')
})

test('what the paper got wrong is found: weekdays, the two tables of Voto Chilango, rest days, cadences', async () => {
  const report = await reportOf(await withHistory())
  const found = (kind: string) => report.discrepancies.filter((one) => one.kind === kind)
  const otherWeekday = found('printed-date').filter(({ message }) =>
    message.includes('día de la semana'),
  )
  expect(otherWeekday.map(({ place, value }) => [place, value])).toEqual([
    ['IV.3.a.i#02', 'Viernes 11 de enero de 2025'],
    ['IV.3.a.i#13', 'Viernes 29 de marzo de 2025'],
    ['IV.3.a.v#01', 'Jueves 27 de enero de 2025'],
  ])
  const [disagreement] = found('tables-disagree')
  expect(disagreement).toMatchObject({ place: 'IV.1.a.ii-1 y IV.1.a.ii-2' })
  expect(disagreement!.value).toContain('sólo en la primera: 2025-01-06')
  expect(disagreement!.value).toContain('sólo en la segunda: 2025-01-02, 2025-02-18, 2025-03-26')
  const placesOf = (kind: string, date: string) =>
    found(kind)
      .filter(({ value }) => value === date)
      .map(({ place }) => place)
      .toSorted()
  expect(placesOf('rest-day', '2025-02-03')).toEqual([
    'IV.1.a.ii-2#05',
    'IV.2.a.ii#02',
    'IV.3.a.ii#05',
    'IV.3.a.iv#02',
    'IV.3.a.v#02',
  ])
  expect(placesOf('rest-day', '2025-03-17')).toEqual([
    'IV.2.a.ii#04',
    'IV.3.a.ii#11',
    'IV.3.a.iv#05',
  ])
  expect(found('rest-day').find(({ value }) => value === '2025-02-02')?.message).toContain(
    'domingo',
  )
  expect(found('outside-cadence').map(({ place, value }) => [place, value])).toEqual([
    ['IV.1.a.ii-2#04', '2025-01-30'],
    ['IV.2.a.ii#01', '2025-01-07'],
    ['IV.3.a.i#02', '2025-01-11'],
    ['IV.3.a.i#13', '2025-03-29'],
    ['IV.3.a.iv#06', '2025-03-31'],
  ])
  expect(found('outside-quarter').map(({ place }) => place)).toEqual(['IV.3.a.vi-1#01'])
  for (const one of report.discrepancies) {
    expect(one.remedy, one.place).not.toBe('')
    expect(one.message).not.toMatch(/undefined|null/)
  }
})

test('the same file twice changes nothing, and a rehearsal writes nothing', async () => {
  const app = await testApp({ publications })
  await addTopics(app)
  expect(await importHistory(app, true)).toEqual({
    rows: 128,
    added: 128,
    changed: 0,
    unchanged: 0,
    kept: 0,
  })
  expect(await app.db.selectFrom('registerRow').selectAll().execute()).toEqual([])
  expect(await importHistory(app)).toMatchObject({ added: 128 })
  expect(await importHistory(app)).toEqual({
    rows: 128,
    added: 0,
    changed: 0,
    unchanged: 128,
    kept: 0,
  })
})

test('a count that the paper printed is compared with the rows', async () => {
  const app = await withHistory()
  for (const [key, value] of [
    ['IV.3.a.i', 13],
    ['IV.4.a.ii', 21],
  ] as const)
    await enterFigure(app.engine, app.reportDefinitions, app.ana, {
      quarter: '2025-Q1',
      key,
      value,
    })
  const { discrepancies } = await reportOf(app)
  expect(discrepancies.filter(({ kind }) => kind === 'count')).toMatchObject([
    { place: 'IV.4.a.ii', message: 'el papel dice 21 y la tabla tiene 20 renglones' },
  ])
})
