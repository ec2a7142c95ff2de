/** The sample of each publication, and its variants, as the mail that a reader gets: checked, frozen, rendered. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { publications } from '../../jobs/index.ts'
import { sampleLists } from '../../src/flow/sample-data.ts'
import { inMexicoCity } from '../../src/clock.ts'
import { loadConfig } from '../../src/config.ts'
import { checkContent, editionFaults, type CheckedContent } from '../../src/content/check.ts'
import { filesIn, prepareFiles, type StoredFile } from '../../src/content/files.ts'
import { samplesFolder } from '../../src/content/sample.ts'
import { leftOut, markChanges } from '../../src/content/sessions.ts'
import {
  composeMessage,
  leaveHeaders,
  listId,
  type OutgoingMessage,
} from '../../src/dispatch/message.ts'
import { canonicalJson } from '../../src/hash.ts'
import { messageIdOf } from '../../src/flow/letters.ts'
import { keysOf, signToken } from '../../src/keys.ts'
import { linkTo, paths } from '../../src/links.ts'
import {
  audienceOf,
  type EditionFacts,
  type Publication,
  type SessionRecord,
} from '../../src/publication.ts'
import { renderEdition, type Rendering } from '../../src/render/render.ts'
import { fillSlots, offersLeaving, slotValues } from '../../src/render/slots.ts'
import { institutionalCalendar } from '../../src/schedule/institutional-calendar.ts'
import { plannedSlots, type PlannedSlot } from '../../src/schedule/planned-slots.ts'
import { ownRestDays } from '../../src/schedule/rest-days-file.ts'

/** What a mail is made of: the sample of a publication or, as tests/support/variants has them, one with changes. */
export interface Sample {
  name: string
  publication: Publication
  /** Fields of the content in place of those of its sample; null: without that field. */
  changes: Record<string, unknown>
  /** Above 0 it is a correction of the sample. */
  revision: number
}

const variantsFolder = new URL('variants/', import.meta.url)

/** What the samples do not show: corrections, cancelled events, the other half of a template. */
export const sampleVariants: Sample[] = readdirSync(variantsFolder)
  .toSorted()
  .map((file) => {
    const { publicacion, revision, cambios } = parse(
      readFileSync(new URL(file, variantsFolder), 'utf8'),
    ) as { publicacion: string; revision?: number; cambios?: Record<string, unknown> }
    const publication = publications.find(({ slug }) => slug === publicacion)
    if (!publication) throw new Error(`${file}: ${publicacion} is not a publication`)
    return {
      name: basename(file, '.yaml'),
      publication,
      changes: cambios ?? {},
      revision: revision ?? 0,
    }
  })

/** Those of every publication, and the variants. */
export const samples: Sample[] = [...publications.map(ofPublication), ...sampleVariants]

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
  of: Publication | Sample,
  publicUrl = imagesServed,
): Promise<SampleMail> {
  const sample = 'slug' in of ? ofPublication(of) : of
  const { publication } = sample
  const { body, edition, files } = await frozenSample(sample)
  const byHash = new Map(files.map((file) => [file.sha256, file]))
  const { mailDomain } = config
  const lists = listsOf(publication, body)
  const places = {
    mailDomain,
    publicUrl,
    files: byHash,
    offersLeaving: lists.some((list) => list.kind === 'external'),
    lists: lists.map((list) => list.name),
    ...(publication.isPublic && {
      onlineUrl: linkTo(publicUrl, paths.edition({ publication: publication.slug, ...edition })),
    }),
  }
  const { rendering } = sound(await renderEdition(publication, body, edition, places), sample)
  const values = slotValues({ name: reader.name, leaveUrl: leaveUrlFor(publicUrl) })
  return {
    publication,
    body,
    edition,
    files: byHash,
    rendering,
    ...fillSlots(rendering, values),
  }
}

