/** The last look: every answer, the mail as it will be read, what keeps it from leaving, and the one act. */
import { html } from 'hono/html'
import type { AudienceCount } from '../../../audience/audience.ts'
import { requestBody } from '../../../content/answers.ts'
import { Problem, type Fault } from '../../../errors.ts'
import { anybodysPage } from '../../../flow/engine.ts'
import { requestMailing } from '../../../flow/request.ts'
import { renderOfRequest, reviewRequest, type Review } from '../../../flow/request-check.ts'
import { withImagesInside } from '../../../render/files.ts'
import { fillSlots, slotValues } from '../../../render/slots.ts'
import { suppressionReasonNames, type SuppressionReason } from '../../../states.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textOf } from '../../form.ts'
import { tick } from '../audiences/parts.ts'
import { sandboxed } from '../edition/preview.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { addresses } from './audience-form.ts'
import { catalogues, idOf, requestOf, versionIn, type Found } from './find.ts'
import { momentInWords } from './hours.ts'
import { stepList } from './parts.ts'
import { controlOf, idOf as fieldId, sentenceOf, stepOf, stepsOf, stepTitles } from './steps.ts'
import { answersOf } from './summary.ts'
import { warningsBox } from './when-form.ts'

export async function reviewPage(request: PanelRequest): Promise<Response> {
  const found = await requestOf(request)
  return found instanceof Response ? found : showReview(request, found)
}

/** Twice, by a double click or the way back: the second is shown the edition of the first. */
export async function requestAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const form = await readForm(c)
  const read = { id: idOf(request), version: versionIn(form) }
  const confirmRepeat = textOf(form, 'repetir')
  try {
    const { editionId } = await requestMailing(engine, user, read, { confirmRepeat })
    return c.redirect(c.var.link(panelPaths.edition(editionId)), 303)
  } catch (error) {
    if (!(error instanceof Problem) || error.kind === 'notFound') throw error
    const found = await requestOf(request)
    return found instanceof Response ? found : showReview(request, found, error.faults)
  }
}

/** `refused`: why it was not asked for just now. */
async function showReview(
  request: PanelRequest,
  found: Found,
  refused: Fault[] = [],
): Promise<Response> {
  const { draft, publication } = found
  const review = await reviewRequest(request.engine, draft)
  const isRefused = refused.length > 0
  return showPanel(
    request,
    {
      title: 'Revisar antes de solicitar',
      hasErrors: isRefused,
      ...(isRefused && { status: 422 }),
    },
    html`<p class="lead">Correo puntual: ${publication.name}</p>
      ${stepList(request, found, review.faults, 'revisar')}
      ${isRefused && refusalOf(review, refused)} ${blocking(request, found, review.faults)}
      ${warningsBox(review.warnings)} ${await summary(request, found, review.faults)}
      ${preview(request, found, review)}
      ${review.faults.length === 0 && askForm(request, found, review, isRefused)}`,
  )
}

