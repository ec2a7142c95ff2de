/** One step of a mail on request: it is saved right or wrong, and says what is wrong. */
import { html } from 'hono/html'
import { requestBody } from '../../../content/answers.ts'
import { saveStep } from '../../../flow/request.ts'
import { writtenFaults } from '../../../flow/request-check.ts'
import { errorSummary, readForm, type FormErrors } from '../../form.ts'
import { rearrange } from '../content/fields.ts'
import { receiveUploads } from '../content/uploads.ts'
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
    const { c, engine, user } = request
    const form = await readForm(c)
    const found = await requestOrEdition(request)
    if ('editionId' in found) return alreadyRequested(request, found.editionId, form)
    const { draft, publication } = found
    const { answers: before } = requestBody(draft.body)
    const version = versionIn(form)
    const uploads = await receiveUploads(engine, draft.id, form, {
      isCurrent: version === draft.version,
    })
    const answers = readStep(publication, step, form, before)
    const act = form.get('accion')
    if (typeof act === 'string' && act.includes(':')) {
      const moved = rearrange({ ...before, ...answers }, act)
      return showStep(request, withAnswers(found, step, moved), step, {
        says: false,
        status: 200,
        uploads,
      })
    }
    const names = namesOf(found, step)
    const seen = { ...draft, version }
    const saved = await saveStep(engine, user, seen, { step, names, answers })
    if (!saved) return stepPage(step)(request)
    if (!saved.ok) return conflictPage(request, { ...found, draft: saved.current }, step, answers)
    const now = { ...found, draft: saved.draft }
    if (act === 'comprobar') return c.redirect(c.var.link(panelPaths.request(draft.id, step)), 303)
    const errors = { ...(await stepErrors(request, now, step)), ...uploads }
    if (Object.keys(errors).length > 0)
      return showStep(request, now, step, { says: true, status: 422, uploads })
    return c.redirect(c.var.link(panelPaths.request(draft.id, stepAfter(found, step))), 303)
  }

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
