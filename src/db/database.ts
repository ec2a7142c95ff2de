/** The connection pool and the typed query builder. The only owner of `pg` besides src/embedded. */
import { CamelCasePlugin, Kysely, PostgresDialect, sql, type IsolationLevel } from 'kysely'
import { Client, Pool, types } from 'pg'
import { Problem, messageOf } from '../errors.ts'
import { maskSecret } from '../config.ts'
import type { Log } from '../log.ts'
import type { DB } from './schema.ts'

/** A pool or a transaction: a function that takes one neither knows nor cares. */
export type Db = Kysely<DB>

const typeParsers = new Map<number, (text: string) => unknown>([
  // ids and counts stay far below 2^53: numbers, not strings
  [types.builtins.INT8, Number],
  // a date has no hour and no zone: as it is written, 2026-12-25
  [types.builtins.DATE, String],
  // date[] and bigint[]: nothing in them is quoted
  [1182, (text) => itemsOf(text)],
  [1016, (text) => itemsOf(text).map(Number)],
])

const itemsOf = (text: string): string[] => text.slice(1, -1).split(',').filter(Boolean)

/** Opens the pool and checks that the server answers. Throws a Problem of kind `unavailable` when it does not. */
export async function openDatabase(
  url: string,
  log: Log,
  options: { connections?: number } = {},
): Promise<Db> {
  const pool = new Pool({
    Client: PreparingClient,
    connectionString: url,
    max: options.connections ?? 20,
    application_name: 'pregonero',
    connectionTimeoutMillis: 10_000,
    // a process that freezes inside a transaction must not hold the others for ever
    idle_in_transaction_session_timeout: 60_000,
    types: {
      getTypeParser: (oid, format) => typeParsers.get(oid) ?? types.getTypeParser(oid, format),
    },
  })
  // a connection that the server closes, idle or between the statements of a transaction, must not end the process:
  // whoever uses it hears of it from its next statement, and the pool opens another
  const onLost = (error: Error) => {
    // a pool that ends lets go of its connections a moment after it says so
    if (!pool.ending) log.warn({ err: error }, 'database connection lost')
  }
  pool.on('error', onLost)
  pool.on('connect', (client) => client.on('error', onLost))
  const db: Db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  try {
    await sql`SELECT 1`.execute(db)
  } catch (error) {
    await db.destroy()
    throw unreachable(url, error)
  }
  return db
}

const preparedMark = '/* prepared */'

/** Begins a statement that is made all the time: a connection parses and plans it once. */
export const prepared = sql.raw(preparedMark)

class PreparingClient extends Client {
  // pg declares eight of them
  override query(...args: unknown[]): never {
    const [text, values] = args
    const query = super.query.bind(this) as (...given: unknown[]) => never
    return typeof text === 'string' && text.startsWith(preparedMark)
      ? query({ name: nameOf(text), text, values })
      : query(...args)
  }
}

const names = new Map<string, string>()

function nameOf(text: string): string {
  const name = names.get(text) ?? `prepared ${names.size + 1}`
  names.set(text, name)
  return name
}

export function unreachable(url: string, error: unknown): Problem {
  return new Problem(
    'unavailable',
    {
      place: 'DATABASE_URL',
      message: `the database does not answer: ${messageOf(error)}`,
      value: maskSecret(url),
      remedy:
        'Start PostgreSQL or correct the address; without DATABASE_URL the embedded one is used',
    },
    { cause: error },
  )
}

/**
 * Runs `work` in one transaction, on the one given when it is already one. An abort by the server for
 * serialisation or deadlock is tried again from the start, so `work` must do nothing outside the database.
 */
export async function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T>
export async function inTransaction<T>(
  db: Db,
  isolation: IsolationLevel,
  work: (tx: Db) => Promise<T>,
): Promise<T>
export async function inTransaction<T>(
  db: Db,
  ...args: [(tx: Db) => Promise<T>] | [IsolationLevel, (tx: Db) => Promise<T>]
): Promise<T> {
  const [isolation, work] = args.length === 1 ? (['read committed', args[0]] as const) : args
  if (db.isTransaction) return work(db)
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().setIsolationLevel(isolation).execute(work)
    } catch (error) {
      const code = (error as { code?: string }).code
      if (attempt >= 3 || (code !== '40001' && code !== '40P01')) throw error
    }
  }
}

/** True when `error` is a violation of the named constraint. */
export function violates(error: unknown, constraint: string): boolean {
  const { code, constraint: name } = error as { code?: string; constraint?: string }
  return (code === '23505' || code === '23514') && name === constraint
}

/** One plain session, for a library that brings its own statements. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // its next statement fails with it
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')
      throw unreachable(url, error)
    throw error
  } finally {
    await client.end()
  }
}

/** Runs `work` while no other process runs work of the same key. */
export async function exclusively(db: Db, key: string, work: () => Promise<void>): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`SELECT pg_advisory_lock(hashtextextended(${key}, 0))`.execute(connection)
    try {
      await work()
    } finally {
      await sql`SELECT pg_advisory_unlock(hashtextextended(${key}, 0))`.execute(connection)
    }
  })
}
