/** What bench/panel.ts measures over: years of mailings to a million people, made once by SQL in a folder that is kept. */
import { sql } from 'kysely'
import type { App } from '../src/app.ts'
import { fileOf } from '../src/audience/import-file/file.ts'
import { prepareSampleData } from '../src/cli/demo-data.ts'
import { simulate } from '../src/cli/simulate.ts'
import type { MovableClock } from '../src/clock.ts'
import type { Db } from '../src/db/database.ts'
import { stageContacts } from '../src/flow/import-contacts.ts'
import { beginRequest } from '../src/flow/request.ts'
import { setPassword } from '../src/people/sessions.ts'
import { addUser, requireUser, roles, type User } from '../src/people/users.ts'
import { writeRequests } from './panel-requests.ts'

export const password = 'una frase que recuerdo'
/** Whoever sees every page. */
export const login = 'medicion'
/** The bench looks at the panel at this moment, whenever it runs. */
export const measuredAt = new Date('2026-11-28T06:00:00Z')

interface MakePanelData {
  fraction?: number
  batchSize?: (people: number) => number
}

const sizes = {
  contacts: 1_000_000,
  smallEdition: 4_024,
  editions: 500,
  auditRows: 100_000,
  registerRows: 2_000,
  leaves: 20_000,
  imported: 20_000,
}
/** These go to everybody; the others to a few thousand, so that the sum is five million. */
const largeEditions = 3

/** `fraction`: of the people, with as many editions. `batchSize`: of an edition of so many people. */
export async function makePanelData(
  app: App,
  clock: MovableClock,
  { fraction = 1, batchSize = () => 100 }: MakePanelData = {},
): Promise<void> {
  const { db } = app
  sizes.contacts = 1_000_000 * fraction
  sizes.smallEdition = Math.floor(4_024 * fraction)
  clock.moveTo(new Date('2026-11-23T06:00:00Z'))
  const staff = await prepareSampleData(app, { contacts: 3 })
  // the next boletín waits for somebody, and the rest of its fortnight is ready
  const prepares = ({ publication, period }: { publication: string; period: string }) =>
    publication !== 'boletin-electoral' || period <= '2026-W48'
  for await (const departure of simulate(app, { clock, staff, until: measuredAt, prepares }))
    say(`sent ${departure.publication}`)
  clock.moveTo(measuredAt)
  const user = await addUser(
    db,
    { login, name: 'Medición', email: 'medicion@example.org', roles: [...roles] },
    measuredAt,
  )
  await setPassword(db, staff.approver, login, password, measuredAt)

  await contacts(db)
  await editions(db)
  await deliveries(db, batchSize)
  await attempts(db)
  await auditRows(db)
  await registerRows(db, user)
  await leaves(db)
  await draftsAndImport(app, user)
  await writeRequests(db, user, measuredAt)
  await sql`VACUUM ANALYZE`.execute(db)
}

/** One in a hundred is of a small domain; one in a thousand is suppressed. */
async function contacts(db: Db): Promise<void> {
  say(`${sizes.contacts} contacts`)
  await sql`
    INSERT INTO contact (address, name, country, tags, created_at)
    SELECT 'persona' || n || CASE WHEN n % 100 = 0 THEN '@d' || n % 7900 || '.example.net' ELSE '@example.org' END,
      'Persona ' || n, CASE WHEN n % 3 = 0 THEN 'US' ELSE 'MX' END,
      CASE WHEN n % 7 = 0 THEN ARRAY['taller'] ELSE '{}' END, ${measuredAt}
    FROM generate_series(1, ${sizes.contacts}::int) AS n`.execute(db)
  await sql`
    INSERT INTO list_member (list_id, contact_id, origin, since)
    SELECT list.id, contact.id, 'bench', timestamptz '2023-01-01'
    FROM contact, list WHERE contact.name LIKE 'Persona %' AND slug = 'comunidad-iecm'
    ON CONFLICT DO NOTHING`.execute(db)
  await sql`
    INSERT INTO list_member (list_id, contact_id, origin, since, consented_on)
    SELECT list.id, contact.id, 'bench', timestamptz '2023-01-01', date '2023-01-01'
    FROM contact, list WHERE contact.id % 20 = 0 AND slug = 'red-observacion'
    ON CONFLICT DO NOTHING`.execute(db)
  await sql`
    INSERT INTO suppression (address_hash, key_id, address, scope, reason, at)
    SELECT sha256(address::bytea), (SELECT coalesce(min(key_id), 'bench') FROM suppression), address, 'all', 'bounced',
      ${measuredAt}
    FROM contact WHERE id % 1000 = 1`.execute(db)
}

