/** `pregonero edition`: what leaves, and when. */
import type { Command } from 'commander'
import { DateTime } from 'luxon'
import { zone } from '../clock.ts'
import { findEdition, type Edition } from '../editions/editions.ts'
import { Problem, shown } from '../errors.ts'
import { approve, cancel } from '../flow/approve.ts'
import { openCorrection } from '../flow/correct.ts'
import { titleOf } from '../flow/engine.ts'
import { markReady } from '../flow/mark-ready.ts'
import { openEdition } from '../flow/open-edition.ts'
import { returnEdition } from '../flow/return.ts'
import { progressOf, type Progress } from '../ledger/progress.ts'
import { suppressedByReason, totalsOf, totalsOfMany } from '../ledger/totals.ts'
import {
  deliveryStateNames,
  deliveryStates,
  editionStateNames,
  editionStates,
  recipientsOf,
  suppressionReasonNames,
  suppressionReasons,
} from '../states.ts'
import {
  answer,
  asOption,
  confirmRepeatOption,
  examples,
  jsonOption,
  oneOf,
  print,
  shortTime,
  table,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'
import { addControlCommands } from './edition-control.ts'

const id = wholeNumber('ID')

/** Returns the command, for others to add to. */
export function addEditionCommands(program: Command): Command {
  const edition = examples(
    program.command('edition').description('editions: one publication for one period'),
    'edition list',
  )

  examples(
    edition
      .command('list')
      .description('editions, latest hour first')
      .option('--publication <slug>', 'of one publication')
      .option('--state <state>', editionStates.join(', '))
      .option('--limit <n>', 'rows at most', wholeNumber('--limit'), 30)
      .option(...jsonOption)
      .action(
        async (options: {
          publication?: string
          state?: string
          limit: number
          json?: boolean
        }) => {
          await withApp(async ({ db, engine }) => {
            let query = db
              .selectFrom('edition')
              .selectAll()
              .orderBy('nominalAt', 'desc')
              .limit(options.limit)
            if (options.publication) query = query.where('publication', '=', options.publication)
            if (options.state)
              query = query.where('state', '=', oneOf('--state', options.state, editionStates))
            const rows = await query.execute()
            const totals = await totalsOfMany(
              db,
              rows.map((row) => row.id),
            )
            answer(options.json, rows, () =>
              table(
                ['Id', 'Edición', 'Hora', 'Estado', 'Destinatarios', 'Aceptados', 'Motivo'],
                rows.map((row) => {
                  const sums = totals.get(row.id)
                  return [
                    row.id,
                    titleOf(engine, row),
                    shortTime(row.nominalAt),
                    editionStateNames[row.state],
                    sums ? recipientsOf(sums) : '',
                    sums ? sums.accepted : '',
                    row.stateReason ?? '',
                  ]
                }),
                'No hay ediciones: el planificador abre las de los próximos 14 días.',
              ),
            )
          })
        },
      ),
    'edition list',
    'edition list --state held --json',
  )

  examples(
    edition
      .command('show <id>')
      .description('one edition: its states, who did what, and its totals')
      .option(...jsonOption)
      .action(async (text: string, { json }: { json?: boolean }) => {
        await withApp(async ({ db, engine }) => {
          const found = await findEdition(db, id(text))
          const progress = await progressOf(db, found.id, engine.clock.now())
          const { totals } = progress
          const suppressed = await suppressedByReason(db, found.id)
          const trail = await db
            .selectFrom('auditLog')
            .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
            .select(['auditLog.at', 'auditLog.act', 'auditLog.detail', 'staffUser.login'])
            .where('auditLog.subject', '=', `edition ${found.id}`)
            .orderBy('auditLog.id')
            .execute()
          const { perSecond, endsAt } = progress
          const pace = found.state === 'sending' ? { pace: { perSecond, endsAt } } : {}
          answer(json, { edition: found, totals, ...pace, suppressed, trail }, () =>
            [
              table(['', titleOf(engine, found)], describe(found)),
              table(
                ['Entregas', ''],
                deliveryStates
                  .filter((state) => totals[state] > 0)
                  .map((state) => [deliveryStateNames[state], totals[state]]),
                'Sin entregas todavía.',
              ),
              ...(found.state === 'sending' ? [paceText(progress)] : []),
              ...(totals.suppressed > 0
                ? [
                    table(
                      ['Omitidas', ''],
                      suppressionReasons
                        .filter((reason) => (suppressed[reason] ?? 0) > 0)
                        .map((reason) => [suppressionReasonNames[reason], suppressed[reason]!]),
                    ),
                  ]
                : []),
              ...(found.leftOut
                ? [
                    `Además, ${found.leftOut === 1 ? '1 persona había' : `${found.leftOut} personas habían`} dejado sus listas.`,
                  ]
                : []),
              table(
                ['Cuándo', 'Quién', 'Acto'],
                trail.map((row) => [shortTime(row.at), row.login ?? 'Pregonero', row.act]),
              ),
            ].join('\n'),
          )
        })
      }),
    'edition show 12',
  )

  examples(
    edition
      .command('open <publication>')
      .description('open an edition by hand, at an hour of your choice')
      .requiredOption('--at <hour>', "hour of Mexico City, as '2026-12-03 17:00'")
      .option('--period <period>', 'its name; for weekly publications it comes from the hour')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(
        async (
          slug: string,
          options: { at: string; period?: string; as: string; json?: boolean },
        ) => {
          await withUser(options.as, async ({ engine }, user) => {
            const opened = await openEdition(
              engine,
              user,
              slug,
              mexicoCityHour(options.at),
              options.period,
            )
            answer(
              options.json,
              opened,
              () =>
                `Edición ${opened.id} abierta: ${titleOf(engine, opened)}, ${shortTime(opened.nominalAt)}.`,
            )
          })
        },
      ),
    "edition open boletin-electoral --at '2026-12-31 12:00' --as ana",
  )

  examples(
    edition
      .command('correct <id>')
      .description(
        'open an alcance: a correction of what was sent, to the same lists; never counted',
      )
      .requiredOption('--at <hour>', "when it leaves, hour of Mexico City, as '2026-11-23 13:00'")
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (text: string, options: { at: string; as: string; json?: boolean }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const opened = await openCorrection(engine, user, id(text), mexicoCityHour(options.at))
          answer(
            options.json,
            opened,
            () =>
              `Alcance ${opened.revision} de ${titleOf(engine, opened)}: edición ${opened.id}, sale ${shortTime(opened.nominalAt)}.\n` +
              `Siguiente: pregonero content add ARCHIVO --period ${opened.period} --as ${user.login}`,
          )
        })
      }),
    "edition correct 12 --at '2026-11-23 13:00' --as ana",
  )

  examples(
    edition
      .command('ready <id>')
      .description('number, render and seal its content: what leaves is exactly this')
      .option(...confirmRepeatOption)
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(
        async (text: string, options: { as: string; confirmRepeat?: boolean; json?: boolean }) => {
          await withUser(options.as, async ({ engine }, user) => {
            const { edition: ready, warnings } = await markReady(engine, user, id(text), options)
            for (const warning of warnings) process.stderr.write(`Aviso: ${warning}\n`)
            answer(
              options.json,
              ready,
              () =>
                `${titleOf(engine, ready)} está lista: ${ready.expectedRecipients} direcciones, sale ${shortTime(ready.nominalAt)}.\n` +
                `Sello ${ready.sealedHash?.slice(0, 12)}`,
            )
          })
        },
      ),
    'edition ready 12 --as ana',
  )

  examples(
    edition
      .command('approve <id>')
      .description('a second person approves exactly what was sealed')
      .option(
        '--seal <hash>',
        'the seal that you reviewed, or its beginning: refused when it changed meanwhile',
      )
      .requiredOption(...asOption)
      .action(async (text: string, options: { seal?: string; as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const approved = await approve(engine, user, id(text), options.seal)
          print(
            `${titleOf(engine, approved)} aprobada por ${user.name}; sale ${shortTime(approved.nominalAt)}.`,
          )
        })
      }),
    'edition approve 12 --seal 3f9a0c71b2d4 --as luis',
  )

  examples(
    edition
      .command('return <id>')
      .description(
        'give it back to whoever wrote it, who is told why; its seal and approval are void',
      )
      .requiredOption('--reason <text>', 'what to mend, for its author to read')
      .option('--seal <hash>', 'the seal that you reviewed, or its beginning')
      .requiredOption(...asOption)
      .action(async (text: string, options: { reason: string; seal?: string; as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const returned = await returnEdition(engine, user, id(text), {
            reason: options.reason.trim(),
            ...(options.seal !== undefined && { hash: options.seal }),
          })
          print(`${titleOf(engine, returned)} devuelta; se avisa por correo a quien la preparó.`)
        })
      }),
    "edition return 12 --reason 'Falta la fuente de la segunda nota' --as luis",
  )

  examples(
    edition
      .command('cancel <id>')
      .description('send nothing more of it')
      .requiredOption('--reason <text>', 'why, for the record')
      .requiredOption(...asOption)
      .action(async (text: string, options: { reason: string; as: string }) => {
        await withUser(options.as, async ({ engine, db }, user) => {
          const cancelled = await cancel(engine, user, id(text), options.reason)
          const totals = await totalsOf(db, cancelled.id)
          print(
            `${titleOf(engine, cancelled)} cancelada; ${totals.accepted} ya aceptadas, ${totals.cancelled} sin enviar.`,
          )
        })
      }),
    "edition cancel 12 --reason 'La sesión se pospuso' --as luis",
  )
  addControlCommands(edition)
  return edition
}

