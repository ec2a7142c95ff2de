/** What the report counts, wherever it comes from: the lines of what was sent, and the manual register. */
import { inMexicoCity } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { Quarter } from './quarter.ts'

/** One line of a table. A mailing of ours, or those of a month that say the same; or a row of the register. */
export interface Entry {
  tableId: string
  text: string
  topic: string | null
  /** Mexico City dates, ISO; in order, each once. */
  dates: string[]
  precision: 'day' | 'month'
  /** The printed number that staff gave it. */
  position: number | null
  fields: Record<string, string>
  /** Of a footnote, which `note` is. */
  mark: string
  note: string | null
  editions: number[]
  registerId: number | null
  /** The mailings behind it: of which publications, each with its date. */
  sent: { publication: string; period: string | null; date: string }[]
  /** As the paper printed its date, when history says so. */
  printedDate: string | null
}

/** Of every table, in order of first date. */
export async function readEntries(db: Db, quarter: Quarter): Promise<Entry[]> {
  const entries = [...(await sentEntries(db, quarter)), ...(await registerEntries(db, quarter))]
  return entries.toSorted((a, b) => compare(a.dates[0] ?? '~', b.dates[0] ?? '~'))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** An edition counts once something of it was accepted, on the date of that; corrections never count. */
async function sentEntries(db: Db, quarter: Quarter): Promise<Entry[]> {
  const rows = await db
    .selectFrom('editionReportLine as line')
    .innerJoin('edition', 'edition.id', 'line.editionId')
    .select([
      'line.editionId',
      'line.tableId',
      'line.grouping',
      'line.lineText',
      'line.topic',
      'edition.publication',
      'edition.period',
      'edition.firstAcceptedAt',
    ])
    .where('edition.revision', '=', 0)
    .where('edition.firstAcceptedAt', '>=', quarter.from)
    .where('edition.firstAcceptedAt', '<', quarter.to)
    .orderBy('edition.firstAcceptedAt')
    .orderBy('line.editionId')
    .execute()
  const lines = rows.map((row) => {
    const day = inMexicoCity(row.firstAcceptedAt!)
    const text = row.lineText.replaceAll('{mes}', day.toFormat("LLLL 'de' yyyy"))
    return { ...row, date: day.toISODate(), text }
  })
  const groups = Map.groupBy(lines, ({ editionId, tableId, grouping, text, date, topic }) =>
    grouping === 'month'
      ? `${tableId} ${date.slice(0, 7)} ${topic} ${text}`
      : `${tableId} ${editionId}`,
  )
  return [...groups.values()].map((group) => {
    const { tableId, text, topic } = group[0]!
    return {
      tableId,
      text,
      topic,
      // two mailings of a day are one date of the row
      dates: [...new Set(group.map(({ date }) => date))],
      precision: 'day',
      position: null,
      fields: {},
      mark: '',
      note: null,
      editions: group.map(({ editionId }) => editionId),
      registerId: null,
      sent: group.map(({ publication, period, date }) => ({ publication, period, date })),
      printedDate: null,
    }
  })
}

async function registerEntries(db: Db, quarter: Quarter): Promise<Entry[]> {
  const rows = await db
    .selectFrom('registerRow')
    .selectAll()
    .where('quarter', '=', quarter.name)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    tableId: row.tableId,
    text: row.lineText,
    topic: row.topic,
    dates: [...new Set(row.dates)].toSorted(),
    precision: row.precision as Entry['precision'],
    position: row.position,
    fields: row.fields as Record<string, string>,
    mark: row.mark,
    note: row.note,
    editions: [],
    registerId: row.id,
    sent:
      row.publication === null || row.precision === 'month'
        ? []
        : row.dates.map((date) => ({ publication: row.publication!, period: null, date })),
    printedDate: row.printedDate,
  }))
}