/** Each week before, what went out in this one: same content, same seal, its own lines. */
async function editions(db: Db): Promise<void> {
  say(`${sizes.editions} editions`)
  await sql`
    WITH sample AS (
      SELECT *, row_number() OVER (ORDER BY publication) AS n FROM edition
      WHERE state = 'sent' AND period ~ '^[0-9]{4}-W[0-9]{2}$' AND revision = 0 ORDER BY publication LIMIT 3
    ), copied AS (
      INSERT INTO edition (publication, period, nominal_at, latest_start_at, slot_at, state, content_id,
        content_author_id, sealed_hash, expected_recipients, ready_by, ready_at, approved_by, approved_at,
        released_at, first_accepted_at, closed_at, created_at)
      SELECT publication, to_char(nominal_at - age, 'IYYY-"W"IW'), nominal_at - age, latest_start_at - age,
        slot_at - age, 'sent', content_id, content_author_id, sealed_hash, expected_recipients, ready_by,
        ready_at - age, approved_by, approved_at - age, released_at - age, first_accepted_at - age,
        closed_at - age, created_at - age
      FROM sample, generate_series(1, 300) AS week, LATERAL (SELECT week * interval '7 days') AS of_week (age)
      ORDER BY week, n LIMIT ${sizes.editions}
      RETURNING id, publication, sealed_hash
    ), rendered AS (
      INSERT INTO rendering (edition_id, sealed_hash, subject, html, plain_text, created_at)
      SELECT copied.id, copied.sealed_hash, subject || ' ' || copied.id, html, plain_text, rendering.created_at
      FROM copied JOIN sample USING (publication)
      JOIN rendering ON rendering.edition_id = sample.id AND rendering.sealed_hash = copied.sealed_hash
    )
    INSERT INTO edition_report_line (edition_id, table_id, grouping, line_text, topic)
    SELECT copied.id, table_id, grouping, line_text, topic
    FROM copied JOIN sample USING (publication)
    JOIN edition_report_line AS line ON line.edition_id = sample.id`.execute(db)
}

async function deliveries(db: Db, batchSize: (people: number) => number): Promise<void> {
  const ids = await copies(db)
  const addressesIn = new Map(
    ids.map((id, index) => [id, index < largeEditions ? sizes.contacts : sizes.smallEdition]),
  )
  say('deliveries')
  for (const [id, count] of addressesIn) {
    // the newest is still on its way
    const isOpen = id === ids[0]
    await sql`
      INSERT INTO delivery (edition_id, batch, contact_id, address, name, state, reason, attempts, worker_id,
        updated_at, next_attempt_at)
      SELECT ${id}, n / ${batchSize(count)}::int, contact_id, address, name, state,
        CASE state WHEN 'suppressed' THEN 'unsubscribed' WHEN 'rejected' THEN '550 5.1.1 User unknown'
          WHEN 'failed' THEN '451 4.3.0 Try again later' WHEN 'deferred' THEN '451 4.7.1 Greylisted' END,
        CASE WHEN state IN ('pending', 'suppressed') THEN 0 ELSE 1 END, NULL,
        ${measuredAt}::timestamptz - n * interval '1 ms',
        CASE state WHEN 'deferred' THEN ${measuredAt}::timestamptz END
      FROM (
        SELECT row_number() OVER (ORDER BY id) AS n, id AS contact_id, address, name,
          CASE WHEN ${isOpen} AND id % 5 < 2 THEN 'pending'
            WHEN ${isOpen} AND id % 211 = 0 THEN 'deferred'
            WHEN id % 100 = 7 THEN 'rejected' WHEN id % 200 = 9 THEN 'failed'
            WHEN id % 500 = 11 THEN 'unknown' WHEN id % 300 = 13 THEN 'suppressed' ELSE 'accepted' END AS state
        FROM contact WHERE id > (${id}::int * 997) % ${sizes.contacts - count + 1} ORDER BY id LIMIT ${count}
      ) AS who`.execute(db)
  }
  await sql`UPDATE edition SET state = 'sending', closed_at = NULL WHERE id = ${ids[0]}`.execute(db)
}

/** Of the newest first. */
async function copies(db: Db): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM edition WHERE state = 'sent' AND period ~ '^[0-9]{4}-W[0-9]{2}$' AND period < '2026-W48'
    ORDER BY released_at DESC, id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Of the large editions, whose pages read them. */
