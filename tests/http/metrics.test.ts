import { networkInterfaces } from 'node:os'
import { expect, inject, test } from 'vitest'
import { restRelay } from '../../src/dispatch/relay-rest.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { metricRegistry } from '../../src/http/metric-registry.ts'
import { boletin, eventually, fridayAt15, testApp, type TestAppOptions } from '../support/app.ts'
import { testRelay } from '../support/relay.ts'
import { serve, withoutDatabase } from './support.ts'

const token = 'prometheus-of-tests-0123456789abcdef'

async function status(url: string, headers: Record<string, string> = {}): Promise<number> {
  return (await fetch(`${url}/metrics`, { headers })).status
}

/** `name{labels}` → value. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' '))),
    ]),
  )
}

/** The boletín of three people, one of whom the relay rejects. */
async function sentApp(options: TestAppOptions = {}) {
  const relay = await testRelay((address) =>
    address === 'persona2@example.org'
      ? { kind: 'answer', at: 'rcpt', line: '550 5.1.1 no such user' }
      : { kind: 'accept' },
  )
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org', ...options.env }
  const app = await testApp({ ...options, env })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  return { app, relay, editionId: id }
}

test('Prometheus reads deliveries, editions, lag, relays and conversations', async () => {
  const { app, relay, editionId } = await sentApp()
  const read = metricRegistry(app.engine, 0)
  const relayName = new URL(relay.url).host
  // an hour after its release nothing was sent yet
  app.clock.advance(3_600_000)
  const before = samples((await read()).text)
  expect(before.get('pregonero_deliveries{publication="boletin-electoral",state="pending"}')).toBe(
    3,
  )
  expect(before.get('pregonero_delivery_oldest_pending_seconds')).toBe(3_600)
  expect(before.get(`pregonero_relay_up{relay="${relayName}"}`)).toBe(1)

  await sendBatch(app.engine, editionId, 1)
  await plan(app.engine)
  // conversations are counted from the first reading on; each counts as far as the ledger went at the one before
  await eventually(read, ({ text }) => text.includes('pregonero_smtp_duration_seconds_count'))
  const after = samples((await read()).text)
  const of = (name: string) => after.get(name)
  expect(of('pregonero_deliveries{publication="boletin-electoral",state="accepted"}')).toBe(2)
  expect(of('pregonero_deliveries{publication="boletin-electoral",state="rejected"}')).toBe(1)
  expect(of('pregonero_deliveries{publication="boletin-electoral",state="pending"}')).toBe(0)
  expect(of('pregonero_deliveries_accepted_total{publication="boletin-electoral"}')).toBe(2)
  expect(of('pregonero_editions{publication="boletin-electoral",state="sent"}')).toBe(1)
  expect(of('pregonero_delivery_oldest_pending_seconds')).toBe(0)
  const labels = `relay="${relayName}",outcome=`
  expect(of(`pregonero_smtp_duration_seconds_count{${labels}"accepted"}`)).toBe(2)
  expect(of(`pregonero_smtp_duration_seconds_count{${labels}"rejected"}`)).toBe(1)
  expect(of('pregonero_workers')).toBe(1)
  for (const source of ['database', 'waiting', 'conversations', 'queue', 'relays', 'rests'])
    expect(of(`pregonero_source_up{source="${source}"}`), source).toBe(1)
  expect(of('process_resident_memory_bytes')).toBeGreaterThan(0)
})

test('a relay that cannot be reached is down, and one that asked to be left alone says for how long', async () => {
  const relay = await testRelay()
  const app = await testApp({ env: { SENDER_ADMIN_RELAY_URL: relay.url } })
  await relay.close()
  const name = new URL(relay.url).host
  await restRelay(app.db, name, '421 4.7.0 too much', app.clock.now())
  const values = samples((await metricRegistry(app.engine)()).text)
  expect(values.get(`pregonero_relay_up{relay="${name}"}`)).toBe(0)
  expect(values.get(`pregonero_relay_rest_seconds{relay="${name}"}`)).toBeGreaterThan(20)
  expect(values.get('pregonero_source_up{source="relays"}')).toBe(1)
})

test('an edition that should have left shows how far it is behind its hour; others are on time', async () => {
  const app = await testApp()
  await plan(app.engine)
  app.clock.moveTo(new Date(fridayAt15.getTime() + 90_000))
  await plan(app.engine)
  const { text } = await metricRegistry(app.engine)()
  const values = samples(text)
  expect(values.get('pregonero_edition_lag_seconds{publication="boletin-electoral"}')).toBe(90)
  expect(
    values.get('pregonero_edition_lag_seconds{publication="invitacion-red-observacion"}'),
  ).toBe(0)
  expect(values.get('pregonero_editions{publication="boletin-electoral",state="held"}')).toBe(1)
})

