/** `pregonero register` and `pregonero history`: what the report prints and no mailing of ours stands for. */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { Problem, messageOf, shown } from '../errors.ts'
import { addRow, editRow, enterFigure, importRows, removeRow } from '../flow/register.ts'
import { parseQuarter } from '../report/quarter.ts'
import { readFigures, readRegister, type RegisterDraft } from '../report/register.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
  table,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'

const id = wholeNumber('ID')

interface RowOptions {
  as: string
  table?: string
  quarter?: string
  text?: string
  date?: string[]
  position?: string
  topic?: string
  channel?: string
  evidence?: string
  mark?: string
  note?: string
  field?: string[]
  json?: boolean
}

export function addRegisterCommands(program: Command): void {
  const register = examples(
    program
      .command('register')
      .description(
        'rows of the report that are no mailings: meetings, letters, posters, agreements',
      ),
    'register list 2026-Q4',
  )

  examples(
    rowOptions(
      register.command('add').description('enter a row; its quarter, table and text are needed'),
    ).action(async (options: RowOptions) => {
      const draft = { ...emptyRow, ...draftFrom(options) }
      await withUser(options.as, async ({ engine, reportDefinitions }, user) => {
        const added = await addRow(engine, reportDefinitions, user, draft)
        answer(
          options.json,
          { id: added },
          () => `Renglón ${added} en ${draft.tableId}, ${draft.quarter}.`,
        )
      })
    }),
    "register add --quarter 2026-Q4 --table IV.1.a.iii --date 2026-10-16 --text 'Reunión virtual con…' --as ana",
    "register add --quarter 2026-Q4 --table IV.3.a.vi-2 --text 'Convenio…' --field area=DVOE --field estatus='En proceso' --as ana",
  )

  examples(
    register
      .command('list [quarter]')
      .description('the rows of a quarter, or all')
      .option('--table <id>', 'of one table')
      .option(...jsonOption)
      .action(async (text: string | undefined, options: { table?: string; json?: boolean }) => {
        await withApp(async ({ db }) => {
          const rows = await readRegister(db, {
            ...(text !== undefined && { quarter: parseQuarter(text).name }),
            ...(options.table !== undefined && { table: options.table }),
          })
          const header = ['Id', 'Trimestre', 'Tabla', 'No.', 'Fechas', 'Texto', 'Tema']
          const cells = rows.map((row) => [
            String(row.id),
            row.quarter,
            row.tableId,
            String(row.position ?? ''),
            row.precision === 'month'
              ? row.dates.map((one) => one.slice(0, 7)).join(' ')
              : row.dates.join(' '),
            row.lineText,
            row.topic ?? '',
          ])
          answer(options.json, rows, () => table(header, cells))
        })
      }),
    'register list 2026-Q4 --table IV.3.a.v',
  )

  examples(
    rowOptions(
      register
        .command('edit <id>')
        .description("change what is given and leave the rest; '' takes out what was there"),
    ).action(async (text: string, options: RowOptions) => {
      await withUser(options.as, async ({ engine, reportDefinitions }, user) => {
        await editRow(engine, reportDefinitions, user, id(text), draftFrom(options))
        answer(options.json, { id: id(text) }, () => `Renglón ${id(text)} corregido.`)
      })
    }),
    'register edit 12 --date 2026-10-17 --as ana',
  )

  examples(
    register
      .command('remove <id>')
      .description('take a row out; the audit log keeps it')
      .requiredOption(...asOption)
      .action(async (text: string, options: { as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          await removeRow(engine, user, id(text))
          print(`Renglón ${id(text)} quitado.`)
        })
      }),
    'register remove 12 --as ana',
  )

  examples(
    register
      .command('figure <quarter> <key> <value>')
      .description(
        'a figure of a sentence that no table has; under the id of a table, the count that was printed',
      )
      .requiredOption(...asOption)
      .action(async (quarter: string, key: string, value: string, options: { as: string }) => {
        await withUser(options.as, async ({ engine, reportDefinitions }, user) => {
          const figure = { quarter, key, value: wholeNumber('VALUE')(value) }
          await enterFigure(engine, reportDefinitions, user, figure)
          print(`${key}: ${value}, en ${quarter}.`)
        })
      }),
    'register figure 2026-Q4 folios-sivople 198 --as ana',
  )

  examples(
    register
      .command('figures <quarter>')
      .description('the figures that were entered')
      .option(...jsonOption)
      .action(async (text: string, options: { json?: boolean }) => {
        await withApp(async ({ db }) => {
          const figures = Object.fromEntries(await readFigures(db, parseQuarter(text)))
          const cells = Object.entries(figures).map(([key, value]) => [key, String(value)])
          answer(options.json, figures, () => table(['Cifra', 'Valor'], cells))
        })
      }),
    'register figures 2026-Q4',
  )

  examples(
    importCommand(register).description(
      'rows from a CSV or JSON file; docs/report.md has its columns',
    ),
    'register import reuniones.csv --as ana',
  )
  const history = examples(
    program.command('history').description('what was sent before Pregonero'),
    'history import historia-2025-Q1.csv --dry-run --as ana',
  )
  examples(
    importCommand(history).description(
      'past communications from a CSV or JSON file; the same file twice changes nothing',
    ),
    'history import historia-2025-Q1.csv --as ana',
  )
}

