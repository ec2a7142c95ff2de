/** A PostgreSQL of the suite's own, which it may stop and crash. Each backend's tests have theirs. */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../../src/db/database.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { sha256Hex } from '../../src/hash.ts'

export interface PostgresServer {
  url(database: string): Promise<string>
  /** A copy of `template` under a new name. */
  clone(template: string, name: string): Promise<string>
  /** Every connection is broken and every transaction in progress undone, then it ends in order. */
  stop(): Promise<void>
  /** It ends at once, as a crash does, and repairs itself when it is started. */
  crash(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

// what it confirms outlives the crash of a process; a power cut is not among the faults
const settings = { fsync: 'off', max_connections: '300' }

export async function startPostgresServer(name: string): Promise<PostgresServer> {
  const dataDir = folderOf(name)
  const start = () => startEmbeddedPostgres({ dataDir, settings })
  let server: EmbeddedPostgres = await start()
  const url = (database: string) => server.url(database)
  return {
    url,
    async clone(template, name) {
      await withClient(await url('postgres'), async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
        await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY = FILE_COPY`)
      })
      return url(name)
    },
    stop: () => server.release(),
    async crash() {
      const pid = await postmaster(dataDir)
      process.kill(pid, 'SIGQUIT')
      while (isRunning(pid)) await sleep(10)
      await server.release()
    },
    async start() {
      server = await start()
    },
    async remove() {
      await server.release()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** In memory where Linux has it; a run that was killed leaves it to the next. */
function folderOf(name: string): string {
  const onDisk = resolve('.pregonero/faults', name)
  return existsSync('/dev/shm')
    ? join('/dev/shm', `pregonero-faults-${sha256Hex(onDisk).slice(0, 12)}`)
    : onDisk
}

async function postmaster(dataDir: string): Promise<number> {
  const file = join(dataDir, 'cluster', 'data', 'postmaster.pid')
  return Number((await readFile(file, 'utf8')).split('\n')[0])
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
