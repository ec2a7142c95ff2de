/**
 * A content file to start from: the sample of a publication with a Spanish note on each field, made from its schema, and
 * that schema for the editor to complete from.
 */
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml'
import { z } from 'zod'
import { namedFiles } from '../named-files.ts'
import type { Publication } from '../publication.ts'
import { sampleFor } from './sample.ts'

export interface Example {
  text: string
  /** Of jobs/samples, named by the text: they belong beside it. */
  fileNames: string[]
}

/** `path`: as its writer will call it. `at`, `period`: of the edition that it is for; see sampleFor. */
export function exampleOf(
  publication: Publication,
  path: string,
  at: Date,
  period?: string,
): Example {
  const document = parseDocument(sampleFor(publication.slug, at, period).text)
  const { contents } = document
  if (!isMap(contents)) throw new Error(`The sample of ${publication.slug} has no fields`)
  const head = contents.items[0]?.key
  const own = isScalar(head) ? head.commentBefore : undefined
  if (isScalar(head)) head.commentBefore = null
  annotateFields(contents, contentSchema(publication), 0)
  document.commentBefore = [...headerOf(publication, path), '', own ?? ''].join('\n').trimEnd()
  const fileNames = namedFiles(document.toJS()).map(({ entry }) => entry.archivo)
  return { text: document.toString({ lineWidth }), fileNames: [...new Set(fileNames)] }
}

const lineWidth = 100

export const schemaName = ({ slug }: Publication): string => `${slug}.schema.json`

type Schema = z.core.JSONSchema.BaseSchema

const schemas = new WeakMap<Publication, Schema>()

/** JSON Schema, in the draft that every editor knows. Made once: a page asks for it at each of its fields. */
export function contentSchema(publication: Publication): Schema {
  const known = schemas.get(publication) ?? makeSchema(publication)
  schemas.set(publication, known)
  return known
}

function makeSchema({ content, name }: Publication): Schema {
  const { $schema, ...schema } = z.toJSONSchema(content, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-7',
  })
  return { $schema, title: name, ...schema } as Schema
}

function headerOf(publication: Publication, path: string): string[] {
  const next = publication.leavesAt
    ? `pregonero invite ${path} --as CLAVE`
    : `pregonero content add ${path} --as CLAVE`
  return [
    ` yaml-language-server: $schema=./${schemaName(publication)}`,
    '',
    ` ${publication.name}: ejemplo del contenido de una edición, para llenarlo.`,
    ' Cambie cada texto por el suyo. Lo que sigue a un # es una nota y no se envía.',
    ' Los párrafos admiten **negritas**, *cursivas*, listas con guion y [ligas](https://…); los títulos, no.',
    ' Mientras diga «muestra: true» no puede enviarse: quite ese renglón para enviarlo de verdad. Después:',
    `   pregonero content check ${path}`,
    `   ${next}`,
  ]
}

/** A note on each field that the sample has, and at the end those that it leaves out. */
function annotateFields(map: YAMLMap, schema: Schema, indent: number): void {
  const fields = fieldsOf(schema)
  // notes need a line of their own
  map.flow = false
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue
    const field = fields.get(String(key.value))
    if (!field) continue
    if (indent === 0 && key !== map.items[0]?.key) key.spaceBefore = true
    const note = noteOf(field)
    if (note !== '') key.commentBefore = joined(key.commentBefore, comment(note, indent))
    annotateValue(value, field.schema, indent)
  }
  const leftOut = [...fields].filter(([name]) => !map.has(name))
  if (leftOut.length === 0) return
  const lines = leftOut.flatMap(([name, field]) => outline(name, field, '  '))
  const notes = ['También admite:', ...lines].map((line) => comment(line, indent))
  map.comment = joined(map.comment, ...notes)
}

/** Of a list, the first item alone. */
function annotateValue(value: unknown, schema: Schema, indent: number): void {
  if (isMap(value)) annotateFields(value, schema, indent + 2)
  if (!isSeq(value)) return
  const [first] = value.items
  if (!isMap(first)) return
  value.flow = false
  annotateFields(first, itemsOf(schema), indent + 4)
  // «- # note» is hard to read: the note of its first field goes before the item
  const head = first.items[0]?.key
  if (!isScalar(head) || !head.commentBefore) return
  first.commentBefore = joined(first.commentBefore, head.commentBefore)
  head.commentBefore = null
}

