/**
 * The messages of one edition, composed once: what they share is bytes, and for each recipient only the slots and a few
 * headers are written. A reader gets what composeMessage would have made.
 */
import { randomBytes } from 'node:crypto'
import { foldLines } from 'nodemailer/lib/mime-funcs'
import MimeNode from 'nodemailer/lib/mime-node'
import { encode, wrap } from 'nodemailer/lib/qp'
import { composeMessage, type OutgoingMessage } from './message.ts'

/** Text that is the same for all, and the names of slots where it is not. */
export type Segments = (string | { slot: string })[]

export interface LetterParts extends Pick<
  OutgoingMessage,
  'from' | 'replyTo' | 'subject' | 'attachments' | 'headers'
> {
  html: Segments
  plainText: Segments
}

export interface LetterTo extends Pick<OutgoingMessage, 'to' | 'messageId' | 'date' | 'headers'> {
  /** By slot, as they enter each part: those of `html` are escaped already. */
  html: Record<string, string>
  plainText: Record<string, string>
}

export type Letter = (recipient: LetterTo) => Buffer

export async function compileLetter(parts: LetterParts): Promise<Letter> {
  const { html, plainText, ...shared } = parts
  // not ASCII, so that the composer encodes the parts as quoted-printable, which ours is
  const marks = {
    plainText: `${randomBytes(12).toString('hex')}é`,
    html: `${randomBytes(12).toString('hex')}é`,
  }
  const frame = await composeMessage({
    ...shared,
    ...marks,
    to: { name: '', address: 'nobody@example.invalid' },
    messageId: '<nobody@example.invalid>',
    date: new Date(0),
  })
  const [head, body] = split(frame, Buffer.from('\r\n\r\n'))
  const [beforeText, afterText] = split(body, encoded(marks.plainText))
  const [beforeHtml, afterHtml] = split(afterText, encoded(marks.html))
  const headers = Buffer.from(
    `\r\n${without(ownHeaders, head.toString('latin1'))}\r\n\r\n`,
    'latin1',
  )
  const text = compileSegments(plainText)
  const page = compileSegments(html)
  return (recipient) =>
    Buffer.concat([
      Buffer.from(headersOf(recipient)),
      headers,
      beforeText,
      ...text(recipient.plainText),
      beforeHtml,
      ...page(recipient.html),
      afterHtml,
    ])
}

/** It holds nothing: only how nodemailer writes the value of a field is asked of it. */
const fields = new MimeNode(undefined, { textEncoding: 'Q' })

/** Of each message alone. */
const ownHeaders = /^(?:to|date|message-id):/i

function headersOf({ to, messageId, date, headers }: LetterTo): string {
  const own = { To: to, 'Message-ID': messageId, Date: date, ...headers }
  return Object.entries(own)
    .map(([key, value]) => foldLines(`${key}: ${fields.encodeHeaderValue(key, value)}`))
    .join('\r\n')
}

/** A field goes with the lines that it is folded into. */
function without(field: RegExp, headers: string): string {
  return headers
    .split(/\r\n(?![ \t])/)
    .filter((line) => !field.test(line))
    .join('\r\n')
}

function split(bytes: Buffer, mark: Buffer): [before: Buffer, after: Buffer] {
  const at = bytes.indexOf(mark)
  if (at < 0) throw new Error('The composed message has not what was put in it')
  return [bytes.subarray(0, at), bytes.subarray(at + mark.length)]
}

const softBreak = '=\r\n'

/**
 * Quoted-printable (RFC 2045 §6.7) in pieces: each one begins in the first column, because the one before it ends with
 * a break, a soft one where the text has none.
 */
function compileSegments(segments: Segments): (values: Record<string, string>) => Buffer[] {
  const last = segments.length - 1
  const pieces = segments.map((segment, i) =>
    typeof segment === 'string' ? piece(segment, i === last) : segment,
  )
  return (values) =>
    pieces.map((one, i) => (Buffer.isBuffer(one) ? one : piece(values[one.slot]!, i === last)))
}

function piece(text: string, isLast: boolean): Buffer {
  // two letters less than the 76 of a line, for the dot that SMTP would have to double
  const lines = wrap(encode(text.replaceAll(/\r?\n/g, '\r\n')), 74).replaceAll(/^\./gm, '=2E')
  const ends = isLast || lines === '' || lines.endsWith('\r\n')
  return Buffer.from(ends ? lines : lines + softBreak, 'latin1')
}

const encoded = (text: string): Buffer => Buffer.from(encode(text), 'latin1')
