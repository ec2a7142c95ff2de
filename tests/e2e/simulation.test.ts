/** Weeks and years of our clock through the real planner, database, queue and outbox. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import PostalMime from 'postal-mime'
import { expect, inject, onTestFinished, test } from 'vitest'
import { simulate, type Departure, type SimulationOptions } from '../../src/cli/simulate.ts'
import { frozenClock, inMexicoCity } from '../../src/clock.ts'
import { seedRestDays } from '../../src/schedule/rest-days.ts'
import { addContacts, mexicoCity, testApp, type TestApp } from '../support/app.ts'
import { eventually } from '../support/app.ts'
import { compileCache } from '../support/process.ts'

async function simulationApp(
  from: string,
  queue: 'postgres' | 'redis' = 'postgres',
): Promise<TestApp> {
  const app = await testApp({
    clock: frozenClock(mexicoCity(`${from}T00:00`)),
    recipients: 2,
    queue,
  })
  await addContacts(app, 1, 'titular', 'calendario-ine')
  await seedRestDays(app.db)
  return app
}

async function run(
  app: TestApp,
  until: string,
  options: Partial<SimulationOptions> = {},
): Promise<Departure[]> {
  const staff = { author: app.ana, approver: app.luis }
  const departures: Departure[] = []
  const all = simulate(app, {
    clock: app.clock,
    staff,
    until: mexicoCity(`${until}T00:00`),
    ...options,
  })
  for await (const departure of all) departures.push(departure)
  return departures
}

const dayOf = ({ at }: Departure) => inMexicoCity(at).toISODate()
const sentOf = (departures: Departure[], publication: string) =>
  departures.filter((one) => one.publication === publication && one.state === 'sent')

test('two years: every Friday and Monday leaves once, Semana Santa is omitted with its reason, and the first quarter of 2025 is as printed', async () => {
  const app = await simulationApp('2025-01-01')
  const departures = await run(app, '2027-01-01')
  const fridays = departures.filter((one) => one.publication === 'boletin-electoral')
  const mondays = departures.filter((one) => one.publication === 'calendario-ine')
  const ofYear = (all: Departure[], year: string) =>
    all.filter((one) => dayOf(one).startsWith(year)).length
  expect([ofYear(fridays, '2025'), ofYear(mondays, '2025')]).toEqual([52, 52])
  // one more Friday: 1 January 2027 is a rest day, and its boletín, of week 53, left on 31 December
  expect([ofYear(fridays, '2026'), ofYear(mondays, '2026')]).toEqual([53, 52])
  const omitted = departures.filter((one) => one.state === 'omitted')
  expect(omitted.map((one) => [one.period, one.publication])).toEqual([
    ['2025-W16', 'calendario-ine'],
    ['2025-W16', 'boletin-electoral'],
    ['2026-W14', 'calendario-ine'],
    ['2026-W14', 'boletin-electoral'],
  ])
  for (const one of omitted) expect(one.reason).toContain('Semana Santa')
  expect(departures.filter((one) => one.state === 'held')).toEqual([])
  expect(new Set(departures.map((one) => `${one.publication} ${one.period}`)).size).toBe(209)
  // what the institute printed for January–March 2025; the paper's 11 January and 29 March are misprints
  expect(sentOf(departures, 'calendario-ine').slice(0, 13).map(dayOf)).toEqual([
    '2025-01-06',
    '2025-01-13',
    '2025-01-20',
    '2025-01-27',
    '2025-02-03',
    '2025-02-10',
    '2025-02-17',
    '2025-02-24',
    '2025-03-03',
    '2025-03-10',
    '2025-03-17',
    '2025-03-24',
    '2025-03-31',
  ])
  expect(sentOf(departures, 'boletin-electoral').slice(0, 13).map(dayOf)).toEqual([
    '2025-01-03',
    '2025-01-10',
    '2025-01-17',
    '2025-01-24',
    '2025-01-31',
    '2025-02-07',
    '2025-02-14',
    '2025-02-21',
    '2025-02-28',
    '2025-03-07',
    '2025-03-14',
    '2025-03-21',
    '2025-03-28',
  ])
  expect(app.outbox?.count()).toBe((51 + 52) * 2 + (51 + 51))
}, 400_000)

test('over the end of 2026: week 53 is named, Christmas moves the boletín to Thursday, the numbers begin again', async () => {
  const app = await simulationApp('2026-12-14')
  const departures = await run(app, '2027-01-11')
  expect(sentOf(departures, 'boletin-electoral').map((one) => [one.period, dayOf(one)])).toEqual([
    ['2026-W51', '2026-12-18'],
    ['2026-W52', '2026-12-24'],
    ['2026-W53', '2026-12-31'],
    ['2027-W01', '2027-01-08'],
  ])
  const rows = await app.db
    .selectFrom('edition')
    .select(['period', 'issueYear', 'issueNumber'])
    .where('publication', '=', 'boletin-electoral')
    .where('state', '=', 'sent')
    .orderBy('nominalAt')
    .execute()
  expect(rows.map((row) => `${row.period}: ${row.issueNumber}/${row.issueYear}`)).toEqual([
    '2026-W51: 1/2026',
    '2026-W52: 2/2026',
    '2026-W53: 3/2026',
    '2027-W01: 1/2027',
  ])
}, 120_000)

test('a leap day is a Tuesday like another', async () => {
  const app = await simulationApp('2028-02-21')
  const departures = await run(app, '2028-03-06')
  expect(departures.map((one) => [one.period, dayOf(one)])).toEqual([
    ['2028-W08', '2028-02-21'],
    ['2028-W08', '2028-02-25'],
    ['2028-W09', '2028-02-28'],
    ['2028-W09', '2028-03-03'],
  ])
}, 120_000)

for (const queue of ['postgres', 'redis'] as const) {
  test.runIf(queue === 'postgres' || inject('redisUrl') !== undefined)(
    `on ${queue}: ten Fridays missed while everything was down are omitted with their reason, the last one leaves late, and none is doubled`,
    async () => {
      const app = await simulationApp('2027-06-28', queue)
      const down = { from: mexicoCity('2027-07-02T10:00'), to: mexicoCity('2027-09-04T09:00') }
      const departures = await run(app, '2027-09-13', {
        isDown: (at) => at >= down.from && at < down.to,
      })
      const fridays = departures.filter((one) => one.publication === 'boletin-electoral')
      expect(fridays.map((one) => [one.period, one.state])).toEqual([
        ...[26, 27, 28, 29, 30, 31, 32, 33, 34].map((week) => [`2027-W${week}`, 'omitted']),
        // Friday 3 September was within its grace on Saturday morning
        ['2027-W35', 'sent'],
        ['2027-W36', 'sent'],
      ])
      expect(app.outbox?.count()).toBeGreaterThan(0)
      const doubled = await app.db
        .selectFrom('edition')
        .select(['publication', 'period'])
        .groupBy(['publication', 'period'])
        .having(({ fn }) => fn.countAll(), '>', 1)
        .execute()
      expect(doubled).toEqual([])
    },
    120_000,
  )
}

test('the hours of the readers’ daylight saving move no edition: 8:30 in Mexico City all year', async () => {
  const app = await simulationApp('2027-03-08')
  const departures = await run(app, '2027-04-12')
  for (const one of departures.filter(({ state }) => state === 'sent')) {
    expect(inMexicoCity(one.at).toFormat('HH:mm')).toBe(
      one.publication === 'calendario-ine' ? '08:30' : '15:00',
    )
  }
}, 120_000)

test('killed in the middle and started again, the simulation mails nobody twice', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-simulation-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const outbox = join(dataDir, 'simulation', 'demo', 'outbox')
  const sent = async () =>
    (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.eml'))
  const start = (...options: string[]) =>
    spawn(
      process.execPath,
      ['src/pregonero.mjs', 'simulate', '--from', '2026-11-23', '--weeks', '2', ...options],
      {
        env: { ...compileCache, PATH: process.env.PATH, DATA_DIR: dataDir },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
  const first = start()
  await eventually(sent, (files) => files.length > 20, 60_000)
  first.kill('SIGKILL')
  await once(first, 'exit')
  const second = start('--resume')
  const [said, [code]] = await Promise.all([text(second.stdout), once(second, 'exit')])
  expect(code).toBe(0)

  const mails = await Promise.all(
    (await sent()).map(async (name) => PostalMime.parse(await readFile(join(outbox, name)))),
  )
  // of editions: notices to staff have no List-Id
  const ids = mails
    .filter(({ headers }) => headers.some(({ key }) => key === 'list-id'))
    .map(({ messageId }) => messageId)
  expect(new Set(ids).size).toBe(ids.length)
  // it tells every edition with what the ledger has of it; what died in mid-conversation may be there and be unknown
  const accepted = [...said.matchAll(/: (\d+) aceptados/g)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  )
  expect(accepted).toBeGreaterThan(100)
  expect(ids.length).toBeGreaterThanOrEqual(accepted)
  expect(ids.length).toBeLessThanOrEqual(accepted + 5)
}, 180_000)