interface Field {
  schema: Schema
  isRequired: boolean
}

function fieldsOf(schema: Schema): Map<string, Field> {
  const required = new Set(schema.required)
  return new Map(
    Object.entries(schema.properties ?? {}).map(([name, field]) => [
      name,
      { schema: withoutNull(field as Schema), isRequired: required.has(name) },
    ]),
  )
}

const itemsOf = (schema: Schema): Schema => withoutNull((schema.items ?? {}) as Schema)

/** What may be null besides is described as what it else is. */
function withoutNull(schema: Schema): Schema {
  const others = (schema.anyOf ?? []).filter(({ type }) => type !== 'null')
  return others.length === 1 ? { ...others[0], ...schema } : schema
}

/** A field and what it has inside, as they would be written. */
function outline(name: string, field: Field, margin: string): string[] {
  const { schema } = field
  const isList = schema.type === 'array'
  const inside = [...fieldsOf(isList ? itemsOf(schema) : schema)]
  const note = noteOf(field)
  return [
    `${margin}${name}:${note === '' ? '' : ` ${note}`}`,
    ...inside.flatMap(([inner, one], index) => {
      const bullet = index === 0 ? '- ' : '  '
      const lines = outline(inner, one, `${margin}  ${isList ? '  ' : ''}`)
      return isList ? [lines[0]!.replace(/ {2}(?=\S)/, bullet), ...lines.slice(1)] : lines
    }),
  ]
}

/** «Dónde leer más · opcional · https://… · hasta 500 caracteres» */
function noteOf({ schema, isRequired }: Field): string {
  return [
    schema.description ?? '',
    isRequired ? '' : `opcional${insteadOf(schema.default)}`,
    ...shapeOf(schema),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function insteadOf(value: unknown): string {
  const words = Array.isArray(value) ? value.join(', ') : value
  return typeof words === 'string' && words !== '' ? ` (si falta, «${words}»)` : ''
}

function shapeOf(schema: Schema): string[] {
  if (schema.const !== undefined) return ['no se cambia']
  if (schema.enum) return [`una de: ${schema.enum.join(', ')}`]
  switch (schema.type) {
    case 'string':
      return [formats[schema.format ?? ''] ?? '', atMost(schema.maxLength, 'caracteres')]
    case 'array':
      return [
        countOf(schema),
        ...shapeOf(itemsOf(schema)).map((shape) => shape && `cada uno, ${shape}`),
      ]
    case 'integer':
      return ['número entero']
    case 'number':
      return ['número']
    case 'boolean':
      return ['true o false']
    default:
      return []
  }
}

const formats: Record<string, string> = {
  date: 'AAAA-MM-DD',
  'date-time': 'como 2026-12-03T17:00:00-06:00',
  uri: 'https://…',
}

function countOf({ minItems = 0, maxItems }: Schema): string {
  if (minItems === 0) return atMost(maxItems, 'elementos')
  return maxItems === undefined ? `al menos ${minItems}` : `de ${minItems} a ${maxItems} elementos`
}

const atMost = (limit: number | undefined, what: string): string =>
  limit === undefined ? '' : `hasta ${limit} ${what}`

const joined = (...comments: (string | null | undefined)[]): string | null =>
  comments.filter(Boolean).join('\n') || null

/** A line as comment lines of the file's width, those after the first farther in where it is. */
function comment(line: string, indent: number): string {
  const margin = /^\s*/.exec(line)![0]
  const hanging = margin === '' ? '' : `${margin}  `
  const lines: string[] = []
  let current = margin
  for (const word of line.trim().split(' ')) {
    const longer = current.trim() === '' ? current + word : `${current} ${word}`
    if (indent + 2 + longer.length > lineWidth && current.trim() !== '') {
      lines.push(current)
      current = hanging + word
    } else current = longer
  }
  return [...lines, current].map((one) => ` ${one}`).join('\n')
}
