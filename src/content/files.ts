/**
 * The files that content names. An image is decoded and drawn anew, so that what is served is an image and carries
 * nothing else (no position, no camera, no script); an attachment is what its name says. Both are kept once, by hash.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db } from '../db/database.ts'
import { messageOf, shown, type Fault } from '../errors.ts'
import { sha256Hex } from '../hash.ts'
import {
  isImage,
  namedFiles,
  type FrozenAttachment,
  type FrozenImage,
  type NamedFile,
} from '../named-files.ts'

const maxImages = 12
const maxImageBytes = 10_000_000
const maxImagePixels = 40_000_000
/** Twice the column of text, for dense screens. */
const maxImageWidthPx = 1088
const maxAttachmentBytes = 2_000_000
const imageFormats = ['jpeg', 'png', 'webp', 'gif']
const attachmentTypes = ['pdf', 'docx', 'xlsx', 'pptx']

export interface StoredFile {
  sha256: string
  contentType: string
  bytes: Buffer
}

type Refusal = Omit<Fault, 'place'>

/** Gets the bytes of a named file, or says why not. Larger ones than `maxBytes` are not read. */
export type ReadNamedFile = (name: string, maxBytes: number) => Promise<Buffer | Refusal>

/** The files that lie in `folder`, beside the content. */
export function filesIn(folder: string): ReadNamedFile {
  return async (name, maxBytes) => {
    const path = join(folder, name)
    try {
      const { size } = await stat(path)
      return size > maxBytes ? tooHeavy(size, maxBytes) : await readFile(path)
    } catch (error) {
      const message = `no se puede leer: ${messageOf(error)}`
      return {
        message,
        value: shown(name),
        remedy: 'Póngalo en la misma carpeta que el contenido, con ese nombre',
      }
    }
  }
}

/** Where content comes without files. */
export const noFiles: ReadNamedFile = async (name) => ({
  message: 'no vino con el contenido',
  value: shown(name),
  remedy: 'Agregue el contenido desde un archivo, con sus imágenes y adjuntos al lado',
})

export type PreparedFiles<Body> =
  { ok: true; body: Body; files: StoredFile[] } | { ok: false; faults: Fault[] }

/** The content with what became of its files (see FrozenImage, FrozenAttachment), and their bytes; or every fault. */
export async function prepareFiles<Body>(
  body: Body,
  place: string,
  read: ReadNamedFile,
): Promise<PreparedFiles<Body>> {
  const frozen = structuredClone(body)
  const named = namedFiles(frozen)
  const files: StoredFile[] = []
  const faults: Fault[] = []
  const images = named.filter(isImage)
  if (images.length > maxImages) {
    faults.push({
      place,
      message: `tiene ${images.length} imágenes y el máximo es ${maxImages}`,
      remedy: 'Quite imágenes o repártalas en dos envíos',
    })
  }
  for (const one of named) {
    const prepared = await (isImage(one) ? prepareImage : prepareAttachment)(one, read)
    if ('message' in prepared) faults.push({ place: `${place} ${one.path}`, ...prepared })
    else {
      Object.assign(one.entry, prepared.facts)
      files.push(prepared.file)
    }
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, body: frozen, files }
}

async function prepareImage(
  { entry }: NamedFile,
  read: ReadNamedFile,
): Promise<{ facts: Partial<FrozenImage>; file: StoredFile } | Refusal> {
  const bytes = await read(entry.archivo, maxImageBytes)
  if (!Buffer.isBuffer(bytes)) return bytes
  // loaded when it is needed: most processes draw no image
  const { default: sharp } = await import('sharp')
  try {
    const image = sharp(bytes, { limitInputPixels: maxImagePixels, failOn: 'error' })
    const { format } = await image.metadata()
    if (!imageFormats.includes(format)) return notAnImage(entry.archivo, `es ${format}`)
    // `rotate` turns it as its camera says, before that is forgotten
    const drawn = image.rotate().resize({ width: maxImageWidthPx, withoutEnlargement: true })
    const isPhoto = format === 'jpeg'
    const { data, info } = await (
      isPhoto ? drawn.jpeg({ quality: 82, mozjpeg: true }) : drawn.png({ palette: true })
    ).toBuffer({ resolveWithObject: true })
    const sha256 = sha256Hex(data)
    const formato = isPhoto ? 'jpg' : 'png'
    return {
      facts: { sha256, formato, ancho: info.width, alto: info.height },
      file: { sha256, contentType: isPhoto ? 'image/jpeg' : 'image/png', bytes: data },
    }
  } catch (error) {
    return notAnImage(entry.archivo, messageOf(error))
  }
}

