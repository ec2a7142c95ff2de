/**
 * A worker as a process of its own, for tests that kill it: planner and dispatch on the database and relay of its
 * environment, with a clock that starts at CLOCK and a short lease. Says `ready` on stdout. SIGUSR2 sets its clock back
 * by CLOCK_STEP_MS.
 */
import { handlersOf, openApp, validateAll } from '../../src/app.ts'
import { movableClock, type Clock } from '../../src/clock.ts'
import { connectSmtp } from '../../src/dispatch/smtp.ts'
import { createLog } from '../../src/log.ts'

const {
  CLOCK,
  /** Real time (ms since 1970) at which it was CLOCK, the same for all workers; and how many times faster it goes. */
  CLOCK_SINCE,
  CLOCK_SPEED = '1',
  CLOCK_STEP_MS = '0',
  LEASE_MS,
  QUEUE_PREFIX,
  CONCURRENCY = '2',
  /** Given: it plans by itself, as `pregonero work` does every minute. */
  PLAN_EVERY_MS,
  /** Given: what the relay may take to answer, and how long it is left alone when it did not. */
  RELAY_PATIENCE_MS,
  ...env
} = process.env

let setBackMs = 0
process.on('SIGUSR2', () => (setBackMs += Number(CLOCK_STEP_MS)))

function clockOfTest(): Clock {
  const start = new Date(CLOCK!)
  if (CLOCK_SINCE === undefined) return movableClock(start)
  const elapsedMs = () => (Date.now() - Number(CLOCK_SINCE)) * Number(CLOCK_SPEED)
  return { now: () => new Date(start.getTime() + elapsedMs() - setBackMs) }
}

function impatience(patienceMs: number) {
  const timeouts = { connectionMs: patienceMs, greetingMs: patienceMs, silenceMs: patienceMs }
  return {
    relayDownMs: patienceMs,
    connect: (...[relay, name]: Parameters<typeof connectSmtp>) =>
      connectSmtp(relay, name, timeouts),
  }
}

const app = await openApp(validateAll(env), {
  clock: clockOfTest(),
  lease: { leaseMs: Number(LEASE_MS), renewEveryMs: Number(LEASE_MS) / 4 },
  log: createLog({ level: 'warn', name: 'test-worker' }),
  ...(QUEUE_PREFIX !== undefined && { queuePrefix: QUEUE_PREFIX }),
  ...(RELAY_PATIENCE_MS !== undefined && impatience(Number(RELAY_PATIENCE_MS))),
})
const { queue, log } = app.engine
const workers = await queue.work(handlersOf(app.engine), {
  dispatchConcurrency: Number(CONCURRENCY),
})
const planning = PLAN_EVERY_MS === undefined ? undefined : keepPlanning(Number(PLAN_EVERY_MS))
process.once('SIGTERM', () => {
  void (async () => {
    clearInterval(planning)
    app.drain()
    await workers.close()
    await app.close()
    process.exit(0)
  })()
})
process.stdout.write('ready\n')

// a test run that is killed leaves nobody behind
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, 1_000).unref()

/** As src/cli/system.ts: a queue that was emptied has lost the scheduler too. */
function keepPlanning(everyMs: number): NodeJS.Timeout {
  let scheduling: Promise<void> | undefined
  const schedule = () => {
    scheduling ??= queue
      .schedulePlanner(everyMs)
      .catch((error: unknown) => log.warn({ err: error }, 'planner not scheduled'))
      .finally(() => (scheduling = undefined))
  }
  schedule()
  return setInterval(schedule, 2 * everyMs)
}
