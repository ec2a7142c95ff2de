/** Editions as anybody may read them: what left, as it was archived, without a word about who received it. */
import type { Db } from '../db/database.ts'

/** Released, also when the rest of it was cancelled: some have it. What waits or was omitted is nobody's business. */
const readableStates = ['sending', 'paused', 'sent', 'cancelled'] as const

export interface EditionName {
  publication: string
  period: string
  revision: number
}

export interface ArchivedEdition extends EditionName {
  subject: string
  firstAcceptedAt: Date
  /** The content that was frozen, for whatever is said of it beside its subject. */
  body: { muestra: boolean }
}

/** Those that reached a reader, newest first. */
export async function archivedEditions(
  db: Db,
  publication: string,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<ArchivedEdition[]> {
  const rows = await db
    .selectFrom('edition')
    .innerJoin('rendering', (join) =>
      join
        .onRef('rendering.editionId', '=', 'edition.id')
        .onRef('rendering.sealedHash', '=', 'edition.sealedHash'),
    )
    .innerJoin('content', 'content.id', 'edition.contentId')
    .select(['edition.publication', 'period', 'revision', 'firstAcceptedAt', 'subject', 'body'])
    .where('edition.publication', '=', publication)
    .where('edition.state', 'in', readableStates)
    .where('releasedAt', 'is not', null)
    .where('firstAcceptedAt', 'is not', null)
    .orderBy('firstAcceptedAt', 'desc')
    .orderBy('edition.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  return rows as ArchivedEdition[]
}

export interface ReadableRendering {
  subject: string
  /** Recipient slots are still open. */
  html: string
  /** Those that the HTML names as `cid:…`. */
  images: { contentId: string; sha256: string; contentType: string }[]
}

/** From the moment of its release, so that the link in the first mail leads somewhere. */
export async function readableRendering(
  db: Db,
  { publication, period, revision }: EditionName,
): Promise<ReadableRendering | undefined> {
  const found = await db
    .selectFrom('edition')
    .innerJoin('rendering', (join) =>
      join
        .onRef('rendering.editionId', '=', 'edition.id')
        .onRef('rendering.sealedHash', '=', 'edition.sealedHash'),
    )
    .select(['edition.id', 'rendering.sealedHash', 'subject', 'html'])
    .where('publication', '=', publication)
    .where('period', '=', period)
    .where('revision', '=', revision)
    .where('edition.state', 'in', readableStates)
    .where('releasedAt', 'is not', null)
    .executeTakeFirst()
  if (!found) return undefined
  const images = await db
    .selectFrom('renderingAttachment')
    .select(['contentId', 'sha256', 'contentType'])
    .where('editionId', '=', found.id)
    .where('sealedHash', '=', found.sealedHash)
    .where('contentId', 'is not', null)
    .$narrowType<{ contentId: string }>()
    .execute()
  return { subject: found.subject, html: found.html, images }
}
