/** Mail on request in steps: which kind, what, to whom, when, and one last look. */
import { html } from 'hono/html'
import { requestBody } from '../../../content/answers.ts'
import { requestsOf, type Draft } from '../../../content/drafts.ts'
import { requirePublication } from '../../../flow/engine.ts'
import { beginRequest, discardRequest, onRequestPublications } from '../../../flow/request.ts'
import { may } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textOf, type FormErrors } from '../../form.ts'
import { hour } from '../audiences/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { choices } from './controls.ts'
import { idOf } from './find.ts'
import { nextUnsaved } from './parts.ts'
import { previewDocument, requestAct, reviewPage } from './review.ts'
import { saveAct, stepPage } from './step.ts'
import { steps } from './steps.ts'
import { subjectOf } from './summary.ts'

const { newRequest, discardRequest: discardPath, request: stepPath } = panelPaths
const act = 'content.add'

export const requestRoutes: PanelRoute[] = [
  { method: 'GET', path: newRequest, act: 'edition.open', answer: newPage },
  { method: 'POST', path: newRequest, act, answer: beginAct },
  { method: 'POST', path: discardPath(':id'), act, answer: discardAct },
  ...steps.flatMap((step): PanelRoute[] => [
    { method: 'GET', path: stepPath(':id', step), act, answer: stepPage(step) },
    { method: 'POST', path: stepPath(':id', step), act, answer: saveAct(step) },
  ]),
  { method: 'GET', path: stepPath(':id', 'revisar'), act, answer: reviewPage },
  { method: 'POST', path: stepPath(':id', 'revisar'), act, answer: requestAct },
  { method: 'GET', path: stepPath(':id', 'correo'), act, answer: previewDocument },
]

function newPage(request: PanelRequest): Promise<Response> {
  if (may(request.user, act)) return showNew(request)
  return showPanel(
    request,
    { title: 'Correo puntual' },
    html`<p class="lead">
      Un correo puntual lo redacta una persona con el rol de captura o de aprobación. Después puede
      seguirlo en la <a href="${request.c.var.link(panelPaths.agenda)}">agenda</a>.
    </p>`,
  )
}

async function beginAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const slug = textOf(await readForm(c), 'tipo')
  if (!kinds(request).some((publication) => publication.slug === slug))
    return showNew(request, { 'c-tipo': 'Elija la clase de correo.' })
  const draft = await beginRequest(engine, user, slug)
  return c.redirect(c.var.link(stepPath(draft.id, 'asunto')), 303)
}

async function discardAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  await discardRequest(engine, user, idOf(request))
  return c.redirect(c.var.link(newRequest), 303)
}

const kinds = ({ engine }: PanelRequest) => onRequestPublications(engine)

async function showNew(request: PanelRequest, errors: FormErrors = {}): Promise<Response> {
  const { c, engine, user } = request
  const hasErrors = Object.keys(errors).length > 0
  const drafts = await requestsOf(engine.db, user.id)
  return showPanel(
    request,
    { title: 'Correo puntual', hasErrors, ...(hasErrors && { status: 422 }) },
    html`${hasErrors && errorSummary(errors)}
      <form method="post" action="${c.var.link(newRequest)}">
        ${choices({ errors }, 'tipo', {
          legend: '¿Qué se va a enviar?',
          type: 'radio',
          options: kinds(request).map(({ slug, name, description }) => ({
            value: slug,
            name: html`<strong>${name}</strong><br /><span class="small">${description}</span>`,
            isOn: false,
          })),
        })}
        <button>Empezar</button>
      </form>
      ${drafts.length > 0 && unfinished(request, drafts)}`,
  )
}

function unfinished(request: PanelRequest, drafts: Draft[]): Html {
  const { engine, c } = request
  return html`<section>
    <h2>Sin terminar</h2>
    <p class="hint">Solo usted los ve mientras no se soliciten.</p>
    <ul class="entries">
      ${drafts.map((draft) => {
        const publication = requirePublication(engine, draft.publication)
        const subject = subjectOf(requestBody(draft.body).answers) || 'Sin asunto'
        const next = stepPath(draft.id, nextUnsaved({ draft, publication }))
        return html`<li>
          <h3>${subject}</h3>
          <p class="small">${publication.name}. Guardado el ${hour(draft.updatedAt)}.</p>
          <p>
            <a href="${c.var.link(next)}">Seguir<span class="unseen">: ${subject}</span></a>
          </p>
          <details>
            <summary>Descartar<span class="unseen">: ${subject}</span></summary>
            <form method="post" action="${c.var.link(discardPath(draft.id))}">
              <p>Se borra lo escrito y no puede recuperarse.</p>
              <button class="second slim">Descartar este correo</button>
            </form>
          </details>
        </li>`
      })}
    </ul>
  </section>`
}
