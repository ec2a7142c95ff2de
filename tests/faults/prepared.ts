/** A database with an edition that is ready for its hour: the dispatches of the suite are copies of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { openApp, validateAll, type App } from '../../src/app.ts'
import { addList } from '../../src/audience/lists.ts'
import { frozenClock } from '../../src/clock.ts'
import type { Db } from '../../src/db/database.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { createLog } from '../../src/log.ts'
import { addUser } from '../../src/people/users.ts'
import { migrateQueue } from '../../src/queue/queue.ts'
import { mondayMorning } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import type { PostgresServer } from './postgres-server.ts'

export interface Prepared {
  database: string
  recipients: number
}

/** `persona00001@faults.example` …; the edition leaves on Friday at 15:00. Nothing has stamped the database yet. */
export async function prepare(server: PostgresServer, recipients: number): Promise<Prepared> {
  const database = `prepared_${recipients}`
  const url = await server.clone('template0', database)
  const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-faults-'))
  const env = { PREGONERO_ENV: 'test', DATABASE_URL: url, DATA_DIR: dataDir, HTTP_PORT: '0' }
  const app = await openApp(validateAll(env), {
    clock: frozenClock(mondayMorning),
    log: createLog({ level: 'silent' }),
    migrate: true,
  })
  try {
    await migrateQueue(url)
    await addEdition(app, recipients)
  } finally {
    await app.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { database, recipients }
}

async function addEdition({ engine, db }: App, recipients: number): Promise<void> {
  const ana = {
    login: 'ana',
    name: 'Ana',
    email: 'ana@example.org',
    roles: ['capturista' as const],
  }
  const user = await addUser(db, ana, mondayMorning)
  for (const slug of ['consejerias', 'comunidad-iecm']) {
    await addList(db, { slug, name: slug, kind: 'internal' }, mondayMorning)
  }
  await addContacts(db, recipients)
  await plan(engine)
  const content = await addContent(engine, user, { text: boletinYaml(), place: 'boletin.yaml' })
  await markReady(engine, user, content.id)
  await sql`ANALYZE`.execute(db)
}

/** In bulk, and not through the import: thousands of people for every run. */
async function addContacts(db: Db, count: number): Promise<void> {
  await sql`
    INSERT INTO contact (address, name, created_at)
    SELECT 'persona' || lpad(n::text, 5, '0') || '@faults.example', 'Persona ' || n, ${mondayMorning}
    FROM generate_series(1, ${count}::int) AS n`.execute(db)
  await sql`
    INSERT INTO list_member (list_id, contact_id, origin, since)
    SELECT list.id, contact.id, 'faults', ${mondayMorning} FROM contact, list
    WHERE slug = 'comunidad-iecm'`.execute(db)
}
