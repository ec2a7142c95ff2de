import PostalMime, { type Email } from 'postal-mime'
import { expect, test } from 'vitest'
import { composeMessage, listId, type OutgoingMessage } from '../../src/dispatch/message.ts'

const date = new Date('2026-11-27T21:00:00Z')
const message: OutgoingMessage = {
  from: { name: 'Dirección de Vinculación', address: 'dvoe@iecm.mx' },
  replyTo: undefined,
  to: { name: 'Ana Núñez', address: 'ana@iecm.mx' },
  subject: 'Boletín Electoral 48/2026 · La semana electoral en breve',
  html: '<p>Buen día, Ana:</p>',
  plainText: 'Buen día, Ana:\n',
  attachments: [],
  messageId: '<12.345.0a1b2c3d@iecm.mx>',
  date,
  headers: { 'List-Id': 'Boletin Electoral <boletin-electoral.listas.iecm.mx>' },
}

async function composed(
  changes: Partial<OutgoingMessage> = {},
): Promise<{ raw: string; email: Email }> {
  const bytes = await composeMessage({ ...message, ...changes })
  return { raw: bytes.toString('latin1'), email: await PostalMime.parse(bytes) }
}

const headerNames = (email: Email): string[] => email.headers.map((header) => header.key).toSorted()

test('a reader gets back sender, recipient, subject, both bodies and the headers of the list', async () => {
  const { email } = await composed()
  expect(email).toMatchObject({
    from: message.from,
    to: [message.to],
    subject: message.subject,
    messageId: message.messageId,
    date: date.toISOString(),
  })
  expect(email.html?.trim()).toBe('<p>Buen día, Ana:</p>')
  expect(email.text?.trim()).toBe('Buen día, Ana:')
  expect(headerNames(email)).toEqual([
    'content-language',
    'content-type',
    'date',
    'from',
    'list-id',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ])
  const listHeader = email.headers.find((header) => header.key === 'list-id')
  expect(listHeader?.value).toBe('Boletin Electoral <boletin-electoral.listas.iecm.mx>')
})

test.each([
  ['a comma', 'Ruiz, Ana'],
  ['quotation marks', 'Ana "La Güera" Ruiz'],
  ['a backslash', 'Ana \\ Ruiz'],
  ['brackets', 'Ana <luis@iecm.mx> Ruiz'],
  ['an emoji', 'Ana 🗳️'],
  ['300 characters', 'Ñandú '.repeat(50).trim()],
])('a name with %s is one recipient under that name', async (_what, name) => {
  const { email } = await composed({ to: { name, address: 'ana@iecm.mx' } })
  expect(email.to).toEqual([{ name, address: 'ana@iecm.mx' }])
})

test('an address without a name, and one with an accent, come through as they are', async () => {
  for (const address of ['ana@iecm.mx', 'josé@iecm.mx']) {
    const { email } = await composed({ to: { name: '', address } })
    expect(email.to).toEqual([{ name: '', address }])
  }
})

test.each(['\r\n', '\n', '\r', '\r\n\r\n', '\u2028', '\u0085', '\u0000'])(
  'no header is made by %j in a name, a subject, an address or a list',
  async (breaking) => {
    const evil = `Ana${breaking}Bcc: todos@iecm.mx${breaking}X-Evil: 1`
    const { email, raw } = await composed({
      from: { name: evil, address: 'dvoe@iecm.mx' },
      replyTo: { name: evil, address: 'dvoe@iecm.mx' },
      to: { name: evil, address: 'ana@iecm.mx' },
      subject: evil,
      headers: { 'List-Id': `${evil} <boletin.listas.iecm.mx>` },
    })
    expect(email.bcc ?? []).toEqual([])
    expect(headerNames(email)).toEqual(
      [...headerNames((await composed()).email), 'reply-to'].toSorted(),
    )
    expect(email.to).toMatchObject([{ address: 'ana@iecm.mx' }])
    expect(raw).not.toMatch(/^(bcc|x-evil):/im)
    expect(email.text?.trim()).toBe('Buen día, Ana:')
  },
)

test('Reply-To is there when the sender has one', async () => {
  const replyTo = { name: 'Atención', address: 'atencion@iecm.mx' }
  expect((await composed({ replyTo })).email.replyTo).toEqual([replyTo])
  expect((await composed()).email.replyTo).toBeUndefined()
})

test('the message is seven-bit, in lines no longer than every relay takes, and loses nothing by it', async () => {
  const long = 'á'.repeat(3_000)
  const { raw, email } = await composed({
    subject: `Asunto ${'muy '.repeat(80)}largo`,
    plainText: `${long}\n.\n..\nFrom ayer\n \nfin`,
    html: `<p>${long}</p>\n.\n<p>fin</p>`,
  })
  const lines = raw.split(/\r?\n/)
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e\t]*$/)
  // RFC 5322 §2.1.1
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998)
  expect(email.text?.trimEnd()).toBe(`${long}\n.\n..\nFrom ayer\n \nfin`)
  expect(email.html).toContain(long)
  expect(email.subject).toBe(`Asunto ${'muy '.repeat(80)}largo`)
})

test('without HTML the message is one part of plain text', async () => {
  const { raw, email } = await composed({ html: undefined })
  expect(email.html).toBeUndefined()
  expect(email.text?.trim()).toBe('Buen día, Ana:')
  expect(raw).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/im)
  expect(raw).not.toContain('multipart')
})

test('a calendar travels beside both bodies, whole, with the method that programs act on', async () => {
  const content = `BEGIN:VCALENDAR\r\nSUMMARY:Sesión ${'á'.repeat(600)}\r\nEND:VCALENDAR\r\n`
  const contentType = 'text/calendar; charset=utf-8; method=PUBLISH'
  const { email } = await composed({
    attachments: [{ filename: 'calendario-ine-2026-W48.ics', contentType, content }],
  })
  expect(email.attachments).toMatchObject([
    { filename: 'calendario-ine-2026-W48.ics', mimeType: 'text/calendar', method: 'PUBLISH' },
  ])
  // line ends of text are the parser's own
  const received = new TextDecoder().decode(email.attachments[0]!.content as ArrayBuffer)
  expect(received.split(/\r?\n/)).toEqual(content.split('\r\n'))
  expect(email.html?.trim()).toBe(message.html)
  expect(email.text?.trim()).toBe(message.plainText.trim())
})

test('a publication is one list under our domain, with a phrase that every reader shows', () => {
  expect(listId({ slug: 'boletin-electoral', name: 'Boletín Electoral' }, 'iecm.mx')).toBe(
    'Boletin Electoral <boletin-electoral.listas.iecm.mx>',
  )
})
