/** Sends pending notices from the directorate's account. */
import { composeMessage } from '../dispatch/message.ts'
import { routeOf } from '../dispatch/route.ts'
import { messageOf } from '../errors.ts'
import { claimNotices, settleNotice, type PendingNotice } from '../notices/notices.ts'
import type { Engine } from './engine.ts'

const footer = '\n\n-- \nAviso automático de Pregonero. No se cuenta como envío.\n'

/** Never throws for a relay: a notice not taken waits for the next plan. */
export async function sendNotices(engine: Engine): Promise<void> {
  const notices = await claimNotices(engine.db, engine.clock.now())
  for (const notice of notices) {
    const reason = await sendNotice(engine, notice)
    if (reason !== undefined) engine.log.warn({ notice: notice.id, reason }, 'notice not sent')
    await settleNotice(engine.db, notice, reason, engine.clock.now())
  }
}

/** undefined when the relay took it, else why not. */
async function sendNotice(engine: Engine, notice: PendingNotice): Promise<string | undefined> {
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
      return result.outcome === 'accepted' ? undefined : result.smtpText
    } finally {
      engine.connections.give(connection)
    }
  } catch (error) {
    return messageOf(error)
  }
}
