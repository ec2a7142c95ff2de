/** Pruning as its operator types it. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { boletin, editionNow, fridayAt15, testApp } from '../support/app.ts'
import { desk } from '../support/desk.ts'
import { testRelay } from '../support/relay.ts'

test('a dry run tells, a run removes and tells what it keeps, and a second one has nothing to do', async () => {
  const relay = await testRelay()
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  await sendBatch(app.engine, id, 1)
  // the command's clock is the machine's
  const date = '2020-03-06T21:00:00Z'
  await sql`UPDATE edition SET first_accepted_at = ${date}, released_at = ${date}, closed_at = ${date}
    WHERE id = ${id}`.execute(app.db)
  const totals = await totalsOf(app.db, id)
  const { pregonero } = await desk({ DATABASE_URL: app.databaseUrl })
  const by = ['--as', 'luis']

  const open = await pregonero('prune', ...by)
  expect(open).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Se depuraron 0 ediciones'),
  })
  expect(open.stdout).toContain('su trimestre no se ha cerrado')
  await sql`INSERT INTO sealed_report (quarter, version, sha256, body, user_id, at)
    VALUES ('2020-Q1', 1, repeat('0', 64), '{}', ${app.luis.id}, now())`.execute(app.db)

  const dry = await pregonero('prune', '--dry-run', ...by)
  expect(dry.code).toBe(0)
  expect(dry.stdout).toMatch(/Boletín Electoral.*2020 15:00.*│ 3 +│ 3 /)
  expect(dry.stdout).toContain('Nada se quitó')
  expect((await editionNow(app, id)).prunedAt).toBeNull()
  const young = await pregonero('prune', '--dry-run', '--older-than', '1000', ...by)
  expect(young.stdout).toContain('Nada que depurar')
  expect(await pregonero('prune', '--older-than', '11', ...by)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('al menos 12 meses'),
  })
  expect(await pregonero('prune', '--as', 'ana')).toMatchObject({ code: 4 })

  const done = await pregonero('prune', '--json', ...by)
  expect(JSON.parse(done.stdout)).toEqual({
    editions: [id],
    deliveries: 3,
    attempts: 3,
    kept: [],
  })
  expect(done.stderr).toContain(`edición ${id}: 3 entregas quitadas`)
  expect(await totalsOf(app.db, id)).toEqual(totals)
  const list = await pregonero('deliveries', '--edition', String(id))
  expect(list.stdout).toContain('Su detalle se depuró')
  const show = await pregonero('edition', 'show', String(id))
  expect(show.stdout).toContain('Detalle depurado')
  const again = await pregonero('prune', ...by)
  expect(again.stdout).toContain('Se depuraron 0 ediciones')
}, 180_000)
