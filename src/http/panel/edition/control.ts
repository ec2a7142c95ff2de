/** Pausing, resuming and sending again to those that failed: forms of a page that was seen at a moment. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { permits } from '../../../editions/machine.ts'
import { Problem } from '../../../errors.ts'
import { maxReasonLength, pause, resend, resume } from '../../../flow/control.ts'
import { titleOf } from '../../../flow/engine.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textField, textOf, type FormErrors } from '../../form.ts'
import { isTicked, tick } from '../audiences/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { editionOf } from './find.ts'
import { count } from './fragment.ts'

const act = 'edition.control'
export const controlRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.pause(':id'), act, answer: pausePage },
  { method: 'POST', path: panelPaths.pause(':id'), act, answer: pauseAct },
  { method: 'POST', path: panelPaths.resume(':id'), act, answer: resumeAct },
  { method: 'POST', path: panelPaths.resend(':id'), act, answer: resendAct },
]

export function pauseForm(
  { c }: PanelRequest,
  { id }: Edition,
  reason = '',
  errors: FormErrors = {},
): Html {
  return html`<form method="post" action="${c.var.link(panelPaths.pause(id))}" novalidate>
    ${reasonField({ value: reason, error: errors['motivo-pausa'], hint: 'Queda en la bitácora. Lo que ya está en conversación con el servidor termina.' })}
    <button class="second">Pausar</button>
  </form>`
}

const reasonField = (field: { value: string; error: string | undefined; hint: string }): Html =>
  textField({
    ...field,
    id: 'motivo-pausa',
    name: 'motivo',
    label: 'Motivo de la pausa',
    type: 'text',
    autocomplete: 'off',
    maxLength: maxReasonLength,
    required: true,
  })

async function pausePage(request: PanelRequest): Promise<Response> {
  const edition = await editionOf(request)
  return permits('pause', edition.state) ? showPause(request, edition) : backTo(request, edition)
}

async function showPause(
  request: PanelRequest,
  edition: Edition,
  reason = '',
  errors: FormErrors = {},
): Promise<Response> {
  const { c, engine } = request
  const hasErrors = Object.keys(errors).length > 0
  return showPanel(
    request,
    { title: `Pausar: ${titleOf(engine, edition)}`, hasErrors, ...(hasErrors && { status: 422 }) },
    html`${hasErrors && errorSummary(errors)} ${pauseForm(request, edition, reason, errors)}
      <p><a href="${c.var.link(panelPaths.edition(edition.id))}">Volver a la edición</a></p>`,
  )
}

async function pauseAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const edition = await editionOf(request)
  const reason = textOf(await readForm(c), 'motivo')
  try {
    await pause(engine, user, edition.id, reason)
  } catch (error) {
    const fault = reasonFault(error)
    if (fault === undefined) throw error
    return showPause(request, edition, reason, { 'motivo-pausa': fault })
  }
  return backTo(request, edition)
}

/** What is wrong with a reason, in the words of a field. */
export function reasonFault(error: unknown): string | undefined {
  if (!(error instanceof Problem)) return undefined
  const fault = error.faults.find(({ place }) => place === 'motivo')
  return fault && `El motivo ${fault.message}. ${fault.remedy}.`
}

async function resumeAct(request: PanelRequest): Promise<Response> {
  const edition = await editionOf(request)
  await resume(request.engine, request.user, edition.id)
  return backTo(request, edition)
}

/** More than this is not counted one by one to be shown. */
export const mostCounted = 1_000

const upTo = (sum: number): string =>
  sum > mostCounted ? `más de ${count(mostCounted)}` : count(sum)

export function resendForm(
  { c, engine }: PanelRequest,
  { id }: Edition,
  { failed, rejected }: { failed: number; rejected: number },
): Html {
  if (failed + rejected === 0) return html``
  return html`<form id="reenviar" method="post" action="${c.var.link(panelPaths.resend(id))}">
    ${seenField(engine.clock.now())}
    ${
      failed === 0
        ? html`<input type="hidden" name="rechazados" value="si" />
            <button class="second">Reenviar a rechazados (${upTo(rejected)})</button>`
        : html`${
              rejected > 0 &&
              tick({
                id: 'rechazados',
                name: 'rechazados',
                label: `También a las rechazadas por su servidor (${upTo(rejected)})`,
                error: undefined,
              })
            } <button class="second">Reenviar a fallidos (${upTo(failed)})</button>`
    }
  </form>`
}

async function resendAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const edition = await editionOf(request)
  const form = await readForm(c)
  const rejected = isTicked(form, 'rechazados')
  await resend(engine, user, edition.id, { rejected, seenAt: seenOf(form) })
  return backTo(request, edition)
}

/** The moment that a form is of: what happened after it was not decided upon, so that a second click does nothing. */
export const seenField = (at: Date): Html =>
  html`<input type="hidden" name="visto" value="${at.toISOString()}" />`

export function seenOf(form: FormData): Date {
  const text = textOf(form, 'visto')
  const at = new Date(/^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(text) ? text : Number.NaN)
  if (!Number.isNaN(at.getTime())) return at
  throw new Problem('invalid', {
    place: 'formulario',
    message: 'no dice de qué momento es',
    remedy: 'Abra de nuevo la página de la edición y hágalo desde ella',
  })
}

export const backTo = ({ c }: PanelRequest, { id }: Edition): Response =>
  c.redirect(c.var.link(panelPaths.edition(id)), 303)
