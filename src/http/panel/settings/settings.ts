/** What is set up: the ways to rest days, topics, senders, publications, users and the audit log. */
import { html } from 'hono/html'
import { allLists } from '../../../audience/lists.ts'
import { loadSampleData } from '../../../flow/sample-data.ts'
import { may, type Act } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { publicationRoutes } from './publications.ts'
import { restDayRoutes } from './rest-days.ts'
import { senderRoutes } from './senders.ts'
import { topicRoutes } from './topics.ts'

export const settingsRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.settings, act: 'settings.see', answer: settingsPage },
  { method: 'POST', path: panelPaths.demoData, act: 'contacts.import', answer: loadDemoData },
  ...restDayRoutes,
  ...topicRoutes,
  ...senderRoutes,
  ...publicationRoutes,
]

const pages: [path: string, name: string, what: string, act: Act][] = [
  [
    panelPaths.publications,
    'Publicaciones',
    'qué se envía, cuándo, a quién y en qué apartado del informe',
    'settings.see',
  ],
  [
    panelPaths.restDays,
    'Días inhábiles',
    'descansos y periodos cerrados, que mueven u omiten envíos',
    'settings.see',
  ],
  [panelPaths.topics, 'Catálogo de temas', 'los que cuenta el informe', 'settings.see'],
  [panelPaths.senders, 'Remitentes', 'las cuentas desde las que se envía', 'settings.see'],
  [panelPaths.users, 'Personas usuarias', 'quién entra y con qué roles', 'users.add'],
  [panelPaths.audit, 'Bitácora', 'quién hizo qué y cuándo', 'audit.see'],
]

async function settingsPage(request: PanelRequest): Promise<Response> {
  const { c, user } = request
  return showPanel(
    request,
    { title: 'Configuración' },
    html`<ul class="entries">
        ${pages
          .filter(([, , , act]) => may(user, act))
          .map(
            ([path, name, what]) =>
              html`<li>
                <h2><a href="${c.var.link(path)}">${name}</a></h2>
                <p>${what}</p>
              </li>`,
          )}
      </ul>
      ${await demoDataForm(request)}`,
  )
}

/** To learn with, where nobody is mailed for real and nothing is there yet. */
async function demoDataForm({ c, engine, user }: PanelRequest): Promise<Html> {
  if (!(await mayLoadDemoData(engine)) || !may(user, 'contacts.import')) return html``
  return html`<section>
    <h2>Datos de demostración</h2>
    <p>Esta instalación no es de producción y no tiene listas todavía.</p>
    <form method="post" action="${c.var.link(panelPaths.demoData)}">
      <button class="second">Cargar listas, contactos y temas de ejemplo</button>
    </form>
  </section>`
}

async function mayLoadDemoData({ config, db }: PanelRequest['engine']): Promise<boolean> {
  return config.environment !== 'production' && (await allLists(db)).length === 0
}

async function loadDemoData({ c, engine, user }: PanelRequest): Promise<Response> {
  if (await mayLoadDemoData(engine)) await loadSampleData(engine, user)
  return c.redirect(c.var.link(panelPaths.audiences), 303)
}
