/** Imports of contacts, from the file to the lists and back. */
import { expect, test } from 'vitest'
import { fileOf } from '../../src/audience/import-file/file.ts'
import { keptReview } from '../../src/audience/import-kept.ts'
import { findImport, listImports } from '../../src/audience/import-record.ts'
import { reportHead, reportLines } from '../../src/audience/import-report.ts'
import { purgeStaged } from '../../src/audience/imports.ts'
import { batchRows } from '../../src/audience/import-staging.ts'
import { forgetContact } from '../../src/audience/person.ts'
import { suppress } from '../../src/audience/suppressions.ts'
import { inTransaction } from '../../src/db/database.ts'
import { Problem, type Fault } from '../../src/errors.ts'
import { sql } from 'kysely'
import {
  confirmContacts,
  discardContacts,
  importContacts,
  reportContacts,
  reviewContacts,
  stageContacts,
  undoContacts,
  type ImportOptions,
} from '../../src/flow/import-contacts.ts'
import { release } from '../../src/flow/release.ts'
import { addressHashes } from '../../src/keys.ts'
import { addTestUser, boletin, fridayAt15, testApp, type TestApp } from '../support/app.ts'

const consent = {
  origin: 'Formulario de registro',
  consentedOn: '2026-10-05',
  noticeVersion: '2026-01',
}

const empty = () => testApp({ recipients: 0 })

const stage = (app: TestApp, text: string, options: ImportOptions = {}) =>
  stageContacts(app.engine, app.ana, fileOf(text, 'personal.csv'), options)

async function load(app: TestApp, text: string, options: ImportOptions = {}) {
  const { import: staged } = await stage(app, text, options)
  return confirmContacts(app.engine, app.ana, staged.id)
}

async function faultsOf(work: () => Promise<unknown>): Promise<Fault[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Problem) return error.faults
    throw error
  }
  throw new Error('It was not refused')
}

const contacts = ({ db }: TestApp) =>
  db
    .selectFrom('contact')
    .select(['address', 'name', 'country', 'tags', 'isGroup'])
    .orderBy('address')
    .execute()

/** `consejerias ana@iecm.mx active` */
async function members({ db }: TestApp): Promise<string[]> {
  const rows = await db
    .selectFrom('listMember')
    .innerJoin('list', 'list.id', 'listMember.listId')
    .innerJoin('contact', 'contact.id', 'listMember.contactId')
    .select(['slug', 'address', 'state'])
    .orderBy('slug')
    .orderBy('address')
    .execute()
  return rows.map(({ slug, address, state }) => `${slug} ${address} ${state}`)
}

async function leave({ db, clock }: TestApp, address: string, slug: string): Promise<void> {
  await db
    .updateTable('listMember')
    .set({ state: 'left', leftAt: clock.now(), leftReason: 'unsubscribed' })
    .where('listId', '=', (query) => query.selectFrom('list').select('id').where('slug', '=', slug))
    .where('contactId', '=', (query) =>
      query.selectFrom('contact').select('id').where('address', '=', address),
    )
    .execute()
}

const listId = async ({ db }: TestApp, slug: string): Promise<number> =>
  (await db.selectFrom('list').select('id').where('slug', '=', slug).executeTakeFirstOrThrow()).id

async function reportOf(app: TestApp, importId: number): Promise<string> {
  let report = reportHead()
  await reportContacts(app.engine, app.ana, importId, async (remarks) => {
    report += reportLines(remarks)
  })
  return report
}

const header = 'correo,nombre,lista\n'

test('a dry run says what it would do and touches no contact; confirming does just that', async () => {
  const app = await empty()
  const text = `${header}Ana@IECM.mx,"Ruiz,  Ana",comunidad-iecm\nluis@iecm.mx,Luis Paz,comunidad-iecm | consejerias\n`
  const review = await stage(app, text)
  expect(review.summary).toMatchObject({ rows: 2, invalid: 0, newContacts: 2, newMembers: 3 })
  expect(review.summary.lists).toEqual([
    { slug: 'comunidad-iecm', kind: 'internal', newMembers: 2 },
    { slug: 'consejerias', kind: 'internal', newMembers: 1 },
  ])
  expect(await contacts(app)).toEqual([])
  const done = await confirmContacts(app.engine, app.ana, review.import.id)
  expect(done).toMatchObject({ state: 'confirmed', summary: { newContacts: 2, newMembers: 3 } })
  expect(await contacts(app)).toMatchObject([
    { address: 'ana@iecm.mx', name: 'Ruiz, Ana' },
    { address: 'luis@iecm.mx', name: 'Luis Paz' },
  ])
  expect(await members(app)).toEqual([
    'comunidad-iecm ana@iecm.mx active',
    'comunidad-iecm luis@iecm.mx active',
    'consejerias luis@iecm.mx active',
  ])
})

