/** What waits for approval, the nearest hour first, and whether it waits for the person who looks. */
import { html } from 'hono/html'
import { waitingForApproval, type WaitingEdition } from '../../../editions/waiting.ts'
import { titleOf } from '../../../flow/engine.ts'
import { longTime } from '../../../flow/hold.ts'
import type { User } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { facts } from '../../page.ts'
import { count, counted } from '../audiences/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const approvalRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.approvals, act: 'edition.approve', answer: approvalsPage },
]

async function approvalsPage(request: PanelRequest): Promise<Response> {
  const { engine } = request
  const slugs = engine.publications
    .filter(({ approval }) => approval === 'second-person')
    .map(({ slug }) => slug)
  const waiting = await waitingForApproval(engine.db, slugs)
  return showPanel(
    request,
    { title: 'Aprobaciones' },
    waiting.length === 0
      ? html`<p class="lead">Nada espera aprobación.</p>`
      : html`<p class="lead">
            ${counted(waiting.length, 'envío espera', 'envíos esperan')} que otra persona lo apruebe
            o lo devuelva.
          </p>
          <ul class="entries">
            ${waiting.map((edition) => html`<li>${entry(request, edition)}</li>`)}
          </ul>`,
  )
}

function entry({ c, engine, user }: PanelRequest, edition: WaitingEdition): Html {
  const { id, subject, nominalAt, latestStartAt, recipients, writers, readyBy } = edition
  const now = engine.clock.now()
  return html`<h2><a href="${c.var.link(panelPaths.edition(id))}">${subject}</a></h2>
    <p class="small">${titleOf(engine, edition)}</p>
    ${facts({
      Sale: html`${longTime(nominalAt)}${
        nominalAt <= now && html`. Su hora ya pasó: puede salir hasta el ${longTime(latestStartAt)}`
      }`,
      Direcciones: count(recipients ?? 0),
      Redacción: writers.map(({ name }) => name).join(', '),
      'La marcó como lista': readyBy,
      'Puede aprobarla': mayApprove(user, edition),
    })}`
}

function mayApprove(user: User, { writers, readyById }: WaitingEdition): string {
  if (writers.some(({ id }) => id === user.id))
    return 'No: la redactó usted, y debe ser otra persona'
  if (user.id === readyById) return 'No: la marcó como lista usted, y debe ser otra persona'
  return 'Sí'
}
