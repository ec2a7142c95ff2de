/** The messages of editions on their way: each edition is composed once in a process, and filled for each delivery. */
import { readRendering } from '../editions/archive.ts'
import type { Edition } from '../editions/editions.ts'
import type { SenderConfig } from '../config.ts'
import { compileLetter, type Letter } from '../dispatch/letter.ts'
import { leaveHeaders, listId } from '../dispatch/message.ts'
import { signToken } from '../keys.ts'
import type { ClaimedDelivery } from '../ledger/claims.ts'
import { linkTo, paths } from '../links.ts'
import {
  escapeHtml,
  offersLeaving,
  segmentsOf,
  slotValues,
  type SlotName,
} from '../render/slots.ts'
import { requirePublication, type Engine } from './engine.ts'

export interface EditionLetter {
  editionId: number
  publication: string
  sender: SenderConfig
  compose: Letter
  /** It says how to leave, so its header does too. */
  offersLeaving: boolean
}

/** As many as are likely to be on their way at once: one has at most some five megabytes. */
const kept = 8

export type Letters = Map<string, Promise<EditionLetter>>

export async function letterOf(
  engine: Engine,
  { id, sealedHash, publication }: Edition,
): Promise<EditionLetter> {
  const { letters } = engine
  const key = `${id} ${sealedHash}`
  const letter = letters.get(key) ?? openLetter(engine, id, sealedHash!, publication)
  // the latest used is the last to be forgotten
  letters.delete(key)
  letters.set(key, letter)
  for (const oldest of letters.keys()) if (letters.size > kept) letters.delete(oldest)
  try {
    return await letter
  } catch (error) {
    letters.delete(key)
    throw error
  }
}

async function openLetter(
  engine: Engine,
  editionId: number,
  sealedHash: string,
  slug: string,
): Promise<EditionLetter> {
  const publication = requirePublication(engine, slug)
  const sender = engine.config.senders[publication.sender]
  const archived = await readRendering(engine.db, editionId, sealedHash)
  const compose = await compileLetter({
    from: sender.from,
    replyTo: sender.replyTo,
    subject: archived.subject,
    html: segmentsOf(archived.html),
    plainText: segmentsOf(archived.plainText),
    attachments: archived.attachments,
    headers: { 'List-Id': listId(publication, engine.config.mailDomain) },
  })
  return { editionId, publication: slug, sender, compose, offersLeaving: offersLeaving(archived) }
}

export function messageFor(
  engine: Engine,
  letter: EditionLetter,
  { contactId, name, address }: ClaimedDelivery,
  { messageId, date }: { messageId: string; date: Date },
): Buffer {
  const token = leaveToken(engine, letter.editionId, contactId)
  const leaveUrl = linkTo(engine.config.publicUrl, paths.leave(token))
  const plainText = slotValues({ name, leaveUrl })
  const html = Object.fromEntries(
    Object.entries(plainText).map(([slot, value]) => [slot, escapeHtml(value)]),
  ) as Record<SlotName, string>
  const headers = letter.offersLeaving
    ? leaveHeaders(leaveUrl, engine.config.unsubscribeMailbox, token)
    : {}
  return letter.compose({ to: { name, address }, messageId, date, headers, html, plainText })
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
