/** One contract, held on both backends. */
import { randomUUID } from 'node:crypto'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { exclusively, openDatabase } from '../../src/db/database.ts'
import { openQueue, type Handlers, type Queue } from '../../src/queue/queue.ts'
import { eventually } from '../support/app.ts'
import { quietLog, testDatabaseUrl } from '../support/database.ts'

async function testQueue(
  backend: 'postgres' | 'redis',
  shared?: { databaseUrl: string; prefix: string },
) {
  const databaseUrl = shared?.databaseUrl ?? (await testDatabaseUrl())
  const prefix = shared?.prefix ?? `test-${randomUUID()}`
  const db = await openDatabase(databaseUrl, quietLog, { connections: 2 })
  const queue = await openQueue({
    redisUrl: backend === 'redis' ? inject('redisUrl') : undefined,
    databaseUrl,
    log: quietLog,
    prefix,
    exclusively: (work) => exclusively(db, 'queue scheduler', work),
  })
  onTestFinished(async () => {
    await queue.close()
    await db.destroy()
  })
  return { queue, databaseUrl, prefix }
}

function recorder() {
  const seen: string[] = []
  const handlers: Handlers = {
    plan: async () => void seen.push('plan'),
    release: async (editionId) => void seen.push(`release ${editionId}`),
    sendBatch: async (editionId, batch) => void seen.push(`send ${editionId}/${batch}`),
  }
  return { seen, handlers }
}

async function work(queue: Queue, handlers: Handlers) {
  const workers = await queue.work(handlers, { dispatchConcurrency: 3 })
  onTestFinished(() => workers.close())
  return workers
}

const now = new Date('2026-11-27T21:00:00Z')

for (const backend of ['postgres', 'redis'] as const) {
  describe.runIf(backend === 'postgres' || inject('redisUrl') !== undefined)(
    `the queue on ${backend}`,
    () => {
      test('runs each job once, whatever number of times it was added while it waited', async () => {
        const { queue } = await testQueue(backend)
        const { seen, handlers } = recorder()
        const jobs = [1, 2, 3].map((batch) => ({
          name: 'send-batch' as const,
          sender: 'admin' as const,
          editionId: 7,
          batch,
        }))
        await queue.enqueue(jobs, now)
        await queue.enqueue(jobs, now)
        await queue.enqueue([{ name: 'release', editionId: 7, at: now }], now)
        await work(queue, handlers)
        await eventually(
          () => queue.size(),
          (size) => size === 0,
        )
        expect(seen.toSorted()).toEqual(['release 7', 'send 7/1', 'send 7/2', 'send 7/3'])
      })

      test('takes a job again after it was done or failed: a finished one never blocks its id', async () => {
        const { queue } = await testQueue(backend)
        let runs = 0
        const handlers = {
          ...recorder().handlers,
          sendBatch: async () => {
            runs++
            throw new Error('the relay is down')
          },
        }
        await work(queue, handlers)
        for (let expected = 1; expected <= 3; expected++) {
          await queue.enqueue(
            [{ name: 'send-batch', sender: 'admin', editionId: 1, batch: 1 }],
            now,
          )
          await eventually(
            async () => runs,
            (count) => count === expected,
          )
          await eventually(
            () => queue.size(),
            (size) => size === 0,
          )
        }
      })

      test('a release waits for its hour, counted on the clock that it was given', async () => {
        const { queue } = await testQueue(backend)
        const { seen, handlers } = recorder()
        await work(queue, handlers)
        const startedMs = performance.now()
        await queue.enqueue(
          [{ name: 'release', editionId: 1, at: new Date(now.getTime() + 1_200) }],
          now,
        )
        await eventually(
          async () => seen,
          (jobs) => jobs.includes('release 1'),
        )
        expect(performance.now() - startedMs).toBeGreaterThanOrEqual(1_190)
      })

      test('schedules one planner, however many processes ask for it', async () => {
        const { queue, ...shared } = await testQueue(backend)
        const others = await Promise.all([1, 2, 3].map(() => testQueue(backend, shared)))
        const { seen, handlers } = recorder()
        await Promise.all(
          [queue, ...others.map((other) => other.queue)].map((one) => one.schedulePlanner(1_000)),
        )
        await work(queue, handlers)
        await eventually(
          async () => seen.length,
          (count) => count >= 2,
        )
        await queue.schedulePlanner(1_000)
        const before = seen.length
        await new Promise((resolve) => setTimeout(resolve, 3_000))
        // one a second, and none lost to the asking
        expect(seen.length - before).toBeGreaterThanOrEqual(2)
        expect(seen.length - before).toBeLessThanOrEqual(4)
      })

      test('an emptied queue is scheduled again by the next asking', async () => {
        const { queue } = await testQueue(backend)
        const { seen, handlers } = recorder()
        await queue.schedulePlanner(1_000)
        await queue.empty()
        await queue.schedulePlanner(1_000)
        await work(queue, handlers)
        await eventually(
          async () => seen.length,
          (count) => count >= 1,
        )
      })

      test('closing its workers waits for the job in hand', async () => {
        const { queue } = await testQueue(backend)
        let state = 'waiting'
        const workers = await work(queue, {
          ...recorder().handlers,
          sendBatch: async () => {
            state = 'begun'
            await new Promise((resolve) => setTimeout(resolve, 400))
            state = 'done'
          },
        })
        await queue.enqueue([{ name: 'send-batch', sender: 'admin', editionId: 1, batch: 1 }], now)
        await eventually(
          async () => state,
          (value) => value === 'begun',
        )
        await workers.close()
        expect(state).toBe('done')
      })
    },
  )
}
