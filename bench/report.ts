/**
 * `npm run bench:report`: what a quarter costs beside its deliveries, in one run: the same report over few deliveries and
 * over a million, and the DOCX beside the report that it is made of. Medians, in milliseconds, and their ratios.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { openApp, validateAll } from '../src/app.ts'
import { prepareSampleData } from '../src/cli/demo-data.ts'
import { simulate } from '../src/cli/simulate.ts'
import { frozenClock } from '../src/clock.ts'
import { reportFile } from '../src/flow/report-file.ts'
import { quarterReport } from '../src/flow/report.ts'
import { createLog } from '../src/log.ts'
import { parseQuarter } from '../src/report/quarter.ts'

const runs = 7
const deliveries = 1_000_000
const quarter = parseQuarter('2026-Q4')

const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-bench-'))
const clock = frozenClock(new Date('2026-11-23T06:00:00Z'))
const log = createLog({ level: 'error', name: 'bench' })
const app = await openApp(validateAll({ PREGONERO_ENV: 'demo', DATA_DIR: dataDir }), { clock, log })
try {
  const staff = await prepareSampleData(app, { contacts: 2 })
  const until = new Date('2026-11-28T06:00:00Z')
  const sent: number[] = []
  for await (const { editionId, state } of simulate(app, { clock, staff, until }))
    if (state === 'sent') sent.push(editionId)

  const build = () => quarterReport(app.engine, app.reportDefinitions, quarter)
  const few = await median(build)
  await sql`INSERT INTO delivery (edition_id, batch, address, state, updated_at)
    SELECT ${sent[0]}, i / 100, 'p' || i || '@example.org', 'accepted', now()
    FROM generate_series(1, ${deliveries}::int) i`.execute(app.db)
  const many = await median(build)
  const report = await build()
  const docx = await median(() => reportFile(app.engine, report, { format: 'docx' }))
  const say = (what: string, ms: number, beside: number) =>
    process.stdout.write(
      `${what.padEnd(34)}${ms.toFixed(0).padStart(6)} ms${(ms / beside).toFixed(2).padStart(8)}×\n`,
    )
  say(`report, ${sent.length} editions`, few, few)
  say(`the same and ${deliveries} deliveries`, many, few)
  say('its DOCX, with charts', docx, few)
} finally {
  await app.close()
  await rm(dataDir, { recursive: true, force: true })
}

async function median(work: () => Promise<unknown>): Promise<number> {
  await work()
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)]!
}
