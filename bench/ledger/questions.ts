/** What the engine and the panel ask of the ledger while it works, each as the function of ours that asks it. */
import { sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import { closeFinished } from '../../src/flow/close-edition.ts'
import { quarterReport } from '../../src/flow/report.ts'
import {
  claimDeliveries,
  reapExpired,
  returnClaims,
  type ClaimedDelivery,
} from '../../src/ledger/claims.ts'
import { cancelLeftOver, openBatches } from '../../src/ledger/deliveries.ts'
import { recordOutcomes, type OutcomeRow } from '../../src/ledger/outcomes.ts'
import { deliveriesOfPerson, deliveriesTo } from '../../src/ledger/person.ts'
import { progressOf } from '../../src/ledger/progress.ts'
import { recipientsOfEdition } from '../../src/ledger/recipients.ts'
import { addressesOfDomain, listDeliveries } from '../../src/ledger/search.ts'
import { suppressedByReason, totalsOf, totalsOfMany } from '../../src/ledger/totals.ts'
import { oldestPending } from '../../src/ledger/vitals.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import { measuredAt } from '../panel-data.ts'
import type { Ledger } from './data.ts'

export interface Question {
  name: string
  /** Made before it and not measured. */
  prepare?: (db: Db) => Promise<unknown>
  ask: (db: Db, prepared: never) => Promise<unknown>
  /** Made after it: what it took waits again. */
  tidy?: (db: Db, answer: never) => Promise<void>
}

/** As the dispatch asks for a large edition. */
const claimed = 50
/** As many as the planner queues at once. */
const queuedBatches = 5_000

/** `worker`: whose lease holds; `gone`: whose lease has passed. */
export async function questionsOf(
  ledger: Ledger,
  { worker, gone }: { worker: string; gone: string },
): Promise<Question[]> {
  const { app, sending } = ledger
  const at = measuredAt
  const person = await somebody(ledger)
  const editions = await editionsOfQuarter(app.db)
  const batches = await openBatches(app.db, sending, at, queuedBatches)
  const taken = { rows: 0 }
  // two of them from each batch; single ones from the last whole one
  const claim = (limit: number) => async (db: Db) => {
    const batch = limit === 1 ? batches.at(-2)! : batches[Math.floor(taken.rows / (2 * claimed))]!
    return claimDeliveries(db, { editionId: sending, batch, workerId: worker, limit, at })
  }
  const keep = (limit: number) => async (db: Db) => {
    const rows = await claim(limit)(db)
    if (limit > 1) taken.rows += limit
    return rows
  }
  const giveBack = (db: Db, rows: ClaimedDelivery[]) => returnClaims(db, worker, rows, at)
  const record = (db: Db, rows: ClaimedDelivery[]) =>
    recordOutcomes(db, sending, worker, rows.map(accepted))
  const engineOn = (db: Db) => ({ ...app.engine, db })
  return [
    { name: 'claim of 1', ask: claim(1), tidy: giveBack },
    { name: `claim of ${claimed}`, ask: claim(claimed), tidy: giveBack },
    { name: 'outcome of 1', prepare: keep(1), ask: record },
    { name: `outcomes of ${claimed}`, prepare: keep(claimed), ask: record },
    { name: 'reap, nothing lost', ask: (db) => reapExpired(db, at) },
    { name: `reap, ${claimed} lost`, prepare: loseSome, ask: (db) => reapExpired(db, at) },
    {
      name: 'batches with something due',
      ask: (db) => openBatches(db, sending, at, queuedBatches),
    },
    { name: 'close what is finished', ask: (db) => closeFinished(engineOn(db)) },
    { name: 'left over of cancelled ones', ask: (db) => cancelLeftOver(db, at) },
    { name: 'oldest that waits', ask: (db) => oldestPending(db, 5_000) },
    { name: 'progress of the edition', ask: (db) => progressOf(db, sending, at) },
    { name: 'totals of the edition', ask: (db) => totalsOf(db, sending) },
    { name: 'why it left some out', ask: (db) => suppressedByReason(db, sending) },
    { name: `totals of ${editions.length} editions`, ask: (db) => totalsOfMany(db, editions) },
    {
      name: 'report of a quarter',
      ask: (db) => quarterReport(engineOn(db), app.reportDefinitions, parseQuarter('2026-Q4')),
    },
    { name: 'search by address', ask: (db) => listDeliveries(db, { ...person.by, limit: 50 }) },
    { name: 'search by person', ask: (db) => deliveriesTo(db, person) },
    { name: 'file of a person', ask: (db) => deliveriesOfPerson(db, person) },
    {
      name: 'search by domain',
      ask: (db) => addressesOfDomain(db, person.domain, { limit: 1_001, shown: 100 }),
    },
    {
      name: 'a page of rejected ones',
      ask: (db) => recipientsOfEdition(db, { editionId: sending, state: 'rejected', limit: 101 }),
    },
  ]

  /** As a claim would have left them: nobody can claim with a lease that has passed. */
  async function loseSome(db: Db): Promise<void> {
    const rows = await keep(claimed)(db)
    await sql`UPDATE delivery SET worker_id = ${gone} WHERE id = ANY (${rows.map(({ id }) => id)}::bigint[])`.execute(
      db,
    )
  }
}

export function accepted({ id, attempts }: ClaimedDelivery): OutcomeRow {
  return {
    deliveryId: id,
    attempts,
    outcome: 'accepted',
    phase: 'dot',
    startedAt: measuredAt,
    durationMs: 20,
    smtpCode: 250,
    smtpText: '250 2.0.0 OK',
    relay: 'relay.example',
    messageId: `<${id}@bench>`,
    nextAttemptAt: undefined,
  }
}

/** Of those who are in every edition, from the middle; and a small domain. */
async function somebody({ app: { db }, sending }: Ledger) {
  const { rows } = await sql<{ contactId: number; address: string }>`
    SELECT contact_id, address FROM delivery WHERE edition_id = ${sending} AND state = 'accepted'
    ORDER BY address OFFSET 2500 LIMIT 1`.execute(db)
  const domains = await sql<{ domain: string }>`
    SELECT split_part(address, '@', 2) AS domain FROM contact WHERE address LIKE '%@d%.example.net'
    ORDER BY id OFFSET 20 LIMIT 1`.execute(db)
  const { contactId, address } = rows[0]!
  return { contactId, addresses: [address], by: { address }, domain: domains.rows[0]!.domain }
}

async function editionsOfQuarter(db: Db): Promise<number[]> {
  const { from, to } = parseQuarter('2026-Q4')
  const rows = await db
    .selectFrom('edition')
    .select('id')
    .where('firstAcceptedAt', '>=', from)
    .where('firstAcceptedAt', '<', to)
    .execute()
  return rows.map(({ id }) => id)
}
