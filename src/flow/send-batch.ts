/** Sends one batch: claim a few, converse, write the outcomes; again until nothing of it is left to send now. */
import { setTimeout as sleep } from 'node:timers/promises'
import { findEdition, type Edition } from '../editions/editions.ts'
import { giveBackMessages, senderLimits, type Turn } from '../dispatch/sender-pace.ts'
import { RelayUnavailable, relayName } from '../dispatch/transport.ts'
import { claimDeliveries, returnClaims, type ClaimedDelivery } from '../ledger/claims.ts'
import { withholdDeliveries } from '../ledger/exclusions.ts'
import type { OutcomeRow } from '../ledger/outcomes.ts'
import type { SenderConfig } from '../config.ts'
import { closeIfFinished } from './close-edition.ts'
import { converse } from './converse.ts'
import type { Engine } from './engine.ts'
import { letterOf, type EditionLetter } from './letters.ts'
import { pauseIfRefused } from './pause-refused.ts'
import { connectionOf, relayOf, type Seat } from './seats.ts'

/** About two minutes: a late answer still tells a row that became unknown meanwhile. */
const recordTries = 30
/** What a killed worker leaves unknown is what it had claimed: one for each conversation, unless the edition is large. */
const claims = { one: 1, many: 50, manyFrom: 5_000 }
/** Outcomes are not kept for longer than this, however slow the relay is. */
const flushMs = 1_000
/** A sender that is slow holds no claim for longer than this. */
const claimMs = 500
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
  const { db, relays, lease } = engine
  const { sender } = letter
  const { workerId } = seat
  let { messagesPerSecond: perSecond } = await senderLimits(db, sender)
  // what lies before it was sent, or may not be sent yet
  let after = 0
  while (!engine.draining()) {
    const limit = claimSize(edition, perSecond)
    const turn = await engine.writes.reserve(sender, limit)
    perSecond = 1_000 / turn.intervalMs
    // the limit was lowered
    const isTakenAway = seat.slot > turn.connections
    if (!isTakenAway) await waitFor(engine, turn.waitMs)
    if (isTakenAway || engine.draining()) {
      await giveBackMessages(db, sender, limit, turn)
      return false
    }
    // before the claim, so that a relay that is down or left alone costs no delivery an attempt
    await relays.mayAsk(relayName(relayOf(engine, sender)))
    await connectionOf(engine, sender, seat)
    const at = engine.clock.now()
    const claim = { editionId: edition.id, batch, after, workerId, limit, at }
    const claimed = await claimDeliveries(db, claim)
    const unused = limit - claimed.length
    if (unused > 0) await giveBackMessages(db, sender, unused, turn)
    const isWhole = await sendClaimed(engine, letter, seat, { claimed, turn })
    if (!isWhole) return false
    if (unused === 0) after = claimed.at(-1)!.id
    else if (after === 0) return lease.holds(workerId)
    // once more from its beginning: what a person queued again meanwhile is of this batch too
    else after = 0
  }
  return false
}

function claimSize({ expectedRecipients }: Edition, perSecond: number): number {
  const most = (expectedRecipients ?? 0) < claims.manyFrom ? claims.one : claims.many
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

/** Whatever happens, each outcome is written and what was not begun goes back. False: some were not begun. */
async function sendClaimed(
  engine: Engine,
  letter: EditionLetter,
  seat: Seat,
  { claimed, turn }: { claimed: ClaimedDelivery[]; turn: Turn },
): Promise<boolean> {
  const { workerId } = seat
  const startedMs = performance.now()
  const outcomes: OutcomeRow[] = []
  let flushedMs = startedMs
  let begun = 0
  const flush = async () => {
    flushedMs = performance.now()
    return settle(engine, letter, workerId, outcomes.splice(0))
  }
  try {
    for (const [i, delivery] of claimed.entries()) {
      await waitFor(engine, startedMs + i * turn.intervalMs - performance.now())
      if (engine.draining() || !engine.lease.holds(workerId)) break
      const connection = await connectionOf(engine, letter.sender, seat)
      begun++
      const outcome = await converse(engine, letter, connection, delivery, workerId)
      outcomes.push(outcome)
      const isFailure = outcome.outcome !== 'accepted' && outcome.outcome !== 'deferred'
      if (isFailure || performance.now() - flushedMs >= flushMs) {
        const goesOn = await flush()
        if (!goesOn) break
      }
      // throws when it wants to be left alone
      await engine.relays.heard(outcome)
    }
  } finally {
    await flush()
    const rest = claimed.slice(begun)
    await persistently(engine, workerId, { edition: letter.editionId }, () =>
      returnClaims(engine.db, workerId, rest, engine.clock.now()),
    )
    await withhold(
      engine,
      rest.map(({ id }) => id),
    )
  }
  return begun === claimed.length
}

/** False: the edition is not on its way any more, perhaps because too much of it failed. */
async function settle(
  engine: Engine,
  { editionId, publication }: EditionLetter,
  workerId: string,
  outcomes: OutcomeRow[],
): Promise<boolean> {
  if (outcomes.length === 0) return true
  await persistently(engine, workerId, { edition: editionId, publication }, () =>
    engine.writes.record(editionId, workerId, outcomes),
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
