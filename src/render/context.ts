/** What a template may name: the fields of the content, and what the engine knows of their edition. */
import { z } from 'zod'
import type { EditionFacts, Publication } from '../publication.ts'
import { markdownToText } from './markdown.ts'

const preheaderLength = 110

export function templateContext(
  publication: Publication,
  body: { muestra: boolean },
  edition: EditionFacts,
  /** `calendarFile`: the name of the `.ics` that travels with it. `onlineUrl`: where a public edition can be read. */
  mail: {
    subject: string
    calendarFile: string | null
    onlineUrl: string | null
    privacyUrl: string
    offersLeaving: boolean
    /** Names, as words: «Consejerías» y «Comunidad del IECM». */
    lists: string
  },
): Record<string, unknown> {
  const schema = z.toJSONSchema(publication.content, { io: 'output', unrepresentable: 'any' })
  const { period, revision, nominalAt, issue } = edition
  const { name, description, readers } = publication
  return {
    ...(withEveryField(body, schema) as Record<string, unknown>),
    edition: { period, revision, nominalAt, issue: issue ?? null },
    publication: { name, description, readers },
    ...mail,
    preheader: preheaderOf(publication, body),
  }
}

/**
 * The content with the optional fields that it leaves out as null, so that a template that misspells a field fails
 * instead of finding it empty. Recursive schemas are left as they are.
 */
function withEveryField(value: unknown, schema: z.core.JSONSchema.BaseSchema): unknown {
  const branches = [
    schema,
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ].filter((branch) => typeof branch === 'object')
  if (Array.isArray(value)) {
    const items = branches
      .map((branch) => branch.items)
      .find((items) => typeof items === 'object' && !Array.isArray(items))
    return items
      ? value.map((item) => withEveryField(item, items as z.core.JSONSchema.BaseSchema))
      : value
  }
  if (typeof value !== 'object' || value === null) return value
  const fields = { ...value } as Record<string, unknown>
  for (const [key, field] of branches.flatMap((branch) =>
    Object.entries(branch.properties ?? {}),
  )) {
    fields[key] =
      typeof field === 'object' ? withEveryField(fields[key] ?? null, field) : (fields[key] ?? null)
  }
  return fields
}

/** The line that mail programs show beside the subject. */
export function preheaderOf(publication: Publication, body: { muestra: boolean }): string {
  return shorten(publication.preheader(body))
}

/** Plain text in one line, cut after a word. */
function shorten(markdown: string): string {
  const text = markdownToText(markdown, { linkTargets: false }).replace(/\s+/g, ' ').trim()
  if (text.length <= preheaderLength) return text
  const cut = text.slice(0, preheaderLength)
  return `${cut.slice(0, cut.lastIndexOf(' ')).replace(/[\s,;:.]+$/, '')}…`
}
