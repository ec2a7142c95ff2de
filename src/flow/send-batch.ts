/** Sends one batch: claim a few, converse, write the outcomes; again until nothing of it is left to send now. */
import { setTimeout as sleep } from 'node:timers/promises'
import { findEdition, type Edition } from '../editions/editions.ts'
import { giveBackMessages, senderLimits, type Turn } from '../dispatch/sender-pace.ts'
import { RelayUnavailable, relayName } from '../dispatch/transport.ts'
import { returnClaims, type ClaimedDelivery } from '../ledger/claims.ts'
import { withholdDeliveries } from '../ledger/exclusions.ts'
import type { OutcomeRow } from '../ledger/outcomes.ts'
import type { SenderConfig } from '../config.ts'
import { closeIfFinished } from './close-edition.ts'
import { converse } from './converse.ts'
import type { Engine } from './engine.ts'
import { letterOf, type EditionLetter } from './letters.ts'
import { pauseIfRefused } from './pause-refused.ts'
import { connectionOf, relayOf, type Seat } from './seats.ts'
import type { Hurry } from './shared-writes.ts'

/** About two minutes: a late answer still tells a row that became unknown meanwhile. */
const recordTries = 30
/**
 * What a killed worker leaves unknown is what it had claimed: one for each conversation. Of a large edition nobody waits
 * for the database: each has those that it sends, those that it sends next, and those whose outcomes are being written.
 */
const claims = { one: 1, many: 25, manyFrom: 5_000 }
/** Outcomes are not kept for longer than this, however slow the relay is. */
const flushMs = 1_000
/** A sender that is slow holds no claim for longer than this. */
const claimMs = 500
/** It claims so long before its turn, with others whose turn is near. */
const aheadMs = 100
const seatWaitMs = 250
const seatTries = 120
const waitStepMs = 250
/** Waiting for less is more work than sending. */
const shortestWaitMs = 2

/** Throws RelayUnavailable when no conversation can begin: nothing is claimed, and it is queued again. */
export async function sendBatch(engine: Engine, editionId: number, batch: number): Promise<void> {
  const edition = await findEdition(engine.db, editionId)
  if (edition.state !== 'sending') return
  const letter = await letterOf(engine, edition)
  const { sender } = letter
  try {
    // before a seat is taken, so that what waits for a relay keeps nobody waiting
    await engine.relays.mayAsk(relayName(relayOf(engine, sender)))
    const isDone = await withSeat(engine, sender, (seat) =>
      sendAll(engine, letter, seat, edition, batch),
    )
    if (!isDone && !engine.draining()) engine.relays.tryLater(editionId)
  } catch (error) {
    if (error instanceof RelayUnavailable) engine.relays.tryLater(editionId, error.waitMs)
    throw error
  }
  await closeIfFinished(engine, editionId)
}

/** False: there was no seat, or it was taken away, so that something of the batch may be left. */
async function withSeat(
  engine: Engine,
  sender: SenderConfig,
  work: (seat: Seat) => Promise<boolean>,
): Promise<boolean> {
  for (let attempt = 0; attempt < seatTries && !engine.draining(); attempt++) {
    const seat = await engine.seats.take(engine, sender)
    if (seat) {
      let isDone = false
      try {
        return (isDone = await work(seat))
      } finally {
        await engine.seats.give(engine, seat, !isDone)
      }
    }
    await sleep(seatWaitMs)
  }
  return false
}

async function sendAll(
  engine: Engine,
  letter: EditionLetter,
  seat: Seat,
  edition: Edition,
  batch: number,
): Promise<boolean> {
  const isLarge = (edition.expectedRecipients ?? 0) >= claims.manyFrom
  const outcomes = collectOutcomes(engine, letter, seat.workerId)
  let { messagesPerSecond: perSecond } = await senderLimits(engine.db, letter.sender)
  const take = (after: number, hurry: Hurry) => {
    const limit = claimSize(isLarge ? claims.many : claims.one, perSecond)
    return takeHand(engine, letter, seat, { batch, after, limit, hurry })
  }
  let next = take(0, 'now')
  try {
    // what lies before it was sent, or may not be sent yet
    for (let after = 0; ;) {
      const hand = await next
      if (!hand) return false
      const { claimed, isShort, turn } = hand
      perSecond = 1_000 / turn.intervalMs
      const isLast = isShort && after === 0
      // once more from its beginning: what a person queued again meanwhile is of this batch too
      after = isShort ? 0 : claimed.at(-1)!.id
      next = isLarge && !isLast ? take(after, 'later') : nothing
      // it is heard of when it is waited for
      next.catch(() => undefined)
      const isWhole = await sendClaimed(engine, letter, seat, hand, outcomes)
      if (!isWhole) return false
      await outcomes.write(isLarge ? 'later' : 'now')
      if (isLast) break
      if (!isLarge) next = take(after, 'now')
    }
  } finally {
    try {
      await outcomes.writeAll()
    } finally {
      const unused = await next.catch(() => undefined)
      await giveBack(engine, letter, seat, unused?.claimed ?? [])
    }
  }
  return engine.lease.holds(seat.workerId)
}

/** What one conversation sends next. */
interface Hand {
  claimed: ClaimedDelivery[]
  turn: Turn
  /** On this process's clock (performance.now). */
  startsAtMs: number
  /** There were fewer than it might send: the end of the batch. */
  isShort: boolean
}

const nothing = Promise.resolve(undefined)

