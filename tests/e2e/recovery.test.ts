/** Real processes, killed and stopped in the middle. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { withClient } from '../../src/db/database.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf, unfinishedOf } from '../../src/states.ts'
import {
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'
import { startProcess, type TestProcess } from '../support/process.ts'
import { testRelay, type TestRelay } from '../support/relay.ts'

const script = fileURLToPath(new URL('../support/worker-process.ts', import.meta.url))
const leaseMs = 1_500

type QueueName = 'postgres' | 'redis'

async function startWorkerProcess(
  app: TestApp,
  relay: TestRelay,
  queue: QueueName,
): Promise<TestProcess> {
  const worker = startProcess(script, [], {
    PREGONERO_ENV: 'test',
    DATABASE_URL: app.databaseUrl,
    DATA_DIR: app.engine.config.dataDir,
    SENDER_ADMIN_RELAY_URL: relay.url,
    SENDER_ADMIN_RATE_PER_SECOND: '10000',
    MAIL_ALLOWLIST: '@example.org',
    CLOCK: fridayAt15.toISOString(),
    LEASE_MS: String(leaseMs),
    QUEUE_PREFIX: app.queuePrefix,
    ...(queue === 'redis' && { REDIS_URL: inject('redisUrl')! }),
  })
  await eventually(
    async () => worker.output(),
    (output) => output.includes('ready'),
  )
  return worker
}

async function releasedApp(relay: TestRelay, recipients: number, queue: QueueName) {
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({
    env,
    recipients,
    queue,
    lease: { leaseMs, renewEveryMs: leaseMs / 4 },
  })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  return { app, editionId: id }
}

async function dropConnections(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, (client) =>
    client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`),
  )
}

for (const queue of ['postgres', 'redis'] as const) {
  describe.runIf(queue === 'postgres' || inject('redisUrl') !== undefined)(
    `with the queue on ${queue}`,
    () => {
      test('a worker killed between claim and outcome leaves unknown, never a second send', async () => {
        // the relay takes the message of persona1 and never answers: its outcome is never written
        const relay = await testRelay((address) =>
          address === 'persona1@example.org' ? { kind: 'hang', at: 'dot' } : { kind: 'accept' },
        )
        const { app, editionId } = await releasedApp(relay, 5, queue)
        const worker = await startWorkerProcess(app, relay, queue)
        await release(app.engine, editionId)
        await eventually(
          async () => relay.reached('dot'),
          (reached) => reached >= 1,
        )
        worker.child.kill('SIGKILL')
        expect(await worker.exited).toBe('SIGKILL')
        expect(await totalsOf(app.db, editionId)).toMatchObject({ sending: 1 })

        relay.behave = () => ({ kind: 'accept' })
        await startWorkers(app)
        await eventually(
          async () => {
            await plan(app.engine)
            return editionNow(app, editionId)
          },
          ({ state }) => state === 'sent',
          60_000,
        )
        expect(await totalsOf(app.db, editionId)).toMatchObject({ accepted: 4, unknown: 1 })
        const [first] = await listDeliveries(app.db, { editionId, state: 'unknown', limit: 10 })
        expect(first).toMatchObject({ address: 'persona1@example.org', attempts: 1 })
        expect(relay.taken.map((message) => message.to).toSorted()).toEqual(
          [1, 2, 3, 4, 5].map((n) => `persona${n}@example.org`),
        )
      }, 90_000)

      test('killed at a random moment of a dispatch, nobody is lost and nobody is mailed twice', async () => {
        const relay = await testRelay()
        const { app, editionId } = await releasedApp(relay, 300, queue)
        const worker = await startWorkerProcess(app, relay, queue)
        await release(app.engine, editionId)
        await eventually(
          async () => relay.taken.length,
          (taken) => taken > 20 + Math.random() * 100,
        )
        worker.child.kill('SIGKILL')
        await worker.exited
        await startWorkers(app)
        await eventually(
          async () => {
            await plan(app.engine)
            return totalsOf(app.db, editionId)
          },
          (totals) => unfinishedOf(totals) === 0,
          60_000,
        )
        const totals = await totalsOf(app.db, editionId)
        expect(recipientsOf(totals)).toBe(300)
        // at most what the two connections of the killed worker had in hand
        expect(totals.unknown).toBeLessThanOrEqual(2)
        expect(totals.accepted + totals.unknown).toBe(300)
        expect(new Set(relay.taken.map((message) => message.messageId)).size).toBe(
          relay.taken.length,
        )
        expect(relay.taken.length).toBeGreaterThanOrEqual(totals.accepted)
      }, 90_000)

      test('SIGTERM in the middle of a dispatch finishes what is in hand and leaves the rest to the next worker', async () => {
        const relay = await testRelay()
        const { app, editionId } = await releasedApp(relay, 300, queue)
        const worker = await startWorkerProcess(app, relay, queue)
        await release(app.engine, editionId)
        await eventually(
          async () => relay.taken.length,
          (taken) => taken > 20,
        )
        worker.child.kill('SIGTERM')
        expect(await worker.exited, worker.output()).toBe(0)
        const totals = await totalsOf(app.db, editionId)
        expect(totals).toMatchObject({ sending: 0, unknown: 0, accepted: relay.taken.length })
        expect(totals.pending).toBeGreaterThan(0)
        await startWorkers(app)
        await plan(app.engine)
        await eventually(
          () => editionNow(app, editionId),
          ({ state }) => state === 'sent',
          60_000,
        )
        expect(await totalsOf(app.db, editionId)).toMatchObject({ accepted: 300, unknown: 0 })
        expect(new Set(relay.taken.map((message) => message.messageId)).size).toBe(300)
      }, 90_000)

      test('the queue emptied with an edition due loses nothing', async () => {
        const app = await testApp({ queue, recipients: 120 })
        const { id } = await boletin(app)
        app.clock.moveTo(new Date(fridayAt15.getTime() - 1_000))
        await plan(app.engine)
        expect(await app.engine.queue.size()).toBeGreaterThan(0)
        await app.engine.queue.empty()
        app.clock.moveTo(fridayAt15)
        await plan(app.engine)
        // and once more between the release and the first message
        await release(app.engine, id)
        await app.engine.queue.empty()
        expect(await app.engine.queue.size()).toBe(0)
        await startWorkers(app)
        await plan(app.engine)
        await eventually(
          () => editionNow(app, id),
          ({ state }) => state === 'sent',
          60_000,
        )
        expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 120 })
        expect(app.outbox?.count()).toBe(120)
      }, 90_000)

      test('a database that drops every connection in the middle of a dispatch loses nothing and doubles nothing', async () => {
        const relay = await testRelay()
        const { app, editionId } = await releasedApp(relay, 200, queue)
        await startWorkers(app)
        await release(app.engine, editionId)
        for (const moment of [20, 60, 100]) {
          await eventually(
            async () => relay.taken.length,
            (taken) => taken >= moment,
            60_000,
          )
          await dropConnections(app.databaseUrl)
          // the planner finds what the queue lost with its connections
          await eventually(
            () =>
              plan(app.engine).then(
                () => true,
                () => false,
              ),
            Boolean,
            60_000,
          )
        }
        await eventually(
          async () => {
            await plan(app.engine)
            return editionNow(app, editionId)
          },
          ({ state }) => state === 'sent',
          60_000,
        )
        const totals = await totalsOf(app.db, editionId)
        expect(totals.accepted + totals.unknown).toBe(200)
        const messageIds = new Set(relay.taken.map((message) => message.messageId))
        expect(messageIds.size).toBe(relay.taken.length)
        expect(relay.taken.length).toBeGreaterThanOrEqual(totals.accepted)
      }, 120_000)
    },
  )
}

test.runIf(inject('redisUrl') !== undefined && !process.env.REDIS_URL)(
  'a Redis that is killed in the middle of a dispatch and comes back empty loses nothing and doubles nothing',
  async () => {
    let redis = await startRedis()
    // hooks run backwards: it goes after the app that uses it
    onTestFinished(() => redis.stop())
    const relay = await testRelay()
    const app = await testApp({
      env: {
        REDIS_URL: redis.url,
        SENDER_ADMIN_RELAY_URL: relay.url,
        MAIL_ALLOWLIST: '@example.org',
      },
      recipients: 200,
    })
    const { id } = await boletin(app)
    app.clock.moveTo(fridayAt15)
    await startWorkers(app)
    await release(app.engine, id)
    await eventually(
      async () => relay.taken.length,
      (taken) => taken > 20,
    )
    await redis.kill()
    redis = await startRedis(Number(new URL(redis.url).port))
    await eventually(
      async () => {
        await plan(app.engine)
        return editionNow(app, id)
      },
      ({ state }) => state === 'sent',
      60_000,
    )
    expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 200, unknown: 0 })
    expect(new Set(relay.taken.map((message) => message.messageId)).size).toBe(200)
    expect(relay.taken).toHaveLength(200)
  },
  90_000,
)

test.runIf(inject('redisUrl') !== undefined && !process.env.REDIS_URL)(
  'a process that is told to stop while its Redis is away stops',
  async () => {
    const redis = await startRedis()
    const databaseUrl = await testDatabaseUrl()
    const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-stop-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const worker = startProcess('src/pregonero.mjs', ['work'], {
      PREGONERO_ENV: 'test',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      DATA_DIR: dataDir,
    })
    await eventually(
      async () => worker.output(),
      (output) => output.includes('in service'),
    )
    await redis.kill()
    worker.child.kill('SIGTERM')
    expect(await worker.exited, worker.output()).toBe(0)
  },
  60_000,
)
