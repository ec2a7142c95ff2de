import { expect, test } from 'vitest'
import { resolveFromLog } from '../../src/flow/resolve-from-log.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { messageIdOf } from '../../src/flow/letters.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import {
  boletin,
  editionNow,
  fridayAt15,
  mexicoCity,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { testRelay } from '../support/relay.ts'

/** Three deliveries of which nobody knows: the relay closed the connection after the final dot of each. */
async function unknownApp() {
  const relay = await testRelay(() => ({ kind: 'drop', at: 'dot' }))
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  await sendBatch(app.engine, editionId, 1)
  expect(await totalsOf(app.db, editionId)).toMatchObject({ unknown: 3 })
  const rows = await listDeliveries(app.db, { editionId, limit: 10 })
  return { app, editionId, ids: rows.map(({ id }) => id) }
}

async function* lines(text: string[]): AsyncIterable<string> {
  yield* text
}

/** A log of the relay, of Mexico City, from one hour to another of that Friday. */
const logOf = (from: string, until: string, between: string[] = []) => ({
  name: 'mail.log',
  zone: 'America/Mexico_City',
  lines: lines([
    `Nov 27 ${from} relay postfix/anvil[1]: statistics: max`,
    ...between,
    `Nov 27 ${until} relay postfix/anvil[1]: statistics: max`,
  ]),
})

const taken = (app: TestApp, editionId: number, id: number, queueId: string) => [
  `Nov 27 15:00:01 relay postfix/cleanup[1]: ${queueId}: message-id=${messageIdOf(app.engine, editionId, id)}`,
  `Nov 27 15:00:01 relay postfix/qmgr[1]: ${queueId}: from=<admin@iecm.mx>, size=9, nrcpt=1 (queue active)`,
]

test('what the log shows in the queue is accepted, dates the edition, and says in its row from where it is known', async () => {
  const { app, editionId, ids } = await unknownApp()
  const bounced = `Nov 27 15:00:02 relay postfix/smtp[1]: BBB111: to=<persona2@example.org>, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 <persona2@example.org> unknown)`
  const log = logOf('14:00:00', '16:00:00', [
    ...taken(app, editionId, ids[0]!, 'AAA111'),
    ...taken(app, editionId, ids[1]!, 'BBB111'),
    bounced,
  ])
  const resolved = await resolveFromLog(app.engine, app.luis, editionId, log)
  expect(resolved).toMatchObject({
    accepted: [
      { delivery: ids[0], queueId: 'AAA111', fate: undefined },
      { delivery: ids[1], queueId: 'BBB111', fate: { status: 'bounced' } },
    ],
    absent: [{ delivery: ids[2] }],
    cutOff: [],
    uncovered: [],
  })
  expect(JSON.stringify(resolved)).not.toContain('persona2')
  const rows = await listDeliveries(app.db, { editionId, limit: 10 })
  expect(rows.map(({ state, reason }) => [state, reason])).toEqual([
    ['accepted', 'Dado por aceptado por Luis: bitácora del relay mail.log, cola AAA111'],
    [
      'accepted',
      'Dado por aceptado por Luis: bitácora del relay mail.log, cola BBB111; después: bounced',
    ],
    ['unknown', expect.any(String)],
  ])
  expect((await editionNow(app, editionId)).firstAcceptedAt?.getTime()).toBeCloseTo(
    fridayAt15.getTime(),
    -4,
  )
  const [entry] = await app.db
    .selectFrom('auditLog')
    .selectAll()
    .where('act', '=', 'resolve')
    .execute()
  expect(entry).toMatchObject({
    userId: app.luis.id,
    subject: `edition ${editionId}`,
    detail: {
      resolved: 2,
      file: 'mail.log',
      queueIds: { [ids[0]!]: 'AAA111', [ids[1]!]: 'BBB111' },
    },
  })
})

test('a log that is not of their hour says nothing of them', async () => {
  const { app, editionId, ids } = await unknownApp()
  const uncovered = ids.map((delivery) => ({ delivery }))
  for (const [from, until] of [
    ['15:00:01', '16:00:00'],
    ['13:00:00', '14:59:58'],
  ] as const)
    expect(await resolveFromLog(app.engine, app.luis, editionId, logOf(from, until))).toMatchObject(
      { accepted: [], absent: [], uncovered },
    )
  expect(await totalsOf(app.db, editionId)).toMatchObject({ unknown: 3 })
  const acts = await app.db.selectFrom('auditLog').select('act').execute()
  expect(acts.map(({ act }) => act)).not.toContain('resolve')
})

test('of a worker that was lost, its log must go back to the release: nobody saw when the conversation was', async () => {
  const app = await testApp()
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  // as a worker that ended with a row in its hands leaves it
  const [delivery] = await listDeliveries(app.db, { editionId, limit: 1 })
  await app.db
    .updateTable('delivery')
    .set({ state: 'sending', workerId: '00000000-0000-4000-8000-000000000000', attempts: 1 })
    .where('id', '=', delivery!.id)
    .execute()
  app.clock.moveTo(mexicoCity('2026-11-27T15:10'))
  await plan(app.engine)
  const late = logOf('15:05:00', '16:00:00')
  expect(await resolveFromLog(app.engine, app.luis, editionId, late)).toMatchObject({
    uncovered: [{ delivery: delivery!.id, from: fridayAt15 }],
  })
  const whole = logOf('14:59:00', '16:00:00', taken(app, editionId, delivery!.id, 'CCC111'))
  expect(await resolveFromLog(app.engine, app.luis, editionId, whole)).toMatchObject({
    accepted: [{ delivery: delivery!.id, queueId: 'CCC111' }],
  })
})

test('a second run finds nothing more, and only who may steer a dispatch runs it at all', async () => {
  const { app, editionId, ids } = await unknownApp()
  const log = () => logOf('14:00:00', '16:00:00', taken(app, editionId, ids[0]!, 'AAA111'))
  await expect(resolveFromLog(app.engine, app.ana, editionId, log())).rejects.toMatchObject({
    kind: 'refused',
  })
  await resolveFromLog(app.engine, app.luis, editionId, log())
  const again = await resolveFromLog(app.engine, app.luis, editionId, log())
  expect(again).toMatchObject({
    accepted: [],
    absent: [{ delivery: ids[1] }, { delivery: ids[2] }],
  })
})

test('a file that is no log of Postfix is refused', async () => {
  const { app, editionId } = await unknownApp()
  const given = { name: 'lista.csv', zone: 'UTC', lines: lines(['correo,nombre', 'a@b.mx,Ana']) }
  await expect(resolveFromLog(app.engine, app.luis, editionId, given)).rejects.toMatchObject({
    kind: 'invalid',
  })
})
