/** One SMTP conversation about one delivery, and the outcome that it leaves. */
import type { SenderConfig } from '../config.ts'
import { nextAttemptAt } from '../dispatch/retry.ts'
import { routeOf } from '../dispatch/route.ts'
import { relayName, type Connection, type SendResult } from '../dispatch/transport.ts'
import { messageOf } from '../errors.ts'
import type { ClaimedDelivery } from '../ledger/claims.ts'
import type { OutcomeRow } from '../ledger/outcomes.ts'
import { redactAddresses } from '../mail.ts'
import type { Engine } from './engine.ts'
import { messageFor, messageIdOf, type EditionLetter } from './letters.ts'

/** Never throws: what cannot even be composed or routed is an outcome too, so that no claimed row is left without one. */
export async function converse(
  engine: Engine,
  letter: EditionLetter,
  usual: Connection,
  delivery: ClaimedDelivery,
  workerId: string,
): Promise<OutcomeRow> {
  const startedAt = engine.clock.now()
  const startedMs = performance.now()
  const messageId = messageIdOf(engine, letter.editionId, delivery.id)
  const { result, relay } = await converseOrSay(engine, letter, usual, delivery, {
    messageId,
    startedAt,
    mayWrite: () => engine.lease.holds(workerId),
  })
  const durationMs = Math.round(performance.now() - startedMs)
  return outcomeRow({ result, relay, delivery, messageId, startedAt, durationMs })
}

async function converseOrSay(
  engine: Engine,
  letter: EditionLetter,
  usual: Connection,
  delivery: ClaimedDelivery,
  {
    messageId,
    startedAt,
    mayWrite,
  }: { messageId: string; startedAt: Date; mayWrite: () => boolean },
): Promise<{ result: SendResult; relay: string }> {
  try {
    const message = messageFor(engine, letter, delivery, { messageId, date: startedAt })
    const envelope = { from: letter.sender.envelopeFrom, to: delivery.address }
    return await viaItsRelay(engine, letter.sender, usual, delivery.address, (connection) =>
      connection.send(envelope, message, mayWrite),
    )
  } catch (error) {
    const { editionId: edition, publication } = letter
    const about = { edition, publication, delivery: delivery.id }
    engine.log.error({ err: error, ...about }, 'message not composed')
    const smtpText = messageOf(error)
    const result = { outcome: 'failed', phase: 'envelope', smtpCode: undefined, smtpText } as const
    return { result, relay: usual.relay }
  }
}

/** Outside production an allow-listed address goes to the relay while all else goes to the outbox. */
async function viaItsRelay(
  engine: Engine,
  sender: SenderConfig,
  usual: Connection,
  address: string,
  send: (connection: Connection) => Promise<SendResult>,
): Promise<{ result: SendResult; relay: string }> {
  const relay = routeOf(engine.config, sender, address, engine.outbox)
  if (relayName(relay) === usual.relay) return { result: await send(usual), relay: usual.relay }
  try {
    const connection = await engine.connections.take(relay)
    try {
      return { result: await send(connection), relay: connection.relay }
    } finally {
      engine.connections.give(connection)
    }
  } catch (error) {
    const result = {
      outcome: 'deferred',
      phase: 'connect',
      smtpCode: undefined,
      smtpText: messageOf(error),
    } as const
    return { result, relay: relayName(relay) }
  }
}

function outcomeRow(conversation: {
  result: SendResult
  relay: string
  delivery: ClaimedDelivery
  messageId: string
  startedAt: Date
  durationMs: number
}): OutcomeRow {
  const { result, delivery, startedAt, ...rest } = conversation
  const retryAt =
    result.outcome === 'deferred' ? nextAttemptAt(delivery.attempts, startedAt) : undefined
  const gaveUp = result.outcome === 'deferred' && retryAt === undefined
  // attempts are never changed: what is written in them must not name whom we may have to forget
  const smtpText = redactAddresses(result.smtpText, delivery.address)
  return {
    deliveryId: delivery.id,
    attempts: delivery.attempts,
    outcome: gaveUp ? 'failed' : result.outcome,
    phase: result.phase,
    smtpCode: result.smtpCode,
    smtpText: gaveUp ? `${smtpText} (after ${delivery.attempts} attempts)` : smtpText,
    nextAttemptAt: retryAt,
    startedAt,
    durationMs: rest.durationMs,
    relay: rest.relay,
    messageId: rest.messageId,
  }
}
