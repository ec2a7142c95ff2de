/** Sends pending notices from the directorate's account. */
import { composeMessage } from '../dispatch/message.ts'
import { routeOf } from '../dispatch/route.ts'
import { messageOf } from '../errors.ts'
import {
  claimNotices,
  settleNotice,
  type NoticeResult,
  type PendingNotice,
} from '../notices/notices.ts'
import type { Engine } from './engine.ts'

const footer = '\n\n-- \nAviso automático de Pregonero. No se cuenta como envío.\n'

/** Never throws for a relay: a notice not taken waits for the next plan. */
export async function sendNotices(engine: Engine): Promise<void> {
  const notices = await claimNotices(engine.db, engine.clock.now())
  for (const notice of notices) {
    const result = await sendNotice(engine, notice)
    if (result.outcome !== 'sent')
      engine.log.warn({ notice: notice.id, ...result }, 'notice not sent')
    await settleNotice(engine.db, notice, result, engine.clock.now())
  }
}

async function sendNotice(engine: Engine, notice: PendingNotice): Promise<NoticeResult> {
  const sender = engine.config.senders.dvoe
  const message = await composeMessage({
    from: sender.from,
    replyTo: sender.replyTo,
    to: { name: '', address: notice.address },
    subject: notice.subject,
    html: undefined,
    plainText: notice.plainText + footer,
    attachments: [],
    messageId: `<notice.${notice.id}.${engine.instanceId.slice(0, 8)}@${engine.config.mailDomain}>`,
    date: engine.clock.now(),
    headers: { 'Auto-Submitted': 'auto-generated' },
  })
  try {
    const connection = await engine.connections.take(
      routeOf(engine.config, sender, notice.address, engine.outbox),
    )
    try {
      const envelope = { from: sender.envelopeFrom, to: notice.address }
      const result = await connection.send(envelope, message, () => true)
      return result.outcome === 'accepted'
        ? { outcome: 'sent' }
        : { outcome: 'refused', reason: result.smtpText }
    } finally {
      engine.connections.give(connection)
    }
  } catch (error) {
    return { outcome: 'unavailable', reason: messageOf(error) }
  }
}