const notAnImage = (name: string, why: string): Refusal => ({
  message: `no es una imagen que se pueda usar: ${why}`,
  value: shown(name),
  remedy: 'Guárdela otra vez como PNG o JPEG',
})

async function prepareAttachment(
  { entry }: NamedFile,
  read: ReadNamedFile,
): Promise<{ facts: Partial<FrozenAttachment>; file: StoredFile } | Refusal> {
  const bytes = await read(entry.archivo, maxAttachmentBytes)
  if (!Buffer.isBuffer(bytes)) return bytes
  const { fileTypeFromBuffer } = await import('file-type')
  const type = await fileTypeFromBuffer(bytes)
  const extension = entry.archivo.split('.').at(-1)!.toLowerCase()
  if (type?.ext !== extension || !attachmentTypes.includes(type.ext)) {
    return {
      message: `no es un archivo que se pueda adjuntar: es ${type?.ext ?? 'de un tipo desconocido'}`,
      value: shown(entry.archivo),
      remedy: `Use ${attachmentTypes.join(', ')}, con la extensión que le corresponde`,
    }
  }
  const sha256 = sha256Hex(bytes)
  return {
    facts: {
      archivo: cleanName(entry.archivo),
      sha256,
      bytes: bytes.length,
      contentType: type.mime,
    },
    file: { sha256, contentType: type.mime, bytes },
  }
}

/** What every mail program and every disk takes: letters, digits and `.-_`, at most 100 of them. */
export function cleanName(name: string): string {
  const dot = name.lastIndexOf('.')
  const stem = name
    .slice(0, dot)
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
  return `${stem.slice(0, 100) || 'archivo'}${name.slice(dot).toLowerCase()}`
}

function tooHeavy(size: number, maxBytes: number): Refusal {
  return {
    message: `pesa ${megabytes(size)} y el máximo es ${megabytes(maxBytes)}`,
    remedy: 'Redúzcalo, o publíquelo en el sitio y ponga la liga',
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 100_000) / 10} MB`

/** A file that is there already is left as it is: its hash says that it is the same. */
export async function storeFiles(db: Db, files: StoredFile[], at: Date): Promise<void> {
  if (files.length === 0) return
  await db
    .insertInto('storedFile')
    .values(files.map((file) => ({ ...file, createdAt: at })))
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute()
}

/** The files that frozen content names, by hash. */
export async function readFiles(db: Db, body: unknown): Promise<Map<string, StoredFile>> {
  const hashes = namedFiles(body).map(({ entry }) => (entry as unknown as FrozenImage).sha256)
  if (hashes.length === 0) return new Map()
  const rows = await db
    .selectFrom('storedFile')
    .select(['sha256', 'contentType', 'bytes'])
    .where('sha256', 'in', hashes)
    .execute()
  return new Map(rows.map((row) => [row.sha256, row]))
}

/** One image of a mail, for whoever knows its hash; attachments are not served. */
export async function readImage(db: Db, sha256: string): Promise<StoredFile | undefined> {
  return db
    .selectFrom('storedFile')
    .select(['sha256', 'contentType', 'bytes'])
    .where('sha256', '=', sha256)
    .where('contentType', 'like', 'image/%')
    .executeTakeFirst()
}
