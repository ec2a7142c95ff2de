/** Who left which list, when and how, latest first. Nobody takes a leave back here: only a new consent does. */
import { html } from 'hono/html'
import { recentLeaves } from '../../../audience/memberships.ts'
import { displayAddress, maskAddress } from '../../../mail.ts'
import { audit } from '../../../people/audit.ts'
import { may } from '../../../people/users.ts'
import { scrolling, shortMoment } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const leavesRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.leaves, act: 'panel.see', answer: leavesPage },
]

const pageSize = 100

async function leavesPage(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const asked = c.req.query('antes') ?? ''
  const before = /^\d{1,15}$/.test(asked) ? Number(asked) : undefined
  const found = await recentLeaves(engine.db, {
    limit: pageSize + 1,
    ...(before !== undefined && { before }),
  })
  const rows = found.slice(0, pageSize)
  const seesAll = may(user, 'addresses.see')
  if (seesAll && rows.length > 0)
    await audit(engine.db, {
      at: engine.clock.now(),
      user,
      act: 'addresses.see',
      subject: 'leaves',
      detail: { rows: rows.length },
    })
  const show = (address: string) =>
    seesAll ? displayAddress(address) : maskAddress(displayAddress(address))
  const here = c.var.link(panelPaths.leaves)
  return showPanel(
    request,
    { title: 'Bajas' },
    html`<p>
        Quien se da de baja deja de recibir desde ese momento, también lo que está en curso. Sólo un
        nuevo consentimiento de la persona la devuelve a la lista.
      </p>
      ${may(user, 'contacts.suppress') && html`<p><a href="${c.var.link(panelPaths.leaveRequest)}">Registrar una baja pedida por teléfono o carta</a></p>`}
      ${
        rows.length === 0
          ? html`<p>${before === undefined ? 'Nadie se ha dado de baja.' : 'No hay más bajas.'}</p>`
          : scrolling(
              'Bajas, de la más reciente a la más antigua',
              ['Dirección', 'Lista', 'Cuándo', 'Cómo'],
              rows.map((row) => [show(row.address), row.listName, shortMoment(row.at), row.origin]),
            )
      }
      <nav class="pager" aria-label="Páginas de bajas">
        ${before !== undefined && html`<a href="${here}">Las más recientes</a>`}
        ${found.length > pageSize && html`<a rel="next" href="${here}?antes=${rows.at(-1)!.id}">Anteriores</a>`}
      </nav>`,
  )
}
