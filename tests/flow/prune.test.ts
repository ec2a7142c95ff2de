import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { closeReport, quarterReport } from '../../src/flow/report.ts'
import { resend } from '../../src/flow/control.ts'
import { personFile } from '../../src/flow/person-file.ts'
import { planPruning, prune } from '../../src/flow/prune.ts'
import { release } from '../../src/flow/release.ts'
import { resolveUnknown } from '../../src/flow/resolve-unknown.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { suppressAddress } from '../../src/flow/suppress-address.ts'
import { trace } from '../../src/flow/trace.ts'
import { claimDeliveries, registerWorker } from '../../src/ledger/claims.ts'
import { removeDetail, theFirst } from '../../src/ledger/prune.ts'
import { attemptsOf, listDeliveries } from '../../src/ledger/search.ts'
import { suppressedByReason, totalsOf, totalsOfMany } from '../../src/ledger/totals.ts'
import { vitalsOf } from '../../src/ledger/vitals.ts'
import { evidenceOf } from '../../src/report/evidence.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import { deliveryStates } from '../../src/states.ts'
import {
  addTestUser,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  mexicoCity,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { startProcess } from '../support/process.ts'
import { testRelay, type Behaviour } from '../support/relay.ts'

const script = fileURLToPath(new URL('../support/prune-process.ts', import.meta.url))
const quarter = parseQuarter('2026-Q4')
/** Twenty-five months after it left. */
const longAfter = mexicoCity('2028-12-28T10:00')
const months = 24

const says = (line: string): Behaviour => ({ kind: 'answer', at: 'rcpt', line })
const behaviours: Record<string, Behaviour> = {
  'persona2@example.org': says('550 5.1.1 no such user'),
  'persona3@example.org': { kind: 'drop', at: 'dot' },
  'persona4@example.org': { kind: 'drop', at: 'dot' },
  'persona5@example.org': says('554 5.7.1 refused by policy'),
}

interface Sent {
  app: TestApp
  id: number
}

/** Deliveries of every state that can stay, two of them resolved by a person; its quarter is closed, and long past. */
async function sentLongAgo({ closed = true } = {}): Promise<Sent> {
  const relay = await testRelay((address) => behaviours[address] ?? { kind: 'accept' })
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env, recipients: 12 })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const bounced = { scope: 'all', reason: 'bounced', note: '' } as const
  await suppressAddress(app.engine, app.luis, 'persona6@example.org', bounced)
  await sql`UPDATE delivery SET state = 'cancelled' WHERE address = 'persona7@example.org'`.execute(
    app.db,
  )
  await sendBatch(app.engine, id, 1)
  const unknown = await listDeliveries(app.db, { editionId: id, state: 'unknown', limit: 9 })
  for (const [index, as] of (['accept', 'drop'] as const).entries())
    await resolveUnknown(app.engine, app.luis, id, { as, deliveries: [unknown[index]!.id] })
  if (closed) {
    app.clock.moveTo(mexicoCity('2027-01-11T10:00'))
    const options = { withoutFigures: true }
    await closeReport(app.engine, app.reportDefinitions, app.luis, quarter, options)
  }
  app.clock.moveTo(longAfter)
  return { app, id }
}

/** Every number and every text that is kept, wherever it is read. */
async function numbersOf({ app, id }: Sent): Promise<unknown> {
  const { db, engine, reportDefinitions } = app
  const { prunedAt: _, ...edition } = await editionNow(app, id)
  return {
    edition,
    report: await quarterReport(engine, reportDefinitions, quarter),
    totals: await totalsOf(db, id),
    suppressed: await suppressedByReason(db, id),
    evidence: await evidenceOf(db, [id], (ids) => totalsOfMany(db, ids)),
    vitals: await vitalsOf(db, longAfter, 5_000),
    renderings: await db.selectFrom('rendering').selectAll().execute(),
    contents: await db.selectFrom('content').selectAll().execute(),
    lines: await db.selectFrom('editionReportLine').selectAll().execute(),
    audit: await db.selectFrom('auditLog').selectAll().where('act', '<>', 'prune').execute(),
    members: await db.selectFrom('listMember').selectAll().orderBy('contactId').execute(),
  }
}

const detailLeft = async ({ app, id }: Sent) => {
  const { rows } = await sql<{ deliveries: number; attempts: number }>`
    SELECT (SELECT count(*) FROM delivery WHERE edition_id = ${id}) AS deliveries,
      (SELECT count(*) FROM attempt WHERE edition_id = ${id}) AS attempts`.execute(app.db)
  return rows[0]!
}

