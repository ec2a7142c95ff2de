/**
 * Every metric that there is. Values are read when somebody asks, and kept for some seconds: many readers cost what one
 * costs. What cannot be read in time is left out, and `pregonero_source_up` says so.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { troubledRelays } from '../dispatch/relay-rest.ts'
import { relayName } from '../dispatch/transport.ts'
import { deliveryStates } from '../states.ts'
import type { Engine } from '../flow/engine.ts'
import { conversationsBetween, oldestPending, vitalsOf, type Vitals } from '../ledger/vitals.ts'
import type { Backlog } from '../queue/queue.ts'

const keptMs = 5_000
const relaysKeptMs = 30_000
const limitMs = 2_500
/** Conversations taken into the histogram at a reading: more are left for the next. */
const maxConversations = 100_000

export function metricRegistry(
  engine: Engine,
  forMs = keptMs,
): () => Promise<{ text: string; contentType: string }> {
  // process metrics cost a timer: only where somebody asks
  let measures: Measures | undefined
  return kept(forMs, async () => {
    measures ??= register(engine)
    const { registry, sources, up } = measures
    await Promise.all(
      Object.entries(sources).map(async ([source, read]) => {
        const isUp = await inTime(read()).then(
          () => true,
          (error: unknown) => {
            engine.log.warn({ err: error, source }, 'metrics not read')
            return false
          },
        )
        up.set({ source }, isUp ? 1 : 0)
      }),
    )
    return { text: await registry.metrics(), contentType: registry.contentType }
  })
}

interface Measures {
  registry: Registry
  up: Gauge<'source'>
  /** Each sets its own metrics, and leaves them empty when it fails. */
  sources: Record<string, () => Promise<void>>
}

function register(engine: Engine): Measures {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const up = new Gauge({
    name: 'pregonero_source_up',
    help: 'Whether what the metrics are read from answered in time',
    labelNames: ['source'],
    registers,
  })
  return {
    registry,
    up,
    sources: {
      database: ledgerSource(engine, registers),
      waiting: waitingSource(engine, registers),
      conversations: conversationSource(engine, registers),
      queue: queueSource(engine, registers),
      relays: relaySource(engine, registers),
      rests: restSource(engine, registers),
    },
  }
}

function ledgerSource(engine: Engine, registers: Registry[]): () => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers })
  const deliveries = gauge(
    'pregonero_deliveries',
    'Deliveries by publication and present state; `unknown` waits for a person',
    ['publication', 'state'],
  )
  const accepted = new Counter({
    name: 'pregonero_deliveries_accepted_total',
    help: 'Deliveries that a relay took since the ledger began',
    labelNames: ['publication'],
    registers,
  })
  const editions = gauge('pregonero_editions', 'Editions by publication and state', [
    'publication',
    'state',
  ])
  const lag = gauge(
    'pregonero_edition_lag_seconds',
    'How far behind its hour the edition is that should have left first and has not',
    ['publication'],
  )
  const workers = gauge('pregonero_workers', 'Sending processes whose lease holds', [])
  return async () => {
    for (const metric of [deliveries, accepted, editions, lag]) metric.reset()
    workers.set(NaN)
    const now = engine.clock.now()
    const vitals: Vitals = await vitalsOf(engine.db, now, limitMs)
    // the tally has no row for what is none any more, and a series that ends looks like a fault
    for (const publication of new Set(vitals.deliveries.map((one) => one.publication)))
      for (const state of deliveryStates) deliveries.set({ publication, state }, 0)
    for (const { deliveries: sum, ...labels } of vitals.deliveries) {
      deliveries.set(labels, sum)
      if (labels.state === 'accepted') accepted.inc({ publication: labels.publication }, sum)
    }
    for (const { editions: sum, ...labels } of vitals.editions) editions.set(labels, sum)
    // of every publication: an alert must tell «on time» from «not known»
    for (const { slug } of engine.publications) lag.set({ publication: slug }, 0)
    for (const { publication, seconds } of vitals.lags) lag.set({ publication }, seconds)
    workers.set(vitals.workers)
  }
}

/** Apart from the rest: after a large dispatch it may take longer than there is time. */
function waitingSource(engine: Engine, registers: Registry[]): () => Promise<void> {
  const oldest = new Gauge({
    name: 'pregonero_delivery_oldest_pending_seconds',
    help: 'How long the oldest delivery of the editions on their way has waited; 0: none waits',
    registers,
  })
  return async () => {
    // not known is not none
    oldest.set(NaN)
    const since = await oldestPending(engine.db, limitMs)
    const now = engine.clock.now().getTime()
    oldest.set(since ? Math.max(0, (now - since.getTime()) / 1_000) : 0)
  }
}

