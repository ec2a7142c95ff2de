/** Editions on their way to a test relay, by as many engines as a test asks for, each as a process would be. */
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import type { App } from '../../src/app.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import type { Totals } from '../../src/states.ts'
import {
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  reopenApp,
  startWorkers,
  testApp,
  type TestApp,
  type TestAppOptions,
} from './app.ts'
import type { TestRelay } from './relay.ts'

export interface Dispatch {
  app: TestApp
  relay: TestRelay
  id: number
}

/** All mail of this engine goes to the relay, as in production. */
export function sendVia(app: App, relay: Pick<TestRelay, 'url'>): void {
  const { hostname, port } = new URL(relay.url)
  app.engine.outbox = { host: hostname, port: Number(port), tls: 'none', auth: undefined }
}

/** The week's boletín, released at its hour; its batches are queued and nobody works yet. */
export async function dispatchTo(
  relay: TestRelay,
  options: TestAppOptions = {},
): Promise<Dispatch> {
  const app = await testApp(options)
  sendVia(app, relay)
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  return { app, relay, id }
}

/** Another process on the same database and queue. */
export async function besides(
  { app, relay }: Dispatch,
  options: TestAppOptions = {},
): Promise<App> {
  const { databaseUrl, queuePrefix, clock } = app
  const other = await reopenApp(databaseUrl, { ...options, queuePrefix, clock })
  sendVia(other, relay)
  return other
}

export async function workAll(apps: App[], concurrency = 5): Promise<void> {
  for (const app of apps) await startWorkers(app, concurrency)
}

/** Waits until it concluded; `planning`: as the planner's minute would. */
export async function concluded(
  { app, id }: Dispatch,
  { timeoutMs = 30_000, planning = false } = {},
): Promise<Totals> {
  await eventually(
    async () => {
      if (planning) await plan(app.engine)
      return (await editionNow(app, id)).state
    },
    (state) => state === 'sent',
    timeoutMs,
  )
  return totalsOf(app.db, id)
}

/** Nobody was mailed twice. */
export function timesTaken({ taken }: TestRelay): { messages: number; people: number } {
  // staff get their notices by the same relay
  const to = taken.map((message) => message.to).filter((address) => address.startsWith('persona'))
  return { messages: to.length, people: new Set(to).size }
}

/** The most messages that arrived within any second. */
export function mostInASecond({ taken }: TestRelay, fromMs = 0, toMs = Infinity): number {
  const times = taken.map(({ atMs }) => atMs).filter((at) => at >= fromMs && at < toMs)
  return Math.max(
    0,
    ...times.map((start) => times.filter((at) => at >= start && at < start + 1_000).length),
  )
}
