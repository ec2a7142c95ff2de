/** A whole Pregonero for the benchmark: its own database, recipients, and editions of the size that is asked for. */
import { sql } from 'kysely'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { openApp, validateAll, type App } from '../../src/app.ts'
import { addList } from '../../src/audience/lists.ts'
import { movableClock } from '../../src/clock.ts'
import { readContent } from '../../src/content/content.ts'
import { composeMessage } from '../../src/dispatch/message.ts'
import {
  archiveRendering,
  readRendering,
  type ArchivedRendering,
} from '../../src/editions/archive.ts'
import { findEdition, type Edition } from '../../src/editions/editions.ts'
import { sealOf } from '../../src/editions/seal.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { createLog } from '../../src/log.ts'
import { addUser } from '../../src/people/users.ts'
import { audienceOf } from '../../src/publication.ts'
import { fillSlots, slotToken, slotValues } from '../../src/render/slots.ts'
import { boletinYaml } from '../../tests/support/content.ts'

/** The boletín of this week leaves at this hour. */
export const releaseHour = new Date('2026-11-27T21:00:00Z')
const preparedAt = new Date('2026-11-23T15:00:00Z')
const list = 'comunidad-iecm'

/** A rendering as another program would be given it. */
export interface SampleMail {
  subject: string
  html: string
  plainText: string
  /** What stands in both for each one's. */
  greeting: string
}

export interface House {
  app: App
  /** An edition that is ready for its hour, whose message has so many bytes on the wire. */
  edition(messageBytes: number): Promise<number>
  /** The message of one recipient, ready, and what it is made of. */
  sample(messageBytes: number): Promise<{ message: Buffer; mail: SampleMail }>
  setRecipients(count: number): Promise<void>
  close(): Promise<void>
}

export async function openHouse(env: Record<string, string>): Promise<House> {
  const app = await openApp(validateAll(env), {
    clock: movableClock(preparedAt),
    log: createLog({ level: 'error', name: 'bench' }),
    publications: [boletinElectoral],
    migrate: true,
    queuePrefix: env.QUEUE_PREFIX!,
  })
  const model = await prepareModel(app)
  const rendering = await readRendering(app.db, model.id, model.sealedHash!)
  const padded = (bytes: number) => paddedTo(rendering, bytes)
  let copies = 0
  return {
    app,
    edition: async (bytes) => copyEdition(app, model, await padded(bytes), ++copies),
    sample: async (bytes) => sampleOf(await padded(bytes)),
    setRecipients: (count) => setRecipients(app, count),
    close: () => app.close(),
  }
}

async function prepareModel(app: App): Promise<Edition> {
  const { db, engine } = app
  await addList(db, { slug: list, name: 'Comunidad', kind: 'internal' }, preparedAt)
  await addList(db, { slug: 'consejerias', name: 'Consejerías', kind: 'internal' }, preparedAt)
  const login = { login: 'ana', name: 'Ana', email: 'ana@example.org' }
  const ana = await addUser(db, { ...login, roles: ['capturista'] }, preparedAt)
  await setRecipients(app, 1)
  await plan(engine)
  const edition = await addContent(engine, ana, { text: boletinYaml(), place: 'boletin.yaml' })
  await markReady(engine, ana, edition.id)
  const model = await findEdition(db, edition.id)
  // its copies are sent, and it is not
  await sql`UPDATE edition SET state = 'cancelled' WHERE id = ${model.id}`.execute(db)
  await engine.queue.empty()
  return model
}

/** persona1@example.org … are in the list, and nobody else. */
async function setRecipients({ db }: App, count: number): Promise<void> {
  await sql`
    INSERT INTO contact (address, name, created_at)
    SELECT 'persona' || n || '@example.org', 'Persona ' || n, ${preparedAt}
    FROM generate_series(1, ${count}::int) AS n ON CONFLICT DO NOTHING`.execute(db)
  await sql`DELETE FROM list_member`.execute(db)
  await sql`
    INSERT INTO list_member (list_id, contact_id, origin, since)
    SELECT list.id, contact.id, 'bench', ${preparedAt}
    FROM contact, list WHERE slug = ${list} ORDER BY contact.id LIMIT ${count}`.execute(db)
  await sql`VACUUM ANALYZE contact, list_member, delivery, attempt`.execute(db)
}

/** Another period of the same boletín, with its own rendering and seal. */
async function copyEdition(
  { db, engine }: App,
  model: Edition,
  rendering: ArchivedRendering,
  copy: number,
): Promise<number> {
  const content = await readContent(db, model)
  const sealedHash = sealOf({
    contentSha256: content.sha256,
    ...rendering,
    senderFrom: engine.config.senders[boletinElectoral.sender].from.address,
    audience: audienceOf(boletinElectoral, content.body),
    nominalAt: model.nominalAt,
  })
  const { rows } = await sql<{ id: number }>`
    INSERT INTO edition (publication, period, nominal_at, latest_start_at, state, content_id, content_author_id,
      sealed_hash, expected_recipients, ready_by, ready_at, created_at, audience)
    SELECT publication, ${`bench-${copy}`}, nominal_at, latest_start_at, 'ready', content_id, content_author_id,
      ${sealedHash}, (SELECT count(*) FROM list_member), ready_by, ready_at, created_at, audience
    FROM edition WHERE id = ${model.id} RETURNING id`.execute(db)
  const { id } = rows[0]!
  await archiveRendering(db, { editionId: id, sealedHash }, rendering, preparedAt)
  return id
}

const paragraph =
  '<p>Para efectos de medición: la ciudadanía de la Ciudad de México participa y decide en su elección.</p>\n'

/** A real rendering with as much more text at its end as its message lacks; where it is too large, a page with its slot. */
async function paddedTo(archived: ArchivedRendering, bytes: number): Promise<ArchivedRendering> {
  const whole = { ...archived, attachments: [] }
  const isTooLarge = (await sampleOf(whole)).message.length > bytes
  const page = `<html><body><p>${slotToken('saludo')}</p>\n</body></html>`
  const rendering = isTooLarge ? { ...whole, html: page } : whole
  const end = rendering.html.lastIndexOf('</body>')
  const withMore = (times: number) => ({
    ...rendering,
    html: rendering.html.slice(0, end) + paragraph.repeat(times) + rendering.html.slice(end),
  })
  const size = async (times: number) => (await sampleOf(withMore(times))).message.length
  const [none, hundred] = [await size(0), await size(100)]
  if (none > bytes) throw new Error(`The boletín is at least ${none} bytes: more than ${bytes}`)
  return withMore(Math.round(((bytes - none) * 100) / (hundred - none)))
}

async function sampleOf(
  rendering: ArchivedRendering,
): Promise<{ message: Buffer; mail: SampleMail }> {
  const values = slotValues({ name: 'Persona 1', leaveUrl: 'https://example.org/baja/a-token' })
  const filled = fillSlots(rendering, values)
  const { subject } = rendering
  const message = await composeMessage({
    from: { name: 'Banco de pruebas', address: 'bench@example.org' },
    replyTo: undefined,
    to: { name: 'Persona 1', address: 'persona1@example.org' },
    subject,
    ...filled,
    attachments: rendering.attachments,
    messageId: '<1.1.bench@example.org>',
    date: releaseHour,
    headers: {},
  })
  return { message, mail: { subject, ...filled, greeting: values.saludo } }
}
