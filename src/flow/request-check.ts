/** What a mail on request would be if it were asked for now: what keeps it from it, how it looks, and how many it reaches. */
import { countAudience, type AudienceCount } from '../audience/audience.ts'
import { listsOf } from '../audience/lists.ts'
import { inMexicoCity } from '../clock.ts'
import { answerFaults, contentOf, requestBody, textOf } from '../content/answers.ts'
import { checkContent, editionFaults, type CheckedContent } from '../content/check.ts'
import { filesOfDraft, type Draft } from '../content/drafts.ts'
import { instante } from '../content/fields.ts'
import { noFiles, prepareFiles } from '../content/files.ts'
import { topicFaults } from '../content/topics.ts'
import { weekdayFaults } from '../content/weekday-check.ts'
import type { Edition } from '../editions/editions.ts'
import { repeatedMailing, type Repeat } from '../editions/repeats.ts'
import { Problem, type Fault } from '../errors.ts'
import { linkTo, paths } from '../links.ts'
import {
  audienceOf,
  audienceText,
  type AudienceDefinition,
  type Publication,
} from '../publication.ts'
import { checkMail } from '../render/checks.ts'
import { renderEdition, type Rendering } from '../render/render.ts'
import { fillSlots, slotValues } from '../render/slots.ts'
import { institutionalCalendar } from '../schedule/institutional-calendar.ts'
import { readRestDays } from '../schedule/rest-days.ts'
import { anybodysPage, type Engine } from './engine.ts'
import { requestedPeriod } from './invite.ts'
import { futureHour } from './open-edition.ts'

/** What is wrong with what is written, by field. Places are paths: `evento.fecha`. */
export async function writtenFaults(engine: Engine, draft: Draft): Promise<Fault[]> {
  const { answers } = requestBody(draft.body)
  const content = contentOf(draft.publication, answers)
  const leavesAt = sendingHour(draft)
  const own = answerFaults(answers)
  const checked = readContent(engine, draft)
  const schema = checked.ok ? [] : checked.faults.map(atField).filter((one) => !isToldBy(own, one))
  const { tipo: _tipo, ...texts } = content
  return [
    ...schema,
    ...own,
    ...weekdayFaults(texts, leavesAt ?? engine.clock.now()).map(atField),
    ...(await catalogueFaults(engine, schema, textOf(content.tema))),
    ...(leavesAt === undefined ? [] : hourFaults(leavesAt, engine.clock.now())),
  ]
}

export interface Review {
  faults: Fault[]
  warnings: string[]
  leavesAt: Date | undefined
  count: AudienceCount | undefined
  /** undefined while it cannot be rendered. */
  rendering: Rendering | undefined
  /** Something alike goes to some of the same people. */
  repeats: Repeat | undefined
}

export async function reviewRequest(engine: Engine, draft: Draft): Promise<Review> {
  const written = await writtenFaults(engine, draft)
  const leavesAt = sendingHour(draft)
  const checked = readContent(engine, draft)
  if (!checked.ok || leavesAt === undefined) {
    const nothing = { count: undefined, rendering: undefined, repeats: undefined }
    return { ...nothing, faults: written, warnings: [], leavesAt }
  }
  const { content } = checked
  const audience = audienceOf(content.publication, content.body)
  const count = await countAudience(engine.db, audience)
  const rendered = await renderRequest(engine, draft, content, audience, leavesAt)
  const faults = [
    ...written,
    ...editionFaults(content, nameOf(content, leavesAt)).map(atField),
    ...(count.recipients === 0 ? [nobody(audience)] : []),
    ...(rendered.ok ? [] : rendered.faults.map(atField)),
  ]
  if (!rendered.ok) {
    return { faults, warnings: [], leavesAt, count, rendering: undefined, repeats: undefined }
  }
  const { rendering } = rendered
  // it has no number yet; only its hour is compared
  const edition = { id: 0, nominalAt: leavesAt } as Edition
  return {
    faults,
    warnings: [
      ...mailWarnings(engine, rendering),
      ...(await dayWarnings(engine, leavesAt)),
      ...eventWarnings(content, leavesAt),
    ],
    leavesAt,
    count,
    rendering,
    repeats: await repeatedMailing(engine.db, edition, audience, rendering),
  }
}

/** As it would leave. Throws a Problem while it cannot be rendered. */
export async function renderOfRequest(engine: Engine, draft: Draft): Promise<Rendering> {
  const { faults, rendering } = await reviewRequest(engine, draft)
  if (rendering) return rendering
  throw new Problem('invalid', faults)
}

/** undefined while day or hour is missing. */
export function sendingHour(draft: Draft): Date | undefined {
  const { envio } = contentOf(draft.publication, requestBody(draft.body).answers)
  return typeof envio === 'string' ? instante(envio) : undefined
}

