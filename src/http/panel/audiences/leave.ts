/** A leave that a person asked for by telephone or letter, entered by staff. */
import { html } from 'hono/html'
import { allLists } from '../../../audience/lists.ts'
import { Problem } from '../../../errors.ts'
import { leaveOnRequest } from '../../../flow/suppress-address.ts'
import { may } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { errorSummary, marks, notes, readForm, textField, type FormErrors } from '../../form.ts'
import { isTicked, lineOf, tick, whoFault } from './parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

const act = 'contacts.suppress'
export const leaveRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.leaveRequest, act, answer: leavePage },
  { method: 'POST', path: panelPaths.leaveRequest, act, answer: leaveAct },
]

export interface WrittenLeave {
  /** An address, or the number of a person. */
  who: string
  /** A slug; empty: all that can be left. */
  list: string
  how: string
}

async function leavePage(request: PanelRequest): Promise<Response> {
  return showPanel(
    request,
    { title: 'Registrar una baja' },
    await leaveForm(request, { who: '', list: '', how: '' }),
  )
}

/** A second click finds the person gone already, which is harmless. */
async function leaveAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const form = await readForm(request.c)
  const written: WrittenLeave = {
    who: lineOf(form, 'persona', 320),
    list: lineOf(form, 'lista', 100),
    how: lineOf(form, 'como', 200),
  }
  const errors: FormErrors = {
    ...(written.who === '' && { persona: 'Escriba la dirección de correo de la persona.' }),
    ...(written.how === '' && {
      como: 'Escriba cómo se pidió la baja: queda en el historial de la persona.',
    }),
    ...(!isTicked(form, 'confirmo') && {
      confirmo: 'Marque que la propia persona pidió la baja.',
    }),
  }
  if (Object.keys(errors).length > 0) return again(request, written, errors)
  try {
    const lists = written.list === '' ? 'external' : [written.list]
    await leaveOnRequest(engine, user, written.who, { lists, how: written.how })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const field = error.faults[0]?.place === 'lista' ? 'lista' : 'persona'
    return again(request, written, { [field]: whoFault(error) })
  }
  return showPanel(
    request,
    { title: 'Baja registrada' },
    html`<div class="box done" role="status">
        <p>
          La persona ya no recibe
          ${written.list === '' ? 'ningún correo de las listas externas' : `los correos de ${written.list}`}.
          Solo ella puede volver a suscribirse.
        </p>
      </div>
      <ul class="inline plain">
        <li><a href="${request.c.var.link(panelPaths.leaveRequest)}">Registrar otra baja</a></li>
        ${
          may(user, 'person.see') &&
          html`<li><a href="${request.c.var.link(panelPaths.person)}">Buscar a una persona</a></li>`
        }
        <li><a href="${request.c.var.link(panelPaths.audiences)}">Volver a Audiencias</a></li>
      </ul>`,
  )
}

async function again(
  request: PanelRequest,
  written: WrittenLeave,
  errors: FormErrors,
): Promise<Response> {
  return showPanel(
    request,
    { title: 'Registrar una baja', hasErrors: true, status: 422 },
    html`${errorSummary(errors)} ${leaveForm(request, written, errors)}`,
  )
}

/** `isKnown`: the page says who it is about. */
export async function leaveForm(
  { c, engine }: PanelRequest,
  written: WrittenLeave,
  errors: FormErrors = {},
  isKnown = false,
): Promise<Html> {
  const lists = await allLists(engine.db)
  const list = { id: 'lista', label: 'De qué lista', error: errors.lista }
  const text = { type: 'text', autocomplete: 'off', required: true } as const
  return html`<form method="post" action="${c.var.link(panelPaths.leaveRequest)}" novalidate>
    ${
      isKnown
        ? html`<input type="hidden" name="persona" value="${written.who}" />`
        : textField({
            ...text,
            id: 'persona',
            name: 'persona',
            label: 'Dirección de correo de la persona',
            hint: 'O su número, como lo dice la bitácora.',
            value: written.who,
            maxLength: 320,
            error: errors.persona,
          })
    }
    <div class="field ${list.error && 'has-problem'}">
      <label for="lista">${list.label}</label>
      ${notes(list)}
      <select id="lista" name="lista" ${marks(list)}>
        <option value="">Todas las externas, también las que vengan</option>
        ${lists.map(
          ({ slug, name }) =>
            html`<option value="${slug}" ${slug === written.list && html`selected`}>
              ${name}
            </option>`,
        )}
      </select>
    </div>
    ${textField({
      ...text,
      id: 'como',
      name: 'como',
      label: 'Cómo la pidió',
      hint: 'Por ejemplo: por teléfono, o por carta con folio 12. Sin nombrar a nadie.',
      value: written.how,
      maxLength: 200,
      error: errors.como,
    })}
    ${tick({
      id: 'confirmo',
      name: 'confirmo',
      label: 'La propia persona pidió esta baja',
      error: errors.confirmo,
    })}
    <button>Registrar la baja</button>
  </form>`
}
