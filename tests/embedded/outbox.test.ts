import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOutbox } from '../../src/embedded/outbox.ts'
import type { Outbox } from '../../src/embedded/outbox.ts'

let parent: string
let folder: string
let outbox: Outbox

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'pregonero-outbox-'))
  folder = join(parent, 'outbox')
  outbox = await startOutbox({ folder })
})

afterEach(async () => {
  await outbox.close()
  await rm(parent, { recursive: true })
})

test('keeps the message byte for byte below the envelope, lines that begin with dots included', async () => {
  const dotted = Array.from({ length: 20_000 }, (_, n) => '.'.repeat(n % 3) + `line ${n}`)
  const lines = ['.', '..', '. a', '...b', 'ñ in 8 bits', '', ...dotted, '', '.', '', '']
  const body = `Subject: =?utf-8?Q?Bolet=C3=ADn?=\r\n\r\n${lines.join('\r\n')}`

  await send(body, { from: 'boletin@iecm.mx', to: ['ana@iecm.mx', 'josé@iecm.mx'] })

  const [name = ''] = await messages()
  expect(name).toBe('00000001-ana@iecm.mx.eml')
  const kept = await readFile(join(folder, name), 'utf8')
  const envelope =
    'X-Envelope-From: <boletin@iecm.mx>\r\nX-Envelope-To: <ana@iecm.mx>\r\nX-Envelope-To: <josé@iecm.mx>\r\n'
  expect(kept.slice(0, envelope.length)).toBe(envelope)
  expect(sha256(kept.slice(envelope.length))).toBe(sha256(body))
})

test('offers what a relay offers, without AUTH or STARTTLS, and on the loopback alone', async () => {
  const client = await converse(outbox)
  const offer = await client.command('EHLO test.example')
  for (const word of ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 5242880']) {
    expect(offer).toContain(word)
  }
  expect(offer).not.toMatch(/AUTH|STARTTLS/)
  expect(outbox.url).toMatch(/^smtp:\/\/127\.0\.0\.1:\d+$/)
  expect(client.socket.remoteAddress).toBe('127.0.0.1')
  client.socket.destroy()
})

test('an address with hostile characters cannot leave the folder', async () => {
  const long = `${'l'.repeat(64)}@${'d'.repeat(60)}.${'e'.repeat(60)}.mx`
  const hostile = ['/etc/cron.d/x@iecm.mx', 'a\\b:c*?|$(x)@iecm.mx', '%2e%2e/;`id`@iecm.mx', long]
  const client = await converse(outbox)
  await client.commands('EHLO a')
  for (const address of hostile) {
    await client.commands('MAIL FROM:<>', `RCPT TO:<${address}>`, 'DATA', 'Subject: x\r\n\r\n.')
  }
  client.socket.destroy()

  expect(await readdir(parent)).toEqual(['outbox'])
  expect(await messages()).toEqual([
    '00000001-_etc_cron.d_x@iecm.mx.eml',
    '00000002-a_b_c_____x_@iecm.mx.eml',
    '00000003-_2e_2e___id_@iecm.mx.eml',
    `00000004-${'l'.repeat(64)}@${'d'.repeat(35)}.eml`,
  ])
  const kept = await readFile(join(folder, '00000001-_etc_cron.d_x@iecm.mx.eml'), 'utf8')
  expect(kept).toMatch(/^X-Envelope-From: <>\r\nX-Envelope-To: <\/etc\/cron\.d\/x@iecm\.mx>\r\n/)
})

test('a restart continues the sequence and clears what a killed run left half written', async () => {
  await sendTo('first@iecm.mx')
  await outbox.close()
  await writeFile(join(folder, '00000041-old@iecm.mx.eml'), 'kept')
  await writeFile(join(folder, '.half.part'), 'half')
  await writeFile(join(folder, 'notes.txt'), 'not ours')

  outbox = await startOutbox({ folder })
  await sendTo('second@iecm.mx')

  expect(outbox.count()).toBe(1)
  expect((await readdir(folder)).toSorted()).toEqual([
    '00000001-first@iecm.mx.eml',
    '00000041-old@iecm.mx.eml',
    '00000042-second@iecm.mx.eml',
    'notes.txt',
  ])
})

test('two outboxes on one folder never overwrite each other', async () => {
  const other = await startOutbox({ folder })
  await sendTo('same@iecm.mx')
  await sendTo('same@iecm.mx', other)
  await other.close()
  expect(await messages()).toEqual(['00000001-same@iecm.mx.eml', '00000002-same@iecm.mx.eml'])
})

test('many connections at once lose nothing and share no number', async () => {
  const pool = createTransport({ url: outbox.url, pool: true, maxConnections: 10 })
  const numbers = Array.from({ length: 300 }, (_, n) => n)
  await Promise.all(
    numbers.map((n) =>
      pool.sendMail({
        envelope: { from: 'a@iecm.mx', to: [`r${n}@iecm.mx`] },
        raw: `Subject: ${n}\r\n\r\n${'x'.repeat(20_000)}\r\n`,
      }),
    ),
  )
  pool.close()
  const names = await messages()
  expect(outbox.count()).toBe(300)
  expect(new Set(names.map((name) => name.slice(0, 8))).size).toBe(300)
  expect(new Set(names.map((name) => name.slice(9))).size).toBe(300)
})

