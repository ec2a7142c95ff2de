/** The controls of the steps: each with what it asks, what was written, and what is wrong with it. */
import { html } from 'hono/html'
import { groupOf, textOf, type Answers } from '../../../content/answers.ts'
import type { Html } from '../../env.ts'
import { notes, type FormErrors } from '../../form.ts'
import { idOf, names } from './steps.ts'

export interface Written {
  answers: Answers
  errors: FormErrors
}

interface Asked {
  hint?: string
  isOptional?: boolean
  /** Recommended characters: counted while it is written. */
  counts?: number
  /** What is shown while nothing was written. */
  initial?: string
}

/** `evento.fecha` */
export const writtenAt = (answers: Answers, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => groupOf(inner)[name], answers)

export function line(
  { answers, errors }: Written,
  path: string,
  asked: Asked & { type?: 'text' | 'date' | 'url'; mode?: string; placeholder?: string } = {},
): Html {
  const { type = 'text', mode, counts } = asked
  const value = textOf(writtenAt(answers, path)) || (asked.initial ?? '')
  return framed(
    path,
    errors,
    asked,
    html`<input
      id="${idOf(path)}"
      name="${path}"
      type="${type === 'url' ? 'text' : type}"
      value="${value}"
      autocomplete="off"
      ${(type === 'url' || mode !== undefined) && html`inputmode="${mode ?? 'url'}"`}
      ${counts !== undefined && html`data-counts="${counts}"`}
      ${described(path, errors, asked)}
    />`,
  )
}

/** `toolbar`: above it. */
export function area(
  { answers, errors }: Written,
  path: string,
  asked: Asked & { rows: number; toolbar?: Html },
): Html {
  return framed(
    path,
    errors,
    asked,
    // a line end right after the tag is not of the text
    html`${asked.toolbar}<textarea
        id="${idOf(path)}"
        name="${path}"
        rows="${asked.rows}"
        class="wide"
        ${described(path, errors, asked)}
      >
${textOf(writtenAt(answers, path))}</textarea>`,
  )
}

export function choice(
  { answers, errors }: Written,
  path: string,
  options: { value: string; name: string }[],
  asked: Asked = {},
): Html {
  const value = textOf(writtenAt(answers, path)) || (asked.initial ?? '')
  return framed(
    path,
    errors,
    asked,
    html`<select id="${idOf(path)}" name="${path}" ${described(path, errors, asked)}>
      ${asked.initial === undefined && html`<option value="">Elegir</option>`}
      ${options.map(
        (option) =>
          html`<option value="${option.value}" ${option.value === value && html`selected`}>
            ${option.name}
          </option>`,
      )}
    </select>`,
  )
}

/** Ticks, or one of several: a group under its question. The first has the id that errors lead to. */
export function choices(
  { errors }: Pick<Written, 'errors'>,
  path: string,
  {
    legend,
    hint,
    type,
    options,
  }: {
    legend: string
    hint?: string
    type: 'checkbox' | 'radio'
    options: { value: string; name: string | Html; isOn: boolean }[]
  },
): Html {
  const id = idOf(path)
  const field = { id, label: legend, error: errors[id], ...(hint !== undefined && { hint }) }
  return html`<fieldset class="field ${field.error && 'has-problem'}">
    <legend>${legend}</legend>
    <div>${notes(field)}</div>
    ${options.map(
      ({ value, name, isOn }, i) =>
        html`<p class="choice">
          <input
            id="${i === 0 ? id : `${id}-${i}`}"
            type="${type}"
            name="${path}"
            value="${value}"
            ${isOn && html`checked`}
            ${described(path, errors, { ...(hint !== undefined && { hint }) })}
          />
          <label for="${i === 0 ? id : `${id}-${i}`}">${name}</label>
        </p>`,
    )}
  </fieldset>`
}

function framed(path: string, errors: FormErrors, asked: Asked, inner: Html): Html {
  const id = idOf(path)
  const error = errors[id]
  const { hint, counts, isOptional } = asked
  const label = names[path] ?? path
  return html`<div class="field ${error && 'has-problem'}">
    <label for="${id}">${label}${isOptional && ' (opcional)'}</label>
    ${notes({ id, label, error, ...(hint !== undefined && { hint }) })} ${inner}
    ${
      counts !== undefined &&
      html`<p class="hint" id="${id}-cuenta">Se recomiendan hasta ${counts} caracteres</p>`
    }
  </div>`
}

function described(path: string, errors: FormErrors, { hint, counts }: Asked): Html {
  const id = idOf(path)
  const ids = [
    ...(hint === undefined ? [] : [`${id}-nota`]),
    ...(errors[id] === undefined ? [] : [`${id}-error`]),
    ...(counts === undefined ? [] : [`${id}-cuenta`]),
  ]
  return html`${ids.length > 0 && html`aria-describedby="${ids.join(' ')}"`}
  ${errors[id] !== undefined && html`aria-invalid="true"`}`
}
