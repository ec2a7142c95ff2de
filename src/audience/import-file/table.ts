/** The rows of a file of contacts, whatever its format, and the limits of all formats. */
import { Problem, shown } from '../../errors.ts'

export interface TableRow {
  /** As a spreadsheet counts: the first is 1, and empty ones count. */
  number: number
  cells: string[]
}

export interface Table {
  format: 'csv' | 'xlsx'
  /** How it was read, for people (es): encoding and delimiter, or the sheet. */
  readAs: string
  /** What was left unread (es). */
  warnings: string[]
  /** Once. To stop early ends the reading. */
  rows: AsyncGenerator<TableRow, void, void>
  /** How much of it was read so far, from 0 to 1. */
  progress(): number
}

/** Rows and columns within limits. Throws a Problem (es) at the first beyond them. */
export async function* within(
  name: string,
  rows: AsyncIterable<string[]>,
  limits: { rows: number },
): AsyncGenerator<TableRow, void, void> {
  let number = 0
  for await (const cells of rows) {
    number++
    if (number > limits.rows) {
      throw new Problem('invalid', {
        place: name,
        message: `tiene más de ${limits.rows.toLocaleString('es-MX')} filas`,
        remedy: 'Divídalo en varios archivos',
      })
    }
    if (cells.length > maxColumns) {
      const used = cells.findLastIndex((cell) => cell.trim() !== '') + 1
      if (used > maxColumns) {
        throw new Problem('invalid', {
          place: `${name}, fila ${number}`,
          message: `tiene ${used.toLocaleString('es-MX')} columnas, y no debe pasar de ${maxColumns}`,
          value: shown(cells.slice(0, 3).join(', ')),
          remedy:
            'Deje solo las columnas de los contactos; revise que el separador sea el que dice',
        })
      }
      cells.length = used
    }
    yield { number, cells }
  }
}

const maxColumns = 200

/** Text of a file on one line, as a screen and PostgreSQL can take it: what cannot be seen is a space. */
export const readable = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .toWellFormed()

export const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024)
