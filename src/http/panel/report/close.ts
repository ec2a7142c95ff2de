/** Closing a quarter: what it does, what stands against it, what changed since the version before, and the act. */
import { html } from 'hono/html'
import { Problem } from '../../../errors.ts'
import { longTime } from '../../../flow/hold.ts'
import { closeReport } from '../../../flow/report.ts'
import type { Quarter } from '../../../report/quarter.ts'
import type { Html } from '../../env.ts'
import { errorSummary, marks, notes, readForm, textOf, type FormErrors } from '../../form.ts'
import { showPanel } from '../page.ts'
import {
  canClose,
  closingOf,
  differencesTable,
  isClosedAlready,
  obstacles,
  type Closing,
} from './close-parts.ts'
import { backToQuarter, quarterOf } from './parts.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

const path = panelPaths.closeQuarter(':quarter')

export const closeRoutes: PanelRoute[] = [
  { method: 'GET', path, act: 'report.close', answer: closePage },
  { method: 'POST', path, act: 'report.close', answer: closeAct },
]

const maxReason = 500

interface Typed {
  reason: string
  errors: FormErrors
  withoutFigures: boolean
}

async function closePage(request: PanelRequest): Promise<Response> {
  const quarter = quarterOf(request)
  const typed = { reason: '', errors: {}, withoutFigures: false }
  return showClosing(request, quarter, await closingOf(request, quarter), typed)
}

function showClosing(
  request: PanelRequest,
  quarter: Quarter,
  closing: Closing,
  typed: Typed & { status?: 409 | 422; refusal?: string },
): Promise<Response> {
  const { c } = request
  const { report, last } = closing
  const others = report.discrepancies.length - closing.open.length - closing.missing.length
  const hasErrors = typed.status !== undefined
  return showPanel(
    request,
    {
      title: `Cerrar ${quarter.name}`,
      hasErrors,
      ...(typed.status !== undefined && { status: typed.status }),
    },
    html`${backToQuarter(request, quarter)}
      ${
        typed.refusal !== undefined &&
        html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
          <p>No se cerró: ${typed.refusal}</p>
        </div>`
      }
      ${Object.keys(typed.errors).length > 0 && errorSummary(typed.errors)}
      <p>
        Cerrar guarda lo que se imprime hoy, con su sello, quién lo cerró y cuándo. Lo guardado no
        se cambia: una corrección posterior es una versión más, con su motivo.
      </p>
      ${
        last &&
        html`<p>
          <strong>Versión ${last.version}</strong>, cerrada el ${longTime(last.at)}.
          ${isClosedAlready(closing) && 'El informe de hoy es el mismo: no hay nada que cerrar.'}
        </p>`
      }
      ${obstacles(request, quarter, closing)}
      ${
        others > 0 &&
        html`<p>
          Hay
          <a href="${c.var.link(panelPaths.discrepancies(quarter.name))}"
            >${others === 1 ? 'otra discrepancia' : `otras ${others} discrepancias`}</a
          >, que no impiden cerrar: conviene revisarlas antes.
        </p>`
      }
      ${closing.differences.length > 0 && differencesTable(closing)}
      ${canClose(closing) && closingForm(request, quarter, closing, typed)}`,
  )
}

function closingForm(
  { c }: PanelRequest,
  quarter: Quarter,
  { sha256, last, missing }: Closing,
  { reason, errors, withoutFigures }: Typed,
): Html {
  const why = {
    id: 'motivo',
    label: 'Motivo de la corrección',
    hint: 'Queda junto a la versión.',
    error: errors['motivo'],
  }
  return html`<section>
    <h2>Cerrar</h2>
    <form method="post" action="${c.var.link(panelPaths.closeQuarter(quarter.name))}">
      <input type="hidden" name="sello" value="${sha256}" />
      ${
        last &&
        html`<div class="field ${why.error && 'has-problem'}">
          <label for="motivo">${why.label}</label>
          ${notes(why)}
          <textarea id="motivo" name="motivo" rows="3" maxlength="${maxReason}" ${marks(why)}>
${reason}</textarea>
        </div>`
      }
      ${
        missing.length > 0 &&
        tick('sin-cifras', 'Cerrar con huecos donde faltan cifras', withoutFigures, errors)
      }
      ${tick('confirmo', `Revisé el informe de ${quarter.name} y confirmo que se cierra así`, false, errors)}
      <button>Cerrar el trimestre</button>
    </form>
  </section>`
}

function tick(id: string, label: string, isTicked: boolean, errors: FormErrors): Html {
  const field = { id, label, error: errors[id] }
  return html`<div class="field ${field.error && 'has-problem'}">
    ${notes(field)}
    <div class="choice">
      <input
        id="${id}"
        name="${id}"
        type="checkbox"
        value="si"
        ${isTicked && html`checked`}
        ${marks(field)}
      />
      <label for="${id}">${label}</label>
    </div>
  </div>`
}

async function closeAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const quarter = quarterOf(request)
  const form = await readForm(c)
  const closing = await closingOf(request, quarter)
  const reason = textOf(form, 'motivo')
  const withoutFigures = form.get('sin-cifras') === 'si'
  const typed = { reason, withoutFigures, errors: {} }
  const refuse = (refusal: string) =>
    showClosing(request, quarter, closing, { ...typed, status: 409, refusal })
  if (!canClose(closing)) return refuse('abajo se dice por qué.')
  // what was reviewed, and no other; checked again inside the transaction
  if (textOf(form, 'sello') !== closing.sha256)
    return refuse('el informe ya no es el que se revisó. Revisar cómo quedó y cerrarlo después.')
  const errors = errorsOf(form, closing, { reason, withoutFigures })
  if (Object.keys(errors).length > 0)
    return showClosing(request, quarter, closing, { ...typed, errors, status: 422 })
  try {
    await closeReport(engine, engine.reportDefinitions, user, quarter, {
      withoutFigures,
      sha256: closing.sha256,
      ...(closing.last && { reason }),
    })
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'refused') throw error
    const refusal = `${error.faults.map(({ message }) => message).join('; ')}. Revisar cómo quedó.`
    const now = await closingOf(request, quarter)
    return showClosing(request, quarter, now, { ...typed, status: 409, refusal })
  }
  return c.redirect(`${c.var.link(panelPaths.quarter(quarter.name))}?hecho=cerrado`, 303)
}

function errorsOf(
  form: FormData,
  { last, missing }: Closing,
  { reason, withoutFigures }: Pick<Typed, 'reason' | 'withoutFigures'>,
): FormErrors {
  const errors: FormErrors = {}
  if (last && reason === '') errors['motivo'] = 'Escribir por qué se corrige un trimestre cerrado'
  else if (reason.length > maxReason)
    errors['motivo'] =
      `El motivo tiene ${reason.length} caracteres y caben ${maxReason}. Acortarlo.`
  // oxlint-disable-next-line no-control-regex
  else if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(reason))
    errors['motivo'] = 'El motivo tiene caracteres que no se imprimen. Volver a escribirlo.'
  if (missing.length > 0 && !withoutFigures)
    errors['sin-cifras'] = 'Capturar las cifras que faltan, o marcar que se cierra con huecos'
  if (form.get('confirmo') !== 'si') errors['confirmo'] = 'Confirmar que se revisó el informe'
  return errors
}
