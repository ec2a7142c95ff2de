import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Db } from '../../src/db/database.ts'
import {
  adopt,
  assertAdopted,
  homeDifferences,
  homeParts,
  type HomePart,
} from '../../src/db/restore-guard.ts'
import { release } from '../../src/flow/release.ts'
import { boletin, fridayAt15, mexicoCity, testApp } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import { quietLog, testDatabase, testDatabaseUrl } from '../support/database.ts'
import { compileCache } from '../support/process.ts'

const program = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))
const here = 'https://pregonero.iecm.mx'
const inService = /in service/

interface Answer {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the real program in a folder of its own; one that stays in service is told to stop. */
async function pregonero(
  databaseUrl: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-guard-'))
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: {
      ...compileCache,
      PREGONERO_ENV: 'test',
      DATABASE_URL: databaseUrl,
      DATA_DIR: folder,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    const stopped = inService.test(stderr)
    stderr += chunk.toString()
    if (!stopped && inService.test(stderr)) child.kill('SIGTERM')
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

async function open(url: string): Promise<Db> {
  const db = await openDatabase(url, quietLog, { connections: 4 })
  onTestFinished(() => db.destroy())
  return db
}

const nameOf = (url: string) => new URL(url).pathname.slice(1)
const instanceOf = (db: Db) => db.selectFrom('instance').selectAll().executeTakeFirstOrThrow()

async function oidOf(db: Db): Promise<string> {
  const { rows } = await sql<{ oid: string }>`
    SELECT oid::text FROM pg_database WHERE datname = current_database()`.execute(db)
  return rows[0]!.oid
}

/** Every row of every table, those of the queue included. */
async function contentsOf(db: Db): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ table: string }>`
    SELECT format('%I.%I', schemaname, tablename) AS "table" FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`.execute(db)
  const contents: Record<string, unknown> = {}
  for (const { table } of rows) {
    const found = await sql`SELECT to_jsonb(t) AS row FROM ${sql.raw(table)} t`.execute(db)
    contents[table] = found.rows
  }
  return contents
}

/**
 * A database in use, stamped, and its clone: CREATE DATABASE … TEMPLATE, as good as a dump restored. One edition is
 * on its way (three addresses left) and the next is ready.
 */
async function databaseAndClone(): Promise<{ original: string; clone: string; db: Db }> {
  const app = await testApp()
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  app.clock.moveTo(mexicoCity('2026-11-30T09:00'))
  await boletin(app, { yaml: boletinYaml({ del: '2026-11-30', al: '2026-12-04' }) })
  await app.engine.queue.schedulePlanner()
  expect((await instanceOf(app.db)).adoptedAt).not.toBeNull()
  await app.close()
  const clone = await testDatabaseUrl(nameOf(app.databaseUrl))
  return { original: app.databaseUrl, clone, db: await open(clone) }
}

test('a new database is at home where it first plans or sends; reading it decides nothing', async () => {
  const url = await testDatabaseUrl()
  const db = await open(url)
  expect((await pregonero(url, ['edition', 'list'])).code).toBe(0)
  expect(await instanceOf(db)).toMatchObject({ homeDatabase: null, adoptedAt: null })
  const first = await pregonero(url, ['work'])
  expect(first, first.stderr).toMatchObject({ code: 0 })
  const home = await instanceOf(db)
  expect(home).toMatchObject({ homeDatabase: await oidOf(db), homeHost: 'localhost:3000' })
  const second = await pregonero(url, ['work'])
  expect(second, second.stderr).toMatchObject({ code: 0 })
  expect(await instanceOf(db)).toEqual(home)
})

test('a clone neither plans nor sends: `work` ends with 7, names what differs and writes nothing', async () => {
  const { original, clone, db } = await databaseAndClone()
  const before = await contentsOf(db)
  for (const command of ['work', 'start']) {
    const answer = await pregonero(clone, [command], { HTTP_PORT: '0' })
    expect(answer, answer.stderr).toMatchObject({ code: 7, stdout: '' })
    const [was, is] = [await oidOf(await open(original)), await oidOf(db)]
    expect(answer.stderr).toContain(`its oid was ${was} and is ${is}.`)
    expect(answer.stderr).toContain('pregonero adopt --as USER')
    expect(answer.stderr).not.toMatch(/identifier|timeline|PUBLIC_URL was|in service/)
  }
  expect(await contentsOf(db)).toEqual(before)
  const untouched = await pregonero(original, ['work'])
  expect(untouched, untouched.stderr).toMatchObject({ code: 0 })
})

test('a clone can be read, and `serve` and `adopt` without --confirm change nothing in it', async () => {
  const { clone, db } = await databaseAndClone()
  const before = await contentsOf(db)
  expect((await pregonero(clone, ['edition', 'list'])).stdout).toContain('Boletín Electoral')
  expect((await pregonero(clone, ['report', '2026-Q4'])).code).toBe(0)
  const served = await pregonero(clone, ['serve'], { HTTP_PORT: '0' })
  expect(served, served.stderr).toMatchObject({ code: 0 })

  const { code, stdout, stderr } = await pregonero(clone, ['adopt', '--as', 'luis'])
  expect(code, stderr).toBe(4)
  expect(stdout).toContain(`Base de datos (oid)`)
  expect(stdout).toContain(await oidOf(db))
  expect(stdout).toMatch(/Boletín Electoral 2026-W48.*en curso.*sigue: 3 direcciones por enviar/)
  expect(stdout).toMatch(/Boletín Electoral 2026-W49.*lista/)
  expect(stderr).toContain('adopt: no se cambió nada')
  expect(stderr).toContain('--confirm')
  expect(await contentsOf(db)).toEqual(before)
})

test('a clone that is adopted mails under another instance id, and the audit log says who adopted what', async () => {
  const { original, clone, db } = await databaseAndClone()
  const before = await instanceOf(db)
  const answer = await pregonero(clone, ['adopt', '--as', 'luis', '--confirm'])
  expect(answer, answer.stderr).toMatchObject({ code: 0 })
  const after = await instanceOf(db)
  expect(after.id).not.toBe(before.id)
  expect(after).toMatchObject({ environment: 'test', homeDatabase: await oidOf(db) })
  expect(answer.stdout).toContain(after.id)
  const entry = await db
    .selectFrom('auditLog')
    .innerJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['login', 'detail'])
    .where('act', '=', 'instance.adopt')
    .execute()
  const was = await oidOf(await open(original))
  expect(entry).toEqual([
    {
      login: 'luis',
      detail: {
        differences: [{ part: 'database', was, is: await oidOf(db) }],
        previousId: before.id,
        id: after.id,
      },
    },
  ])
  const worker = await pregonero(clone, ['work'])
  expect(worker, worker.stderr).toMatchObject({ code: 0 })
})