function rowOptions(command: Command): Command {
  return command
    .option('--quarter <quarter>', 'like 2026-Q4')
    .option('--table <id>', 'like IV.1.a.iii')
    .option('--text <text>', 'as printed')
    .option('--date <date...>', 'one or several ISO dates, or a month like 2026-10')
    .option('--position <number>', 'its printed number; without it, in the order of dates')
    .option('--topic <key>', 'of the catalogue')
    .option('--channel <text>', 'how it was done')
    .option('--evidence <text>', 'where the proof is')
    .option('--mark <mark>', 'of a footnote, like *')
    .option('--note <text>', 'the footnote')
    .option('--field <name=value...>', 'a cell that only its table has')
    .requiredOption(...asOption)
    .option(...jsonOption)
}

function importCommand(parent: Command): Command {
  return parent
    .command('import <file>')
    .option('--dry-run', 'say what would be written')
    .requiredOption(...asOption)
    .option(...jsonOption)
    .action(async (file: string, options: { as: string; dryRun?: boolean; json?: boolean }) => {
      const bytes = await readBytes(file)
      await withUser(options.as, async ({ engine, reportDefinitions }, user) => {
        const { dryRun = false } = options
        const source = { bytes, place: file }
        const done = await importRows(engine, reportDefinitions, user, source, { dryRun })
        answer(
          options.json,
          done,
          () =>
            `${done.rows} renglones: ${done.added} nuevos, ${done.changed} corregidos, ${done.unchanged} sin cambio${done.kept > 0 ? `, ${done.kept} corregidos a mano, que quedan así` : ''}.` +
            (dryRun ? ' No se escribió nada.' : ''),
        )
      })
    })
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new Problem('usage', {
      place: file,
      message: `no se puede leer: ${messageOf(error)}`,
      remedy: 'Revise el nombre y los permisos del archivo',
    })
  }
}

const emptyRow: RegisterDraft = {
  tableId: '',
  quarter: '',
  position: null,
  dates: [],
  precision: 'day',
  text: '',
  fields: {},
  mark: '',
  note: null,
  topic: null,
  publication: null,
  channel: null,
  evidence: null,
  printedDate: null,
  sourceKey: null,
}

/** What the options give. */
function draftFrom(options: RowOptions): Partial<RegisterDraft> {
  const { table: tableId, quarter, text, date, position, field } = options
  const { topic, channel, evidence, mark, note } = options
  const isMonth = date?.length === 1 && /^\d{4}-\d{2}$/.test(date[0]!)
  return {
    ...(tableId !== undefined && { tableId }),
    ...(quarter !== undefined && { quarter: parseQuarter(quarter).name }),
    ...(text !== undefined && { text: text.trim() }),
    ...(date !== undefined && {
      dates: isMonth ? [`${date[0]}-01`] : date,
      precision: isMonth ? ('month' as const) : ('day' as const),
    }),
    ...(position !== undefined && {
      position: position === '' ? null : wholeNumber('--position')(position),
    }),
    ...(topic !== undefined && { topic: topic || null }),
    ...(channel !== undefined && { channel: channel || null }),
    ...(evidence !== undefined && { evidence: evidence || null }),
    ...(mark !== undefined && { mark }),
    ...(note !== undefined && { note: note || null }),
    ...(field !== undefined && { fields: Object.fromEntries(field.map(fieldOf)) }),
  }
}

function fieldOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new Problem('usage', {
    place: '--field',
    message: 'is not name=value',
    value: shown(text),
    remedy: "Write it as area='DVOE'",
  })
}
