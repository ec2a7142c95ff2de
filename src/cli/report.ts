/** `pregonero report`: the quarter as it is printed, what stands behind it, and its closing. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Option, type Command } from 'commander'
import { inMexicoCity } from '../clock.ts'
import { messageOf, nearest, Problem, shown } from '../errors.ts'
import { closeReport, quarterReport, sealedReport } from '../flow/report.ts'
import {
  reportEvidence,
  reportFile,
  reportFormats,
  type ReportFormat,
} from '../flow/report-file.ts'
import { verifyQuarter, type Difference } from '../report/closing.ts'
import { parseQuarter, type Quarter } from '../report/quarter.ts'
import type { Report, ReportRow } from '../report/report.ts'
import { deliveryStateNames, deliveryStates, recipientsOf } from '../states.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
  shortTime,
  table,
  withApp,
  withUser,
} from './session.ts'

interface ReportOptions {
  json?: boolean
  format: ReportFormat
  section?: string
  table?: string
  out?: string
  cover?: string[]
  why?: string
  discrepancies?: boolean
}

export function addReportCommands(program: Command): void {
  const report = examples(
    program
      .command('report')
      .argument('<quarter>')
      .description('a quarter as it is printed, counted from what was really sent')
      .addOption(
        new Option('--format <format>', 'of the output').choices(reportFormats).default('md'),
      )
      .option('--section <id>', 'one section with what it holds, like IV.3.a')
      .option('--table <id>', 'one table, like IV.3.a.ii')
      .option('--out <file>', 'write it there; needed for docx and xlsx')
      .option('--cover <line...>', 'what the cover of the DOCX says below its title')
      .option('--why <place>', 'what stands behind a table or a row: its editions and their totals')
      .option('--discrepancies', 'what does not agree')
      .option(...jsonOption)
      .action(async (text: string, options: ReportOptions) => {
        const quarter = parseQuarter(text)
        await withApp(async ({ engine, reportDefinitions }) => {
          const built = await quarterReport(engine, reportDefinitions, quarter)
          if (options.why !== undefined) await tellWhy(engine, built, options.why, options.json)
          else if (options.discrepancies)
            answer(options.json, built.discrepancies, () => discrepanciesText(built))
          else if (options.json) answer(true, built, () => '')
          else await write(engine, built, options)
        })
      }),
    'report 2026-Q4',
    "report 2026-Q4 --format docx --out informe.docx --cover 'Punto 04' 'Cuarta sesión ordinaria'",
    'report 2026-Q4 --table IV.3.a.i --format html --out tabla.html',
    'report 2026-Q4 --why IV.3.a.i#02',
    'report 2026-Q4 --discrepancies',
  )

  examples(
    report
      .command('close <quarter>')
      .description('seal a quarter that is over; a correction of a closed one is its next version')
      .option('--reason <text>', 'why a closed quarter is corrected')
      .option('--without-figures', 'with gaps where figures were not entered')
      .option(...folderOption)
      .requiredOption(...asOption)
      .action(async (text: string, options: CloseOptions) => {
        const quarter = parseQuarter(text)
        // before anything is sealed
        await makeFolder(options.folder)
        await withUser(options.as, async ({ engine, reportDefinitions }, user) => {
          const closed = await closeReport(engine, reportDefinitions, user, quarter, options)
          print(`${quarter.name} cerrado: versión ${closed.version}, sello ${closed.sha256}.`)
          if (closed.differences.length > 0) print(differencesText(closed.differences))
          await writeSealed(engine, reportDefinitions, quarter, options.folder)
        })
      }),
    'report close 2026-Q3 --as luis',
    "report close 2026-Q3 --reason 'Faltaba un oficio' --as luis",
  )

  examples(
    report
      .command('files <quarter>')
      .description('write the files of a closed quarter: DOCX, XLSX and the mail that carries them')
      .option(...folderOption)
      .action(async (text: string, options: { folder: string }) => {
        const quarter = parseQuarter(text)
        await makeFolder(options.folder)
        await withApp(({ engine, reportDefinitions }) =>
          writeSealed(engine, reportDefinitions, quarter, options.folder),
        )
      }),
    'report files 2026-Q3',
  )

  examples(
    report
      .command('verify <quarter>')
      .description('whether what was sealed is what a report of today would print')
      .option(...jsonOption)
      .action(async (text: string, options: { json?: boolean }) => {
        const quarter = parseQuarter(text)
        await withApp(async ({ engine, db, reportDefinitions }) => {
          const built = await quarterReport(engine, reportDefinitions, quarter)
          const { sealed, intact, differences } = await verifyQuarter(db, built)
          const { version, sha256, at } = sealed
          const holds = intact && differences.length === 0
          answer(options.json, { holds, intact, version, sha256, differences }, () =>
            [
              `${quarter.name}, versión ${version}, cerrada el ${shortTime(at)}: sello ${sha256}`,
              intact ? 'Lo guardado es lo que se selló.' : 'LO GUARDADO NO ES LO QUE SE SELLÓ.',
              differences.length === 0
                ? 'El informe de hoy es el mismo.'
                : `El informe de hoy difiere en ${differences.length} lugares:\n${differencesText(differences)}`,
            ].join('\n'),
          )
          if (!holds) process.exitCode = 1
        })
      }),
    'report verify 2026-Q3',
  )
}

const folderOption = ['--folder <folder>', 'where its files are written', 'informe'] as const

interface CloseOptions {
  as: string
  reason?: string
  withoutFigures?: boolean
  folder: string
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw unwritable(folder, error)
  }
}

async function writeOut(path: string, contents: Buffer | string): Promise<void> {
  try {
    await writeFile(path, contents)
  } catch (error) {
    throw unwritable(path, error)
  }
}

const unwritable = (place: string, error: unknown): Problem =>
  new Problem('usage', {
    place,
    message: `no se puede escribir: ${messageOf(error)}`,
    remedy: 'Revise la carpeta y sus permisos, o dé otra',
  })

async function writeSealed(
  engine: Parameters<typeof sealedReport>[0],
  definitions: Parameters<typeof sealedReport>[1],
  quarter: Quarter,
  folder: string,
): Promise<void> {
  const { report, sealed } = await sealedReport(engine, definitions, quarter)
  const base = `informe-${quarter.name}-v${report.version}`
  for (const format of ['docx', 'xlsx'] as const)
    await writeOut(join(folder, `${base}.${format}`), await reportFile(engine, report, { format }))
  const letter = join(folder, `informe-trimestral-${quarter.name}.yaml`)
  await writeOut(letter, letterYaml(report, base, sealed.sha256))
  const open = report.discrepancies.length
  if (open > 0) print(`Discrepancias: ${open}, en su hoja del XLSX.`)
  print(`Archivos: ${join(folder, base)}.docx y .xlsx`)
  print(`Para enviarlo: pregonero content add ${letter} --period ${quarter.name} --as CLAVE`)
}

async function write(
  engine: Parameters<typeof reportFile>[0],
  report: Report,
  options: ReportOptions,
): Promise<void> {
  const { format, section, table: tableId, out, cover } = options
  const bytes = await reportFile(engine, report, {
    format,
    ...(section !== undefined && { section }),
    ...(tableId !== undefined && { table: tableId }),
    ...(cover !== undefined && { coverLines: cover }),
  })
  if (out !== undefined) {
    await writeOut(out, bytes)
    print(out)
  } else if (format === 'docx' || format === 'xlsx') {
    throw new Problem('usage', {
      place: '--out',
      message: 'is missing: it is no text for a terminal',
      remedy: `Give a file: --out informe.${format}`,
    })
  } else print(bytes.toString('utf8').trimEnd())
}

/** From a number to its rows, from a row to its editions, from an edition to its deliveries. */
async function tellWhy(
  engine: Parameters<typeof reportEvidence>[0],
  report: Report,
  place: string,
  json: boolean | undefined,
): Promise<void> {
  const rows = rowsAt(report, place)
  const evidence = await reportEvidence(engine, rows)
  answer(json, { rows, evidence }, () => {
    const byId = new Map(evidence.map((one) => [one.editionId, one]))
    const lines = rows.flatMap((row) => [
      `${row.id}  ${row.cells.filter(Boolean).join(' | ')}`,
      ...(row.register === null ? [] : [`  renglón ${row.register} del registro manual`]),
      ...row.editions.map((id) => {
        const one = byId.get(id)!
        const counts = deliveryStates
          .filter((state) => one.totals[state] > 0)
          .map((state) => `${one.totals[state]} ${deliveryStateNames[state]}`)
        const sum = `${recipientsOf(one.totals)} = ${counts.join(' + ')}`
        const day = one.firstAcceptedAt
          ? inMexicoCity(one.firstAcceptedAt).toFormat('dd/LL/yyyy HH:mm')
          : ''
        return `  edición ${id} ${one.publication} ${one.period}, ${day}: ${sum}${one.obstacle ? `; NO CONCILIA: ${one.obstacle}` : ''}`
      }),
    ])
    const count = evidence.length
    const sound = evidence.every(({ obstacle }) => obstacle === undefined)
    const verdict = count === 0 ? 'nada que conciliar' : sound ? 'concilian' : 'no todas concilian'
    const sum = `${rows.length} ${rows.length === 1 ? 'renglón' : 'renglones'}, ${count} ${count === 1 ? 'edición' : 'ediciones'}`
    return `${lines.join('\n')}\n${sum}: ${verdict}. \`pregonero deliveries EDICIÓN\` muestra cada entrega.`
  })
}