test('a second import of the same file changes nothing', async () => {
  const app = await empty()
  const text = `${header}ana@iecm.mx,Ana,comunidad-iecm\n`
  await load(app, text)
  const { summary } = await load(app, text)
  expect(summary).toMatchObject({ newContacts: 0, newMembers: 0, alreadyMembers: 1 })
  expect(await members(app)).toEqual(['comunidad-iecm ana@iecm.mx active'])
})

test('each membership remembers its origin, its consent and its import, and so does its history', async () => {
  const app = await empty()
  const { id } = await load(app, 'correo,país\nana@iecm.mx,Francia\n', {
    list: 'red-observacion',
    consent: { ...consent, evidence: 'Carpeta 12' },
  })
  const [member] = await app.db.selectFrom('listMember').selectAll().execute()
  expect(member).toMatchObject({
    origin: 'Formulario de registro',
    consentedOn: '2026-10-05',
    noticeVersion: '2026-01',
    evidence: 'Carpeta 12',
    importId: id,
    since: app.clock.now(),
  })
  const [event] = await app.db.selectFrom('membershipEvent').selectAll().execute()
  expect(event).toMatchObject({
    act: 'joined',
    origin: `importación ${id}: Formulario de registro`,
    noticeVersion: '2026-01',
  })
})

test('the same person twice is one contact: the first row counts, lists and tags are united', async () => {
  const app = await empty()
  const text = `correo;nombre;lista;etiquetas\nana@iecm.mx;;comunidad-iecm;prensa\nANA@iecm.mx;Ana;consejerias;radio\nana@iecm.mx;Otra;comunidad-iecm;prensa\n`
  const { summary, remarks } = await stage(app, text)
  expect(summary).toMatchObject({ rows: 3, duplicates: 2, newContacts: 1, newMembers: 2 })
  expect(remarks).toMatchObject([
    {
      class: 'duplicates',
      fila: 3,
      valor: 'ana@iecm.mx',
      motivo: 'está repetida: se usa la fila 2',
    },
    { class: 'duplicates', fila: 4 },
  ])
  await load(app, text)
  expect(await contacts(app)).toMatchObject([{ name: 'Ana', tags: ['prensa', 'radio'] }])
  expect(await members(app)).toHaveLength(2)
})

test('a contact that is there keeps what it has, and gets what it lacks', async () => {
  const app = await empty()
  const text = (line: string) => `correo;nombre;país;etiquetas\n${line}\n`
  await load(app, text('ana@iecm.mx;Ana;;prensa'), { list: 'comunidad-iecm' })
  const { summary } = await load(app, text('ana@iecm.mx;Anita;México;radio'), {
    list: 'consejerias',
  })
  expect(summary).toMatchObject({ newContacts: 0, newMembers: 1, completedContacts: 1 })
  expect(await contacts(app)).toMatchObject([
    { address: 'ana@iecm.mx', name: 'Ana', country: 'MX', tags: ['prensa', 'radio'] },
  ])
})

test('an international address and its twin in ASCII are one person', async () => {
  const app = await empty()
  const text = 'correo\nana@ñandú.mx\nana@xn--and-6ma2c.mx\n'
  const { summary, remarks } = await stage(app, text, { list: 'comunidad-iecm' })
  expect(summary).toMatchObject({ duplicates: 1, newContacts: 1 })
  expect(remarks[0]!.valor).toBe('ana@ñandú.mx')
})

test('a group is imported as one', async () => {
  const app = await empty()
  await load(app, 'correo;grupo\ntodos@iecm.mx;Sí\n', { list: 'comunidad-iecm' })
  expect(await contacts(app)).toMatchObject([{ address: 'todos@iecm.mx', isGroup: true }])
})

test('an address that is known as a person’s becomes a group’s when a file says so, in any of its rows', async () => {
  const app = await empty()
  const list = { list: 'comunidad-iecm' }
  await load(app, 'correo\ntodos@iecm.mx\n', list)
  const again = 'correo;grupo\ntodos@iecm.mx;\ntodos@iecm.mx;sí\n'
  expect((await load(app, again, list)).summary.completedContacts).toBe(1)
  expect(await contacts(app)).toMatchObject([{ address: 'todos@iecm.mx', isGroup: true }])
  const plain = 'correo;grupo\ntodos@iecm.mx;no\n'
  expect((await load(app, plain, list)).summary.completedContacts).toBe(0)
  expect(await contacts(app)).toMatchObject([{ isGroup: true }])
})

