/** Sends pending notices, each from its account. */
import { composeMessage } from '../dispatch/message.ts'
import { routeOf } from '../dispatch/route.ts'
import { messageOf } from '../errors.ts'
import { linkTo, paths } from '../links.ts'
import {
  claimNotices,
  settleNotice,
  type NoticeResult,
  type PendingNotice,
} from '../notices/notices.ts'
import type { Engine } from './engine.ts'

/** A planner that has more than these rounds of them goes on with them a minute later. */
const maxRounds = 10

/** Never throws for a relay: a notice not taken waits for the next plan. */
export async function sendNotices(engine: Engine): Promise<void> {
  for (let round = 1; round <= maxRounds; round++) {
    const notices = await claimNotices(engine.db, engine.clock.now())
    let unsent = 0
    for (const notice of notices) {
      const result = await sendNotice(engine, notice)
      if (result.outcome !== 'sent') {
        unsent++
        engine.log.warn({ notice: notice.id, ...result }, 'notice not sent')
      }
      await settleNotice(engine.db, notice, result, engine.clock.now())
    }
    // one that was not taken would be claimed again at once
    if (notices.length === 0 || unsent > 0) return
  }
}

async function sendNotice(engine: Engine, notice: PendingNotice): Promise<NoticeResult> {
  const sender = engine.config.senders[notice.sender]
  const message = await composeMessage({
    from: sender.from,
    replyTo: sender.replyTo,
    to: { name: '', address: notice.address },
    subject: notice.subject,
    html: undefined,
    plainText: `${notice.plainText}\n\n-- \n${footerOf(engine, notice)}\n`,
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

function footerOf({ config }: Engine, { forStaff }: PendingNotice): string {
  if (forStaff) return 'Aviso automático de Pregonero. No se cuenta como envío.'
  return [
    'Instituto Electoral de la Ciudad de México',
    'Dirección de Vinculación con Organismos Externos',
    `Aviso de privacidad: ${linkTo(config.publicUrl, paths.privacy)}`,
  ].join('\n')
}
