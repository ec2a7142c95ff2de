/** The two ledgers that bench/ledger.ts compares: made once by bench/panel-data.ts, kept in .pregonero/bench-ledger. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { sql } from 'kysely'
import { openApp, validateAll, type App } from '../../src/app.ts'
import { frozenClock } from '../../src/clock.ts'
import { batchSizeFor } from '../../src/flow/release.ts'
import { createLog } from '../../src/log.ts'
import { makePanelData, measuredAt } from '../panel-data.ts'

export interface Ledger {
  name: string
  app: App
  /** On its way, with two fifths of its people waiting. */
  sending: number
}

const fractions = { '50 k': 0.01, '5 M': 1 } as const

export async function openLedgers(): Promise<Ledger[]> {
  const ledgers: Ledger[] = []
  for (const [name, fraction] of Object.entries(fractions))
    ledgers.push(await openLedger(name, fraction))
  return ledgers
}

async function openLedger(name: string, fraction: number): Promise<Ledger> {
  const dataDir = resolve(`.pregonero/bench-ledger/${name.replace(' ', '')}`)
  await mkdir(dataDir, { recursive: true })
  const clock = frozenClock(measuredAt)
  const app = await openApp(validateAll({ PREGONERO_ENV: 'demo', DATA_DIR: dataDir }), {
    clock,
    log: createLog({ level: 'error', name: 'bench' }),
    // as docs/scale.md asks of a server for such a ledger
    postgresSettings: { max_wal_size: '8GB', shared_buffers: '1GB' },
  })
  try {
    // the last thing that is written says that the data is whole
    const done = join(dataDir, 'made')
    if (!(await readFile(done).catch(() => undefined))) {
      if (await app.db.selectFrom('staffUser').select('id').executeTakeFirst())
        throw new Error(`${dataDir} has data that was not finished: delete it and run again`)
      process.stderr.write(`… making the ledger of ${name}\n`)
      await makePanelData(app, clock, { fraction, batchSize: batchSizeFor })
      await writeFile(done, '')
    }
    clock.moveTo(measuredAt)
    return { name, app, sending: await editionOnItsWay(app) }
  } catch (error) {
    await app.close()
    throw error
  }
}

async function editionOnItsWay({ db }: App): Promise<number> {
  const { id } = await db
    .selectFrom('edition')
    .select('id')
    .where('state', '=', 'sending')
    .executeTakeFirstOrThrow()
  return id
}

/** What a run claimed waits again, as it was found: each run measures the same. */
export async function putBack({ app: { db }, sending }: Ledger, workers: string[]): Promise<void> {
  await sql`
    UPDATE delivery SET state = 'pending', attempts = 0, reason = NULL, next_attempt_at = NULL, worker_id = NULL,
      updated_at = ${measuredAt}
    WHERE edition_id = ${sending} AND worker_id = ANY (${workers}::uuid[])`.execute(db)
  await sql`VACUUM (ANALYZE) delivery`.execute(db)
}
