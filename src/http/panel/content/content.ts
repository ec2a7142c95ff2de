/** The content of an edition is written here: kept as a draft by every button, and checked when it is saved. */
import { isDeepStrictEqual } from 'node:util'
import { draftOfEdition, filesOfDraft, type Draft } from '../../../content/drafts.ts'
import { findEdition, type Edition } from '../../../editions/editions.ts'
import { Problem, type Fault } from '../../../errors.ts'
import { addContent, contentFaults, type ContentFile } from '../../../flow/add-content.ts'
import { discardEditionDraft, type DraftVersion } from '../../../flow/write-draft.ts'
import { readForm, textOf } from '../../form.ts'
import { editionOf } from '../edition/find.ts'
import {
  admitsContent,
  contentFiles,
  currentBody,
  formFields,
  hourOf,
  theContent,
  type Body,
} from './desk.ts'
import { withoutDefaults, type NamedField } from './fields.ts'
import { errorsOf, placeAfter } from './form.ts'
import { keepForm, type Said } from './keep.ts'
import { closedPage, contentPage, type Desk } from './page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const contentRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.content(':id'), act: 'content.add', answer: openContent },
  { method: 'POST', path: panelPaths.content(':id'), act: 'content.add', answer: saveContent },
]

/** On the draft when there is one, else on the content, else blank. */
async function openContent(request: PanelRequest): Promise<Response> {
  const { engine, c } = request
  const edition = await editionOf(request)
  const draft = await draftOfEdition(engine.db, edition.id)
  if (!admitsContent(edition))
    return closedPage(request, edition, { body: draft?.body, isKept: true })
  if (!draft) {
    const body = await currentBody(engine, edition)
    return contentPage(request, { edition, body, replaces: edition.contentId })
  }
  const desk: Desk = { edition, body: draft.body, replaces: draft.replaces, draft }
  if (c.req.query('ver') !== undefined) return contentPage(request, await withFaults(request, desk))
  const isNew = c.req.query('guardado') !== undefined
  const saved = `Guardado ${hourOf(draft.updatedAt, engine.clock.now())}.`
  return contentPage(request, { ...desk, done: isNew ? saved : undefined })
}

/** What is wrong is told when somebody asks for it. */
async function withFaults(request: PanelRequest, desk: Desk): Promise<Desk> {
  const { engine, user } = request
  const { edition, draft } = desk
  const faults = await oneAtATime(
    `${engine.instanceId} ${user.id}`,
    `${draft?.id}.${draft?.version}.${edition.contentId}`,
    async () => contentFaults(engine, user, await fileOf(request, desk)),
  )
  if (faults.length > 0) return { ...desk, errors: errorsOf(faults, formFields(engine, edition)) }
  return { ...desk, done: 'No falta nada: ya se puede «Guardar y revisar».' }
}

/** Checks that are being made, by person: images are drawn in each. */
const underway = new Map<string, { what: string; faults: Promise<Fault[]> }>()

/** Of what is being checked, that answer; of anything else of the same person, when that one is through. */
function oneAtATime(person: string, what: string, check: () => Promise<Fault[]>): Promise<Fault[]> {
  const before = underway.get(person)
  if (before?.what === what) return before.faults
  const afterOthers = async () => {
    await before?.faults.catch(() => [])
    try {
      return await check()
    } finally {
      if (underway.get(person)?.faults === faults) underway.delete(person)
    }
  }
  const faults = afterOthers()
  underway.set(person, { what, faults })
  return faults
}

