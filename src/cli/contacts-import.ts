/** `pregonero contacts import` and what follows: looked at first, confirmed, undone. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { fields, type ColumnChoice, type Field } from '../audience/import-file/columns.ts'
import type { Preview } from '../audience/import-file/contacts-file.ts'
import { fileAt, type ImportFile } from '../audience/import-file/file.ts'
import { importStateNames, listImports, type ImportRecord } from '../audience/import-record.ts'
import { reportHead, reportLines } from '../audience/import-report.ts'
import type { RemarkClass } from '../audience/import-review.ts'
import type { ImportProgress } from '../audience/import-staging.ts'
import type { ImportReview } from '../audience/imports.ts'
import type { Consent } from '../audience/memberships.ts'
import { Problem, messageOf, nearest, shown } from '../errors.ts'
import {
  confirmContacts,
  importContacts,
  reportContacts,
  stageContacts,
  undoContacts,
  type ImportEngine,
} from '../flow/import-contacts.ts'
import type { User } from '../people/users.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  shortTime,
  table,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'

interface ConfirmationOptions {
  origin?: string
  consentedOn?: string
  notice?: string
  evidence?: string
  report?: string
  skipInvalid?: boolean
  as: string
  json?: boolean
}

interface ImportCommandOptions extends ConfirmationOptions {
  list?: string
  column?: ColumnChoice
  confirm?: boolean
}

export function addImportCommands(contacts: Command): void {
  examples(
    withConfirmationOptions(
      contacts
        .command('import <file>')
        .description(
          'read a CSV or XLSX of contacts and show what it would do; --confirm does it. - is standard input',
        )
        .option('--list <slug>', 'the list of every row, when the file has no column for it')
        .option(
          '--column <field=heading>',
          `which column is what, when it is guessed wrong; several times. Fields: ${fields.join(', ')}`,
          columnChoice,
        )
        .option('--confirm', 'write it at once, when nothing has to be looked at'),
    ).action(async (path: string, options: ImportCommandOptions) => {
      await withUser(options.as, ({ engine }, user) =>
        withFile(path, (file) => importFile(engine, user, file, options)),
      )
    }),
    'contacts import personal.csv --list comunidad-iecm --as ana',
    'contacts import personal.csv --list comunidad-iecm --confirm --as ana',
    "contacts import observadoras.xlsx --list red-observacion --column 'correo=Correo 1' --origin 'Formulario de registro' --consented-on 2026-10-05 --notice 2026-01 --report informe.csv --as ana",
  )

  examples(
    contacts
      .command('imports')
      .description('the imports so far, the newest first')
      .option('--limit <n>', 'rows at most', wholeNumber('--limit'), 20)
      .option(...jsonOption)
      .action(async ({ limit, json }: { limit: number; json?: boolean }) => {
        await withApp(async ({ db }) => {
          const imports = await listImports(db, limit)
          answer(json, imports, () =>
            table(
              ['Id', 'Archivo', 'Estado', 'Quién', 'Cuándo', 'Filas', 'Contactos', 'Altas'],
              imports.map(({ summary, ...row }) => [
                row.id,
                row.fileName,
                importStateNames[row.state],
                row.user,
                shortTime(row.confirmedAt ?? row.createdAt),
                summary.rows ?? '',
                summary.newContacts ?? '',
                summary.newMembers ?? '',
              ]),
            ),
          )
        })
      }),
    'contacts imports',
  )

  examples(
    withConfirmationOptions(
      contacts
        .command('confirm-import <id>')
        .description('write what was looked at: contacts and their lists'),
    ).action(async (id: string, options: ConfirmationOptions) => {
      await withUser(options.as, async ({ engine }, user) => {
        const importId = wholeNumber('ID')(id)
        await writeReport(engine, user, importId, options.report)
        const done = await confirm(engine, user, importId, options)
        answer(options.json, done, () => confirmedText(done))
      })
    }),
    'contacts confirm-import 3 --as ana',
    'contacts confirm-import 3 --skip-invalid --as ana',
  )

  examples(
    contacts
      .command('undo-import <id>')
      .description('take back a whole import, within a day; tells what stays and why')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (id: string, options: { as: string; json?: boolean }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const undone = await undoContacts(engine, user, wholeNumber('ID')(id))
          answer(options.json, undone, () =>
            [
              `Importación ${id} deshecha: se quitaron ${undone.removedMembers} altas y ${undone.removedContacts} contactos.`,
              ...undone.kept.map(({ motivo, count }) => `Se quedan ${count}: ${motivo}.`),
            ].join('\n'),
          )
        })
      }),
    'contacts undo-import 3 --as ana',
  )
}

function withConfirmationOptions(command: Command): Command {
  return command
    .option('--origin <text>', 'where the consent of these people was given (external lists)')
    .option('--consented-on <date>', 'when, as 2026-11-23 (external lists)')
    .option('--notice <version>', 'of the privacy notice that they were shown (external lists)')
    .option('--evidence <text>', 'where the consent can be seen')
    .option('--report <file>', 'write what there is to say of each row to this CSV')
    .option('--skip-invalid', 'import the good rows although there are others')
    .requiredOption(...asOption)
    .option(...jsonOption)
}

/** `correo=Correo 1`, gathered. Throws a Problem that names the closest field. */
function columnChoice(text: string, before: ColumnChoice = {}): ColumnChoice {
  const [field = '', ...heading] = text.split('=')
  if (heading.length > 0 && fields.includes(field as Field))
    return { ...before, [field]: heading.join('=').trim() }
  const guess = nearest(field, fields)
  throw new Problem('usage', {
    place: '--column',
    message: 'must be FIELD=HEADING',
    value: shown(text),
    remedy: guess ? `Did you mean ${guess}=…?` : `Fields: ${fields.join(', ')}`,
  })
}

