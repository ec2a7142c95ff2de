/** The sample of each publication as the mail that a reader gets: checked, frozen, rendered, composed. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { publications } from '../../jobs/index.ts'
import { inMexicoCity } from '../../src/clock.ts'
import { loadConfig } from '../../src/config.ts'
import { checkContent, editionFaults } from '../../src/content/check.ts'
import { filesIn, prepareFiles, type StoredFile } from '../../src/content/files.ts'
import { samplesFolder } from '../../src/content/sample.ts'
import { composeMessage, listId, type OutgoingMessage } from '../../src/dispatch/message.ts'
import { messageIdOf } from '../../src/flow/send-batch.ts'
import type { EditionFacts, Publication } from '../../src/publication.ts'
import { renderEdition, type Rendering } from '../../src/render/render.ts'
import { asIs, compileSlots, escapeHtml, slotValues } from '../../src/render/slots.ts'
import { institutionalCalendar } from '../../src/schedule/institutional-calendar.ts'
import { plannedSlots, type PlannedSlot } from '../../src/schedule/planned-slots.ts'
import { ownRestDays } from '../../src/schedule/rest-days-file.ts'

export interface SampleMail {
  publication: Publication
  /** As frozen: what became of its files, and its sessions as registered. */
  body: { muestra: boolean }
  edition: EditionFacts
  /** What the content names, by hash. */
  files: Map<string, StoredFile>
  /** Its recipient slots are open; `html` and `plainText` are what the reader gets. */
  rendering: Rendering
  html: string
  plainText: string
}

/** Where images are served from; with an address that is not https they travel in the mail. */
export const imagesServed = 'https://correo.iecm.test'
const imagesInside = 'http://localhost:3000'

const config = loadConfig({ PREGONERO_ENV: 'test' })
const reader = { name: 'Ana Pérez', address: 'ana@example.org' }
/** The samples are of this week; one that names its period may be of any since September. */
const sampleMonday = new Date('2026-11-23T00:00:00-06:00')
const earliest = new Date('2026-09-01T00:00:00-06:00')
const latest = new Date('2027-03-01T00:00:00-06:00')

/** Throws with the faults, as staff would read them, when the sample is not one that could be sent. */
export async function sampleMail(
  publication: Publication,
  publicUrl = imagesServed,
): Promise<SampleMail> {
  const { body, files } = await frozenSample(publication)
  const edition = editionOf(publication, body)
  const byHash = new Map(files.map((file) => [file.sha256, file]))
  const { mailDomain } = config
  const places = { mailDomain, publicUrl, files: byHash }
  const { rendering } = sound(await renderEdition(publication, body, edition, places), publication)
  const values = slotValues(reader)
  return {
    publication,
    body,
    edition,
    files: byHash,
    rendering,
    html: compileSlots(rendering.html, escapeHtml)(values),
    plainText: compileSlots(rendering.plainText, asIs)(values),
  }
}

/** The same to its reader as src/flow/send-batch.ts composes it, its images inside. */
export async function sampleMessage(
  publication: Publication,
): Promise<{ mail: SampleMail; message: OutgoingMessage; bytes: Buffer }> {
  const mail = await sampleMail(publication, imagesInside)
  const { from, replyTo } = config.senders[publication.sender]
  const message: OutgoingMessage = {
    from,
    replyTo,
    to: reader,
    subject: mail.rendering.subject,
    html: mail.html,
    plainText: mail.plainText,
    attachments: mail.rendering.attachments,
    messageId: messageIdOf({ instanceId: '0a1b2c3d', config }, 12, 345),
    date: mail.edition.nominalAt,
    headers: { 'List-Id': listId(publication, config.mailDomain) },
  }
  return { mail, message, bytes: await composeMessage(message) }
}

async function frozenSample(
  publication: Publication,
): Promise<{ body: { muestra: boolean }; files: StoredFile[] }> {
  const place = `jobs/samples/${publication.slug}.yaml`
  const text = readFileSync(new URL(`${publication.slug}.yaml`, samplesFolder), 'utf8')
  const { content } = sound(checkContent(text, place, publications), publication)
  const faults = editionFaults(content, editionOf(publication, content.body))
  sound(faults.length > 0 ? { ok: false, faults } : { ok: true }, publication)
  const read = filesIn(fileURLToPath(samplesFolder))
  const { body, files } = sound(await prepareFiles(content.body, place, read), publication)
  return { body: withSessions(publication, body), files }
}

/** As they come from their register, at their first entry. */
function withSessions({ sessions }: Publication, body: { muestra: boolean }): { muestra: boolean } {
  const read = sessions?.read(body)
  if (!sessions || !read) return body
  const registered = read.map((session) => ({ ...session, secuencia: 0 }))
  return sessions.write(body, registered)
}

function editionOf(publication: Publication, body: { muestra: boolean }): EditionFacts {
  const { period, nominalAt } = publication.leavesAt
    ? requestedSlot(publication, publication.leavesAt(body), body)
    : timedSlot(publication, body)
  const issue = publication.numbering === 'yearly' ? { year: 2026, number: 48 } : undefined
  return { period, revision: 0, nominalAt, issue }
}

type Slot = Pick<PlannedSlot, 'period' | 'nominalAt'>

/** Named as src/flow/invite.ts names it. */
function requestedSlot(
  publication: Publication,
  nominalAt: Date,
  body: { muestra: boolean },
): Slot {
  const day = inMexicoCity(nominalAt).toISODate()
  const topic = publication.topic?.(body)
  return { nominalAt, period: [day, topic].filter(Boolean).join('-') }
}

/** Of the period that the content names, or the first since the Monday of the samples. */
function timedSlot(publication: Publication, body: object): Slot {
  const named = ['mes', 'quincena', 'trimestre'].flatMap((key) =>
    key in body ? [body[key as keyof typeof body] as string] : [],
  )[0]
  const calendar = institutionalCalendar(ownRestDays())
  const slot = plannedSlots(publication, calendar, earliest, latest).find(
    ({ slotAt, period, omitted }) =>
      omitted === undefined && (named === undefined ? slotAt >= sampleMonday : period === named),
  )
  if (slot) return slot
  throw new Error(`${publication.slug}: no slot of ${named ?? 'the sample week'} near the samples`)
}

function sound<Result extends { ok: true } | { ok: false; faults: unknown[] }>(
  result: Result,
  { slug }: Publication,
): Extract<Result, { ok: true }> {
  if (result.ok) return result as Extract<Result, { ok: true }>
  throw new Error(`The sample of ${slug} cannot be sent: ${JSON.stringify(result.faults, null, 1)}`)
}
