/** Starts what the tests need once: the embedded PostgreSQL with a migrated template database, and Redis. */
import { existsSync, statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openDatabase, withClient } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { sha256Hex } from '../../src/hash.ts'
import { createLog } from '../../src/log.ts'
import { migrateQueue } from '../../src/queue/queue.ts'
import { install, isHere } from './debian.ts'
import { startRedis } from './redis.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the maintenance database. */
    postgresUrl: string
    /** The migrated database that tests clone. Names carry this run's pid, so that two runs can share the server. */
    template: string
    /** undefined: there is none, and its tests are skipped. */
    redisUrl: string | undefined
  }
}

const memory = '/dev/shm'
const memoryWanted = 2 ** 30
const template = `test_${process.pid}_template`

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startEmbeddedPostgres({
    dataDir: serverFolder(),
    // nothing here survives a power cut, and nothing needs to
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '300',
    },
  })
  const postgresUrl = await postgres.url('postgres')
  await dropDatabases(postgresUrl, (pid) => !isRunning(pid))
  await makeTemplate(await postgres.url(template))
  const redis = await findRedis()
  project.provide('postgresUrl', postgresUrl)
  project.provide('template', template)
  project.provide('redisUrl', redis?.url)
  return async () => {
    await redis?.stop()
    await dropDatabases(postgresUrl, (pid) => pid === process.pid)
    await postgres.release()
  }
}

/**
 * In memory where Linux has room for it: ext4 gives no inode again within seconds of its deletion and looks long for
 * another, and every test that ends deletes a database of 300 files.
 */
function serverFolder(): string {
  const onDisk = resolve('.pregonero/tests/postgres')
  if (!existsSync(memory)) return onDisk
  const { bavail, bsize } = statfsSync(memory)
  // one for each copy of the project on this machine
  return bavail * bsize > memoryWanted
    ? join(memory, `pregonero-tests-${sha256Hex(onDisk).slice(0, 12)}`)
    : onDisk
}

async function makeTemplate(url: string): Promise<void> {
  const db = await openDatabase(url, createLog({ level: 'error' }))
  await migrate(db, 'test')
  await db.destroy()
  await migrateQueue(url)
}

/** Those of runs that were killed, and at the end our own. */
async function dropDatabases(postgresUrl: string, isOf: (pid: number) => boolean): Promise<void> {
  await withClient(postgresUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'",
    )
    for (const { datname } of rows) {
      if (isOf(Number(datname.split('_')[1])))
        await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`)
    }
  })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** REDIS_URL, else a redis-server on PATH, else Debian's package when we are root; else its tests are skipped. */
async function findRedis(): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: async () => {} }
  if (!isHere('redis-server')) install(['redis-server'])
  if (isHere('redis-server')) return startRedis()
  const message =
    'Redis is not here (no REDIS_URL, no redis-server on PATH): its tests are skipped.'
  if (process.env.CI) throw new Error(`${message} With CI set that is a failure`)
  process.stderr.write(`\n${message}\n\n`)
  return undefined
}
