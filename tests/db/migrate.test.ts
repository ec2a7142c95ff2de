import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { assertDatabase, migrate } from '../../src/db/migrate.ts'
import { quietLog, testDatabase, testDatabaseUrl } from '../support/database.ts'

const folder = new URL('../../src/db/migrations/', import.meta.url)
const names = readdirSync(folder).toSorted()

async function open(url: string): Promise<Db> {
  const db = await openDatabase(url, quietLog)
  onTestFinished(() => db.destroy())
  return db
}

const emptyDatabase = async (): Promise<Db> => open(await testDatabaseUrl('template0'))

/** As an earlier Pregonero left it: the first migration alone, and a stamp. */
async function oldDatabase(environment: string): Promise<Db> {
  const db = await emptyDatabase()
  const text = readFileSync(new URL(names[0]!, folder), 'utf8')
  const sha256 = createHash('sha256').update(text).digest('hex')
  await sql`CREATE TABLE schema_migration (number int PRIMARY KEY, name text NOT NULL,
    sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`.execute(db)
  await sql.raw(text).execute(db)
  await sql`INSERT INTO schema_migration VALUES (1, ${names[0]}, ${sha256})`.execute(db)
  await sql`INSERT INTO instance (environment) VALUES (${environment})`.execute(db)
  return db
}

/** Everything that migrating writes. */
async function contentsOf(db: Db): Promise<unknown> {
  const tables = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`.execute(
    db,
  )
  const present = (name: string) => tables.rows.some((row) => row.name === name)
  return {
    tables: tables.rows,
    applied: present('schema_migration') && (await sql`TABLE schema_migration`.execute(db)).rows,
    stamp: present('instance') && (await sql`TABLE instance`.execute(db)).rows,
  }
}

/** Both ways to start on a database refuse it, with the same words, and leave it as it was. */
async function expectRefusal(
  db: Db,
  place: string,
  message: string,
  remedy: string,
): Promise<void> {
  const before = await contentsOf(db)
  const refusal = {
    kind: 'config',
    faults: [
      { place, message: expect.stringContaining(message), remedy: expect.stringContaining(remedy) },
    ],
  }
  await expect(migrate(db, 'test')).rejects.toMatchObject(refusal)
  expect(await contentsOf(db)).toEqual(before)
  await expect(assertDatabase(db, 'test')).rejects.toMatchObject(refusal)
  expect(await contentsOf(db)).toEqual(before)
}

test('an empty database gets every migration in order and the stamp of its environment, once', async () => {
  const db = await emptyDatabase()
  expect(await migrate(db, 'test')).toEqual(names)
  const after = await contentsOf(db)
  expect(after).toMatchObject({ stamp: [{ environment: 'test' }] })
  await assertDatabase(db, 'test')
  expect(await migrate(db, 'test')).toEqual([])
  expect(await contentsOf(db)).toEqual(after)
})

test('four processes that migrate at once all succeed, and each migration is applied by one of them', async () => {
  const url = await testDatabaseUrl('template0')
  const dbs = await Promise.all([1, 2, 3, 4].map(() => open(url)))
  const applied = await Promise.all(dbs.map((db) => migrate(db, 'test')))
  expect(applied.flat()).toEqual(names)
  await assertDatabase(dbs[0]!, 'test')
})

test('an older database gets what it lacks and keeps its stamp', async () => {
  const db = await oldDatabase('test')
  const { stamp } = (await contentsOf(db)) as { stamp: unknown }
  expect(await migrate(db, 'test')).toEqual(names.slice(1))
  expect(await contentsOf(db)).toMatchObject({ stamp })
})

test('a database that was left between its first migration and its stamp goes on from there', async () => {
  const db = await oldDatabase('test')
  await sql`DELETE FROM instance`.execute(db)
  expect(await migrate(db, 'test')).toEqual(names.slice(1))
  expect(await contentsOf(db)).toMatchObject({ stamp: [{ environment: 'test' }] })
})

test('a process that does not migrate refuses a database that lacks migrations, and says which command adds them', async () => {
  for (const db of [await emptyDatabase(), await oldDatabase('test')]) {
    const before = await contentsOf(db)
    await expect(assertDatabase(db, 'test')).rejects.toMatchObject({
      kind: 'config',
      faults: [
        {
          place: 'database',
          message: expect.stringContaining('migrations are missing'),
          remedy: expect.stringContaining('pregonero migrate'),
        },
      ],
    })
    expect(await contentsOf(db)).toEqual(before)
  }
})

test.each([
  ['up to date', testDatabase],
  ['older', () => oldDatabase('test')],
])(
  'a database migrated by a newer Pregonero is refused before anything is written: %s',
  async (_age, database) => {
    const db = await database()
    await sql`INSERT INTO schema_migration VALUES (9999, '9999_future.sql', 'x')`.execute(db)
    await expectRefusal(db, 'database', 'newer Pregonero', 'Run the newer version')
  },
)

test('a migration that was altered after it was applied is named, before anything is written', async () => {
  const db = await oldDatabase('test')
  await sql`UPDATE schema_migration SET sha256 = repeat('0', 64)`.execute(db)
  await expectRefusal(db, `src/db/migrations/${names[0]}`, 'differs', 'in a new migration')
})

test.each([
  ['up to date', testDatabase],
  ['older', () => oldDatabase('production')],
])(
  'a database of another environment is refused before anything is written: %s',
  async (_age, database) => {
    const db = await database()
    await sql`UPDATE instance SET environment = 'production'`.execute(db)
    await expectRefusal(db, 'database', 'stamped production', 'PREGONERO_ENV')
  },
)
