import { expect, test } from 'vitest'
import type { Db } from '../../src/db/database.ts'
import { readDefinitions, tablesOf, type ReportDefinitions } from '../../src/report/definition.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import type { Report, ReportTable } from '../../src/report/report.ts'
import { quarterReport } from '../../src/flow/report.ts'
import { publications } from '../../jobs/index.ts'
import type { Quarter } from '../../src/report/quarter.ts'
import { mexicoCity } from '../support/app.ts'
import { paper } from './paper.ts'
import { testDatabase } from '../support/database.ts'

const tableId = 'IV.3.a.i'

interface SentEdition {
  period: string
  revision?: number
  /** undefined: nothing of it was accepted. */
  firstAcceptedAt: Date | undefined
  table?: string
  text?: string
  topic?: string
  grouping?: 'edition' | 'month'
}

/** Editions as the ledger holds them once they have left. Returns their ids. */
async function insertSent(db: Db, editions: SentEdition[]): Promise<number[]> {
  const at = new Date('2024-12-01T00:00:00Z')
  const author = await db
    .insertInto('staffUser')
    .values({
      login: 'ana',
      name: 'Ana',
      email: 'ana@iecm.mx',
      roles: ['capturista'],
      createdAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const content = await db
    .insertInto('content')
    .values({
      publication: 'boletin-electoral',
      body: '{}',
      sha256: '0'.repeat(64),
      isSample: false,
      authorId: author.id,
      createdAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const ids: number[] = []
  for (const {
    period,
    revision = 0,
    firstAcceptedAt,
    table = tableId,
    text = 'Boletín Electoral.',
    topic = null,
    grouping = 'edition',
  } of editions) {
    const { id } = await db
      .insertInto('edition')
      .values({
        publication: 'boletin-electoral',
        period,
        revision,
        nominalAt: at,
        latestStartAt: at,
        state: 'sent',
        contentId: content.id,
        contentAuthorId: author.id,
        sealedHash: '0'.repeat(64),
        readyBy: author.id,
        firstAcceptedAt: firstAcceptedAt ?? null,
        createdAt: at,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await db
      .insertInto('editionReportLine')
      .values({ editionId: id, tableId: table, grouping, lineText: text, topic })
      .execute()
    ids.push(id)
  }
  return ids
}

const reportOf = (db: Db, definitions: ReportDefinitions, quarter: Quarter): Promise<Report> =>
  quarterReport({ db, publications }, definitions, quarter)

async function tableOf(
  db: Db,
  quarter: string,
  definitions = readDefinitions(),
): Promise<ReportTable> {
  const report = await reportOf(db, definitions, parseQuarter(quarter))
  return report.sections.flatMap((section) => section.tables).find((table) => table.id === tableId)!
}

/** The definition, but with the text of the table on every row. */
function withoutMergedCells(): ReportDefinitions {
  const definitions = readDefinitions()
  for (const definition of definitions.values())
    for (const table of tablesOf(definition)) table.combinada = false
  return definitions
}

test('the 13 boletines of January to March 2025 come out as they were printed, slips of the paper apart', async () => {
  const printed = paper.rows.filter((row) => row.tableId === tableId)
  const db = await testDatabase()
  await insertSent(
    db,
    printed.map(({ dates: [date] }) => ({
      period: date!,
      firstAcceptedAt: mexicoCity(`${date}T15:00`),
    })),
  )
  // two Saturdays that the paper calls Friday, and one day with a zero that no other row has
  const slips = new Map([
    ['Viernes 11 de enero de 2025', 'Sábado 11 de enero de 2025'],
    ['Viernes 07 de marzo de 2025', 'Viernes 7 de marzo de 2025'],
    ['Viernes 29 de marzo de 2025', 'Sábado 29 de marzo de 2025'],
  ])
  const { columns, rows, totals } = await tableOf(db, '2025-Q1')
  expect(columns).toEqual(['No.', 'Fecha', 'Instrumento'])
  expect(rows.map((row) => row.cells)).toEqual(
    printed.map(({ cellsPrinted }) => cellsPrinted.map((cell) => slips.get(cell) ?? cell)),
  )
  expect(rows.map((row) => row.dates)).toEqual(printed.map(({ dates }) => dates))
  expect(totals).toMatchObject({ rows: 13, editions: 13, topics: 0 })
})

test('an edition counts in the quarter of its first acceptance in Mexico City, to the last second of the year', async () => {
  const db = await testDatabase()
  const [last, first] = await insertSent(db, [
    { period: '2026-W53', firstAcceptedAt: new Date('2027-01-01T05:59:59.999Z') },
    { period: '2027-W01', firstAcceptedAt: new Date('2027-01-01T06:00:00.000Z') },
  ])
  expect((await tableOf(db, '2026-Q4')).rows).toMatchObject([
    {
      cells: ['1.', 'Jueves 31 de diciembre de 2026', 'Boletín Electoral.'],
      dates: ['2026-12-31'],
      editions: [last],
    },
  ])
  expect((await tableOf(db, '2027-Q1')).rows).toMatchObject([
    {
      cells: ['1.', 'Viernes 1 de enero de 2027', 'Boletín Electoral.'],
      dates: ['2027-01-01'],
      editions: [first],
    },
  ])
  expect((await tableOf(db, '2026-Q3')).rows).toEqual([])
})

test('a correction never counts, nor an edition of which nothing was accepted', async () => {
  const db = await testDatabase()
  const firstAcceptedAt = mexicoCity('2026-11-27T15:00')
  const [original] = await insertSent(db, [
    { period: '2026-W48', firstAcceptedAt },
    { period: '2026-W48', revision: 1, firstAcceptedAt: mexicoCity('2026-11-27T18:00') },
    { period: '2026-W49', firstAcceptedAt: undefined },
  ])
  const { rows, totals } = await tableOf(db, '2026-Q4')
  expect(rows.map((row) => row.editions)).toEqual([[original]])
  expect(totals).toMatchObject({ rows: 1, editions: 1, topics: 0 })
})

test('rows are numbered in the order in which they left, and a merged cell is printed on the first alone', async () => {
  const db = await testDatabase()
  const [late, early] = await insertSent(db, [
    { period: '2026-W48', firstAcceptedAt: mexicoCity('2026-12-04T15:00'), text: 'Tarde.' },
    { period: '2026-W49', firstAcceptedAt: mexicoCity('2026-11-27T15:00'), text: 'Temprano.' },
  ])
  const merged = await tableOf(db, '2026-Q4')
  expect(merged.rows.map((row) => row.editions)).toEqual([[early], [late]])
  expect(merged.rows.map((row) => row.cells)).toEqual([
    ['1.', 'Viernes 27 de noviembre de 2026', 'Temprano.'],
    ['2.', 'Viernes 4 de diciembre de 2026', ''],
  ])
  const separate = await tableOf(db, '2026-Q4', withoutMergedCells())
  expect(separate.rows.map((row) => row.cells[2])).toEqual(['Temprano.', 'Tarde.'])
})

const invitation = (period: string, day: string, topic: string) => ({
  period,
  firstAcceptedAt: mexicoCity(`${day}T10:00`),
  table: 'IV.4.a.ii',
  text: `Invitación ${period}.`,
  topic,
})

test('a topic of several mailings counts once, in the totals and in the sentence above the table', async () => {
  const db = await testDatabase()
  await insertSent(db, [
    invitation('taller', '2026-10-05', 'observacion-electoral'),
    invitation('foro', '2026-11-12', 'voto-informado'),
    invitation('recordatorio', '2026-11-13', 'observacion-electoral'),
  ])
  const report = await reportOf(db, readDefinitions(), parseQuarter('2026-Q4'))
  const section = report.sections.find(({ id }) => id === 'IV.4.a.ii')!
  expect(section.tables[0]!.totals).toMatchObject({ rows: 3, editions: 3, topics: 2 })
  expect(section.tables[0]!.rows.map((row) => row.cells)).toEqual([
    ['1.', 'Octubre 2026', 'Invitación taller.'],
    ['2.', 'Noviembre 2026', 'Invitación foro.'],
    ['3.', 'Noviembre 2026', 'Invitación recordatorio.'],
  ])
  expect(section.tables[0]!.intro).toContain('3 comunicaciones, relacionadas con 2 temas')
})

test('the editions of a month that say the same are one row with all their days, each once', async () => {
  const db = await testDatabase()
  const red = (at: string, text = 'Envío de información.') => ({
    period: at,
    firstAcceptedAt: mexicoCity(at),
    table: 'IV.1.a.ii-2',
    text,
    grouping: 'month' as const,
  })
  const ids = await insertSent(db, [
    red('2025-01-09T12:00'),
    red('2025-01-02T12:00'),
    red('2025-01-09T18:00'),
    red('2025-01-30T12:00', 'Boletín informativo "Voto Chilango" enero 2025.'),
    // still January in Mexico City
    red('2025-01-31T23:30'),
    red('2025-02-02T12:00'),
    red('2025-02-04T12:00', 'Noticias durante {mes}'),
  ])
  const { sections } = await reportOf(db, readDefinitions(), parseQuarter('2025-Q1'))
  const table = sections.flatMap(({ tables }) => tables).find(({ id }) => id === 'IV.1.a.ii-2')!
  expect(table.rows.map((row) => row.cells)).toEqual([
    ['1.', '2, 9 y 31 de enero de 2025.', 'Envío de información.'],
    ['2.', '30 de enero de 2025.', 'Boletín informativo "Voto Chilango" enero 2025.'],
    ['3.', '2 de febrero de 2025.', 'Envío de información.'],
    ['4.', '4 de febrero de 2025.', 'Noticias durante febrero de 2025'],
  ])
  expect(table.rows[0]).toMatchObject({
    dates: ['2025-01-02', '2025-01-09', '2025-01-31'],
    editions: [ids[1], ids[0], ids[2], ids[4]],
  })
  expect(table.totals).toMatchObject({ rows: 4, editions: 7 })
})

const keys = (value: object) => Object.keys(value).toSorted()

test('the JSON of a report keeps its contract', async () => {
  const db = await testDatabase()
  await insertSent(db, [{ period: '2026-W48', firstAcceptedAt: mexicoCity('2026-11-27T15:00') }])
  const report = JSON.parse(
    JSON.stringify(await reportOf(db, readDefinitions(), parseQuarter('2026-Q4'))),
  )
  expect(keys(report)).toEqual([
    'commission',
    'discrepancies',
    'planned',
    'quarter',
    'sections',
    'title',
    'version',
  ])
  expect(report).toMatchObject({ quarter: '2026-Q4', version: 0 })
  const section = report.sections.find(({ id }: { id: string }) => id === tableId)
  expect(keys(section)).toEqual(['bold', 'heading', 'id', 'level', 'paragraphs', 'tables'])
  const [table] = section.tables
  expect(keys(table)).toEqual([
    'columns',
    'footnotes',
    'id',
    'intro',
    'mergedColumn',
    'name',
    'rows',
    'totals',
  ])
  expect(keys(table.totals)).toEqual(['dates', 'editions', 'rows', 'topics'])
  expect(keys(table.rows[0])).toEqual([
    'cells',
    'dates',
    'editions',
    'id',
    'printedDate',
    'register',
    'topic',
  ])
  expect(keys(report.discrepancies[0])).toEqual([
    'editions',
    'kind',
    'message',
    'place',
    'remedy',
    'value',
  ])
})

test.each([
  ['2026-Q4', '2026-Q4', '2026-10-01T00:00', '2027-01-01T00:00'],
  ['2022T2', '2022-Q2', '2022-04-01T00:00', '2022-07-01T00:00'],
  [' 2026q1 ', '2026-Q1', '2026-01-01T00:00', '2026-04-01T00:00'],
])('«%s» is the quarter %s, from midnight to midnight of Mexico City', (text, name, from, to) => {
  expect(parseQuarter(text)).toMatchObject({ name, from: mexicoCity(from), to: mexicoCity(to) })
})

test.each(['', '2026', '2026-Q5', '2026-Q0', 'Q4-2026', '26-Q4', '2026-Q44', '2026-12'])(
  '«%s» is not a quarter, and the right form is shown',
  (text) => {
    expect(() => parseQuarter(text)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining('2026-Q4') }),
    )
  },
)

test('what was sent and is in no table of the year is told as a discrepancy, never lost in silence', async () => {
  const db = await testDatabase()
  const firstAcceptedAt = mexicoCity('2026-11-27T15:00')
  const ids = await insertSent(db, [
    { period: '2026-W48', firstAcceptedAt },
    { period: 'otra', firstAcceptedAt, table: 'IX.9.z' },
  ])
  const { discrepancies } = await reportOf(db, readDefinitions(), parseQuarter('2026-Q4'))
  expect(discrepancies.filter(({ kind }) => kind === 'line-without-table')).toMatchObject([
    { place: 'IX.9.z', value: '1 renglones', editions: [ids[1]] },
  ])
})

test('what was sent without a line, and a row of the register without its mailing, are told; by design is by design', async () => {
  const db = await testDatabase()
  const firstAcceptedAt = mexicoCity('2026-11-27T15:00')
  const [id] = await insertSent(db, [{ period: '2026-W48', firstAcceptedAt }])
  await db.deleteFrom('editionReportLine').where('editionId', '=', id!).execute()
  await db
    .insertInto('registerRow')
    .values({
      tableId,
      quarter: '2026-Q4',
      dates: ['2026-10-02'],
      lineText: 'Boletín Electoral.',
      publication: 'boletin-electoral',
      authorId: 1,
      createdAt: firstAcceptedAt,
      updatedAt: firstAcceptedAt,
    })
    .execute()
  const { discrepancies } = await reportOf(db, readDefinitions(), parseQuarter('2026-Q4'))
  const told = (kind: string) => discrepancies.filter((one) => one.kind === kind)
  expect(told('edition-without-line')).toMatchObject([
    { place: `edición ${id}`, value: 'boletin-electoral 2026-W48', editions: [id] },
  ])
  expect(told('line-without-edition')).toMatchObject([{ place: tableId }])
  await db.updateTable('edition').set({ publication: 'informe-trimestral' }).execute()
  const after = await reportOf(db, readDefinitions(), parseQuarter('2026-Q4'))
  expect(after.discrepancies.filter(({ kind }) => kind === 'edition-without-line')).toEqual([])
})

test('a row without a topic where topics are counted, and the same day twice, are told', async () => {
  const db = await testDatabase()
  const at = (day: string) => mexicoCity(`${day}T10:00`)
  await insertSent(db, [
    { period: 'uno', firstAcceptedAt: at('2026-10-05'), table: 'IV.4.a.ii', text: 'Sin tema' },
    { period: 'dos', firstAcceptedAt: at('2026-10-09') },
    { period: 'tres', firstAcceptedAt: at('2026-10-09') },
  ])
  const { discrepancies } = await reportOf(db, readDefinitions(), parseQuarter('2026-Q4'))
  expect(discrepancies.filter(({ kind }) => kind === 'topic')).toMatchObject([
    { place: 'IV.4.a.ii#01', value: 'Sin tema', message: 'no tiene tema y no se cuenta' },
  ])
  expect(discrepancies.filter(({ kind }) => kind === 'duplicate-date')).toMatchObject([
    { place: 'IV.3.a.i#01 y IV.3.a.i#02', value: '2026-10-09' },
  ])
})

test('a year that renames everything prints its own names, and tells the lines that it has no table for', async () => {
  const db = await testDatabase()
  await insertSent(db, [{ period: '2026-W48', firstAcceptedAt: mexicoCity('2026-11-27T15:00') }])
  const table = {
    id: 'VII.1',
    nombre: 'Gaceta',
    introduccion: 'Se enviaron {renglones|letra-femenina} gacetas.',
    columnas: ['Nº', 'Día'],
    celdas: ['numero', 'fecha'],
    fecha: 'dia' as const,
    numeracion: 'sin-punto' as const,
    combinada: false,
    concuerdaCon: [],
  }
  const definition = {
    comision: 'Comisión de Ejemplo',
    primerInforme: '2026-Q4',
    secciones: [{ id: 'VII', titulo: 'VII. Lo hecho', tablas: [table] }],
  }
  const report = await reportOf(db, new Map([[2026, definition]]), parseQuarter('2026-Q4'))
  expect(report.title).toBe(
    'Primer informe trimestral de la Comisión de Ejemplo de octubre a diciembre de 2026',
  )
  expect(report.sections[0]!.tables[0]).toMatchObject({
    intro: 'Se enviaron cero gacetas.',
    columns: ['Nº', 'Día'],
    rows: [],
  })
  expect(report.discrepancies.filter(({ kind }) => kind === 'line-without-table')).toMatchObject([
    { place: tableId },
  ])
})