function paceText({ perSecond, endsAt }: Progress): string {
  const rate = `${perSecond.toLocaleString('es-MX', { maximumFractionDigits: 1 })} mensajes por segundo en el último minuto`
  return endsAt === undefined ? `${rate}.` : `${rate}; terminará hacia ${shortTime(endsAt)}.`
}

function describe(edition: Edition): string[][] {
  const rows: [string, string][] = [
    ['Edición', `${edition.id}${edition.revision > 0 ? `, alcance ${edition.revision}` : ''}`],
    ['Número', edition.issueNumber === null ? '' : `${edition.issueNumber}/${edition.issueYear}`],
    ['Hora', shortTime(edition.nominalAt)],
    ['Hora límite', shortTime(edition.latestStartAt)],
    ['Estado', editionStateNames[edition.state]],
    ['Motivo', edition.stateReason ?? ''],
    ['Sello', edition.sealedHash?.slice(0, 12) ?? ''],
    ['Lista', shortTime(edition.readyAt)],
    ['Aprobada', shortTime(edition.approvedAt)],
    ['Salida', shortTime(edition.releasedAt)],
    ['Primera aceptación', shortTime(edition.firstAcceptedAt)],
    ['Concluida', shortTime(edition.closedAt)],
    ['Detalle depurado', shortTime(edition.prunedAt)],
  ]
  return rows.filter(([, value]) => value !== '')
}

function mexicoCityHour(text: string): Date {
  const hour = DateTime.fromISO(text.trim().replace(' ', 'T'), { zone })
  if (hour.isValid && /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) return hour.toJSDate()
  throw new Problem('usage', {
    place: '--at',
    message: 'is not a day and hour',
    value: shown(text),
    remedy: "Write it as '2026-12-03 17:00'",
  })
}
