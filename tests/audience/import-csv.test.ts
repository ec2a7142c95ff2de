import { expect, test } from 'vitest'
import { addList } from '../../src/audience/audience.ts'
import { importCsv, type ImportResult } from '../../src/audience/import-csv.ts'
import type { Db } from '../../src/db/database.ts'
import type { Fault, Problem } from '../../src/errors.ts'
import { mondayMorning as at } from '../support/app.ts'
import { testDatabase } from '../support/database.ts'

const header = 'correo,nombre,lista\n'

async function databaseWithLists(): Promise<Db> {
  const db = await testDatabase()
  for (const slug of ['comunidad-iecm', 'consejerias']) {
    await addList(db, { slug, name: slug, kind: 'internal' }, at)
  }
  return db
}

const load = (db: Db, text: string, list?: string): Promise<ImportResult> =>
  importCsv(db, text, { origin: 'personal.csv', at, ...(list !== undefined && { list }) })

/** Why it was refused, after making sure that nothing was written. */
async function refused(text: string, list?: string): Promise<Fault[]> {
  const db = await databaseWithLists()
  const error = await load(db, text, list).then(
    () => undefined,
    (thrown: unknown) => thrown as Problem,
  )
  expect(error).toMatchObject({ name: 'Problem' })
  expect(await members(db)).toEqual([])
  expect(await db.selectFrom('contact').select('address').execute()).toEqual([])
  return error!.faults
}

const members = (db: Db) =>
  db
    .selectFrom('listMember')
    .innerJoin('list', 'list.id', 'listMember.listId')
    .innerJoin('contact', 'contact.id', 'listMember.contactId')
    .select(['list.slug', 'contact.address', 'contact.name', 'listMember.state'])
    .orderBy('contact.address')
    .orderBy('list.slug')
    .execute()

test('each row becomes a contact in its lists, and a second import of the file changes nothing', async () => {
  const db = await databaseWithLists()
  const text =
    header +
    'Ana@IECM.mx,"Ruiz,  Ana",comunidad-iecm\n' +
    'luis@iecm.mx,Luis Paz,comunidad-iecm | consejerias\n'
  expect(await load(db, text)).toEqual({ rows: 2, newContacts: 2, newMembers: 3, repeated: 0 })
  const expected = [
    { slug: 'comunidad-iecm', address: 'ana@iecm.mx', name: 'Ruiz, Ana', state: 'active' },
    { slug: 'comunidad-iecm', address: 'luis@iecm.mx', name: 'Luis Paz', state: 'active' },
    { slug: 'consejerias', address: 'luis@iecm.mx', name: 'Luis Paz', state: 'active' },
  ]
  expect(await members(db)).toEqual(expected)
  expect(await load(db, text)).toEqual({ rows: 2, newContacts: 0, newMembers: 0, repeated: 0 })
  expect(await members(db)).toEqual(expected)
})

test('what Excel saves is read: a byte order mark, semicolons, headings in capitals, CRLF', async () => {
  const db = await databaseWithLists()
  const text =
    '\ufeff"Correo Electrónico";NOMBRE;Grupo\r\ntodo.personal@iecm.mx;Todo el personal;Sí\r\n'
  expect(await load(db, text, 'comunidad-iecm')).toMatchObject({ newContacts: 1, newMembers: 1 })
  const contacts = await db.selectFrom('contact').select(['address', 'name', 'isGroup']).execute()
  expect(contacts).toEqual([
    { address: 'todo.personal@iecm.mx', name: 'Todo el personal', isGroup: true },
  ])
})

test('in a file with semicolons a comma is part of the name', async () => {
  const db = await databaseWithLists()
  await load(db, 'correo;nombre;lista\nana@iecm.mx;Ruiz, Ana;comunidad-iecm\n')
  expect(await members(db)).toMatchObject([{ name: 'Ruiz, Ana', slug: 'comunidad-iecm' }])
})

test('the same person twice in a file is one member, and is counted as repeated', async () => {
  const db = await databaseWithLists()
  const text = `${header}ana@iecm.mx,Ana,comunidad-iecm\nANA@iecm.mx,Ana,comunidad-iecm\nana@iecm.mx,Ana,consejerias\n`
  expect(await load(db, text)).toEqual({ rows: 3, newContacts: 1, newMembers: 2, repeated: 1 })
})

test('a person who left is not brought back by an import', async () => {
  const db = await databaseWithLists()
  const text = 'correo\nana@iecm.mx\nluis@iecm.mx\n'
  await load(db, text, 'comunidad-iecm')
  await db
    .updateTable('listMember')
    .set({ state: 'left' })
    .where('contactId', 'in', (query) =>
      query.selectFrom('contact').select('id').where('address', '=', 'ana@iecm.mx'),
    )
    .execute()
  expect(await load(db, text, 'comunidad-iecm')).toMatchObject({ newContacts: 0, newMembers: 0 })
  expect(await members(db)).toMatchObject([
    { address: 'ana@iecm.mx', state: 'left' },
    { address: 'luis@iecm.mx', state: 'active' },
  ])
})

test('one bad row among good ones stops the whole file, and every bad row is named', async () => {
  const good = Array.from({ length: 50 }, (_, i) => `p${i}@iecm.mx,P,comunidad-iecm\n`).join('')
  const faults = await refused(
    `${header}ana.iecm.mx,Ana,comunidad-iecm\n${good}luis@iecm.mx,Luis,\n`,
  )
  expect(faults).toMatchObject([
    { place: 'personal.csv, fila 2, correo', value: '"ana.iecm.mx"' },
    { place: 'personal.csv, fila 53, lista', message: 'está vacía' },
  ])
})

test('the row that is named is the row of the spreadsheet, also after an empty one', async () => {
  const faults = await refused(
    `${header}ana@iecm.mx,Ana,comunidad-iecm\n\nluis,Luis,comunidad-iecm\n`,
  )
  expect(faults).toMatchObject([{ place: 'personal.csv, fila 4, correo', value: '"luis"' }])
})

test('an address with a line end inside its quotes is refused: it could carry a header', async () => {
  const faults = await refused(`${header}"ana@iecm.mx\r\nBcc: todos@iecm.mx",Ana,comunidad-iecm\n`)
  expect(faults).toMatchObject([
    {
      message: expect.stringContaining('salto de línea'),
      value: expect.stringContaining('\\r\\n'),
    },
  ])
})

test.each([
  ['broken quotes', `${header}"ana@iecm.mx,Ana,comunidad-iecm\n`, 'comillas'],
  ['no column of addresses', 'persona,lista\nAna,comunidad-iecm\n', 'correo, nombre, lista'],
  ['no column of lists and no --list', 'correo,nombre\nana@iecm.mx,Ana\n', '--list'],
  ['no rows', header, 'una fila por persona'],
  ['nothing in it', '', 'correo, nombre, lista'],
  [
    'a list that is nearly there',
    `${header}ana@iecm.mx,A,comunidad-iec\n`,
    '¿Quiso decir comunidad-iecm?',
  ],
  [
    'names that were not saved as UTF-8',
    `${header}ana@iecm.mx,Mar\ufffda,comunidad-iecm\n`,
    'UTF-8',
  ],
  ['a NUL in a name', `${header}ana@iecm.mx,A\u0000na,comunidad-iecm\n`, ''],
])(
  'a file with %s is refused with what to do, and nothing is written',
  async (_what, text, remedy) => {
    const faults = await refused(text)
    expect(faults).toHaveLength(1)
    expect(faults[0]!.remedy).toContain(remedy)
  },
)
