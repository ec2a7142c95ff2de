/**
 * `npm run bench -- dispatch`: what our dispatch costs, ledger included, beside Postfix's own client, bare nodemailer and
 * the usual ways, into Postfix's smtp-sink. All in one run and in turns, medians of the rounds: trust the ratios.
 *
 *   --quick          fewer messages, under two minutes
 *   --json FILE      the same figures for a program
 *   --only TEXT      the ways whose name has it
 *   --bytes N        messages of one size (14000 and 58000)
 *   --messages N     of our dispatch and of bare nodemailer
 *   --rounds N       3
 *   --queue NAME     redis (when redis-server is there) or postgres
 *   --profile DIR    CPU profiles of our workers, and the statements that cost PostgreSQL most
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { migrateQueue } from '../src/queue/queue.ts'
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts'
import { startRedis } from '../tests/support/redis.ts'
import { median } from './dispatch/figures.ts'
import { openHouse } from './dispatch/house.ts'
import { requirePrograms, startSink } from './dispatch/programs.ts'
import {
  ourDispatch,
  otherSender,
  smtpSource,
  type Measured,
  type Surroundings,
} from './dispatch/ways.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string', default: '' },
    bytes: { type: 'string', multiple: true, default: ['14000', '58000'] },
    messages: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    queue: { type: 'string', default: hasRedis() ? 'redis' : 'postgres' },
    profile: { type: 'string' },
  },
})
const sizes = values.bytes.map(Number)
const counts = {
  fast: Number(values.messages ?? (values.quick ? 5_000 : 100_000)),
  slow: values.quick ? 600 : 2_000,
}

interface Result {
  way: string
  bytes: number
  perSecond: number
  clientCpuUs: number
  postgresCpuUs?: number
  peakMb: number
  releaseSeconds?: number
  firstMessageSeconds?: number
}

requirePrograms()
const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-bench-'))
const close: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })]
try {
  const surroundings = await open()
  const results: Result[] = []
  for (const bytes of sizes) {
    const rounds = await measure(surroundings, bytes)
    const summed = [...rounds].map(([way, all]) => resultOf(way, bytes, all))
    print(summed)
    results.push(...summed)
  }
  if (values.profile) await printStatements(surroundings)
  if (values.json) await writeFile(values.json, JSON.stringify(report(results), null, 2) + '\n')
} finally {
  for (const one of close.toReversed()) await one()
}

async function open(): Promise<Surroundings> {
  const sink = await startSink()
  close.push(() => sink.stop())
  const server = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    settings: {
      max_wal_size: '4GB',
      ...(values.profile && { shared_preload_libraries: 'pg_stat_statements' }),
    },
  })
  close.push(() => server.release())
  const databaseUrl = await server.url('bench')
  const redis = values.queue === 'redis' ? await startRedis() : undefined
  if (redis) close.push(() => redis.stop())
  await migrateQueue(databaseUrl)
  const env = {
    PREGONERO_ENV: 'test',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    SENDER_ADMIN_RELAY_URL: `smtp://127.0.0.1:${sink.port}?tls=none`,
    SENDER_ADMIN_RATE_PER_SECOND: '10000',
    SENDER_ADMIN_CONNECTIONS: '40',
    MAIL_ALLOWLIST: '@example.org',
    DISPATCH_CONCURRENCY: '10',
    QUEUE_PREFIX: 'bench',
    ...(redis && { REDIS_URL: redis.url }),
  }
  const house = await openHouse(env)
  close.push(() => house.close())
  await house.setRecipients(counts.fast)
  if (values.profile)
    await sql`CREATE EXTENSION IF NOT EXISTS pg_stat_statements`.execute(house.app.db)
  const pidFile = await readFile(join(dataDir, 'postgres/cluster/data/postmaster.pid'), 'utf8')
  return {
    sinkPort: sink.port,
    postgresPid: Number.parseInt(pidFile, 10),
    queueUrl: redis?.url ?? databaseUrl,
    env,
    house,
    profileFolder: values.profile,
  }
}

/** Rounds of every way in turn, so that what else the machine does falls on all. */
async function measure(around: Surroundings, bytes: number): Promise<Map<string, Measured[]>> {
  const { message, mail } = await around.house.sample(bytes)
  const given = { mailFile: join(dataDir, 'mail.json'), messageFile: join(dataDir, 'message.eml') }
  await writeFile(given.mailFile, JSON.stringify(mail))
  await writeFile(given.messageFile, message)
  const { fast, slow } = counts
  const ways: Record<string, () => Promise<Measured>> = {
    'smtp-source (C)': () => smtpSource(around, { bytes, count: fast }),
    'bare nodemailer': () => otherSender(around, 'bare', { ...given, count: fast }),
    'ours, 1 worker': () => ourDispatch(around, { bytes, workers: 1 }),
    'ours, 2 workers': () => ourDispatch(around, { bytes, workers: 2 }),
    'nodemailer pool': () => otherSender(around, 'pool', { ...given, count: slow }),
    'a job each': () => otherSender(around, 'jobs', { ...given, count: slow }),
  }
  const measured = new Map<string, Measured[]>()
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, work] of Object.entries(ways)) {
      if (!name.includes(values.only)) continue
      process.stderr.write(`round ${round + 1}: ${name}, ${bytes} bytes\n`)
      measured.set(name, [...(measured.get(name) ?? []), await work()])
    }
  }
  return measured
}

