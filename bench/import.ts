/**
 * `npm run bench:import`: 200,000 contacts from a CSV and from an XLSX, looked at, imported and undone in an embedded
 * database. Seconds of each step, and the memory at its highest of this process, which is the worker's.
 */
import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import writeXlsxFile from 'write-excel-file/node'
import { openApp, validateAll } from '../src/app.ts'
import { fileAt } from '../src/audience/import-file/file.ts'
import { prepareSampleData } from '../src/cli/demo-data.ts'
import { importContacts, stageContacts, undoContacts } from '../src/flow/import-contacts.ts'
import { createLog } from '../src/log.ts'

const count = 200_000

const [, , given, dataDir] = process.argv
// each file in a process of its own, whose memory is that of a worker
if (given !== undefined && dataDir !== undefined) await measure(given, dataDir)
else {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-bench-'))
  try {
    for (const path of [await csvFile(folder), await xlsxFile(folder)])
      execFileSync(process.execPath, [import.meta.filename, path, folder], { stdio: 'inherit' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(path: string, dataDir: string): Promise<void> {
  const log = createLog({ level: 'error', name: 'bench' })
  const app = await openApp(validateAll({ PREGONERO_ENV: 'demo', DATA_DIR: dataDir }), { log })
  try {
    const { db, engine } = app
    const { author } = await prepareSampleData(app, { contacts: 1 })
    // what such a process weighs when it imports nothing
    const rest = megabytes(process.memoryUsage.rss())
    const { size } = await stat(path)
    say(`${extname(path)}, ${count} rows, ${megabytes(size)} MB`)
    const options = { list: 'comunidad-iecm' }
    const highest = watchMemory()
    await timed('dry run', async () => stageContacts(engine, author, await fileAt(path), options))
    const { id } = await timed('imported in one go', async () =>
      importContacts(engine, author, await fileAt(path), options),
    )
    const peak = highest()
    await timed('undone', () => undoContacts(engine, author, id))
    await sql`VACUUM`.execute(db)
    say(`  memory: ${rest} MB at rest, ${peak} MB at most`)
  } finally {
    await app.close()
  }
}

function* people(): Generator<string[]> {
  for (let i = 1; i <= count; i++)
    yield [
      `persona.numero.${i}@example${i % 50}.org`,
      `Persona Número ${i} Ejemplo`,
      'México',
      'prensa',
    ]
}

async function csvFile(folder: string): Promise<string> {
  const path = join(folder, 'personas.csv')
  const lines = function* () {
    yield 'Correo electrónico;Nombre completo;País;Etiquetas\r\n'
    for (const cells of people()) yield `${cells.join(';')}\r\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(path))
  return path
}

async function xlsxFile(folder: string): Promise<string> {
  const path = join(folder, 'personas.xlsx')
  const heading = ['Correo electrónico', 'Nombre completo', 'País', 'Etiquetas']
  const rows = [heading, ...people()].map((cells) => cells.map((value) => ({ value })))
  const file = await writeXlsxFile(rows).toBuffer()
  await writeFile(path, file)
  return path
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  say(`  ${what.padEnd(34)}${((performance.now() - start) / 1000).toFixed(1).padStart(10)} s`)
  return result
}

/** Gives the highest since, in MB. */
function watchMemory(): () => number {
  let highest = 0
  const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 50)
  return () => {
    clearInterval(timer)
    return megabytes(highest)
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
