/** One conversation with the sink: commands, messages, and what it is told to do at each point. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Phase } from './sink.ts'

export interface SessionEvents {
  dripMs(): number
  idleMs(): number
  idled(): void
  hasTls(): boolean
  secure(socket: Socket): Socket
  /** What to do there instead of going on: to hang, to drop, or a line to answer. */
  at(phase: Phase, address: string): string | undefined
  taken(messageId: string): void
}

const end = '\r\n.\r\n'

export function readSession(plain: Socket, events: SessionEvents): void {
  let socket = plain
  let isSecure = false
  let buffer = ''
  let address = ''
  let isMessage = false
  let isDeaf = false
  let spoken = Promise.resolve()
  let idle: NodeJS.Timeout | undefined

  const say = (line: string) => {
    const dripMs = events.dripMs()
    if (dripMs === 0) socket.write(`${line}\r\n`)
    else spoken = spoken.then(() => drip(socket, `${line}\r\n`, dripMs))
  }
  /** True: the conversation does not go on as usual. */
  const isStruck = (phase: Phase): boolean => {
    const does = events.at(phase, address)
    if (does === undefined) return false
    if (does === 'hang') isDeaf = true
    else if (does === 'drop') plain.destroy()
    else say(does)
    return true
  }
  const listen = () => socket.on('data', (chunk) => hear(chunk.toString('latin1')))

  function hear(text: string): void {
    clearTimeout(idle)
    if (isDeaf) return
    const searchFrom = Math.max(0, buffer.length - end.length)
    buffer += text
    for (let from = searchFrom; !isDeaf && !plain.destroyed; from = 0) {
      if (!(isMessage ? readMessage(from) : readCommand())) return
    }
  }

  function readMessage(from: number): boolean {
    const at = buffer.indexOf(end, from)
    if (at < 0) return false
    const messageId = /^message-id:\s*(\S+)/im.exec(buffer.slice(0, 8_192))?.[1] ?? ''
    buffer = buffer.slice(at + end.length)
    isMessage = false
    const does = events.at('dot', address)
    // a refusal leaves it with the sender; whoever hangs or drops here has it
    if (does !== undefined && does !== 'hang' && does !== 'drop') say(does)
    else {
      events.taken(messageId)
      if (does === 'hang') isDeaf = true
      else if (does === 'drop') plain.destroy()
      else {
        say('250 2.0.0 taken')
        waitForMore()
      }
    }
    return true
  }

  /** Relays close what says nothing between two messages. */
  function waitForMore(): void {
    if (events.idleMs() === 0) return
    const leave = () => {
      events.idled()
      plain.destroy()
    }
    idle = setTimeout(leave, events.idleMs())
  }

  function readCommand(): boolean {
    const at = buffer.indexOf('\r\n')
    if (at < 0) return false
    const line = buffer.slice(0, at)
    buffer = buffer.slice(at + 2)
    answer(line)
    return true
  }

  function answer(line: string): void {
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO') {
      if (isStruck('ehlo')) return
      say(
        `250-sink.test\r\n250-8BITMIME\r\n${events.hasTls() && !isSecure ? '250-STARTTLS\r\n' : ''}250 SMTPUTF8`,
      )
    } else if (verb === 'MAIL') {
      address = ''
      if (!isStruck('mail')) say('250 2.1.0 ok')
    } else if (verb === 'RCPT') {
      address = /<([^>]*)>/.exec(line)?.[1] ?? ''
      if (!isStruck('rcpt')) say('250 2.1.5 ok')
    } else if (verb === 'DATA') {
      if (isStruck('data')) return
      say('354 go on')
      // the end of an empty message has no line before it
      isMessage = true
      if (isBodyToStrike()) return
    } else if (verb === 'STAR') startTls()
    else if (verb === 'RSET') say('250 2.0.0 ok')
    else if (verb === 'QUIT') {
      say('221 2.0.0 bye')
      plain.end()
    } else say('502 5.5.1 what')
  }

  /** The first byte of the body, not the command before it, is where it strikes. */
  function isBodyToStrike(): boolean {
    const does = events.at('body', address)
    if (does === undefined) return false
    isDeaf = true
    socket.once('data', () => {
      if (does === 'drop') plain.destroy()
    })
    return true
  }

  function startTls(): void {
    say('220 2.0.0 go on')
    socket.removeAllListeners('data')
    socket = events.secure(plain)
    isSecure = true
    listen()
  }

  if (!isStruck('greeting')) say('220 sink.test ESMTP')
  listen()
}

async function drip(socket: Socket, text: string, everyMs: number): Promise<void> {
  for (const byte of text) {
    if (socket.destroyed) return
    socket.write(byte)
    await sleep(everyMs)
  }
}
