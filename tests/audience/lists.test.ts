import { expect, test } from 'vitest'
import {
  addList,
  changeList,
  listsOf,
  listsWithCounts,
  requireLists,
} from '../../src/audience/lists.ts'
import type { Db } from '../../src/db/database.ts'
import { mondayMorning as at } from '../support/app.ts'
import { importText } from '../support/contacts.ts'
import { testDatabase } from '../support/database.ts'

async function twoLists(): Promise<Db> {
  const db = await testDatabase()
  for (const slug of ['consejerias', 'comunidad-iecm'])
    await addList(db, { slug, name: slug, kind: 'internal' }, at)
  return db
}

test('every list that a publication names and the database lacks is told, with how to make it', async () => {
  const db = await twoLists()
  const { lists, faults } = await listsOf(db, { lists: ['partidos', 'consejerias', 'prensa'] })
  expect(lists.map(({ slug }) => slug)).toEqual(['consejerias'])
  expect(faults).toMatchObject([
    { value: '"partidos"', remedy: expect.stringContaining('contacts add-list partidos') },
    { value: '"prensa"', remedy: expect.stringContaining('contacts add-list prensa') },
  ])
})

test('a list that does not exist is refused with the nearest one', async () => {
  const db = await twoLists()
  const found = await requireLists(db, ['comunidad-iecm', 'consejerias'])
  expect(found.map(({ slug }) => slug)).toEqual(['comunidad-iecm', 'consejerias'])
  await expect(requireLists(db, ['comunidad-iec', 'zzz'])).rejects.toMatchObject({
    kind: 'notFound',
    faults: [
      { value: '"comunidad-iec"', remedy: '¿Quiso decir comunidad-iecm?' },
      { value: '"zzz"', remedy: expect.stringContaining('consejerias') },
    ],
  })
})

test('a list is added once, under a slug, and says who writes to its people', async () => {
  const db = await twoLists()
  const add = (slug: string) =>
    addList(db, { slug, name: 'Otra', kind: 'external', sender: 'votochilango' }, at)
  expect(await add('red-de-observacion')).toBe(true)
  expect(await add('red-de-observacion')).toBe(false)
  expect(await add('consejerias')).toBe(false)
  expect(await requireLists(db, ['consejerias', 'red-de-observacion'])).toMatchObject([
    { name: 'consejerias', kind: 'internal', sender: 'dvoe', isOpen: false },
    { name: 'Otra', kind: 'external', sender: 'votochilango', isOpen: false },
  ])
  await expect(add('Red de Observación')).rejects.toMatchObject({ kind: 'invalid' })
})

test('anybody may join an open list, and no internal list is open', async () => {
  const db = await twoLists()
  await addList(db, { slug: 'prensa', name: 'Prensa', kind: 'external' }, at)
  const change = { isOpen: true, description: 'Comunicados' }
  expect(await changeList(db, 'prensa', change)).toMatchObject({ ...change, name: 'Prensa' })
  await expect(changeList(db, 'consejerias', { isOpen: true })).rejects.toThrow('--open')
  await expect(changeList(db, 'prensa', { name: ' ' })).rejects.toThrow('--name: está vacío')
  expect((await listsWithCounts(db)).filter(({ isOpen }) => isOpen)).toMatchObject([
    { slug: 'prensa' },
  ])
})

test('counts of members follow every change, whoever makes it', async () => {
  const db = await twoLists()
  const counts = async () => {
    const rows = await listsWithCounts(db)
    return Object.fromEntries(rows.map(({ slug, active, left }) => [slug, [active, left]]))
  }
  expect(await counts()).toEqual({ consejerias: [0, 0], 'comunidad-iecm': [0, 0] })
  const text = 'correo\nana@iecm.mx\nluis@iecm.mx\neva@iecm.mx\n'
  await importText(db, text, { at, list: 'comunidad-iecm' })
  await db
    .updateTable('listMember')
    .set({ state: 'left', leftAt: at })
    .where('contactId', '=', (query) =>
      query.selectFrom('contact').select('id').where('address', '=', 'ana@iecm.mx'),
    )
    .execute()
  await db.deleteFrom('contact').where('address', '=', 'eva@iecm.mx').execute()
  expect(await counts()).toEqual({ consejerias: [0, 0], 'comunidad-iecm': [1, 1] })
})
