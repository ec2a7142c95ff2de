/** A database of its own for each test that asks, cloned from the migrated template. */
import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { openDatabase, withClient, type Db } from '../../src/db/database.ts'
import { createLog } from '../../src/log.ts'

export const quietLog = createLog({ level: 'silent' })

/** Its URL; it is dropped when the test ends. `from`: a database to clone, `template0` for an empty one. */
export async function testDatabaseUrl(from = inject('template')): Promise<string> {
  const name = `${inject('template').replace('template', '')}${randomUUID().replaceAll('-', '')}`
  const postgresUrl = inject('postgresUrl')
  await withClient(postgresUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${from} STRATEGY = FILE_COPY`),
  )
  onTestFinished(async () => {
    await withClient(postgresUrl, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    )
  })
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  return url.href
}

export async function testDatabase(): Promise<Db> {
  const url = await testDatabaseUrl()
  const db = await openDatabase(url, quietLog, { connections: 8 })
  onTestFinished(() => db.destroy())
  return db
}
