/** Rest days and closed periods, a year at a time: whoever may, adds and removes them. */
import { DateTime } from 'luxon'
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import { Problem } from '../../../errors.ts'
import { addRestDay, removeRestDay } from '../../../flow/settings.ts'
import { may } from '../../../people/users.ts'
import {
  restKinds,
  type RestKind,
  type RestPeriod,
} from '../../../schedule/institutional-calendar.ts'
import { readRestDays } from '../../../schedule/rest-days.ts'
import type { Html } from '../../env.ts'
import { errorSummary, marks, notes, readForm, textOf, type FormErrors } from '../../form.ts'
import { scrolling, selectField } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const restDayRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.restDays, act: 'settings.see', answer: restDaysPage },
  { method: 'POST', path: panelPaths.restDays, act: 'rest-days.edit', answer: change },
]

const kindNames: Record<RestKind, string> = {
  descanso: 'descanso oficial',
  cerrado: 'periodo cerrado',
}

interface Typed {
  values: Record<string, string>
  errors: FormErrors
}

async function restDaysPage(request: PanelRequest): Promise<Response> {
  return page(request, { values: {}, errors: {} })
}

async function page(request: PanelRequest, typed: Typed): Promise<Response> {
  const { c, engine, user } = request
  const all = await readRestDays(engine.db)
  const thisYear = inMexicoCity(engine.clock.now()).year
  const asked = c.req.query('anio') ?? ''
  const year = /^20\d\d$/.test(asked) ? Number(asked) : thisYear
  const years = [...new Set([thisYear, thisYear + 1, ...all.map(({ start }) => yearOf(start))])]
  const rows = all.filter(({ start, end }) => yearOf(start) <= year && year <= yearOf(end))
  const mayEdit = may(user, 'rest-days.edit')
  const hasErrors = Object.keys(typed.errors).length > 0
  return showPanel(
    request,
    { title: `Días inhábiles de ${year}`, hasErrors, status: hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(typed.errors)}
      <nav aria-label="Años">
        <ul class="inline plain">
          ${years
            .toSorted((a, b) => a - b)
            .map(
              (one) =>
                html`<li>
                  <a
                    href="${c.var.link(panelPaths.restDays)}?anio=${one}"
                    ${one === year && html`aria-current="page"`}
                    >${one}</a
                  >
                </li>`,
            )}
        </ul>
      </nav>
      ${
        rows.length === 0
          ? html`<p>De ${year} no hay descansos ni periodos cerrados.</p>`
          : scrolling(
              `Descansos y periodos cerrados de ${year}`,
              ['Fecha', 'Nombre', 'Tipo', 'Fundamento', ...(mayEdit ? ['Acción'] : [])],
              rows.map((row) => [
                datesOf(row),
                `${row.name}${row.status === 'por-confirmar' ? ' (por confirmar)' : ''}`,
                kindNames[row.kind],
                row.basis ?? '',
                ...(mayEdit ? [removeForm(request, row)] : []),
              ]),
            )
      }
      ${mayEdit && addForm(request, typed)}`,
  )
}

const yearOf = (date: string): number => Number(date.slice(0, 4))

const dayOf = (date: string): string =>
  DateTime.fromISO(date, { zone: 'utc', locale: 'es-MX' }).toFormat("cccc d 'de' LLLL 'de' yyyy")

const datesOf = ({ start, end }: RestPeriod): string =>
  start === end ? dayOf(start) : `del ${dayOf(start)} al ${dayOf(end)}`

const removeForm = ({ c }: PanelRequest, { start, kind, name }: RestPeriod): Html =>
  html`<form method="post" action="${c.var.link(panelPaths.restDays)}">
    <input type="hidden" name="quitar" value="${start}" />
    <input type="hidden" name="tipo" value="${kind}" />
    <button class="second slim">Quitar<span class="unseen"> ${name}</span></button>
  </form>`

function addForm({ c }: PanelRequest, { values, errors }: Typed): Html {
  const dateField = (id: string, label: string, hint?: string) => {
    const known = { id, label, error: errors[id], ...(hint !== undefined && { hint }) }
    return html`<div class="field ${errors[id] && 'has-problem'}">
      <label for="${id}">${label}</label>
      ${notes(known)}
      <input id="${id}" name="${id}" type="date" value="${values[id] ?? ''}" ${marks(known)} />
    </div>`
  }
  const textBox = (id: string, label: string, maxLength: number, hint?: string) => {
    const known = { id, label, error: errors[id], ...(hint !== undefined && { hint }) }
    return html`<div class="field ${errors[id] && 'has-problem'}">
      <label for="${id}">${label}</label>
      ${notes(known)}
      <input
        id="${id}"
        name="${id}"
        type="text"
        value="${values[id] ?? ''}"
        maxlength="${maxLength}"
        autocomplete="off"
        ${marks(known)}
      />
    </div>`
  }
  return html`<section>
    <h2>Agregar</h2>
    <form method="post" action="${c.var.link(panelPaths.restDays)}">
      ${dateField('desde', 'Día, o primer día')}
      ${dateField('hasta', 'Último día (opcional)', 'Sólo si es un periodo de varios días.')}
      ${textBox('nombre', 'Nombre', 120, 'Como lo conoce el personal: «Navidad», «Semana Santa».')}
      ${selectField({
        id: 'tipo',
        label: 'Tipo',
        value: values['tipo'] ?? 'descanso',
        options: restKinds.map((kind) => [kind, kindNames[kind]]),
        error: errors['tipo'],
      })}
      ${textBox('fundamento', 'Fundamento (opcional)', 300, 'La ley o el acuerdo que lo dice.')}
      <button>Agregar</button>
    </form>
  </section>`
}

const fieldIds: Record<keyof RestPeriod, string> = {
  start: 'desde',
  end: 'hasta',
  name: 'nombre',
  kind: 'tipo',
  basis: 'fundamento',
  status: 'tipo',
}

async function change(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const form = await readForm(c)
  const removed = textOf(form, 'quitar')
  const given = (name: string) => textOf(form, name) || undefined
  const values = Object.fromEntries(Object.values(fieldIds).map((id) => [id, textOf(form, id)]))
  const start = removed || values['desde']!
  try {
    if (removed !== '') {
      const kind = restKinds.find((one) => one === textOf(form, 'tipo'))
      await removeRestDay(engine, user, removed, kind)
    } else {
      const draft = {
        start: given('desde'),
        end: given('hasta'),
        name: given('nombre'),
        kind: given('tipo'),
        basis: given('fundamento'),
      }
      await addRestDay(engine, user, draft, (field) => fieldIds[field])
    }
  } catch (error) {
    // one that another person removed meanwhile is a page of its own
    if (!(error instanceof Problem) || removed !== '') throw error
    const errors = Object.fromEntries(
      error.faults.map(({ place, message, value, remedy }) => [
        Object.values(fieldIds).includes(place) ? place : 'desde',
        `${message}${value === undefined ? '' : ` (${value})`}. ${remedy}.`,
      ]),
    )
    return page(request, { values, errors })
  }
  return c.redirect(`${c.var.link(panelPaths.restDays)}?anio=${yearOf(start)}`, 303)
}
