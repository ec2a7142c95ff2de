/** The same mailing twice in two days is rarely meant. */
import { sql } from 'kysely'
import { inMexicoCity } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { Fault } from '../errors.ts'
import type { AudienceDefinition } from '../publication.ts'
import type { Edition } from './editions.ts'

const windowHours = 48

/** By this, a form knows that what it is refused for is asked to be confirmed. */
export const confirmRepeatRemedy = 'Si es lo que quiere, repita con --confirm-repeat'

/** What asks for an explicit confirmation: the same subject or text to a list in common within 48 hours. */
export async function repeatedMailing(
  db: Db,
  edition: Edition,
  audience: AudienceDefinition,
  { subject, plainText }: { subject: string; plainText: string },
): Promise<Fault | undefined> {
  const other = await db
    .selectFrom('edition')
    .innerJoin('rendering', (join) =>
      join
        .onRef('rendering.editionId', '=', 'edition.id')
        .onRef('rendering.sealedHash', '=', 'edition.sealedHash'),
    )
    .select(['edition.id', 'edition.nominalAt', 'rendering.subject'])
    .where('edition.id', '<>', edition.id)
    .where('edition.state', 'in', ['ready', 'approved', 'held', 'sending', 'paused', 'sent'])
    // one list in common is enough: its people would have both
    .where(sql<boolean>`edition.audience -> 'lists' ?| ${audience.lists}::text[]`)
    .where(
      sql<boolean>`abs(extract(epoch FROM edition.nominal_at - ${edition.nominalAt})) <= ${windowHours * 3_600}`,
    )
    .where(({ eb, or }) =>
      or([eb('rendering.subject', '=', subject), eb('rendering.plainText', '=', plainText)]),
    )
    .orderBy('edition.id')
    .executeTakeFirst()
  if (!other) return undefined
  const when = inMexicoCity(other.nominalAt).toFormat("d 'de' LLLL, HH:mm")
  return {
    place: `edición ${edition.id}`,
    message: `parte de su audiencia recibe el mismo asunto o texto en la edición ${other.id} (${when})`,
    value: other.subject,
    remedy: confirmRepeatRemedy,
  }
}
