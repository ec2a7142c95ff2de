/** One control of the form of a content for each kind of field, with its note and what is wrong with it. */
import { html } from 'hono/html'
import type { Html } from '../../env.ts'
import { marks, notes, type FormErrors } from '../../form.ts'
import type { Field } from './fields.ts'
import { labelOf } from './labels.ts'
import { uploadName } from './uploads.ts'

export interface Choices {
  /** Keys of the topic catalogue with their names. */
  topics: { key: string; name: string }[]
  /** Names of the files that came with the content. */
  files?: string[]
  /** What an item of a list lacks, in a word, by its path. */
  statusOf?: (path: string) => string | undefined
}

export interface Place {
  path: string
  label: string
  note: string
  isRequired: boolean
  errors: FormErrors
  choices: Choices
}

export const idOf = (path: string): string => `c-${path.replaceAll('.', '-')}`

export function input(field: Field, value: unknown, place: Place): Html {
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

export function select(options: string[], value: unknown, place: Place): Html {
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

export function topicSelect(value: unknown, place: Place): Html {
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

const isImageName = (name: string): boolean => /\.(?:png|apng|jpe?g|webp|gif)$/i.test(name)

/** What is uploaded goes before what is chosen. The name that the content has is always there to choose. */
export function fileChoice(isImage: boolean, value: unknown, place: Place): Html {
  const { path, choices, label, errors } = place
  const chosen = textOf(value)
  const others = (choices.files ?? []).filter(
    (name) => isImageName(name) === isImage && name !== chosen,
  )
  const names = [...(chosen === '' ? [] : [chosen]), ...others]
  const id = idOf(path)
  const known = {
    id,
    label,
    hint: isImage
      ? 'PNG, JPEG, WebP o GIF sin animación, de hasta 10 MB.'
      : 'PDF, Word, Excel o PowerPoint, de hasta 2 MB.',
    error: errors[id],
  }
  const upload = names.length > 0 ? `${id}-subir` : id
  return html`<div class="field ${known.error && 'has-problem'}">
    ${notes(known)} ${names.length > 0 && fileSelect(names, chosen, known, path)}
    <label for="${upload}">
      ${names.length > 0 ? 'O subir otro' : 'Subir'}: ${label.toLowerCase()}
    </label>
    <input
      id="${upload}"
      name="${uploadName(path, isImage)}"
      type="file"
      accept="${isImage ? 'image/png,image/jpeg,image/webp,image/gif' : '.pdf,.docx,.xlsx,.pptx'}"
      ${marks(known)}
    />
  </div>`
}

const fileSelect = (
  names: string[],
  chosen: string,
  known: { id: string; label: string; hint: string; error: string | undefined },
  path: string,
): Html =>
  html`<label for="${known.id}">${known.label}</label>
    <select class="file-choice" id="${known.id}" name="${path}" ${marks(known)}>
      <option value="">Ninguno</option>
      ${names.map(
        (name) =>
          html`<option value="${name}" ${name === chosen && html`selected`}>${name}</option>`,
      )}
    </select>`

export function checkboxes(
  options: string[],
  value: unknown,
  { path, label, note, errors }: Place,
): Html {
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
    <input type="hidden" name="${path}.n" value="${options.length}" />
  </fieldset>`
}

export function flag(value: unknown, { path, label, note }: Place): Html {
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
    field?.kind === 'text' && field.maxLength < 500 ? `Hasta ${field.maxLength} caracteres` : ''
  const hint = [note, limit].filter((part) => part !== '').join('. ')
  const id = idOf(path)
  return { id, label, error: errors[id], ...(hint !== '' && { hint: `${hint}.` }) }
}

export function faultOf(path: string, errors: FormErrors): Html {
  const error = errors[idOf(path)]
  return html`${error && html`<p class="problem">${error}</p>`}`
}
