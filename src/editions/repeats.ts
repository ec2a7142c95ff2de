/** The same mailing twice in two days is rarely meant. */
import { sql } from 'kysely'
import { inMexicoCity } from '../clock.ts'
import type { Db } from '../db/database.ts'
import type { Fault } from '../errors.ts'
import type { AudienceDefinition } from '../publication.ts'
import type { Edition } from './editions.ts'

const windowHours = 48
const maxNamed = 5

/** `repeats`: which editions, so that a person confirms those that they read of and no others. */
export interface Repeat extends Fault {
  repeats: string
}

/** Of a refusal, what it asks to be confirmed. */
export const repeatIn = (faults: Fault[]): Repeat | undefined =>
  faults.find((fault): fault is Repeat => 'repeats' in fault)

/** What asks for an explicit confirmation: the same subject or text to a list in common within 48 hours. */
export async function repeatedMailing(
  db: Db,
  edition: Edition,
  audience: AudienceDefinition,
  { subject, plainText }: { subject: string; plainText: string },
): Promise<Repeat | undefined> {
  const others = await db
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
    .execute()
  const [first] = others
  if (!first) return undefined
  const named = others
    .slice(0, maxNamed)
    .map(({ id, nominalAt }) => `${id} (${inMexicoCity(nominalAt).toFormat("d 'de' LLLL, HH:mm")})`)
  const rest = others.length > maxNamed ? ` y ${others.length - maxNamed} más` : ''
  const which = others.length === 1 ? 'la edición' : 'las ediciones'
  return {
    place: `edición ${edition.id}`,
    message: `parte de su audiencia recibe el mismo asunto o texto en ${which} ${named.join(', ')}${rest}`,
    value: first.subject,
    remedy: 'Si es lo que quiere, repita con --confirm-repeat',
    repeats: others.map(({ id }) => id).join(','),
  }
}
