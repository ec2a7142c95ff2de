/**
 * XLSX, read by a child process with limits on memory and time: this process sees its rows as a stream. A zip whose
 * directory announces too much is refused before anything of it is inflated.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse'
import { strFromU8, unzipSync } from 'fflate'
import { Problem } from '../../errors.ts'
import type { ImportFile } from './file.ts'
import { megabytes, readable, within, type Table } from './table.ts'

const maxBytes = 20 * 1024 * 1024
const maxInflatedBytes = 300 * 1024 * 1024
/** Sheets of repeated words reach some 60; deflate ends at 1,032. */
const maxRatio = 200
const maxRows = 300_000
/** Before its rows come; a sheet of 200,000 takes 2 s. */
const readingTimeoutMs = 60_000
/** Of the child, of which two thirds may be objects; a sheet of 200,000 rows takes 450. */
const maxMemoryMegabytes = 1536

export interface ChildLimits {
  timeoutMs: number
  memoryMegabytes: number
}

/** What the child says beside its rows. */
export type XlsxMessage = { rows: number } | { refused: string }
export const tooMuchMemoryExitCode = 77

export async function openXlsx(
  file: ImportFile,
  limits: ChildLimits = { timeoutMs: readingTimeoutMs, memoryMegabytes: maxMemoryMegabytes },
): Promise<Table> {
  if (file.sizeBytes > maxBytes) {
    throw new Problem('invalid', {
      place: file.name,
      message: `pesa ${megabytes(file.sizeBytes)} MB, y un XLSX no debe pasar de ${megabytes(maxBytes)} MB`,
      remedy: 'Guárdelo como CSV, o divídalo en varios archivos',
    })
  }
  const bytes = await buffer(file.open())
  const [first, ...others] = sheetsOf(file.name, bytes)
  const reading = { rows: 0, total: 0 }
  return {
    format: 'xlsx',
    readAs: `XLSX, hoja «${first}»`,
    warnings:
      others.length === 0
        ? []
        : [
            `Solo se lee la primera hoja. No se leyó: ${others.map((name) => `«${name}»`).join(', ')}`,
          ],
    rows: within(file.name, records(file.name, bytes, limits, reading), { rows: maxRows }),
    progress: () => (reading.total === 0 ? 0 : reading.rows / reading.total),
  }
}

/** The names of its sheets, after its directory was found to be honest. Inflates nothing but their list. */
function sheetsOf(name: string, bytes: Uint8Array): string[] {
  let inflatedBytes = 0
  let workbook: Uint8Array | undefined
  try {
    const files = unzipSync(bytes, {
      filter: ({ name: entry, originalSize }) => {
        inflatedBytes += originalSize
        return entry === 'xl/workbook.xml' && originalSize < maxWorkbookBytes
      },
    })
    workbook = files['xl/workbook.xml']
  } catch {
    throw new Problem('invalid', {
      place: name,
      message: 'está dañado: no se puede abrir',
      remedy: 'Ábralo en Excel, guárdelo de nuevo e inténtelo otra vez',
    })
  }
  if (
    inflatedBytes > maxInflatedBytes ||
    (inflatedBytes > smallBytes && inflatedBytes / bytes.length > maxRatio)
  ) {
    throw new Problem('invalid', {
      place: name,
      message: `descomprimido ocupa ${megabytes(inflatedBytes)} MB, y no debe pasar de ${megabytes(maxInflatedBytes)} MB ni de ${maxRatio} veces su peso`,
      remedy: 'Copie los contactos a una hoja nueva, sin formatos, o guárdela como CSV',
    })
  }
  const sheets = workbook && sheetNames(strFromU8(workbook))
  if (!sheets || sheets.length === 0) {
    throw new Problem('invalid', {
      place: name,
      message: 'no es un libro de Excel (.xlsx)',
      remedy: 'Guárdelo desde Excel o LibreOffice como .xlsx o como CSV',
    })
  }
  return sheets
}

/** Thousands of defined names, which stand in it too, take some hundred KB. */
const maxWorkbookBytes = 1024 * 1024
const smallBytes = 10 * 1024 * 1024

/** For a message only: the rows themselves are read by a library. A tag is looked for up to the next one: no further. */
function sheetNames(workbookXml: string): string[] {
  const tags = workbookXml.matchAll(/<(?:\w+:)?sheet\s[^<>]*?\bname="([^"<]*)"/g)
  return Array.from(tags, ([, written]) =>
    readable(
      written!.replace(
        /&(lt|gt|quot|apos|amp);/g,
        (_, entity: keyof typeof entities) => entities[entity],
      ),
    ),
  )
}
const entities = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

async function* records(
  name: string,
  bytes: Buffer,
  limits: ChildLimits,
  reading: { rows: number; total: number },
): AsyncGenerator<string[], void, void> {
  const child = startChild(limits.memoryMegabytes)
  const end = Promise.withResolvers<string>()
  const timer = setTimeout(() => {
    end.resolve('tarda demasiado en leerse')
    child.kill('SIGKILL')
  }, limits.timeoutMs)
  let refused: string | undefined
  child.on('message', (message: XlsxMessage) => {
    if ('refused' in message) refused = `no se puede leer como XLSX: ${message.refused}`
    else {
      clearTimeout(timer)
      reading.total = message.rows
    }
  })
  child.on('error', (error) => end.resolve(`no se puede leer: ${error.message}`))
  child.on('close', (code, signal) => {
    const tooMuch = code === tooMuchMemoryExitCode || signal === 'SIGABRT' || code === 134
    if (tooMuch) end.resolve('necesita demasiada memoria')
    else end.resolve(code === 0 ? '' : `su lectura terminó con ${signal ?? `código ${code}`}`)
  })
  // one that ends before it has read everything says so by its exit code
  child.stdin!.on('error', () => undefined).end(bytes)
  const parser = parse({ maxRecordSize: 0, relaxColumnCount: true })
  pipeline(child.stdout!, parser, () => undefined)
  const whyItFailed = async (): Promise<string> => refused ?? (await end.promise)
  try {
    for await (const cells of parser) {
      reading.rows++
      yield cells as string[]
    }
    const why = await whyItFailed()
    if (why !== '') throw unreadable(name, why)
  } catch (error) {
    if (error instanceof Problem) throw error
    // it died in the middle of a row: why says more than what the parser missed
    const why = await whyItFailed()
    throw why === '' ? error : unreadable(name, why)
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}

const unreadable = (name: string, message: string): Problem =>
  new Problem('invalid', {
    place: name,
    message,
    remedy: 'Ábralo en Excel y guárdelo como CSV, o copie los contactos a una hoja nueva',
  })

const childProgram = fileURLToPath(new URL('xlsx-child.ts', import.meta.url))

function startChild(memoryMegabytes: number): ChildProcess {
  return fork(childProgram, [String(memoryMegabytes)], {
    execArgv: [`--max-old-space-size=${Math.round((memoryMegabytes * 2) / 3)}`],
    cwd: dirname(childProgram),
    // no secrets for a parser of files from anywhere; Windows starts nothing without SystemRoot
    env: { SystemRoot: process.env['SystemRoot'] },
    stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
  })
}
