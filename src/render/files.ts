/** The images that a mail shows and the files that travel with it. */
import type { Attachment } from '../mail.ts'
import {
  frozenAttachments,
  frozenImages,
  namedFiles,
  isImage,
  type FrozenImage,
} from '../named-files.ts'

/** Bytes of the files that the content names, by hash. */
export type FileBytes = ReadonlyMap<string, { bytes: Buffer }>

export interface ImagePlaces {
  /** Where readers reach this system: images are served from there when it is https, or else travel in the mail. */
  publicUrl: string
  mailDomain: string
}

/** The content with a `src` on each of its images. */
export function withImageSources<Body>(body: Body, places: ImagePlaces): Body {
  const copy = structuredClone(body)
  for (const { entry } of namedFiles(copy).filter(isImage))
    Object.assign(entry, { src: sourceOf(entry as FrozenImage, places) })
  return copy
}

function sourceOf(image: FrozenImage, places: ImagePlaces): string {
  return isServed(places)
    ? `${places.publicUrl.replace(/\/$/, '')}${imagePath(image)}`
    : `cid:${contentId(image, places)}`
}

/** `/imagenes/<sha256>.png`: src/http serves it. */
export function imagePath({ sha256, formato }: Pick<FrozenImage, 'sha256' | 'formato'>): string {
  return `/imagenes/${sha256}.${formato}`
}

const isServed = ({ publicUrl }: ImagePlaces): boolean => publicUrl.startsWith('https://')

const contentId = ({ sha256 }: FrozenImage, { mailDomain }: ImagePlaces): string =>
  `${sha256.slice(0, 32)}@${mailDomain}`

/** What goes with the mail: the files of its content, and its images when they are not served. */
export function attachmentsOf(body: unknown, files: FileBytes, places: ImagePlaces): Attachment[] {
  const bytesOf = (sha256: string): Buffer => {
    const file = files.get(sha256)
    if (!file) throw new Error(`The bytes of ${sha256.slice(0, 12)}… were not given`)
    return file.bytes
  }
  const beside = frozenAttachments(body).map(({ archivo, contentType, sha256 }) => ({
    filename: archivo,
    contentType,
    content: bytesOf(sha256),
  }))
  if (isServed(places)) return beside
  const images = new Map(frozenImages(body).map((image) => [image.sha256, image]))
  const inside = [...images.values()].map((image) => ({
    filename: `${image.sha256.slice(0, 12)}.${image.formato}`,
    contentType: image.formato === 'jpg' ? 'image/jpeg' : 'image/png',
    content: bytesOf(image.sha256),
    contentId: contentId(image, places),
  }))
  return [...beside, ...inside]
}

/** The HTML as a file of its own: the images that travel in the mail are written into it. */
export function withImagesInside(html: string, attachments: Attachment[]): string {
  return attachments.reduce(
    (page, { contentId: id, contentType, content }) =>
      id === undefined
        ? page
        : page.replaceAll(
            `cid:${id}`,
            `data:${contentType};base64,${Buffer.from(content).toString('base64')}`,
          ),
    html,
  )
}
