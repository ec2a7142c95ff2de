/** What editions leave in the tables, what a vacuum gives back, and what a pruning costs while another edition leaves. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import { markPruned } from '../../src/editions/pruning.ts'
import { batchSizeFor } from '../../src/flow/release.ts'
import { claimDeliveries, registerWorker } from '../../src/ledger/claims.ts'
import { writeDeliveries } from '../../src/ledger/deliveries.ts'
import { recordOutcomes } from '../../src/ledger/outcomes.ts'
import {
  detailOf,
  removeDetail,
  theFirst,
  vacuumLedger,
  type Place,
} from '../../src/ledger/prune.ts'
import { measuredAt } from '../panel-data.ts'
import type { Ledger } from './data.ts'
import { accepted } from './questions.ts'

const people = 100_000
const claimed = 50
const hourMs = 3_600_000

export interface Step {
  step: string
  seconds: number
  /** MB after it. */
  delivery: number
  indexes: number
  attempt: number
  note: string
}

export async function upkeep({ app: { db } }: Ledger, print: (text: string) => void) {
  const steps: Step[] = []
  const step = async (name: string, work: () => Promise<string | void>): Promise<void> => {
    const startedMs = performance.now()
    const note = (await work()) ?? ''
    const seconds = (performance.now() - startedMs) / 1_000
    const one = { step: name, seconds, ...(await sizes(db)), note }
    steps.push(one)
    print(line(one))
  }
  const worker = randomUUID()
  await registerWorker(db, worker, hourMs)
  // what it would have done by itself is measured apart
  await sql`ALTER TABLE delivery SET (autovacuum_enabled = false)`.execute(db)
  const made: number[] = []
  try {
    await step('vacuum before', () => vacuumLedger(db))
    for (const which of ['first', 'second']) {
      await step(
        `${which} edition frozen`,
        async () => void made.push(await freeze(db, made.length)),
      )
      await step(`${which} edition sent`, () => send(db, made.at(-1)!, worker))
      await step(`vacuum after the ${which}`, () => vacuum(db))
    }
    made.push(await freeze(db, made.length))
    for (const [index, id] of made.slice(0, 2).entries())
      await step(`edition pruned${index === 0 ? '' : ', another being sent'}`, () =>
        index === 0
          ? removeAll(db, id)
          : withAnother(removeAll(db, id), (isOver) => someClaims(db, made[2]!, worker, isOver)),
      )
    await step('vacuum of prune', () => vacuumLedger(db))
    await step('another edition frozen', async () => void made.push(await freeze(db, made.length)))
    await step('a large edition counted', () => countLargest(db))
  } finally {
    for (const id of made) await forget(db, id)
    await sql`ALTER TABLE delivery RESET (autovacuum_enabled)`.execute(db)
    await vacuumLedger(db)
  }
  return steps
}

