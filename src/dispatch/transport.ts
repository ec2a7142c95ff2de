/** What dispatch needs of a way to hand messages over; src/dispatch/smtp.ts is the one there is. */
import type { Relay } from '../config.ts'
import type { Outcome, Phase } from '../states.ts'

export interface Envelope {
  /** RFC 5321 reverse-path. */
  from: string
  to: string
}

/** An SMTP answer as data. Nothing about a recipient is ever thrown. */
export interface SendResult {
  outcome: Outcome
  phase: Phase
  smtpCode: number | undefined
  smtpText: string
}

export interface Connection {
  readonly relay: string
  /** False once the peer or a fault ended it: take another. */
  usable(): boolean
  /**
   * One message. `mayWrite` is asked at the last moment before the first byte of DATA: false (the lease has passed)
   * breaks off with nothing written.
   */
  send(envelope: Envelope, message: Buffer, mayWrite: () => boolean): Promise<SendResult>
  close(): void
}

/** Opens a conversation, authentication included. Throws RelayUnavailable: that is no recipient's fault. */
export type Connect = (relay: Relay, clientName: string) => Promise<Connection>

export class RelayUnavailable extends Error {
  /** What it answered, or what became of the connection. */
  readonly reason: string
  /** For how long it is left alone; undefined: nobody decided that yet. */
  readonly waitMs: number | undefined

  constructor(relay: string, reason: string, options: { cause?: unknown; waitMs?: number } = {}) {
    super(
      `Relay ${relay} is not available: ${reason}. Nothing was sent; the queue tries again`,
      options,
    )
    this.name = 'RelayUnavailable'
    this.reason = reason
    this.waitMs = options.waitMs
  }
}

export const relayName = (relay: Relay): string => `${relay.host}:${relay.port}`
