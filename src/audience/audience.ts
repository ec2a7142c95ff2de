/** Who receives an edition: those whom at least one of its lists reaches, each address once. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import type { AudienceDefinition } from '../publication.ts'
import type { SuppressionReason } from '../states.ts'

/** A row of `audienceOf`: `excludedBy` null is a recipient; anything else is on a list and is not mailed. */
export interface Listed {
  contactId: number
  address: string
  name: string
  isGroup: boolean
  excludedBy: SuppressionReason | null
}

/** The listed of an audience as a query, so that a snapshot of a million is one statement of the database. */
export function listedIn(audience: AudienceDefinition): RawBuilder<Listed> {
  return sql<Listed>`(
    SELECT contact_id, address, name, is_group, excluded_by
    FROM ${standings(audience)} AS standing WHERE is_listed)`
}

/** Each contact of the lists once, those who left them included: `is_listed` is false for them. */
function standings({ lists, countries = [], tags = [] }: AudienceDefinition): RawBuilder<unknown> {
  const segment = [
    sql`list = ANY (${lists}::text[])`,
    ...(countries.length > 0 ? [sql`country = ANY (${countries}::text[])`] : []),
    ...(tags.length > 0 ? [sql`tags && ${tags}::text[]`] : []),
  ]
  return sql`(
    SELECT contact_id, min(address) AS address, min(name) AS name, bool_or(is_group) AS is_group,
      bool_or(state = 'active') AS is_listed,
      CASE WHEN bool_or(excluded_by IS NULL) THEN NULL
        ELSE min(excluded_by) FILTER (WHERE state = 'active') END AS excluded_by
    -- OFFSET 0: otherwise the view is written into the query, and what excludes each is looked for twice
    FROM (SELECT * FROM membership_standing WHERE ${sql.join(segment, sql` AND `)} OFFSET 0) AS membership
    GROUP BY contact_id)`
}

export interface AudienceCount {
  /** Addresses that would be mailed. */
  recipients: number
  /** On a list and not mailed, by reason. */
  excluded: Partial<Record<SuppressionReason, number>>
  /** Had left every list of the audience. */
  left: number
}

export async function countAudience(db: Db, audience: AudienceDefinition): Promise<AudienceCount> {
  const { rows } = await sql<{
    isListed: boolean
    reason: SuppressionReason | null
    count: number
  }>`
    SELECT is_listed, excluded_by AS reason, count(*) AS count
    FROM ${standings(audience)} AS standing GROUP BY 1, 2`.execute(db)
  const listed = rows.filter((row) => row.isListed)
  return {
    recipients: listed.find((row) => row.reason === null)?.count ?? 0,
    excluded: Object.fromEntries(
      listed.flatMap(({ reason, count }) => (reason === null ? [] : [[reason, count]])),
    ),
    left: rows.filter((row) => !row.isListed).reduce((sum, row) => sum + row.count, 0),
  }
}
