/** The form of a content: a fieldset for each group, buttons that move, add and remove, and each fault where it is. */
import { html } from 'hono/html'
import type { Fault } from '../../../errors.ts'
import type { Html } from '../../env.ts'
import { marks, notes, type FormErrors } from '../../form.ts'
import type { Field, NamedField } from './fields.ts'
import { labelOf, singularOf } from './labels.ts'

export interface Choices {
  /** Keys of the topic catalogue with their names. */
  topics: { key: string; name: string }[]
}

interface Place {
  path: string
  label: string
  note: string
  isRequired: boolean
  errors: FormErrors
  choices: Choices
}

export function contentForm(
  fields: NamedField[],
  body: Record<string, unknown>,
  errors: FormErrors,
  choices: Choices,
  path = '',
): Html {
  return html`${fields.map(({ name, field, isRequired, note, initial }) =>
    control(field, body[name] ?? initial, {
      path: path === '' ? name : `${path}.${name}`,
      label: labelOf(name),
      note,
      isRequired,
      errors,
      choices,
    }),
  )}`
}

function control(field: Field, value: unknown, place: Place): Html {
  switch (field.kind) {
    case 'group':
      return group(field.fields, value, place)
    case 'list':
      return list(field, value, place)
    case 'choice':
      return isTopic(place) ? topicSelect(value, place) : select(field.options, value, place)
    case 'choices':
      return checkboxes(field.options, value, place)
    case 'flag':
      return flag(value, place)
    default:
      return isTopic(place) ? topicSelect(value, place) : input(field, value, place)
  }
}

const isTopic = ({ path }: Place): boolean => path === 'tema'

/** Of a group that may be left out, every field may: only so can it be. What is missing of it is said when it is saved. */
function group(
  fields: NamedField[],
  value: unknown,
  { path, label, note, isRequired, errors, choices }: Place,
): Html {
  const shown = isRequired
    ? fields
    : fields.map((one) => ({ ...one, isRequired: false, initial: undefined }))
  const inner =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return html`<fieldset class="group" id="${idOf(path)}">
    <legend>${label}${!isRequired && ' (opcional)'}</legend>
    ${note && html`<p class="hint">${note}</p>`} ${faultOf(path, errors)}
    ${contentForm(shown, inner, errors, choices, path)}
  </fieldset>`
}

function list(field: Field & { kind: 'list' }, value: unknown, place: Place): Html {
  const { path, label, note, errors } = place
  const items = Array.isArray(value) ? value : []
  const one = singularOf(path.split('.').at(-1)!)
  return html`<fieldset class="group" id="${idOf(path)}">
    <legend>${label}</legend>
    ${note && html`<p class="hint">${note}</p>`} ${faultOf(path, errors)}
    ${items.map((item, i) => {
      const at = `${path}.${i}`
      const title = `${one} ${i + 1} de ${items.length}`
      return html`<div class="item" id="${idOf(`${at}-renglon`)}">
        ${control(field.item, item, { ...place, path: at, label: title, note: '', isRequired: true })}
        <p class="moves">
          ${i > 0 && act('subir', at, 'Subir', title)}
          ${i < items.length - 1 && act('bajar', at, 'Bajar', title)}
          ${act('quitar', at, 'Quitar', title)}
        </p>
      </div>`
    })}
    ${items.length < field.max && html`<p class="moves">${act('agregar', path, `Agregar ${one.toLowerCase()}`, '')}</p>`}
    <input type="hidden" name="${path}.n" value="${items.length}" />
  </fieldset>`
}

const act = (verb: string, path: string, text: string, what: string): Html =>
  html`<button class="second slim" name="accion" value="${verb}:${path}" formnovalidate>
    ${text}${what && html`<span class="unseen"> ${what}</span>`}
  </button>`

