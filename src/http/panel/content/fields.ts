/**
 * A form for any content, made from its schema: what a publication may say is told once, in jobs/. Fields are named by
 * their path (`secciones.0.notas.1.titulo`), so that a form without a script can be read back into the same shape.
 */
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'

export type Schema = z.core.JSONSchema.BaseSchema

/** What a form can show of a schema. */
export type Field =
  | { kind: 'group'; fields: NamedField[] }
  | { kind: 'list'; item: Field; min: number; max: number }
  /** `isLong`: paragraphs. */
  | { kind: 'text'; maxLength: number; isLong: boolean }
  | { kind: 'date' | 'url' | 'number' | 'flag' }
  /** An image or an attachment, by the name of a file that came with the content. */
  | { kind: 'file'; isImage: boolean }
  | { kind: 'choice'; options: string[] }
  /** Several of a few words. */
  | { kind: 'choices'; options: string[] }

export interface NamedField {
  name: string
  field: Field
  isRequired: boolean
  /** Empty says null: it is not known. */
  isNullable: boolean
  note: string
  initial: unknown
}

const longTextLength = 300

/** `tipo` and `muestra` are not asked for: the edition says the one, and nobody types sample content here. */
export function fieldsOf(schema: Schema, hidden: string[] = []): NamedField[] {
  const required = new Set(schema.required)
  const isImage = schema.properties !== undefined && 'alt' in schema.properties
  return Object.entries(schema.properties ?? {})
    .filter(([name, field]) => !hidden.includes(name) && (field as Schema).const === undefined)
    .map(([name, value]) => {
      const inner = plain(value as Schema)
      return {
        name,
        field: name === 'archivo' ? { kind: 'file', isImage } : fieldOf(inner),
        isRequired: required.has(name) && !isNullable(value as Schema),
        isNullable: isNullable(value as Schema),
        note: inner.description ?? '',
        initial: inner.default,
      }
    })
}

function fieldOf(schema: Schema): Field {
  if (schema.enum) return { kind: 'choice', options: schema.enum.map(String) }
  switch (schema.type) {
    case 'object':
      return { kind: 'group', fields: fieldsOf(schema) }
    case 'array': {
      const item = plain((schema.items ?? {}) as Schema)
      if (item.enum) return { kind: 'choices', options: item.enum.map(String) }
      return {
        kind: 'list',
        item: fieldOf(item),
        min: schema.minItems ?? 0,
        max: schema.maxItems ?? 100,
      }
    }
    case 'boolean':
      return { kind: 'flag' }
    case 'integer':
    case 'number':
      return { kind: 'number' }
    default:
      if (schema.format === 'date') return { kind: 'date' }
      if (schema.format === 'uri') return { kind: 'url' }
      return {
        kind: 'text',
        maxLength: schema.maxLength ?? 500,
        isLong: (schema.maxLength ?? 0) >= longTextLength,
      }
  }
}

const isNullable = (schema: Schema): boolean =>
  (schema.anyOf ?? []).some(({ type }) => type === 'null')

/** What may be null besides is shown as what it else is. */
function plain(schema: Schema): Schema {
  const others = (schema.anyOf ?? []).filter(({ type }) => type !== 'null')
  return others.length === 1 ? { ...others[0], ...schema } : schema
}

