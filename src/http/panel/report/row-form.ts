/** The form of a row: what was typed in it, and the same again with what is wrong. */
import { html } from 'hono/html'
import type { Fault } from '../../../errors.ts'
import type { TableDefinition } from '../../../report/definition.ts'
import { draftOf, type RegisterDraft, type RegisterRow } from '../../../report/register.ts'
import type { Html } from '../../env.ts'
import {
  errorSummary,
  marks,
  notes,
  textField,
  textOf,
  type Field,
  type FormErrors,
} from '../../form.ts'
import { datesText } from './register.ts'

/** By name of field, as typed. */
export type RowValues = Record<string, string>

interface RowField {
  name: string
  label: string
  hint?: string
  maxLength: number
  long?: true
  /** What the page lets choose. */
  choices?: 'topics'
}

const cellNames: Record<string, string> = {
  objeto: 'Objeto',
  area: 'Área',
  estatus: 'Estatus',
  opinion: 'Opinión',
  sentido: 'Sentido',
}

export const ownCells = ({ celdas }: TableDefinition): string[] =>
  celdas.filter((cell) => !['numero', 'fecha', 'texto'].includes(cell))

const fieldsOf = (table: TableDefinition): RowField[] => [
  {
    name: 'texto',
    label: 'Texto',
    hint: 'Como se imprime.',
    maxLength: 4_000,
    long: true,
  },
  {
    name: 'fechas',
    label: `Fechas${table.celdas.includes('fecha') ? '' : ' (opcional)'}`,
    hint: 'Una o varias, como 2026-10-16 o 16/10/2026, con espacios entre ellas. Si solo se sabe el mes: 2026-10.',
    maxLength: 400,
  },
  ...ownCells(table).map((name) => ({
    name,
    label: cellNames[name] ?? name,
    maxLength: 1_000,
    long: true as const,
  })),
  { name: 'tema', label: 'Tema (opcional)', maxLength: 200, choices: 'topics' },
  {
    name: 'numero',
    label: 'Número de renglón (opcional)',
    hint: 'Sin él, en el orden de las fechas.',
    maxLength: 4,
  },
  { name: 'canal', label: 'Cómo se hizo (opcional)', maxLength: 200 },
  { name: 'evidencia', label: 'Dónde está la evidencia (opcional)', maxLength: 500 },
  {
    name: 'marca',
    label: 'Marca de nota al pie (opcional)',
    hint: 'Como *',
    maxLength: 5,
  },
  { name: 'nota', label: 'Nota al pie (si hay marca)', maxLength: 1_000, long: true },
]

export const emptyValues = (table: TableDefinition): RowValues =>
  Object.fromEntries(fieldsOf(table).map(({ name }) => [name, '']))

export function valuesOf(table: TableDefinition, row: RegisterRow): RowValues {
  const { text, fields, mark, note, topic, channel, evidence, position } = draftOf(row)
  return {
    ...Object.fromEntries(ownCells(table).map((cell) => [cell, fields[cell] ?? ''])),
    texto: text,
    fechas: datesText(row),
    tema: topic ?? '',
    numero: position === null ? '' : String(position),
    canal: channel ?? '',
    evidencia: evidence ?? '',
    marca: mark,
    nota: note ?? '',
  }
}

/** What was typed, and what no row could hold. */
export function readRow(
  form: FormData,
  table: TableDefinition,
): { values: RowValues; errors: FormErrors } {
  const errors: FormErrors = {}
  const values: RowValues = {}
  for (const { name, label, maxLength } of fieldsOf(table)) {
    const text = textOf(form, name).replaceAll('\r\n', '\n')
    values[name] = text
    if (text.length > maxLength) {
      errors[name] =
        `${label}: tiene ${text.length.toLocaleString('es-MX')} caracteres y caben ${maxLength.toLocaleString('es-MX')}. Acortar el texto.`
    } else if (unprintable.test(text))
      errors[name] = `${label}: tiene caracteres que no se imprimen. Volver a escribirlo.`
  }
  if (values['numero'] !== '' && !/^\d{1,4}$/.test(values['numero'] ?? ''))
    errors['numero'] ??= 'El número de renglón debe ser 1, 2, 3…'
  return { values, errors }
}

