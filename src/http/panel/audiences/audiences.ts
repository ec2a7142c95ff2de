/** Audiencias: the lists and the imports that fed them; the ways to import and to one person. */
import { html } from 'hono/html'
import {
  importStateNames,
  listImports,
  type ImportRecord,
} from '../../../audience/import-record.ts'
import { listKindNames, listsWithCounts } from '../../../audience/lists.ts'
import { may } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { leaveRoutes } from './leave.ts'
import { leavesRoutes } from './leaves.ts'
import { count, hour } from './parts.ts'
import { personRoutes } from './person.ts'
import { reviewRoutes } from './review.ts'
import { uploadRoutes } from './upload.ts'
import { showPanel } from '../page.ts'
import { dataTable } from '../report/parts.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const audienceRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.audiences, act: 'panel.see', answer: audiencesPage },
  ...uploadRoutes,
  ...reviewRoutes,
  ...leaveRoutes,
  ...leavesRoutes,
  ...personRoutes,
]

const importsShown = 20

async function audiencesPage(request: PanelRequest): Promise<Response> {
  const { db } = request.engine
  const lists = await listsWithCounts(db)
  const imports = await listImports(db, importsShown)
  return showPanel(
    request,
    { title: 'Audiencias' },
    html`${ways(request)}
    ${
      lists.length === 0
        ? html`<p>No hay listas.</p>`
        : dataTable({
            id: 'listas',
            caption: 'Listas',
            columns: ['Lista', 'Tipo', 'Activas', 'Bajas', 'Suscripción', 'Remitente'],
            rows: lists.map(({ name, slug, kind, active, left, isOpen, sender }) => [
              html`${name} <span class="muted small">${slug}</span>`,
              listKindNames[kind],
              count(active),
              count(left),
              isOpen ? 'abierta a cualquier persona' : 'cerrada',
              sender,
            ]),
          })
    }
    ${
      imports.length === 0
        ? html`<p>Todavía no hay importaciones.</p>`
        : dataTable({
            id: 'importaciones',
            caption: 'Importaciones recientes',
            columns: ['Archivo', 'Estado', 'Quién', 'Cuándo', 'Filas', 'Contactos nuevos', 'Altas'],
            rows: imports.map((one) => [
              importName(request, one),
              importStateNames[one.state],
              one.user,
              hour(one.undoneAt ?? one.confirmedAt ?? one.createdAt),
              count(one.summary.rows),
              count(one.summary.newContacts),
              count(one.summary.newMembers),
            ]),
          })
    }`,
  )
}

function ways({ c, user }: PanelRequest): Html {
  const links = [
    ['contacts.import', panelPaths.upload, 'Importar contactos'],
    [
      'contacts.suppress',
      panelPaths.leaveRequest,
      'Registrar una baja pedida por teléfono o carta',
    ],
    ['person.see', panelPaths.person, 'Buscar a una persona'],
  ] as const
  const own = links.filter(([act]) => may(user, act))
  return html`<ul class="plain">
    <li><a href="${c.var.link(panelPaths.leaves)}">Ver las bajas</a></li>
    ${own.map(([, path, name]) => html`<li><a href="${c.var.link(path)}">${name}</a></li>`)}
  </ul>`
}

/** A link for who may open it: the rows behind it are addresses. */
function importName({ c, user }: PanelRequest, { id, fileName, user: author }: ImportRecord): Html {
  const name = html`${fileName} <span class="muted small">(${id})</span>`
  const isOwn = author === user.login || user.roles.includes('operacion')
  if (!isOwn || !may(user, 'contacts.import')) return name
  return html`<a href="${c.var.link(panelPaths.import(id))}">${name}</a>`
}