test('only a person who operates may adopt', async () => {
  const { clone, db } = await databaseAndClone()
  const before = await contentsOf(db)
  const answer = await pregonero(clone, ['adopt', '--as', 'ana', '--confirm'])
  expect(answer).toMatchObject({ code: 4, stdout: '' })
  expect(answer.stderr).toContain('operacion')
  expect(await contentsOf(db)).toEqual(before)
})

test('the same database under another PUBLIC_URL is refused; another path or scheme is no other place', async () => {
  const url = await testDatabaseUrl()
  expect((await pregonero(url, ['work'], { PUBLIC_URL: here })).code).toBe(0)
  const moved = await pregonero(url, ['work'], { PUBLIC_URL: 'https://pruebas.iecm.mx' })
  expect(moved.code).toBe(7)
  expect(moved.stderr).toContain(
    'the host of PUBLIC_URL was pregonero.iecm.mx and is pruebas.iecm.mx.',
  )
  const samePlace = await pregonero(url, ['work'], {
    PUBLIC_URL: 'http://pregonero.iecm.mx/correo',
  })
  expect(samePlace, samePlace.stderr).toMatchObject({ code: 0 })
})

test('tables restored over those of the same database are noticed', async () => {
  const db = await testDatabase()
  await assertAdopted(db, here)
  // what pg_restore --clean does
  await sql`ALTER TABLE instance RENAME TO dropped`.execute(db)
  await sql`CREATE TABLE instance (LIKE dropped INCLUDING ALL)`.execute(db)
  await sql`INSERT INTO instance SELECT * FROM dropped`.execute(db)
  const differences = await homeDifferences(db, here)
  expect(differences.map(({ part }) => part)).toEqual(['table'])
  await expect(assertAdopted(db, here)).rejects.toMatchObject({ kind: 'config' })
})

test('any one part that differs is enough to refuse and is named, until it is adopted', async () => {
  const db = await testDatabase()
  await assertAdopted(db, here)
  const names: Record<HomePart, string> = {
    system: 'the system identifier of its server',
    timeline: "the server's timeline",
    database: 'its oid',
    table: 'the oid of its table instance',
    host: 'the host of PUBLIC_URL',
  }
  for (const part of homeParts) {
    const before = await instanceOf(db)
    await sql`UPDATE instance SET ${sql.ref(`home_${part}`)} = 'elsewhere'`.execute(db)
    const refusal = new RegExp(`adopted: ${names[part]} was elsewhere and is [^;]+\\. It neither`)
    await expect(assertAdopted(db, here)).rejects.toThrow(refusal)
    await db.transaction().execute((tx) => adopt(tx, here))
    await assertAdopted(db, here)
    const after = await instanceOf(db)
    expect(after).toEqual({ ...before, id: after.id, adoptedAt: after.adoptedAt })
    expect(after.id).not.toBe(before.id)
  }
})

test('a database where everything differs is refused with one message that names it all', async () => {
  const db = await testDatabase()
  await assertAdopted(db, here)
  await sql`UPDATE instance SET home_system = '1', home_timeline = '2', home_database = '3',
    home_table = '4', home_host = '5'`.execute(db)
  const differences = await homeDifferences(db, here)
  expect(differences.map(({ part }) => part)).toEqual(homeParts)
  const refusal = await assertAdopted(db, here).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ faults: [{ place: 'database' }] })
  for (const { was, is } of differences)
    expect(String(refusal)).toContain(`was ${was} and is ${is}`)
})

test('of two first processes at once with different addresses, one is at home and the other is refused', async () => {
  const db = await testDatabase()
  const tries = ['https://a.iecm.mx', 'https://b.iecm.mx'].map((url) => assertAdopted(db, url))
  const results = await Promise.allSettled(tries)
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('an ordinary role of the database needs no privilege for it', async () => {
  const db = await testDatabase()
  // it is in every cluster, and what it may do has nothing to do with this
  const role = sql.ref('pg_signal_backend')
  await sql`GRANT SELECT, UPDATE ON instance TO ${role}`.execute(db)
  await db.connection().execute(async (connection) => {
    await sql`SET ROLE ${role}`.execute(connection)
    await assertAdopted(connection, here)
    expect(await homeDifferences(connection, here)).toEqual([])
    await sql`RESET ROLE`.execute(connection)
  })
})
