/** An SMTP server of the suite: it misbehaves on demand, and counts what it took by Message-ID. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { readSession, type SessionEvents } from './smtp-session.ts'
import type { Certificate } from './certificates.ts'

export type Phase = 'greeting' | 'ehlo' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot'

export interface Misbehaviour {
  at: Phase
  /** `drop` at the dot: the message was taken, its answer never comes. A function answers with what it returns. */
  does: 'hang' | 'drop' | ((address: string) => string | undefined)
  /** Conversations, at most. */
  times?: number
}

export interface Sink {
  port: number
  /** How often each Message-ID was taken. */
  taken: Map<string, number>
  /** performance.now() of each message. */
  arrivals: number[]
  misbehaves: Misbehaviour | undefined
  /** The addresses (or, before RCPT, the conversations) that met a misbehaviour. */
  touched: Set<string>
  /** Milliseconds between the bytes of an answer; 0: at once. */
  dripMs: number
  /** A connection whose message was taken and that asks for nothing more is closed after this; 0: never. */
  idleMs: number
  /** Connections that were closed for it. */
  idled: number
  /** Given: STARTTLS is offered. */
  certificate: Certificate | undefined
  /** TLS handshakes that were begun. */
  handshakes: number
  /** Stops listening and cuts every connection. */
  refuse(): Promise<void>
  listen(): Promise<void>
  /** Closes every connection; whom they spoke of is touched. */
  cut(): void
}

export async function startSink(): Promise<Sink> {
  // with the address that each speaks of, or spoke of last
  const sockets = new Map<Socket, string>()
  let connections = 0
  const server = createServer((socket) => {
    sockets.set(socket, '')
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const about = (address: string) => sockets.set(socket, address)
    readSession(socket, eventsOf(sink, `connection ${++connections}`, about))
  })
  const sink: Sink = {
    port: 0,
    taken: new Map(),
    arrivals: [],
    misbehaves: undefined,
    touched: new Set(),
    dripMs: 0,
    idleMs: 0,
    idled: 0,
    certificate: undefined,
    handshakes: 0,
    cut: () => {
      for (const [socket, address] of sockets) {
        if (address !== '') sink.touched.add(address)
        socket.destroy()
      }
    },
    refuse: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      sink.cut()
      await closed
    },
    listen: async () => {
      server.listen(sink.port, '127.0.0.1')
      await once(server, 'listening')
      sink.port = (server.address() as AddressInfo).port
    },
  }
  await sink.listen()
  onTestFinished(sink.refuse)
  return sink
}

function eventsOf(sink: Sink, connection: string, about: (address: string) => void): SessionEvents {
  return {
    dripMs: () => sink.dripMs,
    idleMs: () => sink.idleMs,
    idled: () => sink.idled++,
    hasTls: () => sink.certificate !== undefined,
    secure(socket) {
      sink.handshakes++
      const secured = new TLSSocket(socket, { isServer: true, ...sink.certificate })
      secured.on('error', () => undefined)
      return secured
    },
    at(phase, address) {
      if (phase === 'rcpt') about(address)
      return strike(sink, phase, address || connection)
    },
    taken(messageId) {
      sink.taken.set(messageId, (sink.taken.get(messageId) ?? 0) + 1)
      sink.arrivals.push(performance.now())
    },
  }
}

/** `hang`, `drop` or a line to answer instead of going on; undefined: nothing. An address is answered badly once. */
function strike(sink: Sink, phase: Phase, whom: string): string | undefined {
  const { misbehaves, touched } = sink
  if (misbehaves?.at !== phase) return undefined
  if (touched.size >= (misbehaves.times ?? Infinity)) return undefined
  const { does } = misbehaves
  const answer = typeof does === 'string' ? does : touched.has(whom) ? undefined : does(whom)
  if (answer !== undefined) touched.add(whom)
  return answer
}
