/** This process's lease on the rows that it sends: renewed while it lives, and seen to have passed when it froze. */
import { randomUUID } from 'node:crypto'
import type { Db } from '../db/database.ts'
import { endLease, registerWorker, renewLease } from '../ledger/claims.ts'
import type { Log } from '../log.ts'

export interface Lease {
  /** The id to claim with; another one after a lease was lost. */
  workerId(): Promise<string>
  /** False once the lease under which `workerId` claimed may have passed: it must not write DATA any more. */
  holds(workerId: string): boolean
  /** Gives up what this id holds: an outcome could not be written, so its rows become unknown. */
  abandon(workerId: string): Promise<void>
  stop(): Promise<void>
}

export interface LeaseOptions {
  leaseMs?: number
  renewEveryMs?: number
}

/** Registers at the first use, so that a process that sends nothing has no lease. */
export function keepLease(
  db: Db,
  log: Log,
  { leaseMs = 30_000, renewEveryMs = 5_000 }: LeaseOptions = {},
): Lease {
  let current: { id: string; validUntil: number } | undefined
  let registering: Promise<string> | undefined
  let renewing: Promise<void> | undefined

  const timer = setInterval(() => {
    if (current && !renewing) renewing = renew(current).finally(() => (renewing = undefined))
  }, renewEveryMs)
  timer.unref()

  // measured from before the statement, on a clock that nobody can set and that goes on while we are stopped
  async function register(): Promise<string> {
    const id = randomUUID()
    const askedAt = performance.now()
    await registerWorker(db, id, leaseMs)
    current = { id, validUntil: askedAt + leaseMs }
    return id
  }

  async function renew(lease: { id: string; validUntil: number }): Promise<void> {
    const askedAt = performance.now()
    try {
      if (await renewLease(db, lease.id, leaseMs)) lease.validUntil = askedAt + leaseMs
      else {
        log.warn(
          { worker: lease.id },
          'lease lost: its unfinished deliveries are unknown; going on under another id',
        )
        current = undefined
      }
    } catch (error) {
      log.warn({ err: error, worker: lease.id }, 'lease not renewed')
    }
  }

  const holds = (workerId: string) =>
    current?.id === workerId && performance.now() < current.validUntil

  return {
    async workerId() {
      if (current && holds(current.id)) return current.id
      registering ??= register().finally(() => (registering = undefined))
      return registering
    },
    holds,
    async abandon(workerId) {
      if (current?.id !== workerId) return
      current = undefined
      await endLease(db, workerId)
    },
    async stop() {
      clearInterval(timer)
      await renewing
      if (current) await endLease(db, current.id)
      current = undefined
    },
  }
}
