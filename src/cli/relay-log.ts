/** `pregonero edition resolve-from-log`: what the relay's own log says of deliveries of unknown outcome. */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Command } from 'commander'
import { IANAZone } from 'luxon'
import { zone } from '../clock.ts'
import { Problem, messageOf, shown } from '../errors.ts'
import { titleOf } from '../flow/engine.ts'
import { resolveFromLog, type ResolvedFromLog } from '../flow/resolve-from-log.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  shortTime,
  wholeNumber,
  withUser,
} from './session.ts'

const id = wholeNumber('EDITION')

export function addRelayLogCommand(edition: Command): void {
  examples(
    edition
      .command('resolve-from-log <edition> <file>')
      .description(
        "accept those of unknown outcome that the relay's log (Postfix; also .gz) shows in its queue",
      )
      .option('--zone <zone>', 'of hours that the log writes without one', zone)
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(
        async (
          text: string,
          file: string,
          options: { zone: string; as: string; json?: boolean },
        ) => {
          if (!IANAZone.isValidZone(options.zone)) throw noZone(options.zone)
          await withUser(options.as, async ({ engine }, user) => {
            const given = { name: basename(file), zone: options.zone, lines: await linesOf(file) }
            const resolved = await resolveFromLog(engine, user, id(text), given)
            const title = titleOf(engine, resolved.edition)
            answer(options.json, resolved, () => summary(title, resolved))
          })
        },
      ),
    'edition resolve-from-log 12 /var/log/mail.log --as luis',
    'edition resolve-from-log 12 mail.log.2.gz --zone UTC --as luis',
  )
}

/** Opens the file at once, so that one that cannot be read is told before anything else happens. */
async function linesOf(path: string): Promise<AsyncIterable<string>> {
  const file = createReadStream(path)
  try {
    await once(file, 'open')
  } catch (error) {
    throw unreadable(path, error)
  }
  if (!path.endsWith('.gz')) return splitLines(path, file)
  // what goes wrong with either is told by the last
  return splitLines(
    path,
    pipeline(file, createGunzip(), () => undefined),
  )
}

/** Beyond this it is no line of a log. */
const maxLineLength = 1_000_000

async function* splitLines(path: string, input: Readable): AsyncIterable<string> {
  let rest = ''
  try {
    for await (const piece of input.setEncoding('utf8')) {
      const lines = `${rest}${piece}`.split(/\r?\n/)
      rest = lines.pop()!
      yield* lines
      if (rest.length > maxLineLength) rest = ''
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  if (rest !== '') yield rest
}

const unreadable = (path: string, error: unknown): Problem =>
  new Problem('usage', {
    place: 'FILE',
    message: `no se puede leer: ${messageOf(error)}`,
    value: shown(path),
    remedy: 'Dé la bitácora del relay, o una copia de ella',
  })

const noZone = (text: string): Problem =>
  new Problem('usage', {
    place: '--zone',
    message: 'is not a time zone',
    value: shown(text),
    remedy: `Give it as ${zone} or UTC`,
  })

function summary(
  title: string,
  { log, accepted, cutOff, absent, uncovered }: ResolvedFromLog,
): string {
  const list = (rows: { delivery: number }[]) => rows.map(({ delivery }) => delivery).join(', ')
  const told = accepted.map(
    ({ delivery, queueId, fate }) =>
      `  entrega ${delivery}: cola ${queueId}${fate ? `, ${fate.status} (${fate.text})` : ''}`,
  )
  return [
    `${title}: ${accepted.length} dadas por aceptadas.`,
    ...told,
    `La bitácora va del ${shortTime(log.first ?? null)} al ${shortTime(log.last ?? null)} (${log.lines} líneas de Postfix).`,
    ...(cutOff.length > 0
      ? [`Llegaron a medias y el relay no las tomó (no cambian): ${list(cutOff)}.`]
      : []),
    ...(absent.length > 0 ? [`No están en la bitácora (no cambian): ${list(absent)}.`] : []),
    ...(uncovered.length > 0
      ? [`La bitácora no es de su hora, así que no dice nada (no cambian): ${list(uncovered)}.`]
      : []),
  ].join('\n')
}
