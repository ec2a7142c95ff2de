/** SMTP on nodemailer's low-level connection, which shows how far each conversation went. */
import type { Socket } from 'node:net'
import { Readable, type Transform } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Relay } from '../config.ts'
import { messageOf } from '../errors.ts'
import { needsSmtpUtf8 } from '../mail.ts'
import type { Phase } from '../states.ts'
import {
  RelayUnavailable,
  relayName,
  type Connection,
  type Envelope,
  type SendResult,
} from './transport.ts'

/** How long each thing is waited for. Only tests give others: what is shorter than the RFC's makes unknowns. */
export interface SmtpTimeouts {
  connectionMs: number
  greetingMs: number
  silenceMs: number
}

const patient: SmtpTimeouts = {
  connectionMs: 30_000,
  greetingMs: 60_000,
  // RFC 5321 §4.5.3.2.6: at least 10 minutes for the answer to the final dot
  silenceMs: 11 * 60_000,
}

export async function connectSmtp(
  relay: Relay,
  clientName: string,
  timeouts: SmtpTimeouts = patient,
): Promise<Connection> {
  const smtp = new SMTPConnection({
    host: relay.host,
    port: relay.port,
    secure: relay.tls === 'implicit',
    requireTLS: relay.tls === 'required',
    ignoreTLS: relay.tls === 'none',
    name: clientName,
    connectionTimeout: timeouts.connectionMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.silenceMs,
  })
  let offersUtf8 = false
  try {
    await new Promise<void>((resolve, reject) => {
      smtp.once('error', reject)
      smtp.connect((error) => (error ? reject(error) : resolve()))
    })
    // nodemailer keeps to itself what it read there; nothing was said since EHLO
    const offered = String(smtp.lastServerResponse)
    offersUtf8 = /^250[ -]SMTPUTF8\b/im.test(offered)
    // nodemailer would send them all the same, as AUTH PLAIN
    if (relay.auth && !/^250[ -]AUTH[ =]/im.test(offered))
      throw new Error('it does not offer AUTH, and credentials are set for it')
    await logIn(smtp, relay)
  } catch (error) {
    smtp.close()
    throw new RelayUnavailable(relayName(relay), messageOf(error), { cause: error })
  }
  // nodemailer declares it, and has no other name for what it connected
  const { _socket: socket } = smtp
  if (socket) writeOnceATick(socket)
  let ended = false
  smtp.on('error', () => (ended = true))
  smtp.on('end', () => (ended = true))
  return {
    relay: relayName(relay),
    usable: () => !ended,
    send: async (envelope, message, mayWrite) =>
      (needsSmtpUtf8(envelope.to) || needsSmtpUtf8(envelope.from)) && !offersUtf8
        ? withoutUtf8
        : sendMessage(smtp, envelope, message, mayWrite),
    close: () => (ended ? undefined : smtp.quit()),
  }
}

/** RFC 6531 §3.2: such an address is not even named to a relay that did not offer the extension. */
const withoutUtf8: SendResult = {
  outcome: 'failed',
  phase: 'envelope',
  smtpCode: undefined,
  smtpText:
    'the address has letters outside ASCII before its @, and the relay does not offer SMTPUTF8 (RFC 6531)',
}

async function logIn(smtp: SMTPConnection, relay: Relay): Promise<void> {
  const { auth } = relay
  if (!auth) return
  await unlessEnded(smtp, (done) => smtp.login({ credentials: auth }, done))
}

/** A message and the dot that ends it leave as one, not as two packets and two calls of the system. */
function writeOnceATick(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  let isCorked = false
  socket.write = (...args: unknown[]) => {
    if (!isCorked) {
      isCorked = true
      socket.cork()
      process.nextTick(() => {
        isCorked = false
        socket.uncork()
      })
    }
    return write(...args)
  }
}

async function sendMessage(
  smtp: SMTPConnection,
  envelope: Envelope,
  message: Buffer,
  mayWrite: () => boolean,
): Promise<SendResult> {
  const body = new ReadyBody(message, mayWrite)
  const result = await new Promise<SendResult>((resolve) => {
    smtp.send({ ...envelope, size: message.length, use8BitMime: true }, body, (error, info) => {
      if (error) resolve(classify(error, body.phase))
      else
        resolve({
          outcome: 'accepted',
          phase: 'dot',
          smtpCode: codeOf(info.response),
          smtpText: info.response,
        })
    })
  })
  if (body.refused) smtp.close()
  else if (result.outcome !== 'accepted' && result.smtpCode !== undefined) await reset(smtp)
  return result
}

