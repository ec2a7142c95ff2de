/** What can be done with an edition now, by the person who looks: one form for each act. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { contentWriters } from '../../../editions/waiting.ts'
import { permits } from '../../../editions/machine.ts'
import { mayCancel } from '../../../flow/approve.ts'
import { longTime } from '../../../flow/hold.ts'
import { maxReturnReason } from '../../../flow/return.ts'
import { may, type User } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { marks, notes, type FormErrors } from '../../form.ts'
import { counted, dateField, tick } from '../audiences/parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

/** What came in a form that is shown again, and what is wrong with it. Of each act its own fields. */
export interface CameBack {
  values: Record<string, string>
  errors: FormErrors
}

export const maxCancelReason = 300

export async function editionForms(
  request: PanelRequest,
  edition: Edition,
  back: CameBack,
): Promise<Html> {
  return html`${contentLink(request, edition)} ${testForm(request, edition)}
  ${readyForm(request, edition, back)} ${approveForm(request, edition)}
  ${returnForm(request, edition, back)} ${correctForm(request, edition, back)}
  ${await cancelForm(request, edition, back)}`
}

function contentLink({ c, user }: PanelRequest, { id, state, contentId }: Edition): Html {
  const isOpen = permits('content.add', state) || permits('content.mend', state)
  if (!isOpen || !may(user, 'content.add')) return html``
  return html`<p>
    <a href="${c.var.link(panelPaths.content(id))}"
      >${contentId === null ? 'Redactar el contenido' : 'Editar el contenido'}</a
    >
    ${['ready', 'approved'].includes(state) && html`<span class="muted">(habrá que marcarla de nuevo como lista)</span>`}
  </p>`
}

function readyForm(
  { c, user }: PanelRequest,
  edition: Edition,
  { errors, values }: CameBack,
): Html {
  const { id, state, contentId, sealedHash } = edition
  const canReady = permits('ready', state) && contentId !== null && sealedHash === null
  if (!canReady || !may(user, 'edition.ready')) return html``
  return html`<form method="post" action="${c.var.link(panelPaths.ready(id))}">
    <input type="hidden" name="contenido" value="${contentId}" />
    ${
      errors['repetir'] !== undefined &&
      tick({
        id: 'repetir',
        name: 'repetir',
        value: values['repetir'],
        label: 'Sí, enviarlo aunque se repita',
        error: errors['repetir'],
      })
    }
    <button>Marcar como lista</button>
  </form>`
}

function approveForm({ c, user, engine }: PanelRequest, edition: Edition): Html {
  const { id, state, sealedHash, nominalAt, expectedRecipients } = edition
  const publication = engine.publications.find(({ slug }) => slug === edition.publication)
  const waits =
    permits('approve', state) &&
    sealedHash !== null &&
    publication?.approval === 'second-person' &&
    may(user, 'edition.approve')
  if (!waits) return html``
  if (isOwn(edition, user)) {
    return html`<div class="box">
      <p>La redactó o la marcó como lista usted: debe aprobarla otra persona.</p>
    </div>`
  }
  return html`<form method="post" action="${c.var.link(panelPaths.approve(id))}">
    <input type="hidden" name="sello" value="${sealedHash}" />
    <p>
      ${nominalAt <= engine.clock.now() ? 'Su hora ya pasó: sale en cuanto se apruebe' : `Sale el ${longTime(nominalAt)}`},
      a ${counted(expectedRecipients ?? 0, 'dirección', 'direcciones')}.
    </p>
    <button>Aprobar y programar</button>
  </form>`
}

const isOwn = (edition: Edition, { id }: User): boolean =>
  edition.readyBy === id || contentWriters(edition).includes(id)

