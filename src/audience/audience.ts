/** Who receives an edition: active members of its lists, each address once. */
import type { SelectQueryBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import type { DB } from '../db/schema.ts'
import { Problem, nearest, shown, type Fault } from '../errors.ts'
import type { AudienceDefinition } from '../publication.ts'

/** A recipient as a query, so that a snapshot of a million is one statement of the database. */
export type RecipientQuery = SelectQueryBuilder<
  DB,
  'contact',
  { contactId: number; address: string; name: string; isGroup: boolean }
>

export function recipientsOfLists(db: Db, audience: AudienceDefinition): RecipientQuery {
  return db
    .selectFrom('contact')
    .select(['contact.id as contactId', 'contact.address', 'contact.name', 'contact.isGroup'])
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('listMember')
          .innerJoin('list', 'list.id', 'listMember.listId')
          .select('listMember.contactId')
          .whereRef('listMember.contactId', '=', 'contact.id')
          .where('listMember.state', '=', 'active')
          .where('list.slug', 'in', audience.lists),
      ),
    )
}

export async function countRecipients(db: Db, audience: AudienceDefinition): Promise<number> {
  const row = await db
    .selectFrom(recipientsOfLists(db, audience).as('recipient'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

/** Lists that a publication names and the database does not have. */
export async function audienceFaults(db: Db, audience: AudienceDefinition): Promise<Fault[]> {
  const rows = await db.selectFrom('list').select('slug').execute()
  const known = new Set(rows.map((row) => row.slug))
  return audience.lists
    .filter((slug) => !known.has(slug))
    .map((slug) => ({
      place: 'audiencia',
      message: 'la lista no existe',
      value: shown(slug),
      remedy: `Créela: \`pregonero contacts add-list ${slug} --name NOMBRE --kind internal\``,
    }))
}

/** Those of the audience's lists that are of citizens. */
export async function externalLists(db: Db, audience: AudienceDefinition): Promise<string[]> {
  const rows = await db
    .selectFrom('list')
    .select('slug')
    .where('kind', '=', 'external')
    .where('slug', 'in', audience.lists)
    .orderBy('slug')
    .execute()
  return rows.map((row) => row.slug)
}

export async function addList(
  db: Db,
  list: { slug: string; name: string; kind: 'internal' | 'external' },
  at: Date,
): Promise<boolean> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(list.slug)) {
    throw new Problem('invalid', {
      place: 'SLUG',
      message: 'no es una clave de lista',
      value: shown(list.slug),
      remedy: 'Use minúsculas, dígitos y guiones, por ejemplo comunidad-iecm',
    })
  }
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('list')
    .values({ ...list, createdAt: at })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirst()
  return Number(numInsertedOrUpdatedRows) === 1
}

/** Throws a Problem that names the closest slug when a list does not exist. */
export async function requireLists(db: Db, slugs: string[]): Promise<void> {
  const rows = await db.selectFrom('list').select('slug').execute()
  const known = rows.map((row) => row.slug)
  const faults = slugs
    .filter((slug) => !known.includes(slug))
    .map((slug): Fault => {
      const guess = nearest(slug, known)
      return {
        place: 'lista',
        message: 'no existe',
        value: shown(slug),
        remedy: guess ? `¿Quiso decir ${guess}?` : `Hay: ${known.join(', ') || 'ninguna'}`,
      }
    })
  if (faults.length > 0) throw new Problem('notFound', faults)
}
