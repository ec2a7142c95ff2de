/** Pages of the panel: the layout of every page, with who is here and where they can go. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../clock.ts'
import { may, type Act } from '../../people/users.ts'
import type { Html } from '../env.ts'
import { showPage, type Page } from '../page.ts'
import { panelPaths, type PanelRequest } from './route.ts'
import { scriptPath } from './script.ts'
import { panelStyle } from './style.ts'

const sections: [path: string, name: string, act: Act][] = [
  [panelPaths.agenda, 'Agenda', 'panel.see'],
  [panelPaths.newRequest, 'Correo puntual', 'content.add'],
  [panelPaths.sessions, 'Sesiones', 'sessions.edit'],
  [panelPaths.approvals, 'Aprobaciones', 'edition.approve'],
  [panelPaths.dispatches, 'Registro', 'panel.see'],
  [panelPaths.audiences, 'Audiencias', 'panel.see'],
  [panelPaths.report, 'Informe', 'panel.see'],
  [panelPaths.settings, 'Configuración', 'settings.see'],
]

export async function showPanel(
  request: PanelRequest,
  page: Omit<Page, 'chrome'>,
  content: Html,
): Promise<Response> {
  const { c, sessionEndsAt } = request
  const head = html`${panelStyle(c.var.secureHeadersNonce ?? '')}
    <script src="${c.var.link(scriptPath)}" defer></script>`
  const ends = inMexicoCity(sessionEndsAt).toFormat('HH:mm')
  const footer = html`<div
      class="session box"
      role="alert"
      data-session-left="${secondsLeft(request)}"
      hidden
    >
      <p>Su sesión termina a las ${ends} horas. Lo que escribió no se pierde.</p>
      <button type="button" class="slim" data-stay="${c.var.link(panelPaths.stay)}">
        Seguir en la sesión
      </button>
    </div>
    <footer class="footer">
      <div class="column">
        <p>
          Todas las horas son de la Ciudad de México. Sin actividad, su sesión termina a las ${ends}
          horas.
        </p>
      </div>
    </footer>`
  return showPage(c, { ...page, chrome: { head, bar: bar(request), footer } }, content)
}

/** Of the session, by the clock that ends it. */
export const secondsLeft = ({ engine, sessionEndsAt }: PanelRequest): number =>
  Math.max(0, Math.floor((sessionEndsAt.getTime() - engine.clock.now().getTime()) / 1_000))

function bar({ c, user }: PanelRequest): Html {
  return html`<div class="panel-bar">
    <nav aria-label="Panel" class="column">
      <ul class="inline plain">
        ${sections
          .filter(([, , act]) => may(user, act))
          .map(([path, name]) => html`<li>${sectionLink(c, path, name)}</li>`)}
      </ul>
      <form method="post" action="${c.var.link(panelPaths.signOut)}">
        <a href="${c.var.link(panelPaths.ownAccount)}">${user.name}</a>
        <button class="second slim">Salir</button>
      </form>
    </nav>
  </div>`
}

function sectionLink(c: PanelRequest['c'], path: string, name: string): Html {
  const here = c.req.path
  const isHere = here === path || (path !== panelPaths.agenda && here.startsWith(`${path}/`))
  return html`<a href="${c.var.link(path)}" ${isHere && html`aria-current="page"`}>${name}</a>`
}
