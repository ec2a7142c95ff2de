/** `pregonero simulate`: our clock through the real planner, database, queue and outbox; says what left each day. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { DateTime } from 'luxon'
import { handlersOf, openApp, validateAll, type App } from '../app.ts'
import { frozenClock, inMexicoCity, zone, type MovableClock } from '../clock.ts'
import { sampleFor } from '../content/sample.ts'
import { Problem, shown } from '../errors.ts'
import { addContent } from '../flow/add-content.ts'
import { approve } from '../flow/approve.ts'
import { requirePublication, titleOf } from '../flow/engine.ts'
import { invite } from '../flow/invite.ts'
import { markReady } from '../flow/mark-ready.ts'
import { plan } from '../flow/plan.ts'
import { totalsOf } from '../ledger/totals.ts'
import { createLog } from '../log.ts'
import type { User } from '../people/users.ts'
import type { Publication } from '../publication.ts'
import { editionStateNames } from '../states.ts'
import { forgetDemo, prepareSampleData } from './demo-data.ts'
import { examples, print, shortTime, wholeNumber } from './session.ts'

const dayMs = 86_400_000
const patienceMs = 60_000

export function addSimulateCommand(program: Command): void {
  examples(
    program
      .command('simulate')
      .description('move the clock through weeks of planning and sending, into a local outbox')
      .requiredOption('--from <date>', 'first day, ISO')
      .option('--weeks <n>', 'how many weeks', wholeNumber('--weeks'), 8)
      .option('--resume', 'go on with the database of an earlier simulation')
      .action(async (options: { from: string; weeks: number; resume?: boolean }) => {
        const from = DateTime.fromISO(options.from, { zone })
        if (!from.isValid) {
          const remedy = 'Write it as 2026-11-23'
          throw new Problem('usage', {
            place: '--from',
            message: 'is not a date',
            value: shown(options.from),
            remedy,
          })
        }
        await runSimulateCommand(from.toJSDate(), options)
      }),
    'simulate --from 2026-11-23 --weeks 8',
  )
}

async function runSimulateCommand(
  from: Date,
  options: { weeks: number; resume?: boolean },
): Promise<void> {
  const { DATA_DIR = '.pregonero', LOG_LEVEL = 'error' } = process.env
  const validated = validateAll({
    PREGONERO_ENV: 'demo',
    DATA_DIR: `${DATA_DIR}/simulation`,
    LOG_LEVEL,
  })
  if (!options.resume) await forgetDemo(validated.config.dataDir)
  const clock = frozenClock(from)
  const app = await openApp(validated, {
    clock,
    log: createLog({ level: LOG_LEVEL, name: 'simulate' }),
  })
  try {
    const staff = await prepareSampleData(app, { contacts: 5 })
    const until = new Date(from.getTime() + options.weeks * 7 * dayMs)
    const requests = options.resume ? [] : onRequestSlugs(app.engine.publications)
    for await (const departure of simulate(app, { clock, staff, until, requests }))
      print(departureText(app, departure))
  } finally {
    await app.close()
  }
}

export const onRequestSlugs = (publications: Publication[]): string[] =>
  publications.filter(({ cadence }) => cadence.kind === 'on-request').map(({ slug }) => slug)

/** An edition that came to its end: sent, omitted, or held without anybody to mend it. */
export interface Departure {
  editionId: number
  publication: string
  period: string
  at: Date
  state: 'sent' | 'omitted' | 'held'
  reason: string | null
  accepted: number
}

export interface SimulationOptions {
  clock: MovableClock
  staff: Staff
  until: Date
  /** Publications on request of which staff queue the sample, once, in the first whole week. */
  requests?: string[]
  /** Whether staff prepare this edition in time; they do unless told otherwise. */
  prepares?: (edition: { publication: string; period: string }) => boolean
  /** Stretches during which the whole system is down: nothing plans, nothing is sent. */
  isDown?: (at: Date) => boolean
}

export interface Staff {
  author: User
  approver: User
}

/** Yields what ended, in order. The workers and the queue are real; only the clock is moved, from event to event. */
export async function* simulate(app: App, options: SimulationOptions): AsyncGenerator<Departure> {
  const { engine } = app
  const { clock, until, isDown = () => false } = options
  const workers = await engine.queue.work(handlersOf(engine), {
    dispatchConcurrency: engine.config.dispatchConcurrency,
  })
  const seen = new Set<number>()
  try {
    await queueRequests(app, options)
    while (clock.now() < until) {
      if (!isDown(clock.now())) {
        await plan(engine)
        await prepareAll(app, options)
        // what staff made ready may be due at once
        await plan(engine)
        await settled(app)
        yield* ended(app, seen)
      }
      clock.moveTo(await nextMoment(app, clock.now()))
    }
  } finally {
    await workers.close()
  }
}

