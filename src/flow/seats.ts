/**
 * Seats: one of the conversations that a sender may hold over all workers, with its connection. A seat is kept for a
 * moment after its batch, because the next batch wants it; whoever gives it up closes the connection first, so that the
 * relay never sees more than the limit.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SenderConfig } from '../config.ts'
import { freeSlot, takeSlot } from '../dispatch/connection-slots.ts'
import { routeOf } from '../dispatch/route.ts'
import { RelayUnavailable, relayName, type Connection } from '../dispatch/transport.ts'
import { messageOf } from '../errors.ts'
import type { Engine } from './engine.ts'

/** Long enough for the queue to bring the next batch; others wait for it meanwhile. */
const keptMs = 500
/** For the relay to say goodbye. */
const closingMs = 1_000

export interface Seat {
  readonly sender: string
  readonly slot: number
  /** Whose it is, and whose the claims are: a lease that was lost takes both. */
  readonly workerId: string
  connection: Connection | undefined
}

export interface Seats {
  /** undefined: others hold them all. */
  take(engine: Engine, sender: SenderConfig): Promise<Seat | undefined>
  /** `isOver`: it is given up at once. Never throws. */
  give(engine: Engine, seat: Seat, isOver: boolean): Promise<void>
  close(): Promise<void>
}

export function keepSeats(): Seats {
  const held = new Set<Seat>()
  const kept = new Map<Seat, { timer: NodeJS.Timeout; drop: () => Promise<void> }>()
  let taking: Promise<unknown> = Promise.resolve()
  let closed = false

  function takeKept(engine: Engine, sender: string): Seat | undefined {
    for (const [seat, { timer, drop }] of kept) {
      if (seat.sender !== sender) continue
      clearTimeout(timer)
      kept.delete(seat)
      if (engine.lease.holds(seat.workerId)) return seat
      void drop()
    }
    return undefined
  }

  async function takeNew(engine: Engine, sender: SenderConfig): Promise<Seat | undefined> {
    const workerId = await engine.lease.workerId()
    const ours = [...held].filter(
      (seat) => seat.sender === sender.slug && seat.workerId === workerId,
    )
    const numbers = ours.map(({ slot }) => slot)
    const slot = await takeSlot(engine.db, sender, workerId, numbers)
    if (slot === undefined) return undefined
    const seat: Seat = { sender: sender.slug, slot, workerId, connection: undefined }
    held.add(seat)
    return seat
  }

  async function drop({ db, log }: Engine, seat: Seat): Promise<void> {
    await hangUp(seat.connection)
    try {
      await freeSlot(db, seat.sender, seat.slot, seat.workerId)
    } catch (error) {
      log.warn({ err: error, sender: seat.sender }, `seat not given up: ${messageOf(error)}`)
    }
    // only now: whoever takes one meanwhile must not take this one and then lose it
    held.delete(seat)
  }

  return {
    take(engine, sender) {
      const taken = takeKept(engine, sender.slug)
      if (taken) return Promise.resolve(taken)
      // one at a time: what is not in `held` yet would look forgotten
      const next = taking.then(() => takeNew(engine, sender))
      taking = next.catch(() => undefined)
      return next
    },
    async give(engine, seat, isOver) {
      if (isOver || closed || !seat.connection?.usable()) return drop(engine, seat)
      const dropIt = () => drop(engine, seat)
      const timer = setTimeout(() => {
        kept.delete(seat)
        void dropIt()
      }, keptMs)
      kept.set(seat, { timer, drop: dropIt })
    },
    async close() {
      closed = true
      const all = [...kept.values()]
      kept.clear()
      for (const { timer } of all) clearTimeout(timer)
      await Promise.all(all.map((one) => one.drop()))
    },
  }
}

/** The seat's connection, and another one after it ended. Throws RelayUnavailable. */
export async function connectionOf(
  engine: Engine,
  sender: SenderConfig,
  seat: Seat,
): Promise<Connection> {
  if (seat.connection?.usable()) return seat.connection
  const { relays, connections } = engine
  const relay = relayOf(engine, sender)
  await relays.mayAsk(relayName(relay))
  try {
    return (seat.connection = await connections.take(relay))
  } catch (error) {
    if (error instanceof RelayUnavailable) throw await relays.isDown(relayName(relay), error)
    throw error
  }
}

/** The one that the sender's mail goes to; an allow-listed address outside production may have another. */
export const relayOf = ({ config, outbox }: Engine, sender: SenderConfig) =>
  routeOf(config, sender, '', outbox)

async function hangUp(connection: Connection | undefined): Promise<void> {
  if (!connection?.usable()) return
  connection.close()
  const until = performance.now() + closingMs
  while (connection.usable() && performance.now() < until) await sleep(5)
}