/** What was found besides, by whoever refused it; the rest is said below. */
function refusalOf({ faults, repeats }: Review, refused: Fault[]): Html {
  if (repeats && faults.length === 0)
    return errorSummary({ repetir: 'Confirme que quiere enviarlo de nuevo.' })
  const others = refused.filter(({ message }) => !faults.some((one) => one.message === message))
  if (others.length === 0) return html``
  return html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
    <h2>No se pudo solicitar</h2>
    <ul class="plain">
      ${others.map(
        ({ place, ...fault }) =>
          html`<li>${sentenceOf({ ...fault, place: place.replace(/^contenido (?=.)/, '') })}</li>`,
      )}
    </ul>
  </div>`
}

function blocking({ c }: PanelRequest, { draft }: Found, faults: Fault[]): Html {
  if (faults.length === 0) return html``
  return html`<div class="box wrong">
    <h2>Antes de solicitarlo falta corregir</h2>
    <ul class="plain">
      ${faults.map((fault) => {
        const step = stepOf(fault.place)
        const to = `${c.var.link(panelPaths.request(draft.id, step))}#${controlOf(fault.place)}`
        return html`<li>
          <span aria-hidden="true">✗</span> <a href="${to}">${stepTitles[step]}</a>:
          ${sentenceOf(fault)}
        </li>`
      })}
    </ul>
  </div>`
}

async function summary(
  { c, engine }: PanelRequest,
  { draft, publication }: Found,
  faults: Fault[],
): Promise<Html> {
  const isMissing = (path: string) => faults.some(({ place }) => place === path)
  const known = await catalogues(engine)
  const { answers } = requestBody(draft.body)
  return html`${stepsOf(publication).map(
    (step) =>
      html`<section>
        <h2>${stepTitles[step]}</h2>
        <dl class="facts answer">
          ${answersOf(publication, step, answers, known).map(
            ({ name, text, path }) =>
              html`<div>
                <dt>${name}</dt>
                <dd>
                  <span class="as-written"
                    >${text || (isMissing(path) ? 'Sin responder' : 'Opcional, sin responder')}</span
                  >
                  <a href="${c.var.link(panelPaths.request(draft.id, step))}#${fieldId(path)}"
                    >Cambiar<span class="unseen"> ${name}</span></a
                  >
                </dd>
              </div>`,
          )}
        </dl>
      </section>`,
  )}`
}

function preview({ c }: PanelRequest, { draft }: Found, { rendering }: Review): Html {
  return html`<section>
    <h2>El correo</h2>
    ${
      rendering
        ? html`<iframe
            class="mail"
            sandbox=""
            title="El correo como lo verá quien lo recibe"
            src="${c.var.link(panelPaths.request(draft.id, 'correo'))}"
          ></iframe>`
        : html`<p>
            La vista previa aparece cuando estén completos el asunto, el mensaje y la hora.
          </p>`
    }
  </section>`
}

function askForm(
  { c }: PanelRequest,
  { draft, publication }: Found,
  { leavesAt, count, repeats }: Review,
  isRefused: boolean,
): Html {
  const needsApproval = publication.approval === 'second-person'
  const leaves = `Saldrá ${momentInWords(leavesAt!)} a ${addresses(count!.recipients)}`
  return html`<section aria-labelledby="solicitar">
    <h2 id="solicitar">${needsApproval ? 'Solicitar aprobación' : 'Programar'}</h2>
    <p class="lead">${leaves}${needsApproval && ', cuando otra persona la apruebe'}.</p>
    ${excludedText(count!)}
    <form method="post" action="${c.var.link(panelPaths.request(draft.id, 'revisar'))}">
      <input type="hidden" name="version" value="${draft.version}" />
      ${
        repeats &&
        tick({
          id: 'repetir',
          name: 'repetir',
          value: repeats.repeats,
          label: 'Ya se envió algo igual: enviarlo de nuevo',
          hint: `${repeats.message.charAt(0).toUpperCase()}${repeats.message.slice(1)}: «${repeats.value}».`,
          error: isRefused ? 'Confirme que quiere enviarlo de nuevo.' : undefined,
        })
      }
      <button>${needsApproval ? 'Solicitar aprobación' : 'Programar'}</button>
    </form>
  </section>`
}

function excludedText({ excluded }: AudienceCount): Html {
  const reasons = Object.entries(excluded) as [SuppressionReason, number][]
  if (reasons.length === 0) return html``
  const words = reasons.map(
    ([reason, sum]) => `${addresses(sum)} (${suppressionReasonNames[reason]})`,
  )
  return html`<p class="small">Se excluyen: ${words.join(', ')}.</p>`
}

/** The document of the frame. */
export async function previewDocument(request: PanelRequest): Promise<Response> {
  const found = await requestOf(request)
  if (found instanceof Response) return found
  const { c, engine, user } = request
  const rendering = await renderOfRequest(engine, found.draft)
  const values = slotValues({ name: user.name, leaveUrl: anybodysPage(engine) })
  const { html: document } = fillSlots(rendering, values)
  return sandboxed(c, engine, withImagesInside(document, rendering.attachments))
}
