/** `pregonero deliveries`: who was sent what, and what became of it. Addresses are whole for few. */
import type { Command } from 'commander'
import { lookUp } from '../flow/person.ts'
import type { Engine } from '../flow/engine.ts'
import { longTime } from '../flow/hold.ts'
import { attemptsOf, listDeliveries } from '../ledger/search.ts'
import { maskAddress } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { may, requireUser, type User } from '../people/users.ts'
import {
  deliveryStateNames,
  deliveryStates,
  suppressionReasonNames,
  type DeliveryState,
  type SuppressionReason,
} from '../states.ts'
import {
  answer,
  examples,
  jsonOption,
  oneOf,
  shortTime,
  table,
  wholeNumber,
  withApp,
} from './session.ts'

interface DeliveryOptions {
  edition?: number
  address?: string
  state?: string
  attempts?: number
  limit: number
  as?: string
  json?: boolean
}

export function addDeliveryCommand(program: Command): void {
  examples(
    program
      .command('deliveries')
      .description('the ledger: who was sent what, and with which outcome')
      .option('--edition <id>', 'of one edition', wholeNumber('--edition'))
      .option('--address <address>', 'to one address; needs --as, and is written down')
      .option('--state <state>', deliveryStates.join(', '))
      .option(
        '--attempts <delivery>',
        'the SMTP conversations behind one delivery',
        wholeNumber('--attempts'),
      )
      .option('--limit <n>', 'rows at most', wholeNumber('--limit'), 50)
      .option('--as <login>', 'who looks: without it, and for most roles, addresses are masked')
      .option(...jsonOption)
      .action(async (options: DeliveryOptions) => {
        await withApp(async ({ engine }) => {
          if (options.attempts === undefined) await showDeliveries(engine, options)
          else await showAttempts(engine, options.attempts, options.json)
        })
      }),
    'deliveries --edition 12 --state rejected',
    'deliveries --address persona@iecm.mx --as eva --json',
    'deliveries --attempts 4711',
  )
}

async function showAttempts({ db }: Engine, delivery: number, json?: boolean): Promise<void> {
  const rows = await attemptsOf(db, delivery)
  answer(json, rows, () =>
    table(
      ['Cuándo', 'Resultado', 'Código', 'Respuesta', 'Relay', 'Message-ID'],
      rows.map((row) => [
        shortTime(row.at),
        deliveryStateNames[row.outcome],
        row.smtpCode ?? '',
        (row.smtpText ?? '').slice(0, 50),
        row.relay,
        row.messageId,
      ]),
    ),
  )
}

async function showDeliveries(engine: Engine, options: DeliveryOptions): Promise<void> {
  const { edition, address, state, limit, as } = options
  const user =
    as === undefined && address === undefined ? undefined : await requireUser(engine.db, as)
  const rows = await listDeliveries(engine.db, {
    limit,
    ...(edition !== undefined && { editionId: edition }),
    ...(state !== undefined && { state: oneOf('--state', state, deliveryStates) }),
    ...(address !== undefined && { address: await searchedAddress(engine, user!, address) }),
  })
  const isWhole = address !== undefined || (user !== undefined && may(user, 'addresses.see'))
  if (isWhole && address === undefined) {
    await audit(engine.db, {
      at: engine.clock.now(),
      user,
      act: 'addresses.see',
      subject: edition === undefined ? 'deliveries' : `edition ${edition}`,
      detail: { rows: rows.length },
    })
  }
  const shownRows = rows.map((row) =>
    isWhole ? row : { ...row, address: maskAddress(row.address) },
  )
  const prunedAt = edition === undefined ? null : await whenPruned(engine, edition)
  const pruned = prunedAt && prunedText(prunedAt)
  if (pruned && (options.json || rows.length > 0)) process.stderr.write(`${pruned}\n`)
  answer(options.json, shownRows, () =>
    table(
      ['Entrega', 'Edición', 'Dirección', 'Estado', 'Intentos', 'Actualizada', 'Motivo'],
      shownRows.map((row) => [
        row.id,
        `${row.publication} ${row.period}`,
        row.address,
        deliveryStateNames[row.state],
        row.attempts,
        shortTime(row.updatedAt),
        reasonText(row).slice(0, 40),
      ]),
      pruned ?? undefined,
    ),
  )
}

/** A run that was interrupted may have left some rows. */
const prunedText = (at: Date): string =>
  `Su detalle se depuró el ${longTime(at)}: se conservan sus totales (edition show).`

async function whenPruned({ db }: Engine, id: number): Promise<Date | null> {
  const row = await db
    .selectFrom('edition')
    .select('prunedAt')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.prunedAt ?? null
}

function reasonText({ state, reason }: { state: DeliveryState; reason: string | null }): string {
  return state === 'suppressed'
    ? suppressionReasonNames[reason as SuppressionReason]
    : (reason ?? '')
}

/** In normal form, or that of the person with that number; the look is written down. */
async function searchedAddress(engine: Engine, user: User, address: string): Promise<string> {
  const permission = may(user, 'person.see') ? 'person.see' : 'addresses.see'
  const sought = await lookUp(engine, user, address, 'deliveries.search', permission)
  return sought.address ?? ''
}
