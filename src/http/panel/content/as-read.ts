/** What a content says, to be read and not changed: what differs from the form beside it is marked in words. */
import { isDeepStrictEqual } from 'node:util'
import { html } from 'hono/html'
import type { Html } from '../../env.ts'
import type { Field, NamedField } from './fields.ts'
import { labelOf, singularOf } from './labels.ts'

type Body = Record<string, unknown>

export function asRead(fields: NamedField[], body: Body, mine?: Body): Html {
  return html`<ul class="as-read">
    ${fields
      .filter(({ name }) => says(body[name]) || (mine && says(mine[name])))
      .map(({ name, field }) =>
        entry(labelOf(name), name, field, body[name], mine && [mine[name]]),
      )}
  </ul>`
}

/** `mine`: alone in an array, so that what is not there is told from what is not compared. */
function entry(
  label: string,
  name: string,
  field: Field,
  value: unknown,
  mine: [unknown] | undefined,
): Html {
  if (field.kind === 'group') {
    const other = mine && (isObject(mine[0]) ? mine[0] : {})
    return html`<li>
      <strong>${label}</strong>${asRead(field.fields, isObject(value) ? value : {}, other)}
    </li>`
  }
  if (field.kind === 'list') {
    const items = Array.isArray(value) ? value : []
    const others = mine && (Array.isArray(mine[0]) ? mine[0] : [])
    const one = singularOf(name)
    return html`<li>
      <strong>${label}</strong>
      <ul class="as-read">
        ${items.map((item, i) => entry(`${one} ${i + 1}`, name, field.item, item, others && [others[i]]))}
      </ul>
    </li>`
  }
  const isOther = mine !== undefined && !isDeepStrictEqual(mine[0] ?? '', value ?? '')
  return html`<li>
    <strong>${label}:</strong>
    ${says(value) ? html`<span class="as-written">${words(field, value)}</span>` : 'nada'}
    ${isOther && html`<em>(distinto)</em>`}
  </li>`
}

const says = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function words(field: Field, value: unknown): string {
  if (value === true) return 'sí'
  if (Array.isArray(value)) return value.map((one) => labelOf(String(one))).join(', ')
  if (field.kind === 'choice') return labelOf(String(value))
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