/** Of the lists and the segment that are written, when they can be read. */
export async function audienceOfRequest(
  engine: Engine,
  publication: Publication,
  draft: Draft,
): Promise<AudienceDefinition | undefined> {
  const { audiencia, segmento } = contentOf(draft.publication, requestBody(draft.body).answers)
  const lists = Array.isArray(audiencia) ? audiencia.map(String) : []
  const { lists: known } = await listsOf(engine.db, { lists })
  if (known.length === 0) return undefined
  const { paises, etiquetas } = (segmento ?? {}) as { paises?: string[]; etiquetas?: string[] }
  const named = {
    muestra: false,
    audiencia: known.map(({ slug }) => slug),
    segmento: { paises, etiquetas },
  }
  return typeof publication.audience === 'function'
    ? publication.audience(named)
    : publication.audience
}

/** It leaves on the day that staff chose, whatever day that is: they are only told. */
export async function dayWarnings(engine: Engine, leavesAt: Date): Promise<string[]> {
  const calendar = institutionalCalendar(await readRestDays(engine.db))
  const date = inMexicoCity(leavesAt).toISODate()
  const day = inMexicoCity(leavesAt).toFormat("cccc d 'de' LLLL")
  const rest = calendar.restOn(date)
  if (rest) return [`El ${day} el Instituto no labora: ${rest.name}. Saldrá de todos modos.`]
  if (calendar.isWorkingDay(date)) return []
  return [`El ${day} es fin de semana. Saldrá de todos modos.`]
}

function readContent(engine: Engine, draft: Draft) {
  const content = contentOf(draft.publication, requestBody(draft.body).answers)
  return checkContent(JSON.stringify(content), 'contenido', engine.publications)
}

/** `contenido evento.inicio` is the field `evento.fecha` to whoever wrote it. */
function atField(fault: Fault): Fault {
  const path = fault.place.replace(/^contenido ?/, '') || 'contenido'
  const place = path === 'envio' ? 'envio.fecha' : (steps[path] ?? path)
  return { ...fault, place }
}

const steps: Record<string, string> = {
  'evento.inicio': 'evento.hora',
  'evento.fin': 'evento.hasta',
}

/** Day and hour are one value to the schema: what is wrong with either is told once. */
function isToldBy(own: Fault[], { place }: Fault): boolean {
  const group = place.split('.')[0]
  const isHour = ['evento.hora', 'evento.hasta', 'envio.fecha'].includes(place)
  return isHour && own.some((fault) => fault.place.startsWith(`${group}.`))
}

async function catalogueFaults(engine: Engine, schema: Fault[], key: string): Promise<Fault[]> {
  const isTold = key === '' || schema.some(({ place }) => place === 'tema')
  return isTold ? [] : topicFaults(engine.db, key)
}

function hourFaults(leavesAt: Date, now: Date): Fault[] {
  try {
    futureHour(leavesAt, now)
    return []
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.faults.map((fault) => ({ ...fault, place: 'envio.fecha' }))
  }
}

const nobody = (audience: AudienceDefinition): Fault => ({
  place: 'audiencia',
  message: 'no llega a ninguna dirección',
  value: audienceText(audience),
  remedy: 'Elija otras listas o quite el segmento',
})

function nameOf({ publication, body }: CheckedContent, nominalAt: Date) {
  return { period: requestedPeriod(publication, body, nominalAt), nominalAt }
}

async function renderRequest(
  engine: Engine,
  draft: Draft,
  content: CheckedContent,
  audience: AudienceDefinition,
  leavesAt: Date,
): Promise<{ ok: true; rendering: Rendering } | { ok: false; faults: Fault[] }> {
  const { db, config } = engine
  const { publication } = content
  const { lists, faults } = await listsOf(db, audience)
  const read = filesOfDraft(db, draft.id, noFiles)
  const prepared = await prepareFiles(content.body, 'contenido', read)
  if (!prepared.ok || faults.length > 0) {
    return { ok: false, faults: [...faults, ...(prepared.ok ? [] : prepared.faults)] }
  }
  const facts = { ...nameOf(content, leavesAt), revision: 0 }
  const online = linkTo(
    config.publicUrl,
    paths.edition({ publication: publication.slug, ...facts }),
  )
  return renderEdition(
    publication,
    prepared.body,
    { ...facts, issue: undefined },
    {
      mailDomain: config.mailDomain,
      publicUrl: config.publicUrl,
      files: new Map(prepared.files.map((file) => [file.sha256, file])),
      offersLeaving:
        publication.offersLeaving === true || lists.some(({ kind }) => kind === 'external'),
      lists: lists.map(({ name }) => name),
      ...(publication.isPublic && { onlineUrl: online }),
    },
  )
}

/** Its own words, with nobody's name in them. */
function mailWarnings(engine: Engine, rendering: Rendering): string[] {
  const filled = fillSlots(rendering, slotValues({ name: '', leaveUrl: anybodysPage(engine) }))
  return checkMail({ subject: rendering.subject, ...filled }, engine.config)
}

function eventWarnings({ publication, body }: CheckedContent, leavesAt: Date): string[] {
  const facts = {
    ...nameOf({ publication, body, sha256: '' }, leavesAt),
    revision: 0,
    issue: undefined,
  }
  const events = publication.events?.(body, facts) ?? []
  return events
    .filter(({ start, cancelled }) => !cancelled && new Date(start) <= leavesAt)
    .map(({ title }) => `«${title}» empieza antes de que salga este correo.`)
}