async function saveContent(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const edition = await editionOf(request)
  const form = await readForm(request.c)
  // what is no form of this page must not empty a draft
  if (!form.has('desde')) throw incomplete()
  const act = textOf(form, 'accion')
  const said = chosen(act, form)
  if (act === 'descartar') {
    await discardEditionDraft(engine, user, edition.id, said.seen)
    return toForm(request, edition)
  }
  const fields = formFields(engine, edition)
  const { seen, errors, body, written } = await keepForm(request, edition, form, said)
  if (!admitsContent(edition)) return closedPage(request, edition, { body, isKept: written.ok })
  const desk: Desk = { edition, body, replaces: said.replaces }
  if (!written.ok)
    return contentPage(request, { ...desk, seen, theirs: written.current, errors, status: 409 })
  const mine: Desk = { ...desk, draft: written.draft, errors }
  if (Object.keys(errors).length > 0) return contentPage(request, mine)
  if (said.isFinal) return finish(request, mine, written.draft, fields)
  return toForm(request, edition, act === 'ver' ? '?ver=1' : `?guardado=1${placeAfter(act, body)}`)
}

/** What the form began from; `encima:12.3` and `encima:12.3:45` say what it goes over instead. */
function chosen(act: string, form: FormData): Said {
  const [, over, content] = /^encima:(\d+\.\d+)(?::(\d+))?$/.exec(act) ?? []
  return {
    seen: versionOf(over ?? textOf(form, 'borrador')),
    replaces: numberOf(content ?? textOf(form, 'desde')),
    isFinal: act === 'guardar' || content !== undefined,
  }
}

function versionOf(token: string): DraftVersion | undefined {
  const [id = null, version = null] = token.split('.').map(numberOf)
  return id === null || version === null ? undefined : { id, version }
}

const numberOf = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null)

const incomplete = (): Problem =>
  new Problem('invalid', {
    place: 'formulario',
    message: 'no llegó completo',
    remedy: 'Vuelva a la página anterior, donde está lo que escribió, y guárdelo de nuevo',
  })

async function fileOf({ engine }: PanelRequest, desk: Desk): Promise<ContentFile> {
  const { edition, draft, body, replaces } = desk
  const others = await contentFiles(engine, edition)
  return {
    text: JSON.stringify({ tipo: edition.publication, ...body, muestra: false }),
    place: 'contenido',
    readFile: draft ? filesOfDraft(engine.db, draft.id, others) : others,
    replaces,
    editionId: edition.id,
  }
}

async function finish(
  request: PanelRequest,
  desk: Desk,
  draft: Draft,
  fields: NamedField[],
): Promise<Response> {
  const { engine, user } = request
  const { edition } = desk
  try {
    await addContent(engine, user, { ...(await fileOf(request, desk)), draft })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return refused(
      request,
      { ...desk, edition: await findEdition(engine.db, edition.id) },
      error,
      fields,
    )
  }
  return toEdition(request, edition)
}

/** Because of what the form says, of what somebody else did, or because it was done already. */
async function refused(
  request: PanelRequest,
  desk: Desk,
  { faults }: Problem,
  fields: NamedField[],
): Promise<Response> {
  const { edition, body, replaces } = desk
  if (!admitsContent(edition)) return closedPage(request, edition, { body, isKept: true })
  if (edition.contentId !== replaces) {
    const content = await theContent(request.engine.db, edition)
    if (content && isSame(fields, content.body, body)) return afterTheSame(request, desk)
    return contentPage(request, { ...desk, status: 409 })
  }
  return contentPage(request, { ...desk, errors: errorsOf(faults, fields) })
}

/** The form was posted twice: the first time is the one. */
async function afterTheSame(request: PanelRequest, { edition, draft }: Desk): Promise<Response> {
  await discardEditionDraft(request.engine, request.user, edition.id, draft)
  return toEdition(request, edition)
}

const isSame = (fields: NamedField[], one: Body, other: Body): boolean =>
  isDeepStrictEqual(withoutDefaults(fields, one), withoutDefaults(fields, other))

const toForm = ({ c }: PanelRequest, { id }: Edition, rest = ''): Response =>
  c.redirect(`${c.var.link(panelPaths.content(id))}${rest}`, 303)

const toEdition = ({ c }: PanelRequest, { id }: Edition): Response =>
  c.redirect(c.var.link(panelPaths.edition(id)), 303)