test('a heading with characters that cannot be kept does not end the import', async () => {
  const app = await empty()
  await load(app, 'cor\u0000reo,\u001b[31mNotas\nana@iecm.mx,x\n', { list: 'comunidad-iecm' })
  expect(await members(app)).toEqual(['comunidad-iecm ana@iecm.mx active'])
})

// who is not written to

test('a person who left a list is never subscribed to it again, and is told of', async () => {
  const app = await empty()
  const text = 'correo\nana@iecm.mx\nluis@iecm.mx\n'
  await load(app, text, { list: 'comunidad-iecm' })
  await leave(app, 'ana@iecm.mx', 'comunidad-iecm')
  const { summary, remarks } = await stage(app, text, { list: 'comunidad-iecm' })
  expect(summary).toMatchObject({ left: 1, newMembers: 0, alreadyMembers: 1 })
  expect(remarks).toMatchObject([
    {
      class: 'left',
      fila: 2,
      motivo: 'se dio de baja de comunidad-iecm: no se vuelve a suscribir',
    },
  ])
  await load(app, text, { list: 'comunidad-iecm' })
  expect(await members(app)).toEqual([
    'comunidad-iecm ana@iecm.mx left',
    'comunidad-iecm luis@iecm.mx active',
  ])
})

test('when a person leaves after the review it is refused once, reviewed anew, and the person stays out', async () => {
  const app = await empty()
  await load(app, 'correo\nana@iecm.mx\n', { list: 'comunidad-iecm' })
  const text = 'correo\nana@iecm.mx\neva@iecm.mx\n'
  const first = await stage(app, text, { list: 'comunidad-iecm' })
  const { id } = first.import
  await leave(app, 'ana@iecm.mx', 'comunidad-iecm')
  app.clock.moveTo(new Date(app.clock.now().getTime() + 3_600_000))
  const review = () => reviewContacts(app.engine, app.ana, id)
  // what was shown is shown, and says since when
  expect(await review()).toMatchObject({
    summary: { alreadyMembers: 1, left: 0 },
    weighedAt: first.weighedAt,
    outcomeHash: first.outcomeHash,
  })
  const faults = await faultsOf(() => confirmContacts(app.engine, app.ana, id))
  expect(faults).toMatchObject([{ message: expect.stringContaining('algo distinto') }])
  expect(await members(app)).toEqual(['comunidad-iecm ana@iecm.mx left'])
  const again = await review()
  expect(again).toMatchObject({
    summary: { alreadyMembers: 0, left: 1, newMembers: 1 },
    remarks: [{ class: 'left', valor: 'ana@iecm.mx' }],
    weighedAt: app.clock.now(),
  })
  // who saw the first one, in another window, does not accept the second
  await expect(
    confirmContacts(app.engine, app.ana, id, { seen: first.outcomeHash }),
  ).rejects.toThrow('algo distinto')
  await confirmContacts(app.engine, app.ana, id, { seen: again.outcomeHash })
  expect(await members(app)).toEqual([
    'comunidad-iecm ana@iecm.mx left',
    'comunidad-iecm eva@iecm.mx active',
  ])
})

test('one who leaves and one who joins are as many as before, and not what was reviewed', async () => {
  const app = await empty()
  await load(app, `${header}ana@iecm.mx,Ana,comunidad-iecm\neva@iecm.mx,Eva,consejerias\n`)
  const both = 'correo\nana@iecm.mx\neva@iecm.mx\n'
  const first = await stage(app, both, { list: 'comunidad-iecm' })
  await load(app, 'correo\neva@iecm.mx\n', { list: 'comunidad-iecm' })
  await sql`DELETE FROM list_member USING contact
    WHERE contact.id = contact_id AND address = 'ana@iecm.mx'`.execute(app.db)
  const again = await stage(app, both, { list: 'comunidad-iecm' })
  expect(again.summary).toEqual(first.summary)
  await expect(confirmContacts(app.engine, app.ana, first.import.id)).rejects.toThrow(
    'algo distinto',
  )
})

test('an erased person, known by a hash alone and under an older key too, is refused whole', async () => {
  const [current, older] = ['a'.repeat(40), 'b'.repeat(40)]
  const app = await testApp({
    recipients: 0,
    env: { SECRET_KEY: current, SECRET_KEY_PREVIOUS: older },
  })
  const at = app.clock.now()
  for (const [i, address] of ['ana@iecm.mx', 'luis@iecm.mx'].entries()) {
    await app.db
      .insertInto('suppression')
      .values({
        addressHash: addressHashes(app.engine.keys, address)[i]!,
        keyId: app.engine.keys[i]!.id,
        address: null,
        scope: 'external',
        reason: 'erased',
        at,
      })
      .execute()
  }
  const text = 'correo\nANA@iecm.mx\nluis@iecm.mx\neva@iecm.mx\n'
  const { summary } = await load(app, text, { list: 'comunidad-iecm' })
  expect(summary).toMatchObject({ suppressed: 2, newContacts: 1, newMembers: 1 })
  expect(await members(app)).toEqual(['comunidad-iecm eva@iecm.mx active'])
})

