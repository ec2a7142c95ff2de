/**
 * Leaving the lists by the link of a mail. Reading the page changes nothing, because filters open every link; the button
 * acts at once, and so do mail programs with one POST (RFC 8058).
 */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Engine } from '../../flow/engine.ts'
import { longTime } from '../../flow/hold.ts'
import { leavable, leaveByLink, type Leavable, type Leaving } from '../../flow/leave-lists.ts'
import { readToken } from '../../keys.ts'
import { paths } from '../../links.ts'
import { enumeracion } from '../../render/vocabulary/words.ts'
import type { Html, PageContext, PageEnv } from '../env.ts'
import { readForm, textOf } from '../form.ts'
import { showPage } from '../page.ts'

export function leavePages(engine: Engine): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get(paths.leave(':token'), async (c) => {
      const leaving = leavingOf(engine, c.req.param('token'))
      const found = leaving && (await leavable(engine, leaving))
      return found ? askPage(c, found) : brokenLinkPage(c)
    })
    .post(paths.leave(':token'), async (c) => {
      const form = await readForm(c)
      const leaving = leavingOf(engine, c.req.param('token'))
      const everything = textOf(form, 'todas') !== ''
      const isOneClick = textOf(form, 'List-Unsubscribe') !== ''
      const how = isOneClick ? 'un clic' : 'la página de baja'
      const found = leaving && (await leaveByLink(engine, leaving, { everything, how }))
      return found ? leftPage(c, engine, found, everything) : brokenLinkPage(c)
    })
}

function leavingOf({ keys }: Engine, token: string): Leaving | undefined {
  const [contactId, editionId] = readToken(keys, 'leave', token) ?? []
  return contactId === undefined || editionId === undefined ? undefined : { contactId, editionId }
}

function askPage(c: PageContext, found: Leavable) {
  if (!found.isKnown) return forgottenPage(c)
  // officials are written to as such: to them, external lists are somebody else's
  const offersAll = found.lists.some(({ kind }) => kind === 'external')
  const member = found.lists.filter(({ isMember }) => isMember)
  if (found.lists.length === 0) return nothingToLeavePage(c, found)
  if (member.length === 0) {
    return showPage(
      c,
      { title: 'Ya se dio de baja' },
      html`<p class="lead">
          Su dirección no está en ${listed(found.lists, 'la lista', 'las listas')} por
          ${found.lists.length === 1 ? 'la' : 'las'} que llegó el correo.
        </p>
        ${howToComeBack(c)} ${offersAll && leaveAll}`,
    )
  }
  return showPage(
    c,
    { title: 'Darse de baja' },
    html`<p class="lead">
        El correo «${found.publication}» llegó a su dirección por
        ${listed(member, 'la lista', 'las listas')}.
      </p>
      <p>Al darse de baja deja de recibir sus correos de inmediato. No hace falta dar razones.</p>
      <form method="post"><button>Darme de baja</button></form>
      ${offersAll && leaveAll}`,
  )
}

const leaveAll = html`<section>
  <h2>¿Prefiere no recibir nada más?</h2>
  <p>
    El Instituto tiene otras listas externas. Puede pedir que su dirección no reciba correos de
    ninguna, ni siquiera de las que se creen después.
  </p>
  <form method="post">
    <button class="second" name="todas" value="si">
      No recibir ningún correo de las listas externas del Instituto
    </button>
  </form>
</section>`

/** `found`: as it was before. */
function leftPage(c: PageContext, engine: Engine, found: Leavable, everything: boolean) {
  if (!found.isKnown) return forgottenPage(c)
  if (found.lists.length === 0 && !everything) return nothingToLeavePage(c, found)
  const left = found.lists.filter(({ isMember }) => isMember)
  const since = longTime(engine.clock.now())
  const result = everything
    ? html`Su dirección no recibirá correos de ninguna lista externa del Instituto, ni siquiera de
      las que se creen después.`
    : left.length > 0
      ? html`Su dirección salió de ${listed(left, 'la lista', 'las listas')}.`
      : html`Su dirección ya no estaba en ${listed(found.lists, 'la lista', 'las listas')}.`
  return showPage(
    c,
    { title: 'Listo: se dio de baja' },
    html`<div class="box done" role="status">
        <p class="lead">${result}</p>
        ${left.length > 0 || everything ? html`<p>Vale desde este momento: ${since}.</p>` : ''}
      </div>
      <p>
        No hace falta que haga nada más. Un correo que ya iba en camino todavía podría llegarle.
      </p>
      ${howToComeBack(c)}`,
  )
}

const howToComeBack = (c: PageContext) =>
  html`<p>
    Si cambia de opinión, puede volver cuando quiera en
    <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
  </p>`

function nothingToLeavePage(c: PageContext, { publication }: Leavable) {
  return showPage(
    c,
    { title: 'No hay de qué darse de baja' },
    html`<p class="lead">
        El correo «${publication}» no le llegó por una lista de la que se pueda salir desde aquí.
      </p>
      <p>Si no debería recibirlo, responda a ese correo y díganoslo.</p>`,
  )
}

function forgottenPage(c: PageContext) {
  return showPage(
    c,
    { title: 'No hay de qué darse de baja' },
    html`<p class="lead">
        Los datos con los que se envió ese correo se suprimieron, y con ellos su suscripción de
        entonces.
      </p>
      <p>
        Si se suscribió después, puede ver sus suscripciones, cambiarlas o darse de baja en
        <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
      </p>`,
  )
}

export function brokenLinkPage(c: PageContext) {
  return showPage(
    c,
    { title: 'La liga no está completa', status: 404 },
    html`<p class="lead">No reconocemos la liga que abrió, así que no se hizo ningún cambio.</p>
      <ul>
        <li>
          Algunos programas de correo la parten en dos renglones: cópiela entera, hasta el último
          carácter, y péguela en su navegador.
        </li>
        <li>Si la escribió a mano, revise mayúsculas y minúsculas: son distintas.</li>
        <li>
          También puede darse de baja o cambiar sus listas en
          <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>: le enviaremos una liga
          nueva.
        </li>
      </ul>`,
  )
}

/** «la lista «Red de Observación»» */
function listed(lists: { name: string }[], one: string, several: string): Html {
  const names = lists.map(({ name }) => `«${name}»`)
  return html`${lists.length === 1 ? one : several} <strong>${enumeracion(names)}</strong>`
}
