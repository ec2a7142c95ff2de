/** `pregonero senders`: the accounts that mail leaves from, and how fast each may go. */
import type { Command } from 'commander'
import { Problem } from '../errors.ts'
import { changeLimits, limitsOfSenders, type LimitsOfSender } from '../flow/sender-limits.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
  shortTime,
  table,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'

interface LimitOptions {
  rate?: number
  connections?: number
  reset?: boolean
  as: string
}

export function addSenderCommands(program: Command): void {
  const senders = examples(
    program.command('senders').description('the senders and their limits, over all workers'),
    'senders list',
  )

  examples(
    senders
      .command('list')
      .description('what holds now, and whether it is what the environment says')
      .option(...jsonOption)
      .action(async ({ json }: { json?: boolean }) => {
        await withApp(async ({ engine }) => {
          const all = await limitsOfSenders(engine)
          answer(
            json,
            all.map(({ sender, now, configured, changed }) => ({
              slug: sender.slug,
              now,
              configured,
              changed: changed ?? null,
            })),
            () =>
              table(
                ['Remitente', 'De', 'Mensajes por segundo', 'Conexiones', 'Fijado por'],
                all.map((one) => [
                  one.sender.slug,
                  one.sender.from.address,
                  one.now.messagesPerSecond,
                  one.now.connections,
                  one.changed
                    ? `${one.changed.by}, ${shortTime(one.changed.at)}`
                    : 'la configuración',
                ]),
              ),
          )
        })
      }),
    'senders list',
    'senders list --json',
  )

  examples(
    senders
      .command('limit <slug>')
      .description('change how fast it may go, at once and for all workers')
      .option('--rate <n>', 'messages per second', wholeNumber('--rate'))
      .option(
        '--connections <n>',
        'conversations at once with its relay',
        wholeNumber('--connections'),
      )
      .option('--reset', 'back to what the environment says')
      .requiredOption(...asOption)
      .action(async (slug: string, options: LimitOptions) => {
        await withUser(options.as, async ({ engine }, user) => {
          print(inWords(await changeLimits(engine, user, slug, changeOf(options))))
        })
      }),
    'senders limit admin --rate 20 --connections 5 --as luis',
    'senders limit admin --reset --as luis',
  )
}

function changeOf({ rate, connections, reset }: LimitOptions) {
  const isEmpty = rate === undefined && connections === undefined
  if (isEmpty !== (reset === true)) {
    throw new Problem('usage', {
      place: 'senders limit',
      message: isEmpty
        ? 'no dice qué cambiar'
        : '--reset no va con --rate ni con --connections: no se sabe qué vale',
      remedy: 'Dé --rate, --connections o los dos; o solo --reset',
    })
  }
  if (isEmpty) return 'reset' as const
  return {
    ...(rate !== undefined && { messagesPerSecond: rate }),
    ...(connections !== undefined && { connections }),
  }
}

const inWords = ({ sender, now, changed }: LimitsOfSender): string =>
  `${sender.slug}: ${now.messagesPerSecond} mensajes por segundo y ${now.connections} conexiones a la vez, ${changed ? `por ${changed.by}` : 'según la configuración'}.`
