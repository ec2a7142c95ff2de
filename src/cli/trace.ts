/** `pregonero trace`: one delivery followed from the plan to the relay. */
import type { Command } from 'commander'
import { inMexicoCity } from '../clock.ts'
import { titleOf } from '../flow/engine.ts'
import { trace, type Recipient, type Trace, type TracedAct } from '../flow/trace.ts'
import type { TracedAttempt } from '../ledger/delivery-trace.ts'
import { requireUser } from '../people/users.ts'
import {
  deliveryStateNames,
  editionStateNames,
  suppressionReasonNames,
  type SuppressionReason,
} from '../states.ts'
import { answer, examples, jsonOption, table, withApp } from './session.ts'

export function addTraceCommand(program: Command): void {
  examples(
    program
      .command('trace <id>')
      .description(
        'one delivery from plan to relay; ID: its number, its Message-ID, or EDITION/ADDRESS',
      )
      .option('--as <login>', 'who looks: without it, and for most roles, the address is masked')
      .option(...jsonOption)
      .action(async (id: string, options: { as?: string; json?: boolean }) => {
        await withApp(async ({ engine, db }) => {
          const user = options.as === undefined ? undefined : await requireUser(db, options.as)
          const traced = await trace(engine, user, id)
          const title = titleOf(engine, traced.edition)
          answer(options.json, traced, () => traceText(title, traced))
        })
      }),
    'trace 4711',
    "trace '<12.4711.5f0c2e1a@iecm.mx>' --json",
    'trace 12/persona@iecm.mx --as eva',
  )
}

function traceText(title: string, traced: Trace): string {
  return [
    table(['', `Entrega ${traced.delivery.id}`], summary(title, traced)),
    table(
      ['Cuándo', 'Quién', 'Qué'],
      [
        [exactTime(traced.edition.createdAt), '', `edición ${traced.edition.id} en la agenda`],
        ...traced.acts.map((act) => [exactTime(act.at), act.who ?? 'Pregonero', actText(act)]),
      ],
    ),
    table(
      ['Intento', 'Duró', 'Resultado', 'Respuesta', 'Relay', 'Proceso'],
      traced.attempts.map(attemptRow),
      'Sin intentos: nadie la ha tomado.',
    ),
    ...(traced.recipient ? recipientText(traced.recipient) : []),
  ].join('\n')
}

function summary(title: string, { delivery, edition, messageId, holder }: Trace): string[][] {
  const rows: [string, string | undefined][] = [
    ['Edición', `${edition.id}, ${title} (${editionStateNames[edition.state]})`],
    ['Hora', exactTime(edition.nominalAt)],
    ['Salió', edition.releasedAt ? exactTime(edition.releasedAt) : undefined],
    ['Dirección', delivery.address],
    ['Estado', deliveryStateNames[delivery.state]],
    ['Motivo', reasonText(delivery)],
    ['Desde', exactTime(delivery.updatedAt)],
    ['Siguiente intento', delivery.nextAttemptAt ? exactTime(delivery.nextAttemptAt) : undefined],
    ['En manos de', holder && `${holder.host}, proceso ${holder.pid} (${holder.worker})`],
    ['Lote', String(delivery.batch)],
    ['Message-ID', messageId],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
}

function reasonText({ state, reason }: Trace['delivery']): string | undefined {
  if (reason === null) return undefined
  return state === 'suppressed' ? suppressionReasonNames[reason as SuppressionReason] : reason
}

function attemptRow(attempt: TracedAttempt): string[] {
  const { smtpText, phase, worker, host, pid } = attempt
  return [
    exactTime(attempt.at),
    attempt.durationMs === null ? '' : `${attempt.durationMs} ms`,
    `${deliveryStateNames[attempt.outcome]} (${phase})`,
    smtpText ?? '',
    attempt.relay,
    host === null ? worker.slice(0, 8) : `${host}:${pid}`,
  ]
}

const actNames: Record<string, string> = {
  open: 'abrió la edición',
  correct: 'abrió este alcance',
  'content.add': 'guardó contenido',
  ready: 'la marcó como lista',
  approve: 'la aprobó',
  return: 'la devolvió',
  replan: 'cambió la hora',
  reopen: 'volvió a planearla',
  hold: 'la detuvo',
  omit: 'la omitió',
  release: 'la envió a su hora',
  pause: 'la puso en pausa',
  resume: 'la reanudó',
  cancel: 'la canceló',
  resend: 'reenvió lo que falló',
  resolve: 'dijo qué fue de lo incierto',
}

function actText({ act, detail }: TracedAct): string {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
  const seal = text(detail.sealedHash)?.slice(0, 12)
  const told = [seal && `sello ${seal}`, text(detail.as), text(detail.reason), text(detail.file)]
  return [actNames[act] ?? act, ...told.filter((one) => one !== undefined)].join(': ')
}

function recipientText({ lists, suppressions }: Recipient): string[] {
  return [
    table(
      ['Lista', 'Desde', 'La dejó'],
      lists.map((one) => [
        one.list,
        exactTime(one.since),
        one.leftAt && one.state === 'left' ? exactTime(one.leftAt) : '',
      ]),
      'Ya no está en ninguna lista de la edición.',
    ),
    ...(suppressions.length === 0
      ? []
      : [
          table(
            ['No se le escribe', 'Alcance', 'Desde'],
            suppressions.map((one) => [
              suppressionReasonNames[one.reason],
              one.scope,
              exactTime(one.at),
            ]),
          ),
        ]),
  ]
}

/** `27 nov 2026 15:00:03` */
const exactTime = (instant: Date): string => inMexicoCity(instant).toFormat('d LLL yyyy HH:mm:ss')
