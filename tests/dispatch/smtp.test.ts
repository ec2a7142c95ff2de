import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { keepConnections } from '../../src/dispatch/connections.ts'
import { composeMessage } from '../../src/dispatch/message.ts'
import { connectSmtp } from '../../src/dispatch/smtp.ts'
import type { Relay } from '../../src/settings.ts'

/** A relay that answers each command with what `answer` says; undefined: it goes away without a word. */
async function scriptedRelay(
  answer: (verb: string) => string | undefined,
): Promise<Relay & { connections: () => number }> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.write('220 relay.test ESMTP\r\n')
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        const reply = answer(line.slice(0, 4).toUpperCase())
        if (reply === undefined) return socket.destroy()
        socket.write(`${reply}\r\n`)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { host: '127.0.0.1', port, tls: 'none', auth: undefined, connections: () => connections }
}

const envelope = { from: 'a@example.org', to: 'b@example.org' }
const message = Buffer.from('Subject: x\r\n\r\nx\r\n')

test('a relay that goes away during AUTH is unavailable, and nobody waits for it', async () => {
  const relay = await scriptedRelay((verb) =>
    verb === 'EHLO' ? '250-relay.test\r\n250 AUTH PLAIN' : undefined,
  )
  const withUser = { ...relay, auth: { user: 'ana', pass: 'secret' } }
  await expect(connectSmtp(withUser, 'test')).rejects.toThrow('is not available')
})

test('wrong credentials are the relay’s refusal, not a recipient’s', async () => {
  const relay = await scriptedRelay((verb) =>
    verb === 'EHLO' ? '250-relay.test\r\n250 AUTH PLAIN' : '535 5.7.8 authentication failed',
  )
  const withUser = { ...relay, auth: { user: 'ana', pass: 'hunter2' } }
  const refused = connectSmtp(withUser, 'test')
  await expect(refused).rejects.toThrow('535 5.7.8')
  await expect(refused).rejects.not.toThrow('hunter2')
})

test('a relay that refuses a recipient and then goes away still left an outcome', async () => {
  const answers: Record<string, string> = {
    EHLO: '250 relay.test',
    MAIL: '250 ok',
    RCPT: '550 5.1.1 nobody here',
  }
  const relay = await scriptedRelay((verb) => answers[verb])
  const connection = await connectSmtp(relay, 'test')
  const result = await connection.send(envelope, message, () => true)
  expect(result).toMatchObject({ outcome: 'rejected', smtpCode: 550 })
  expect(connection.usable()).toBe(false)
})

test('a sender that the relay does not accept is tried again later: no recipient is to blame', async () => {
  const relay = await scriptedRelay((verb) =>
    verb === 'MAIL' ? '550 5.7.1 sender not permitted' : '250 ok',
  )
  const connection = await connectSmtp(relay, 'test')
  onTestFinished(() => connection.close())
  const result = await connection.send(envelope, message, () => true)
  expect(result).toMatchObject({ outcome: 'deferred', smtpCode: 550 })
})

test('a relay that did not answer is not asked again at once: nobody else waits for it', async () => {
  const relay = await scriptedRelay(() => undefined)
  const connections = keepConnections(connectSmtp, 'test')
  await expect(connections.take(relay)).rejects.toThrow('is not available')
  await expect(connections.take(relay)).rejects.toThrow('is not available')
  expect(relay.connections()).toBe(1)
})

