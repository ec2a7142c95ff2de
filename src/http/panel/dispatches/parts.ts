/** What the pages of the register share: totals, states and moments in words, tables that scroll, choices. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import {
  failuresOf,
  recipientsOf,
  suppressionReasonNames,
  unfinishedOf,
  type DeliveryState,
  type SuppressionReason,
  type Totals,
} from '../../../states.ts'
import type { Html } from '../../env.ts'
import { marks, notes, type Field } from '../../form.ts'

/** «312 de 480 aceptados, 3 fallos, 2 omitidos» */
export function totalsInWords(totals: Totals): string {
  const all = recipientsOf(totals)
  const few = (sum: number, one: string, many: string) =>
    sum === 0 ? [] : [`${sum.toLocaleString('es-MX')} ${sum === 1 ? one : many}`]
  return [
    `${totals.accepted.toLocaleString('es-MX')} de ${all.toLocaleString('es-MX')} ${all === 1 ? 'aceptado' : 'aceptados'}`,
    ...few(failuresOf(totals), 'fallo', 'fallos'),
    ...few(totals.suppressed, 'omitido', 'omitidos'),
    ...few(totals.cancelled, 'cancelado', 'cancelados'),
    ...few(unfinishedOf(totals), 'por enviar', 'por enviar'),
  ].join(', ')
}

export const shortMoment = (at: Date): string =>
  inMexicoCity(at).toFormat("dd/MM/yyyy, HH:mm 'horas'")

/** Why it was left out, in words; of the rest, what the server answered. */
export function reasonText({
  state,
  reason,
}: {
  state: DeliveryState
  reason: string | null
}): string {
  return state === 'suppressed'
    ? suppressionReasonNames[reason as SuppressionReason]
    : (reason ?? '')
}

/** A table that scrolls by itself where it is wider than the page. The first cell of each row is its header. */
export function scrolling(caption: string, columns: string[], rows: (Html | string)[][]): Html {
  return html`<div class="scrolling" role="region" aria-label="${caption}" tabindex="0">
    <table class="rows">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...cells]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

export function selectField(
  field: Field & {
    value: string
    /** What is chosen when nothing is, where that is a choice. */
    all?: string
    options: readonly (readonly [value: string, name: string])[]
  },
): Html {
  const { id, label, value, all, options, error } = field
  return html`<div class="field ${error && 'has-problem'}">
    <label for="${id}">${label}</label>
    ${notes(field)}
    <select id="${id}" name="${id}" ${marks(field)}>
      ${all !== undefined && html`<option value="">${all}</option>`}
      ${options.map(
        ([key, name]) =>
          html`<option value="${key}" ${key === value && html`selected`}>${name}</option>`,
      )}
    </select>
  </div>`
}
