/** The ways to send that are compared, each measured from its first move to its last answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findEdition } from '../../src/editions/editions.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { cpuMsOf, cpuMsOfFamily, peakMbOf } from './figures.ts'
import { releaseHour, type House } from './house.ts'
import { run, sourcePath, startChild, type Child } from './programs.ts'

export interface Measured {
  messages: number
  seconds: number
  clientCpuMs: number
  peakMb: number
  /** Of ours alone. */
  ledger?: { postgresCpuMs: number; releaseSeconds: number; firstMessageSeconds: number }
}

export interface Surroundings {
  sinkPort: number
  postgresPid: number
  /** Of the queue. */
  queueUrl: string
  /** The environment of our workers. */
  env: Record<string, string>
  house: House
  /** Where profiles of the workers go. */
  profileFolder: string | undefined
}

const script = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Postfix's own client, in C: what the sink can take. */
export async function smtpSource(
  { sinkPort }: Surroundings,
  { bytes, count }: { bytes: number; count: number },
): Promise<Measured> {
  const [before, start] = [await cpuMsOf(process.pid, { reaped: true }), performance.now()]
  const mine = await cpuMsOf(process.pid)
  const args = ['-d', '-s', '10', '-m', String(count), '-l', String(bytes)]
  const ends = ['-f', 'bench@example.org', '-t', 'persona@example.org', `127.0.0.1:${sinkPort}`]
  await run(sourcePath, [...args, ...ends])
  const seconds = (performance.now() - start) / 1_000
  const own = (await cpuMsOf(process.pid)) - mine
  const clientCpuMs = (await cpuMsOf(process.pid, { reaped: true })) - before - own
  return { messages: count, seconds, clientCpuMs, peakMb: 0 }
}

/** bench/dispatch/sender.ts. */
export async function otherSender(
  { sinkPort, queueUrl }: Surroundings,
  way: 'bare' | 'pool' | 'jobs',
  given: { count: number; mailFile: string; messageFile: string },
): Promise<Measured> {
  const child = await startChild(script('sender.ts'), {
    WAY: way,
    PORT: String(sinkPort),
    COUNT: String(given.count),
    MAIL: given.mailFile,
    READY_MESSAGE: given.messageFile,
    QUEUE_URL: queueUrl,
  })
  try {
    const [before, start] = [await cpuMsOf(child.pid), performance.now()]
    child.go()
    await child.done
    const seconds = (performance.now() - start) / 1_000
    const clientCpuMs = (await cpuMsOf(child.pid)) - before
    return { messages: given.count, seconds, clientCpuMs, peakMb: await peakMbOf(child.pid) }
  } finally {
    await child.stop()
  }
}

/** Ours, from the release in the queue to the edition that is closed. */
export async function ourDispatch(
  surroundings: Surroundings,
  { bytes, workers }: { bytes: number; workers: number },
): Promise<Measured> {
  const { house, postgresPid, env, profileFolder } = surroundings
  const { db, engine } = house.app
  const editionId = await house.edition(bytes)
  const since = Date.now()
  const children = await Promise.all(
    Array.from({ length: workers }, () => startWorker(env, since, profileFolder)),
  )
  const pids = children.map(({ pid }) => pid)
  const clientCpu = () => sumOf(pids, (pid) => cpuMsOf(pid))
  try {
    const [before, postgresBefore] = [await clientCpu(), await cpuMsOfFamily(postgresPid)]
    const [start, startedAt] = [performance.now(), Date.now()]
    await engine.queue.enqueue([{ name: 'release', editionId, at: releaseHour }], releaseHour)
    const secondsNow = () => (performance.now() - start) / 1_000
    let releaseSeconds: number | undefined
    let edition = await findEdition(db, editionId)
    for (; edition.state !== 'sent'; edition = await findEdition(db, editionId)) {
      if (edition.state === 'sending') releaseSeconds ??= secondsNow()
      if (edition.state === 'held' || edition.state === 'paused')
        throw new Error(edition.stateReason!)
      await sleep(25)
    }
    const seconds = secondsNow()
    const clientCpuMs = (await clientCpu()) - before
    const postgresCpuMs = (await cpuMsOfFamily(postgresPid)) - postgresBefore
    const peakMb = Math.max(...(await Promise.all(pids.map(peakMbOf))))
    const { accepted: messages } = await totalsOf(db, editionId)
    // the clock of the workers was at the hour of the release when they were started
    const firstMessageSeconds =
      (edition.firstAcceptedAt!.getTime() - releaseHour.getTime() - (startedAt - since)) / 1_000
    const ledger = {
      postgresCpuMs,
      releaseSeconds: releaseSeconds ?? seconds,
      firstMessageSeconds,
    }
    return { messages, seconds, clientCpuMs, peakMb, ledger }
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
}

function startWorker(
  env: Record<string, string>,
  since: number,
  profileFolder: string | undefined,
): Promise<Child> {
  return startChild(
    script('../../tests/support/worker-process.ts'),
    {
      ...env,
      CLOCK: releaseHour.toISOString(),
      CLOCK_SINCE: String(since),
      LEASE_MS: '30000',
      CONCURRENCY: '10',
    },
    [
      // as the Dockerfile starts it
      '--max-semi-space-size=16',
      ...(profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]),
    ],
  )
}

async function sumOf(pids: number[], of: (pid: number) => Promise<number>): Promise<number> {
  const values = await Promise.all(pids.map(of))
  return values.reduce((sum, value) => sum + value, 0)
}
