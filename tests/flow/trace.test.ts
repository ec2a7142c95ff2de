import { expect, test } from 'vitest'
import { trace } from '../../src/flow/trace.ts'
import { release } from '../../src/flow/release.ts'
import { messageIdOf } from '../../src/flow/letters.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { leaveLists } from '../../src/audience/memberships.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { boletin, fridayAt15, testApp, type TestApp } from '../support/app.ts'
import { desk } from '../support/desk.ts'
import { testRelay } from '../support/relay.ts'

async function sentApp() {
  const relay = await testRelay((address) =>
    address === 'persona2@example.org'
      ? { kind: 'answer', at: 'rcpt', line: '550 5.1.1 no such user persona2@example.org' }
      : { kind: 'accept' },
  )
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  await sendBatch(app.engine, editionId, 1)
  const rows = await listDeliveries(app.db, { editionId, limit: 10 })
  return { app, editionId, deliveries: rows.map(({ id }) => id) }
}

const looksOf = async (app: TestApp) =>
  app.db
    .selectFrom('auditLog')
    .select(['detail', 'userId'])
    .where('act', '=', 'addresses.see')
    .execute()

test('a delivery is followed from the plan to the answer of the relay', async () => {
  const { app, editionId, deliveries } = await sentApp()
  const traced = await trace(app.engine, undefined, String(deliveries[1]))
  expect(traced.delivery).toMatchObject({ id: deliveries[1], state: 'rejected', attempts: 1 })
  expect(traced.edition).toMatchObject({ id: editionId, publication: 'boletin-electoral' })
  expect(traced.acts.map(({ act, who }) => [act, who])).toEqual([
    ['content.add', 'Ana'],
    ['ready', 'Ana'],
    ['release', null],
  ])
  expect(traced.attempts).toMatchObject([
    {
      outcome: 'rejected',
      phase: 'envelope',
      smtpCode: 550,
      messageId: messageIdOf(app.engine, editionId, deliveries[1]!),
      pid: process.pid,
    },
  ])
  expect(traced.attempts[0]!.host).not.toBe('')
})

test('without leave to see addresses it names nobody, nor says which lists the person is on', async () => {
  const { app, deliveries } = await sentApp()
  for (const user of [undefined, app.ana]) {
    const traced = await trace(app.engine, user, String(deliveries[1]))
    expect(traced.recipient).toBeUndefined()
    expect(JSON.stringify(traced)).not.toContain('persona2')
  }
  expect(await looksOf(app)).toEqual([])
})

test('whoever may see addresses sees it whole, with what the person left since, and is written down', async () => {
  const { app, editionId, deliveries } = await sentApp()
  const delivery = await app.db
    .selectFrom('delivery')
    .select('contactId')
    .where('id', '=', deliveries[0]!)
    .executeTakeFirstOrThrow()
  const left = {
    contactId: delivery.contactId!,
    at: app.clock.now(),
    origin: 'prueba',
    reason: 'asked',
  }
  await leaveLists(app.db, left.contactId, 'all', left)
  const traced = await trace(app.engine, app.luis, String(deliveries[0]))
  expect(traced.delivery.address).toBe('persona1@example.org')
  expect(traced.recipient).toMatchObject({
    lists: [{ list: 'Comunidad', state: 'left' }],
    suppressions: [],
  })
  expect(await looksOf(app)).toEqual([
    { userId: app.luis.id, detail: { rows: 1, delivery: deliveries[0] } },
  ])
  expect(traced.edition.id).toBe(editionId)
})

test('it is found by Message-ID too, and one of another installation is not ours', async () => {
  const { app, editionId, deliveries } = await sentApp()
  const messageId = messageIdOf(app.engine, editionId, deliveries[2]!)
  for (const id of [messageId, messageId.slice(1, -1)])
    expect((await trace(app.engine, undefined, id)).delivery.id).toBe(deliveries[2])
  const foreign = messageId.replace(/\.[0-9a-f]{8}@/, '.00000000@')
  await expect(trace(app.engine, undefined, foreign)).rejects.toMatchObject({ kind: 'notFound' })
  const ofAnother = messageId.replace(/^<\d+/, `<${editionId + 1}`)
  await expect(trace(app.engine, undefined, ofAnother)).rejects.toMatchObject({ kind: 'notFound' })
  await expect(trace(app.engine, undefined, 'ayer')).rejects.toMatchObject({ kind: 'usage' })
})

test('by address only whoever may see addresses finds it', async () => {
  const { app, editionId, deliveries } = await sentApp()
  const id = `${editionId}/Persona3@Example.org`
  expect((await trace(app.engine, app.luis, id)).delivery.id).toBe(deliveries[2])
  await expect(trace(app.engine, undefined, id)).rejects.toMatchObject({ kind: 'usage' })
  await expect(trace(app.engine, app.ana, id)).rejects.toMatchObject({ kind: 'refused' })
  const nobody = `${editionId}/nadie@example.org`
  await expect(trace(app.engine, app.luis, nobody)).rejects.toMatchObject({ kind: 'notFound' })
})

test('the command prints it for people and for machines', async () => {
  const { app, deliveries } = await sentApp()
  const { pregonero } = await desk({ DATABASE_URL: app.databaseUrl })
  const said = await pregonero('trace', String(deliveries[1]))
  expect(said.code, said.stderr).toBe(0)
  expect(said.stdout).toContain('rechazo permanente')
  expect(said.stdout).toContain('Ana')
  expect(said.stdout).not.toContain('persona2')
  const json = await pregonero('trace', String(deliveries[1]), '--as', 'luis', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({
    delivery: { address: 'persona2@example.org', state: 'rejected' },
  })
}, 60_000)
