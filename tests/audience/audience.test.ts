import { expect, test } from 'vitest'
import {
  addList,
  audienceFaults,
  countRecipients,
  recipientsOfLists,
  requireLists,
} from '../../src/audience/audience.ts'
import { importCsv } from '../../src/audience/import-csv.ts'
import type { Db } from '../../src/db/database.ts'
import { mondayMorning as at } from '../support/app.ts'
import { testDatabase } from '../support/database.ts'

const both = { lists: ['consejerias', 'comunidad-iecm'] }

/** ana in both lists, luis in comunidad-iecm alone, todos@ a group in consejerias. */
async function twoLists(): Promise<Db> {
  const db = await testDatabase()
  for (const slug of both.lists) await addList(db, { slug, name: slug, kind: 'internal' }, at)
  await importCsv(
    db,
    `correo,nombre,lista,grupo
    ana@iecm.mx,Ana,comunidad-iecm consejerias,
    luis@iecm.mx,Luis,comunidad-iecm,
    todos@iecm.mx,Todos,consejerias,sí`.replaceAll(/^ +/gm, ''),
    { origin: 'test', at },
  )
  return db
}

const recipients = (db: Db, lists: string[]) =>
  recipientsOfLists(db, { lists }).orderBy('contact.address').execute()

test('an address in two lists of the audience is one recipient', async () => {
  const db = await twoLists()
  expect(await recipients(db, both.lists)).toMatchObject([
    { address: 'ana@iecm.mx', name: 'Ana', isGroup: false },
    { address: 'luis@iecm.mx', name: 'Luis', isGroup: false },
    { address: 'todos@iecm.mx', name: 'Todos', isGroup: true },
  ])
  expect(await countRecipients(db, both)).toBe(3)
  expect(await countRecipients(db, { lists: ['consejerias'] })).toBe(2)
})

test('who left a list receives nothing through it, and still receives through another', async () => {
  const db = await twoLists()
  const left = (slug: string) =>
    db
      .updateTable('listMember')
      .set({ state: 'left' })
      .where('listId', '=', (query) =>
        query.selectFrom('list').select('id').where('slug', '=', slug),
      )
      .where('contactId', '=', (query) =>
        query.selectFrom('contact').select('id').where('address', '=', 'ana@iecm.mx'),
      )
      .execute()
  await left('comunidad-iecm')
  expect(await recipients(db, ['comunidad-iecm'])).toMatchObject([{ address: 'luis@iecm.mx' }])
  expect(await countRecipients(db, both)).toBe(3)
  await left('consejerias')
  expect(await countRecipients(db, both)).toBe(2)
})

test('every list that a publication names and the database lacks is told, with how to make it', async () => {
  const db = await twoLists()
  expect(await audienceFaults(db, both)).toEqual([])
  expect(await audienceFaults(db, { lists: ['partidos', 'consejerias', 'prensa'] })).toMatchObject([
    { value: '"partidos"', remedy: expect.stringContaining('contacts add-list partidos') },
    { value: '"prensa"', remedy: expect.stringContaining('contacts add-list prensa') },
  ])
})

test('a list that does not exist is refused with the nearest one', async () => {
  const db = await twoLists()
  await requireLists(db, both.lists)
  await expect(requireLists(db, ['comunidad-iec', 'zzz'])).rejects.toMatchObject({
    kind: 'notFound',
    faults: [
      { value: '"comunidad-iec"', remedy: '¿Quiso decir comunidad-iecm?' },
      { value: '"zzz"', remedy: expect.stringContaining('consejerias') },
    ],
  })
})

test('a list is added once, under a slug', async () => {
  const db = await twoLists()
  const add = (slug: string) => addList(db, { slug, name: 'Otra', kind: 'external' }, at)
  expect(await add('red-de-observacion')).toBe(true)
  expect(await add('red-de-observacion')).toBe(false)
  expect(await add('consejerias')).toBe(false)
  const { name } = await db
    .selectFrom('list')
    .select('name')
    .where('slug', '=', 'consejerias')
    .executeTakeFirstOrThrow()
  expect(name).toBe('consejerias')
  await expect(add('Red de Observación')).rejects.toMatchObject({ kind: 'invalid' })
})
