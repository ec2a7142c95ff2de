/** One's own subscriptions: what a person is on, since when and how, and a button to change each. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { ReaderList } from '../../audience/readers.ts'
import type { Engine } from '../../flow/engine.ts'
import {
  canJoin,
  canLeave,
  joinOwn,
  leaveAllOwn,
  leaveOwn,
  ownSubscriptions,
  type OwnPage,
  type OwnSubscriptions,
} from '../../flow/own-subscriptions.ts'
import { manageWithinHours } from '../../flow/subscription-mails.ts'
import { paths } from '../../links.ts'
import { displayAddress, maskAddress } from '../../mail.ts'
import type { PrivacyNotice } from '../../privacy-notice.ts'
import { fechaDeCarta } from '../../render/vocabulary/dates.ts'
import type { SuppressionReason } from '../../states.ts'
import type { Html, PageContext, PageEnv } from '../env.ts'
import { readForm, textOf } from '../form.ts'
import { showPage } from '../page.ts'
import { brokenLinkPage } from './leave.ts'

export function ownSubscriptionsPages(engine: Engine): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get(paths.ownSubscriptions(':token'), async (c) => {
      const found = await ownSubscriptions(engine, c.req.param('token'))
      return found.is === 'open' ? show(c, engine.privacy, found.own) : closedPage(c, found)
    })
    .post(paths.ownSubscriptions(':token'), async (c) => {
      const form = await readForm(c)
      const token = c.req.param('token')
      const found = await ownSubscriptions(engine, token)
      if (found.is !== 'open') return closedPage(c, found)
      const done = await act(engine, found.own, form)
      const after = await ownSubscriptions(engine, token)
      return after.is === 'open' ? show(c, engine.privacy, after.own, done) : closedPage(c, after)
    })
}

/** What became of the button that was pressed, in words; a second press of it changes nothing. */
async function act(engine: Engine, own: OwnSubscriptions, form: FormData): Promise<string> {
  const nameOf = (slug: string) => own.lists.find((list) => list.slug === slug)?.name
  const leaving = nameOf(textOf(form, 'baja'))
  const joining = nameOf(textOf(form, 'alta'))
  if (textOf(form, 'todas') !== '') {
    await leaveAllOwn(engine, own)
    return 'Se dio de baja de todo. Su dirección no recibirá correos de ninguna lista externa del Instituto.'
  }
  if (leaving !== undefined) {
    await leaveOwn(engine, own, textOf(form, 'baja'))
    return `Se dio de baja de «${leaving}». Vale desde este momento.`
  }
  if (joining !== undefined) {
    await joinOwn(engine, own, textOf(form, 'alta'))
    return `Se suscribió a «${joining}».`
  }
  return 'No se hizo ningún cambio.'
}

function show(c: PageContext, privacy: PrivacyNotice, own: OwnSubscriptions, done?: string) {
  const mine = own.lists.filter(({ state }) => state !== null)
  const others = own.lists.filter(({ state }) => state === null)
  return showPage(
    c,
    { title: 'Mis suscripciones' },
    html`${
        done !== undefined &&
        html`<div class="box done" role="status" tabindex="-1" autofocus><p>${done}</p></div>`
      }
      <p>Dirección: <strong>${maskAddress(displayAddress(own.address))}</strong></p>
      ${
        mine.length === 0
          ? html`<p>No está en ninguna lista.</p>`
          : html`<h2>Sus listas</h2>
              <ul class="entries">
                ${mine.map(entry)}
              </ul>`
      }
      ${
        others.length > 0 &&
        html`<h2>Otras listas</h2>
          <ul class="entries">
            ${others.map(entry)}
          </ul>`
      }
      ${
        own.lists.some(canJoin) &&
        html`<p class="small muted">
          Al suscribirse acepta el <a href="${c.var.link(paths.privacy)}">aviso de privacidad</a>
          (versión ${privacy.version}).
        </p>`
      }
      ${own.lists.some(({ kind }) => kind === 'external') && leaveAll} ${rights(c, privacy)}`,
  )
}

