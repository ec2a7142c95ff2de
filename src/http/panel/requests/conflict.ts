/** Two windows on one mail: what each says of a step, side by side, so that nobody loses what they wrote. */
import { html } from 'hono/html'
import { requestBody, type Answers } from '../../../content/answers.ts'
import { findEdition } from '../../../editions/editions.ts'
import { requirePublication } from '../../../flow/engine.ts'
import type { Publication } from '../../../publication.ts'
import { asRead } from '../content/as-read.ts'
import { scrolling } from '../dispatches/parts.ts'
import type { Html } from '../../env.ts'
import { facts } from '../../page.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { catalogues, type Found } from './find.ts'
import { readStep } from './reading.ts'
import { stepForm, withAnswers } from './step-form.ts'
import { fieldsOfStep, stepTitles, type Step } from './steps.ts'
import { answersOf } from './summary.ts'

/** `found`: as it is saved now. `typed`: what was refused. */
export async function conflictPage(
  request: PanelRequest,
  found: Found,
  step: Step,
  typed: Answers,
): Promise<Response> {
  const { c, engine } = request
  const { publication, draft } = found
  const known = await catalogues(engine)
  const own = withAnswers(found, step, typed)
  const mine = answersOf(publication, step, requestBody(own.draft.body).answers, known)
  const saved = answersOf(publication, step, requestBody(draft.body).answers, known)
  const rows = [...new Map([...saved, ...mine].map(({ path, name }) => [path, name]))].map(
    ([path, name]) => [name, textAt(mine, path), textAt(saved, path)],
  )
  return showPanel(
    request,
    { title: `Se guardó en otra ventana: ${stepTitles[step]}`, status: 409, hasErrors: true },
    html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
        <p>
          Este correo se guardó desde otra ventana después de que se abrió ésta. Nada de lo que
          escribió se ha perdido: compárelo y elija con cuál seguir.
        </p>
      </div>
      ${scrolling('Este paso, en las dos ventanas', ['Dato', 'Lo que escribió aquí', 'Lo que está guardado'], rows)}
      <p>
        <a href="${c.var.link(panelPaths.request(draft.id, step))}">Conservar lo guardado</a>
      </p>
      <h2>Guardar lo que escribió aquí</h2>
      ${await stepForm(request, own, step, {}, 'Guardar lo de esta ventana')}`,
  )
}

const textAt = (answers: { path: string; text: string }[], path: string): string =>
  answers.find((answer) => answer.path === path)?.text || '(vacío)'

/** A window that was left open: its mail is an edition by now, and what it says is shown to be copied there. */
export async function alreadyRequested(
  request: PanelRequest,
  editionId: number,
  step: Step,
  form: FormData,
): Promise<Response> {
  const { c, engine } = request
  const { publication: slug } = await findEdition(engine.db, editionId)
  const publication = requirePublication(engine, slug)
  const typed = readStep(publication, step, form, {})
  return showPanel(
    request,
    { title: 'Este correo ya se solicitó', status: 409, hasErrors: true },
    html`<p class="lead">
        Lo que escribió en esta ventana no se guardó. Cópielo y edite el contenido de
        <a href="${c.var.link(panelPaths.edition(editionId))}">la edición</a>.
      </p>
      ${await everything(request, publication, step, typed)}`,
  )
}

/** To the last letter: a message may have lists of things, which are told in words only here. */
async function everything(
  { engine }: PanelRequest,
  publication: Publication,
  step: Step,
  typed: Answers,
): Promise<Html> {
  if (step === 'mensaje') return asRead(fieldsOfStep(publication, step), typed)
  const answers = answersOf(publication, step, typed, await catalogues(engine))
  return facts(
    Object.fromEntries(
      answers.filter(({ text }) => text !== '').map(({ name, text }) => [name, written(text)]),
    ),
  )
}

const written = (text: string): Html => html`<span class="as-written">${text}</span>`
