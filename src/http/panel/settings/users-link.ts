/** The link with which a person sets their password. It is the answer to a form, because it is kept nowhere: a page that could be opened again could be opened by others. */
import { html } from 'hono/html'
import { longTime } from '../../../flow/hold.ts'
import type { LinkedAccount } from '../../../flow/users.ts'
import { linkTo } from '../../../links.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export function linkPage(request: PanelRequest, { user, link }: LinkedAccount): Promise<Response> {
  const { c, engine } = request
  return showPanel(
    request,
    { title: `Liga para ${user.name}` },
    html`<p class="lead">
        Entregar esta liga a ${user.name}, en persona o por un medio privado. Con ella elige su
        contraseña y entra con la clave <strong>${user.login}</strong>.
      </p>
      <div class="box">
        <code class="secret" id="liga"
          >${linkTo(engine.config.publicUrl, panelPaths.setPassword(link.token))}</code
        >
      </div>
      <p>Sirve una vez, hasta el ${longTime(link.until)}. No se vuelve a mostrar.</p>
      <p><a href="${c.var.link(panelPaths.users)}">Volver a las personas usuarias</a></p>`,
  )
}
