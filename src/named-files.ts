/** Objects of content that name a file by its `archivo`: images, which have an `alt`, and attachments. */

/** An image as frozen in content: stored under its hash as PNG or JPEG, of so many pixels. */
export interface FrozenImage {
  archivo: string
  alt: string
  sha256: string
  formato: 'png' | 'jpg'
  ancho: number
  alto: number
}

/** A file that travels with the mail, as frozen in content. `archivo` is a clean name. */
export interface FrozenAttachment {
  archivo: string
  titulo: string
  sha256: string
  bytes: number
  contentType: string
}

export interface NamedFile {
  /** `notas[2].imagen` */
  path: string
  entry: { archivo: string; alt?: string }
}

/** In the order in which a reader meets them. */
export function namedFiles(body: unknown, path = ''): NamedFile[] {
  if (Array.isArray(body))
    return body.flatMap((inner, index) => namedFiles(inner, `${path}[${index}]`))
  if (body === null || typeof body !== 'object') return []
  const inside = Object.entries(body).flatMap(([key, inner]) =>
    namedFiles(inner, path === '' ? key : `${path}.${key}`),
  )
  return 'archivo' in body && typeof body.archivo === 'string'
    ? [{ path, entry: body as NamedFile['entry'] }, ...inside]
    : inside
}

export const isImage = ({ entry }: NamedFile): boolean => 'alt' in entry

export function frozenImages(body: unknown): FrozenImage[] {
  return namedFiles(body)
    .filter(isImage)
    .map(({ entry }) => entry as FrozenImage)
}

export function frozenAttachments(body: unknown): FrozenAttachment[] {
  return namedFiles(body)
    .filter((one) => !isImage(one))
    .map(({ entry }) => entry as unknown as FrozenAttachment)
}
