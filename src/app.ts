/** The composition root: validates everything there is to validate, opens what a process needs, and closes it in order. */
import { join } from 'node:path'
import { publications } from '../jobs/index.ts'
import { systemClock, type Clock } from './clock.ts'
import { unknownKeyIds } from './audience/suppressions.ts'
import { loadConfig, type Config, type Relay } from './config.ts'
import { sampleFaults } from './content/sample.ts'
import { exclusively, openDatabase, type Db } from './db/database.ts'
import { assertDatabase, migrate } from './db/migrate.ts'
import { assertAdopted } from './db/restore-guard.ts'
import { keepConnections } from './dispatch/connections.ts'
import type { Rests } from './dispatch/relay-rest.ts'
import { connectSmtp } from './dispatch/smtp.ts'
import type { Connect } from './dispatch/transport.ts'
import { startOutbox, type Outbox } from './embedded/outbox.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/postgres.ts'
import { Problem, type Fault } from './errors.ts'
import type { Engine } from './flow/engine.ts'
import { keepLease, type LeaseOptions } from './flow/lease.ts'
import { plan } from './flow/plan.ts'
import { enqueueBatches, release } from './flow/release.ts'
import { watchRelays } from './flow/relay-health.ts'
import { shareWrites } from './flow/shared-writes.ts'
import { keepSeats } from './flow/seats.ts'
import { sendBatch } from './flow/send-batch.ts'
import { keysOf, type Keys } from './keys.ts'
import { createLog, type Log } from './log.ts'
import { readPrivacyNotice, type PrivacyNotice } from './privacy-notice.ts'
import { type Publication } from './publication.ts'
import { publicationFaults } from './publication-check.ts'
import { migrateQueue, openQueue, type Handlers, type Queue } from './queue/queue.ts'
import { templateFaults } from './render/templates.ts'
import { ownRestDays } from './schedule/rest-days-file.ts'
import { seedRestDays } from './schedule/rest-days.ts'
import {
  plannedFaults,
  readDefinitions,
  tableIds,
  type ReportDefinitions,
} from './report/definition.ts'

export { publications }

export interface App {
  engine: Engine
  db: Db
  reportDefinitions: ReportDefinitions
  outbox: Outbox | undefined
  /** Takes nothing new from now on; what is in hand goes on. */
  drain(): void
  close(): Promise<void>
}

export interface AppOptions {
  clock?: Clock
  log?: Log
  publications?: Publication[]
  connect?: Connect
  /** How long a relay that did not answer is left alone. */
  relayDownMs?: number
  /** How long one that asks to be left alone is. */
  relayRests?: Rests
  lease?: LeaseOptions
  /** Embedded databases migrate by themselves; others when this is set (`pregonero migrate`). */
  migrate?: boolean
  /** Settings of the embedded server. */
  postgresSettings?: Record<string, string>
  queuePrefix?: string
}

/** What a process is opened with. */
export interface Validated {
  config: Config
  reportDefinitions: ReportDefinitions
  privacy: PrivacyNotice
}

/** Reads and checks the environment and the files that are configuration. Throws one Problem with every fault. */
export function validateAll(env: Record<string, string | undefined>): Validated {
  const faults: Fault[] = []
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      faults.push(...error.faults)
      return undefined
    }
  }
  const config = attempt(() => loadConfig(env))
  const reportDefinitions = attempt(() => readDefinitions())
  const privacy = attempt(() => readPrivacyNotice())
  if (reportDefinitions) {
    const timed = publications.filter(({ cadence }) => cadence.kind !== 'on-request')
    faults.push(
      ...publicationFaults(publications, tableIds(reportDefinitions)),
      ...plannedFaults(
        reportDefinitions,
        timed.map(({ slug }) => slug),
      ),
    )
  }
  attempt(() => ownRestDays())
  faults.push(...templateFaults(publications), ...sampleFaults(publications))
  if (!config || !reportDefinitions || !privacy || faults.length > 0)
    throw new Problem('config', faults)
  return { config, reportDefinitions, privacy }
}

