/**
 * The files that content names. An image is decoded and drawn anew, so that what is served is an image and carries
 * nothing else (no position, no camera, no script); an attachment is what its name says. Both are kept once, by hash.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metadata, OutputInfo, Sharp } from 'sharp'
import type { Db } from '../db/database.ts'
import { messageOf, shown, type Fault } from '../errors.ts'
import { sha256Hex } from '../hash.ts'
import {
  frozenAttachments,
  isImage,
  namedFiles,
  type FrozenAttachment,
  type FrozenImage,
  type NamedFile,
} from '../named-files.ts'

const maxImages = 12
export const maxImageBytes = 10_000_000
const maxImagePixels = 40_000_000
/** Twice the column of text, for dense screens. */
const maxImageWidthPx = 1088
const maxImageHeightPx = 6_000
export const maxAttachmentBytes = 2_000_000
/** Of all that travel with one mail: encoded they grow by a third, and the whole stays under 5 MB. */
const maxAttachmentsBytes = 3_500_000
/** Drawn without loss up to here; what is larger is a photograph, whatever it was saved as. */
const maxLosslessBytes = 300_000
const imageTypes = ['jpg', 'png', 'apng', 'webp', 'gif']
export const attachmentTypes = ['pdf', 'docx', 'xlsx', 'pptx']

export interface StoredFile {
  sha256: string
  contentType: string
  bytes: Buffer
}

type Refusal = Omit<Fault, 'place'>

/** An image of content before this. It is not drawn anew: that would wear a photograph a little more each time. */
export interface DrawnImage {
  facts: Pick<FrozenImage, 'sha256' | 'formato' | 'ancho' | 'alto'>
  file: StoredFile
}

/** Gets the bytes of a named file, or says why not. Larger ones than `maxBytes` are not read. */
export type ReadNamedFile = (
  name: string,
  maxBytes: number,
) => Promise<Buffer | DrawnImage | Refusal>

/** The files that lie in `folder`, beside the content. */
export function filesIn(folder: string): ReadNamedFile {
  return async (name, maxBytes) => {
    const path = join(folder, name)
    try {
      const found = await stat(path)
      if (!found.isFile()) return unreadable(name, 'no es un archivo')
      return found.size > maxBytes ? tooHeavy(name, found.size, maxBytes) : await readFile(path)
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      return unreadable(
        name,
        isMissing ? 'no está junto al contenido' : `no se puede leer: ${messageOf(error)}`,
      )
    }
  }
}

const unreadable = (name: string, message: string): Refusal => ({
  message,
  value: shown(name),
  remedy: 'Póngalo en la misma carpeta que el contenido, con ese nombre',
})

