/** A real SMTP relay that misbehaves on demand, and counts what it took by Message-ID. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** What it does with a message to an address. */
export type Behaviour =
  | { kind: 'accept' }
  /**
   * Answers with this line: `data` is the end of the message, `begin` the command DATA. The recipient is not known
   * before RCPT: it is the one before, or empty.
   */
  | { kind: 'answer'; at: 'greeting' | 'ehlo' | 'mail' | 'rcpt' | 'begin' | 'data'; line: string }
  /** Says nothing more from here on. */
  | { kind: 'hang'; at: 'rcpt' | 'body' | 'dot' }
  /** Closes the connection; after `dot` the message was taken. */
  | { kind: 'drop'; at: 'rcpt' | 'body' | 'dot' }

export interface TestRelay {
  url: string
  /** Message-IDs in order of arrival. */
  taken: { to: string; messageId: string; text: string; atMs: number }[]
  /** Conversations that are open now, the most that ever were at once, and when each began. */
  open(): number
  mostOpen: number
  begunAtMs: number[]
  /** May be changed at any time. */
  behave: (address: string) => Behaviour
  /** Conversations that reached the given point. */
  reached(at: 'rcpt' | 'body' | 'dot'): number
  close(): Promise<void>
}

const accept: Behaviour = { kind: 'accept' }

export async function testRelay(
  behave: (address: string) => Behaviour = () => accept,
  port = 0,
): Promise<TestRelay> {
  const sockets = new Set<Socket>()
  const counts = { rcpt: 0, body: 0, dot: 0 }
  const relay: TestRelay = {
    url: '',
    taken: [],
    open: () => sockets.size,
    mostOpen: 0,
    begunAtMs: [],
    behave,
    reached: (at) => counts[at],
    close: async () => {
      for (const socket of sockets) socket.destroy()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    relay.mostOpen = Math.max(relay.mostOpen, sockets.size)
    relay.begunAtMs.push(performance.now())
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    converse(socket, relay, counts)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  relay.url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}?tls=none`
  onTestFinished(relay.close)
  return relay
}

function converse(
  socket: Socket,
  relay: TestRelay,
  counts: Record<'rcpt' | 'body' | 'dot', number>,
): void {
  let buffer = ''
  let to = ''
  let inData = false
  let silent = false
  const say = (line: string) => socket.write(`${line}\r\n`)
  const misbehaves = (at: 'rcpt' | 'body' | 'dot'): boolean => {
    counts[at]++
    const behaviour = relay.behave(to)
    if (behaviour.kind === 'hang' && behaviour.at === at) silent = true
    else if (behaviour.kind === 'drop' && behaviour.at === at) socket.destroy()
    else return false
    return true
  }
  const take = (text: string) => {
    const messageId = /^message-id:\s*(\S+)/im.exec(text)?.[1] ?? ''
    relay.taken.push({ to, messageId, text, atMs: performance.now() })
  }
  /** The line that it answers with instead of its own. A 421 ends the conversation. */
  const answers = (at: Extract<Behaviour, { kind: 'answer' }>['at']): boolean => {
    const behaviour = relay.behave(to)
    if (behaviour.kind !== 'answer' || behaviour.at !== at) return false
    say(behaviour.line)
    if (behaviour.line.startsWith('421')) socket.end()
    return true
  }
  const command = (line: string) => {
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO' && answers('ehlo')) return
    if (verb === 'MAIL' && answers('mail')) return
    if (verb === 'DATA' && answers('begin')) return
    if (verb === 'EHLO') say('250-relay.test\r\n250-8BITMIME\r\n250 SIZE 10000000')
    else if (verb === 'MAIL' || verb === 'RSET') say('250 2.0.0 ok')
    else if (verb === 'RCPT') {
      to = /<([^>]*)>/.exec(line)?.[1] ?? ''
      if (misbehaves('rcpt')) return
      if (!answers('rcpt')) say('250 2.1.5 ok')
    } else if (verb === 'DATA') {
      inData = true
      say('354 go on')
    } else if (verb === 'QUIT') {
      say('221 bye')
      socket.end()
    } else say('502 5.5.1 what')
  }
  if (!answers('greeting')) say('220 relay.test ESMTP')
  socket.on('data', (chunk) => {
    if (silent) return
    buffer += chunk.toString('latin1')
    for (;;) {
      if (inData) {
        if (buffer.length > 0 && !buffer.startsWith('.\r\n') && misbehaves('body')) return
        const end = buffer.indexOf('\r\n.\r\n')
        if (end < 0) return
        const text = Buffer.from(buffer.slice(0, end), 'latin1').toString('utf8')
        buffer = buffer.slice(end + 5)
        inData = false
        if (answers('data')) continue
        take(text)
        if (misbehaves('dot')) return
        say(`250 2.0.0 queued as ${relay.taken.length}`)
        continue
      }
      const lineEnd = buffer.indexOf('\r\n')
      if (lineEnd < 0) return
      const line = buffer.slice(0, lineEnd)
      buffer = buffer.slice(lineEnd + 2)
      command(line)
      if (silent || socket.destroyed) return
    }
  })
}
