/** What is shown when a page is not there, or when we fail. */
import { html } from 'hono/html'
import { paths } from '../links.ts'
import type { PageContext } from './env.ts'
import { showPage } from './page.ts'

const retryAfterSeconds = 60

export function notFoundPage(c: PageContext): Response | Promise<Response> {
  return showPage(
    c,
    { title: 'Esta página no existe', status: 404 },
    html`<p class="lead">La dirección que abrió no lleva a ninguna página de este sitio.</p>
      <ul>
        <li>Si la copió de un correo, revise que esté completa: a veces ocupa dos renglones.</li>
        <li>
          Las publicaciones anteriores están en el
          <a href="${c.var.link(paths.archive)}">archivo</a>.
        </li>
        <li>
          Para suscribirse o darse de baja, vaya a
          <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
        </li>
      </ul>`,
  )
}

export function wrongMethodPage(c: PageContext, methods: string[]): Response | Promise<Response> {
  c.header('Allow', methods.join(', '))
  return showPage(
    c,
    { title: 'Esta página no se usa así', status: 405 },
    html`<p class="lead">Ábrala desde su navegador, o desde la liga de su correo.</p>`,
  )
}

export function tooLargePage(c: PageContext): Response | Promise<Response> {
  return showPage(
    c,
    { title: 'El formulario es demasiado largo', status: 413 },
    html`<p class="lead">
      No se guardó nada. Envíe menos texto, o un archivo más pequeño, e inténtelo de nuevo.
    </p>`,
  )
}

/** A form that another site sent with the session of whoever was looking at it. */
export function foreignFormPage(c: PageContext): Response | Promise<Response> {
  return showPage(
    c,
    { title: 'Este formulario no vino del panel', status: 403 },
    html`<p class="lead">No se hizo ningún cambio. Vuelva al panel y hágalo desde ahí.</p>`,
  )
}

/** `outage`: it is for a while, such as a database that restarts. */
export function failurePage(
  c: PageContext,
  { isOutage }: { isOutage: boolean },
): Response | Promise<Response> {
  const wasAct = c.req.method === 'POST'
  if (isOutage) c.header('Retry-After', String(retryAfterSeconds))
  return showPage(
    c,
    {
      title: isOutage ? 'El servicio no está disponible' : 'Algo falló de nuestro lado',
      status: isOutage ? 503 : 500,
    },
    html`<p class="lead">
        ${
          wasAct
            ? 'No pudimos hacer lo que pidió. No se perdió nada y puede repetirlo sin riesgo.'
            : 'No pudimos mostrar esta página.'
        }
      </p>
      <p>
        ${isOutage ? 'Inténtelo de nuevo en unos minutos.' : 'Inténtelo de nuevo en unos minutos. El error quedó registrado y lo revisaremos.'}
      </p>`,
  )
}
