/** The lists as one person stands to them: for their own page, and for what is written to them about it. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { SenderSlug } from '../config.ts'
import type { SuppressionReason } from '../states.ts'
import type { ListKind } from './lists.ts'

/** A list that the person is or was on, or that is open. */
export interface ReaderList {
  id: number
  slug: string
  name: string
  description: string
  kind: ListKind
  sender: SenderSlug
  isOpen: boolean
  /** null: never a member. */
  state: 'active' | 'left' | null
  since: Date | null
  origin: string | null
  /** By a file of the institution; how it calls that file is nothing to the person. */
  isImported: boolean
  leftAt: Date | null
  /** Why an active member is not mailed; null when they are. */
  excludedBy: SuppressionReason | null
}

export async function listsOfReader(db: Db, contactId: number): Promise<ReaderList[]> {
  const { rows } = await sql<ReaderList>`
    SELECT list.id, slug, list.name, description, list.kind, sender, is_open,
      m.state, since, origin, m.import_id IS NOT NULL AS is_imported, left_at,
      CASE WHEN m.state = 'active' THEN excluded_by END AS excluded_by
    FROM list
    LEFT JOIN list_member m ON m.list_id = list.id AND m.contact_id = ${contactId}
    LEFT JOIN membership_standing s ON s.list_id = m.list_id AND s.contact_id = m.contact_id
    WHERE m.contact_id IS NOT NULL OR is_open
    ORDER BY list.kind, list.name`.execute(db)
  return rows
}
