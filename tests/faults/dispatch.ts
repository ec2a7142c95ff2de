/** One edition on its way to a sink, by workers that are processes of their own. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { onTestFinished } from 'vitest'
import { openDatabase, type Db } from '../../src/db/database.ts'
import type { DeliveryState, EditionState } from '../../src/states.ts'
import { eventually, fridayAt15 } from '../support/app.ts'
import { quietLog } from '../support/database.ts'
import { startProcess, type TestProcess } from '../support/process.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { clockSpeed, concurrency, leaseMs, patienceMs } from './form.ts'
import type { PostgresServer } from './postgres-server.ts'
import type { Prepared } from './prepared.ts'
import { startSink, type Sink } from './sink.ts'

export type QueueName = 'postgres' | 'redis'

export interface DeliveryRow {
  id: number
  editionId: number
  address: string
  state: DeliveryState
}

export interface Dispatch {
  queue: QueueName
  recipients: number
  sink: Sink
  db: Db
  dataDir: string
  /** With the queue on Redis: its own one. */
  redis: RedisServer | undefined
  startWorker(env?: Record<string, string>): Promise<TestProcess>
  /** Waits until the sink took so many messages. */
  taken(count: number): Promise<void>
  /** Rows in the hands of workers now; of one process alone when its pid is given. */
  inHand(pid?: number): Promise<string[]>
  /** Waits until the edition is closed. */
  closed(withinMs?: number): Promise<void>
  rows(): Promise<DeliveryRow[]>
  editionState(): Promise<EditionState | undefined>
}

const workerScript = fileURLToPath(new URL('../support/worker-process.ts', import.meta.url))

export async function startDispatch(
  server: PostgresServer,
  queue: QueueName,
  { database, recipients }: Prepared,
  options: { dataDir?: string } = {},
): Promise<Dispatch> {
  const databaseUrl = await server.clone(database, `dispatch_${randomUUID().slice(0, 8)}`)
  const redis = queue === 'redis' ? await startRedis() : undefined
  const sink = await startSink()
  const db = await openDatabase(databaseUrl, quietLog, { connections: 2 })
  onTestFinished(() => db.destroy())
  const dataDir = options.dataDir ?? (await temporaryFolder())
  const env = {
    PREGONERO_ENV: 'test',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    ...(redis && { REDIS_URL: redis.url }),
    SENDER_ADMIN_RELAY_URL: `smtp://127.0.0.1:${sink.port}?tls=none`,
    SENDER_ADMIN_RATE_PER_SECOND: '10000',
    MAIL_ALLOWLIST: '@faults.example',
    CLOCK: fridayAt15.toISOString(),
    CLOCK_SINCE: String(Date.now()),
    CLOCK_SPEED: String(clockSpeed),
    LEASE_MS: String(leaseMs),
    CONCURRENCY: String(concurrency),
    PLAN_EVERY_MS: '1000',
    RELAY_PATIENCE_MS: String(patienceMs),
  }
  const dispatch: Dispatch = {
    queue,
    recipients,
    sink,
    db,
    dataDir,
    redis,
    startWorker: (more = {}) => startWorker({ ...env, ...more }),
    async taken(count) {
      await eventually(
        async () => sink.arrivals.length,
        (taken) => taken >= count,
        300_000,
      )
    },
    inHand: (pid) => inHand(db, pid),
    async closed(withinMs = 300_000) {
      await eventually(
        () => progress(db),
        ({ edition }) => edition === 'sent',
        withinMs,
      )
    },
    rows: () => rowsOf(db),
    editionState: async () => (await progress(db)).edition,
  }
  // the one of the end: a test may have killed the first
  onTestFinished(() => dispatch.redis?.stop())
  return dispatch
}

/** With its output in the test's report if it ends before it is ready. */
async function startWorker(env: Record<string, string>): Promise<TestProcess> {
  const worker = startProcess(workerScript, [], env)
  const early = worker.exited.then((code) => {
    throw new Error(`The worker ended (${code}) before it was ready: ${worker.output()}`)
  })
  early.catch(() => undefined)
  const isReady = eventually(
    async () => worker.output(),
    (output) => output.includes('ready\n'),
  )
  await Promise.race([isReady, early])
  return worker
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-faults-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function inHand(db: Db, pid: number | undefined): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    SELECT address FROM delivery LEFT JOIN worker ON worker.id = worker_id
    WHERE state = 'sending' AND (${pid === undefined} OR pid = ${pid ?? 0})`.execute(db)
  return rows.map((row) => row.address)
}

const ofEdition = sql`(SELECT id FROM edition WHERE publication = 'boletin-electoral' AND sealed_hash IS NOT NULL)`

async function rowsOf(db: Db): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    SELECT id, edition_id, address, state FROM delivery WHERE edition_id = ${ofEdition}
    ORDER BY id`.execute(db)
  return rows
}

/** The states too, for whoever reads why it never ended. */
async function progress(db: Db): Promise<{ edition: EditionState | undefined; states: unknown }> {
  try {
    const { rows } = await sql<{ edition: EditionState; states: unknown }>`
      SELECT state AS edition, (SELECT jsonb_object_agg(state, n) FROM (SELECT state, count(*) AS n FROM delivery
        WHERE edition_id = edition.id GROUP BY state) AS counted) AS states
      FROM edition WHERE id = ${ofEdition}`.execute(db)
    return rows[0] ?? { edition: undefined, states: undefined }
  } catch (error) {
    // the server may be the fault
    return { edition: undefined, states: String(error) }
  }
}