for (const queue of ['postgres', 'redis'] as const) {
  const isHere = queue === 'postgres' || inject('redisUrl') !== undefined
  test.runIf(isHere)(
    `with the queue on ${queue}, what waits is counted with its age, and a job that is delayed is not late`,
    async () => {
      const app = await testApp({ queue })
      const now = app.clock.now()
      await app.engine.queue.enqueue(
        [
          { name: 'send-batch', sender: 'admin', editionId: 1, batch: 1 },
          { name: 'release', editionId: 1, at: new Date(now.getTime() + 60_000) },
        ],
        now,
      )
      await new Promise((resolve) => setTimeout(resolve, 1_100))
      await app.engine.queue.enqueue(
        [{ name: 'send-batch', sender: 'admin', editionId: 1, batch: 2 }],
        now,
      )
      const backlog = new Map((await app.engine.queue.backlog()).map((one) => [one.queue, one]))
      expect(backlog.get('dispatch-admin')).toMatchObject({ waiting: 2, active: 0, delayed: 0 })
      // the first of the two
      expect(backlog.get('dispatch-admin')!.oldestMs).toBeGreaterThan(1_000)
      expect(backlog.get('planner')).toMatchObject({ waiting: 0, delayed: 1, oldestMs: undefined })
    },
  )
}

test('only this machine reads them without the token, and behind a proxy nobody does', async () => {
  const app = await testApp()
  const { url } = await serve(app.engine)
  expect(await status(url)).toBe(200)
  expect(await status(url.replace('127.0.0.1', 'localhost'))).toBe(200)
  // a proxy on this machine that nobody told us of
  expect(await status(url, { 'X-Forwarded-For': '203.0.113.7' })).toBe(401)
  app.engine.config.http.trustedProxies = 1
  expect(await status(url)).toBe(401)
  expect(await status(url, { 'X-Forwarded-For': '127.0.0.1' })).toBe(401)
})

test('where the public address is not of this machine, only the token opens them: a proxy need not say that it is one', async () => {
  const env = { PUBLIC_URL: 'https://boletines.example.org', METRICS_TOKEN: token }
  const { url } = await serve((await testApp({ env })).engine)
  expect(await status(url)).toBe(401)
  expect(await status(url, { Authorization: `Bearer ${token}` })).toBe(200)
})

test('from elsewhere only the token opens them', async ({ skip }) => {
  const here = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)
  skip(here === undefined, 'this machine has no address but its own')
  const app = await testApp({ env: { HTTP_HOST: '0.0.0.0', METRICS_TOKEN: token } })
  const { url } = await serve(app.engine)
  const elsewhere = url.replace('0.0.0.0', here!.address)
  expect(await status(elsewhere)).toBe(401)
  expect(await status(elsewhere, { Authorization: `Bearer ${token}x` })).toBe(401)
  expect(await status(elsewhere, { Authorization: `Basic ${token}` })).toBe(401)
  expect(await status(elsewhere, { Authorization: `Bearer ${token}` })).toBe(200)
  app.engine.config.http.trustedProxies = 1
  expect(await status(elsewhere, { Authorization: `bearer ${token}` })).toBe(200)
})

test('without its database the process still tells of itself, and what it cannot read is left out', async () => {
  const app = await testApp()
  const { url } = await serve(await withoutDatabase(app.engine, app.databaseUrl))
  const answer = await fetch(`${url}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const values = samples(await answer.text())
  expect(values.get('pregonero_source_up{source="database"}')).toBe(0)
  expect([...values.keys()].filter((name) => name.startsWith('pregonero_deliveries'))).toEqual([])
  // not known is not none
  expect(values.get('pregonero_delivery_oldest_pending_seconds')).toBeNaN()
  expect(values.get('process_start_time_seconds')).toBeGreaterThan(0)
})

test('names, units and help follow the conventions of Prometheus, and no label names a person', async () => {
  const { app, editionId } = await sentApp()
  const read = metricRegistry(app.engine, 0)
  await read()
  await sendBatch(app.engine, editionId, 1)
  const { text } = await eventually(read, (one) => one.text.includes('smtp_duration_seconds_count'))
  const types = new Map(
    [...text.matchAll(/^# TYPE (pregonero_\S+) (\w+)$/gm)].map(([, name, type]) => [name!, type!]),
  )
  expect(types.size).toBeGreaterThan(9)
  for (const [name, type] of types) {
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    expect(name, 'base units').not.toMatch(/_(ms|milliseconds|minutes)$/)
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'))
  }
  expect(text).not.toContain('@')
})
