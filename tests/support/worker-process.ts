/**
 * A worker as a process of its own, for tests that kill it: planner and dispatch on the database and relay of its
 * environment, with a clock that starts at CLOCK and a short lease. Says `ready` on stdout.
 */
import { handlersOf, openApp, validateAll } from '../../src/app.ts'
import { movableClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'

const { CLOCK, LEASE_MS, QUEUE_PREFIX, CONCURRENCY = '2', ...env } = process.env
const app = await openApp(validateAll(env), {
  clock: movableClock(new Date(CLOCK!)),
  lease: { leaseMs: Number(LEASE_MS), renewEveryMs: Number(LEASE_MS) / 4 },
  log: createLog({ level: 'warn', name: 'test-worker' }),
  ...(QUEUE_PREFIX !== undefined && { queuePrefix: QUEUE_PREFIX }),
})
const workers = await app.engine.queue.work(handlersOf(app.engine), {
  dispatchConcurrency: Number(CONCURRENCY),
})
process.once('SIGTERM', () => {
  void (async () => {
    app.drain()
    await workers.close()
    await app.close()
    process.exit(0)
  })()
})
process.stdout.write('ready\n')