test('a message over 5 MB is refused with 552 and leaves no file', async () => {
  const large = `Subject: x\r\n\r\n${'x'.repeat(78).concat('\r\n').repeat(70_000)}`
  // A client that announces the size is refused before it sends…
  await expect(send(large)).rejects.toMatchObject({ responseCode: 552 })
  // …and one that does not, after.
  const client = await converse(outbox)
  await client.commands('EHLO a', 'MAIL FROM:<a@iecm.mx>', 'RCPT TO:<b@iecm.mx>', 'DATA')
  expect(await client.command(`${large}.`)).toMatch(/^552 /)
  client.socket.destroy()

  await sendTo('next@iecm.mx')
  expect(await readdir(folder)).toEqual(['00000001-next@iecm.mx.eml'])
})

test('a folder that cannot be written answers 451 after the whole message, and serves again once it can', async () => {
  const client = await converse(outbox)
  await rename(folder, `${folder}.away`)
  await client.commands('EHLO a', 'MAIL FROM:<a@iecm.mx>', 'RCPT TO:<b@iecm.mx>', 'DATA')
  client.socket.write('Subject: x\r\n\r\nbody\r\n')
  expect(await client.answerWithin(200)).toBe('')
  expect(await client.command('.')).toMatch(/^451 .*ENOENT/)
  expect(outbox.count()).toBe(0)

  await rename(`${folder}.away`, folder)
  await client.commands('MAIL FROM:<a@iecm.mx>', 'RCPT TO:<b@iecm.mx>', 'DATA')
  expect(await client.command('Subject: x\r\n\r\nbody\r\n.')).toMatch(/^250 /)
  client.socket.destroy()
  expect(await readdir(folder)).toEqual(['00000001-b@iecm.mx.eml'])
})

test('a client that hangs up before the final dot leaves no file', async () => {
  const client = await converse(outbox)
  await client.commands('EHLO a', 'MAIL FROM:<a@iecm.mx>', 'RCPT TO:<b@iecm.mx>', 'DATA')
  client.socket.write('Subject: x\r\n\r\nhalf a body')
  await expect.poll(() => readdir(folder)).toHaveLength(1)
  client.socket.resetAndDestroy()
  await expect.poll(() => readdir(folder)).toEqual([])
  await sendTo('next@iecm.mx')
  expect(outbox.count()).toBe(1)
})

test('the 250 comes when the file is complete under its name', async () => {
  const client = await converse(outbox)
  for (let n = 1; n <= 20; n += 1) {
    await client.commands('EHLO a', 'MAIL FROM:<a@iecm.mx>', 'RCPT TO:<b@iecm.mx>', 'DATA')
    expect(await client.command(`${'x'.repeat(100_000)}\r\n.`)).toMatch(/^250 /)
    expect(await readdir(folder)).toHaveLength(n)
    const kept = await readFile(join(folder, `${String(n).padStart(8, '0')}-b@iecm.mx.eml`), 'utf8')
    expect(kept.endsWith('x\r\n')).toBe(true)
  }
  client.socket.destroy()
})

test('a port that is taken is named in the error', async () => {
  const port = Number(new URL(outbox.url).port)
  await expect(startOutbox({ folder, port })).rejects.toThrow(`127.0.0.1:${port} (EADDRINUSE)`)
})

async function messages(): Promise<string[]> {
  return (await readdir(folder)).toSorted()
}

function sendTo(address: string, to: Outbox = outbox): Promise<void> {
  return send('Subject: x\r\n\r\nx\r\n', { from: 'a@iecm.mx', to: [address] }, to)
}

async function send(
  raw: string,
  envelope: { from: string; to: string[] } = { from: 'a@iecm.mx', to: ['b@iecm.mx'] },
  to: Outbox = outbox,
): Promise<void> {
  await createTransport({ url: to.url }).sendMail({ envelope, raw })
}

/** A conversation by hand, for what no decent client does. */
async function converse({ url }: Outbox) {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1')
  let heard = ''
  socket.on('data', (bytes) => (heard += bytes.toString()))
  socket.on('error', () => {})
  await once(socket, 'connect')
  const answer = async () => {
    // The last line of an answer has a space after its code (RFC 5321 §4.2.1).
    while (!/^\d{3} .*\r\n/m.test(heard)) await once(socket, 'data')
    const said = heard
    heard = ''
    return said
  }
  const command = (line: string) => {
    socket.write(`${line}\r\n`)
    return answer()
  }
  await answer()
  return {
    socket,
    command,
    async commands(...lines: string[]) {
      for (const line of lines) expect(await command(line)).toMatch(/^[23]/)
    },
    async answerWithin(waitMs: number) {
      await new Promise((done) => setTimeout(done, waitMs))
      return heard
    },
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
