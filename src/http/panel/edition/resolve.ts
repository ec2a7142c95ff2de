/** Deliveries of which nobody knows what became: a person says so, of some of them or of all. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { maxReasonLength } from '../../../flow/control.ts'
import { titleOf } from '../../../flow/engine.ts'
import { resolutions, resolveUnknown, type Resolution } from '../../../flow/resolve-unknown.ts'
import {
  placeOfDelivery,
  recipientsOfEdition,
  type RecipientOfEdition,
} from '../../../ledger/recipients.ts'
import { totalsOf } from '../../../ledger/totals.ts'
import type { Html } from '../../env.ts'
import {
  errorSummary,
  notes,
  readForm,
  textField,
  textOf,
  textsOf,
  type FormErrors,
} from '../../form.ts'
import { isTicked, tick } from '../audiences/parts.ts'
import { addressesFor } from '../dispatches/addresses.ts'
import { shortMoment } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { backTo, reasonFault, seenField, seenOf } from './control.ts'
import { editionOf } from './find.ts'
import { count } from './fragment.ts'

const act = 'edition.control'
export const resolveRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.resolve(':id'), act, answer: resolvePage },
  { method: 'POST', path: panelPaths.resolve(':id'), act, answer: resolveAct },
]

const pageSize = 100

interface Written {
  as: string
  scope: string
  deliveries: string[]
  acceptsDuplicates: boolean
  reason: string
  seenAt: Date
}

async function resolvePage(request: PanelRequest): Promise<Response> {
  const seenAt = request.engine.clock.now()
  return showResolve(request, await editionOf(request), {
    as: '',
    scope: '',
    deliveries: [],
    acceptsDuplicates: false,
    reason: '',
    seenAt,
  })
}

async function showResolve(
  request: PanelRequest,
  edition: Edition,
  written: Written,
  errors: FormErrors = {},
): Promise<Response> {
  const { c, engine } = request
  const { unknown } = await totalsOf(engine.db, edition.id)
  const hasErrors = Object.keys(errors).length > 0
  return showPanel(
    request,
    {
      title: `Resultado incierto: ${titleOf(engine, edition)}`,
      hasErrors,
      ...(hasErrors && { status: 422 }),
    },
    html`${hasErrors && errorSummary(errors)}
      <p><a href="${c.var.link(panelPaths.edition(edition.id))}">Volver a la edición</a></p>
      ${
        unknown === 0
          ? html`<p>No queda ninguna entrega de resultado incierto.</p>`
          : html`<p class="lead">
                ${count(unknown)}
                ${unknown === 1 ? 'entrega pudo haber llegado' : 'entregas pudieron haber llegado'}:
                la conversación con el servidor se cortó antes de su respuesta.
              </p>
              <p>
                Pregonero no las reenvía por sí mismo. Pregunte primero a quien administra el
                servidor de correo.
              </p>
              ${await resolveForm(request, edition, { written, errors, unknown })}`
      }`,
  )
}

async function resolveForm(
  request: PanelRequest,
  edition: Edition,
  { written, errors, unknown }: { written: Written; errors: FormErrors; unknown: number },
): Promise<Html> {
  const { c } = request
  const canSend = edition.state !== 'cancelled'
  return html`<form method="post" action="${c.var.link(panelPaths.resolve(edition.id))}" novalidate>
    ${seenField(written.seenAt)}
    ${radios({
      id: 'cuales',
      legend: 'Cuáles',
      chosen: written.scope,
      error: errors.cuales,
      options: [
        ['todas', `Todas (${count(unknown)})`],
        ['marcadas', 'Solo las que marque en la lista'],
      ],
    })}
    ${await list(request, edition, written)}
    ${radios({
      id: 'que',
      legend: 'Qué se hace con ellas',
      chosen: written.as,
      error: errors.que,
      options: [
        ['accept', 'Darlas por aceptadas: el servidor de correo las tiene'],
        ['drop', 'Darlas por no aceptadas: cuentan como fallo y no se reenvían'],
        ...(canSend ? ([['resend', 'Reenviarlas']] as const) : []),
      ],
    })}
    ${
      canSend &&
      tick({
        id: 'duplicado',
        name: 'duplicado',
        label: 'Acepto que alguna persona pueda recibirlo dos veces',
        hint: 'Solo hace falta para reenviarlas.',
        isOn: written.acceptsDuplicates,
        error: errors.duplicado,
      })
    }
    ${textField({
      id: 'motivo',
      name: 'motivo',
      label: 'Cómo se sabe (opcional)',
      hint: 'Queda en la bitácora con su nombre. Sin direcciones de nadie.',
      type: 'text',
      value: written.reason,
      autocomplete: 'off',
      maxLength: maxReasonLength,
      error: errors.motivo,
    })}
    <button>Resolver</button>
  </form>`
}

function radios(field: {
  id: string
  legend: string
  chosen: string
  error: string | undefined
  options: (readonly [value: string, name: string])[]
}): Html {
  const { id, legend, chosen, error, options } = field
  return html`<fieldset
    class="${error && 'has-problem'}"
    ${error && html`aria-describedby="${id}-error"`}
  >
    <legend>${legend}</legend>
    <div>${notes({ id, label: legend, error })}</div>
    ${options.map(
      ([value, name], index) =>
        html`<div class="choice">
          <input
            id="${index === 0 ? id : `${id}-${value}`}"
            name="${id}"
            type="radio"
            value="${value}"
            ${value === chosen && html`checked`}
          />
          <label for="${index === 0 ? id : `${id}-${value}`}">${name}</label>
        </div>`,
    )}
  </fieldset>`
}

/** A page is named by a delivery, because an address must not be in a URL. */
async function list(
  request: PanelRequest,
  edition: Edition,
  { deliveries }: Written,
): Promise<Html> {
  const { c, engine } = request
  const text = c.req.query('despues') ?? ''
  const after = /^\d{1,15}$/.test(text)
    ? await placeOfDelivery(engine.db, edition.id, Number(text))
    : undefined
  const found = await recipientsOfEdition(engine.db, {
    editionId: edition.id,
    state: 'unknown',
    limit: pageSize + 1,
    ...(after !== undefined && { after }),
  })
  const rows = found.slice(0, pageSize)
  if (rows.length === 0) return html`<p>No hay más en la lista.</p>`
  const show = await addressesFor(request, edition, { rows: rows.length, state: 'unknown' })
  const here = c.var.link(panelPaths.resolve(edition.id))
  return html`<fieldset>
    <legend>Lista</legend>
    <div></div>
    ${rows.map((row) => choice(row, show, deliveries.includes(String(row.id))))}
    ${
      found.length > pageSize &&
      html`<p>
        <a rel="next" href="${here}?despues=${rows.at(-1)!.id}">Siguientes ${pageSize}</a> (lo
        marcado en esta página no pasa a la otra)
      </p>`
    }
  </fieldset>`
}

