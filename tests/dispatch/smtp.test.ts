import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { keepConnections } from '../../src/dispatch/connections.ts'
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
