/** What the relays of this installation can take: who asks to be left alone is, by every worker, and staff can see it. */
import { isUnreachable, relayAccepted, restOf, restRelay } from '../dispatch/relay-rest.ts'
import { RelayUnavailable } from '../dispatch/transport.ts'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { messageOf } from '../errors.ts'
import type { OutcomeRow } from '../ledger/outcomes.ts'
import type { Log } from '../log.ts'

export interface RelayHealth {
  /** Throws RelayUnavailable while it is being left alone. */
  mayAsk(relay: string): Promise<void>
  /** Throws RelayUnavailable when, after this answer, it is left alone. */
  heard(
    outcome: Pick<OutcomeRow, 'outcome' | 'phase' | 'smtpCode' | 'smtpText' | 'relay'>,
  ): Promise<void>
  /** No conversation could begin. */
  isDown(relay: string, error: RelayUnavailable): Promise<void>
  /** Queues the edition again soon, without waiting for the planner's minute. */
  tryLater(editionId: number): void
  close(): void
}

/** So many put-offs in a row are about the relay, not about one mailbox. */
const strikesOut = 10
const laterMs = 5_000

export function watchRelays(
  { db, clock, log }: { db: Db; clock: Clock; log: Log },
  enqueue: (editionId: number) => Promise<void>,
): RelayHealth {
  const strikes = new Map<string, number>()
  const troubled = new Set<string>()
  const later = new Map<number, NodeJS.Timeout>()

  return {
    async mayAsk(relay) {
      const rest = await restOf(db, relay)
      if (!rest) return
      troubled.add(relay)
      if (rest.until > rest.now) throw new RelayUnavailable(relay, rest.reason)
    },
    async heard({ outcome, phase, smtpCode, smtpText, relay }) {
      if (outcome === 'accepted') {
        strikes.delete(relay)
        if (troubled.delete(relay)) await relayAccepted(db, relay)
        return
      }
      const isPutOff = outcome === 'deferred' && phase !== 'connect' && smtpCode !== undefined
      if (!isPutOff) return
      const count = (strikes.get(relay) ?? 0) + 1
      strikes.set(relay, count)
      if (smtpCode !== 421 && count < strikesOut) return
      strikes.delete(relay)
      troubled.add(relay)
      await restRelay(db, relay, smtpText, clock.now())
      log.warn({ relay, smtpCode, smtpText }, 'relay left alone for a while')
      throw new RelayUnavailable(relay, smtpText)
    },
    async isDown(relay, error) {
      troubled.add(relay)
      await isUnreachable(db, relay, messageOf(error.cause ?? error), clock.now())
    },
    tryLater(editionId) {
      if (later.has(editionId)) return
      const timer = setTimeout(() => {
        later.delete(editionId)
        enqueue(editionId).catch((error: unknown) =>
          log.warn({ err: error, edition: editionId }, 'not queued yet: the planner will'),
        )
      }, laterMs)
      later.set(editionId, timer.unref())
    },
    close() {
      for (const timer of later.values()) clearTimeout(timer)
      later.clear()
    },
  }
}
