/**
 * The home of a database: where the first process that planned or sent found it. A copy that was restored, cloned,
 * recovered to an earlier moment or started for another address differs from it in some part, and neither plans nor
 * sends until a person adopts it: an old copy must never mail the country again.
 */
import { sql } from 'kysely'
import { Problem } from '../errors.ts'
import type { Db } from './database.ts'

/** Each part is changed by another way of copying a database; migration 0006 says by which. */
export const homeParts = ['system', 'timeline', 'database', 'table', 'host'] as const
export type HomePart = (typeof homeParts)[number]
export type Home = Record<HomePart, string>

export interface Difference {
  part: HomePart
  was: string
  is: string
}

const partNames: Record<HomePart, string> = {
  system: 'the system identifier of its server',
  timeline: "the server's timeline",
  database: 'its oid',
  table: 'the oid of its table instance',
  host: 'the host of PUBLIC_URL',
}

/** Before the first plan or message of a process. Throws a Problem that names every difference. */
export async function assertAdopted(db: Db, publicUrl: string): Promise<void> {
  const here = await homeOf(db, publicUrl)
  // of two processes that start at once on a new database, the second waits here and is compared with the first
  await db
    .updateTable('instance')
    .set({ ...columnsOf(here), adoptedAt: sql<Date>`now()` })
    .where('adoptedAt', 'is', null)
    .execute()
  const differences = await differencesFrom(db, here)
  if (differences.length === 0) return
  const list = differences.map(({ part, was, is }) => `${partNames[part]} was ${was} and is ${is}`)
  throw new Problem('config', {
    place: 'database',
    message: `was restored, cloned or moved since it was adopted: ${list.join('; ')}`,
    remedy:
      'It neither plans nor sends. If this copy alone is to mail from now on, `pregonero adopt --as USER` shows ' +
      'what would leave; if not, correct DATABASE_URL or PUBLIC_URL',
  })
}

/** What differs between here and where it was adopted; nothing when it never was. */
export async function homeDifferences(db: Db, publicUrl: string): Promise<Difference[]> {
  return differencesFrom(db, await homeOf(db, publicUrl))
}

/** Makes this place its home, under a new instance id: no Message-ID of this copy is one of the original's. */
export async function adopt(
  tx: Db,
  publicUrl: string,
): Promise<{ differences: Difference[]; previousId: string; id: string }> {
  const here = await homeOf(tx, publicUrl)
  const { id: previousId } = await tx
    .selectFrom('instance')
    .select('id')
    .forUpdate()
    .executeTakeFirstOrThrow()
  const differences = await differencesFrom(tx, here)
  const { id } = await tx
    .updateTable('instance')
    .set({
      ...columnsOf(here),
      id: sql<string>`gen_random_uuid()`,
      adoptedAt: sql<Date>`now()`,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { differences, previousId, id }
}

/**
 * Needs no privilege and PostgreSQL 15 or newer. The timeline is that of the WAL being written: the one in
 * pg_control_checkpoint() stays the old one until the first checkpoint after a promotion.
 */
async function homeOf(db: Db, publicUrl: string): Promise<Home> {
  const { rows } = await sql<Omit<Home, 'host'>>`
    SELECT (pg_control_system()).system_identifier::text AS system,
      left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline,
      (SELECT oid FROM pg_database WHERE datname = current_database())::text AS database,
      'instance'::regclass::oid::text AS "table"`.execute(db)
  return { ...rows[0]!, host: new URL(publicUrl).host }
}

async function differencesFrom(db: Db, here: Home): Promise<Difference[]> {
  const row = await db.selectFrom('instance').selectAll().executeTakeFirstOrThrow()
  if (row.adoptedAt === null) return []
  const home: Record<HomePart, string | null> = {
    system: row.homeSystem,
    timeline: row.homeTimeline,
    database: row.homeDatabase,
    table: row.homeTable,
    host: row.homeHost,
  }
  return homeParts.flatMap((part) => {
    const was = home[part] ?? 'nothing'
    return was === here[part] ? [] : [{ part, was, is: here[part] }]
  })
}

const columnsOf = (home: Home) => ({
  homeSystem: home.system,
  homeTimeline: home.timeline,
  homeDatabase: home.database,
  homeTable: home.table,
  homeHost: home.host,
})