async function queueRequests(
  { engine }: App,
  { clock, staff, requests = [] }: SimulationOptions,
): Promise<void> {
  const monday = inMexicoCity(clock.now()).startOf('week')
  // their hours are spread over a week that must not have begun
  const week = monday.toJSDate() < clock.now() ? monday.plus({ weeks: 1 }) : monday
  for (const slug of requests) {
    const { edition } = await invite(engine, staff.author, sampleFor(slug, week.toJSDate()))
    if (requirePublication(engine, slug).approval === 'second-person')
      await approve(engine, staff.approver, edition.id)
  }
}

/** Staff fill every edition that the planner opened, with the sample moved to its week. */
async function prepareAll(
  app: App,
  { staff, prepares = () => true }: SimulationOptions,
): Promise<void> {
  const { engine, db } = app
  const open = await db
    .selectFrom('edition')
    .selectAll()
    .where('state', 'in', ['planned', 'held'])
    .where('slotAt', 'is not', null)
    .orderBy('nominalAt')
    .execute()
  for (const edition of open) {
    if (!prepares(edition)) continue
    const publication = engine.publications.find((one) => one.slug === edition.publication)
    if (edition.contentId === null) {
      await addContent(
        engine,
        staff.author,
        sampleFor(edition.publication, edition.slotAt!, edition.period),
        edition.period,
      )
    }
    await markReady(engine, staff.author, edition.id, { confirmRepeat: true })
    if (publication?.approval === 'second-person') await approve(engine, staff.approver, edition.id)
  }
}

/** Waits until everything that is due at this moment has left and was accepted; the planner goes on meanwhile. */
async function settled({ db, engine }: App): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (let tick = 1; ; tick++) {
    const { count } = await db
      .selectFrom('edition')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where(({ eb, or, and }) =>
        or([
          eb('state', '=', 'sending'),
          and([
            eb('state', 'in', ['ready', 'approved']),
            eb('nominalAt', '<=', engine.clock.now()),
          ]),
        ]),
      )
      .executeTakeFirstOrThrow()
    if (count === 0) return
    if (Date.now() > deadline) {
      const at = engine.clock.now().toISOString()
      throw new Error(`${count} editions did not leave within ${patienceMs} ms of ${at}`)
    }
    await sleep(20)
    // a killed run leaves deliveries that only a later plan finds
    if (tick % 100 === 0) await plan(engine)
  }
}

async function* ended({ db }: App, seen: Set<number>): AsyncGenerator<Departure> {
  const rows = await db
    .selectFrom('edition')
    .selectAll()
    .where('state', 'in', ['sent', 'omitted', 'held'])
    .orderBy('nominalAt')
    .execute()
  for (const row of rows) {
    if (seen.has(row.id) || (row.state === 'held' && seen.has(-row.id))) continue
    // what is held may still leave, and is told again then
    seen.add(row.state === 'held' ? -row.id : row.id)
    const { accepted } = await totalsOf(db, row.id)
    yield {
      editionId: row.id,
      publication: row.publication,
      period: row.period,
      at: row.releasedAt ?? row.nominalAt,
      state: row.state as Departure['state'],
      reason: row.stateReason ?? row.movedReason,
      accepted,
    }
  }
}

/** The next nominal hour or midnight, whichever is first: nothing happens between. */
async function nextMoment({ db }: App, now: Date): Promise<Date> {
  const midnight = inMexicoCity(now).startOf('day').plus({ days: 1 }).toJSDate()
  const next = await db
    .selectFrom('edition')
    .select('nominalAt')
    .where('state', 'in', ['planned', 'ready', 'approved'])
    .where('nominalAt', '>', now)
    .orderBy('nominalAt')
    .executeTakeFirst()
  return next && next.nominalAt < midnight ? next.nominalAt : midnight
}

function departureText({ engine }: App, departure: Departure): string {
  const what = `${shortTime(departure.at).padEnd(22)} ${titleOf(engine, departure)}`
  const how =
    departure.state === 'sent'
      ? `${departure.accepted} aceptados`
      : editionStateNames[departure.state]
  return `${what}: ${how}${departure.reason ? ` (${departure.reason})` : ''}`
}
