import PostalMime, { type Email } from 'postal-mime'
import { expect, test } from 'vitest'
import { sha256Hex } from '../../../src/hash.ts'
import { frozenImages } from '../../../src/named-files.ts'
import { sampleMessage, samples } from '../../support/sample-mails.ts'

const each = samples.map((sample) => [sample.name, sample] as const)

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

test.each(each)(
  'the files of %s arrive whole, and its images where it shows them',
  async (_, one) => {
    const { mail, message, bytes } = await sampleMessage(one)
    const { attachments } = await PostalMime.parse(bytes, { attachmentEncoding: 'arraybuffer' })
    // images come first: they lie with the HTML that shows them
    expect(attachments.map(({ filename }) => filename ?? '').toSorted()).toEqual(
      message.attachments.map(({ filename }) => filename).toSorted(),
    )
    for (const { filename, contentType, content } of message.attachments) {
      const arrived = attachments.find((one) => one.filename === filename)!
      expect(arrived.mimeType).toBe(contentType.split(';')[0])
      expect(fingerprint(arrived.content, arrived.mimeType), filename).toBe(
        fingerprint(content, arrived.mimeType),
      )
    }

    const inside = attachments.filter(({ contentId }) => contentId !== undefined)
    expect(inside).toHaveLength(new Set(frozenImages(mail.body).map(({ sha256 }) => sha256)).size)
    for (const { related, disposition } of inside)
      expect({ related, disposition }).toEqual({ related: true, disposition: 'inline' })
    const shown = [...mail.html.matchAll(/src="cid:([^"]+)"/g)].map(([, id]) => `<${id}>`)
    const ids = inside.map(({ contentId }) => contentId!)
    expect([...new Set(shown)].toSorted()).toEqual(ids.toSorted())
    expect(mail.html).not.toMatch(/<img [^>]*src="(?!cid:)/)
  },
)

test.each(each)('every relay can carry %s, and no program cuts it off', async (_, one) => {
  const { message, bytes } = await sampleMessage(one)
  // RFC 5321 §4.5.3.1.6, without the line end
  const lines = bytes.toString('latin1').split(/\r?\n/)
  // each line ends as it does on the wire
  expect(bytes.toString('latin1')).not.toMatch(/(?<!\r)\n/)
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998)
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

/** postal-mime hands text over with line ends of its own: of text, these do not count. */
function fingerprint(content: string | Uint8Array | ArrayBuffer, mimeType: string): string {
  const bytes = Buffer.from(content as ArrayBuffer)
  return mimeType.startsWith('text/') ? asWritten(bytes.toString())! : sha256Hex(bytes)
}
