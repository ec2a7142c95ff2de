import { expect, test } from 'vitest'
import { sql } from 'kysely'
import { boletin, fridayAt15, testApp } from '../support/app.ts'
import { release } from '../../src/flow/release.ts'
import { conversationsBetween, vitalsOf } from '../../src/ledger/vitals.ts'
import { metricRegistry } from '../../src/http/metric-registry.ts'
test('bench', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const n = 5_000_000
  const t0 = performance.now()
  await sql`INSERT INTO delivery (edition_id, batch, address, name, state, updated_at)
    SELECT ${id}, g / 100 + 1, 'p' || g || '@example.net', 'P', 'pending', ${fridayAt15} FROM generate_series(1, ${n}) g`.execute(app.db)
  console.log('insert s', (performance.now() - t0) / 1000)
  const time = async (label: string, f: () => Promise<unknown>) => {
    for (let i = 0; i < 3; i++) { const t = performance.now(); await f(); console.log(label, (performance.now() - t).toFixed(1), 'ms') }
  }
  await time('vitals, all pending', () => vitalsOf(app.db, app.clock.now(), 60_000))
  const t1 = performance.now()
  // half sent and not vacuumed: dead entries at the front of delivery_open
  await sql`UPDATE delivery SET state = 'accepted', updated_at = now() WHERE edition_id = ${id} AND batch <= ${n / 200}`.execute(app.db)
  console.log('update s', (performance.now() - t1) / 1000)
  await time('vitals, half sent, no vacuum', () => vitalsOf(app.db, app.clock.now(), 60_000))
  const w = (await sql<{id:string}>`INSERT INTO worker (id, host, pid, lease_until) VALUES (gen_random_uuid(), 'h', 1, now()) RETURNING id`.execute(app.db)).rows[0]!.id
  await sql`INSERT INTO attempt (delivery_id, edition_id, at, duration_ms, outcome, phase, smtp_code, smtp_text, relay, message_id, worker_id)
    SELECT g, ${id}, now(), (random()*300)::int, 'accepted', 'dot', 250, '250 ok', 'relay:25', 'x', ${w} FROM generate_series(1, 2000000) g`.execute(app.db)
  await time('conversations 100k of 2M', () => conversationsBetween(app.db, { after: 1_000_000, before: 2_000_000, limit: 100_000, limitMs: 60_000 }))
  const read = metricRegistry(app.engine, 0)
  await time('whole scrape', read)
  await sql`INSERT INTO attempt (delivery_id, edition_id, at, duration_ms, outcome, phase, smtp_code, smtp_text, relay, message_id, worker_id)
    SELECT g, ${id}, now(), (random()*300)::int, 'accepted', 'dot', 250, '250 ok', 'relay:25', 'x', ${w} FROM generate_series(1, 100000) g`.execute(app.db)
  await time('whole scrape, 100k new conversations at the 2nd', read)
  expect(1).toBe(1)
}, 580_000)
