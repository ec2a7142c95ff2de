/** What every page of a mail on request has: where one is among its steps, and how each stands. */
import { html } from 'hono/html'
import { requestBody } from '../../../content/answers.ts'
import type { Fault } from '../../../errors.ts'
import type { Html } from '../../env.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import type { Found } from './find.ts'
import { stepOf, stepsOf, stepTitles, type Step } from './steps.ts'

export function stepList(
  { c }: PanelRequest,
  { draft, publication }: Found,
  faults: Fault[],
  here: Step | 'revisar',
): Html {
  const { saved } = requestBody(draft.body)
  const state = (step: Step): string => {
    if (!saved.includes(step)) return 'sin responder'
    return faults.some(({ place }) => stepOf(place) === step) ? 'por corregir' : 'listo'
  }
  const item = (step: Step | 'revisar', stands: string): Html =>
    html`<li>
      <a
        href="${c.var.link(panelPaths.request(draft.id, step))}"
        ${step === here && html`aria-current="step"`}
        >${stepTitles[step]}</a
      >${stands && html`<span class="muted"> ${stands}</span>`}
    </li>`
  return html`<nav aria-label="Pasos de este correo">
    <ol class="steps small">
      ${stepsOf(publication).map((step) => item(step, state(step)))} ${item('revisar', '')}
    </ol>
  </nav>`
}

/** The first that was not answered, or the last look. */
export function nextUnsaved({ draft, publication }: Found): Step | 'revisar' {
  const { saved } = requestBody(draft.body)
  return stepsOf(publication).find((step) => !saved.includes(step)) ?? 'revisar'
}

/** After this one. */
export function stepAfter({ publication }: Found, step: Step): Step | 'revisar' {
  const all = stepsOf(publication)
  return all[all.indexOf(step) + 1] ?? 'revisar'
}
