/** A dispatch on its way: how far it is, and what its operator can do. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { permits } from '../../../editions/machine.ts'
import { countChosen } from '../../../ledger/requeue.ts'
import { totalsOf } from '../../../ledger/totals.ts'
import { may } from '../../../people/users.ts'
import { failuresOf } from '../../../states.ts'
import type { Html } from '../../env.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { controlRoutes, mostCounted, pauseForm, resendForm } from './control.ts'
import { answersList, count, ending, isOnItsWay, progressFragment } from './fragment.ts'
import { progressAnswer } from './live.ts'
import { read } from './reading.ts'
import { resolveRoutes } from './resolve.ts'

export const progressRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.progress(':id'), act: 'panel.see', answer: progressAnswer },
  ...controlRoutes,
  ...resolveRoutes,
]

/** What became of its recipients, live while it is on its way. Empty before it leaves. */
export async function progressSection(request: PanelRequest, edition: Edition): Promise<Html> {
  if (edition.releasedAt === null) return html``
  const { c, engine } = request
  const reading = await read(engine, edition)
  if (!isOnItsWay(edition)) {
    if (failuresOf(reading.progress.totals) === 0) return html``
    return html`<section>
      <h2>${ending(edition, reading.progress)}</h2>
      ${answersList(reading)}
    </section>`
  }
  return html`<section>
    <h2>Avance del envío</h2>
    <div role="status" data-live="${c.var.link(panelPaths.progress(edition.id))}">
      ${progressFragment(request, reading)}
    </div>
    <noscript>
      <p><a href="${c.var.link(panelPaths.edition(edition.id))}">Actualizar</a></p>
    </noscript>
  </section>`
}

/** Pause, resume, resend, say what became of the unknown: those that are possible now. Cancelling is beside them. */
export const controlActions = (request: PanelRequest, edition: Edition): Html =>
  may(request.user, 'edition.control') ? actions(request, edition) : html``

async function actions(request: PanelRequest, edition: Edition): Promise<Awaited<Html>> {
  const { c, engine } = request
  const { id, state } = edition
  const { unknown } = await totalsOf(engine.db, id)
  return html`${
    permits('pause', state) &&
    html`<details>
      <summary>Pausar este envío</summary>
      ${pauseForm(request, edition)}
    </details>`
  }
  ${
    permits('resume', state) &&
    html`<form method="post" action="${c.var.link(panelPaths.resume(id))}">
      <button>Reanudar</button>
    </form>`
  }
  ${permits('resend', state) && edition.prunedAt === null && (await resendForm(request, edition, await resendable(request, id)))}
  ${
    unknown > 0 &&
    html`<p>
      <a href="${c.var.link(panelPaths.resolve(id))}"
        >Resolver ${count(unknown)} de resultado incierto</a
      >
    </p>`
  }`
}

/** How many a click would send again, up to one more than is said. The tally knows when there is nothing to look for. */
async function resendable(
  { engine: { db } }: PanelRequest,
  editionId: number,
): Promise<{ failed: number; rejected: number }> {
  const totals = await totalsOf(db, editionId)
  const of = async (state: 'failed' | 'rejected') =>
    totals[state] === 0 ? 0 : countChosen(db, { editionId, states: [state] }, mostCounted + 1)
  const [failed, rejected] = await Promise.all([of('failed'), of('rejected')])
  return { failed, rejected }
}
