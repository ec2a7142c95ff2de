/** CSV as Excel, LibreOffice and exports of forms write it, read as a stream: nothing of it is kept. */
import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { Problem, messageOf } from '../../errors.ts'
import { decodeChunks, encodingDetector, type Encoding } from '../../text-encoding.ts'
import { isKnownHeader } from './columns.ts'
import type { ImportFile } from './file.ts'
import { megabytes, within, type Table } from './table.ts'

const maxBytes = 100 * 1024 * 1024
const maxRows = 1_000_000
/** Beyond it a quotation mark was not closed, and all that follows would be one cell. */
const maxRecordCharacters = 1_000_000

export async function openCsv(file: ImportFile): Promise<Table> {
  if (file.sizeBytes > maxBytes) {
    throw new Problem('invalid', {
      place: file.name,
      message: `pesa ${megabytes(file.sizeBytes)} MB, y un CSV no debe pasar de ${megabytes(maxBytes)} MB`,
      remedy: 'Divídalo en varios archivos o quite las columnas que sobran',
    })
  }
  const encoding = await encodingOf(file)
  const delimiter = delimiterOf(await headText(file, encoding))
  const taken = { bytes: 0 }
  return {
    format: 'csv',
    readAs: `CSV en ${encodingNames[encoding]}, separado por ${delimiterNames[delimiter]}`,
    warnings: [],
    rows: within(file.name, records(file, encoding, delimiter, taken), { rows: maxRows }),
    progress: () => taken.bytes / file.sizeBytes,
  }
}

const delimiterNames = { ',': 'comas', ';': 'punto y coma', '\t': 'tabuladores' } as const
type Delimiter = keyof typeof delimiterNames
const encodingNames: Record<Encoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'windows-1252': 'Windows-1252 (Excel)',
}

async function encodingOf(file: ImportFile): Promise<Encoding> {
  const detector = encodingDetector()
  for await (const chunk of file.open()) detector.read(chunk)
  return detector.encoding()
}

/** Enough to see the header. */
async function headText(file: ImportFile, encoding: Encoding): Promise<string> {
  let head = ''
  for await (const text of decodeChunks(file.open(), encoding)) {
    head += text
    if (head.length >= headCharacters) break
  }
  return head.slice(0, headCharacters)
}

const headCharacters = 64 * 1024
const headLines = 10

/**
 * Of the header: the one that makes most columns that we know, else most columns. In a file with semicolons a comma
 * belongs to a name.
 */
export function delimiterOf(head: string): Delimiter {
  const lines = unquoted(head).split(/\r\n|\r|\n/, headLines)
  const header = lines.find((line) => line.trim() !== '') ?? ''
  const candidates = ([',', ';', '\t'] as const).map((delimiter) => ({
    delimiter,
    known: Math.max(...lines.map((line) => line.split(delimiter).filter(isKnownHeader).length)),
    columns: header.split(delimiter).length,
  }))
  return candidates.toSorted((a, b) => b.known - a.known || b.columns - a.columns)[0]!.delimiter
}

/** Quoted cells keep their text, and lose what could be taken for a delimiter or a line end. */
const unquoted = (text: string): string =>
  text.replace(/"([^"]*)"?/g, (_, inside: string) => inside.replace(/[;,\t\r\n]/g, ' '))

async function* records(
  file: ImportFile,
  encoding: Encoding,
  delimiter: Delimiter,
  taken: { bytes: number },
): AsyncGenerator<string[], void, void> {
  const parser = parse({
    delimiter,
    // rows are counted as a spreadsheet does: also those that are short, long or empty
    relaxColumnCount: true,
    skipEmptyLines: false,
    // a nickname in quotation marks within a cell
    relaxQuotes: true,
    maxRecordSize: maxRecordCharacters,
  })
  const text = Readable.from(decodeChunks(counted(file.open(), taken), encoding))
  // what fails on the way is thrown by the parser's iterator
  pipeline(text, parser, () => undefined)
  try {
    for await (const cells of parser) yield cells as string[]
  } catch (error) {
    throw unreadable(file.name, error)
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  taken: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    taken.bytes += chunk.length
    yield chunk
  }
}

function unreadable(name: string, error: unknown): unknown {
  if (!(error instanceof CsvError)) return error
  const { code, lines } = error as CsvError & { lines?: number }
  const place = lines === undefined ? name : `${name}, línea ${lines}`
  const remedy =
    'Busque unas comillas que se abren y no se cierran, quítelas y guárdelo de nuevo como CSV'
  if (code === 'CSV_QUOTE_NOT_CLOSED')
    return new Problem('invalid', { place, message: 'unas comillas no se cierran', remedy })
  if (code === 'CSV_MAX_RECORD_SIZE') {
    const message = `una fila pasa de ${maxRecordCharacters.toLocaleString('es-MX')} caracteres`
    return new Problem('invalid', { place, message, remedy })
  }
  return new Problem('invalid', {
    place,
    message: `no se puede leer como CSV: ${messageOf(error)}`,
    remedy,
  })
}