const entry = (list: ReaderList) =>
  html`<li>
    <h3>${list.name}</h3>
    ${list.description && html`<p>${list.description}</p>`} ${history(list)}
    ${
      canLeave(list) &&
      html`<form method="post">
        <button class="second slim" name="baja" value="${list.slug}">
          Darme de baja<span class="unseen"> de ${list.name}</span>
        </button>
      </form>`
    }
    ${
      canJoin(list) &&
      html`<form method="post">
        <button class="slim" name="alta" value="${list.slug}">
          ${list.state === null ? 'Suscribirme' : 'Volver a suscribirme'}<span class="unseen">
            a ${list.name}</span
          >
        </button>
      </form>`
    }
  </li>`

function history({ state, kind, since, leftAt, excludedBy, ...entry }: ReaderList): Html | string {
  if (state === null || since === null) return ''
  if (state === 'left') {
    const left = leftAt === null ? '' : ` desde el ${fechaDeCarta(leftAt)}`
    return html`<p><strong>De baja</strong>${left}.</p>`
  }
  return html`<p>
      <strong>${excludedBy === null ? 'Activa' : 'Activa, sin envíos'}</strong> desde el
      ${fechaDeCarta(since)}.
      ${kind === 'internal' && 'Es una lista interna del Instituto: se le escribe por su cargo.'}
    </p>
    ${excludedBy !== null && html`<p>${withheld[excludedBy]}</p>`}
    <p class="small muted">Origen: ${originOf(entry, since)}.</p>`
}

const originOf = (
  { origin, isImported }: Pick<ReaderList, 'origin' | 'isImported'>,
  since: Date,
) => (isImported ? `registro que hizo el Instituto el ${fechaDeCarta(since)}` : origin)

/** Why a list that was joined sends nothing, to the person. */
const withheld: Record<SuppressionReason, string> = {
  unsubscribed: 'Pidió no recibir correos de las listas externas.',
  bounced: 'Su buzón rechazó nuestros correos.',
  complaint: 'Uno de nuestros correos se marcó como no deseado desde su buzón.',
  staff: 'El área responsable detuvo los envíos a esta dirección.',
  blocked: 'Pidió la cancelación de sus datos.',
  erased: 'Pidió la cancelación de sus datos.',
}

const leaveAll = html`<section>
  <h2>Darse de baja de todo</h2>
  <p>
    Su dirección dejará de recibir correos de las listas externas del Instituto, incluidas las que
    se creen después.
  </p>
  <form method="post">
    <button class="second" name="todas" value="si">Darme de baja de todo</button>
  </form>
</section>`

const rights = (c: PageContext, { transparencia }: PrivacyNotice) =>
  html`<section>
    <h2>Sus datos</h2>
    <p>
      Puede pedir el acceso, la rectificación o la cancelación de sus datos personales, y oponerse a
      su uso, ante la ${transparencia.nombre}:
      <a href="mailto:${transparencia.correo}">${transparencia.correo}</a>,
      ${transparencia.telefono}, ${transparencia.domicilio}.
    </p>
    <p>
      El <a href="${c.var.link(paths.privacy)}">aviso de privacidad</a> dice qué datos tenemos y
      para qué se usan.
    </p>
  </section>`

function closedPage(c: PageContext, { is }: Exclude<OwnPage, { is: 'open' }>) {
  if (is === 'unknown') return brokenLinkPage(c)
  if (is === 'expired') {
    return showPage(
      c,
      { title: 'La liga ya venció', status: 410 },
      html`<p class="lead">
          Las ligas para administrar suscripciones sirven durante ${manageWithinHours} horas. No se
          hizo ningún cambio.
        </p>
        <p>Pida otra en <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.</p>`,
    )
  }
  return showPage(
    c,
    { title: 'La liga ya no sirve', status: 410 },
    html`<p class="lead">Los datos a los que llevaba esta liga ya no se usan.</p>
      <p>
        Si se suscribió después, pida otra liga en
        <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
      </p>`,
  )
}
