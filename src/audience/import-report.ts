/** The report of an import as a file that staff open beside their spreadsheet. */
import { stringify } from 'csv-stringify/sync'
import { neutralise } from '../neutralise.ts'
import type { Remark } from './import-review.ts'

const columns = ['fila', 'columna', 'valor', 'motivo', 'sugerencia'] as const

/** What its first line is; with the byte order mark without which Excel misreads accents. */
export const reportHead = (): string => `\ufeff${columns.join(',')}\r\n`

/** Lines of it. The values come from a file of anybody: no cell of them is a formula. */
export const reportLines = (remarks: Remark[]): string =>
  stringify(
    remarks.map((remark) => columns.map((column) => neutralise(String(remark[column])))),
    { record_delimiter: 'windows' },
  )
