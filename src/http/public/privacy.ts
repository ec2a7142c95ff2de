/** The privacy notice: its words are those of jobs/privacidad.yaml. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Engine } from '../../flow/engine.ts'
import { paths } from '../../links.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { facts, showPage } from '../page.ts'

export function privacyPage(engine: Engine): Hono<PageEnv> {
  return new Hono<PageEnv>().get(paths.privacy, (c) => show(c, engine))
}

function show(c: PageContext, { privacy }: Engine) {
  const { transparencia } = privacy
  return showPage(
    c,
    { title: 'Aviso de privacidad' },
    html`<p class="muted">
        De las suscripciones a las listas externas de correo. Versión ${privacy.version}.
      </p>
      <h2>Quién responde por sus datos</h2>
      <p>
        El ${privacy.responsable}, por medio de la ${privacy.area}. Domicilio: ${privacy.domicilio}.
      </p>
      <h2>Qué datos se usan</h2>
      ${bullets(privacy.datos)}
      <h2>Para qué</h2>
      ${bullets(privacy.finalidades)}
      <h2>Sin rastreo</h2>
      <p>${privacy.medicion}</p>
      <p>
        Para atender a todas las personas por igual, el servidor cuenta durante una hora, a lo más,
        cuántas solicitudes llegan de cada conexión. Esa cuenta no guarda la dirección de la
        conexión ni se une a sus datos.
      </p>
      <h2>A quién se transfieren</h2>
      <p>${privacy.transferencias}</p>
      <h2>Cómo darse de baja</h2>
      <p>
        Con la liga que está al pie de cada correo, o en
        <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>. La baja vale de inmediato.
      </p>
      <h2>Sus derechos</h2>
      <p>
        Puede pedir el acceso, la rectificación o la cancelación de sus datos personales, y oponerse
        a su uso, ante la ${transparencia.nombre}:
      </p>
      ${facts({
        'Correo electrónico': html`<a href="mailto:${transparencia.correo}"
          >${transparencia.correo}</a
        >`,
        Teléfono: transparencia.telefono,
        Domicilio: transparencia.domicilio,
      })}
      <p>
        Quien pide la cancelación deja de recibir correos de inmediato. Sus datos quedan bloqueados
        ${privacy.diasDeBloqueo} días y después se suprimen. Sólo se conserva una huella de la
        dirección: una serie de letras y números que se calcula a partir de ella, permite
        reconocerla si alguien la registra de nuevo y no deja ver cuál es. Sirve para no volver a
        escribirle.
      </p>
      <h2>Con qué fundamento</h2>
      ${bullets(privacy.leyes)}
      <h2>Aviso integral</h2>
      <p>Está en <a href="${privacy.avisoIntegral}">${privacy.avisoIntegral}</a>.</p>`,
  )
}

const bullets = (texts: string[]) =>
  html`<ul>
    ${texts.map((text) => html`<li>${sentence(text)}</li>`)}
  </ul>`

/** Items of the file begin in lower case and have no full stop. */
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
