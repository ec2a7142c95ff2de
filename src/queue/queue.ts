/**
 * The to-do list: BullMQ, on Redis when its URL is given, else on the ledger's own PostgreSQL. The only importer of
 * BullMQ and ioredis. Losing all that is in it loses nothing: the planner rebuilds it from the ledger.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPostgresBackend,
  Queue as BullQueue,
  runMigrations,
  Worker as BullWorker,
  type Job as BullJob,
  type JobsOptions,
  type Processor,
  withBackend,
} from 'bullmq'
import { Redis } from 'ioredis'
import { withClient } from '../db/database.ts'
import { Problem, messageOf } from '../errors.ts'
import { maskSecret } from '../config.ts'
import type { Log } from '../log.ts'
import { senderSlugs, type SenderSlug } from '../settings.ts'

/** Every job there is. Running one twice is harmless: it looks at the ledger first. */
export type Job =
  | { name: 'plan' }
  | { name: 'release'; editionId: number; at: Date }
  | { name: 'send-batch'; sender: SenderSlug; editionId: number; batch: number }

export interface Handlers {
  plan(): Promise<void>
  release(editionId: number): Promise<void>
  sendBatch(editionId: number, batch: number): Promise<void>
}

export interface Queue {
  backend(): Promise<'redis' | 'postgres'>
  /** Adds jobs that are not there yet; `now` is the calendar time that delays are counted from. */
  enqueue(jobs: Job[], now: Date): Promise<void>
  /** The one scheduler: a `plan` job every minute. Safe to call again and again, in every process. */
  schedulePlanner(everyMs?: number): Promise<void>
  work(handlers: Handlers, options: { dispatchConcurrency: number }): Promise<Workers>
  /** Jobs not finished, for health and tests. */
  size(): Promise<number>
  /** What waits and since when, in real time. */
  backlog(): Promise<Backlog[]>
  /** Removes everything, as a lost Redis would. */
  empty(): Promise<void>
  close(): Promise<void>
}

export interface Backlog {
  queue: string
  waiting: number
  active: number
  delayed: number
  /** How long the first that waits has been due; undefined: none waits. */
  oldestMs: number | undefined
}

export interface Workers {
  /** Takes no more jobs and waits for those in hand. */
  close(): Promise<void>
}

export interface QueueOptions {
  redisUrl: string | undefined
  databaseUrl: string
  log: Log
  /** Serialises what must not run twice at once, over all processes. */
  exclusively: (work: () => Promise<void>) => Promise<void>
  /** Keeps installations that share a Redis apart. */
  prefix: string
}

const plannerQueue = 'planner'
/** One for each sender: what waits for the limits of one keeps no other waiting. */
const dispatchQueue = (sender: SenderSlug) => `dispatch-${sender}`
const schema = 'bullmq'

// nothing is kept: the ledger is the record, and a kept job would block the same id
const jobOptions: JobsOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 }

// all workers must agree; short, because claims are fenced by their own lease and a job may run twice
const workerOptions = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 100 }

/** For `pregonero migrate`: BullMQ's own tables, when it runs on PostgreSQL. */
export async function migrateQueue(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await runMigrations(client, schema)
  })
}

