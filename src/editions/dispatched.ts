/** Editions that left, as staff look for them: by subject, publication, day, topic or how they ended. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import type { EditionState } from '../states.ts'

/** How an edition that was released stands; `failed`: concluded, and some did not get it. */
export const dispatchStands = ['sending', 'paused', 'sent', 'failed', 'cancelled'] as const
export type DispatchStand = (typeof dispatchStands)[number]

export interface DispatchSearch {
  /** Each is in the subject, whatever its case and accents. */
  words?: string[]
  publication?: string
  /** Released from this instant … */
  from?: Date
  /** … and before this one. */
  before?: Date
  topic?: string
  stand?: DispatchStand
}

export interface DispatchedEdition {
  id: number
  publication: string
  period: string
  state: EditionState
  subject: string | null
  releasedAt: Date
}

/** Newest first. Editions are few beside their deliveries, of which none is read. */
export async function dispatchedEditions(
  db: Db,
  { words = [], publication, from, before, topic, stand }: DispatchSearch,
  { limit, offset }: { limit: number; offset: number },
): Promise<DispatchedEdition[]> {
  let query = db
    .selectFrom('edition')
    .leftJoin('rendering', (join) =>
      join
        .onRef('rendering.editionId', '=', 'edition.id')
        .onRef('rendering.sealedHash', '=', 'edition.sealedHash'),
    )
    .select(['edition.id', 'publication', 'period', 'edition.state', 'subject', 'releasedAt'])
    .where('releasedAt', 'is not', null)
    .$narrowType<{ releasedAt: Date }>()
    .orderBy('releasedAt', 'desc')
    .orderBy('edition.id', 'desc')
    .limit(limit)
    .offset(offset)
  for (const word of words)
    query = query.where(sql<boolean>`strpos(${plain(sql.ref('subject'))}, ${plain(word)}) > 0`)
  if (publication !== undefined) query = query.where('publication', '=', publication)
  if (from !== undefined) query = query.where('releasedAt', '>=', from)
  if (before !== undefined) query = query.where('releasedAt', '<', before)
  if (topic !== undefined) {
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('editionReportLine')
          .select('tableId')
          .whereRef('editionId', '=', 'edition.id')
          .where('topic', '=', topic),
      ),
    )
  }
  if (stand !== undefined) query = query.where(standsAs(stand))
  return query.execute()
}

/** Small letters without accents. Written out: `unaccent` is an extension, and `lower` alone follows the locale. */
function plain(text: RawBuilder<unknown> | string): RawBuilder<string> {
  return sql`lower(translate(normalize(${text}::text, NFC), ${accented}, ${unaccented}))`
}

const accented = 'ÁÀÂÄÃÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÑÇáàâäãéèêëíìîïóòôöõúùûüñç'
const unaccented = 'aaaaaeeeeiiiiooooouuuuncaaaaaeeeeiiiiooooouuuunc'

function standsAs(stand: DispatchStand): RawBuilder<boolean> {
  if (stand !== 'sent' && stand !== 'failed') return sql`edition.state = ${stand}`
  // one batch with one of them is enough: no other is read
  const hasFailures = sql`EXISTS (SELECT FROM edition_tally WHERE edition_id = edition.id AND deliveries > 0
    AND state IN ('pending', 'sending', 'deferred', 'rejected', 'failed', 'unknown'))`
  return stand === 'sent'
    ? sql`(edition.state = 'sent' AND NOT ${hasFailures})`
    : sql`(edition.state = 'sent' AND ${hasFailures})`
}
