/** The MIME message of one recipient. */
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Attachment, Mailbox } from '../mail.ts'

export interface OutgoingMessage {
  from: Mailbox
  replyTo: Mailbox | undefined
  to: Mailbox
  subject: string
  html: string | undefined
  plainText: string
  attachments: Attachment[]
  /** With angle brackets; the same at every attempt of a delivery. */
  messageId: string
  date: Date
  headers: Record<string, string>
}

export async function composeMessage(message: OutgoingMessage): Promise<Buffer> {
  const composer = new MailComposer({
    from: message.from,
    ...(message.replyTo && { replyTo: message.replyTo }),
    to: message.to,
    subject: message.subject,
    text: message.plainText,
    ...(message.html !== undefined && { html: message.html }),
    attachments: message.attachments.map(({ contentId, ...file }) =>
      contentId === undefined ? file : { ...file, cid: contentId },
    ),
    messageId: message.messageId,
    date: message.date,
    headers: { 'Content-Language': 'es-MX', ...message.headers },
    textEncoding: 'quoted-printable',
    // the bytes of the wire, which SIZE announces (RFC 1870)
    newline: 'win',
    // staff text must never make the composer open a file or a URL
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

/** One-click by POST (RFC 8058), and by mail for programs that only know RFC 2369. */
export function leaveHeaders(url: string, mailbox: string, token: string): Record<string, string> {
  return {
    'List-Unsubscribe': `<${url}>, <mailto:${mailbox}?subject=Baja%20${token}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }
}

/** RFC 2919: `Boletín Electoral <boletin-electoral.listas.iecm.mx>`; nodemailer encodes the phrase. */
export function listId(publication: { slug: string; name: string }, mailDomain: string): string {
  // the phrase is ASCII: RFC 2919 readers compare the identifier and show the phrase as it stands
  const phrase = publication.name.normalize('NFD').replace(/[^\x20-\x7e]/g, '')
  return `${phrase} <${publication.slug}.listas.${mailDomain}>`
}