export async function openQueue(options: QueueOptions): Promise<Queue> {
  const backend =
    options.redisUrl === undefined ? postgresBackend(options) : await redisBackend(options)
  const planner = backend.queue(plannerQueue)
  const dispatch = senderSlugs.map(
    (sender) => [sender, backend.queue(dispatchQueue(sender))] as const,
  )
  const queues = [planner, ...dispatch.map(([, queue]) => queue)]
  let closing = false
  // pools let go of their connections a moment after they say that they are closed
  const onError = (name: string) => (error: Error) => {
    if (!closing) options.log.warn({ err: error, queue: name }, 'queue connection')
  }
  for (const queue of queues) queue.on('error', onError(queue.name))
  // even a disconnection waits for a server that is away: nobody waits for it
  const letGo = (one: BullQueue | BullWorker) => {
    one.disconnect().catch((error: unknown) => options.log.warn({ err: error }, 'queue let go'))
  }

  return {
    backend: async () => backend.name,
    async enqueue(jobs, now) {
      const add = async (queue: BullQueue, some: Job[]) => {
        if (some.length > 0) await queue.addBulk(some.map((job) => bullJob(job, now)))
      }
      await add(
        planner,
        jobs.filter((job) => job.name !== 'send-batch'),
      )
      for (const [sender, queue] of dispatch)
        await add(
          queue,
          jobs.filter((job) => job.name === 'send-batch' && job.sender === sender),
        )
    },
    async schedulePlanner(everyMs = 60_000) {
      await options.exclusively(async () => {
        // an unconditional upsert deletes a tick that is overdue; one that is long overdue was lost with its job
        const scheduler = await planner.getJobScheduler('planner')
        const isAlive = scheduler?.next !== undefined && scheduler.next > Date.now() - 3 * everyMs
        if (isAlive && scheduler.every === everyMs) return
        await planner.upsertJobScheduler(
          'planner',
          { every: everyMs },
          { name: 'plan', data: {}, opts: jobOptions },
        )
      })
    },
    async work(handlers, { dispatchConcurrency }) {
      let inHand = 0
      const counted =
        <Data>(run: (job: BullJob<Data>) => Promise<void>) =>
        async (job: BullJob<Data>) => {
          inHand++
          try {
            await run(job)
          } finally {
            inHand--
          }
        }
      const workers = [
        backend.worker(plannerQueue, counted(runPlannerJob(handlers)), 2),
        ...senderSlugs.map((sender) =>
          backend.worker(
            dispatchQueue(sender),
            counted(runDispatchJob(handlers)),
            dispatchConcurrency,
          ),
        ),
      ]
      for (const worker of workers) {
        worker.on('error', onError(worker.name))
        worker.on('failed', (job, error) =>
          options.log.error(
            { err: error, job: job?.name, edition: job?.data.editionId, data: job?.data },
            'job failed; the planner adds it again',
          ),
        )
      }
      await Promise.all(workers.map((worker) => worker.waitUntilReady()))
      return {
        async close() {
          const closed = Promise.all(workers.map((worker) => worker.close()))
          const isDone = await settledUnlessAway(closed, () => inHand === 0)
          if (!isDone) for (const worker of workers) letGo(worker)
        },
      }
    },
    async size() {
      const counts = await Promise.all(
        queues.map((queue) =>
          queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized'),
        ),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    },
    backlog: () => Promise.all(queues.map((queue) => backlogOf(queue, backend.name))),
    async empty() {
      for (const queue of queues) await queue.obliterate({ force: true })
    },
    async close() {
      closing = true
      const closed = Promise.all(queues.map((queue) => queue.close()))
      if (!(await settledUnlessAway(closed))) for (const queue of queues) letGo(queue)
      await backend.close()
    },
  }
}

async function backlogOf(queue: BullQueue, backend: Backend['name']): Promise<Backlog> {
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed')
  // BullMQ 6.7 on PostgreSQL counts positions from the newest, whichever order is asked for
  const first = backend === 'redis' ? 0 : Math.max(0, (counts.waiting ?? 0) - 1)
  const [oldest] = await queue.getJobs(['waiting'], first, first, true)
  // a job that was delayed is due from the end of its delay
  const due = oldest && oldest.timestamp + (oldest.opts.delay ?? 0)
  return {
    queue: queue.name,
    waiting: counts.waiting ?? 0,
    active: counts.active ?? 0,
    delayed: counts.delayed ?? 0,
    oldestMs: due === undefined ? undefined : Math.max(0, Date.now() - due),
  }
}

const awayMs = 5_000

/**
 * BullMQ closes only with its server's answer, and waits for it for ever. Waits as long as there is work in hand, and
 * then a little; false: the server is away.
 */
async function settledUnlessAway(closed: Promise<unknown>, isIdle = () => true): Promise<boolean> {
  const state = { isSettled: false }
  void closed.then(
    () => (state.isSettled = true),
    () => (state.isSettled = true),
  )
  for (let idleMs = 0; idleMs < awayMs; idleMs = isIdle() ? idleMs + 50 : 0) {
    if (state.isSettled) return true
    await sleep(50)
  }
  return false
}

function bullJob(job: Job, now: Date): { name: string; data: object; opts: JobsOptions } {
  switch (job.name) {
    case 'plan':
      // under no id of its own: one that runs already may have looked before what it is asked for happened
      return { name: 'plan', data: {}, opts: jobOptions }
    case 'release': {
      const { editionId, at } = job
      const delay = Math.max(0, at.getTime() - now.getTime())
      return {
        name: 'release',
        data: { editionId },
        opts: { ...jobOptions, jobId: `release-${editionId}`, delay },
      }
    }
    case 'send-batch': {
      const { editionId, batch } = job
      return {
        name: 'send-batch',
        data: { editionId, batch },
        opts: { ...jobOptions, jobId: `send-${editionId}-${batch}` },
      }
    }
  }
}

const runPlannerJob = (handlers: Handlers) => async (job: BullJob<{ editionId: number }>) => {
  if (job.name === 'plan') await handlers.plan()
  else await handlers.release(job.data.editionId)
}

const runDispatchJob =
  (handlers: Handlers) => async (job: BullJob<{ editionId: number; batch: number }>) => {
    await handlers.sendBatch(job.data.editionId, job.data.batch)
  }

interface Backend {
  name: 'redis' | 'postgres'
  queue(name: string): BullQueue
  worker<Data>(
    name: string,
    run: Processor<Data, void>,
    concurrency: number,
  ): BullWorker<Data, void>
  close(): Promise<void>
}

function postgresBackend({ databaseUrl }: QueueOptions): Backend {
  const connection = (max: number) => ({ connectionString: databaseUrl, schema, max })
  // BullMQ types a queue by its backend; the difference ends here
  const { Queue, Worker } = withBackend(createPostgresBackend) as unknown as {
    Queue: new (name: string, options: object) => BullQueue
    Worker: new <Data>(
      name: string,
      run: Processor<Data, void>,
      options: object,
    ) => BullWorker<Data, void>
  }
  return {
    name: 'postgres',
    queue: (name) => new Queue(name, { connection: connection(2) }),
    worker: (name, run, concurrency) =>
      new Worker(name, run, {
        ...workerOptions,
        connection: connection(concurrency + 2),
        concurrency,
      }),
    close: async () => {},
  }
}

async function redisBackend({ redisUrl, prefix }: QueueOptions): Promise<Backend> {
  // a worker waits for Redis to come back (null); a command line must not hang: it connects once, or says so
  const options = { maxRetriesPerRequest: null, lazyConnect: true }
  const shared = new Redis(redisUrl!, options)
  try {
    await connectOnce(shared)
  } catch (error) {
    shared.disconnect()
    throw new Problem(
      'unavailable',
      {
        place: 'REDIS_URL',
        message: `Redis does not answer: ${messageOf(error)}`,
        value: maskSecret(redisUrl!),
        remedy:
          'Start Redis or correct the address; without REDIS_URL the queue runs on PostgreSQL (not in production)',
      },
      { cause: error },
    )
  }
  const base = { connection: shared, prefix }
  return {
    name: 'redis',
    queue: (name) => new BullQueue(name, base),
    worker: (name, run, concurrency) =>
      new BullWorker(name, run, { ...workerOptions, ...base, concurrency }),
    close: async () => {
      // without a connection a QUIT would wait for one
      if (shared.status === 'ready') await shared.quit().catch(() => shared.disconnect())
      else shared.disconnect()
    },
  }
}

async function connectOnce(redis: Redis): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    redis.once('error', reject)
    redis.connect().then(() => {
      redis.removeListener('error', reject)
      resolve()
    }, reject)
  })
}