function returnForm({ c, user }: PanelRequest, edition: Edition, back: CameBack): Html {
  const { id, state, sealedHash } = edition
  const canReturn = permits('return', state) || permits('return.held', state)
  if (!canReturn || sealedHash === null || !may(user, 'edition.return')) return html``
  const error = back.errors['motivo-devolver']
  return html`<details ${error && html`open`}>
    <summary>Devolver para que se corrija</summary>
    <form method="post" action="${c.var.link(panelPaths.return(id))}">
      <input type="hidden" name="sello" value="${sealedHash}" />
      ${reasonField('motivo-devolver', back, {
        label: 'Motivo',
        hint: 'Qué hay que corregir. Lo lee quien la redactó, en el panel y por correo.',
        max: maxReturnReason,
      })}
      <button class="second">Devolver</button>
    </form>
  </details>`
}

function testForm({ c, user }: PanelRequest, { id, contentId, releasedAt }: Edition): Html {
  if (contentId === null || releasedAt !== null || !may(user, 'edition.test')) return html``
  return html`<form method="post" action="${c.var.link(panelPaths.test(id))}">
    <p class="hint">
      Una prueba llega a ${user.email}, con [PRUEBA] en el asunto. No cuenta en el informe.
    </p>
    <button class="second slim">Enviarme una prueba</button>
  </form>`
}

/** As the act says it: readers have it, or it is on its way to them. */
export const wasSent = ({ state, firstAcceptedAt }: Edition): boolean =>
  ['sending', 'sent'].includes(state) || firstAcceptedAt !== null

function correctForm(request: PanelRequest, edition: Edition, { values, errors }: CameBack): Html {
  const { c, user } = request
  if (!wasSent(edition) || !may(user, 'edition.open')) return html``
  const wrong = errors['alcance-fecha'] ?? errors['alcance-hora']
  return html`<details ${wrong !== undefined && html`open`}>
    <summary>Corregir lo que se envió</summary>
    <form method="post" action="${c.var.link(panelPaths.correct(edition.id))}">
      <p class="hint">
        Un alcance va a las mismas personas, con «Alcance:» en el asunto, y no cuenta en el informe.
        Después de elegir su hora se redacta.
      </p>
      ${dateField({
        id: 'alcance-fecha',
        name: 'fecha',
        label: 'Fecha',
        value: values['alcance-fecha'] ?? '',
        max: '2999-12-31',
        error: errors['alcance-fecha'],
      })}
      <div class="field ${errors['alcance-hora'] && 'has-problem'}">
        <label for="alcance-hora">Hora de la Ciudad de México</label>
        ${notes({ id: 'alcance-hora', label: 'Hora', error: errors['alcance-hora'] })}
        <input
          id="alcance-hora"
          name="hora"
          type="time"
          value="${values['alcance-hora'] ?? ''}"
          ${marks({ id: 'alcance-hora', label: 'Hora', error: errors['alcance-hora'] })}
        />
      </div>
      <button class="second">Enviar un alcance</button>
    </form>
  </details>`
}

async function cancelForm(
  { c, user, engine }: PanelRequest,
  edition: Edition,
  back: CameBack,
): Promise<Html> {
  const { id, state } = edition
  if (!permits('cancel', state) || !(await mayCancel(engine.db, user, edition))) return html``
  return html`<details ${back.errors['motivo'] && html`open`}>
    <summary>Cancelar este envío</summary>
    <form method="post" action="${c.var.link(panelPaths.cancel(id))}">
      <input type="hidden" name="estado" value="${state}" />
      ${reasonField('motivo', back, {
        label: 'Motivo de la cancelación',
        hint: 'Queda en la bitácora.',
        max: maxCancelReason,
      })}
      <button class="second">Cancelar el envío</button>
    </form>
  </details>`
}

function reasonField(
  id: 'motivo' | 'motivo-devolver',
  { values, errors }: CameBack,
  { label, hint, max }: { label: string; hint: string; max: number },
): Html {
  const field = { id, label, hint, error: errors[id] }
  return html`<div class="field ${field.error && 'has-problem'}">
    <label for="${id}">${label}</label>
    ${notes(field)}
    <textarea id="${id}" name="motivo" rows="3" maxlength="${max}" required ${marks(field)}>
${values[id] ?? ''}</textarea>
  </div>`
}