/** What a real server took: the envelope as it was given, and the message. */
async function smtpServer(hideSMTPUTF8: boolean) {
  const taken: { address: string; isUtf8: boolean; message: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    hideSMTPUTF8,
    onData(stream, { envelope }, done) {
      const { mailFrom, rcptTo } = envelope
      const isUtf8 = mailFrom !== false && 'SMTPUTF8' in (mailFrom.args || {})
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', () => {
        const message = Buffer.concat(pieces).toString()
        taken.push({ address: rcptTo[0]!.address, message, isUtf8 })
        done()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  const relay: Relay = { host: '127.0.0.1', port, tls: 'none', auth: undefined }
  return { relay, taken }
}

async function sendTo(relay: Relay, address: string) {
  const connection = await connectSmtp(relay, 'test')
  onTestFinished(() => connection.close())
  const bytes = await composeMessage({
    from: { name: 'IECM', address: 'a@example.org' },
    replyTo: undefined,
    to: { name: 'Iñaki', address },
    subject: 'x',
    html: undefined,
    plainText: 'x',
    attachments: [],
    messageId: '<1@example.org>',
    date: new Date(0),
    headers: {},
  })
  return connection.send({ from: 'a@example.org', to: address }, bytes, () => true)
}

test('an address with ñ before its @ is sent as it is, with SMTPUTF8, where the relay offers it', async () => {
  const { relay, taken } = await smtpServer(false)
  expect(await sendTo(relay, 'iñaki@example.org')).toMatchObject({ outcome: 'accepted' })
  expect(taken).toMatchObject([{ address: 'iñaki@example.org', isUtf8: true }])
  expect(taken[0]!.message).toContain('<iñaki@example.org>')
})

test('where the relay does not offer SMTPUTF8 the address fails, with its reason, and others go on', async () => {
  const { relay, taken } = await smtpServer(true)
  expect(await sendTo(relay, 'iñaki@example.org')).toEqual({
    outcome: 'failed',
    phase: 'envelope',
    smtpCode: undefined,
    smtpText: expect.stringContaining('does not offer SMTPUTF8'),
  })
  expect(await sendTo(relay, 'ana@xn--and-6ma2c.mx')).toMatchObject({ outcome: 'accepted' })
  // the server shows an A-label in its letters
  expect(taken).toMatchObject([{ address: 'ana@ñandú.mx', isUtf8: false }])
  expect(taken[0]!.message).toContain('<ana@xn--and-6ma2c.mx>')
})

const wholeOf = (lines: string[]): Buffer =>
  Buffer.from(['Subject: x', 'Content-Type: text/plain', '', ...lines].join('\r\n'))

test.each<[string, Buffer]>([
  ['lines that begin with a dot', wholeOf(['.', '..', '.x', 'x.', '.', ''])],
  ['no end of its last line', wholeOf(['x', '.'])],
  ['an empty line last', wholeOf(['x', '', ''])],
  [
    'more than one piece',
    wholeOf([...Array.from({ length: 20_000 }, (_, i) => `.línea ${i}`), '']),
  ],
])('a message with %s arrives as it was, and the conversation goes on', async (_, bytes) => {
  const { relay, taken } = await smtpServer(false)
  const connection = await connectSmtp(relay, 'test')
  onTestFinished(() => connection.close())
  for (let i = 0; i < 2; i++)
    expect(await connection.send(envelope, bytes, () => true)).toMatchObject({
      outcome: 'accepted',
      phase: 'dot',
    })
  const text = bytes.toString()
  const arrived = text.endsWith('\r\n') ? text : `${text}\r\n`
  expect(taken.map(({ message }) => message)).toEqual([arrived, arrived])
})

/** Greets, takes what comes until it has read so much of a message, and goes away. */
async function goneAfter(bodyBytes: number): Promise<Relay> {
  const server = createServer((socket) => {
    let left: number | undefined
    socket.on('error', () => undefined)
    socket.write('220 relay.test ESMTP\r\n')
    socket.on('data', (chunk) => {
      if (left !== undefined) {
        left -= chunk.length
        if (left <= 0) socket.destroy()
        return
      }
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        socket.write(line === 'DATA' ? '354 go on\r\n' : '250 ok\r\n')
        if (line === 'DATA') left = bodyBytes
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { host: '127.0.0.1', port, tls: 'none', auth: undefined }
}

test('a body that was not handed over whole is tried again; one whose last byte was is unknown', async () => {
  // more than the buffers of the system hold
  const large = wholeOf(['x'.repeat(40_000_000), ''])
  const cut = await connectSmtp(await goneAfter(1_000_000), 'test')
  expect(await cut.send(envelope, large, () => true)).toMatchObject({
    outcome: 'deferred',
    phase: 'body',
  })
  const small = wholeOf(['x'.repeat(10_000), ''])
  const gone = await connectSmtp(await goneAfter(small.length), 'test')
  expect(await gone.send(envelope, small, () => true)).toMatchObject({
    outcome: 'unknown',
    phase: 'dot',
  })
})
