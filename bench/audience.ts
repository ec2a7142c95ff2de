/**
 * `npm run bench:audience`: what a million contacts cost: freezing the recipients of an edition, finding one address, counting lists. Ratios
 * against the same with ten thousand, in one run: costs must grow with the audience and not faster, and finding one
 * person must not grow at all. `--contacts N` for the larger (1,000,000).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { countAudience, listedIn } from '../src/audience/audience.ts'
import { addList, listsWithCounts } from '../src/audience/lists.ts'
import { openDatabase, type Db } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts'
import { writeDeliveries } from '../src/ledger/deliveries.ts'
import { createLog } from '../src/log.ts'

const { values } = parseArgs({ options: { contacts: { type: 'string', default: '1000000' } } })
const many = Number(values.contacts)
const few = many / 100
const at = new Date()

const works: Record<string, (list: string) => Promise<unknown>> = {
  'freeze recipients': (list) => freeze(db, list),
  'count the audience': (list) => countAudience(db, { lists: [list] }),
  'count a segment': (list) =>
    countAudience(db, { lists: [list], countries: ['US'], tags: ['taller'] }),
  'find one address': () =>
    db
      .selectFrom('contact')
      .selectAll()
      .where('address', '=', `persona${many - 7}@example.org`)
      .execute(),
  'count every list': () => listsWithCounts(db),
}

const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-bench-'))
const server = await startEmbeddedPostgres({ dataDir })
const db = await openDatabase(await server.url('bench'), createLog({ level: 'warn' }))
try {
  await migrate(db, 'test')
  await prepare(db)
  print('', [many, few])
  for (const [name, work] of Object.entries(works)) print(name, await medians(work))
} finally {
  await db.destroy()
  await server.release()
  await rm(dataDir, { recursive: true, force: true })
}

/** Two lists, one in a thousand of whose people is suppressed and one in five hundred has left. */
async function prepare(into: Db): Promise<void> {
  for (const [slug, contacts] of [
    ['muchas', many],
    ['pocas', few],
  ] as const) {
    await addList(into, { slug, name: slug, kind: 'external' }, at)
    await sql`
      INSERT INTO contact (address, name, country, tags, created_at)
      SELECT 'persona' || n || '@example.org', 'Persona ' || n, CASE WHEN n % 3 = 0 THEN 'US' ELSE 'MX' END,
        CASE WHEN n % 7 = 0 THEN ARRAY['taller'] ELSE '{}' END, ${at}
      FROM generate_series(1, ${contacts}::int) AS n ON CONFLICT DO NOTHING`.execute(into)
    await sql`
      INSERT INTO list_member (list_id, contact_id, origin, since, state, left_at)
      SELECT list.id, contact.id, 'bench', ${at}, CASE WHEN contact.id % 500 = 0 THEN 'left' ELSE 'active' END,
        CASE WHEN contact.id % 500 = 0 THEN ${at}::timestamptz END
      FROM contact, list WHERE slug = ${slug} ORDER BY contact.id LIMIT ${contacts}`.execute(into)
  }
  await sql`
    INSERT INTO suppression (address_hash, key_id, address, scope, reason, at)
    SELECT sha256(address::bytea), 'bench', address, 'all', 'bounced', ${at} FROM contact WHERE id % 1000 = 1`.execute(
    into,
  )
  await sql`VACUUM ANALYZE`.execute(into)
}

/** Undone after: each run freezes the same. */
async function freeze(into: Db, list: string): Promise<void> {
  const undo = new Error('undo')
  try {
    await into.transaction().execute(async (tx) => {
      const { id } = await tx
        .insertInto('edition')
        .values({
          publication: 'bench',
          period: list,
          nominalAt: at,
          latestStartAt: at,
          createdAt: at,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      await writeDeliveries(tx, id, listedIn({ lists: [list] }), { batchSize: 100, at })
      throw undo
    })
  } catch (error) {
    if (error !== undo) throw error
  }
}

/** In milliseconds, of three runs, interleaved: with many contacts and with few. */
async function medians(work: (list: string) => Promise<unknown>): Promise<[number, number]> {
  const times = { muchas: [] as number[], pocas: [] as number[] }
  for (let run = 0; run < 3; run++) {
    for (const list of ['pocas', 'muchas'] as const) {
      const startedMs = performance.now()
      await work(list)
      times[list].push(performance.now() - startedMs)
    }
  }
  const median = (some: number[]): number => some.toSorted((a, b) => a - b)[1]!
  return [median(times.muchas), median(times.pocas)]
}

function print(name: string, [large, small]: [number, number]): void {
  const cells = name === '' ? [large, small].map(String) : [ms(large), ms(small)]
  const ratio = name === '' ? 'ratio' : (large / small).toFixed(1)
  process.stdout.write(
    `${name.padEnd(20)} ${[...cells, ratio].map((cell) => cell.padStart(12)).join(' ')}\n`,
  )
}

function ms(duration: number): string {
  return `${duration.toFixed(1)} ms`
}
