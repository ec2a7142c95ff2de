/** What the pages of the audiences share. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import { Problem } from '../../../errors.ts'
import type { Html } from '../../env.ts'
import { marks, notes, textOf, type Field } from '../../form.ts'

export function dateField(field: Field & { name: string; value: string; max: string }): Html {
  return html`<div class="field ${field.error && 'has-problem'}">
    <label for="${field.id}">${field.label}</label>
    ${notes(field)}
    <input
      id="${field.id}"
      name="${field.name}"
      type="date"
      value="${field.value}"
      max="${field.max}"
      ${marks(field)}
    />
  </div>`
}

/** An explicit yes, with what it is to. `value`: of several things, to which one. */
export function tick(
  field: Field & { name: string; isOn?: boolean; value?: string | undefined },
): Html {
  return html`<div class="field ${field.error && 'has-problem'}">
    ${notes(field)}
    <div class="choice">
      <input
        id="${field.id}"
        name="${field.name}"
        type="checkbox"
        value="${field.value ?? 'si'}"
        ${field.isOn && html`checked`}
        ${marks(field)}
      />
      <label for="${field.id}">${field.label}</label>
    </div>
  </div>`
}

/** What a database cannot keep, or would turn the text around it, is a space. */
export const lineOf = (form: FormData, name: string, maxLength: number): string =>
  textOf(form, name)
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, maxLength)

export const isTicked = (form: FormData, name: string): boolean => form.get(name) === 'si'

export const count = (sum: number | undefined): string => (sum ?? 0).toLocaleString('es-MX')

/** `1 fila`, `1,204 filas` */
export const counted = (sum: number, one: string, several: string): string =>
  `${count(sum)} ${sum === 1 ? one : several}`

/** `27 nov 2026, 15:00 horas` */
export const hour = (instant: Date | null): string =>
  instant === null ? '' : inMexicoCity(instant).toFormat("d LLL yyyy, HH:mm 'horas'")

export const noImport = (): Problem =>
  new Problem('notFound', {
    place: 'importación',
    message: 'no existe',
    remedy: 'Búsquela en Audiencias',
  })

/** What is wrong with whom one asked for, in the words of a page: acts name commands that are not here. */
export function whoFault({ kind, faults }: Problem): string {
  if (kind === 'notFound' && faults[0]?.place === 'ADDRESS') {
    const former = /^Fue de la persona (\d+)/.exec(faults[0].remedy)?.[1]
    return former === undefined
      ? 'Nadie de las listas tiene hoy esa dirección. Revise cómo está escrita.'
      : `Esa dirección fue de la persona ${former}: escriba ese número en su lugar.`
  }
  return faults
    .map(({ message, remedy }) => {
      const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
      if (remedy.includes('`')) return text
      return `${text} ${remedy}${/[.?]$/.test(remedy) ? '' : '.'}`
    })
    .join(' ')
}
