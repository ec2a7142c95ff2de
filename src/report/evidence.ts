/** What stands behind a number of the report: its editions, who made them, and what became of each recipient. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { deliveryStates, recipientsOf, unfinishedOf, type Totals } from '../states.ts'

export interface EditionEvidence {
  editionId: number
  publication: string
  period: string
  subject: string
  nominalAt: Date
  firstAcceptedAt: Date | null
  sealedHash: string | null
  author: string | null
  approver: string | null
  /** As frozen at release; null for what was released before that was written down. */
  frozenRecipients: number | null
  totals: Totals
  /** Why its numbers do not add up, or are not final (es). */
  obstacle: string | undefined
}

/** Totals of editions, by id; those without deliveries are absent. */
export type ReadTotals = (editionIds: number[]) => Promise<Map<number, Totals>>

/** In the order of the ids. Costs by edition, not by delivery: totals are kept by the database. */
export async function evidenceOf(
  db: Db,
  editionIds: number[],
  readTotals: ReadTotals,
): Promise<EditionEvidence[]> {
  if (editionIds.length === 0) return []
  const rows = await db
    .selectFrom('edition')
    .leftJoin('rendering', (join) =>
      join
        .onRef('rendering.editionId', '=', 'edition.id')
        .onRef('rendering.sealedHash', '=', 'edition.sealedHash'),
    )
    .leftJoin('staffUser as author', 'author.id', 'edition.contentAuthorId')
    .leftJoin('staffUser as approver', 'approver.id', 'edition.approvedBy')
    .select([
      'edition.id as editionId',
      'edition.publication',
      'edition.period',
      'edition.state',
      'edition.nominalAt',
      'edition.firstAcceptedAt',
      'edition.sealedHash',
      'rendering.subject',
      'author.login as author',
      'approver.login as approver',
      ({ selectFrom }) =>
        selectFrom('auditLog')
          .select(sql<number>`(detail->>'recipients')::int`.as('recipients'))
          .where('act', '=', 'release')
          .where('auditLog.subject', '=', sql<string>`'edition ' || edition.id`)
          .orderBy('auditLog.id', 'desc')
          .limit(1)
          .as('frozenRecipients'),
    ])
    .where('edition.id', 'in', editionIds)
    .execute()
  const totals = await readTotals(editionIds)
  const byId = new Map(rows.map((row) => [row.editionId, row]))
  return editionIds.flatMap((id) => {
    const row = byId.get(id)
    if (!row) return []
    const { state, subject, ...rest } = row
    const own = totals.get(id) ?? noTotals()
    const evidence = { ...rest, subject: subject ?? '', totals: own }
    return [{ ...evidence, obstacle: obstacleOf({ ...evidence, state }) }]
  })
}

function obstacleOf(one: {
  state: string
  frozenRecipients: number | null
  totals: Totals
}): string | undefined {
  const recipients = recipientsOf(one.totals)
  if (one.frozenRecipients !== null && recipients !== one.frozenRecipients)
    return `la suma de sus estados (${recipients}) no es la de sus destinatarios (${one.frozenRecipients})`
  const open = unfinishedOf(one.totals)
  if (open > 0) return `todavía tiene ${open} entregas sin terminar`
  if (one.totals.unknown > 0) return `tiene ${one.totals.unknown} entregas de resultado incierto`
  return undefined
}

const noTotals = (): Totals =>
  Object.fromEntries(deliveryStates.map((state) => [state, 0])) as Totals
