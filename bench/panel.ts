/**
 * `npm run bench:panel`: every page of the panel over years of mailings to a million people (bench/panel-data.ts), through
 * the real server, signed in: fastest, median and worst of 20 warm requests in milliseconds, and what each page weighs.
 * The data is made by the first run, in some minutes, and kept in .pregonero/bench-panel: delete the folder to have it
 * made again.
 *
 *   --json FILE    the same figures for a program
 *   --only TEXT    pages whose name has it
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openApp, validateAll, type App } from '../src/app.ts'
import { frozenClock } from '../src/clock.ts'
import { batchSizeFor } from '../src/flow/release.ts'
import { panelRoutes } from '../src/http/panel/panel.ts'
import { startHttpServer } from '../src/http/server.ts'
import { createLog } from '../src/log.ts'
import { login, makePanelData, measuredAt, password } from './panel-data.ts'
import { panelPages, type PanelPage } from './panel-pages.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' } } })
const requests = 20
const budget = { ms: 50, bytes: 100_000 }
let asked = 0
const dataDir = resolve('.pregonero/bench-panel')

interface Measured {
  name: string
  status: number
  /** What it costs when nothing else wants the machine. */
  fastest: number
  median: number
  worst: number
  bytes: number
  /** Of downloads and previews there is no target. */
  hasTarget: boolean
}

await mkdir(dataDir, { recursive: true })
const clock = frozenClock(measuredAt)
const app = await openApp(
  validateAll({ PREGONERO_ENV: 'demo', DATA_DIR: dataDir, HTTP_PORT: '0' }),
  {
    clock,
    log: createLog({ level: 'error', name: 'bench' }),
    postgresSettings: { max_wal_size: '8GB' },
  },
)
try {
  await prepare(app)
  const server = await startHttpServer(app.engine)
  try {
    await measure(app, server.url)
  } finally {
    await server.close()
  }
} finally {
  await app.close()
}

/** The last thing that is written says that the data is whole. */
async function prepare(to: App): Promise<void> {
  const done = join(dataDir, 'made')
  if (await readFile(done).catch(() => undefined)) return
  if (await to.db.selectFrom('staffUser').select('id').executeTakeFirst())
    throw new Error(`${dataDir} has data that was not finished: delete it and run again`)
  await makePanelData(to, clock, { batchSize: batchSizeFor })
  await writeFile(done, '')
}

async function measure({ db }: App, url: string): Promise<void> {
  const cookie = await signIn(url)
  const pages = await panelPages(db)
  const missing = panelRoutes.filter(
    ({ method, path }) => method === 'GET' && !pages.some((page) => page.route === path),
  )
  if (missing.length > 0)
    throw new Error(`nobody measures ${missing.map(({ path }) => path).join(', ')}`)
  const wanted = pages.filter(({ name }) => name.includes(values.only ?? ''))
  const before = process.memoryUsage.rss()
  const measured: Measured[] = []
  for (const page of wanted) measured.push(await timesOf(page, url, cookie))
  const after = process.memoryUsage.rss()
  report(measured, { before, after })
  if (values.json !== undefined)
    await writeFile(
      values.json,
      JSON.stringify({ pages: measured, rss: { before, after } }, null, 2),
    )
}

async function signIn(url: string): Promise<string> {
  const answer = await send(url, '/panel/entrar', { clave: login, contrasena: password })
  if (answer.status !== 303) throw new Error(`signing in answered ${answer.status}`)
  return /^[^;]+/.exec(answer.headers.get('set-cookie') ?? '')![0]
}

function send(url: string, path: string, form?: Record<string, string>, cookie = '') {
  return fetch(`${url}${path}`, {
    redirect: 'manual',
    headers: { Cookie: cookie, Origin: new URL(url).origin },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
}

async function timesOf(page: PanelPage, url: string, cookie: string): Promise<Measured> {
  const times: number[] = []
  let [status, bytes] = [0, 0]
  for (let run = -2; run < requests; run++) {
    // the server limits who asks so much: 500 requests in ten seconds
    if (++asked % 450 === 0) await sleep(10_500)
    const startedMs = performance.now()
    const answer = await send(url, page.path, page.form, cookie)
    bytes = (await answer.arrayBuffer()).byteLength
    status = answer.status
    // the first ones compile, and warm what is cold
    if (run >= 0) times.push(performance.now() - startedMs)
    if (status === 429) throw new Error(`${page.name} was limited`)
  }
  const sorted = times.toSorted((a, b) => a - b)
  const { name, hasTarget = true } = page
  return {
    name,
    status,
    fastest: sorted[0]!,
    median: sorted[requests / 2]!,
    worst: sorted.at(-1)!,
    bytes,
    hasTarget,
  }
}

function report(measured: Measured[], { before, after }: { before: number; after: number }): void {
  const width = Math.max(...measured.map(({ name }) => name.length))
  for (const { name, status, fastest, median, worst, bytes, hasTarget } of measured) {
    const isOver = hasTarget && (median > budget.ms || bytes > budget.bytes)
    const cells = [
      `${fastest.toFixed(1)} ms`,
      `${median.toFixed(1)} ms`,
      `${worst.toFixed(1)} ms`,
      `${(bytes / 1000).toFixed(1)} kB`,
    ]
    const line = [String(status), ...cells.map((cell) => cell.padStart(10))].join(' ')
    print(`${name.padEnd(width)} ${line}${isOver ? '  over' : ''}`)
  }
  const [rest, most] = [before, after].map((bytes) => `${(bytes / 1024 ** 2).toFixed(0)} MB`)
  print(`memory of the process: ${rest} before, ${most} after`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
