/** What commands share: an opened app, the acting user, and output for people or machines. */
import Table from 'cli-table3'
import type { Command } from 'commander'
import { openApp, validateAll, type App, type AppOptions } from '../app.ts'
import { inMexicoCity } from '../clock.ts'
import { Problem, nearest, shown } from '../errors.ts'
import { createLog } from '../log.ts'
import { requireUser, type User } from '../people/users.ts'

/** Opens the app for one command and closes it whatever happens. Logs below `warn` would drown the answer. */
export async function withApp<T>(
  work: (app: App) => Promise<T>,
  options: AppOptions = {},
): Promise<T> {
  const validated = validateAll(process.env)
  const level = process.env.LOG_LEVEL ? validated.config.logLevel : 'warn'
  const app = await openApp(validated, { log: createLog({ level, name: 'cli' }), ...options })
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

/** The same, with the user of --as. */
export async function withUser<T>(
  login: string | undefined,
  work: (app: App, user: User) => Promise<T>,
): Promise<T> {
  return withApp(async (app) => work(app, await requireUser(app.db, login)))
}

export const asOption = ['--as <login>', 'who does it (required: every act has a person)'] as const
export const confirmRepeatOption = [
  '--confirm-repeat',
  'the same subject or text to the same audience within 48 hours is what you want',
] as const
export const jsonOption = ['--json', 'for machines'] as const

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** One answer, as JSON when it was asked for. */
export function answer(json: boolean | undefined, value: unknown, text: () => string): void {
  print(json ? JSON.stringify(value, null, 2) : text())
}

export function table(
  head: string[],
  rows: (string | number)[][],
  empty = 'No hay nada que mostrar.',
): string {
  if (rows.length === 0) return empty
  const drawn = new Table({
    head,
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    wrapOnWordBoundary: false,
    colWidths: fittingWidths([head, ...rows]),
  })
  drawn.push(...rows)
  return drawn.toString()
}

/** Column widths that fit the terminal: the widest column gives way, a character at a time. */
function fittingWidths(rows: (string | number)[][]): number[] {
  const terminal = process.stdout.columns ?? 120
  const widths = rows[0]!.map(
    (_, i) => 2 + Math.max(...rows.map((row) => String(row[i] ?? '').length)),
  )
  const borders = widths.length + 1
  while (widths.reduce((sum, width) => sum + width, borders) > terminal) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest]! <= 12) break
    widths[widest]!--
  }
  return widths
}

/** `vie 27 nov 2026 15:00` */
export function shortTime(instant: Date | null): string {
  return instant === null ? '' : inMexicoCity(instant).toFormat('ccc d LLL yyyy HH:mm')
}

export function examples(command: Command, ...lines: string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${lines.map((line) => `  $ npm run -s pregonero -- ${line}`).join('\n')}`,
  )
}

/** For ids and counts on the command line. */
export function wholeNumber(name: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw new Problem('usage', {
      place: name,
      message: 'must be a whole number',
      value: shown(text),
      remedy: 'Give it in digits',
    })
  }
}

/** For an option that may be given several times. */
export const several = (text: string, before: string[] = []): string[] => [...before, text]

/** One of the words that an option takes. */
export function oneOf<Word extends string>(
  name: string,
  text: string,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === text)
  if (found !== undefined) return found
  const guess = nearest(text, words)
  throw new Problem('usage', {
    place: name,
    message: 'is unknown',
    value: shown(text),
    remedy: guess ? `Did you mean ${guess}?` : `Use one of ${words.join(', ')}`,
  })
}
