/** Editions that wait for the approval of a second person, with who may not be that person. */
import type { Db } from '../db/database.ts'
import type { Edition } from './editions.ts'

export interface WaitingEdition {
  id: number
  publication: string
  period: string
  subject: string
  nominalAt: Date
  latestStartAt: Date
  recipients: number | null
  /** All who wrote its content. */
  writers: { id: number; name: string }[]
  readyById: number
  readyBy: string
}

/** Of these publications, the nearest hour first. What is held may wait for nothing else. */
export async function waitingForApproval(
  db: Db,
  publications: string[],
): Promise<WaitingEdition[]> {
  if (publications.length === 0) return []
  const rows = await db
    .selectFrom('edition')
    .innerJoin('rendering', (join) =>
      join
        .onRef('rendering.editionId', '=', 'edition.id')
        .onRef('rendering.sealedHash', '=', 'edition.sealedHash'),
    )
    .innerJoin('staffUser as sealer', 'sealer.id', 'edition.readyBy')
    .select([
      'edition.id',
      'publication',
      'period',
      'subject',
      'nominalAt',
      'latestStartAt',
      'expectedRecipients as recipients',
      'contentAuthorId',
      'contentWriters',
      'sealer.id as readyById',
      'sealer.name as readyBy',
    ])
    .where('edition.state', 'in', ['ready', 'held'])
    .where('publication', 'in', publications)
    .orderBy('nominalAt')
    .orderBy('edition.id')
    .execute()
  const people = await db
    .selectFrom('staffUser')
    .select(['id', 'name'])
    .where('id', 'in', [0, ...rows.flatMap(contentWriters)])
    .execute()
  const names = new Map(people.map(({ id, name }) => [id, name]))
  return rows.map(({ contentAuthorId, contentWriters: others, ...row }) => ({
    ...row,
    writers: contentWriters({ contentAuthorId, contentWriters: others }).map((id) => ({
      id,
      name: names.get(id) ?? '',
    })),
  }))
}

/** Its author first. */
export function contentWriters({
  contentAuthorId: author,
  contentWriters: others,
}: Pick<Edition, 'contentAuthorId' | 'contentWriters'>): number[] {
  return [...new Set([...(author === null ? [] : [author]), ...others])]
}
