import { expect, test } from 'vitest'
import { countAudience, listedIn } from '../../src/audience/audience.ts'
import { leaveLists } from '../../src/audience/memberships.ts'
import { suppress, type SuppressionScope } from '../../src/audience/suppressions.ts'
import { addList, requireLists } from '../../src/audience/lists.ts'
import { sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import type { AudienceDefinition } from '../../src/publication.ts'
import type { SuppressionReason } from '../../src/states.ts'
import { mondayMorning as at } from '../support/app.ts'
import { importText, testKeys } from '../support/contacts.ts'
import { testDatabase } from '../support/database.ts'

const both = { lists: ['observacion', 'comunidad-iecm'] }

/** ana in both lists, luis in comunidad-iecm alone, todos@ a group in observacion, which is external. */
async function twoLists(): Promise<Db> {
  const db = await testDatabase()
  await addList(db, { slug: 'comunidad-iecm', name: 'Comunidad', kind: 'internal' }, at)
  await addList(db, { slug: 'observacion', name: 'Observación', kind: 'external' }, at)
  await importText(
    db,
    `correo,nombre,lista,grupo,pais,etiquetas
    ana@iecm.mx,Ana,comunidad-iecm observacion,,US,taller
    luis@iecm.mx,Luis,comunidad-iecm,,CA,taller
    todos@iecm.mx,Todos,observacion,sí,,`.replaceAll(/^ +/gm, ''),
    { at },
  )
  return db
}

async function recipients(db: Db, audience: AudienceDefinition) {
  const { rows } = await sql<{ address: string; isGroup: boolean; excludedBy: string | null }>`
    SELECT address, is_group, excluded_by FROM ${listedIn(audience)} AS listed ORDER BY address`.execute(
    db,
  )
  return rows.map(({ address, isGroup, excludedBy }) => [
    address.replace('@iecm.mx', '') + (isGroup ? ' (grupo)' : ''),
    excludedBy,
  ])
}

const contactId = async (db: Db, name: string): Promise<number> =>
  (
    await db
      .selectFrom('contact')
      .select('id')
      .where('address', '=', `${name}@iecm.mx`)
      .executeTakeFirstOrThrow()
  ).id

async function leave(db: Db, name: string, slug: string): Promise<void> {
  const [list] = await requireLists(db, [slug])
  await leaveLists(db, await contactId(db, name), [list!.id], {
    origin: 'test',
    reason: 'unsubscribed',
    at,
  })
}

const exclude = (db: Db, name: string, scope: SuppressionScope, reason: SuppressionReason) =>
  suppress(db, testKeys, { address: `${name}@iecm.mx`, scope, reason, at })

test('an address in two lists of the audience is one recipient, and a group is one address that is marked', async () => {
  const db = await twoLists()
  expect(await recipients(db, both)).toEqual([
    ['ana', null],
    ['luis', null],
    ['todos (grupo)', null],
  ])
  expect(await countAudience(db, both)).toEqual({ recipients: 3, excluded: {}, left: 0 })
})

test('who left a list receives nothing through it, and still receives through another', async () => {
  const db = await twoLists()
  await leave(db, 'ana', 'comunidad-iecm')
  expect(await recipients(db, { lists: ['comunidad-iecm'] })).toEqual([['luis', null]])
  expect(await countAudience(db, both)).toEqual({ recipients: 3, excluded: {}, left: 0 })
  await leave(db, 'ana', 'observacion')
  expect(await countAudience(db, both)).toEqual({ recipients: 2, excluded: {}, left: 1 })
})

test('who is suppressed is listed with the reason and not mailed', async () => {
  const db = await twoLists()
  await exclude(db, 'luis', 'all', 'bounced')
  expect(await recipients(db, both)).toEqual([
    ['ana', null],
    ['luis', 'bounced'],
    ['todos (grupo)', null],
  ])
  expect(await countAudience(db, both)).toEqual({
    recipients: 2,
    excluded: { bounced: 1 },
    left: 0,
  })
})

test('a suppression of the external lists, or of one list, leaves the others as they are', async () => {
  const db = await twoLists()
  const [, external] = await requireLists(db, ['comunidad-iecm', 'observacion'])
  await exclude(db, 'ana', 'external', 'unsubscribed')
  await exclude(db, 'todos', { list: external!.id }, 'staff')
  expect(await recipients(db, both)).toEqual([
    ['ana', null],
    ['luis', null],
    ['todos (grupo)', 'staff'],
  ])
  expect(await recipients(db, { lists: ['observacion'] })).toEqual([
    ['ana', 'unsubscribed'],
    ['todos (grupo)', 'staff'],
  ])
})

test('a segment is those of its countries with one of its tags', async () => {
  const db = await twoLists()
  expect(await recipients(db, { ...both, tags: ['taller', 'foro'] })).toEqual([
    ['ana', null],
    ['luis', null],
  ])
  expect(await recipients(db, { ...both, tags: ['taller'], countries: ['US', 'MX'] })).toEqual([
    ['ana', null],
  ])
  expect(await countAudience(db, { ...both, countries: ['FR'] })).toEqual({
    recipients: 0,
    excluded: {},
    left: 0,
  })
})

test('a count is that of the recipients one by one, whatever people left, are excluded from, or share', async () => {
  const db = await testDatabase()
  const slugs = ['una', 'dos', 'tres', 'vacia']
  for (const slug of slugs)
    await addList(db, { slug, name: slug, kind: slug === 'dos' ? 'external' : 'internal' }, at)
  await sql`
    INSERT INTO contact (address, country, tags, created_at)
    SELECT 'p' || n || '@example.org', CASE n % 3 WHEN 0 THEN 'US' WHEN 1 THEN 'MX' END,
      CASE n % 5 WHEN 0 THEN '{taller}' ELSE '{}' END::text[], ${at}
    FROM generate_series(1, 240) AS n`.execute(db)
  // each list holds another part of the people, and another part of it has left: every mix of the three is there
  await sql`
    INSERT INTO list_member (list_id, contact_id, origin, since, state, left_at, left_reason)
    SELECT list.id, contact.id, 'test', ${at}, CASE WHEN gone THEN 'left' ELSE 'active' END,
      CASE WHEN gone THEN ${at}::timestamptz END, CASE WHEN gone THEN 'unsubscribed' END
    FROM contact JOIN list ON contact.id % (CASE slug WHEN 'una' THEN 2 WHEN 'dos' THEN 3 ELSE 5 END) > 0
      AND slug <> 'vacia',
      LATERAL (SELECT (contact.id + list.id) % 4 = 0 AS gone) AS of_one`.execute(db)
  const scopes: SuppressionScope[] = ['all', 'external', { list: (await idOf(db, 'tres'))! }]
  for (let n = 1; n <= 240; n += 7) {
    await suppress(db, testKeys, {
      address: `p${n}@example.org`,
      scope: scopes[n % 3]!,
      reason: n % 2 ? 'bounced' : 'staff',
      at,
    })
  }
  const subsets = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15].map((bits) =>
    slugs.filter((_, i) => bits & (1 << i)),
  )
  const segments = [{}, { countries: ['US'] }, { tags: ['taller'], countries: ['US', 'MX'] }]
  for (const lists of [[], ['nadie'], ...subsets]) {
    for (const segment of segments) {
      const audience = { lists, ...segment }
      expect(await countAudience(db, audience), JSON.stringify(audience)).toEqual(
        await countOneByOne(db, audience),
      )
    }
  }
})

const idOf = async (db: Db, slug: string) => (await requireLists(db, [slug]))[0]?.id

/** From whom the view of memberships reaches, person by person. */
async function countOneByOne(db: Db, { lists, countries = [], tags = [] }: AudienceDefinition) {
  const { rows } = await sql<{ id: number; state: string; excludedBy: string | null }>`
    SELECT contact_id AS id, state, excluded_by FROM membership_standing
    WHERE list = ANY (${lists}::text[]) AND (${countries.length === 0} OR country = ANY (${countries}::text[]))
      AND (${tags.length === 0} OR tags && ${tags}::text[])`.execute(db)
  const count = { recipients: 0, excluded: {} as Record<string, number>, left: 0 }
  for (const memberships of Map.groupBy(rows, ({ id }) => id).values()) {
    const active = memberships.filter(({ state }) => state === 'active')
    const [reason] = active
      .map(({ excludedBy }) => excludedBy ?? '')
      .toSorted((a, b) => (a < b ? -1 : 1))
    if (active.length === 0) count.left += 1
    else if (active.some(({ excludedBy }) => excludedBy === null)) count.recipients += 1
    else count.excluded[reason!] = (count.excluded[reason!] ?? 0) + 1
  }
  return count
}
