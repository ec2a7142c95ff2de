/** A correction begins as what it corrects, with the sessions of its week as they are now. */
import { readContent } from '../../../content/content.ts'
import { readSessions } from '../../../content/sessions.ts'
import type { Edition } from '../../../editions/editions.ts'
import { requirePublication, type Engine } from '../../../flow/engine.ts'

/** The edition whose content lies before whoever writes this one; undefined when there is none. */
export async function withContent(
  { db }: Engine,
  edition: Edition,
): Promise<{ id: number; contentId: number } | undefined> {
  const { id, contentId, publication, period, revision } = edition
  if (contentId !== null) return { id, contentId }
  if (revision === 0) return undefined
  const row = await db
    .selectFrom('edition')
    .select(['id', 'contentId'])
    .where('publication', '=', publication)
    .where('period', '=', period)
    .where('revision', '<', revision)
    .where('releasedAt', 'is not', null)
    .where('contentId', 'is not', null)
    .orderBy('revision', 'desc')
    .executeTakeFirst()
  return row && { id: row.id, contentId: row.contentId! }
}

export async function correctionBody(
  engine: Engine,
  edition: Edition,
): Promise<Record<string, unknown> | undefined> {
  const corrected = await withContent(engine, edition)
  if (!corrected) return undefined
  const { body } = await readContent(engine.db, corrected)
  const { sessions } = requirePublication(engine, edition.publication)
  if (!sessions) return { ...body }
  const { from, to } = sessions.week(body)
  const now = await readSessions(engine.db, from, to)
  return { ...sessions.write(body, now) }
}