async function attempts(db: Db): Promise<void> {
  say('attempts')
  await sql`
    INSERT INTO attempt (delivery_id, edition_id, at, duration_ms, outcome, phase, smtp_code, smtp_text, relay,
      message_id, worker_id)
    SELECT id, edition_id, updated_at, 40, state, 'dot',
      CASE state WHEN 'accepted' THEN 250 WHEN 'rejected' THEN 550 WHEN 'unknown' THEN NULL ELSE 451 END,
      coalesce(reason, '250 OK'), 'relay.example', id || '@bench', gen_random_uuid()
    FROM delivery WHERE state IN ('accepted', 'rejected', 'failed', 'deferred', 'unknown')
      AND edition_id IN (SELECT edition_id FROM edition_tally GROUP BY 1 HAVING sum(deliveries) > ${sizes.contacts / 10})`.execute(
    db,
  )
}

async function auditRows(db: Db): Promise<void> {
  say(`${sizes.auditRows} audit rows`)
  await sql`
    INSERT INTO audit_log (at, user_id, act, subject, detail)
    SELECT ${measuredAt}::timestamptz - (${sizes.auditRows} - n) * interval '15 minutes',
      CASE WHEN n % 5 = 0 THEN NULL ELSE (SELECT id FROM staff_user ORDER BY id OFFSET n % 2 LIMIT 1) END,
      (ARRAY['sign-in', 'ready', 'approve', 'content.add', 'addresses.see', 'register.edit', 'release'])[n % 7 + 1],
      CASE n % 3 WHEN 0 THEN 'edition ' || n % 500 WHEN 1 THEN 'user ana' ELSE 'contact ' || n END,
      jsonb_build_object('before', jsonb_build_object('lineText', 'Un renglón como estaba ' || n),
        'after', jsonb_build_object('lineText', 'Un renglón como quedó ' || n))
    FROM generate_series(1, ${sizes.auditRows}::int) AS n`.execute(db)
}

/** Over eight quarters, in the tables that this quarter's mailings feed. */
async function registerRows(db: Db, { id }: User): Promise<void> {
  say(`${sizes.registerRows} register rows`)
  await sql`
    INSERT INTO register_row (table_id, quarter, dates, line_text, author_id, created_at, updated_at)
    SELECT (SELECT array_agg(DISTINCT table_id ORDER BY table_id) FROM edition_report_line)[1 + n % (
        SELECT count(DISTINCT table_id) FROM edition_report_line)],
      to_char(day, 'YYYY-"Q"Q'), ARRAY[day], 'Comunicación ' || n || ' con organismos externos, con su tema y su fecha',
      ${id}, ${measuredAt}, ${measuredAt}
    FROM generate_series(1, ${sizes.registerRows}::int) AS n,
      LATERAL (SELECT date '2025-01-01' + n % 690 AS day) AS of_day`.execute(db)
}

async function leaves(db: Db): Promise<void> {
  say(`${sizes.leaves} leaves`)
  await sql`
    WITH gone AS (
      UPDATE list_member SET state = 'left', left_at = ${measuredAt}, left_reason = 'bench'
      WHERE contact_id IN (SELECT id FROM contact WHERE id % 50 = 3)
      RETURNING list_id, contact_id
    )
    INSERT INTO membership_event (contact_id, list_id, at, act, origin)
    SELECT contact_id, list_id, ${measuredAt}, 'left', 'liga del correo' FROM gone`.execute(db)
}

async function draftsAndImport(app: App, user: User): Promise<void> {
  const { db, engine } = app
  const { id } = await beginRequest(engine, user, 'red-observacion')
  await sql`
    INSERT INTO draft (publication, user_id, body, created_at, updated_at)
    SELECT publication, user_id, body, created_at, updated_at FROM draft, generate_series(1, 19) WHERE id = ${id}`.execute(
    db,
  )
  await sql`
    INSERT INTO draft (publication, edition_id, user_id, body, created_at, updated_at)
    SELECT edition.publication, edition.id, ${user.id}, content.body, ${measuredAt}, ${measuredAt}
    FROM edition JOIN LATERAL (
      SELECT body FROM content WHERE content.publication = edition.publication ORDER BY id LIMIT 1
    ) AS content ON true
    WHERE edition.publication = 'boletin-electoral' AND edition.state = 'planned'`.execute(db)
  const lines = Array.from({ length: sizes.imported }, (_, n) =>
    n % 40 === 0 ? `persona${n}@gmial,Sin dominio` : `nueva${n}@example.org,Nueva ${n}`,
  )
  const file = fileOf(['correo,nombre', ...lines].join('\n'), 'nuevas.csv')
  await stageContacts(engine, await requireUser(db, 'ana'), file, { list: 'comunidad-iecm' })
}

function say(text: string): void {
  process.stderr.write(`… ${text}\n`)
}
