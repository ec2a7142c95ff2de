import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { environments } from '../../src/settings.ts'
import type { Db } from '../../src/db/database.ts'
import { schemaTypes } from '../../src/db/schema-types.ts'
import { roles } from '../../src/people/users.ts'
import { deliveryStates, editionStates, type Outcome, type Phase } from '../../src/states.ts'
import { boletin, testApp } from '../support/app.ts'
import { testDatabase } from '../support/database.ts'

test('src/db/schema.ts is what the migrations make: `npm run schema` writes it', async () => {
  const file = readFileSync(new URL('../../src/db/schema.ts', import.meta.url), 'utf8')
  expect(file).toBe(await schemaTypes(await testDatabase()))
})

// as records, so that a word added to a type is missed here
const outcomes: Record<Outcome, true> = {
  accepted: true,
  deferred: true,
  rejected: true,
  failed: true,
  unknown: true,
}
const phases: Record<Phase, true> = {
  connect: true,
  envelope: true,
  body: true,
  dot: true,
  lost: true,
}

test.each<[table: string, column: string, words: readonly string[]]>([
  ['edition', 'state', editionStates],
  ['delivery', 'state', deliveryStates],
  ['attempt', 'outcome', Object.keys(outcomes)],
  ['attempt', 'phase', Object.keys(phases)],
  ['instance', 'environment', environments],
  ['staff_user', 'roles', roles],
])('%s.%s takes exactly the words of the program', async (table, column, words) => {
  const db = await testDatabase()
  expect((await wordsOfCheck(db, table, column)).toSorted()).toEqual([...words].toSorted())
})

/** The literals of the CHECK of one column. */
async function wordsOfCheck(db: Db, table: string, column: string): Promise<string[]> {
  const { rows } = await sql<{ definition: string }>`
    SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE conname = ${`${table}_${column}_check`} AND conrelid = ${table}::regclass AND contype = 'c'`.execute(
    db,
  )
  return [...rows[0]!.definition.matchAll(/'([^']+)'::text/g)].map((match) => match[1]!)
}

test('rows of the audit log, the attempts, the content and the archive are never changed', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  await app.db
    .insertInto('attempt')
    .values({
      deliveryId: 1,
      editionId: id,
      at: app.clock.now(),
      outcome: 'unknown',
      phase: 'lost',
      relay: 'relay:25',
      messageId: '<1@iecm.mx>',
      workerId: app.engine.instanceId,
    })
    .execute()
  for (const [table, change, ...removals] of [
    ['audit_log', "UPDATE audit_log SET act = 'x'", 'DELETE FROM audit_log', 'TRUNCATE audit_log'],
    [
      'attempt',
      "UPDATE attempt SET outcome = 'accepted'",
      'DELETE FROM attempt',
      'TRUNCATE attempt',
    ],
    ['content', "UPDATE content SET body = '{}'"],
    ['rendering', "UPDATE rendering SET html = ''"],
  ] as const) {
    const rows = async () => (await sql`SELECT * FROM ${sql.table(table)}`.execute(app.db)).rows
    const before = await rows()
    expect(before).not.toEqual([])
    for (const statement of [change, ...removals]) {
      const attempt = sql.raw(statement).execute(app.db)
      await expect(attempt, statement).rejects.toThrow(`${table} is append-only`)
    }
    expect(await rows()).toEqual(before)
  }
})
