/** Editions that wait for the approval of a second person, with who may not be that person. */
import type { Db } from '../db/database.ts'

export interface WaitingEdition {
  id: number
  publication: string
  period: string
  subject: string
  nominalAt: Date
  latestStartAt: Date
  recipients: number | null
  authorId: number
  author: string
  readyById: number
  readyBy: string
}

/** Of these publications, the nearest hour first. What is held may wait for nothing else. */
export async function waitingForApproval(
  db: Db,
  publications: string[],
): Promise<WaitingEdition[]> {
  if (publications.length === 0) return []
  return db
    .selectFrom('edition')
    .innerJoin('rendering', (join) =>
      join
        .onRef('rendering.editionId', '=', 'edition.id')
        .onRef('rendering.sealedHash', '=', 'edition.sealedHash'),
    )
    .innerJoin('staffUser as author', 'author.id', 'edition.contentAuthorId')
    .innerJoin('staffUser as sealer', 'sealer.id', 'edition.readyBy')
    .select([
      'edition.id',
      'publication',
      'period',
      'subject',
      'nominalAt',
      'latestStartAt',
      'expectedRecipients as recipients',
      'author.id as authorId',
      'author.name as author',
      'sealer.id as readyById',
      'sealer.name as readyBy',
    ])
    .where('edition.state', 'in', ['ready', 'held'])
    .where('publication', 'in', publications)
    .orderBy('nominalAt')
    .orderBy('edition.id')
    .execute()
}