test('who asked for their data to be cancelled is left as they are', async () => {
  const app = await empty()
  await load(app, 'correo\nana@iecm.mx\n', { list: 'comunidad-iecm' })
  const at = app.clock.now()
  await app.db.updateTable('contact').set({ blockedAt: at, eraseAfter: at }).execute()
  const text = 'correo;nombre\nana@iecm.mx;Ana\n'
  const { summary } = await load(app, text, { list: 'consejerias' })
  expect(summary).toMatchObject({ suppressed: 1, newMembers: 0, completedContacts: 0 })
  expect(await contacts(app)).toMatchObject([{ name: '' }])
})

test('a suppressed address stays out of the lists that its suppression is about, and of no others', async () => {
  const app = await empty()
  const { keys } = app.engine
  const at = app.clock.now()
  const addresses = ['all', 'external', 'list', 'none'].map((who) => `${who}@iecm.mx`)
  const red = await listId(app, 'red-observacion')
  await suppress(app.db, keys, { address: addresses[0]!, scope: 'all', reason: 'bounced', at })
  await suppress(app.db, keys, {
    address: addresses[1]!,
    scope: 'external',
    reason: 'complaint',
    at,
  })
  await suppress(app.db, keys, {
    address: addresses[2]!,
    scope: { list: red },
    reason: 'unsubscribed',
    at,
  })
  const rows = addresses.map((address) => `${address},comunidad-iecm red-observacion`)
  const text = ['correo,lista', ...rows].join('\n')
  const { summary, remarks } = await stage(app, text, { consent })
  expect(summary).toMatchObject({ suppressed: 2, left: 1, newContacts: 3, newMembers: 4 })
  expect(remarks.map(({ class: kind, valor }) => `${kind} ${valor}`).toSorted()).toEqual([
    'left list@iecm.mx',
    'suppressed all@iecm.mx',
    'suppressed all@iecm.mx',
    'suppressed external@iecm.mx',
  ])
  await load(app, text, { consent })
  expect(await members(app)).toEqual([
    'comunidad-iecm external@iecm.mx active',
    'comunidad-iecm list@iecm.mx active',
    'comunidad-iecm none@iecm.mx active',
    'red-observacion none@iecm.mx active',
  ])
})

// what is refused

test('bad rows stop the confirmation, which says how many; the good ones are imported when it is asked for', async () => {
  const app = await empty()
  const text = `${header}ana.iecm.mx,Ana,comunidad-iecm\nluis@iecm.mx,Luis,comunidad-iecm\neva@iecm.mx,Eva,consejeria\n`
  const { import: staged, summary, remarks } = await stage(app, text)
  expect(summary).toMatchObject({ rows: 3, invalid: 2, newContacts: 1 })
  expect(remarks).toMatchObject([
    { class: 'invalid', fila: 2, columna: 'correo', valor: 'ana.iecm.mx' },
    { class: 'invalid', fila: 4, columna: 'lista', sugerencia: '¿consejerias?' },
  ])
  const faults = await faultsOf(() => confirmContacts(app.engine, app.ana, staged.id))
  expect(faults).toMatchObject([
    {
      message: '2 de 3 filas no pueden importarse',
      remedy: expect.stringContaining('--skip-invalid'),
    },
  ])
  expect(await contacts(app)).toEqual([])
  await confirmContacts(app.engine, app.ana, staged.id, { skipInvalid: true })
  expect(await members(app)).toEqual(['comunidad-iecm luis@iecm.mx active'])
})

test('doubtful rows stop the confirmation too, until whoever confirms accepts them', async () => {
  const app = await empty()
  const file = fileOf('correo\nana@gmial.com\nluis@iecm.mx\n', 'personal.csv')
  const list = { list: 'comunidad-iecm' }
  const once = () => importContacts(app.engine, app.ana, file, { ...list, skipInvalid: true })
  expect(await faultsOf(once)).toMatchObject([
    {
      message: '1 de 2 filas deben revisarse: parecen mal escritas',
      remedy: expect.stringContaining('--accept-doubtful'),
    },
  ])
  expect(await contacts(app)).toEqual([])
  await importContacts(app.engine, app.ana, file, { ...list, acceptDoubtful: true })
  expect(await members(app)).toEqual([
    'comunidad-iecm ana@gmial.com active',
    'comunidad-iecm luis@iecm.mx active',
  ])
})

