/**
 * What the conversations of a process write to the same row or the same table in the same moment goes as one statement:
 * while one is under way the others wait together.
 */
import type { SenderConfig } from '../config.ts'
import type { Db } from '../db/database.ts'
import { reserveMessages, type Turn } from '../dispatch/sender-pace.ts'
import { recordOutcomes, type OutcomeRow } from '../ledger/outcomes.ts'

export interface SharedWrites {
  /** As reserveMessages: turns of one statement follow each other. */
  reserve(sender: SenderConfig, count: number): Promise<Turn>
  /** As recordOutcomes. What cannot be written does not keep the others' from being written. */
  record(editionId: number, workerId: string, rows: OutcomeRow[]): Promise<void>
}

export function shareWrites(db: Db): SharedWrites {
  const reserving = new Map<string, Together<number, Turn>>()
  const recording = new Map<string, Together<OutcomeRow[], void>>()
  return {
    reserve: (sender, count) =>
      inTurn(reserving, sender.slug, count, (counts) => reserveAll(db, sender, counts)),
    record: (editionId, workerId, rows) =>
      inTurn(recording, `${editionId} ${workerId}`, rows, (all) =>
        recordAll(db, editionId, workerId, all),
      ),
  }
}

async function reserveAll(db: Db, sender: SenderConfig, counts: number[]): Promise<Turn[]> {
  const sum = (some: number[]) => some.reduce((all, count) => all + count, 0)
  const turn = await reserveMessages(db, sender, sum(counts))
  return counts.map((_, i) => ({
    ...turn,
    waitMs: turn.waitMs + sum(counts.slice(0, i)) * turn.intervalMs,
    endsAtMs: turn.endsAtMs - sum(counts.slice(i + 1)) * turn.intervalMs,
  }))
}

async function recordAll(
  db: Db,
  editionId: number,
  workerId: string,
  all: OutcomeRow[][],
): Promise<void[]> {
  await recordOutcomes(db, editionId, workerId, all.flat())
  return all.map(() => undefined)
}

interface Waiting<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (reason: unknown) => void
}

type Together<T, R> = Waiting<T, R>[]

function inTurn<T, R>(
  groups: Map<string, Together<T, R>>,
  key: string,
  item: T,
  run: (items: T[]) => Promise<R[]>,
): Promise<R> {
  return new Promise((resolve, reject) => {
    const group = groups.get(key)
    if (group) return void group.push({ item, resolve, reject })
    groups.set(key, [{ item, resolve, reject }])
    void runUntilEmpty(groups, key, run)
  })
}

async function runUntilEmpty<T, R>(
  groups: Map<string, Together<T, R>>,
  key: string,
  run: (items: T[]) => Promise<R[]>,
): Promise<void> {
  for (let group = groups.get(key)!; group.length > 0; group = groups.get(key)!) {
    groups.set(key, [])
    await runGroup(group, run)
  }
  groups.delete(key)
}

async function runGroup<T, R>(
  group: Together<T, R>,
  run: (items: T[]) => Promise<R[]>,
): Promise<void> {
  try {
    const results = await run(group.map(({ item }) => item))
    group.forEach(({ resolve }, i) => resolve(results[i]!))
  } catch (error) {
    if (group.length === 1) return group[0]!.reject(error)
    // each by itself, so that what is wrong with one is its own
    for (const one of group) await runGroup([one], run)
  }
}
