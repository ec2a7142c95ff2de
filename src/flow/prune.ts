/**
 * Pruning, by an operator alone: of editions that ended long ago, who received them and what each conversation said goes.
 * Their totals, content, approval, archive and audit stay. It is done in small transactions: killed, it goes on with the
 * next run, and whatever is on its way is not kept waiting.
 */
import { inMexicoCity } from '../clock.ts'
import { exclusively, inTransaction } from '../db/database.ts'
import { lockEdition } from '../editions/editions.ts'
import { markPruned, oldEditions, type Obstacle, type OldEdition } from '../editions/pruning.ts'
import { Problem, shown } from '../errors.ts'
import {
  detailOf,
  halfPruned,
  removeDetail,
  theFirst,
  vacuumLedger,
  type Detail,
  type Place,
  type Removed,
} from '../ledger/prune.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Engine } from './engine.ts'

/** What may be asked for: a year of reports and of questions about them is always there. */
export const leastMonths = 12

export const obstacleNames: Record<Obstacle, string> = {
  'on-its-way': 'sigue en curso',
  unknown: 'tiene entregas de resultado incierto',
  'quarter-open': 'su trimestre no se ha cerrado',
}

/** The default of `removeDetail`: some tenths of a second each. */
const batchSize = 10_000

export interface Pruning {
  months: number
  /** Deliveries that one transaction removes. */
  batch?: number
  onRemoved?: (editionId: number, removed: Removed) => void
}

export interface Prunable extends OldEdition {
  attempts: number
}

export interface PruningPlan {
  /** What concluded before it is old. */
  before: Date
  prunable: Prunable[]
  kept: OldEdition[]
  /** Editions that an interrupted run left. */
  unfinished: number[]
}

/** What a pruning would do now. Changes nothing. */
export async function planPruning(
  engine: Engine,
  user: User,
  { months }: Pick<Pruning, 'months'>,
): Promise<PruningPlan> {
  const before = oldBefore(engine, user, months)
  const old = await oldEditions(engine.db, before)
  const prunable: Prunable[] = []
  for (const edition of old.filter(({ obstacle }) => obstacle === null))
    prunable.push({ ...edition, ...(await detailOf(engine.db, edition.id)) })
  return {
    before,
    prunable,
    kept: old.filter(({ obstacle }) => obstacle !== null),
    unfinished: await halfPruned(engine.db),
  }
}

export interface Pruned extends Detail {
  editions: number[]
  kept: OldEdition[]
}

export async function prune(engine: Engine, user: User, pruning: Pruning): Promise<Pruned> {
  const before = oldBefore(engine, user, pruning.months)
  const pruned: Pruned = { editions: [], deliveries: 0, attempts: 0, kept: [] }
  await exclusively(engine.db, 'prune', async () => {
    for (const id of await halfPruned(engine.db)) await removeAll(engine, id, pruning, pruned)
    for (const edition of await oldEditions(engine.db, before)) {
      if (await mark(engine, user, edition.id, { before, months: pruning.months }))
        await removeAll(engine, edition.id, pruning, pruned)
      else pruned.kept.push(edition)
    }
    if (pruned.deliveries > 0) await vacuumLedger(engine.db)
  })
  return pruned
}

function oldBefore(engine: Engine, user: User, months: number): Date {
  authorize(user, 'detail.prune')
  if (months < leastMonths) {
    throw new Problem('usage', {
      place: '--older-than',
      message: `el detalle se conserva al menos ${leastMonths} meses`,
      value: shown(String(months)),
      remedy: `Dé ${leastMonths} o más`,
    })
  }
  return inMexicoCity(engine.clock.now()).minus({ months }).toJSDate()
}

/** Decides on one edition, with how much will go. False when it may not: it is looked at again under its lock. */
async function mark(
  engine: Engine,
  user: User,
  editionId: number,
  { before, months }: { before: Date; months: number },
): Promise<boolean> {
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    await lockEdition(tx, editionId)
    const [edition] = await oldEditions(tx, before, editionId)
    if (edition?.obstacle !== null) return false
    const detail = { ...(await detailOf(tx, editionId)), months }
    await markPruned(tx, editionId, at)
    await audit(tx, { at, user, act: 'prune', subject: `edition ${editionId}`, detail })
    return true
  })
}

async function removeAll(
  { db, log }: Engine,
  editionId: number,
  { batch = batchSize, onRemoved }: Pruning,
  pruned: Pruned,
): Promise<void> {
  pruned.editions.push(editionId)
  for (let after: Place | null = theFirst; after !== null;) {
    const removed: Removed = await removeDetail(db, editionId, { after, limit: batch })
    pruned.deliveries += removed.deliveries
    pruned.attempts += removed.attempts
    if (removed.last !== null) onRemoved?.(editionId, removed)
    after = removed.last
  }
  log.info({ edition: editionId }, 'detail pruned')
}