/** Of every process, from the ledger: a worker serves no metrics of its own. Counted since this process began. */
function conversationSource(engine: Engine, registers: Registry[]): () => Promise<void> {
  const duration = new Histogram({
    name: 'pregonero_smtp_duration_seconds',
    help: 'SMTP conversations of all processes, from the composing of the message to its outcome',
    labelNames: ['relay', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 660],
    registers,
  })
  let read: { until: number; highest: number } | undefined
  const readOn = async () => {
    const { until: after, highest: before } = read ?? { until: 0, highest: 0 }
    const limits = { limit: maxConversations, limitMs }
    const found = await conversationsBetween(engine.db, { after, before, ...limits })
    const isAnew = read === undefined || found.highest < after
    read = { until: isAnew ? found.highest : found.until, highest: found.highest }
    for (const { relay, outcome, durationMs, count } of found.conversations)
      for (let i = 0; i < count; i++) duration.observe({ relay, outcome }, durationMs / 1_000)
  }
  // one at a time, or a slow one would be counted twice
  let reading: Promise<void> | undefined
  return () => (reading ??= readOn().finally(() => (reading = undefined)))
}

function queueSource(engine: Engine, registers: Registry[]): () => Promise<void> {
  const jobs = new Gauge({
    name: 'pregonero_queue_jobs',
    help: 'Jobs of the queue by state',
    labelNames: ['queue', 'state'],
    registers,
  })
  const oldest = new Gauge({
    name: 'pregonero_queue_oldest_job_seconds',
    help: 'How long the first job that waits has been due; 0: none waits',
    labelNames: ['queue'],
    registers,
  })
  return async () => {
    for (const metric of [jobs, oldest]) metric.reset()
    const backlogs: Backlog[] = await engine.queue.backlog()
    for (const { queue, oldestMs, ...states } of backlogs) {
      for (const state of ['waiting', 'active', 'delayed'] as const)
        jobs.set({ queue, state }, states[state])
      oldest.set({ queue }, (oldestMs ?? 0) / 1_000)
    }
  }
}

/** Greeted and logged in to as a worker does, on connections that are kept for a while. */
function relaySource(engine: Engine, registers: Registry[]): () => Promise<void> {
  const up = new Gauge({
    name: 'pregonero_relay_up',
    help: 'Whether this process could begin a conversation with the relay',
    labelNames: ['relay'],
    registers,
  })
  const given = Object.values(engine.config.senders).map(({ relay }) => relay ?? engine.outbox)
  const relays = new Map(given.flatMap((relay) => (relay ? [[relayName(relay), relay]] : [])))
  const look = kept(relaysKeptMs, () =>
    Promise.all(
      [...relays].map(async ([name, relay]) => {
        const talking = engine.connections.take(relay).then((one) => engine.connections.give(one))
        const isUp = await inTime(talking, limitMs - 500).then(
          () => true,
          () => false,
        )
        return { name, isUp }
      }),
    ),
  )
  return async () => {
    for (const { name, isUp } of await look()) up.set({ relay: name }, isUp ? 1 : 0)
  }
}

/** What every worker heard from its relays. */
function restSource(engine: Engine, registers: Registry[]): () => Promise<void> {
  const rest = new Gauge({
    name: 'pregonero_relay_rest_seconds',
    help: 'How long the workers still leave a relay alone that gave trouble in the last minutes',
    labelNames: ['relay'],
    registers,
  })
  return async () => {
    rest.reset()
    for (const { relay, until } of await troubledRelays(engine.db))
      rest.set({ relay }, Math.max(0, (until.getTime() - Date.now()) / 1_000))
  }
}

/** Who asks while it is found out, or for a while after, gets the same. */
function kept<T>(forMs: number, findOut: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined
  const forget = () => (shared = undefined)
  return () => (shared ??= findOut().finally(() => setTimeout(forget, forMs).unref()))
}

async function inTime<T>(work: Promise<T>, givenMs = limitMs + 500): Promise<T> {
  const stop = new AbortController()
  const tooLong = async (): Promise<never> => {
    await sleep(givenMs, undefined, { ref: false, signal: stop.signal })
    throw new Error(`no answer within ${givenMs} ms`)
  }
  try {
    return await Promise.race([work, tooLong()])
  } finally {
    stop.abort()
  }
}