const auditsOf = ({ app, id }: Sent) =>
  app.db
    .selectFrom('auditLog')
    .select(['userId', 'detail'])
    .where('act', '=', 'prune')
    .where('subject', '=', `edition ${id}`)
    .execute()

test('pruning an old edition changes no number, and leaves nothing of who received it', async () => {
  const sent = await sentLongAgo()
  const { app, id } = sent
  const before = await numbersOf(sent)
  const states = await totalsOf(app.db, id)
  expect(deliveryStates.filter((state) => states[state] > 0)).toEqual(
    expect.arrayContaining(['accepted', 'rejected', 'failed', 'suppressed', 'cancelled']),
  )
  const detail = await detailLeft(sent)
  expect(detail.deliveries).toBe(12)
  expect(detail.attempts).toBeGreaterThan(8)

  const pruned = await prune(app.engine, app.luis, { months, batch: 5 })
  expect(pruned).toMatchObject({ editions: [id], ...detail, kept: [] })
  expect(await detailLeft(sent)).toEqual({ deliveries: 0, attempts: 0 })
  expect(await numbersOf(sent)).toEqual(before)
  expect(await auditsOf(sent)).toEqual([{ userId: app.luis.id, detail: { ...detail, months } }])

  expect(await prune(app.engine, app.luis, { months })).toMatchObject({ editions: [], kept: [] })
  expect(await auditsOf(sent)).toHaveLength(1)
})

test('a dry run says what would go, and changes nothing', async () => {
  const sent = await sentLongAgo()
  const before = await numbersOf(sent)
  const detail = await detailLeft(sent)
  const plan = await planPruning(sent.app.engine, sent.app.luis, { months })
  expect(plan.prunable).toMatchObject([{ id: sent.id, quarter: '2026-Q4', ...detail }])
  expect(plan).toMatchObject({ kept: [], unfinished: [] })
  expect(await numbersOf(sent)).toEqual(before)
  expect(await detailLeft(sent)).toEqual(detail)
  expect((await editionNow(sent.app, sent.id)).prunedAt).toBeNull()
})

test.each([
  ['its quarter is not closed', { closed: false }, undefined, 'quarter-open'],
  ['it is paused', {}, sql`UPDATE edition SET state = 'paused' WHERE state = 'sent'`, 'on-its-way'],
  [
    'one of its deliveries waits',
    {},
    sql`UPDATE delivery SET state = 'pending' WHERE address = 'persona1@example.org'`,
    'on-its-way',
  ],
  [
    'nobody said what became of one of its deliveries',
    {},
    sql`UPDATE delivery SET state = 'unknown' WHERE address = 'persona1@example.org'`,
    'unknown',
  ],
] as const)('the detail of an edition stays while %s', async (_, how, change, obstacle) => {
  const sent = await sentLongAgo(how)
  const { app, id } = sent
  if (change) await change.execute(app.db)
  const detail = await detailLeft(sent)
  const planned = await planPruning(app.engine, app.luis, { months })
  expect(planned).toMatchObject({ prunable: [], kept: [{ id, obstacle }] })
  const pruned = await prune(app.engine, app.luis, { months })
  expect(pruned).toMatchObject({ editions: [], deliveries: 0, kept: [{ id, obstacle }] })
  expect(await detailLeft(sent)).toEqual(detail)
  expect(await auditsOf(sent)).toEqual([])
})

test('what concluded since, another role and less than a year are refused', async () => {
  const sent = await sentLongAgo()
  const { app } = sent
  const detail = await detailLeft(sent)
  app.clock.moveTo(mexicoCity('2028-11-26T10:00'))
  expect(await prune(app.engine, app.luis, { months })).toMatchObject({ editions: [], kept: [] })
  app.clock.moveTo(longAfter)
  await expect(prune(app.engine, app.ana, { months })).rejects.toThrow('no puede detail.prune')
  await expect(planPruning(app.engine, app.ana, { months })).rejects.toThrow('detail.prune')
  await expect(prune(app.engine, app.luis, { months: 11 })).rejects.toThrow('al menos 12 meses')
  expect(await detailLeft(sent)).toEqual(detail)
})