test('a file without one good row cannot be confirmed', async () => {
  const app = await empty()
  const { import: staged } = await stage(app, 'correo\nana\n', { list: 'consejerias' })
  const confirm = () => confirmContacts(app.engine, app.ana, staged.id, { skipInvalid: true })
  expect(await faultsOf(confirm)).toMatchObject([{ message: 'ninguna fila puede importarse' }])
})

test('an external list requires to know where, when and under which notice people consented', async () => {
  const app = await empty()
  const { import: staged, missing } = await stage(app, 'correo\nana@iecm.mx\n', {
    list: 'red-observacion',
  })
  expect(missing.map(({ place }) => place)).toEqual(['--origin', '--consented-on', '--notice'])
  const faults = await faultsOf(() => confirmContacts(app.engine, app.ana, staged.id))
  expect(faults).toEqual(missing)
  expect(await contacts(app)).toEqual([])
  const done = await confirmContacts(app.engine, app.ana, staged.id, { consent })
  expect(done.consent).toMatchObject(consent)
})

test.each([
  ['2026-11-24', 'todavía no llega'],
  ['5 de octubre', 'no es una fecha'],
  ['2026-02-30', 'no es una fecha'],
])('a consent of «%s» is refused: it %s', async (consentedOn, message) => {
  const app = await empty()
  const given = { list: 'red-observacion', consent: { ...consent, consentedOn } }
  expect(await faultsOf(() => stage(app, 'correo\nana@iecm.mx\n', given))).toMatchObject([
    { place: '--consented-on', message },
  ])
})

test.each([
  ['no rows', header, {}, 'no tiene filas'],
  ['no column of lists and no list', 'correo\nana@iecm.mx\n', {}, 'no hay columna de lista'],
  ['a list beside its own column of lists', header, { list: 'consejerias' }, 'sobra'],
  ['a list that does not exist', 'correo\nana@iecm.mx\n', { list: 'consejeria' }, 'no existe'],
  ['quotes that do not close', `${header}ana@iecm.mx,A,consejerias\n"luis`, {}, 'no se cierran'],
])(
  'a file with %s leaves nothing behind, not even its import',
  async (_what, text, options, message) => {
    const app = await empty()
    expect(await faultsOf(() => stage(app, text, options))).toMatchObject([
      { message: expect.stringContaining(message) },
    ])
    expect(await listImports(app.db)).toEqual([])
    expect(await app.db.selectFrom('contactImportRow').select('rowNumber').execute()).toEqual([])
  },
)

test('who may not import, cannot', async () => {
  const app = await empty()
  const reader = await addTestUser(app, 'eva', ['consulta'])
  const file = fileOf('correo\nana@iecm.mx\n', 'personal.csv')
  const staging = stageContacts(app.engine, reader, file, { list: 'consejerias' })
  await expect(staging).rejects.toThrow('no puede contacts.import')
})

// the report

test('the report has a line for each remark, in the order of the file, and no formula', async () => {
  const app = await empty()
  await load(app, 'correo\nfue@iecm.mx\n', { list: 'comunidad-iecm' })
  await leave(app, 'fue@iecm.mx', 'comunidad-iecm')
  const text =
    'correo\nana@gmial.com\n=cmd|x!A1\n@iecm.mx\nluis@iecm.mx\nluis@iecm.mx\nfue@iecm.mx\n"a,b"\n'
  const { import: staged } = await stage(app, text, { list: 'comunidad-iecm' })
  const [bom, ...lines] = (await reportOf(app, staged.id)).split(/\r\n/)
  expect(bom).toBe('\ufefffila,columna,valor,motivo,sugerencia')
  expect(lines).toEqual([
    '2,correo,ana@gmial.com,el dominio parece mal escrito; se importa así si se acepta,¿gmail.com?',
    "3,correo,'=cmd|x!A1,no tiene la forma nombre@dominio,Corrija la dirección o quite la fila",
    "4,correo,'@iecm.mx,no tiene la forma nombre@dominio,Corrija la dirección o quite la fila",
    '6,correo,luis@iecm.mx,está repetida: se usa la fila 5,Puede quitarse: sus listas y etiquetas se reúnen',
    '7,correo,fue@iecm.mx,se dio de baja de comunidad-iecm: no se vuelve a suscribir,Solo la propia persona puede volver a suscribirse',
    '8,correo,"a,b",no tiene la forma nombre@dominio,Corrija la dirección o quite la fila',
    '',
  ])
})

