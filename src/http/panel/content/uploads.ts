/** Images and attachments that come with a form: kept with its draft at once, whatever button sent them. */
import {
  attachmentTypes,
  cleanName,
  maxAttachmentBytes,
  maxImageBytes,
  tooHeavy,
} from '../../../content/files.ts'
import { addDraftFile, draftFile, draftFiles, removeDraftFile } from '../../../content/drafts.ts'
import { shown } from '../../../errors.ts'
import type { Engine } from '../../../flow/engine.ts'
import type { FormErrors } from '../../form.ts'

const maxFiles = 30

/** The name of the control that uploads a file for the field at `path`. */
export const uploadName = (path: string, isImage: boolean): string =>
  `${isImage ? 'subir-imagen' : 'subir-adjunto'}:${path}`

interface Upload {
  path: string
  isImage: boolean
  file: File
}

export const hasUploads = (form: FormData): boolean => uploadsIn(form).length > 0

function uploadsIn(form: FormData): Upload[] {
  return [...form].flatMap(([key, file]) => {
    const [, kind, path] = /^subir-(imagen|adjunto):([\w.-]+)$/.exec(key) ?? []
    // an empty control sends a file without name
    if (path === undefined || !(file instanceof File) || file.name === '') return []
    return [{ path, isImage: kind === 'imagen', file }]
  })
}

/**
 * Keeps what was uploaded, and says its name in the form's own field, as if it had been chosen there. Returns what could
 * not be kept, by field. `isCurrent`: the form is of the draft's last version; of an older one no file is replaced.
 */
export async function receiveUploads(
  { db }: Pick<Engine, 'db'>,
  draftId: number,
  form: FormData,
  { isCurrent = true } = {},
): Promise<FormErrors> {
  const errors: FormErrors = {}
  const uploads = uploadsIn(form)
  if (uploads.length === 0) return errors
  const kept = new Set(await namesWithRoom(db, draftId, form, isCurrent))
  for (const { path, isImage, file } of uploads) {
    const name = fileName(file.name)
    const refusal = refusalOf(name, file, isImage, kept.size)
    if (refusal) {
      errors[`c-${path.replaceAll('.', '-')}`] = refusal
      continue
    }
    const bytes = Buffer.from(await file.arrayBuffer())
    const isTaken = async (other: string): Promise<boolean> => {
      if (isUsedElsewhere(form, path, other)) return true
      const replaces = isCurrent && form.get(path) === other
      return kept.has(other) && !replaces && !(await draftFile(db, draftId, other))?.equals(bytes)
    }
    const free = await freeName(name, isTaken)
    await addDraftFile(db, draftId, free, bytes)
    kept.add(free)
    form.set(path, free)
  }
  return errors
}

/** Of the files that are there, those that nothing names any more make room when there is none. */
async function namesWithRoom(
  db: Engine['db'],
  draftId: number,
  form: FormData,
  isCurrent: boolean,
): Promise<string[]> {
  const names = (await draftFiles(db, draftId)).map(({ name }) => name)
  if (names.length < maxFiles || !isCurrent) return names
  const used = new Set([...form].map(([, value]) => value))
  const unused = names.filter((name) => !used.has(name))
  for (const name of unused) await removeDraftFile(db, draftId, name)
  return names.filter((name) => used.has(name))
}

/** As a plain name without folders, that every disk and mail program takes. */
function fileName(given: string): string {
  const base = given.split(/[/\\]/).at(-1) ?? ''
  return cleanName(base.includes('.') ? base : `${base}.`)
}

function refusalOf(
  name: string,
  file: File,
  isImage: boolean,
  keptFiles: number,
): string | undefined {
  const what = shown(name)
  const types = isImage ? 'PNG, JPEG, WebP o GIF' : attachmentTypes.join(', ')
  if (!/\.[a-z0-9]{2,5}$/.test(name))
    return `El archivo ${what} no dice de qué tipo es. Póngale su extensión: ${types}.`
  if (file.size === 0) return `El archivo ${what} está vacío. Elija otro.`
  const maxBytes = isImage ? maxImageBytes : maxAttachmentBytes
  if (file.size > maxBytes) {
    const { message, remedy } = tooHeavy(name, file.size, maxBytes)
    return `El archivo ${what} ${message}. ${remedy}.`
  }
  if (keptFiles >= maxFiles)
    return `El archivo ${what} no cabe: el borrador ya tiene ${maxFiles}. Quite alguno e inténtelo de nuevo.`
  return undefined
}

/** Two photographs of two notes may both be called image.png. */
const isUsedElsewhere = (form: FormData, path: string, name: string): boolean =>
  [...form].some(([key, value]) => key !== path && value === name)

async function freeName(
  name: string,
  isTaken: (name: string) => Promise<boolean>,
): Promise<string> {
  const dot = name.lastIndexOf('.')
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name.slice(0, dot)}-${n}${name.slice(dot)}`
    if (!(await isTaken(candidate))) return candidate
  }
}
