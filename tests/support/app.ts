/** A whole Pregonero for one test: its own database, queue, outbox folder and clock. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DateTime } from 'luxon'
import { inject, onTestFinished } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { calendarioIne } from '../../jobs/calendario-ine.ts'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import { handlersOf, openApp, validateAll, type App, type AppOptions } from '../../src/app.ts'
import { addList } from '../../src/audience/lists.ts'
import { frozenClock, zone, type MovableClock } from '../../src/clock.ts'
import { findEdition, type Edition } from '../../src/editions/editions.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { addUser, type Role, type User } from '../../src/people/users.ts'
import { importText } from './contacts.ts'
import { quietLog, testDatabaseUrl } from './database.ts'
import { boletinYaml } from './content.ts'

export interface TestApp extends App {
  clock: MovableClock
  databaseUrl: string
  queuePrefix: string
  ana: User
  luis: User
}

export interface TestAppOptions extends AppOptions {
  clock?: MovableClock
  /** Beside the defaults of a test. */
  env?: Record<string, string>
  queue?: 'postgres' | 'redis'
  recipients?: number
}

/** Monday 23 November 2026, 09:00; the week's boletín leaves on Friday at 15:00. */
export const mondayMorning = mexicoCity('2026-11-23T09:00')
export const fridayAt15 = mexicoCity('2026-11-27T15:00')

export function mexicoCity(text: string): Date {
  return DateTime.fromISO(text, { zone }).toJSDate()
}

/** ana writes, luis approves and operates; the lists exist; `recipients` contacts in comunidad-iecm (3). */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const databaseUrl = await testDatabaseUrl()
  const app = await reopenApp(databaseUrl, options)
  const at = app.clock.now()
  const ana = await addTestUser(app, 'ana', ['capturista'])
  const luis = await addTestUser(app, 'luis', ['aprobacion', 'operacion'])
  await addList(app.db, { slug: 'consejerias', name: 'Consejerías', kind: 'internal' }, at)
  await addList(app.db, { slug: 'comunidad-iecm', name: 'Comunidad', kind: 'internal' }, at)
  await addList(app.db, { slug: 'calendario-ine', name: 'Calendario', kind: 'internal' }, at)
  await addList(
    app.db,
    { slug: 'red-observacion', name: 'Red de Observación', kind: 'external' },
    at,
  )
  await addContacts(app, options.recipients ?? 3)
  return { ...app, ana, luis }
}

/** One of each kind is enough for most tests: numbered, with sessions, on request and approved by somebody else. */
const aFewPublications = [boletinElectoral, calendarioIne, invitacionRedObservacion]

/** Another process on the same database, as after a restart. */
export async function reopenApp(
  databaseUrl: string,
  options: TestAppOptions = {},
): Promise<App & { clock: MovableClock; databaseUrl: string; queuePrefix: string }> {
  const { clock = frozenClock(mondayMorning), env = {}, queue = 'postgres', ...rest } = options
  const queuePrefix = rest.queuePrefix ?? `test-${randomUUID()}`
  const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-test-'))
  const redisUrl = queue === 'redis' ? inject('redisUrl') : undefined
  const validated = validateAll({
    PREGONERO_ENV: 'test',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    SENDER_ADMIN_RATE_PER_SECOND: '10000',
    SENDER_VOTOCHILANGO_RATE_PER_SECOND: '10000',
    SENDER_DVOE_RATE_PER_SECOND: '10000',
    HTTP_PORT: '0',
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    ...env,
  })
  const app = await openApp(validated, {
    log: quietLog,
    clock,
    queuePrefix,
    publications: aFewPublications,
    ...rest,
  })
  onTestFinished(async () => {
    await app.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { ...app, clock, databaseUrl, queuePrefix }
}

export async function addTestUser(app: App, login: string, roles: Role[]): Promise<User> {
  const name = login.charAt(0).toUpperCase() + login.slice(1)
  return addUser(
    app.db,
    { login, name, email: `${login}@example.org`, roles },
    app.engine.clock.now(),
  )
}

/** persona1@example.org … in the list. */
export async function addContacts(
  app: App,
  count: number,
  prefix = 'persona',
  list = 'comunidad-iecm',
): Promise<void> {
  if (count === 0) return
  const rows = Array.from(
    { length: count },
    (_, i) => `${prefix}${i + 1}@example.org,Persona ${i + 1}`,
  )
  const text = ['correo,nombre', ...rows].join('\n')
  await importText(app.db, text, { list, at: app.engine.clock.now(), keys: app.engine.keys })
}

/** The boletín of the week of the app's clock, planned and with content; ready unless told otherwise. */
export async function boletin(
  app: TestApp,
  options: { ready?: boolean; yaml?: string } = {},
): Promise<Edition> {
  await plan(app.engine)
  const edition = await addContent(app.engine, app.ana, {
    text: options.yaml ?? boletinYaml(),
    place: 'boletin.yaml',
  })
  if (options.ready === false) return edition
  return (await markReady(app.engine, app.ana, edition.id)).edition
}

/** Starts the workers of the app's queue; stopped when the test ends. */
export async function startWorkers(
  app: App,
  dispatchConcurrency = 2,
): Promise<{ close(): Promise<void> }> {
  const workers = await app.engine.queue.work(handlersOf(app.engine), { dispatchConcurrency })
  let closing: Promise<void> | undefined
  const close = () => (closing ??= workers.close())
  onTestFinished(close)
  return { close }
}

export async function editionNow(app: App, id: number): Promise<Edition> {
  return findEdition(app.db, id)
}

/** Waits for something real to happen; fails with what it last saw. */
export async function eventually<T>(
  look: () => Promise<T>,
  isDone: (value: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await look()
    if (isDone(value)) return value
    if (Date.now() > deadline)
      throw new Error(`Still ${JSON.stringify(value)} after ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
