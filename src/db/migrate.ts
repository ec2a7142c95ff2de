/**
 * Numbered SQL migrations, applied in order under an advisory lock, each in its own transaction. A database that
 * is newer than this code, was changed behind our back, or belongs to another environment is refused.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Environment } from '../config.ts'
import { Problem } from '../errors.ts'
import { inTransaction, type Db } from './database.ts'

interface Migration {
  number: number
  name: string
  text: string
  sha256: string
}

const folder = new URL('./migrations/', import.meta.url)
// one key for the whole cluster's advisory locks of this kind: the letters PREG
const migrationLock = 0x50524547

/** Brings the schema up to date and stamps the environment. Returns the names applied now. */
export async function migrate(db: Db, environment: Environment): Promise<string[]> {
  const migrations = readMigrations()
  return db.connection().execute(async (connection) => {
    await sql`SELECT pg_advisory_lock(${migrationLock})`.execute(connection)
    try {
      await sql`CREATE TABLE IF NOT EXISTS schema_migration (
        number int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now())`.execute(connection)
      const applied = await appliedMigrations(connection)
      refuseUnknownMigrations(applied, migrations)
      // before anything is written to a database that may not be ours
      if (applied.size > 0) await assertNotOfAnother(connection, environment)
      const pending = migrations.filter((migration) => !applied.has(migration.number))
      for (const migration of pending) await apply(connection, migration)
      await stampEnvironment(connection, environment)
      return pending.map((migration) => migration.name)
    } finally {
      await sql`SELECT pg_advisory_unlock(${migrationLock})`.execute(connection)
    }
  })
}

/** For processes that do not migrate: throws unless the schema is exactly ours and the environment agrees. */
export async function assertDatabase(db: Db, environment: Environment): Promise<void> {
  const migrations = readMigrations()
  const { rows } = await sql<{ present: boolean }>`
    SELECT to_regclass('schema_migration') IS NOT NULL AS present`.execute(db)
  const applied = rows[0]!.present
    ? await appliedMigrations(db)
    : new Map<number, AppliedMigration>()
  refuseUnknownMigrations(applied, migrations)
  if (applied.size > 0) await assertNotOfAnother(db, environment)
  const missing = migrations.filter((migration) => !applied.has(migration.number))
  if (missing.length > 0) {
    throw new Problem('config', {
      place: 'database',
      message: `${missing.length} migrations are missing, the first is ${missing[0]!.name}`,
      remedy: 'Run `pregonero migrate`',
    })
  }
  await assertEnvironment(db, environment)
}

interface AppliedMigration {
  number: number
  name: string
  sha256: string
}

async function appliedMigrations(db: Db): Promise<Map<number, AppliedMigration>> {
  const { rows } = await sql<AppliedMigration>`
    SELECT number, name, sha256 FROM schema_migration ORDER BY number`.execute(db)
  return new Map(rows.map((row) => [row.number, row]))
}

function refuseUnknownMigrations(
  applied: Map<number, AppliedMigration>,
  migrations: Migration[],
): void {
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const row of applied.values()) {
    const ours = known.get(row.number)
    if (!ours) {
      throw new Problem('config', {
        place: 'database',
        message: 'was migrated by a newer Pregonero',
        value: row.name,
        remedy: 'Run the newer version, or restore a backup taken before it',
      })
    }
    if (ours.sha256 !== row.sha256) {
      throw new Problem('config', {
        place: `src/db/migrations/${ours.name}`,
        message: 'differs from what was applied to this database',
        remedy: 'Restore the file as it was released; change the schema in a new migration',
      })
    }
  }
}

async function apply(db: Db, migration: Migration): Promise<void> {
  await inTransaction(db, async (tx) => {
    await sql.raw(migration.text).execute(tx)
    await sql`INSERT INTO schema_migration (number, name, sha256)
      VALUES (${migration.number}, ${migration.name}, ${migration.sha256})`.execute(tx)
  })
}

/** A database takes the environment of the first process that migrates it, for good. */
async function stampEnvironment(db: Db, environment: Environment): Promise<void> {
  await db
    .insertInto('instance')
    .values({ environment })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await assertEnvironment(db, environment)
}

/** A database without a stamp was left between its first migration and its stamp: it goes on from there. */
async function assertNotOfAnother(db: Db, environment: Environment): Promise<void> {
  const stamp = await db.selectFrom('instance').select('environment').executeTakeFirst()
  if (stamp) await assertEnvironment(db, environment)
}

async function assertEnvironment(db: Db, environment: Environment): Promise<void> {
  const stamp = await db.selectFrom('instance').select('environment').executeTakeFirst()
  if (stamp?.environment !== environment) {
    throw new Problem('config', {
      place: 'database',
      message: `is stamped ${stamp?.environment ?? 'nothing'}, and PREGONERO_ENV is ${environment}`,
      remedy:
        'Correct DATABASE_URL or PREGONERO_ENV: a process never works on a database of another environment',
    })
  }
}

function readMigrations(): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((name, index) => {
    const number = Number(name.slice(0, 4))
    if (number !== index + 1)
      throw new Error(`Migration ${name} is out of sequence: expected number ${index + 1}`)
    const text = readFileSync(new URL(name, folder), 'utf8')
    return { number, name, text, sha256: createHash('sha256').update(text).digest('hex') }
  })
}