test('a report of thousands of lines comes some at a time, none lost', async () => {
  const app = await empty()
  const count = 2 * batchRows + 7
  const rows = Array.from({ length: count }, (_, i) => `mala${i}`)
  const { import: staged } = await stage(app, ['correo', ...rows].join('\n'), {
    list: 'consejerias',
  })
  const seen: number[] = []
  let most = 0
  await reportContacts(app.engine, app.ana, staged.id, async (remarks) => {
    most = Math.max(most, remarks.length)
    seen.push(...remarks.map(({ fila }) => fila))
  })
  expect(seen).toEqual(Array.from({ length: count }, (_, i) => i + 2))
  expect(most).toBeLessThanOrEqual(batchRows)
})

test('the rows of an import are for who brought it and for operators', async () => {
  const app = await empty()
  const other = await addTestUser(app, 'eva', ['capturista'])
  const { import: staged } = await stage(app, 'correo\nana@iecm.mx\n', { list: 'consejerias' })
  const report = (user = other) =>
    reportContacts(app.engine, user, staged.id, async () => undefined)
  await expect(report()).rejects.toThrow('es de ana')
  await expect(report(app.luis)).resolves.toBe(0)
})

test('an import is confirmed and discarded by who brought it or an operator', async () => {
  const app = await empty()
  const other = await addTestUser(app, 'eva', ['capturista'])
  const staged = async () =>
    (await stage(app, 'correo\nana@iecm.mx\n', { list: 'consejerias' })).import.id
  const [first, second] = [await staged(), await staged()]
  await expect(confirmContacts(app.engine, other, first)).rejects.toThrow('es de ana')
  await expect(discardContacts(app.engine, other, first)).rejects.toThrow('es de ana')
  expect(await contacts(app)).toEqual([])
  const operator = await addTestUser(app, 'olga', ['operacion', 'capturista'])
  await confirmContacts(app.engine, operator, first)
  await discardContacts(app.engine, operator, second)
})

test('progress is told a batch at a time, up to the whole file', async () => {
  const app = await empty()
  const rows = Array.from({ length: 2 * batchRows + 1 }, (_, i) => `p${i}@iecm.mx`)
  const told: { rows: number; read: number }[] = []
  await stage(app, ['correo', ...rows].join('\n'), {
    list: 'consejerias',
    onProgress: (progress) => told.push(progress),
  })
  expect(told.map((one) => one.rows)).toEqual([batchRows, 2 * batchRows, 2 * batchRows + 1])
  expect(told.at(-1)!.read).toBe(1)
})

// undoing

test('an import is undone whole: what it brought goes, what was there stays', async () => {
  const app = await empty()
  await load(app, 'correo\nana@iecm.mx\n', { list: 'comunidad-iecm' })
  const { id } = await load(app, 'correo\nana@iecm.mx\nluis@iecm.mx\n', { list: 'consejerias' })
  const undone = await undoContacts(app.engine, app.ana, id)
  expect(undone).toEqual({ removedMembers: 2, removedContacts: 1, withheld: 0, kept: [] })
  expect(await members(app)).toEqual(['comunidad-iecm ana@iecm.mx active'])
  expect(await findImport(app.db, id)).toMatchObject({ state: 'undone', undoneAt: app.clock.now() })
  const history = await app.db
    .selectFrom('membershipEvent')
    .select(['act', 'origin'])
    .orderBy('id')
    .execute()
  expect(history.map(({ act }) => act)).toEqual(['joined', 'joined', 'left'])
})

test('who left since, who was mailed, and who is in another list stay, each with the reason', async () => {
  const app = await empty()
  const text = 'correo\nleft@iecm.mx\nmailed@iecm.mx\nother@iecm.mx\nplain@iecm.mx\n'
  const { id } = await load(app, text, { list: 'consejerias' })
  await leave(app, 'left@iecm.mx', 'consejerias')
  await load(app, 'correo\nother@iecm.mx\n', { list: 'comunidad-iecm' })
  await sql`
    WITH e AS (
      INSERT INTO edition (publication, period, state, slot_at, nominal_at, latest_start_at, created_at)
      VALUES ('x', '2026-W48', 'planned', now(), now(), now(), now()) RETURNING id)
    INSERT INTO delivery (edition_id, batch, contact_id, address, state, updated_at)
    SELECT e.id, 0, contact.id, address, 'accepted', now() FROM e, contact WHERE address = 'mailed@iecm.mx'`.execute(
    app.db,
  )
  const undone = await undoContacts(app.engine, app.ana, id)
  expect(undone).toMatchObject({ removedMembers: 3, removedContacts: 1 })
  expect(undone.kept.toSorted((a, b) => (a.motivo < b.motivo ? -1 : 1))).toEqual([
    { motivo: 'contactos a los que ya salió un envío: siguen, sin esta lista', count: 1 },
    { motivo: 'contactos que están en otras listas', count: 1 },
    { motivo: 'personas que se dieron de baja después: se recuerda que no quieren', count: 1 },
  ])
  expect(await members(app)).toEqual([
    'comunidad-iecm other@iecm.mx active',
    'consejerias left@iecm.mx left',
  ])
})

