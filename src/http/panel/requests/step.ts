/** One step of a mail on request: it is saved right or wrong, and says what is wrong. */
import { html } from 'hono/html'
import { requestBody, type Answers } from '../../../content/answers.ts'
import type { Saved } from '../../../content/drafts.ts'
import { holdingRequest, noRequest, saveStep } from '../../../flow/request.ts'
import { writtenFaults } from '../../../flow/request-check.ts'
import { errorSummary, readForm, textOf, type FormErrors } from '../../form.ts'
import { rearrange } from '../content/fields.ts'
import { hasUploads, receiveUploads } from '../content/uploads.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { alreadyRequested, conflictPage } from './conflict.ts'
import { requestOf, requestOrEdition, versionIn, type Found } from './find.ts'
import { stepAfter, stepList } from './parts.ts'
import { readStep } from './reading.ts'
import { namesOf, stepForm, withAnswers } from './step-form.ts'
import { errorsOf, fieldsOfStep, stepsOf, stepTitles, type Step } from './steps.ts'

export const stepPage =
  (step: Step) =>
  async (request: PanelRequest): Promise<Response> => {
    const found = await requestOf(request)
    if (found instanceof Response) return found
    const { c } = request
    if (!stepsOf(found.publication).includes(step))
      return c.redirect(c.var.link(panelPaths.request(found.draft.id, 'revisar')), 303)
    const isSaved = requestBody(found.draft.body).saved.includes(step)
    return showStep(request, found, step, { says: isSaved, status: 200 })
  }

export const saveAct =
  (step: Step) =>
  async (request: PanelRequest): Promise<Response> => {
    const { c } = request
    const form = await readForm(c)
    const found = await requestOrEdition(request)
    if ('editionId' in found) return alreadyRequested(request, found.editionId, step, form)
    const { draft } = found
    const kept = await keepStep(request, found, step, form)
    if (!kept) {
      // it was asked for in this moment
      const gone = await requestOrEdition(request)
      if ('editionId' in gone) return alreadyRequested(request, gone.editionId, step, form)
      throw noRequest()
    }
    const { saved, uploads, answers } = kept
    if (!saved.ok) return conflictPage(request, { ...found, draft: saved.current }, step, answers)
    const now = { ...found, draft: saved.draft }
    const act = textOf(form, 'accion')
    if (isMove(act)) {
      return showStep(request, withAnswers(now, step, answers), step, {
        says: false,
        status: 200,
        uploads,
      })
    }
    if (act === 'comprobar') return c.redirect(c.var.link(panelPaths.request(draft.id, step)), 303)
    const errors = { ...(await stepErrors(request, now, step)), ...uploads }
    if (Object.keys(errors).length > 0)
      return showStep(request, now, step, { says: true, status: 422, uploads })
    return c.redirect(c.var.link(panelPaths.request(draft.id, stepAfter(found, step))), 303)
  }

interface Kept {
  saved: Saved
  uploads: FormErrors
  /** Of the step, as they are shown again. */
  answers: Answers
}

/**
 * Files and answers together, over the version that the form began from and no other: whoever reviewed that one asks for
 * what they saw. undefined: the draft is gone.
 */
async function keepStep(
  { engine, user }: PanelRequest,
  found: Found,
  step: Step,
  form: FormData,
): Promise<Kept | undefined> {
  const version = versionIn(form)
  const hasFiles = hasUploads(form)
  const names = namesOf(found, step)
  return holdingRequest(engine, user, found.draft.id, async (own, draft): Promise<Kept> => {
    const isCurrent = version === draft.version
    const uploads = await receiveUploads(own, draft.id, form, { isCurrent })
    const { answers: before } = requestBody(draft.body)
    const typed = readStep(found.publication, step, form, before)
    const act = textOf(form, 'accion')
    const answers = isMove(act) ? rearrange(typed, act) : typed
    if (!isCurrent) return { saved: { ok: false, current: draft }, uploads, answers }
    // what only moves is shown moved, and saved with the rest; a file is in its place at once
    if (isMove(act) && !hasFiles) return { saved: { ok: true, draft }, uploads, answers }
    const whole = isMove(act) ? { names, answers } : { step, names, answers }
    const saved = await saveStep(own, user, draft, whole)
    return { saved: saved!, uploads, answers }
  })
}

/** `subir:fuentes.1` and the like. */
const isMove = (act: string): boolean => act.includes(':')

async function stepErrors(
  { engine }: PanelRequest,
  { draft, publication }: Found,
  step: Step,
): Promise<FormErrors> {
  return errorsOf(await writtenFaults(engine, draft), step, fieldsOfStep(publication, step))
}

async function showStep(
  request: PanelRequest,
  found: Found,
  step: Step,
  { says, status, uploads = {} }: { says: boolean; status: 200 | 422; uploads?: FormErrors },
): Promise<Response> {
  const { c, engine } = request
  const { draft, publication } = found
  const faults = await writtenFaults(engine, draft)
  const own = says ? errorsOf(faults, step, fieldsOfStep(publication, step)) : {}
  // why a file was refused says more than that it is missing
  const errors = { ...own, ...uploads }
  const hasErrors = Object.keys(errors).length > 0
  const next = c.var.link(panelPaths.request(draft.id, stepAfter(found, step)))
  return showPanel(
    request,
    { title: stepTitles[step], status, hasErrors },
    html`<p class="lead">Correo puntual: ${publication.name}</p>
      ${stepList(request, found, faults, step)} ${hasErrors && errorSummary(errors)}
      ${
        hasErrors &&
        html`<p>
          Lo que escribió está guardado. Puede corregirlo ahora o
          <a href="${next}">seguir y corregirlo después</a>.
        </p>`
      }
      ${await stepForm(request, found, step, errors)}`,
  )
}
