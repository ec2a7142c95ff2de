/**
 * What the conversations of a process write to the same row or the same table goes as one statement: what is asked for in
 * the same moment, and while the one before it is under way. A moment is some milliseconds where nobody waits for the answer.
 */
import { setImmediate as sameTurn } from 'node:timers/promises'
import type { SenderConfig } from '../config.ts'
import type { Db } from '../db/database.ts'
import { reserveMessages, type Turn } from '../dispatch/sender-pace.ts'
import { claimForEach, type Claim, type ClaimedDelivery } from '../ledger/claims.ts'
import { recordOutcomes, type OutcomeRow } from '../ledger/outcomes.ts'

/** `later`: whoever asks is busy with something else, and others may join. */
export type Hurry = 'now' | 'later'

export interface SharedWrites {
  /** As reserveMessages: turns of one statement follow each other. */
  reserve(sender: SenderConfig, count: number, hurry?: Hurry): Promise<Turn>
  /** As claimDeliveries. */
  claim(claim: Claim): Promise<ClaimedDelivery[]>
  /** As recordOutcomes. What cannot be written does not keep the others' from being written. */
  record(editionId: number, workerId: string, rows: OutcomeRow[], hurry?: Hurry): Promise<void>
}

const laterMs = 15

interface Written {
  editionId: number
  workerId: string
  rows: OutcomeRow[]
}

export function shareWrites(db: Db): SharedWrites {
  const reserve = together<{ sender: SenderConfig; count: number }, Turn>(
    ({ sender }) => sender.slug,
    async (asked) => {
      const counts = asked.map(({ count }) => count)
      return partsOf(await reserveMessages(db, asked[0]!.sender, sum(counts)), counts)
    },
  )
  const claim = together<Claim, ClaimedDelivery[]>(
    ({ editionId, workerId }) => `${editionId} ${workerId}`,
    (claims) => claimForEach(db, claims),
  )
  const record = together<Written, void>(
    ({ editionId, workerId }) => `${editionId} ${workerId}`,
    async (written) => {
      const { editionId, workerId } = written[0]!
      await recordOutcomes(
        db,
        editionId,
        workerId,
        written.flatMap(({ rows }) => rows),
      )
      return written.map(() => undefined)
    },
  )
  return {
    reserve: (sender, count, hurry) => reserve({ sender, count }, hurry),
    claim: (one) => claim(one),
    record: (editionId, workerId, rows, hurry) => record({ editionId, workerId, rows }, hurry),
  }
}

const sum = (counts: number[]): number => counts.reduce((all, count) => all + count, 0)

const partsOf = (turn: Turn, counts: number[]): Turn[] =>
  counts.map((_, i) => ({
    ...turn,
    waitMs: turn.waitMs + sum(counts.slice(0, i)) * turn.intervalMs,
    endsAtMs: turn.endsAtMs - sum(counts.slice(i + 1)) * turn.intervalMs,
  }))

interface Asked<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (reason: unknown) => void
}

interface Gathering<T, R> {
  asked: Asked<T, R>[]
  /** What was asked is to be answered as soon as nothing is under way. */
  isDue: boolean
  isUnderWay: boolean
  timer?: NodeJS.Timeout | undefined
}

/** Asks for one item, and `run` answers those of a key together. */
function together<T, R>(
  keyOf: (item: T) => string,
  run: (items: T[]) => Promise<R[]>,
): (item: T, hurry?: Hurry) => Promise<R> {
  const gatherings = new Map<string, Gathering<T, R>>()

  const begin = (key: string, gathering: Gathering<T, R>) => {
    clearTimeout(gathering.timer)
    gathering.timer = undefined
    gathering.isDue = true
    if (!gathering.isUnderWay) void answer(key, gathering)
  }

  async function answer(key: string, gathering: Gathering<T, R>): Promise<void> {
    gathering.isUnderWay = true
    while (gathering.isDue) {
      // whoever was answered together asks together for what comes next
      await sameTurn()
      gathering.isDue = false
      await answerAll(gathering.asked.splice(0), run)
    }
    gathering.isUnderWay = false
    if (gathering.asked.length === 0) gatherings.delete(key)
  }

  return (item, hurry = 'now') =>
    new Promise((resolve, reject) => {
      const key = keyOf(item)
      const known = gatherings.get(key)
      const gathering = known ?? { asked: [], isDue: false, isUnderWay: false }
      if (!known) gatherings.set(key, gathering)
      gathering.asked.push({ item, resolve, reject })
      if (hurry === 'now') begin(key, gathering)
      else gathering.timer ??= setTimeout(() => begin(key, gathering), laterMs)
    })
}

async function answerAll<T, R>(
  asked: Asked<T, R>[],
  run: (items: T[]) => Promise<R[]>,
): Promise<void> {
  if (asked.length === 0) return
  try {
    const results = await run(asked.map(({ item }) => item))
    asked.forEach(({ resolve }, i) => resolve(results[i]!))
  } catch (error) {
    if (asked.length === 1) return asked[0]!.reject(error)
    // each by itself, so that what is wrong with one is its own
    for (const one of asked) await answerAll([one], run)
  }
}