export async function openApp(
  { config, reportDefinitions, privacy }: Validated,
  options: AppOptions = {},
): Promise<App> {
  const clock = options.clock ?? systemClock
  const log = options.log ?? createLog({ level: config.logLevel })
  const opened: (() => Promise<void>)[] = []
  // what was opened last is closed first: the embedded server goes only when nobody uses it any more
  const close = async () => {
    for (let closeOne = opened.pop(); closeOne; closeOne = opened.pop()) await closeOne()
  }
  try {
    const embedded = config.databaseUrl === undefined
    const databaseUrl = config.databaseUrl ?? (await embeddedDatabase(config, options, opened))
    const db = await openDatabase(databaseUrl, log)
    opened.push(() => db.destroy())
    if (embedded || options.migrate) {
      await migrate(db, config.environment)
      await seedRestDays(db)
      if (config.redisUrl === undefined) await migrateQueue(databaseUrl)
    } else await assertDatabase(db, config.environment)

    const keys = keysOf(config)
    await assertKeys(db, keys)
    const { id: instanceId } = await db
      .selectFrom('instance')
      .select('id')
      .executeTakeFirstOrThrow()
    const home = () => assertAdopted(db, config.publicUrl)
    const queue = openLater(
      () =>
        openQueue({
          redisUrl: config.redisUrl,
          databaseUrl,
          log,
          exclusively: (work) => exclusively(db, 'queue scheduler', work),
          prefix: options.queuePrefix ?? `pregonero-${instanceId}`,
        }),
      // whoever plans or sends passes here; on a copy restored elsewhere all else still works
      home,
    )
    opened.push(queue.closeIfOpen)
    const outbox =
      config.environment === 'production' ? undefined : await localOutbox(config, opened)
    const connections = keepConnections(
      options.connect ?? connectSmtp,
      config.mailDomain,
      options.relayDownMs,
    )
    opened.push(async () => connections.close())
    const lease = keepLease(db, log, options.lease)
    opened.push(() => lease.stop())

    let draining = false
    const seats = keepSeats()
    opened.push(() => seats.close())
    const relays = watchRelays(
      { db, clock, log },
      (editionId) => enqueueBatches(engine, editionId),
      { rests: options.relayRests, downMs: options.relayDownMs },
    )
    opened.push(async () => relays.close())
    const engine: Engine = {
      db,
      clock,
      log,
      config,
      publications: options.publications ?? publications,
      reportDefinitions,
      keys,
      privacy,
      queue: queue.queue,
      connections,
      letters: new Map(),
      relays,
      seats,
      writes: shareWrites(db),
      lease,
      outbox: outbox && relayOf(outbox),
      instanceId,
      assertAdopted: home,
      draining: () => draining,
    }
    return { engine, db, reportDefinitions, outbox, drain: () => (draining = true), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A lost key would forget who was erased, and the next import would mail them again. */
async function assertKeys(db: Db, keys: Keys): Promise<void> {
  const unknown = await unknownKeyIds(db, keys)
  if (unknown.length === 0) return
  throw new Problem('config', {
    place: 'SECRET_KEY_PREVIOUS',
    message: 'lacks the key under which erased people are remembered',
    value: unknown.join(', '),
    remedy: 'Give the earlier SECRET_KEY there: without it an import could bring those people back',
  })
}

/** What the queue's jobs do. */
export function handlersOf(engine: Engine): Handlers {
  // a database may be restored under a process that goes on
  const atHome = async (work: () => Promise<void>) => {
    await engine.assertAdopted()
    await work()
  }
  return {
    plan: () => atHome(() => plan(engine)),
    release: (editionId) => atHome(() => release(engine, editionId)),
    sendBatch: (editionId, batch) => atHome(() => sendBatch(engine, editionId, batch)),
  }
}

async function embeddedDatabase(
  config: Config,
  options: AppOptions,
  opened: (() => Promise<void>)[],
): Promise<string> {
  const server: EmbeddedPostgres = await startEmbeddedPostgres({
    dataDir: join(config.dataDir, 'postgres'),
    ...(options.postgresSettings && { settings: options.postgresSettings }),
  })
  opened.push(() => server.release())
  return server.url(`pregonero_${config.environment}`)
}

async function localOutbox(config: Config, opened: (() => Promise<void>)[]): Promise<Outbox> {
  const outbox = await startOutbox({ folder: join(config.dataDir, 'outbox') })
  opened.push(() => outbox.close())
  return outbox
}

function relayOf(outbox: Outbox): Relay {
  const { hostname, port } = new URL(outbox.url)
  return { host: hostname, port: Number(port), tls: 'none', auth: undefined }
}

/** A queue that is opened by its first use: a command that only reads needs no Redis. */
function openLater(
  open: () => Promise<Queue>,
  beforeWork: () => Promise<void>,
): { queue: Queue; closeIfOpen: () => Promise<void> } {
  let opening: Promise<Queue> | undefined
  const opened = () => (opening ??= open())
  return {
    queue: {
      backend: async () => (await opened()).backend(),
      enqueue: async (jobs, now) =>
        jobs.length === 0 ? undefined : (await opened()).enqueue(jobs, now),
      schedulePlanner: async (everyMs) => {
        await beforeWork()
        return (await opened()).schedulePlanner(everyMs)
      },
      work: async (handlers, options) => {
        await beforeWork()
        return (await opened()).work(handlers, options)
      },
      size: async () => (await opened()).size(),
      backlog: async () => (await opened()).backlog(),
      empty: async () => (await opened()).empty(),
      close: async () => (await opened()).close(),
    },
    closeIfOpen: async () => {
      // one that could not be opened was told to whoever asked for it, and has nothing to close
      const queue = await opening?.catch(() => undefined)
      await queue?.close()
    },
  }
}
