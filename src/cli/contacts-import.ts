/** `pregonero contacts import` and what follows: looked at first, confirmed, undone. */
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { fields, type ColumnChoice, type Field } from '../audience/import-file/columns.ts'
import { fileAt, withSpooled, type ImportFile } from '../audience/import-file/file.ts'
import { listImports, type ImportRecord } from '../audience/import-record.ts'
import type { ImportProgress } from '../audience/import-staging.ts'
import type { Consent } from '../audience/memberships.ts'
import { Problem, nearest, shown } from '../errors.ts'
import {
  confirmContacts,
  discardContacts,
  importContacts,
  OtherOutcome,
  stageContacts,
  undoContacts,
  type ImportEngine,
} from '../flow/import-contacts.ts'
import type { User } from '../people/users.ts'
import { withReport } from './import-report-file.ts'
import { confirmedText, importsTable, outcomeText, reviewText, undoneText } from './import-texts.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
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
  acceptDoubtful?: boolean
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
        .option('--confirm', 'write it at once, unless rows are wrong or doubtful'),
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
          answer(json, imports, () => importsTable(imports))
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
        await withReport(options.report, (write) => write(engine, user, importId))
        const done = await confirm(engine, user, importId, options)
        answer(options.json, done, () => confirmedText(done))
      })
    }),
    'contacts confirm-import 3 --as ana',
    'contacts confirm-import 3 --skip-invalid --accept-doubtful --as ana',
  )

  examples(
    contacts
      .command('discard-import <id>')
      .description('forget a file that was looked at and is not to be written')
      .requiredOption(...asOption)
      .action(async (id: string, options: { as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const importId = wholeNumber('ID')(id)
          await discardContacts(engine, user, importId)
          print(`Importación ${importId} descartada: no se escribió nada.`)
        })
      }),
    'contacts discard-import 3 --as ana',
  )

  examples(
    contacts
      .command('undo-import <id>')
      .description('take back a whole import, within a day; tells what stays and why')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (id: string, options: { as: string; json?: boolean }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const importId = wholeNumber('ID')(id)
          const undone = await undoContacts(engine, user, importId)
          answer(options.json, undone, () => undoneText(importId, undone))
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
    .option('--report <file>', 'write what there is to say of each row to this CSV, a new one')
    .option('--skip-invalid', 'import the good rows although there are others')
    .option('--accept-doubtful', 'import also the rows that seem mistyped: somebody looked at them')
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

async function withFile(path: string, work: (file: ImportFile) => Promise<void>): Promise<void> {
  if (path === '-') return withSpooled(process.stdin, 'entrada estándar', work)
  await work(await fileAt(path))
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
    const { skipInvalid, acceptDoubtful } = options
    const accepted = { ...given, skipInvalid, acceptDoubtful }
    const done = await importContacts(engine, user, file, accepted).finally(progress.end)
    answer(options.json, done, () => confirmedText(done))
    return
  }
  const review = await withReport(options.report, async (write) => {
    const staged = await stageContacts(engine, user, file, given).finally(progress.end)
    await write(engine, user, staged.import.id)
    return staged
  })
  if (options.confirm) {
    const done = await confirm(engine, user, review.import.id, options)
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

/** Nobody accepts what they did not see: what it would do now is shown with the refusal. */
async function confirm(
  engine: ImportEngine,
  user: User,
  importId: number,
  options: ConfirmationOptions,
): Promise<ImportRecord> {
  try {
    return await confirmContacts(engine, user, importId, {
      skipInvalid: options.skipInvalid,
      acceptDoubtful: options.acceptDoubtful,
      consent: consentOf(options),
    })
  } catch (error) {
    if (error instanceof OtherOutcome)
      answer(options.json, error.review, () => outcomeText(error.review))
    throw error
  }
}

const consentOf = (options: ConfirmationOptions): Partial<Consent> => ({
  ...(options.origin !== undefined && { origin: options.origin }),
  ...(options.consentedOn !== undefined && { consentedOn: options.consentedOn }),
  ...(options.notice !== undefined && { noticeVersion: options.notice }),
  ...(options.evidence !== undefined && { evidence: options.evidence }),
})
