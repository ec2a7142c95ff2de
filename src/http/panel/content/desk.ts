/** What lies before whoever writes the content of an edition: its fields, its content, its files. */
import { inMexicoCity } from '../../../clock.ts'
import { readContent as readFrozen } from '../../../content/content.ts'
import { contentSchema } from '../../../content/example.ts'
import { readFiles, type DrawnImage, type ReadNamedFile } from '../../../content/files.ts'
import { sampleFor } from '../../../content/sample.ts'
import type { Db } from '../../../db/database.ts'
import type { Edition } from '../../../editions/editions.ts'
import { permits } from '../../../editions/machine.ts'
import { shown } from '../../../errors.ts'
import { requirePublication, type Engine } from '../../../flow/engine.ts'
import { isImage, namedFiles, type FrozenImage } from '../../../named-files.ts'
import { readYaml } from '../../../yaml-file.ts'
import { correctionBody, withContent } from './corrected.ts'
import { fieldsOf, type NamedField } from './fields.ts'

export type Body = Record<string, unknown>

/** `tipo` is the edition's; nobody types sample content here. */
export function formFields(engine: Engine, edition: Edition): NamedField[] {
  const publication = requirePublication(engine, edition.publication)
  return fieldsOf(contentSchema(publication), ['muestra'])
}

export const admitsContent = ({ state }: Edition): boolean =>
  permits('content.add', state) || permits('content.mend', state)

/** What it has, or what it corrects; when there is nothing, its dates and choices as its sample has them. */
export async function currentBody(engine: Engine, edition: Edition): Promise<Body> {
  if (edition.contentId !== null) return { ...(await readFrozen(engine.db, edition)).body }
  const corrected = await correctionBody(engine, edition)
  if (corrected) return corrected
  const sample = sampleFor(edition.publication, edition.nominalAt, edition.period)
  const read = readYaml(sample.text, 'muestra')
  return read.ok ? blank(formFields(engine, edition), read.value as Body) : {}
}

function blank(fields: NamedField[], sample: Body): Body {
  return Object.fromEntries(
    fields.flatMap(({ name, field, isRequired }) => {
      const value = sample[name]
      if (field.kind === 'group' && isRequired)
        return [[name, blank(field.fields, (value ?? {}) as Body)]]
      if (field.kind === 'list') return field.min > 0 ? [[name, [{}]]] : []
      const isOfTheEdition =
        field.kind === 'date' ||
        field.kind === 'choice' ||
        field.kind === 'choices' ||
        (field.kind === 'text' && typeof value === 'string' && /^\d{4}-/.test(value))
      return isOfTheEdition && value !== undefined ? [[name, value]] : []
    }),
  )
}

export interface SavedContent {
  id: number
  body: Body
  author: string
  createdAt: Date
}

export async function theContent(
  db: Db,
  { contentId }: Edition,
): Promise<SavedContent | undefined> {
  if (contentId === null) return undefined
  const row = await db
    .selectFrom('content')
    .innerJoin('staffUser', 'staffUser.id', 'content.authorId')
    .select(['content.id', 'content.body', 'staffUser.name as author', 'content.createdAt'])
    .where('content.id', '=', contentId)
    .executeTakeFirstOrThrow()
  return { ...row, body: row.body as Body }
}

export async function nameOf(db: Db, userId: number): Promise<string> {
  const { name } = await db
    .selectFrom('staffUser')
    .select('name')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  return name
}

/** «a las 09:12 horas», with its day when that is another. */
export function hourOf(instant: Date, now: Date): string {
  const at = inMexicoCity(instant)
  const day = at.hasSame(inMexicoCity(now), 'day')
    ? ''
    : `el ${at.toFormat("cccc d 'de' LLLL 'de' yyyy")} `
  return `${day}a las ${at.toFormat('HH:mm')} horas`
}

/** Images and attachments that the content already has go on with it, and those of what it corrects. */
export async function contentFiles(engine: Engine, edition: Edition): Promise<ReadNamedFile> {
  const source = await withContent(engine, edition)
  if (!source) return missing
  const { body } = await readFrozen(engine.db, source)
  const files = await readFiles(engine.db, body)
  const byName = new Map(
    namedFiles(body).flatMap((named): [string, Buffer | DrawnImage][] => {
      const { archivo, sha256, formato, ancho, alto } = named.entry as FrozenImage
      const file = files.get(sha256)
      if (!file) return []
      const facts = { sha256, formato, ancho, alto }
      return [[archivo, isImage(named) ? { facts, file } : file.bytes]]
    }),
  )
  return async (name, maxBytes) => byName.get(name) ?? missing(name, maxBytes)
}

const missing: ReadNamedFile = async (name) => ({
  message: 'no está entre los archivos de este envío',
  value: shown(name),
  remedy: 'Súbalo de nuevo, o elija otro',
})