/** As the demo has them. */
function listsOf(publication: Publication, body: { muestra: boolean }) {
  const { lists } = audienceOf(publication, body)
  return sampleLists.filter(({ slug }) => lists.includes(slug))
}

const leaveToken = signToken(keysOf(config), 'leave', [67, 12])
export const leaveUrlFor = (publicUrl: string) => linkTo(publicUrl, paths.leave(leaveToken))

/** The same to its reader as src/flow/send-batch.ts composes it, its images inside. */
export async function sampleMessage(
  sample: Sample,
): Promise<{ mail: SampleMail; message: OutgoingMessage; bytes: Buffer }> {
  const mail = await sampleMail(sample, imagesInside)
  const { publication } = sample
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
    headers: {
      'List-Id': listId(publication, config.mailDomain),
      ...(offersLeaving(mail.rendering) &&
        leaveHeaders(leaveUrlFor(imagesInside), config.unsubscribeMailbox, leaveToken)),
    },
  }
  return { mail, message, bytes: await composeMessage(message) }
}

function ofPublication(publication: Publication): Sample {
  return { name: publication.slug, publication, changes: {}, revision: 0 }
}

async function frozenSample(
  sample: Sample,
): Promise<{ body: { muestra: boolean }; edition: EditionFacts; files: StoredFile[] }> {
  const { publication, name, revision } = sample
  const original = checked(ofPublication(publication)).body
  const content = checked(sample)
  const { period } = slotOf(publication, revision > 0 ? original : content.body)
  const { nominalAt } = slotOf(publication, content.body)
  const issue = publication.numbering === 'yearly' ? { year: 2026, number: 48 } : undefined
  const edition = { period, revision, nominalAt, issue }
  const faults = editionFaults(content, edition)
  sound(faults.length > 0 ? { ok: false, faults } : { ok: true }, sample)
  // a variant names files of the samples
  const read = filesIn(fileURLToPath(samplesFolder))
  const { body, files } = sound(await prepareFiles(content.body, name, read), sample)
  return {
    body: withSessions(publication, body, revision > 0 ? original : undefined),
    edition,
    files,
  }
}

function checked(sample: Sample): CheckedContent {
  const file = `${sample.publication.slug}.yaml`
  const fields = parse(readFileSync(new URL(file, samplesFolder), 'utf8')) as object
  const changed = Object.entries({ ...fields, ...sample.changes }).filter(
    ([, value]) => value !== null,
  )
  const text = JSON.stringify(Object.fromEntries(changed))
  return sound(checkContent(text, sample.name, publications), sample).content
}

/** As they come from their register: at their first entry or, in a correction, with what changed since `original`. */
function withSessions(
  { sessions }: Publication,
  body: { muestra: boolean },
  original: { muestra: boolean } | undefined,
): { muestra: boolean } {
  const named = sessions?.read(body)
  if (!sessions || !named) return body
  const atFirst = (session: SessionRecord) => ({ ...session, secuencia: 0 })
  if (!original) return sessions.write(body, named.map(atFirst))
  const before = (sessions.read(original) ?? []).map(atFirst)
  const registered = [...named, ...leftOut(named, before)].map((session) => {
    const old = before.find(({ id }) => id === session.id)
    const isSame = !old || canonicalJson(old) === canonicalJson(atFirst(session))
    return { ...session, secuencia: isSame ? 0 : 1 }
  })
  return sessions.write(body, markChanges(registered, before))
}

type Slot = Pick<PlannedSlot, 'period' | 'nominalAt'>

function slotOf(publication: Publication, body: { muestra: boolean }): Slot {
  return publication.leavesAt
    ? requestedSlot(publication, publication.leavesAt(body), body)
    : timedSlot(publication, body)
}

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
  { name }: Sample,
): Extract<Result, { ok: true }> {
  if (result.ok) return result as Extract<Result, { ok: true }>
  throw new Error(`The sample ${name} cannot be sent: ${JSON.stringify(result.faults, null, 1)}`)
}
