/** One table as CSV (RFC 4180), with the byte order mark without which Excel misreads accents. */
import { stringify } from 'csv-stringify/sync'
import type { ReportTable } from '../report.ts'
import { neutralise } from '../../neutralise.ts'

export function tableCsv({ columns, rows }: Pick<ReportTable, 'columns' | 'rows'>): string {
  const cells = [columns, ...rows.map((row) => row.cells)]
  return stringify(
    cells.map((row) => row.map(neutralise)),
    { bom: true, record_delimiter: 'windows' },
  )
}