test('mail that has not left yet is stopped by the undoing, and not told as received', async () => {
  const app = await testApp({ recipients: 30 })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  const { id } = await load(app, 'correo\nana@iecm.mx\nluis@iecm.mx\n', { list: 'consejerias' })
  await load(app, 'correo\nluis@iecm.mx\n', { list: 'comunidad-iecm' })
  await release(app.engine, editionId)
  const undone = await undoContacts(app.engine, app.ana, id)
  expect(undone).toEqual({
    removedMembers: 2,
    removedContacts: 0,
    withheld: 1,
    kept: [
      { motivo: 'contactos que figuran en un envío en curso: siguen, sin esta lista', count: 2 },
    ],
  })
  const deliveries = app.db
    .selectFrom('delivery')
    .select(['address', 'state'])
    .where('address', 'like', '%@iecm.mx')
    .orderBy('address')
  expect(await deliveries.execute()).toEqual([
    { address: 'ana@iecm.mx', state: 'suppressed' },
    { address: 'luis@iecm.mx', state: 'pending' },
  ])
  const log = await app.db.selectFrom('auditLog').select('detail').execute()
  expect(JSON.stringify(log)).not.toContain('contactIds')
})

test('what contacts that were there got from an import stays when it is undone, which says so', async () => {
  const app = await empty()
  await load(app, 'correo\nana@iecm.mx\n', { list: 'comunidad-iecm' })
  const text = 'correo;etiquetas\nana@iecm.mx;prensa\n'
  const { id } = await load(app, text, { list: 'consejerias' })
  const { kept } = await undoContacts(app.engine, app.ana, id)
  expect(kept).toEqual([
    { motivo: expect.stringMatching(/etiquetas .* deshacer no los quita/), count: 1 },
  ])
  expect(await contacts(app)).toMatchObject([{ tags: ['prensa'] }])
})

test('it is undone by who brought it or an operator, within a day, and once', async () => {
  const app = await empty()
  const other = await addTestUser(app, 'eva', ['capturista'])
  const { id } = await load(app, 'correo\nana@iecm.mx\n', { list: 'consejerias' })
  const late = await load(app, 'correo\nluis@iecm.mx\n', { list: 'consejerias' })
  await expect(undoContacts(app.engine, other, id)).rejects.toThrow('es de ana')
  const operator = await addTestUser(app, 'olga', ['operacion'])
  await undoContacts(app.engine, operator, id)
  await expect(undoContacts(app.engine, app.ana, id)).rejects.toThrow('está deshecha')
  app.clock.moveTo(new Date(app.clock.now().getTime() + 24 * 60 * 60_000 + 1))
  await expect(undoContacts(app.engine, app.ana, late.id)).rejects.toThrow('hace más de 24 horas')
  expect(await members(app)).toEqual(['consejerias luis@iecm.mx active'])
})

// staged rows are no archive

test('confirmed, discarded or a day old, the rows of an import are gone', async () => {
  const app = await empty()
  const rows = () => app.db.selectFrom('contactImportRow').select('importId').execute()
  const staged = async () =>
    (await stage(app, 'correo\nana@iecm.mx\n', { list: 'consejerias' })).import.id
  const [first, second, third] = [await staged(), await staged(), await staged()]
  await confirmContacts(app.engine, app.ana, first)
  await discardContacts(app.engine, app.ana, second)
  const reviews = () => app.db.selectFrom('contactImportReview').select('importId').execute()
  expect(await rows()).toEqual([{ importId: third }])
  expect(await reviews()).toEqual([{ importId: third }])
  const later = (ms: number) => new Date(app.clock.now().getTime() + ms)
  const day = 24 * 60 * 60_000
  expect(await purgeStaged(app.db, later(day))).toBe(0)
  expect(await purgeStaged(app.db, later(day + 1))).toBe(1)
  expect([...(await rows()), ...(await reviews())]).toEqual([])
  expect((await listImports(app.db)).map(({ state }) => state)).toEqual([
    'discarded',
    'discarded',
    'confirmed',
  ])
  await expect(confirmContacts(app.engine, app.ana, third)).rejects.toThrow('está descartada')
})