/** Standard input is kept in a file meanwhile: it is read twice. */
async function withFile(path: string, work: (file: ImportFile) => Promise<void>): Promise<void> {
  if (path !== '-') return work(await fileAt(path))
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-import-'))
  try {
    const spooled = join(folder, 'entrada')
    await pipeline(process.stdin, createWriteStream(spooled, { mode: 0o600 }))
    await work(await fileAt(spooled, 'entrada estándar'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function importFile(
  engine: ImportEngine,
  user: User,
  file: ImportFile,
  options: ImportCommandOptions,
): Promise<void> {
  const progress = progressBar()
  const given = {
    list: options.list,
    columns: options.column,
    consent: consentOf(options),
    onProgress: progress.show,
  }
  if (options.confirm && options.report === undefined) {
    const { skipInvalid } = options
    const done = await importContacts(engine, user, file, { ...given, skipInvalid }).finally(
      progress.end,
    )
    answer(options.json, done, () => confirmedText(done))
    return
  }
  const review = await stageContacts(engine, user, file, given).finally(progress.end)
  const { id } = review.import
  await writeReport(engine, user, id, options.report)
  if (options.confirm) {
    const done = await confirm(engine, user, id, options)
    answer(options.json, done, () => confirmedText(done))
  } else answer(options.json, review, () => reviewText(review))
}

function progressBar(): { show(progress: ImportProgress): void; end(): void } {
  // on stderr, and only where somebody looks
  const bar = new SingleBar({
    format: '  Leyendo {bar} {percentage}% · {rows} filas',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
  })
  let isShown = false
  return {
    show({ rows, read }) {
      if (!isShown) bar.start(100, 0, { rows: 0 })
      isShown = true
      bar.update(Math.floor(read * 100), { rows })
    },
    end: () => bar.stop(),
  }
}

const confirm = (
  engine: ImportEngine,
  user: User,
  importId: number,
  options: ConfirmationOptions,
): Promise<ImportRecord> =>
  confirmContacts(engine, user, importId, {
    skipInvalid: options.skipInvalid,
    consent: consentOf(options),
  })

const consentOf = (options: ConfirmationOptions): Partial<Consent> => ({
  ...(options.origin !== undefined && { origin: options.origin }),
  ...(options.consentedOn !== undefined && { consentedOn: options.consentedOn }),
  ...(options.notice !== undefined && { noticeVersion: options.notice }),
  ...(options.evidence !== undefined && { evidence: options.evidence }),
})

async function writeReport(
  engine: ImportEngine,
  user: User,
  importId: number,
  path: string | undefined,
): Promise<void> {
  if (path === undefined) return
  try {
    // personal data: for who asked for it
    const file = await open(path, 'w', 0o600)
    try {
      await file.write(reportHead())
      await reportContacts(engine, user, importId, async (remarks) => {
        await file.write(reportLines(remarks))
      })
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof Problem || !(error instanceof Error && 'syscall' in error)) throw error
    throw new Problem('usage', {
      place: '--report',
      message: `no se puede escribir: ${messageOf(error)}`,
      value: path,
      remedy: 'Dé el nombre de un archivo que se pueda escribir',
    })
  }
}

function reviewText(review: ImportReview & { preview: Preview }): string {
  const { preview, summary, remarks, missing } = review
  const { id } = review.import
  const skip = summary.invalid > 0 ? ' --skip-invalid' : ''
  const lists = summary.lists.map(({ slug, newMembers }) => `${newMembers} en ${slug}`)
  const findings = remarkTitles
    .filter(([kind]) => summary[kind] > 0)
    .map(([kind, title]) => `  ${title}: ${summary[kind]}`)
  return [
    `${preview.fileName}: ${preview.readAs}; encabezados en la fila ${preview.headerRow}.`,
    ...preview.warnings,
    columnsTable(preview),
    `${summary.rows} filas.`,
    ...findings,
    ...(remarks.length > 0
      ? [
          table(
            ['Fila', 'Columna', 'Valor', 'Motivo', 'Sugerencia'],
            remarks.map((one) => [one.fila, one.columna, one.valor, one.motivo, one.sugerencia]),
          ),
        ]
      : []),
    `Al confirmar: ${summary.newContacts} contactos nuevos, ${summary.newMembers} altas${lists.length > 0 ? ` (${lists.join(', ')})` : ''}; ${summary.alreadyMembers} ya estaban.`,
    ...missing.map(({ place, message }) => `Falta: ${message} (${place}).`),
    'Nada se ha escrito todavía. Para confirmar, dentro de 24 horas:',
    `  pregonero contacts confirm-import ${id}${skip} --as ${review.import.user}`,
  ].join('\n')
}

/** In the order in which they are looked at. */
const remarkTitles: [RemarkClass, string][] = [
  ['invalid', 'Con error, no se importan'],
  ['doubtful', 'Por revisar, se importan así'],
  ['duplicates', 'Repetidas, se reúnen'],
  ['left', 'Personas que se dieron de baja, no se suscriben otra vez'],
  ['suppressed', 'Personas a las que no se escribe'],
]

/** A line for each column: a file may have two hundred of them. */
const columnsTable = ({ columns, firstRows }: Preview): string =>
  table(
    ['Encabezado', 'Se lee como', ...firstRows.map((_, i) => `Ejemplo ${i + 1}`)],
    columns.map(({ heading, field }, i) => [
      heading,
      field ?? '(no se lee)',
      ...firstRows.map((cells) => cells[i] ?? ''),
    ]),
  )

function confirmedText({ id, summary }: ImportRecord): string {
  const { rows = 0, newContacts = 0, newMembers = 0, duplicates = 0, invalid = 0 } = summary
  const left = (summary.left ?? 0) + (summary.suppressed ?? 0)
  return [
    `Importación ${id}: ${rows} filas: ${newContacts} contactos nuevos, ${newMembers} altas en listas, ${duplicates} repetidas, ${invalid} con error, ${left} personas que no se suscriben.`,
    `Para deshacerla, dentro de 24 horas: pregonero contacts undo-import ${id} --as CLAVE`,
  ].join('\n')
}
