/** Reads a content file and says everything that is wrong with it at once, in Spanish. */
import type { z } from 'zod'
import { nearest, shown, type Fault } from '../errors.ts'
import { canonicalJson, sha256Hex } from '../hash.ts'
import type { EditionFacts, Publication } from '../publication.ts'
import { readYaml } from '../yaml-file.ts'

/** Content that passed its schema. `body` is plain JSON; `sha256` is of its canonical form. */
export interface CheckedContent {
  publication: Publication
  body: { muestra: boolean }
  sha256: string
}

export type ContentCheck = { ok: true; content: CheckedContent } | { ok: false; faults: Fault[] }

/** YAML or JSON (which is YAML) of one publication; `tipo` says which. `place`: the file's name in messages. */
export function checkContent(
  text: string,
  place: string,
  publications: Publication[],
): ContentCheck {
  const read = readYaml(text, place)
  if (!read.ok) return read
  const input = read.value
  const slug =
    typeof input === 'object' && input !== null && 'tipo' in input ? String(input.tipo) : undefined
  const publication = publications.find((candidate) => candidate.slug === slug)
  if (!publication) {
    const known = publications.map((candidate) => candidate.slug)
    const guess = slug && nearest(slug, known)
    const fault: Fault = {
      place: `${place} tipo`,
      message: slug === undefined ? 'falta' : 'no es una publicación',
      remedy: guess ? `¿Quiso decir ${guess}?` : `Escriba tipo: con una de: ${known.join(', ')}`,
    }
    return { ok: false, faults: [slug === undefined ? fault : { ...fault, value: shown(slug) }] }
  }
  const parsed = publication.content.safeParse(input)
  if (!parsed.success) {
    return {
      ok: false,
      faults: issueFaults(parsed.error, input, place),
    }
  }
  return { ok: true, content: { publication, body: parsed.data, sha256: contentHash(parsed.data) } }
}

/** Faults of content against the edition that it is for. */
export function editionFaults(
  content: CheckedContent,
  edition: Pick<EditionFacts, 'period' | 'nominalAt'>,
): Fault[] {
  return content.publication.check?.(content.body, edition) ?? []
}

/** SHA-256 (hex) of JSON with its keys sorted, so that order and layout of a file do not matter. */
export function contentHash(body: unknown): string {
  return sha256Hex(canonicalJson(body))
}

/** What a schema refuses, each with its path, value and remedy (es). */
export function issueFaults(error: z.ZodError, input: unknown, place: string): Fault[] {
  return error.issues.map((issue) => issueFault(issue, input, place))
}

function issueFault(issue: z.core.$ZodIssue, input: unknown, place: string): Fault {
  const path = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
  const value = issue.path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
    input,
  )
  const isMissing = value === undefined && issue.path.length > 0
  const fault: Fault = {
    place: `${place} ${path.replace(/^\./, '') || '(raíz)'}`,
    message: isMissing && issue.code === 'invalid_type' ? 'falta' : lowerFirst(issue.message),
    remedy: isMissing ? `Agregue «${String(issue.path.at(-1))}: …»` : remedyOf(issue, value),
  }
  return value === undefined || value === null || typeof value === 'object'
    ? fault
    : { ...fault, value: shown(value) }
}

function remedyOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === null) return 'Escríbalo, o quite ese renglón si es opcional'
  switch (issue.code) {
    case 'unrecognized_keys':
      return `Quite o corrija: ${issue.keys.join(', ')}`
    case 'too_big':
      return Array.isArray(value) ? 'Quite elementos' : 'Acórtelo'
    case 'too_small':
      return Array.isArray(value)
        ? 'Agregue elementos, o quite el grupo al que pertenece la lista'
        : typeof value === 'string'
          ? 'Escriba el texto'
          : 'Corríjalo'
    case 'invalid_value': {
      const words = issue.values.map(String)
      const guess = typeof value === 'string' ? nearest(value, words) : undefined
      return `${guess ? `¿Quiso decir ${guess}? ` : ''}Use una de: ${words.join(', ')}`
    }
    case 'invalid_type':
      return typeRemedies[issue.expected] ?? 'Corríjalo'
    case 'invalid_format':
      return 'Escríbalo en esa forma'
    default:
      return issue.code === 'custom' && typeof issue.params?.remedy === 'string'
        ? issue.params.remedy
        : 'Corríjalo'
  }
}

const typeRemedies: Record<string, string> = {
  string: 'Escríbalo entre comillas',
  array: 'Escriba cada elemento en su renglón, debajo y con un guion delante',
  object: 'Escriba sus campos, cada uno en su renglón, debajo y con sangría',
  number: 'Escríbalo con dígitos, sin comillas',
  int: 'Escríbalo con dígitos, sin comillas ni punto',
  boolean: 'Escriba true o false, sin comillas',
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