test('nothing leaves a pruned edition again, and whoever looks is told', async () => {
  const sent = await sentLongAgo()
  const { app, id } = sent
  const [one] = await listDeliveries(app.db, { editionId: id, limit: 1 })
  const messageId = (await attemptsOf(app.db, one!.id))[0]!.messageId
  const eva = await addTestUser(app, 'eva', ['privacidad'])
  const file = () => personFile(app.engine, eva, 'persona1@example.org', 'person.show')
  expect(await file()).toMatchObject({ enviosDepuradosHasta: null, envios: [{}] })
  await prune(app.engine, app.luis, { months })

  const again = resend(app.engine, app.luis, id, { rejected: true })
  await expect(again).rejects.toThrow('su detalle se depuró')
  const directly = sql`UPDATE edition SET state = 'sending' WHERE id = ${id}`.execute(app.db)
  await expect(directly).rejects.toThrow('edition_pruned')
  const told = `edición ${id}: su detalle se depuró el jueves 28 de diciembre de 2028`
  await expect(trace(app.engine, undefined, messageId)).rejects.toThrow(told)
  await expect(trace(app.engine, eva, `${id}/persona1@example.org`)).rejects.toThrow(told)
  const { closedAt } = await editionNow(app, id)
  expect(await file()).toMatchObject({ enviosDepuradosHasta: closedAt, envios: [] })
})

test('a run that is killed leaves every number as it was, and the next one ends it', async () => {
  const sent = await sentLongAgo()
  const { app, id } = sent
  await sql`
    INSERT INTO delivery (edition_id, batch, address, state, updated_at)
    SELECT ${id}, 1, 'otra' || n || '@example.org', 'accepted', now() FROM generate_series(1, 500) AS n`.execute(
    app.db,
  )
  await sql`
    INSERT INTO attempt (delivery_id, edition_id, at, outcome, phase, relay, message_id, worker_id)
    SELECT id, edition_id, now(), 'accepted', 'dot', 'relay', '<x@y>', gen_random_uuid()
    FROM delivery WHERE address LIKE 'otra%'`.execute(app.db)
  const before = await numbersOf(sent)
  const detail = await detailLeft(sent)

  const killed = startProcess(script, [], {
    PREGONERO_ENV: 'test',
    DATABASE_URL: app.databaseUrl,
    DATA_DIR: app.engine.config.dataDir,
    CLOCK: longAfter.toISOString(),
    BATCH: '7',
  })
  await eventually(
    async () => killed.output(),
    (output) => output.split('removed').length > 3,
  )
  killed.child.kill('SIGKILL')
  expect(await killed.exited).toBe('SIGKILL')
  const half = await detailLeft(sent)
  expect(half.deliveries).toBeGreaterThan(0)
  expect(half.deliveries).toBeLessThan(detail.deliveries)
  // an attempt goes with its delivery or not at all
  const { rows: orphans } = await sql`
    SELECT FROM attempt WHERE NOT EXISTS (SELECT FROM delivery WHERE id = delivery_id)`.execute(
    app.db,
  )
  expect(orphans).toEqual([])
  expect(await numbersOf(sent)).toEqual(before)
  const { unfinished } = await planPruning(app.engine, app.luis, { months })
  expect(unfinished).toEqual([id])

  await prune(app.engine, app.luis, { months: 36, batch: 100 })
  expect(await detailLeft(sent)).toEqual({ deliveries: 0, attempts: 0 })
  expect(await numbersOf(sent)).toEqual(before)
  expect(await auditsOf(sent)).toEqual([{ userId: app.luis.id, detail: { ...detail, months } }])
})

test('a dispatch on its way is not kept waiting by a pruning, nor touched by it', async () => {
  const { app, id } = await sentLongAgo()
  const { rows } = await sql<{ id: number }>`
    INSERT INTO edition (publication, period, nominal_at, latest_start_at, state, content_id, content_author_id,
      sealed_hash, ready_by, released_at, created_at)
    SELECT publication, '2028-W52', ${longAfter}, ${longAfter}, 'sending', content_id, content_author_id, sealed_hash,
      ready_by, ${longAfter}, ${longAfter} FROM edition WHERE id = ${id} RETURNING id`.execute(
    app.db,
  )
  const editionId = rows[0]!.id
  await sql`
    INSERT INTO delivery (edition_id, batch, address, updated_at)
    VALUES (${editionId}, 1, 'persona1@example.org', ${longAfter})`.execute(app.db)
  const workerId = app.engine.instanceId
  await registerWorker(app.db, workerId, 60_000)
  await app.db.updateTable('edition').set({ prunedAt: longAfter }).where('id', '=', id).execute()
  await app.db.transaction().execute(async (tx) => {
    expect(await removeDetail(tx, id, { after: theFirst, limit: 100 })).toMatchObject({
      deliveries: 12,
    })
    // not committed yet
    const claim = { editionId, batch: 1, workerId, limit: 1, at: longAfter }
    expect(await claimDeliveries(app.db, claim)).toHaveLength(1)
  })
  expect(await removeDetail(app.db, editionId, { after: theFirst, limit: 100 })).toMatchObject({
    last: null,
    deliveries: 0,
  })
  expect((await totalsOf(app.db, editionId)).sending).toBe(1)
})
