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

/** Each contact of the lists once, those who left them included: `is_listed` is false for them. `also`: of which alone. */
function standings(
  audience: AudienceDefinition,
  also: RawBuilder<unknown>[] = [],
): RawBuilder<unknown> {
  const wanted = [sql`list = ANY (${audience.lists}::text[])`, ...segment(audience), ...also]
  return sql`(
    SELECT contact_id, min(address) AS address, min(name) AS name, bool_or(is_group) AS is_group,
      bool_or(state = 'active') AS is_listed,
      CASE WHEN bool_or(excluded_by IS NULL) THEN NULL
        ELSE min(excluded_by) FILTER (WHERE state = 'active') END AS excluded_by
    -- OFFSET 0: otherwise the view is written into the query, and what excludes each is looked for twice
    FROM (SELECT * FROM membership_standing WHERE ${sql.join(wanted, sql` AND `)} OFFSET 0) AS membership
    GROUP BY contact_id)`
}

const segment = ({ countries = [], tags = [] }: AudienceDefinition): RawBuilder<unknown>[] => [
  ...(countries.length > 0 ? [sql`country = ANY (${countries}::text[])`] : []),
  ...(tags.length > 0 ? [sql`tags && ${tags}::text[]`] : []),
]

export interface AudienceCount {
  /** Addresses that would be mailed. */
  recipients: number
  /** On a list and not mailed, by reason. */
  excluded: Partial<Record<SuppressionReason, number>>
  /** Had left every list of the audience. */
  left: number
}

/**
 * Exactly those of `listedIn`, without looking at each: nobody is excluded whose address is in no suppression, and those
 * are few. One statement, so that it counts one moment.
 */
export async function countAudience(db: Db, audience: AudienceDefinition): Promise<AudienceCount> {
  const lists = await largestFirst(db, audience.lists)
  const people =
    segment(audience).length > 0 ? peopleOfSegment(lists, audience) : peopleOfLists(lists)
  const suppressed = [
    sql`list_id = ANY (${lists}::bigint[])`,
    sql`contact_id IN (SELECT contact.id FROM suppression JOIN contact USING (address))`,
  ]
  const { rows } = await sql<{ listed: number } & Pick<AudienceCount, 'excluded' | 'left'>>`
    WITH people AS (${people}), excluded AS (
      SELECT excluded_by AS reason, count(*) AS people FROM ${standings(audience, suppressed)} AS standing
      WHERE is_listed AND excluded_by IS NOT NULL GROUP BY 1)
    SELECT listed::bigint, "left"::bigint,
      (SELECT coalesce(jsonb_object_agg(reason, people), '{}') FROM excluded) AS excluded
    FROM people`.execute(db)
  const { listed, excluded, left } = rows[0]!
  const notMailed = Object.values(excluded).reduce((sum, people) => sum + people, 0)
  return { recipients: listed - notMailed, excluded, left }
}

/** Named by their ids, PostgreSQL knows how large each is, and how best to read it. */
async function largestFirst(db: Db, slugs: string[]): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT list.id FROM list LEFT JOIN list_tally ON list_id = list.id WHERE slug = ANY (${slugs}::text[])
    GROUP BY list.id ORDER BY coalesce(sum(members), 0) DESC, list.id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Of the first list the database keeps the count; only people of the others are looked at, once each. */
const peopleOfLists = ([first = 0, ...others]: number[]): RawBuilder<unknown> => sql`
  SELECT active + count(*) FILTER (WHERE is_active AND of_first IS DISTINCT FROM 'active') AS listed,
    gone + count(*) FILTER (WHERE NOT is_active AND of_first IS NULL)
      - count(*) FILTER (WHERE is_active AND of_first = 'left') AS "left"
  FROM (
    SELECT coalesce(sum(members) FILTER (WHERE state = 'active'), 0) AS active,
      coalesce(sum(members) FILTER (WHERE state = 'left'), 0) AS gone
    FROM list_tally WHERE list_id = ${first}) AS kept
  LEFT JOIN (
    SELECT other.is_active, list_member.state AS of_first
    FROM (
      SELECT contact_id, bool_or(state = 'active') AS is_active FROM list_member
      WHERE list_id = ANY (${others}::bigint[]) GROUP BY contact_id) AS other
    LEFT JOIN list_member ON list_member.contact_id = other.contact_id AND list_id = ${first}) AS met ON true
  GROUP BY active, gone`

/** A country or a tag is of each person: all of them are looked at. */
const peopleOfSegment = (lists: number[], audience: AudienceDefinition): RawBuilder<unknown> => sql`
  SELECT count(*) FILTER (WHERE is_listed) AS listed, count(*) FILTER (WHERE NOT is_listed) AS "left"
  FROM (
    SELECT contact_id, bool_or(state = 'active') AS is_listed
    FROM list_member JOIN contact ON contact.id = contact_id
    WHERE list_id = ANY (${lists}::bigint[]) AND ${sql.join(segment(audience), sql` AND `)}
    GROUP BY contact_id) AS person`
