/** Lists: whom we may mail, by kind. Internal lists are of officials; external ones are of citizens, who may leave. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { Problem, nearest, shown, type Fault } from '../errors.ts'
import type { AudienceDefinition } from '../publication.ts'
import { senderSlugs, type SenderSlug } from '../settings.ts'

export const listKinds = ['internal', 'external'] as const
export type ListKind = (typeof listKinds)[number]

/** As staff read them. */
export const listKindNames: Record<ListKind, string> = { internal: 'interna', external: 'externa' }

export interface List {
  id: number
  slug: string
  name: string
  kind: ListKind
  /** For whoever thinks of joining it. */
  description: string
  /** The account that writes to its people about their subscription. */
  sender: SenderSlug
  /** Anybody may join it by the public page; external lists alone. */
  isOpen: boolean
}

export type NewList = Pick<List, 'slug' | 'name' | 'kind'> & Partial<Omit<List, 'id'>>

const columns = ['id', 'slug', 'name', 'kind', 'description', 'sender', 'isOpen'] as const

export async function allLists(db: Db): Promise<List[]> {
  return (await db.selectFrom('list').select(columns).orderBy('slug').execute()) as List[]
}

/** Every list with its members, from counts that the database keeps: a million costs what ten do. */
export async function listsWithCounts(
  db: Db,
): Promise<(List & { active: number; left: number })[]> {
  const { rows } = await sql<List & { active: number; left: number }>`
    SELECT ${sql.join(columns.map((column) => sql.ref(`list.${column}`)))},
      coalesce(sum(members) FILTER (WHERE state = 'active'), 0)::bigint AS active,
      coalesce(sum(members) FILTER (WHERE state = 'left'), 0)::bigint AS "left"
    FROM list LEFT JOIN list_tally ON list_id = list.id
    GROUP BY list.id ORDER BY list.slug`.execute(db)
  return rows
}

/** False when the slug is taken. */
export async function addList(db: Db, list: NewList, at: Date): Promise<boolean> {
  const faults = listFaults(list)
  if (faults.length > 0) throw new Problem('invalid', faults)
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('list')
    .values({ ...list, createdAt: at })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirst()
  return Number(numInsertedOrUpdatedRows) === 1
}

/** What staff may change of a list. Its kind stays: consent was given to the list that it was. */
export async function changeList(
  db: Db,
  slug: string,
  change: Partial<Pick<List, 'name' | 'description' | 'sender' | 'isOpen'>>,
): Promise<List> {
  const [list] = await requireLists(db, [slug])
  const changed = { ...list!, ...change }
  const faults = listFaults(changed)
  if (faults.length > 0) throw new Problem('invalid', faults)
  if (Object.keys(change).length > 0)
    await db.updateTable('list').set(change).where('id', '=', list!.id).execute()
  return changed
}

function listFaults(list: NewList): Fault[] {
  const faults: Fault[] = []
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(list.slug)) {
    faults.push({
      place: 'SLUG',
      message: 'no es una clave de lista',
      value: shown(list.slug),
      remedy: 'Use minúsculas, dígitos y guiones, por ejemplo comunidad-iecm',
    })
  }
  if (list.name.trim() === '') {
    faults.push({
      place: '--name',
      message: 'está vacío',
      remedy: 'Escriba el nombre con que la conocen las personas',
    })
  }
  if (list.sender !== undefined && !senderSlugs.includes(list.sender)) {
    faults.push({
      place: '--sender',
      message: 'no es una cuenta',
      value: shown(list.sender),
      remedy: `Use una de: ${senderSlugs.join(', ')}`,
    })
  }
  if (list.isOpen && list.kind !== 'external') {
    faults.push({
      place: '--open',
      message: 'es de las listas externas: a una interna no se suscribe cualquiera',
      value: shown(list.slug),
      remedy: 'Quite la opción',
    })
  }
  return faults
}

/** In the order given. Throws a Problem that names the closest slug when a list does not exist. */
export async function requireLists(db: Db, slugs: string[]): Promise<List[]> {
  const known = await allLists(db)
  const found = slugs.map((slug) => known.find((list) => list.slug === slug))
  const faults = slugs
    .filter((_, i) => found[i] === undefined)
    .map((slug): Fault => {
      const names = known.map((list) => list.slug)
      const guess = nearest(slug, names)
      return {
        place: 'lista',
        message: 'no existe',
        value: shown(slug),
        remedy: guess ? `¿Quiso decir ${guess}?` : `Hay: ${names.join(', ') || 'ninguna'}`,
      }
    })
  if (faults.length > 0) throw new Problem('notFound', faults)
  return found as List[]
}

/** The lists of an audience; those that the database does not have are faults. */
export async function listsOf(
  db: Db,
  audience: AudienceDefinition,
): Promise<{ lists: List[]; faults: Fault[] }> {
  const known = await allLists(db)
  const lists = known.filter((list) => audience.lists.includes(list.slug))
  const faults = audience.lists
    .filter((slug) => !lists.some((list) => list.slug === slug))
    .map((slug) => ({
      place: 'audiencia',
      message: 'la lista no existe',
      value: shown(slug),
      remedy: `Créela: \`pregonero contacts add-list ${slug} --name NOMBRE --kind internal\``,
    }))
  return { lists, faults }
}