test('of who is erased no staged row stays, not even one that was refused', async () => {
  const app = await empty()
  const rows = [
    'Ana <ANA@ñandú.mx>;consejerias',
    'ana@xn--and-6ma2c.mx;nada',
    '"ana@ñandú.mx, Ana"; ',
    'eva@;consejerias',
  ]
  const { import: staged, remarks: before } = await stage(app, ['correo;lista', ...rows].join('\n'))
  expect(JSON.stringify(before)).toContain('andú')
  await forgetContact(app.db, undefined, ['ana@xn--and-6ma2c.mx'])
  const left = app.db.selectFrom('contactImportRow').select('rowNumber')
  expect(await left.execute()).toEqual([{ rowNumber: 5 }])
  expect(await keptReview(app.db, staged.id)).toBeUndefined()
  const { remarks } = await reviewContacts(app.engine, app.ana, staged.id)
  expect(remarks.map(({ fila }) => fila)).toEqual([5])
})

test('two people who confirm the same import at once write it once', async () => {
  const app = await empty()
  const { import: staged } = await stage(app, 'correo\nana@iecm.mx\n', { list: 'consejerias' })
  const outcomes = await Promise.allSettled([
    confirmContacts(app.engine, app.ana, staged.id),
    confirmContacts(app.engine, app.ana, staged.id),
  ])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await app.db.selectFrom('membershipEvent').select('id').execute()).toHaveLength(1)
})

test('every act has its person and its counts in the audit log, and no address', async () => {
  const app = await empty()
  const { id } = await load(app, 'correo\nana@iecm.mx\n', { list: 'consejerias' })
  await undoContacts(app.engine, app.ana, id)
  const log = await app.db
    .selectFrom('auditLog')
    .select(['act', 'userId', 'subject', 'detail'])
    .orderBy('id')
    .execute()
  const acts = log.filter(({ subject }) => subject === `import ${id}`)
  expect(acts.map(({ act }) => act)).toEqual(['contacts.stage', 'contacts.import', 'contacts.undo'])
  expect(new Set(acts.map(({ userId }) => userId))).toEqual(new Set([app.ana.id]))
  expect(JSON.stringify(acts)).not.toContain('ana@iecm.mx')
  expect(acts[1]!.detail).toMatchObject({ file: 'personal.csv', newContacts: 1, newMembers: 1 })
})

test('inside another transaction a refused confirmation leaves no trace of its weighing', async () => {
  const app = await empty()
  const { import: staged } = await stage(app, 'correo\nana\nluis@iecm.mx\n', {
    list: 'consejerias',
  })
  await inTransaction(app.db, async (tx) => {
    const engine = { ...app.engine, db: tx }
    await expect(confirmContacts(engine, app.ana, staged.id)).rejects.toThrow(
      'no pueden importarse',
    )
    await confirmContacts(engine, app.ana, staged.id, { skipInvalid: true })
  })
  expect(await members(app)).toEqual(['consejerias luis@iecm.mx active'])
})

test('a review that is weighed again while it is read is not confirmed as it was shown', async () => {
  const app = await empty()
  const list = { list: 'comunidad-iecm' }
  const other = await stage(app, 'correo\nana@iecm.mx\n', list)
  const { import: staged } = await stage(app, 'correo\nana@iecm.mx\neva@iecm.mx\n', list)
  await confirmContacts(app.engine, app.ana, other.import.id)
  let reads = 0
  const slow = app.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      // between the two readings of the review another window confirms, and is refused
      if (++reads === 2)
        await confirmContacts(app.engine, app.ana, staged.id).catch(() => undefined)
      return result
    },
  })
  const shown = await reviewContacts({ ...app.engine, db: slow }, app.ana, staged.id)
  const confirm = (seen: string) => confirmContacts(app.engine, app.ana, staged.id, { seen })
  await expect(confirm(shown.outcomeHash)).rejects.toThrow('algo distinto')
  const again = await reviewContacts(app.engine, app.ana, staged.id)
  expect((await confirm(again.outcomeHash)).summary.newMembers).toBe(1)
})

test('what nobody reviewed, or not since a row of it was erased, is not confirmed but shown', async () => {
  const app = await empty()
  const file = 'correo\nana@iecm.mx\neva@iecm.mx\n'
  const { import: staged } = await stage(app, file, { list: 'consejerias' })
  await forgetContact(app.db, undefined, ['eva@iecm.mx'])
  const confirm = () => confirmContacts(app.engine, app.ana, staged.id)
  await expect(confirm()).rejects.toMatchObject({ review: { summary: { newMembers: 1 } } })
  expect(await contacts(app)).toEqual([])
  expect((await confirm()).summary.newMembers).toBe(1)
})
