import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { compileLetter, type LetterParts, type Segments } from '../../src/dispatch/letter.ts'
import { composeMessage } from '../../src/dispatch/message.ts'

const lines = 'Texto con eñes, «comillas» y 🗳️. '.repeat(40)
const parts: LetterParts = {
  from: { name: 'Dirección de Vinculación', address: 'dvoe@iecm.mx' },
  replyTo: { name: '', address: 'respuestas@iecm.mx' },
  subject:
    'Boletín Electoral 48/2026 · La semana electoral en breve, que es un asunto largo con eñes',
  html: [
    '<!doctype html>\n<p>',
    { slot: 'saludo' },
    `</p>\n.<a href="`,
    { slot: 'baja' },
    `">Baja</a>\n<p>${lines}</p>\n`,
  ],
  plainText: [{ slot: 'saludo' }, `\n\n.${lines}\n\nBaja: `, { slot: 'baja' }],
  attachments: [
    {
      filename: 'sesión.ics',
      contentType: 'text/calendar; charset=utf-8',
      content: 'BEGIN:VCALENDAR\r\n',
    },
    {
      filename: 'foto.png',
      contentType: 'image/png',
      content: Buffer.from([1, 2, 3, 255]),
      contentId: 'foto@iecm',
    },
  ],
  headers: { 'List-Id': 'Boletin Electoral <boletin-electoral.listas.iecm.mx>' },
}

const fill = (segments: Segments, values: Record<string, string>): string =>
  segments.map((one) => (typeof one === 'string' ? one : values[one.slot]!)).join('')

async function bothWays(name: string, given: LetterParts = parts) {
  const to = { name, address: 'ana@iecm.mx' }
  const values = { saludo: `Buen día, ${name}:`, baja: 'https://correo.iecm.mx/baja/abc=def' }
  const own = {
    to,
    messageId: '<12.345.0a1b2c3d@iecm.mx>',
    date: new Date('2026-11-27T21:00:00Z'),
    headers: {
      'List-Unsubscribe':
        '<https://correo.iecm.mx/baja/abc>, <mailto:bajas@iecm.mx?subject=Baja%20abc>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  }
  const letter = await compileLetter(given)
  const ours = letter({ ...own, html: values, plainText: values })
  const { html, plainText, ...shared } = given
  const theirs = await composeMessage({
    ...shared,
    ...own,
    html: fill(html, values),
    plainText: fill(plainText, values),
    headers: { ...shared.headers, ...own.headers },
  })
  return { ours, theirs }
}

/** All that a reader sees; of the headers, whatever their order, all but the random boundary. */
async function read(bytes: Buffer) {
  const { headers, headerLines: _lines, ...email } = await PostalMime.parse(bytes)
  const fields = headers
    .map(({ key, value }) => `${key}: ${key === 'content-type' ? value.split(';')[0]! : value}`)
    .toSorted()
  return { ...email, fields }
}

const hostile = [
  '',
  'Ana Núñez',
  'Ruiz, Ana "La Güera" \\ <luis@iecm.mx>',
  '. \r\n.\r\nQUIT',
  '=\r\n=3D=20 ',
  'x'.repeat(75),
  'x'.repeat(76),
  'ñ'.repeat(300),
  '🗳️'.repeat(40),
  '\r\nBcc: todos@iecm.mx\r\n\r\n<script>',
  '  espacios  ',
  '$& $1 \ue000saludo\ue001',
  'العربية ‏‮ Ana',
]

test.each(hostile)(
  'a name %j reads as if it had been composed for its recipient alone',
  async (name) => {
    const { ours, theirs } = await bothWays(name)
    expect(await read(ours)).toEqual(await read(theirs))
  },
)

test('so it does for any name, of a thousand', async () => {
  let seed = 48
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const letters = Array.from('ab .,=<>"\\@;:()[]\r\n\t-_ñéÑ🗳️界\u200b\u0301\u00ad%{}?!\'')
  for (let i = 0; i < 1_000; i++) {
    const name = Array.from({ length: random(90) }, () => letters[random(letters.length)]).join('')
    const { ours, theirs } = await bothWays(name, { ...parts, attachments: [] })
    expect(await read(ours), JSON.stringify(name)).toEqual(await read(theirs))
  }
}, 60_000)

test('lines are of the length that SMTP takes, and each ends as it should', async () => {
  const { ours } = await bothWays('ñ'.repeat(500))
  const text = ours.toString('latin1')
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  const [, ...body] = text.split('\r\n\r\n')
  for (const line of body.join('\r\n\r\n').split('\r\n'))
    expect(line.length).toBeLessThanOrEqual(76)
  for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998)
})

test('each message is its own: nothing of one recipient is in the message of another', async () => {
  const letter = await compileLetter(parts)
  const to = (name: string) =>
    letter({
      to: { name, address: `${name}@iecm.mx` },
      messageId: `<${name}@iecm.mx>`,
      date: new Date(0),
      headers: {},
      html: { saludo: name, baja: name },
      plainText: { saludo: name, baja: name },
    }).toString('latin1')
  const [ana, luis] = [to('ana'), to('luis')]
  expect(ana).not.toContain('luis')
  expect(luis.replaceAll('luis', 'ana')).toBe(ana)
})
