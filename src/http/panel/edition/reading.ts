/** What is read of a dispatch to show how far it is, once for all who look at that moment. */
import { findEdition, type Edition } from '../../../editions/editions.ts'
import type { Engine } from '../../../flow/engine.ts'
import { relayTroubles } from '../../../flow/relay-trouble.ts'
import { progressOf, type Progress } from '../../../ledger/progress.ts'
import { answersOfEdition, type AnswerGroup } from '../../../ledger/recipients.ts'
import { failuresOf, type EditionState } from '../../../states.ts'

export interface Reading {
  edition: Edition
  progress: Progress
  /** What servers said of those that were not accepted. */
  answers: AnswerGroup[]
  /** Its server takes nothing (es). */
  relayTrouble: string | undefined
  at: Date
}

/** A little less than what a page waits between two looks. */
const sharedMs = 4_500

const shared = new WeakMap<Engine, Map<number, Promise<Reading>>>()

export async function read(engine: Engine, edition: Edition): Promise<Reading> {
  const at = engine.clock.now()
  const progress = await progressOf(engine.db, edition.id, at)
  const { totals } = progress
  const hasNone = failuresOf(totals) + totals.deferred === 0 || edition.prunedAt !== null
  const answers = hasNone ? [] : await answersOfEdition(engine.db, edition.id)
  const relayTrouble = (await relayTroubles(engine, [edition])).get(edition.id)
  return { edition, progress, answers, relayTrouble, at }
}

/** `state`: as it is known to be now; what was read before an act of a moment ago is not shown after it. */
export async function readShared(
  engine: Engine,
  id: number,
  state?: EditionState,
): Promise<Reading> {
  const readings = shared.get(engine) ?? new Map<number, Promise<Reading>>()
  shared.set(engine, readings)
  const known = readings.get(id)
  if (known) {
    const reading = await known
    if (state === undefined || reading.edition.state === state) return reading
  }
  const fresh = findEdition(engine.db, id).then((edition) => read(engine, edition))
  readings.set(id, fresh)
  const forget = () => {
    if (readings.get(id) === fresh) readings.delete(id)
  }
  fresh.then(() => setTimeout(forget, sharedMs).unref(), forget)
  return fresh
}
