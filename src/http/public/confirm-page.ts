/** What the link of a confirmation mail shows, before and after its button. */
import { html } from 'hono/html'
import type { List } from '../../audience/lists.ts'
import { countryName } from '../../countries.ts'
import { longTime } from '../../flow/hold.ts'
import type { RequestStanding } from '../../flow/subscribe.ts'
import { confirmWithinHours } from '../../flow/subscription-mails.ts'
import { paths } from '../../links.ts'
import { displayAddress, maskAddress } from '../../mail.ts'
import { enumeracion } from '../../render/vocabulary/words.ts'
import type { PageContext } from '../env.ts'
import { facts, showPage } from '../page.ts'

export function confirmPage(c: PageContext, standing: RequestStanding) {
  if (standing.is !== 'waiting') return confirmedPage(c, standing)
  const { request, lists } = standing
  return showPage(
    c,
    { title: 'Confirme su suscripción' },
    html`<p class="lead">Sólo falta este paso para recibir lo que pidió.</p>
      ${facts({
        [lists.length === 1 ? 'Lista' : 'Listas']: names(lists),
        'Correo electrónico': maskAddress(displayAddress(request.address)),
        ...(request.name !== '' && { Nombre: request.name }),
        ...(request.country !== null && { 'País donde vive': countryName(request.country) }),
      })}
      <form method="post"><button>Confirmar mi suscripción</button></form>
      <p class="small muted">
        Al confirmar acepta el <a href="${c.var.link(paths.privacy)}">aviso de privacidad</a>
        (versión ${request.noticeVersion}). Si no lo pidió, cierre esta página: sin su confirmación
        no le suscribimos.
      </p>`,
  )
}

export function confirmedPage(c: PageContext, standing: RequestStanding) {
  switch (standing.is) {
    case 'waiting':
    case 'joined':
      return joinedPage(c, standing.lists)
    case 'confirmed':
      return earlierPage(c, standing)
    case 'expired':
      return showPage(
        c,
        { title: 'La liga ya venció', status: 410 },
        html`<p class="lead">
            No se hizo ningún cambio. Las ligas de confirmación sirven durante ${confirmWithinHours}
            horas.
          </p>
          <p>
            Puede pedir otra en <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
          </p>`,
      )
    case 'closed':
      return showPage(
        c,
        { title: 'La lista ya no está abierta', status: 410 },
        html`<p class="lead">
            La lista dejó de aceptar suscripciones después de su solicitud. No se hizo ningún
            cambio.
          </p>
          <p>
            Las listas abiertas están en
            <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
          </p>`,
      )
    case 'blocked':
      return showPage(
        c,
        { title: 'No se puede confirmar todavía', status: 409 },
        html`<p class="lead">
            A petición de su titular, los datos de esta dirección están por suprimirse y no podemos
            usarlos. Podrá suscribirse de nuevo cuando se hayan suprimido.
          </p>
          <p>
            El <a href="${c.var.link(paths.privacy)}">aviso de privacidad</a> dice a quién
            preguntar.
          </p>`,
      )
  }
}

function earlierPage(
  c: PageContext,
  { lists, confirmedAt }: Extract<RequestStanding, { is: 'confirmed' }>,
) {
  return showPage(
    c,
    { title: 'Esta liga ya se usó' },
    html`<p class="lead">
        La suscripción a <strong>${names(lists)}</strong> se confirmó el ${longTime(confirmedAt)}.
        No hace falta hacerlo de nuevo.
      </p>
      <p>
        Si después se dio de baja, la baja sigue vigente. Puede ver y cambiar sus suscripciones en
        <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
      </p>`,
  )
}

function joinedPage(c: PageContext, lists: List[]) {
  return showPage(
    c,
    { title: 'Su suscripción está confirmada' },
    html`<div class="box done" role="status">
        <p class="lead">
          Recibirá por correo las próximas publicaciones de <strong>${names(lists)}</strong>.
        </p>
      </div>
      <p>
        Cada correo dice cómo darse de baja. También puede ver y cambiar sus suscripciones en
        <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>, y leer lo que ya se publicó
        en el <a href="${c.var.link(paths.archive)}">archivo</a>.
      </p>`,
  )
}

const names = (lists: List[]): string => enumeracion(lists.map(({ name }) => name))
