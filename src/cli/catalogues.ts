/** `pregonero topics` and `pregonero sessions`: what staff enter once and mailings refer to. */
import type { Command } from 'commander'
import { z } from 'zod'
import { issueFaults } from '../content/check.ts'
import { sesionIne, type SesionIne } from '../content/sesion.ts'
import { readSessions } from '../content/sessions.ts'
import { listTopics } from '../content/topics.ts'
import { Problem, shown } from '../errors.ts'
import { addTopic, enterSessions } from '../flow/settings.ts'
import type { RegisteredSession } from '../publication.ts'
import { readYaml } from '../yaml-file.ts'
import { readText } from './contacts.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
  table,
  withApp,
  withUser,
} from './session.ts'

export function addCatalogueCommands(program: Command): void {
  const topics = examples(
    program.command('topics').description('the topics that the report counts'),
    'topics list',
  )
  examples(
    topics
      .command('list')
      .description('keys and names')
      .option(...jsonOption)
      .action(async ({ json }: { json?: boolean }) => {
        await withApp(async ({ db }) => {
          const rows = await listTopics(db)
          answer(json, rows, () =>
            table(
              ['Clave', 'Tema'],
              rows.map((row) => [row.key, row.name]),
            ),
          )
        })
      }),
    'topics list --json',
  )
  examples(
    topics
      .command('add <key>')
      .description('add a topic to the catalogue')
      .requiredOption('--name <name>', 'as staff know it')
      .requiredOption(...asOption)
      .action(async (key: string, options: { name: string; as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          await addTopic(engine, user, { key, name: options.name })
          print(`Tema ${key} agregado.`)
        })
      }),
    "topics add taller-observacion --name 'Taller de observación' --as luis",
  )

  const sessions = examples(
    program
      .command('sessions')
      .description('INE sessions: entered once, for every mailing that mentions them'),
    'sessions list --from 2026-11-23 --to 2026-11-29',
  )
  examples(
    sessions
      .command('list')
      .description('registered sessions by day and hour')
      .requiredOption('--from <date>', 'first day, ISO')
      .requiredOption('--to <date>', 'last day, ISO')
      .option(...jsonOption)
      .action(async ({ from, to, json }: { from: string; to: string; json?: boolean }) => {
        for (const [place, text] of Object.entries({ '--from': from, '--to': to }))
          requireDate(place, text)
        await withApp(async ({ db }) => {
          const rows = (await readSessions(db, from, to)) as RegisteredSession<SesionIne>[]
          answer(json, rows, () =>
            table(
              ['Fecha', 'Hora', 'Órgano', 'Tipo', 'Estado', 'Versión', 'Clave'],
              rows.map((row) => [
                row.fecha,
                row.hora ?? 'por confirmar',
                row.organo.siglas ?? row.organo.nombre,
                row.tipo,
                row.estado,
                row.secuencia,
                row.id,
              ]),
            ),
          )
        })
      }),
    'sessions list --from 2026-11-23 --to 2026-11-29',
  )
  examples(
    sessions
      .command('import <file>')
      .description('enter sessions, or their changes, from a YAML or JSON list')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (file: string, options: { as: string; json?: boolean }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const given = readSessionFile(await readText(file), file)
          const changes = await enterSessions(engine, user, given, file)
          const count = (kind: string) => changes.filter(({ change }) => change === kind).length
          answer(
            options.json,
            changes,
            () =>
              `Sesiones: ${count('added')} nuevas, ${count('changed')} con cambios, ${count('same')} iguales.`,
          )
        })
      }),
    'sessions import sesiones.yaml --as ana',
  )
}

function readSessionFile(text: string, place: string): SesionIne[] {
  const read = readYaml(text, place)
  if (!read.ok) throw new Problem('invalid', read.faults)
  const parsed = z.array(sesionIne).min(1).safeParse(read.value)
  if (parsed.success) return parsed.data
  throw new Problem('invalid', issueFaults(parsed.error, read.value, place))
}

function requireDate(place: string, text: string): void {
  if (z.iso.date().safeParse(text).success) return
  throw new Problem('usage', {
    place,
    message: 'is not a date',
    value: shown(text),
    remedy: 'Write it as 2026-11-23',
  })
}
