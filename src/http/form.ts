/** Forms: what came in them, and the fields that show it again with what is wrong (WCAG 2.2, 3.3.1 and 3.3.3). */
import { html } from 'hono/html'
import type { Html, PageContext } from './env.ts'

/** Wrong fields by their id, with what to do about each. */
export type FormErrors = Record<string, string>

/** What cannot be read as a form has no fields. */
export async function readForm(c: PageContext): Promise<FormData> {
  try {
    return await c.req.formData()
  } catch {
    return new FormData()
  }
}

/** A text field in one line; empty when it was not sent, or as a file. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value.trim() : ''
}

export const textsOf = (form: FormData, name: string): string[] =>
  form.getAll(name).filter((value) => typeof value === 'string')

export interface Field {
  id: string
  label: string
  hint?: string
  error: string | undefined
}

/** `autocomplete`: a token of HTML, which programs fill in by themselves (WCAG 1.3.5). */
export function textField(
  field: Field & {
    name: string
    type: 'text' | 'email'
    value: string
    autocomplete: string
    maxLength: number
    required?: boolean
  },
): Html {
  return html`<div class="field ${field.error && 'has-problem'}">
    <label for="${field.id}">${field.label}</label>
    ${notes(field)}
    <input
      id="${field.id}"
      name="${field.name}"
      type="${field.type}"
      value="${field.value}"
      autocomplete="${field.autocomplete}"
      maxlength="${field.maxLength}"
      spellcheck="false"
      ${field.required && html`required`}
      ${marks(field)}
    />
  </div>`
}

/** The hint and the error of a field, which its control names in `marks`. */
export function notes({ id, hint, error }: Field): Html {
  return html`${hint && html`<p class="hint" id="${id}-nota">${hint}</p>`}
  ${error && html`<p class="problem" id="${id}-error">${error}</p>`}`
}

export function marks({ id, hint, error }: Field): Html {
  const described = [...(hint ? [`${id}-nota`] : []), ...(error ? [`${id}-error`] : [])].join(' ')
  return html`${described && html`aria-describedby="${described}"`}
  ${error && html`aria-invalid="true"`}`
}

/** Above the form, and focused when the page opens: without a script nothing else could say that it came back. */
export function errorSummary(errors: FormErrors): Html {
  return html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
    <h2>Hay datos por corregir</h2>
    <ul class="plain">
      ${Object.entries(errors).map(([id, text]) => html`<li><a href="#${id}">${text}</a></li>`)}
    </ul>
  </div>`
}
