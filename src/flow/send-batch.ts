/** Sends one batch: claim, converse, write the outcome; again until nothing of it is left to send now. */
import { setTimeout as sleep } from 'node:timers/promises'
import { findEdition } from '../editions/editions.ts'
import { readRendering } from '../editions/archive.ts'
import { composeMessage, leaveHeaders, listId } from '../dispatch/message.ts'
import { nextAttemptAt } from '../dispatch/retry.ts'
import { routeOf } from '../dispatch/route.ts'
import { relayName, type Connection, type SendResult } from '../dispatch/transport.ts'
import { messageOf } from '../errors.ts'
import { claimDeliveries, type ClaimedDelivery } from '../ledger/claims.ts'
import { withholdDelivery } from '../ledger/exclusions.ts'
import { recordOutcomes, type OutcomeRow } from '../ledger/outcomes.ts'
import { signToken } from '../keys.ts'
import { linkTo, paths } from '../links.ts'
import { redactAddresses, type Attachment } from '../mail.ts'
import type { Publication } from '../publication.ts'
import {
  asIs,
  compileSlots,
  escapeHtml,
  offersLeaving,
  slotValues,
  type SlotName,
} from '../render/slots.ts'
import type { SenderConfig } from '../config.ts'
import { closeIfFinished } from './close-edition.ts'
import { requirePublication, type Engine } from './engine.ts'

/** About two minutes: a late answer still tells a row that became unknown meanwhile. */
const recordTries = 30

/** Throws RelayUnavailable when no conversation can begin: nothing was claimed, and the planner queues it again. */
export async function sendBatch(engine: Engine, editionId: number, batch: number): Promise<void> {
  const edition = await findEdition(engine.db, editionId)
  if (edition.state !== 'sending') return
  const publication = requirePublication(engine, edition.publication)
  const letter = await openLetter(engine, editionId, edition.sealedHash!, publication)
  let connection: Connection | undefined
  try {
    while (!engine.draining()) {
      await engine.pace(letter.sender)
      // before the claim, so that a relay that is down costs no delivery an attempt
      connection = await usable(engine, connection, letter.sender)
      const workerId = await engine.lease.workerId()
      const claim = { editionId, batch, workerId, limit: 1, at: engine.clock.now() }
      const [delivery] = await claimDeliveries(engine.db, claim)
      if (!delivery) break
      const outcome = await converse(engine, letter, connection, delivery, workerId)
      await persistently(engine, workerId, () =>
        recordOutcomes(engine.db, editionId, workerId, [outcome]),
      )
      // whoever left while it was in our hands is not tried again
      if (outcome.outcome === 'deferred')
        await withholdDelivery(engine.db, delivery.id, engine.clock.now())
    }
  } finally {
    if (connection) engine.connections.give(connection)
  }
  await closeIfFinished(engine, editionId)
}

/** What every message of the edition shares; the slots are found once. */
interface Letter {
  sender: SenderConfig
  editionId: number
  subject: string
  html: (values: Record<SlotName, string>) => string
  plainText: (values: Record<SlotName, string>) => string
  attachments: Attachment[]
  headers: Record<string, string>
  /** It says how to leave, so its header does too. */
  offersLeaving: boolean
}

async function openLetter(
  engine: Engine,
  editionId: number,
  sealedHash: string,
  publication: Publication,
): Promise<Letter> {
  const archived = await readRendering(engine.db, editionId, sealedHash)
  return {
    sender: engine.config.senders[publication.sender],
    editionId,
    subject: archived.subject,
    html: compileSlots(archived.html, escapeHtml),
    plainText: compileSlots(archived.plainText, asIs),
    attachments: archived.attachments,
    headers: { 'List-Id': listId(publication, engine.config.mailDomain) },
    offersLeaving: offersLeaving(archived),
  }
}

async function usable(
  engine: Engine,
  connection: Connection | undefined,
  sender: SenderConfig,
): Promise<Connection> {
  if (connection?.usable()) return connection
  return engine.connections.take(routeOf(engine.config, sender, '', engine.outbox))
}

async function converse(
  engine: Engine,
  letter: Letter,
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

/** What cannot even be composed or routed is an outcome too: a claimed row is never left without one. */
async function converseOrSay(
  engine: Engine,
  letter: Letter,
  usual: Connection,
  delivery: ClaimedDelivery,
  {
    messageId,
    startedAt,
    mayWrite,
  }: { messageId: string; startedAt: Date; mayWrite: () => boolean },
): Promise<{ result: SendResult; relay: string }> {
  try {
    const token = leaveToken(engine, letter.editionId, delivery.contactId)
    const leaveUrl = linkTo(engine.config.publicUrl, paths.leave(token))
    const values = slotValues({ name: delivery.name, leaveUrl })
    const message = await composeMessage({
      from: letter.sender.from,
      replyTo: letter.sender.replyTo,
      to: { name: delivery.name, address: delivery.address },
      subject: letter.subject,
      html: letter.html(values),
      plainText: letter.plainText(values),
      attachments: letter.attachments,
      messageId,
      date: startedAt,
      headers: {
        ...letter.headers,
        ...(letter.offersLeaving &&
          leaveHeaders(leaveUrl, engine.config.unsubscribeMailbox, token)),
      },
    })
    const envelope = { from: letter.sender.envelopeFrom, to: delivery.address }
    return await viaItsRelay(engine, letter.sender, usual, delivery.address, (connection) =>
      connection.send(envelope, message, mayWrite),
    )
  } catch (error) {
    engine.log.error({ err: error, delivery: delivery.id }, 'message not composed')
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

/** It names no address, and outlives the delivery's row. 0 is nobody: the person was erased since it was frozen. */
export function leaveToken(
  { keys }: Pick<Engine, 'keys'>,
  editionId: number,
  contactId: number | null,
): string {
  return signToken(keys, 'leave', [contactId ?? 0, editionId])
}

/** The same at every attempt of a delivery, so that a relay's log or a bounce leads back to it. */
export function messageIdOf(
  engine: Pick<Engine, 'instanceId' | 'config'>,
  editionId: number,
  deliveryId: number,
): string {
  return `<${editionId}.${deliveryId}.${engine.instanceId.slice(0, 8)}@${engine.config.mailDomain}>`
}

/** An outcome is known and must not be lost to a database that restarts: it is written again and again for a while. */
async function persistently(
  engine: Engine,
  workerId: string,
  write: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (attempt === recordTries) {
        // nobody knows any more what became of it: its row must not stay `sending` for as long as we live
        await engine.lease.abandon(workerId)
        throw error
      }
      engine.log.warn({ err: error, attempt }, 'outcome not written yet')
      await sleep(Math.min(250 * 2 ** attempt, 5_000))
    }
  }
}