/** Of a row (`IV.3.a.i#02`), a table or a section. Throws a Problem when the report has no such place. */
function rowsAt(report: Report, place: string): ReportRow[] {
  const tables = report.sections.flatMap((section) => section.tables)
  const [id = ''] = place.split('#')
  const inSection = report.sections
    .filter((section) => section.id === id || section.id.startsWith(`${id}.`))
    .flatMap((section) => section.tables)
  const found = tables.filter((one) => one.id === id)
  const rows = (found.length > 0 ? found : inSection).flatMap((one) => one.rows)
  const chosen = place.includes('#') ? rows.filter((row) => row.id === place) : rows
  const exists = found.length > 0 || report.sections.some((section) => section.id === id)
  if (chosen.length > 0 || (exists && !place.includes('#'))) return chosen
  const known = [
    ...tables.map((one) => one.id),
    ...tables.flatMap((one) => one.rows.map((row) => row.id)),
  ]
  const guess = nearest(place, known)
  throw new Problem('notFound', {
    place: '--why',
    message: 'no está en el informe',
    value: shown(place),
    remedy: guess
      ? `¿Quiso decir ${guess}?`
      : `Las tablas son: ${tables.map((one) => one.id).join(', ')}`,
  })
}

function discrepanciesText({ discrepancies }: Report): string {
  if (discrepancies.length === 0) return 'Sin discrepancias.'
  return table(
    ['Lugar', 'Qué', 'Valor', 'Remedio'],
    discrepancies.map(({ place, message, value, remedy }) => [place, message, value, remedy]),
  )
}

function differencesText(differences: Difference[]): string {
  return differences
    .map(({ place, before, after }) => `  ${place}: «${before ?? '—'}» → «${after ?? '—'}»`)
    .join('\n')
}

/** The content of the mailing that carries the files, for staff to look over and queue. */
function letterYaml(report: Report, base: string, sha256: string): string {
  return [
    'tipo: informe-trimestral',
    `trimestre: ${report.quarter}`,
    'entrada: |-',
    `  Se remite el ${report.title.charAt(0).toLowerCase()}${report.title.slice(1)}, en su versión ${report.version}.`,
    '',
    `  Sello del informe (SHA-256): ${sha256}`,
    'adjuntos:',
    `  - { archivo: ${base}.docx, titulo: "Informe trimestral ${report.quarter}, versión ${report.version}" }`,
    `  - { archivo: ${base}.xlsx, titulo: "Tablas, evidencia y discrepancias de ${report.quarter}" }`,
    '',
  ].join('\n')
}