function resultOf(way: string, bytes: number, rounds: Measured[]): Result {
  const of = (pick: (one: Measured) => number) => median(rounds.map(pick))
  const ledger = rounds[0]!.ledger && {
    postgresCpuUs: of((one) => (one.ledger!.postgresCpuMs * 1_000) / one.messages),
    releaseSeconds: of((one) => one.ledger!.releaseSeconds),
    firstMessageSeconds: of((one) => one.ledger!.firstMessageSeconds),
  }
  return {
    way,
    bytes,
    perSecond: of((one) => one.messages / one.seconds),
    clientCpuUs: of((one) => (one.clientCpuMs * 1_000) / one.messages),
    peakMb: of((one) => one.peakMb),
    ...ledger,
  }
}

function print(results: Result[]): void {
  const [{ bytes } = { bytes: 0 }] = results
  const bare = results.find(({ way }) => way === 'bare nodemailer')
  say(`\n${bytes} bytes a message`)
  say(row('', ['msg/s', '× bare', 'CPU µs', 'PG CPU µs', 'peak MB', 'release s', 'first s']))
  for (const one of results) {
    say(
      row(one.way, [
        one.perSecond.toFixed(0),
        bare ? (one.perSecond / bare.perSecond).toFixed(2) : '',
        one.clientCpuUs.toFixed(0),
        one.postgresCpuUs?.toFixed(0) ?? '',
        one.peakMb > 0 ? one.peakMb.toFixed(0) : '',
        one.releaseSeconds?.toFixed(2) ?? '',
        one.firstMessageSeconds?.toFixed(2) ?? '',
      ]),
    )
  }
}

function row(name: string, cells: string[]): string {
  return name.padEnd(18) + cells.map((cell) => cell.padStart(11)).join('')
}

async function printStatements({ house }: Surroundings): Promise<void> {
  const { rows } = await sql<{ ms: number; calls: number; rows: number; query: string }>`
    SELECT total_exec_time AS ms, calls, rows, query FROM pg_stat_statements
    ORDER BY total_exec_time DESC LIMIT 20`.execute(house.app.db)
  say('\n        ms     calls      rows  statement')
  for (const { ms, calls, rows: touched, query } of rows) {
    const cells = [ms.toFixed(0), String(calls), String(touched)].map((cell) => cell.padStart(10))
    say(`${cells.join('')}  ${query.replaceAll(/\s+/g, ' ').slice(0, 110)}`)
  }
}

function report(results: Result[]): object {
  const [cpu] = cpus()
  return {
    at: new Date().toISOString(),
    machine: `${cpus().length} × ${cpu?.model.trim()}`,
    node: process.version,
    queue: values.queue,
    messages: counts,
    rounds: Number(values.rounds),
    results,
  }
}

function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