/** A copy of an edition that was sent, with its people written as a release does. */
async function freeze(db: Db, index: number): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO edition (publication, period, nominal_at, latest_start_at, state, content_id, content_author_id,
      sealed_hash, ready_by, released_at, created_at)
    SELECT publication, 'upkeep-' || ${String(index)}::text, ${measuredAt}, ${measuredAt}, 'sending', content_id,
      content_author_id, sealed_hash, ready_by, ${measuredAt}, ${measuredAt}
    FROM edition WHERE state = 'sent' ORDER BY id LIMIT 1 RETURNING id`.execute(db)
  const listed = sql`(SELECT id AS contact_id, address, name, is_group, NULL::text AS excluded_by
    FROM contact ORDER BY id LIMIT ${people})`
  const options = { batchSize: batchSizeFor(people), at: measuredAt }
  await writeDeliveries(db, rows[0]!.id, listed, options)
  return rows[0]!.id
}

/** As one worker does without its relay. */
async function send(db: Db, editionId: number, workerId: string): Promise<string> {
  const times = await someClaims(db, editionId, workerId)
  const { rows } = await sql<{ hot: number; all: number }>`
    SELECT n_tup_hot_upd AS hot, n_tup_upd AS all FROM pg_stat_user_tables WHERE relname = 'delivery'`.execute(
    db,
  )
  const part = (from: number) =>
    median(times.slice((times.length * from) / 10, (times.length * (from + 1)) / 10))
  return `claims ${part(0)} ms at first, ${part(9)} ms at last; HOT ${rows[0]!.hot} of ${rows[0]!.all}`
}

/** Milliseconds of each claim until nothing waits, or `isOver`. */
async function someClaims(
  db: Db,
  editionId: number,
  workerId: string,
  isOver = () => false,
): Promise<number[]> {
  const times: number[] = []
  const size = batchSizeFor(people)
  for (let batch = 1; batch <= people / size && !isOver(); batch++)
    for (;;) {
      const startedMs = performance.now()
      const claim = { editionId, batch, workerId, limit: claimed, at: measuredAt }
      const rows = await claimDeliveries(db, claim)
      if (rows.length === 0 || isOver()) break
      times.push(performance.now() - startedMs)
      await recordOutcomes(db, editionId, workerId, rows.map(accepted))
    }
  return times
}

async function removeAll(db: Db, id: number): Promise<string> {
  await sql`UPDATE edition SET state = 'sent' WHERE id = ${id}`.execute(db)
  await markPruned(db, id, measuredAt)
  const times: number[] = []
  for (let after: Place | null = theFirst; after !== null;) {
    const startedMs = performance.now()
    const removed: { last: Place | null } = await removeDetail(db, id, { after, limit: 10_000 })
    after = removed.last
    if (after !== null) times.push(performance.now() - startedMs)
  }
  return `${times.length} batches of 10,000, ${median(times)} ms each, ${Math.max(...times).toFixed(0)} at worst`
}

async function withAnother(
  work: Promise<string>,
  another: (isOver: () => boolean) => Promise<number[]>,
): Promise<string> {
  let isOver = false
  const times = another(() => isOver)
  const note = await work.finally(() => (isOver = true))
  return `${note}; claims beside it ${median(await times)} ms, ${Math.max(...(await times)).toFixed(0)} at worst`
}

/** What a dry run does of each. */
async function countLargest(db: Db): Promise<string> {
  const { rows } = await sql<{ id: number }>`
    SELECT edition_id AS id FROM edition_tally GROUP BY 1 ORDER BY sum(deliveries) DESC LIMIT 1`.execute(
    db,
  )
  const { deliveries, attempts } = await detailOf(db, rows[0]!.id)
  return `${deliveries} deliveries, ${attempts} attempts`
}

/** As fast as it can: what a person would wait for. */
async function vacuum(db: Db): Promise<string> {
  await sql`VACUUM (ANALYZE) delivery`.execute(db)
  return 'of delivery, unthrottled'
}

async function forget(db: Db, id: number): Promise<void> {
  await sql`UPDATE edition SET state = 'sent' WHERE id = ${id}`.execute(db)
  await removeAll(db, id)
  await sql`DELETE FROM edition_tally WHERE edition_id = ${id}`.execute(db)
  await sql`DELETE FROM edition WHERE id = ${id}`.execute(db)
}

async function sizes(db: Db): Promise<Pick<Step, 'delivery' | 'indexes' | 'attempt'>> {
  const { rows } = await sql<{ delivery: number; indexes: number; attempt: number }>`
    SELECT pg_table_size('delivery') AS delivery, pg_indexes_size('delivery') AS indexes,
      pg_total_relation_size('attempt') AS attempt`.execute(db)
  const { delivery, indexes, attempt } = rows[0]!
  const mb = (bytes: number) => Math.round(bytes / 1024 ** 2)
  return { delivery: mb(delivery), indexes: mb(indexes), attempt: mb(attempt) }
}

const median = (times: number[]): string =>
  (times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN).toFixed(1)

const line = ({ step, seconds, delivery, indexes, attempt, note }: Step): string =>
  `${step.padEnd(36)}${`${seconds.toFixed(1)} s`.padStart(9)}  delivery ${delivery} MB, its indexes ${indexes} MB, attempt ${attempt} MB  ${note}`