// controls other than a tab or a new line: PostgreSQL takes no NUL
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f]/

/** What the row becomes. */
export function draftFrom(
  table: TableDefinition,
  values: RowValues,
): Omit<RegisterDraft, 'publication' | 'printedDate' | 'sourceKey' | 'quarter'> {
  const { texto = '', fechas = '', tema, numero, canal, evidencia, marca = '', nota } = values
  const dates = fechas.split(/[\s,;]+/).filter((date) => date !== '')
  const month = dates.length === 1 && /^\d{4}-\d{2}$/.test(dates[0]!)
  return {
    tableId: table.id,
    text: texto,
    dates: month ? [`${dates[0]}-01`] : dates.map(isoOf),
    precision: month ? 'month' : 'day',
    fields: Object.fromEntries(ownCells(table).map((cell) => [cell, values[cell] ?? ''])),
    position: numero ? Number(numero) : null,
    mark: marca,
    note: nota || null,
    topic: tema || null,
    channel: canal || null,
    evidence: evidencia || null,
  }
}

/** 16/10/2026 as it is written here. */
const isoOf = (date: string): string => {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(date) ?? []
  return year === '' ? date : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

/** What the register says of a row, by field. */
export function errorsOf(faults: Fault[], table: TableDefinition): FormErrors {
  const names = fieldsOf(table).map(({ name }) => name)
  return Object.fromEntries(
    faults.map(({ place, message, value, remedy }) => {
      const name = place.split(' ').at(-1) ?? ''
      const label = fieldsOf(table).find((field) => field.name === name)?.label ?? place
      const isShown = value !== undefined && value !== '""'
      const text = `${label.replace(/ \(.*/, '')}: ${message}${isShown ? ` (${value})` : ''}. ${remedy}.`
      return [names.includes(name) ? name : 'texto', text]
    }),
  )
}

export interface RowForm {
  table: TableDefinition
  values: RowValues
  errors: FormErrors
  topics: { key: string; name: string }[]
  action: string
  /** Of the row that is changed, as it was read. */
  version?: string
}

export function rowForm({ table, values, errors, topics, action, version }: RowForm): Html {
  return html`${Object.keys(errors).length > 0 && errorSummary(errors)}
    <form method="post" action="${action}">
      ${version !== undefined && html`<input type="hidden" name="version" value="${version}" />`}
      ${fieldsOf(table).map((one) => {
        const { name, label, hint, maxLength, long, choices } = one
        const value = values[name] ?? ''
        const field = { id: name, label, error: errors[name], ...(hint !== undefined && { hint }) }
        if (choices) return topicField(field, value, topics)
        if (long) return longField(field, value, maxLength)
        return textField({ ...field, name, type: 'text', value, autocomplete: 'off', maxLength })
      })}
      <button>${version === undefined ? 'Agregar el renglón' : 'Guardar los cambios'}</button>
    </form>`
}

const longField = (field: Field, value: string, maxLength: number): Html =>
  html`<div class="field ${field.error && 'has-problem'}">
    <label for="${field.id}">${field.label}</label>
    ${notes(field)}
    <textarea id="${field.id}" name="${field.id}" rows="3" maxlength="${maxLength}" ${marks(field)}>
${value}</textarea>
  </div>`

const topicField = (field: Field, value: string, topics: RowForm['topics']): Html =>
  html`<div class="field ${field.error && 'has-problem'}">
    <label for="${field.id}">${field.label}</label>
    ${notes(field)}
    <select id="${field.id}" name="${field.id}" ${marks(field)}>
      <option value="">Sin tema</option>
      ${topics.map(
        ({ key, name }) =>
          html`<option value="${key}" ${key === value && html`selected`}>${name}</option>`,
      )}
    </select>
  </div>`
