/** The form of a step, whatever it asks. */
import { html } from 'hono/html'
import { requestBody, type Answers } from '../../../content/answers.ts'
import { draftFiles } from '../../../content/drafts.ts'
import type { Html } from '../../env.ts'
import type { FormErrors } from '../../form.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { audienceForm } from './audience-form.ts'
import type { Written } from './controls.ts'
import { eventForm } from './event-form.ts'
import { catalogues, type Found } from './find.ts'
import { fieldsOfStep, type Step } from './steps.ts'
import { messageForm, subjectForm } from './subject-form.ts'
import { whenForm } from './when-form.ts'

export const namesOf = ({ publication }: Found, step: Step): string[] =>
  fieldsOfStep(publication, step).map(({ name }) => name)

/** As if they had been saved. */
export function withAnswers(found: Found, step: Step, answers: Answers): Found {
  const { saved, answers: before } = requestBody(found.draft.body)
  const kept = Object.entries(before).filter(([name]) => !namesOf(found, step).includes(name))
  const body = { saved, answers: { ...Object.fromEntries(kept), ...answers } }
  return { ...found, draft: { ...found.draft, body } }
}

/** Without the checks of browsers: what is unfinished can be saved. */
export async function stepForm(
  request: PanelRequest,
  found: Found,
  step: Step,
  errors: FormErrors,
  button = 'Guardar y continuar',
): Promise<Html> {
  const { draft } = found
  const written = { answers: requestBody(draft.body).answers, errors }
  const action = request.c.var.link(panelPaths.request(draft.id, step))
  return html`<form
    method="post"
    id="formulario"
    action="${action}"
    ${step === 'mensaje' && html`enctype="multipart/form-data"`}
    novalidate
  >
    <button hidden name="accion" value="guardar">${button}</button>
    <input type="hidden" name="version" value="${draft.version}" />
    ${await questions(request, found, step, written)}
    <button name="accion" value="guardar">${button}</button>
  </form>`
}

async function questions(
  request: PanelRequest,
  { draft, publication }: Found,
  step: Step,
  written: Written,
): Promise<Html> {
  switch (step) {
    case 'asunto':
      return subjectForm(request, publication, written, await catalogues(request.engine))
    case 'mensaje':
      return messageForm(
        publication,
        written,
        await fileNames(request, draft.id),
        await catalogues(request.engine),
      )
    case 'evento':
      return eventForm(publication, written)
    case 'audiencia':
      return audienceForm(request, publication, draft, written)
    case 'cuando':
      return whenForm(request, draft, written)
  }
}

async function fileNames({ engine }: PanelRequest, draftId: number): Promise<string[]> {
  return (await draftFiles(engine.db, draftId)).map(({ name }) => name)
}
