/** A refusal on the page where it happened. */
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Problem, ProblemKind } from '../../../errors.ts'
import { remedyInBrowser, whatIn } from '../in-browser.ts'
import type { Html } from '../../env.ts'

export const problemStatus: Record<ProblemKind, ContentfulStatusCode> = {
  usage: 400,
  invalid: 422,
  refused: 409,
  notFound: 404,
  unavailable: 503,
  config: 500,
}

export function problemBox({ faults, kind }: Problem): Html {
  return html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
    <h2>No se pudo</h2>
    <ul class="plain">
      ${faults.map(
        (fault) =>
          html`<li><strong>${whatIn(fault)}</strong> ${remedyInBrowser(fault.remedy, kind)}.</li>`,
      )}
    </ul>
  </div>`
}