function input(field: Field, value: unknown, place: Place): Html {
  const { path, isRequired } = place
  const shown = textOf(value)
  const known = described(place, field)
  if (field.kind === 'text' && field.isLong) {
    return framed(
      place,
      field,
      html`<textarea
        id="${known.id}"
        name="${path}"
        rows="${Math.min(12, 3 + Math.floor(shown.length / 80))}"
        maxlength="${field.maxLength}"
        ${isRequired && html`required`}
        ${marks(known)}
      >
${shown}</textarea>`,
    )
  }
  const type = field.kind === 'date' ? 'date' : 'text'
  const maxLength = field.kind === 'text' ? field.maxLength : 500
  return framed(
    place,
    field,
    html`<input
      id="${known.id}"
      name="${path}"
      type="${type}"
      value="${shown}"
      maxlength="${maxLength}"
      autocomplete="off"
      ${field.kind === 'number' && html`inputmode="decimal"`}
      ${isRequired && html`required`}
      ${marks(known)}
    />`,
  )
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

function select(options: string[], value: unknown, place: Place): Html {
  const known = described(place)
  return framed(
    place,
    undefined,
    html`<select id="${known.id}" name="${place.path}" ${marks(known)}>
      ${!place.isRequired && html`<option value=""></option>`}
      ${options.map(
        (option) =>
          html`<option value="${option}" ${option === value && html`selected`}>
            ${labelOf(option)}
          </option>`,
      )}
    </select>`,
  )
}

function topicSelect(value: unknown, place: Place): Html {
  const known = described(place)
  return framed(
    place,
    undefined,
    html`<select id="${known.id}" name="${place.path}" ${marks(known)}>
      <option value=""></option>
      ${place.choices.topics.map(
        ({ key, name }) =>
          html`<option value="${key}" ${key === value && html`selected`}>${name}</option>`,
      )}
    </select>`,
  )
}

function checkboxes(options: string[], value: unknown, { path, label, note, errors }: Place): Html {
  const chosen = Array.isArray(value) ? value : []
  return html`<fieldset class="group" id="${idOf(path)}">
    <legend>${label}</legend>
    ${note && html`<p class="hint">${note}</p>`} ${faultOf(path, errors)}
    ${options.map(
      (option) =>
        html`<p class="choice">
          <input
            id="${idOf(`${path}-${option}`)}"
            type="checkbox"
            name="${path}"
            value="${option}"
            ${chosen.includes(option) && html`checked`}
          />
          <label for="${idOf(`${path}-${option}`)}">${labelOf(option)}</label>
        </p>`,
    )}
  </fieldset>`
}

function flag(value: unknown, { path, label, note }: Place): Html {
  return html`<p class="choice">
    <input id="${idOf(path)}" type="checkbox" name="${path}" ${value === true && html`checked`} />
    <label for="${idOf(path)}">${label}${note && html`. ${note}`}</label>
  </p>`
}

function framed(place: Place, field: Field | undefined, inner: Html): Html {
  const known = described(place, field)
  return html`<div class="field ${known.error && 'has-problem'}">
    <label for="${known.id}">${place.label}${!place.isRequired && ' (opcional)'}</label>
    ${notes(known)} ${inner}
  </div>`
}

function described({ path, label, note, errors }: Place, field?: Field) {
  const limit =
    field?.kind === 'text' && field.maxLength < 1_000 ? `Hasta ${field.maxLength} caracteres` : ''
  const hint = [note, limit].filter((part) => part !== '').join('. ')
  const id = idOf(path)
  return { id, label, error: errors[id], ...(hint !== '' && { hint: `${hint}.` }) }
}

function faultOf(path: string, errors: FormErrors): Html {
  const error = errors[idOf(path)]
  return html`${error && html`<p class="problem">${error}</p>`}`
}

const idOf = (path: string): string => `c-${path.replaceAll('.', '-')}`

/** Faults of a content by the field that they are of; those of none are under the form's own id. */
export function errorsOf(faults: Fault[], fields: NamedField[]): FormErrors {
  const errors: FormErrors = {}
  for (const { place, message, value, remedy } of faults) {
    // `contenido notas[1].titulo`, or the field alone
    const path = place.replace(/^contenido /, '')
    const steps = path.replaceAll(/\[(\d+)\]/g, '.$1')
    const isField = fields.some(({ name }) => steps === name || steps.startsWith(`${name}.`))
    const id = isField ? idOf(steps) : 'contenido-form'
    const label = isField
      ? `${steps
          .split('.')
          .filter((step) => !/^\d+$/.test(step))
          .map(labelOf)
          .join(', ')}: `
      : ''
    const text = `${label}${message}${value === undefined ? '' : ` (${value})`}. ${remedy}.`
    errors[id] = errors[id] === undefined ? text : `${errors[id]} ${text}`
  }
  return errors
}