/** The content that a form says. Empty fields are left out: the schema says which of them are missing. */
export function readContent(
  fields: NamedField[],
  form: FormData,
  path = '',
): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, field, isNullable: mayBeNull }) => {
      const said = readField(field, form, path === '' ? name : `${path}.${name}`)
      const value = said ?? (mayBeNull ? null : undefined)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function readField(field: Field, form: FormData, path: string): unknown {
  const text = form.get(path)
  const given = typeof text === 'string' ? plainText(text) : ''
  switch (field.kind) {
    case 'group': {
      const inner = readContent(field.fields, form, path)
      return Object.values(inner).every(saysNothing) ? undefined : inner
    }
    case 'list': {
      const items = Array.from(
        { length: lengthIn(form, path) },
        (_, i) => readField(field.item, form, `${path}.${i}`) ?? {},
      )
      // an empty list says as little as an empty field
      return items.length === 0 ? undefined : items
    }
    case 'choices': {
      const chosen = form.getAll(path).filter((value) => typeof value === 'string')
      // none of them is an answer, and not the choice of whoever said nothing
      return chosen.length === 0 && !form.has(`${path}.n`) ? undefined : chosen
    }
    case 'flag':
      // unticked is what a flag is when nothing is said of it: an optional group is not there for its sake
      return form.has(path) ? true : undefined
    case 'number':
      return given === '' ? undefined : numberIn(given)
    default:
      return given === '' ? undefined : given
  }
}

/** PostgreSQL keeps no NUL in a text, and nobody writes one. */
const plainText = (text: string): string =>
  text.replaceAll('\r\n', '\n').replaceAll('\0', '').trim()

const saysNothing = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.length === 0)

/** What is no number stays as it was written, to be corrected. */
function numberIn(given: string): number | string {
  const number = Number(given.replace(',', '.'))
  return Number.isFinite(number) ? number : given
}

/** The list's length travels with it: an item whose fields are all empty is one all the same. */
function lengthIn(form: FormData, path: string): number {
  const length = Number(form.get(`${path}.n`) ?? 0)
  return Number.isInteger(length) && length >= 0 && length <= 200 ? length : 0
}

/** `subir:secciones.0.notas.1`, `bajar:…`, `quitar:…` on an item; `agregar:secciones` on a list. */
export function rearrange(body: Record<string, unknown>, act: string): Record<string, unknown> {
  const [, verb, path] = /^(subir|bajar|quitar|agregar):([\w.-]+)$/.exec(act) ?? []
  if (verb === undefined || path === undefined) return body
  const changed = structuredClone(body)
  const steps = path.split('.')
  const last = steps.at(-1)!
  const parent = verb === 'agregar' ? steps : steps.slice(0, -1)
  const list = listAt(changed, parent, verb === 'agregar')
  if (!list) return body
  const index = Number(last)
  if (verb === 'agregar') list.push({})
  else if (!Number.isInteger(index) || index < 0 || index >= list.length) return body
  else if (verb === 'quitar') list.splice(index, 1)
  else {
    const other = verb === 'subir' ? index - 1 : index + 1
    if (other < 0 || other >= list.length) return body
    ;[list[index], list[other]] = [list[other], list[index]]
  }
  return changed
}

function listAt(
  body: Record<string, unknown>,
  steps: string[],
  create: boolean,
): unknown[] | undefined {
  let at: unknown = body
  for (const [i, step] of steps.entries()) {
    if (typeof at !== 'object' || at === null) return undefined
    const holder = at as Record<string, unknown>
    if (!Object.hasOwn(holder, step)) {
      if (!create || i < steps.length - 1) return undefined
      holder[step] = []
    }
    at = holder[step]
  }
  return Array.isArray(at) ? at : undefined
}

/** As much as a form says of a content: neither what a schema fills in by itself nor what freezing added. */
export function withoutDefaults(
  fields: NamedField[],
  body: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, field, initial }) => {
      const value = bare(field, body[name])
      const isInitial =
        isDeepStrictEqual(value, initial) ||
        value === false ||
        (Array.isArray(value) && value.length === 0)
      return value === undefined || value === null || isInitial ? [] : [[name, value]]
    }),
  )
}

function bare(field: Field, value: unknown): unknown {
  if (field.kind === 'list' && Array.isArray(value))
    return value.map((item) => bare(field.item, item))
  if (field.kind !== 'group' || typeof value !== 'object' || value === null) return value
  return withoutDefaults(field.fields, value as Record<string, unknown>)
}
