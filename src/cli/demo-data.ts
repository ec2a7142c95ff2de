/** What the demo and simulations begin from, and how an earlier demo is forgotten. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../app.ts'
import { withClient } from '../db/database.ts'
import { startEmbeddedPostgres } from '../embedded/postgres.ts'
import { loadSampleData } from '../flow/sample-data.ts'
import { addUser, requireUser, type User } from '../people/users.ts'

/** Once: a second time it finds them. `contacts`: how many of each list, all when not given. */
export async function prepareSampleData(
  { db, engine }: App,
  options: { contacts?: number } = {},
): Promise<{ author: User; approver: User; newContacts: number }> {
  const existing = await db.selectFrom('staffUser').select('id').executeTakeFirst()
  if (existing) {
    return {
      author: await requireUser(db, 'ana'),
      approver: await requireUser(db, 'luis'),
      newContacts: 0,
    }
  }
  const at = engine.clock.now()
  const author = await addUser(
    db,
    { login: 'ana', name: 'Ana Ejemplo', email: 'ana@example.org', roles: ['capturista'] },
    at,
  )
  const approver = await addUser(
    db,
    {
      login: 'luis',
      name: 'Luis Ejemplo',
      email: 'luis@example.org',
      roles: ['aprobacion', 'operacion'],
    },
    at,
  )
  return { author, approver, newContacts: await loadSampleData(engine, author, options) }
}

/** Forgets an earlier demo: its database, its outbox, its previews. */
export async function forgetDemo(dataDir: string): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') })
  try {
    await withClient(await server.url('postgres'), (client) =>
      client.query('DROP DATABASE IF EXISTS pregonero_demo WITH (FORCE)'),
    )
    for (const folder of ['outbox', 'previews']) {
      await rm(join(dataDir, folder), { recursive: true, force: true })
    }
  } finally {
    await server.release()
  }
}
