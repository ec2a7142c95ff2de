/** The state of the whole ledger for those who watch it: read from tallies and short indexes, never from deliveries. */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import type { DeliveryState, EditionState, Outcome } from '../states.ts'

export interface Vitals {
  deliveries: { publication: string; state: DeliveryState; deliveries: number }[]
  editions: { publication: string; state: EditionState; editions: number }[]
  /** Of what should have left and has not, in seconds behind its hour: the worst of each publication. */
  lags: { publication: string; seconds: number }[]
  /** Processes whose lease holds: they sent something and live. */
  workers: number
}

/** `limitMs`: each statement is given up after this long. */
export async function vitalsOf(db: Db, now: Date, limitMs: number): Promise<Vitals> {
  return inTransaction(db, async (tx) => {
    await limitStatements(tx, limitMs)
    const deliveries = await sql<Vitals['deliveries'][number]>`
      SELECT publication, edition_tally.state, sum(deliveries)::bigint AS deliveries
      FROM edition_tally JOIN edition ON edition.id = edition_id
      GROUP BY 1, 2 ORDER BY 1, 2`.execute(tx)
    const editions = await sql<Vitals['editions'][number]>`
      SELECT publication, state, count(*) AS editions FROM edition GROUP BY 1, 2 ORDER BY 1, 2`.execute(
      tx,
    )
    const lags = await sql<Vitals['lags'][number]>`
      SELECT publication, extract(epoch FROM ${now}::timestamptz - min(nominal_at))::float8 AS seconds
      FROM edition WHERE state IN ('planned', 'ready', 'approved', 'held') AND nominal_at <= ${now}
      GROUP BY 1 ORDER BY 1`.execute(tx)
    const workers = await sql<{ workers: number }>`
      SELECT count(*) AS workers FROM worker WHERE lease_until > clock_timestamp()`.execute(tx)
    return {
      deliveries: deliveries.rows,
      editions: editions.rows,
      lags: lags.rows,
      workers: workers.rows[0]!.workers,
    }
  })
}

/** Of the first batch that has something pending: what was deferred waits among them, and changed later. */
const looked = 100

/** Since when the first delivery of the editions on their way has been waiting; undefined: none is. */
export async function oldestPending(db: Db, limitMs: number): Promise<Date | undefined> {
  return inTransaction(db, async (tx) => {
    await limitStatements(tx, limitMs)
    const { rows } = await sql<{ since: Date | null }>`
      SELECT min(first.updated_at) AS since FROM edition
      CROSS JOIN LATERAL (SELECT coalesce(min(batch) FILTER (WHERE edition_tally.state = 'pending'), min(batch)) AS batch
        FROM edition_tally
        WHERE edition_id = edition.id AND edition_tally.state IN ('pending', 'deferred')
          AND deliveries > 0) AS open
      CROSS JOIN LATERAL (SELECT updated_at FROM delivery
        WHERE edition_id = edition.id AND delivery.batch = open.batch
          AND delivery.state IN ('pending', 'deferred')
        ORDER BY id LIMIT ${looked}) AS first
      WHERE edition.state = 'sending'`.execute(tx)
    return rows[0]?.since ?? undefined
  })
}

export interface Conversations {
  relay: string
  outcome: Outcome
  durationMs: number
  count: number
}

/**
 * Conversations of every process that ended since an earlier reading, at most `limit` of them. A number is drawn some
 * time before its row is committed, so only those up to `before`, the highest number of an earlier look, are read.
 */
export async function conversationsBetween(
  db: Db,
  {
    after,
    before,
    limit,
    limitMs,
  }: { after: number; before: number; limit: number; limitMs: number },
): Promise<{ conversations: Conversations[]; until: number; highest: number }> {
  return inTransaction(db, async (tx) => {
    await limitStatements(tx, limitMs)
    const highest = await sql<{ id: number }>`
      SELECT coalesce(max(id), 0) AS id FROM attempt`.execute(tx)
    const until = Math.min(before, after + limit)
    const { rows } = await sql<Conversations>`
      SELECT relay, outcome, duration_ms, count(*) AS count FROM attempt
      WHERE id > ${after} AND id <= ${until} AND duration_ms IS NOT NULL
      GROUP BY 1, 2, 3`.execute(tx)
    return { conversations: rows, until: Math.max(after, until), highest: highest.rows[0]!.id }
  })
}

async function limitStatements(tx: Db, limitMs: number): Promise<void> {
  await sql`SELECT set_config('statement_timeout', ${String(limitMs)}, true)`.execute(tx)
}
