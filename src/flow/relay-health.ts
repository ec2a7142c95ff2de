/** What the relays of this installation can take: who asks to be left alone is, by every worker, and staff can see it. */
import {
  relayAccepted,
  restOf,
  restRelay,
  restUnreachable,
  usualRests,
  type Rests,
} from '../dispatch/relay-rest.ts'
import { usualDownMs } from '../dispatch/connections.ts'
import { RelayUnavailable } from '../dispatch/transport.ts'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { OutcomeRow } from '../ledger/outcomes.ts'
import type { Log } from '../log.ts'

export interface RelayHealth {
  /** Throws RelayUnavailable while it is being left alone. */
  mayAsk(relay: string): Promise<void>
  /** Throws RelayUnavailable when, after this answer, it is left alone. */
  heard(
    outcome: Pick<OutcomeRow, 'outcome' | 'phase' | 'smtpCode' | 'smtpText' | 'relay'>,
  ): Promise<void>
  /** No conversation could begin. Returns what to throw, with how long it is left alone. */
  isDown(relay: string, error: RelayUnavailable): Promise<RelayUnavailable>
  /** Queues the edition again after `waitMs`, a few seconds by default, without waiting for the planner's minute. */
  tryLater(editionId: number, waitMs?: number): void
  close(): void
}

export interface RelayHealthOptions {
  rests?: Rests | undefined
  /** How long one that did not answer is left alone. */
  downMs?: number | undefined
}

/** What the cause of a failed connection tells when the relay said why. */
interface Answered {
  responseCode?: number
  response?: string
}

/** So many put-offs in a row are about the relay, not about one mailbox. */
const strikesOut = 10
const laterMs = 5_000
/** After a rest, so that not every worker asks in the same moment. */
const spreadMs = 1_000

export function watchRelays(
  { db, clock, log }: { db: Db; clock: Clock; log: Log },
  enqueue: (editionId: number) => Promise<void>,
  { rests = usualRests, downMs = usualDownMs }: RelayHealthOptions = {},
): RelayHealth {
  const strikes = new Map<string, number>()
  const troubled = new Set<string>()
  const later = new Map<number, { dueMs: number; timer: NodeJS.Timeout }>()

  /** What holds by now for all workers, whoever of them wrote it. */
  async function leftAlone(relay: string, reason: string): Promise<RelayUnavailable> {
    troubled.add(relay)
    const rest = await restOf(db, relay)
    return new RelayUnavailable(relay, reason, { waitMs: Math.max(0, rest?.leftMs ?? 0) })
  }

  /** Conversations that ask in the same moment are answered together. */
  const asking = new Map<string, ReturnType<typeof restOf>>()
  function restNow(relay: string): ReturnType<typeof restOf> {
    const known = asking.get(relay)
    if (known) return known
    const asked = restOf(db, relay).finally(() => asking.delete(relay))
    asking.set(relay, asked)
    return asked
  }

  return {
    async mayAsk(relay) {
      const rest = await restNow(relay)
      if (!rest) return
      troubled.add(relay)
      if (rest.leftMs > 0) throw new RelayUnavailable(relay, rest.reason, { waitMs: rest.leftMs })
    },
    async heard({ outcome, phase, smtpCode, smtpText, relay }) {
      if (outcome === 'accepted') {
        strikes.delete(relay)
        if (troubled.delete(relay)) await relayAccepted(db, relay)
        return
      }
      // it decides about mailboxes: it is at work
      if (outcome === 'rejected') strikes.delete(relay)
      const isPutOff = outcome === 'deferred' && phase !== 'connect' && smtpCode !== undefined
      if (!isPutOff && smtpCode !== 421) return
      const count = (strikes.get(relay) ?? 0) + 1
      strikes.set(relay, count)
      if (smtpCode !== 421 && count < strikesOut) return
      strikes.delete(relay)
      await restRelay(db, relay, smtpText, clock.now(), rests)
      log.warn({ relay, smtpCode, smtpText }, 'relay left alone for a while')
      throw await leftAlone(relay, smtpText)
    },
    async isDown(relay, error) {
      const { responseCode, response } = (error.cause ?? {}) as Answered
      if (responseCode === 421) {
        const reason = response ?? error.reason
        await restRelay(db, relay, reason, clock.now(), rests)
        return leftAlone(relay, reason)
      }
      await restUnreachable(db, relay, error.reason, clock.now(), downMs)
      return leftAlone(relay, error.reason)
    },
    tryLater(editionId, waitMs) {
      const inMs = waitMs === undefined ? laterMs : waitMs + Math.random() * spreadMs
      const dueMs = performance.now() + inMs
      const known = later.get(editionId)
      // one that waits for a seat must not put off one whose relay is back sooner, nor the other way round
      if (known && known.dueMs <= dueMs) return
      clearTimeout(known?.timer)
      const timer = setTimeout(() => {
        later.delete(editionId)
        enqueue(editionId).catch((error: unknown) =>
          log.warn({ err: error, edition: editionId }, 'not queued yet: the planner will'),
        )
      }, inMs)
      later.set(editionId, { dueMs, timer: timer.unref() })
    },
    close() {
      for (const { timer } of later.values()) clearTimeout(timer)
      later.clear()
    },
  }
}
