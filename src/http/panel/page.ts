/** Pages of the panel: the layout of every page, with who is here and where they can go. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../clock.ts'
import type { Html } from '../env.ts'
import { showPage, type Page } from '../page.ts'
import { panelPaths, type PanelRequest } from './route.ts'

const sections = [
  [panelPaths.agenda, 'Agenda'],
  [panelPaths.dispatches, 'Registro'],
  [panelPaths.audiences, 'Audiencias'],
  [panelPaths.report, 'Informe'],
] as const

export async function showPanel(
  { c, user, sessionEndsAt }: PanelRequest,
  page: Omit<Page, 'chrome'>,
  content: Html,
): Promise<Response> {
  const ends = inMexicoCity(sessionEndsAt).toFormat('HH:mm')
  const bar = html`<div class="panel-bar">
    <nav aria-label="Panel" class="column">
      <ul class="inline plain">
        ${sections.map(([path, name]) => html`<li><a href="${c.var.link(path)}">${name}</a></li>`)}
      </ul>
      <form method="post" action="${c.var.link(panelPaths.signOut)}">
        <span>${user.name}</span>
        <button class="second slim">Salir</button>
      </form>
    </nav>
  </div>`
  const footer = html`<footer class="footer">
    <div class="column">
      <p>
        Todas las horas son de la Ciudad de México. Sin actividad, su sesión termina a las ${ends}
        horas.
      </p>
    </div>
  </footer>`
  return showPage(c, { ...page, chrome: { bar, footer } }, content)
}
