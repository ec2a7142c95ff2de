/** `pregonero rest-days`: the institution's calendar of rest days and closed periods. */
import type { Command } from 'commander'
import { DateTime } from 'luxon'
import { Problem, shown } from '../errors.ts'
import { addRestDay, importRestDays, removeRestDay } from '../flow/settings.ts'
import { restKinds, type RestKind, type RestPeriod } from '../schedule/institutional-calendar.ts'
import { parseRestDays } from '../schedule/rest-days-file.ts'
import { readRestDays, type ImportedRestDays } from '../schedule/rest-days.ts'
import { readText } from './contacts.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  table,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'

export function addRestDayCommands(program: Command): void {
  const restDays = examples(
    program
      .command('rest-days')
      .description(
        "rest days and closed periods: what jobs/ says of them decides an edition's day",
      ),
    'rest-days list --year 2026',
  )

  examples(
    restDays
      .command('list')
      .description('the calendar, all of it or one year')
      .option('--year <year>', 'what touches that year', wholeNumber('--year'))
      .option(...jsonOption)
      .action(async ({ year, json }: { year?: number; json?: boolean }) => {
        await withApp(async ({ db }) => {
          const rows = (await readRestDays(db)).filter(
            ({ start, end }) =>
              year === undefined || (yearOf(start) <= year && year <= yearOf(end)),
          )
          answer(json, rows, () =>
            table(
              ['Fecha', 'Hasta', 'Día', 'Nombre', 'Tipo', 'Estado', 'Fundamento'],
              rows.map((row) => [
                row.start,
                row.end === row.start ? '' : row.end,
                weekdayOf(row.start),
                row.name,
                row.kind,
                row.status ?? '',
                row.basis ?? '',
              ]),
              'No hay descansos ni periodos cerrados: cárguelos con `pregonero rest-days import`.',
            ),
          )
        })
      }),
    'rest-days list --year 2026',
    'rest-days list --json',
  )

  examples(
    restDays
      .command('import <file>')
      .description(
        'replace the years that a file names (YAML, written as jobs/dias-inhabiles.yaml is); nothing is written when a day is wrong',
      )
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (file: string, options: { as: string; json?: boolean }) => {
        const parsed = parseRestDays(await readText(file), file)
        if (!parsed.ok) throw new Problem('invalid', parsed.faults)
        const result = await withUser(options.as, ({ engine }, user) =>
          importRestDays(engine, user, parsed.rows, `file ${file}`),
        )
        answer(options.json, result, () => importText(result))
      }),
    'rest-days import dias-2027.yaml --as luis',
  )

  examples(
    restDays
      .command('add <date>')
      .description('add a rest day, or a closed period with --until')
      .requiredOption('--name <name>', 'as staff know it')
      .requiredOption('--kind <kind>', 'descanso (one official rest day) or cerrado (closed)')
      .option('--until <date>', 'the last day of a closed period')
      .option('--basis <text>', 'the law or acuerdo that says so')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (date: string, options: AddOptions) => {
        const row = await withUser(options.as, ({ engine }, user) =>
          addRestDay(
            engine,
            user,
            {
              start: date,
              end: options.until,
              name: options.name,
              kind: options.kind,
              basis: options.basis,
            },
            (field) => places[field],
          ),
        )
        answer(options.json, row, () => `Agregado: ${lineOf(row)}.`)
      }),
    "rest-days add 2026-12-24 --name 'Tarde libre' --kind cerrado --as luis",
    "rest-days add 2026-12-21 --until 2027-01-05 --name 'Vacaciones de invierno' --kind cerrado --as luis",
  )

  examples(
    restDays
      .command('remove <date>')
      .description('remove the rest day or closed period that starts on the date')
      .option('--kind <kind>', 'which of two that start on the same day')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (date: string, options: { kind?: string; as: string; json?: boolean }) => {
        const kind = kindOf(options.kind)
        const row = await withUser(options.as, ({ engine }, user) =>
          removeRestDay(engine, user, date, kind),
        )
        answer(options.json, row, () => `Quitado: ${lineOf(row)}.`)
      }),
    'rest-days remove 2026-12-24 --as luis',
  )
}

interface AddOptions {
  name: string
  kind: string
  until?: string
  basis?: string
  as: string
  json?: boolean
}

const places: Record<keyof RestPeriod, string> = {
  start: 'DATE',
  end: '--until',
  name: '--name',
  kind: '--kind',
  basis: '--basis',
  status: '--status',
}

function importText({ years, added, removed, kept }: ImportedRestDays): string {
  return [
    `Calendario de ${years.join(', ')}: ${added.length} altas, ${removed.length} bajas, ${kept} sin cambio.`,
    ...added.map((row) => `+ ${lineOf(row)}`),
    ...removed.map((row) => `- ${lineOf(row)}`),
  ].join('\n')
}

function lineOf({ start, end, name, kind, status }: RestPeriod): string {
  const dates = start === end ? `${weekdayOf(start)} ${start}` : `${start} a ${end}`
  const doubt = status === 'por-confirmar' ? ', por confirmar' : ''
  return `${dates} ${name} (${kind}${doubt})`
}

function kindOf(text: string | undefined): RestKind | undefined {
  const kind = restKinds.find((known) => known === text)
  if (text === undefined || kind) return kind
  throw new Problem('usage', {
    place: '--kind',
    message: 'no se conoce',
    value: shown(text),
    remedy: `Use uno de: ${restKinds.join(', ')}`,
  })
}

const yearOf = (date: string): number => Number(date.slice(0, 4))

const weekdayOf = (date: string): string =>
  DateTime.fromISO(date, { zone: 'utc', locale: 'es-MX' }).toFormat('cccc')
