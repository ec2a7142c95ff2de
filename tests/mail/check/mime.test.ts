import PostalMime, { type Email } from 'postal-mime'
import { expect, test } from 'vitest'
import { publications } from '../../../jobs/index.ts'
import { frozenImages } from '../../../src/named-files.ts'
import { sampleMessage } from '../../support/sample-mails.ts'

const each = publications.map((publication) => [publication.slug, publication] as const)

test.each(each)('another program reads from the message of %s what we wrote', async (_, one) => {
  const { message, bytes } = await sampleMessage(one)
  const email = await PostalMime.parse(bytes, { attachmentEncoding: 'arraybuffer' })
  expect(email).toMatchObject({
    from: message.from,
    to: [message.to],
    subject: message.subject,
    messageId: message.messageId,
    date: message.date.toISOString(),
  })
  expect(header(email, 'list-id')).toBe(message.headers['List-Id'])
  expect(header(email, 'content-language')).toBe('es-MX')
  expect(asWritten(email.html)).toBe(asWritten(message.html))
  expect(asWritten(email.text)).toBe(asWritten(message.plainText))
})

test.each(each)('the files of %s arrive whole, and its images where it shows them', async (_, one) => {
  const { mail, message, bytes } = await sampleMessage(one)
  const { attachments } = await PostalMime.parse(bytes, { attachmentEncoding: 'arraybuffer' })
  expect(
    attachments.map(({ filename, mimeType, content }) => [
      filename,
      mimeType,
      Buffer.from(content as ArrayBuffer),
    ]),
  ).toEqual(
    message.attachments.map(({ filename, contentType, content }) => [
      filename,
      contentType.split(';')[0],
      Buffer.from(content),
    ]),
  )
  const inside = attachments.filter(({ contentId }) => contentId !== undefined)
  expect(inside).toHaveLength(new Set(frozenImages(mail.body).map(({ sha256 }) => sha256)).size)
  for (const { related, disposition } of inside)
    expect({ related, disposition }).toEqual({ related: true, disposition: 'inline' })
  const shown = [...mail.html.matchAll(/src="cid:([^"]+)"/g)].map(([, id]) => `<${id}>`)
  expect([...new Set(shown)].toSorted()).toEqual(inside.map((image) => image.contentId!).toSorted())
  expect(mail.html).not.toMatch(/<img [^>]*src="(?!cid:)/)
})

test.each(each)('every relay can carry %s, and no program cuts it off', async (_, one) => {
  const { message, bytes } = await sampleMessage(one)
  const text = bytes.toString('latin1')
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  // RFC 5321 §4.5.3.1.6, without the line end
  expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(998)
  // seven bits, headers and bodies: no relay needs 8BITMIME or SMTPUTF8 for it
  expect(bytes.every((byte) => byte < 128)).toBe(true)
  expect(bytes.length).toBeLessThan(5_000_000)
  // Gmail shows the first 102 KB
  expect(Buffer.byteLength(message.html!)).toBeLessThan(100_000)
})

const header = (email: Email, name: string): string | undefined =>
  email.headers.find(({ key }) => key === name)?.value

/** Line ends are CRLF on the way; the last one belongs to the parts around it. */
const asWritten = (text: string | undefined): string | undefined =>
  text?.replaceAll('\r\n', '\n').replace(/\n+$/, '')
