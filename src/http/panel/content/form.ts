/** The form of a content: a fieldset for each group, buttons that move, add and remove, and each fault where it is. */
import { html } from 'hono/html'
import type { Fault } from '../../../errors.ts'
import type { Html } from '../../env.ts'
import type { FormErrors } from '../../form.ts'
import {
  checkboxes,
  faultOf,
  fileChoice,
  flag,
  idOf,
  input,
  select,
  topicSelect,
  type Choices,
  type Place,
} from './controls.ts'
import type { Field, NamedField } from './fields.ts'
import { remedyInBrowser } from '../in-browser.ts'
import { labelOf, singularOf } from './labels.ts'

export type { Choices } from './controls.ts'

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
    case 'file':
      return fileChoice(field.isImage, value, place)
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
  const status = choices.statusOf?.(path)
  return html`<fieldset class="group" id="${idOf(path)}">
    <legend>
      ${label}${!isRequired && ' (opcional)'}${status && html` <span class="status">${status}</span>`}
    </legend>
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

/** Faults of a content by the field that they are of; those of none are under the form's own id. */
export function errorsOf(faults: Fault[], fields: NamedField[]): FormErrors {
  const errors: FormErrors = {}
  for (const { place, message, value, remedy } of faults) {
    // `contenido notas[1].titulo`, or the field alone
    const path = place.replace(/^contenido /, '')
    const steps = path.replaceAll(/\[(\d+)\]/g, '.$1')
    const isField = fields.some(({ name }) => steps === name || steps.startsWith(`${name}.`))
    const id = isField ? idOf(steps) : 'contenido-form'
    const label = isField ? `${labelsOf(steps)}: ` : ''
    const shownValue = value === undefined ? '' : ` (${value})`
    const text = `${label}${message}${shownValue}. ${inForm(remedy)}.`
    errors[id] = errors[id] === undefined ? text : `${errors[id]} ${text}`
  }
  return errors
}

/** `secciones.0.titulo`: `Sección 1, Título` */
function labelsOf(path: string): string {
  const steps = path.split('.')
  return steps
    .flatMap((step, i) => {
      if (/^\d+$/.test(step)) return []
      const index = steps[i + 1]
      const isList = index !== undefined && /^\d+$/.test(index)
      return isList ? `${singularOf(step)} ${Number(index) + 1}` : labelOf(step)
    })
    .join(', ')
}

/** Remedies are written for whoever writes a file. */
function inForm(remedy: string): string {
  if (/^Agregue «[^»]+: …»$/.test(remedy)) return 'Complete este dato'
  return remedyInBrowser(remedy, 'invalid')
    .replace(/^Escríbalo, o quite ese renglón si es opcional$/, 'Complete este dato')
    .replace(/, sin comillas(?: ni punto)?$/, '')
    .replace(/^Escríbalo entre comillas$/, 'Escríbalo como texto')
}

/** `#c-notas-1-renglon`: where an item went, to come back to it; nothing when no item was touched. */
export function placeAfter(act: string, body: Record<string, unknown>): string {
  const [, verb, path] = /^(subir|bajar|quitar|agregar):([\w.-]+)$/.exec(act) ?? []
  if (verb === undefined || path === undefined) return ''
  if (verb === 'agregar') {
    const list = path.split('.').reduce<unknown>((at, step) => valueAt(at, step), body)
    const last = Array.isArray(list) ? list.length - 1 : 0
    return `#${idOf(`${path}.${last}-renglon`)}`
  }
  const dot = path.lastIndexOf('.')
  const list = path.slice(0, dot)
  if (verb === 'quitar') return `#${idOf(list)}`
  const index = Number(path.slice(dot + 1)) + (verb === 'subir' ? -1 : 1)
  return `#${idOf(`${list}.${index}-renglon`)}`
}

const valueAt = (at: unknown, step: string): unknown =>
  typeof at === 'object' && at !== null && Object.hasOwn(at, step)
    ? (at as Record<string, unknown>)[step]
    : undefined