const choice = (
  row: RecipientOfEdition,
  show: (address: string) => string,
  isMarked: boolean,
): Html =>
  html`<div class="choice">
    <input
      id="entrega-${row.id}"
      name="entrega"
      type="checkbox"
      value="${row.id}"
      ${isMarked && html`checked`}
    />
    <label for="entrega-${row.id}"
      >${show(row.address)}
      <span class="small muted">${shortMoment(row.updatedAt)}: ${row.reason ?? ''}</span></label
    >
  </div>`

async function resolveAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const edition = await editionOf(request)
  const form = await readForm(c)
  const written: Written = {
    as: textOf(form, 'que'),
    scope: textOf(form, 'cuales'),
    deliveries: textsOf(form, 'entrega').slice(0, pageSize),
    acceptsDuplicates: isTicked(form, 'duplicado'),
    reason: textOf(form, 'motivo'),
    seenAt: seenOf(form),
  }
  const as = resolutions.find((one) => one === written.as)
  const errors = faultsOf(written, as)
  if (as === undefined || Object.keys(errors).length > 0)
    return showResolve(request, edition, written, errors)
  try {
    await resolveUnknown(engine, user, edition.id, {
      as,
      ...(written.scope === 'marcadas' && { deliveries: written.deliveries.map(Number) }),
      seenAt: written.seenAt,
      acceptsDuplicates: written.acceptsDuplicates,
      reason: written.reason,
    })
  } catch (error) {
    const fault = reasonFault(error)
    if (fault === undefined) throw error
    return showResolve(request, edition, written, { motivo: fault })
  }
  const { unknown } = await totalsOf(engine.db, edition.id)
  return unknown === 0
    ? backTo(request, edition)
    : c.redirect(c.var.link(panelPaths.resolve(edition.id)), 303)
}

function faultsOf(written: Written, as: Resolution | undefined): FormErrors {
  const { scope, deliveries, acceptsDuplicates } = written
  const isNamed = scope === 'marcadas'
  const areIds = deliveries.every((text) => /^\d{1,15}$/.test(text))
  return {
    ...(scope !== 'todas' && !isNamed && { cuales: 'Elija si son todas o solo las marcadas.' }),
    ...(isNamed &&
      (deliveries.length === 0 || !areIds) && {
        cuales: 'Marque en la lista al menos una, o elija todas.',
      }),
    ...(as === undefined && { que: 'Elija qué se hace con ellas.' }),
    ...(as === 'resend' &&
      !acceptsDuplicates && {
        duplicado: 'Para reenviarlas, acepte que alguna persona pueda recibirlo dos veces.',
      }),
  }
}
