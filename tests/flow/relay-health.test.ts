/** Relays that want to be left alone, by several workers at once; and editions that pause themselves. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { restOf, troubledRelays } from '../../src/dispatch/relay-rest.ts'
import { resume } from '../../src/flow/control.ts'
import { isTooMuch } from '../../src/flow/pause-refused.ts'
import { plan } from '../../src/flow/plan.ts'
import { relayTroubles } from '../../src/flow/relay-trouble.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { noTotals, totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import { editionNow, eventually, type TestApp } from '../support/app.ts'
import { besides, concluded, dispatchTo, timesTaken, workAll } from '../support/dispatch.ts'
import { testRelay, type Behaviour, type TestRelay } from '../support/relay.ts'

type At = Extract<Behaviour, { kind: 'answer' }>['at']
const answer = (at: At, line: string): Behaviour => ({ kind: 'answer', at, line })
const accept: Behaviour = { kind: 'accept' }
const restMs = 2_000
const quick = { relayRests: { firstMs: restMs, longestMs: 60_000 }, relayDownMs: restMs }
const nameOf = (relay: TestRelay) => new URL(relay.url).host

const noticesOf = async (app: TestApp, kind: string) =>
  app.db.selectFrom('notice').select(['subject', 'plainText']).where('kind', '=', kind).execute()

describe.each<At>(['greeting', 'ehlo', 'mail', 'rcpt', 'begin', 'data'])('421 at %s', (at) => {
  test('the relay is left alone by every worker, and the edition goes on by itself', async () => {
    const busy = answer(at, '421 4.3.2 too busy')
    const relay = await testRelay(() => (relay.taken.length < 20 || isBack ? accept : busy))
    let isBack = false
    // at the greeting nobody has come yet
    if (at === 'greeting' || at === 'ehlo') relay.behave = () => (isBack ? accept : busy)
    const dispatch = await dispatchTo(relay, {
      ...quick,
      recipients: 60,
      env: { SENDER_ADMIN_RATE_PER_SECOND: '100' },
    })
    const others = [await besides(dispatch, quick), await besides(dispatch, quick)]
    await workAll([dispatch.app, ...others])
    await eventually(
      () => restOf(dispatch.app.db, nameOf(relay)),
      (rest) => (rest?.leftMs ?? 0) > 0,
    )
    isBack = true
    const restedMs = performance.now()
    // what was in conversation ends
    await sleep(300)
    const [taken, begun] = [relay.taken.length, relay.begunAtMs.length]
    await sleep(restMs - 700)
    expect([relay.taken.length, relay.begunAtMs.length]).toEqual([taken, begun])
    expect(await troubledRelays(dispatch.app.db)).toMatchObject([
      { relay: nameOf(relay), reason: expect.stringContaining('421 4.3.2') },
    ])
    // nobody plans: it goes on by itself
    await eventually(
      async () => relay.taken.length,
      (now) => now > taken,
      5_000,
    )
    expect(performance.now() - restedMs).toBeLessThan(restMs + 2_500)
    const later = 16 * 60_000
    dispatch.app.clock.advance(later)
    expect(await concluded(dispatch, { planning: true })).toMatchObject({ accepted: 60 })
    expect(timesTaken(relay)).toEqual({ messages: 60, people: 60 })
    expect(await troubledRelays(dispatch.app.db)).toEqual([])
  })
})

test('ten put-offs in a row leave it alone, longer each time, until it accepts', async () => {
  const relay = await testRelay(() => answer('rcpt', '450 4.7.1 slow down'))
  const { app, id } = await dispatchTo(relay, { ...quick, recipients: 40 })
  await expect(sendBatch(app.engine, id, 1)).rejects.toThrow('450 4.7.1')
  expect(relay.reached('rcpt')).toBe(10)
  const first = (await restOf(app.db, nameOf(relay)))!
  expect(first.leftMs).toBeGreaterThan(restMs - 500)
  await expect(sendBatch(app.engine, id, 1)).rejects.toThrow('450 4.7.1')
  expect(relay.reached('rcpt')).toBe(10)
  await sleep(first.leftMs + 20)
  await expect(sendBatch(app.engine, id, 1)).rejects.toThrow('450 4.7.1')
  expect(relay.reached('rcpt')).toBe(20)
  const second = (await restOf(app.db, nameOf(relay)))!
  expect(second.leftMs).toBeGreaterThan(2 * restMs - 500)
  relay.behave = () => accept
  await sleep(second.leftMs + 20)
  await sendBatch(app.engine, id, 1)
  expect(await restOf(app.db, nameOf(relay))).toBeUndefined()
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 20, deferred: 20 })
})

test('a put-off among acceptances is that recipient’s alone', async () => {
  const relay = await testRelay((address) =>
    /[05]@/.test(address) ? answer('rcpt', '450 4.2.2 mailbox busy') : accept,
  )
  const { app, id } = await dispatchTo(relay, { ...quick, recipients: 80 })
  await sendBatch(app.engine, id, 1)
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 64, deferred: 16 })
  expect(await restOf(app.db, nameOf(relay))).toBeUndefined()
})

test('a relay that refuses connections costs nobody an attempt, its reason is shown, and the edition goes on by itself', async () => {
  const relay = await testRelay()
  const dispatch = await dispatchTo(relay, { ...quick, recipients: 300 })
  const { app, id } = dispatch
  const { port } = new URL(relay.url)
  await relay.close()
  await workAll([app, await besides(dispatch, quick)])
  const reason = expect.stringContaining('ECONNREFUSED')
  await eventually(
    () => troubledRelays(app.db),
    (all) => all.length > 0,
  )
  expect(await troubledRelays(app.db)).toMatchObject([{ reason }])
  const said = await relayTroubles(app.engine, [await editionNow(app, id)])
  expect(said.get(id)).toMatch(/^el servidor de correo admin no responde: .*ECONNREFUSED/)
  expect(await totalsOf(app.db, id)).toMatchObject({ pending: 300 })
  const back = await testRelay(() => accept, Number(port))
  expect(await concluded({ ...dispatch, relay: back })).toMatchObject({ accepted: 300 })
  expect(timesTaken(back)).toEqual({ messages: 300, people: 300 })
  expect(await countAttempts(app)).toBe(300)
})

async function countAttempts(app: TestApp): Promise<number> {
  const { n } = await app.db
    .selectFrom('attempt')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

test('while one relay is left alone another goes on', async () => {
  const busy = await testRelay(() => answer('rcpt', '421 4.3.2 too busy'))
  const { app, id } = await dispatchTo(busy, { ...quick, recipients: 5 })
  await expect(sendBatch(app.engine, id, 1)).rejects.toThrow('421')
  const relay = await testRelay()
  const { hostname, port } = new URL(relay.url)
  app.engine.outbox = { host: hostname, port: Number(port), tls: 'none', auth: undefined }
  await sendBatch(app.engine, id, 1)
  expect(relay.taken).toHaveLength(4)
  await expect(app.engine.relays.mayAsk(nameOf(busy))).rejects.toThrow('421')
})

test('staff get one mail when nothing was accepted for ten minutes, and another only for another time', async () => {
  const relay = await testRelay(() => answer('greeting', '421 4.3.2 closed for work'))
  const { app, id } = await dispatchTo(relay, {
    relayRests: { firstMs: 30, longestMs: 30 },
    relayDownMs: 30,
    recipients: 3,
  })
  await expect(sendBatch(app.engine, id, 1)).rejects.toThrow('421')
  await plan(app.engine)
  expect(await noticesOf(app, 'relay-down')).toEqual([])
  app.clock.advance(11 * 60_000)
  await plan(app.engine)
  app.clock.advance(11 * 60_000)
  await plan(app.engine)
  const [notice, ...more] = await noticesOf(app, 'relay-down')
  expect(more).toEqual([])
  expect(notice!.subject).toBe('El servidor no recibe: Boletín Electoral 2026-W48')
  expect(notice!.plainText).toContain('admin no responde: 421 4.3.2 closed for work')

  relay.behave = (address) =>
    address === 'persona1@example.org' || address === '' ? accept : answer('rcpt', '421 4.3.2 no')
  await sleep(50)
  await sendBatch(app.engine, id, 1).catch(() => undefined)
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 1 })
  await plan(app.engine)
  expect(await noticesOf(app, 'relay-down')).toHaveLength(1)
  app.clock.advance(11 * 60_000)
  await plan(app.engine)
  expect(await noticesOf(app, 'relay-down')).toHaveLength(2)
})

test('a relay that refuses everything pauses the edition, and burns no more than ten and those in conversation', async () => {
  const relay = await testRelay(() => answer('rcpt', '554 5.7.1 not from you'))
  // so many that workers claim ahead
  const dispatch = await dispatchTo(relay, { recipients: 6_000 })
  const { app, id } = dispatch
  await workAll([app, await besides(dispatch)])
  const isPaused = () =>
    eventually(
      () => editionNow(app, id),
      ({ state }) => state === 'paused',
    )
  const settled = () =>
    eventually(
      () => totalsOf(app.db, id),
      ({ sending }) => sending === 0,
    )
  expect((await isPaused()).stateReason).toMatch(
    /^se detuvo sola: 1\d de 1\d direcciones fallaron$/,
  )
  const first = await settled()
  expect(first.failed).toBeGreaterThanOrEqual(10)
  expect(first.failed).toBeLessThanOrEqual(20)
  expect(first.pending).toBe(6_000 - first.failed)
  const staff = await noticesOf(app, 'paused')
  expect(new Set(staff.map(({ subject }) => subject))).toEqual(
    new Set(['En pausa: Boletín Electoral 2026-W48']),
  )
  // ana and luis
  expect(staff).toHaveLength(2)

  await resume(app.engine, app.luis, id)
  await isPaused()
  const second = await settled()
  expect(second.failed - first.failed).toBeGreaterThanOrEqual(10)
  expect(second.failed - first.failed).toBeLessThanOrEqual(20)

  relay.behave = () => accept
  await resume(app.engine, app.luis, id)
  const last = await concluded(dispatch, { timeoutMs: 60_000, planning: true })
  expect(last).toMatchObject({ failed: second.failed, accepted: 6_000 - second.failed })
  expect(recipientsOf(last)).toBe(6_000)
  expect(timesTaken(relay)).toEqual({
    messages: 6_000 - second.failed,
    people: 6_000 - second.failed,
  })
})

test.each(['first', 'spread'])(
  'three per cent of bad addresses, %s, never pause a list of a thousand',
  async (where) => {
    const isBad = (n: number) => (where === 'first' ? n <= 30 : n % 33 === 0)
    const relay = await testRelay((address) =>
      isBad(Number(/\d+/.exec(address)?.[0] ?? 0))
        ? answer('rcpt', '550 5.1.1 no such user')
        : accept,
    )
    const dispatch = await dispatchTo(relay, { recipients: 1_000 })
    await workAll([dispatch.app])
    expect(await concluded(dispatch)).toMatchObject({ accepted: 970, rejected: 30 })
    expect(await noticesOf(dispatch.app, 'paused')).toEqual([])
  },
)

test('what stops an edition: by kind, by part, and since it was last seen', () => {
  const of = (totals: object, seenFailures = 0, seenEnded = 0) =>
    isTooMuch({ seenFailures, seenEnded }, { ...noTotals(), pending: 1_000, ...totals })
  expect(of({ failed: 9 })).toBe(false)
  expect(of({ failed: 10 })).toBe(true)
  expect(of({ unknown: 10, accepted: 10 })).toBe(true)
  expect(of({ failed: 10, accepted: 11 })).toBe(false)
  expect(of({ rejected: 49 })).toBe(false)
  expect(of({ rejected: 60 })).toBe(true)
  expect(of({ rejected: 10, pending: 5 })).toBe(true)
  expect(of({ failed: 100, accepted: 899 })).toBe(true)
  expect(of({ failed: 99, accepted: 899 })).toBe(false)
  // seen, and gone on
  expect(of({ failed: 19 }, 10, 10)).toBe(false)
  expect(of({ failed: 20 }, 10, 10)).toBe(true)
  expect(of({ failed: 10, rejected: 9 }, 10, 10)).toBe(false)
  expect(of({ failed: 9, rejected: 20 }, 20, 20)).toBe(false)
  expect(of({ failed: 10, rejected: 20 }, 20, 20)).toBe(true)
  // some of what was seen has been resolved since
  expect(of({ failed: 0, accepted: 10 }, 10, 10)).toBe(false)
})

test('an edition of which everybody left concludes with nothing sent', async () => {
  const relay = await testRelay()
  const dispatch = await dispatchTo(relay, { recipients: 3 })
  await dispatch.app.db
    .updateTable('delivery')
    .set({ state: 'suppressed', reason: 'staff' })
    .execute()
  await plan(dispatch.app.engine)
  expect(await concluded(dispatch)).toMatchObject({ suppressed: 3 })
  expect(relay.begunAtMs).toEqual([])
})