/** undefined: the seat was taken away, or the process is to stop. */
async function takeHand(
  engine: Engine,
  { editionId, sender }: EditionLetter,
  seat: Seat,
  { batch, after, limit, hurry }: { batch: number; after: number; limit: number; hurry: Hurry },
): Promise<Hand | undefined> {
  const { db, relays } = engine
  const { workerId } = seat
  const turn = await engine.writes.reserve(sender, limit, hurry)
  // the limit was lowered
  const isTakenAway = seat.slot > turn.connections
  if (!isTakenAway) await waitFor(engine, turn.waitMs - aheadMs)
  if (isTakenAway || engine.draining()) {
    await giveBackMessages(db, sender, limit, turn)
    return undefined
  }
  // before the claim, so that a relay that is down or left alone costs no delivery an attempt
  await relays.mayAsk(relayName(relayOf(engine, sender)))
  // while others are being sent on it, it is theirs to open again
  if (hurry === 'now') await connectionOf(engine, sender, seat)
  const at = engine.clock.now()
  const claimed = await engine.writes.claim({ editionId, batch, after, workerId, limit, at })
  const unused = limit - claimed.length
  if (unused > 0) await giveBackMessages(db, sender, unused, turn)
  const startsAtMs = turn.endsAtMs - limit * turn.intervalMs
  return { claimed, turn, startsAtMs, isShort: unused > 0 }
}

function claimSize(most: number, perSecond: number): number {
  return Math.max(1, Math.min(most, Math.floor((perSecond * claimMs) / 1_000)))
}

/** Long waits end early when the process is told to stop. */
async function waitFor(engine: Engine, ms: number): Promise<void> {
  const until = performance.now() + ms
  for (
    let left = ms;
    left >= shortestWaitMs && !engine.draining();
    left = until - performance.now()
  ) {
    await sleep(Math.min(left, waitStepMs))
  }
}

/** Whatever happens, what was not begun goes back. False: some were not. */
async function sendClaimed(
  engine: Engine,
  letter: EditionLetter,
  seat: Seat,
  { claimed, turn, startsAtMs }: Hand,
  outcomes: Outcomes,
): Promise<boolean> {
  const { workerId } = seat
  const startedMs = Math.max(startsAtMs, performance.now())
  let begun = 0
  try {
    for (const [i, delivery] of claimed.entries()) {
      await waitFor(engine, startedMs + i * turn.intervalMs - performance.now())
      if (engine.draining() || !engine.lease.holds(workerId)) break
      const connection = await connectionOf(engine, letter.sender, seat)
      begun++
      const outcome = await converse(engine, letter, connection, delivery, workerId)
      const goesOn = await outcomes.add(outcome)
      if (!goesOn) return false
      // throws when it wants to be left alone
      await engine.relays.heard(outcome)
    }
  } finally {
    await giveBack(engine, letter, seat, claimed.slice(begun))
  }
  return begun === claimed.length
}

async function giveBack(
  engine: Engine,
  { editionId }: EditionLetter,
  { workerId }: Seat,
  rest: ClaimedDelivery[],
): Promise<void> {
  if (rest.length === 0) return
  await persistently(engine, workerId, { edition: editionId }, () =>
    returnClaims(engine.db, workerId, rest, engine.clock.now()),
  )
  await withhold(
    engine,
    rest.map(({ id }) => id),
  )
}

interface Outcomes {
  /** Failures are written at once. False: the edition is not on its way any more. */
  add(outcome: OutcomeRow): Promise<boolean>
  /** `later`: returns when those of the time before are written. */
  write(hurry: Hurry): Promise<boolean>
  writeAll(): Promise<boolean>
}

/** Of one conversation; each is written, whatever happens. */
function collectOutcomes(engine: Engine, letter: EditionLetter, workerId: string): Outcomes {
  let collected: OutcomeRow[] = []
  let flushedMs = performance.now()
  let writing = Promise.resolve(true)

  async function write(hurry: Hurry): Promise<boolean> {
    const before = writing
    const rows = collected
    collected = []
    flushedMs = performance.now()
    writing = settle(engine, letter, workerId, rows, hurry)
    // it is heard of when it is waited for
    writing.catch(() => undefined)
    const wentOn = await before
    return hurry === 'later' ? wentOn : writing
  }

  return {
    async add(outcome) {
      collected.push(outcome)
      const isFailure = outcome.outcome !== 'accepted' && outcome.outcome !== 'deferred'
      return isFailure || performance.now() - flushedMs >= flushMs ? write('now') : true
    },
    write,
    writeAll: () => write('now'),
  }
}

/** False: the edition is not on its way any more, perhaps because too much of it failed. */
async function settle(
  engine: Engine,
  { editionId, publication }: EditionLetter,
  workerId: string,
  outcomes: OutcomeRow[],
  hurry: Hurry,
): Promise<boolean> {
  if (outcomes.length === 0) return true
  await persistently(engine, workerId, { edition: editionId, publication }, () =>
    engine.writes.record(editionId, workerId, outcomes, hurry),
  )
  const ids = (states: string[]) =>
    outcomes.filter(({ outcome }) => states.includes(outcome)).map(({ deliveryId }) => deliveryId)
  // whoever left while it was in our hands is not tried again
  await withhold(engine, ids(['deferred']))
  if (ids(['rejected', 'failed', 'unknown']).length === 0) return true
  return !(await pauseIfRefused(engine, editionId))
}

const withhold = (engine: Engine, ids: number[]): Promise<void> =>
  withholdDeliveries(engine.db, ids, engine.clock.now())

/** An outcome is known and must not be lost to a database that restarts: it is written again and again for a while. */
async function persistently(
  engine: Engine,
  workerId: string,
  about: { edition: number; publication?: string },
  write: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (attempt === recordTries) {
        // nobody knows any more what became of it: its row must not stay `sending` for as long as we live
        await engine.lease.abandon(workerId)
        throw error
      }
      engine.log.warn({ err: error, ...about, attempt }, 'outcomes not written yet')
      await sleep(Math.min(250 * 2 ** attempt, 5_000))
    }
  }
}