export function tooHeavy(name: string, size: number, maxBytes: number): Refusal {
  return {
    message: `pesa ${megabytes(size)} y el máximo es ${megabytes(maxBytes)}`,
    value: shown(name),
    remedy: 'Redúzcalo, o publíquelo en el sitio y ponga la liga',
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 100_000) / 10} MB`

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
  const imageCount = named.filter(isImage).length
  const tooMany = imageCount > maxImages
  if (tooMany) {
    faults.push({
      place,
      message: `tiene ${imageCount} imágenes y el máximo es ${maxImages}`,
      remedy: 'Quite imágenes o repártalas en dos envíos',
    })
  }
  for (const one of named) {
    // each takes its time to draw
    if (tooMany && isImage(one)) continue
    const prepared = await (isImage(one) ? prepareImage : prepareAttachment)(one, read)
    if ('message' in prepared) faults.push({ place: `${place} ${one.path}`, ...prepared })
    else {
      Object.assign(one.entry, prepared.facts)
      files.push(prepared.file)
    }
  }
  faults.push(...togetherFaults(frozenAttachments(frozen), place))
  return faults.length > 0 ? { ok: false, faults } : { ok: true, body: frozen, files }
}

/** What no attachment is guilty of alone. */
function togetherFaults(attachments: Partial<FrozenAttachment>[], place: string): Fault[] {
  const faults: Fault[] = []
  const total = attachments.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
  if (total > maxAttachmentsBytes) {
    faults.push({
      place: `${place} adjuntos`,
      message: `pesan ${megabytes(total)} y el máximo entre todos es ${megabytes(maxAttachmentsBytes)}`,
      remedy: 'Redúzcalos, o publique alguno en el sitio y ponga la liga',
    })
  }
  const names = attachments.map(({ archivo }) => archivo!)
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index))) {
    faults.push({
      place: `${place} adjuntos`,
      message: 'dos archivos llegarían con el mismo nombre',
      value: shown(name),
      remedy: 'Cambie el nombre de uno',
    })
  }
  return faults
}

async function prepareImage(
  { entry }: NamedFile,
  read: ReadNamedFile,
): Promise<DrawnImage | Refusal> {
  const bytes = await read(entry.archivo, maxImageBytes)
  if (!Buffer.isBuffer(bytes)) return bytes
  const type = await typeOf(bytes)
  if (!type || !imageTypes.includes(type.ext)) {
    return notAnImage(entry.archivo, type ? `es ${type.ext}` : 'no es PNG, JPEG, WebP ni GIF')
  }
  const { default: sharp } = await import('sharp')
  try {
    // from its header alone: one that is refused is never decoded
    const source = await sharp(bytes, { limitInputPixels: false }).metadata()
    const { width, height, pages = 1 } = source
    if (width * height > maxImagePixels) return tooLarge(entry.archivo, width, height)
    if (pages > 1) return notAnImage(entry.archivo, 'está animada')
    // `rotate` turns it as its camera says, before that is forgotten
    const drawn = sharp(bytes, { limitInputPixels: maxImagePixels, failOn: 'error' })
      .rotate()
      .resize({
        width: maxImageWidthPx,
        height: maxImageHeightPx,
        fit: 'inside',
        withoutEnlargement: true,
      })
    const { data, info } = await encode(drawn, type.ext === 'jpg', source)
    const isPhoto = info.format === 'jpeg'
    const sha256 = sha256Hex(data)
    const formato = isPhoto ? 'jpg' : 'png'
    return {
      facts: { sha256, formato, ancho: info.width, alto: info.height },
      file: { sha256, contentType: isPhoto ? 'image/jpeg' : 'image/png', bytes: data },
    }
  } catch {
    return notAnImage(entry.archivo, 'está incompleta o dañada')
  }
}

/** As PNG what has few colours, sharp edges or a see-through ground; as JPEG what is a photograph. */
async function encode(
  drawn: Sharp,
  isJpeg: boolean,
  { hasAlpha, isPalette: palette }: Metadata,
): Promise<{ data: Buffer; info: OutputInfo }> {
  const options = { resolveWithObject: true } as const
  if (isJpeg) return drawn.jpeg({ quality: 82, mozjpeg: true }).toBuffer(options)
  const lossless = await drawn.clone().png({ palette }).toBuffer(options)
  if (hasAlpha || lossless.data.length <= maxLosslessBytes) return lossless
  return drawn.jpeg({ quality: 88, chromaSubsampling: '4:4:4', mozjpeg: true }).toBuffer(options)
}

/** What the bytes are, whatever the name says; undefined for text, SVG among it. */
async function typeOf(bytes: Buffer): Promise<{ ext: string; mime: string } | undefined> {
  // this and sharp are loaded when they are needed: most processes handle no file
  const { fileTypeFromBuffer } = await import('file-type')
  return fileTypeFromBuffer(bytes)
}

const notAnImage = (name: string, why: string): Refusal => ({
  message: `no es una imagen que se pueda usar: ${why}`,
  value: shown(name),
  remedy: 'Guárdela otra vez como PNG o JPEG',
})

const tooLarge = (name: string, width: number, height: number): Refusal => ({
  message: `mide ${width} × ${height} píxeles y el máximo es de ${maxImagePixels / 1_000_000} millones`,
  value: shown(name),
  remedy: `Redúzcala: bastan ${maxImageWidthPx} píxeles de ancho`,
})

async function prepareAttachment(
  { entry }: NamedFile,
  read: ReadNamedFile,
): Promise<{ facts: Partial<FrozenAttachment>; file: StoredFile } | Refusal> {
  const found = await read(entry.archivo, maxAttachmentBytes)
  const bytes = 'file' in found ? found.file.bytes : found
  if (!Buffer.isBuffer(bytes)) return bytes
  const type = await typeOf(bytes)
  const extension = entry.archivo.split('.').at(-1)!.toLowerCase()
  if (type?.ext !== extension || !attachmentTypes.includes(type.ext)) {
    return {
      message: `no es un ${extension} que se pueda adjuntar: es ${type?.ext ?? 'texto o de un tipo desconocido'}`,
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
