/**
 * The program of the child that reads a spreadsheet: XLSX on its standard input, its first sheet as CSV on its output.
 * Its argument is how many MB it may take.
 * The only importer of read-excel-file, which holds the whole sheet in memory: a hostile or heavy file costs this
 * process, and nobody else.
 */
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { stringify } from 'csv-stringify/sync'
import { readSheet, type CellValue } from 'read-excel-file/node'
import { tooMuchMemoryExitCode, type XlsxMessage } from './xlsx.ts'

const maxMemoryBytes = Number(process.argv[2]) * 1024 * 1024
const rowsPerWrite = 500

const tell = (message: XlsxMessage): void => void process.send!(message)

// the heap has its own limit; what is inflated lies outside of it
const endIfTooMuch = (): void => {
  if (process.memoryUsage.rss() > maxMemoryBytes) process.exit(tooMuchMemoryExitCode)
}
setInterval(endIfTooMuch, 50).unref()

try {
  const rows = await readSheet(await buffer(process.stdin), 1)
  // it may have kept the interval waiting
  endIfTooMuch()
  tell({ rows: rows.length })
  for (let at = 0; at < rows.length; at += rowsPerWrite) {
    const text = stringify(rows.slice(at, at + rowsPerWrite).map((row) => row.map(asText)))
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  }
} catch (error) {
  tell({ refused: error instanceof Error ? error.message : String(error) })
}
process.stdout.end()
process.disconnect()

function asText(value: CellValue | null): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'sí' : 'no'
  if (value instanceof Date) {
    const [day, time] = value.toISOString().split('T')
    return time === '00:00:00.000Z' ? day! : `${day} ${time!.slice(0, 5)}`
  }
  return String(value)
}