/** After a refusal the session goes on from a clean state; a relay that cannot reset is left. */
async function reset(smtp: SMTPConnection): Promise<void> {
  try {
    await unlessEnded(smtp, (done) => smtp.reset(done))
  } catch {
    smtp.close()
  }
}

/** nodemailer calls nobody back when the peer goes away during AUTH or RSET: only its events tell. */
async function unlessEnded(
  smtp: SMTPConnection,
  act: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  let settle: ((error?: Error) => void) | undefined
  const onError = (error: Error) => settle?.(error)
  const onEnd = () => settle?.(new Error('the relay closed the connection'))
  smtp.once('error', onError)
  smtp.once('end', onEnd)
  try {
    await new Promise<void>((resolve, reject) => {
      settle = (error) => (error ? reject(error) : resolve())
      act((error) => (error ? reject(error) : resolve()))
    })
  } finally {
    smtp.removeListener('error', onError)
    smtp.removeListener('end', onEnd)
  }
}

/**
 * A message that is ready for the wire and tells how far it went. nodemailer pipes it into the stream that stuffs dots,
 * byte by byte; a message that needs none goes past that, and what the stream has not handed over yet is still ours.
 */
class ReadyBody extends Readable {
  refused = false
  readonly #message: Buffer
  readonly #mayWrite: () => boolean
  #into: Transform | undefined

  constructor(message: Buffer, mayWrite: () => boolean) {
    super()
    this.#message = message
    this.#mayWrite = mayWrite
  }

  /** `dot` from when the last byte of the message was handed over, a moment before the dot itself: never too late. */
  get phase(): Extract<Phase, 'envelope' | 'body' | 'dot'> {
    if (!this.#into) return 'envelope'
    return this.#into.readableLength > 0 ? 'body' : 'dot'
  }

  // called after the 354 answer to DATA
  override pipe<T extends NodeJS.WritableStream>(into: T): T {
    if (!this.#mayWrite()) {
      this.refused = true
      this.destroy(new Error('the lease of this worker has passed'))
      return into
    }
    const stuffing = into as unknown as Transform
    this.#into = stuffing
    const whole = stuffed(this.#message)
    for (let at = 0; at < whole.length; at += pieceBytes)
      stuffing.push(whole.subarray(at, at + pieceBytes))
    // it adds the end of the last line and the dot
    stuffing.end()
    return into
  }
}

/** What waits in one piece is handed over in one. */
const pieceBytes = 64 * 1024
const lineWithDot = Buffer.from('\r\n.')
const lineEnd = Buffer.from('\r\n')

/** RFC 5321 §4.5.2, without the end of the last line. The composer makes CRLF of every line end. */
function stuffed(message: Buffer): Buffer {
  const whole = message.includes(lineWithDot)
    ? Buffer.from(message.toString('latin1').replaceAll('\r\n.', '\r\n..'), 'latin1')
    : message
  return whole.subarray(-2).equals(lineEnd) ? whole.subarray(0, -2) : whole
}

interface SmtpError extends Error {
  responseCode?: number | undefined
  response?: string | undefined
  command?: string | undefined
}

/** RFC 5321 §4.2 and RFC 3463: 4yz is tried again; 5yz about the mailbox is `rejected`, any other is `failed`. */
export function classify(error: SmtpError, phase: Phase): SendResult {
  // PostgreSQL holds no NUL
  const smtpText = (error.response ?? error.message).replaceAll('\0', '')
  const code = error.responseCode
  if (code === undefined) {
    return {
      outcome: phase === 'dot' ? 'unknown' : 'deferred',
      phase,
      smtpCode: undefined,
      smtpText,
    }
  }
  // about the sender or the session, not about this recipient: there is time to mend it
  const isAboutSender = error.command === 'MAIL FROM' || code === 530 || code === 535
  if (code < 500 || isAboutSender) return { outcome: 'deferred', phase, smtpCode: code, smtpText }
  const enhanced = /^\d{3}[ -](\d)\.(\d{1,3})\.\d{1,3}/.exec(smtpText)
  const isAboutMailbox = enhanced
    ? enhanced[2] === '1' || enhanced[2] === '2'
    : error.command === 'RCPT TO' && !aboutNobody.includes(code)
  return { outcome: isAboutMailbox ? 'rejected' : 'failed', phase, smtpCode: code, smtpText }
}

/** RFC 5321 §4.2.3 and RFC 7504: the transaction or the whole host refuses, and no mailbox is meant. */
const aboutNobody = [521, 554]

const codeOf = (response: string): number | undefined =>
  Number(/^\d{3}/.exec(response)?.[0]) || undefined
