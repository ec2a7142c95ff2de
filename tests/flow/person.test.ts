import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { joinLists, membershipsOf } from '../../src/audience/memberships.ts'
import { requireLists } from '../../src/audience/lists.ts'
import { suppress, suppressionsOf } from '../../src/audience/suppressions.ts'
import type { Db } from '../../src/db/database.ts'
import { accesses, rectify } from '../../src/flow/person.ts'
import { personFile } from '../../src/flow/person-file.ts'
import { personPage } from '../../src/flow/person-page.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { leaveOnRequest, suppressAddress } from '../../src/flow/suppress-address.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { suppressedByReason } from '../../src/ledger/totals.ts'
import type { User } from '../../src/people/users.ts'
import { addTestUser, boletin, fridayAt15, testApp, type TestApp } from '../support/app.ts'
import { testRelay, type Behaviour } from '../support/relay.ts'

const address = 'persona1@example.org'

/** eva answers for personal data; persona1 … persona3 are of comunidad-iecm. */
async function personApp(behave?: (to: string) => Behaviour): Promise<TestApp & { eva: User }> {
  const relay = await testRelay(behave)
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env })
  return { ...app, eva: await addTestUser(app, 'eva', ['privacidad']) }
}

async function released(app: TestApp): Promise<number> {
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  return id
}

const idOf = async (db: Db, of = address): Promise<number> =>
  (await db.selectFrom('contact').select('id').where('address', '=', of).executeTakeFirstOrThrow())
    .id

const accessActs = async (db: Db) =>
  (await db.selectFrom('personAccess').select(['contactId', 'act']).orderBy('id').execute()).map(
    ({ contactId, act }) => [contactId, act],
  )

const reasonsOf = async (app: TestApp, of: string) =>
  (await suppressionsOf(app.db, app.engine.keys, of)).map(({ reason }) => reason)

test('the file of a person has all that is held of them, with what shows their consent and what became of each mail', async () => {
  const app = await personApp((to) =>
    to === address
      ? { kind: 'answer', at: 'rcpt', line: `550 5.1.1 <${address}> persona1 unknown` }
      : { kind: 'accept' },
  )
  const editionId = await released(app)
  await sendBatch(app.engine, editionId, 1)
  const id = await idOf(app.db)
  const [external] = await requireLists(app.db, ['red-observacion'])
  const consent = { consentedOn: '2026-11-02', evidence: 'formulario 7', noticeVersion: '2026-11' }
  const at = app.clock.now()
  await joinLists(app.db, id, [external!.id], { origin: 'foro', ...consent }, { at })
  await suppress(app.db, app.engine.keys, { address, scope: 'external', reason: 'complaint', at })
  const request = { address, lists: ['red-observacion'], noticeVersion: '2026-11' }
  await app.db
    .insertInto('subscriptionRequest')
    .values({ ...request, createdAt: at, expiresAt: at })
    .execute()

  const file = await personFile(app.engine, app.eva, ' Persona1@Example.ORG ', 'person.export')
  expect(file).toMatchObject({
    persona: { numero: id, direccion: address, nombre: 'Persona 1', bloqueada: null },
    direcciones: [address],
    listas: [
      { lista: 'Comunidad', estado: 'alta' },
      {
        lista: 'Red de Observación',
        origen: 'foro',
        consentimiento: '2026-11-02',
        evidencia: 'formulario 7',
        avisoDePrivacidad: '2026-11',
      },
    ],
    movimientos: [{ acto: 'alta' }, { acto: 'alta', origen: 'foro' }],
    exclusiones: [{ motivo: 'lo marcó como no deseado', alcance: 'todas las listas externas' }],
    envios: [
      {
        edicion: 'Boletín Electoral 2026-W48',
        resultado: 'rechazo permanente',
        intentos: [{ resultado: 'rechazo permanente', codigo: 550 }],
      },
    ],
    solicitudes: [{ listas: ['red-observacion'], confirmada: null }],
    consultas: [{ acto: 'copia de sus datos' }],
    aviso: { diasDeBloqueo: 30, responsable: 'Instituto Electoral de la Ciudad de México' },
  })
  expect(JSON.stringify(file.consultas)).not.toMatch(/eva/i)
})

test('the page of the file is whole by itself, and what a name holds is text in it', async () => {
  const app = await personApp()
  const name = '<script>alert("1")</script> & Ana'
  await app.db.updateTable('contact').set({ name }).where('address', '=', address).execute()
  const page = personPage(await personFile(app.engine, app.eva, address, 'person.export'))
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; Ana')
  expect(page).not.toMatch(/<script|<link|<img|<iframe|url\(|src=|href=/)
  expect(page).toContain('<html lang="es-MX">')
  for (const words of ['20 de marzo de 2025', 'durante 30 días', 'Unidad de Transparencia'])
    expect(page).toContain(words)
})

test('every look at a person is written down, also when nobody is found or the act is refused', async () => {
  const app = await personApp()
  const id = await idOf(app.db)
  await personFile(app.engine, app.eva, address, 'person.show')
  await personFile(app.engine, app.eva, String(id), 'person.show')
  const nobody = personFile(app.engine, app.eva, 'nadie@example.org', 'person.export')
  await expect(nobody).rejects.toMatchObject({ kind: 'notFound' })
  const taken = rectify(app.engine, app.eva, address, { address: 'persona2@example.org' }, 'x')
  await expect(taken).rejects.toThrow('ya es de otra persona')
  const found = await accesses(app.engine, app.eva, address)
  expect(found.map(({ login, act }) => [login, act])).toEqual([
    ['eva', 'person.show'],
    ['eva', 'person.show'],
    ['eva', 'person.rectify'],
    ['eva', 'person.accesses'],
  ])
  expect(await accessActs(app.db)).toContainEqual([null, 'person.export'])
})

test('nobody without the role of privacy sees or changes a person, and who enters a request does not see the file', async () => {
  const app = await personApp()
  const { engine, luis, ana } = app
  const refused = { kind: 'refused' }
  await expect(personFile(engine, luis, address, 'person.show')).rejects.toMatchObject(refused)
  await expect(accesses(engine, ana, address)).rejects.toMatchObject(refused)
  await expect(rectify(engine, luis, address, { name: 'X' }, 'x')).rejects.toMatchObject(refused)
  expect(await accessActs(app.db)).toEqual([])
  const bounced = { scope: 'all', reason: 'bounced', note: '' } as const
  await expect(suppressAddress(engine, ana, address, bounced)).resolves.toMatchObject({
    isNew: true,
  })
})

test('a name and a country are rectified and taken away, and the audit log says which, not what', async () => {
  const app = await personApp()
  const id = await idOf(app.db)
  const change = { name: ' Ana Ruiz ', country: 'us' }
  const reason = `Persona 1 escribió desde ${address}`
  const { contact } = await rectify(app.engine, app.eva, address, change, reason)
  expect(contact).toMatchObject({ name: 'Ana Ruiz', country: 'US' })
  await rectify(app.engine, app.eva, address, { country: '' }, 'no quiso darlo')
  const held = await app.db.selectFrom('contact').selectAll().where('id', '=', id).execute()
  expect(held).toMatchObject([{ name: 'Ana Ruiz', country: null, address }])
  const log = await app.db
    .selectFrom('auditLog')
    .select(['subject', 'detail'])
    .where('act', '=', 'person.rectify')
    .orderBy('id')
    .execute()
  expect(log).toEqual([
    {
      subject: `contact ${id}`,
      detail: { fields: ['name', 'country'], reason: '… escribió desde …' },
    },
    { subject: `contact ${id}`, detail: { fields: ['country'], reason: 'no quiso darlo' } },
  ])
  const wrong = rectify(app.engine, app.eva, address, { country: 'XX' }, 'x')
  await expect(wrong).rejects.toThrow('no es la clave de un país ("XX")')
})

test('a new address keeps what the person decided, not the bounces of the old one, and what waits goes there', async () => {
  const app = await personApp()
  const { engine, eva } = app
  const editionId = await released(app)
  const at = app.clock.now()
  for (const [scope, reason] of [
    ['all', 'bounced'],
    ['external', 'unsubscribed'],
  ] as const)
    await suppress(app.db, engine.keys, { address, scope, reason, at })
  const moved = await rectify(engine, eva, address, { address: 'ANA@Example.com' }, 'cambió')
  expect(moved).toMatchObject({
    contact: { address: 'ana@example.com' },
    readdressed: 1,
    excludedBy: ['se dio de baja'],
  })
  expect(await reasonsOf(app, 'ana@example.com')).toEqual(['unsubscribed'])
  expect(await reasonsOf(app, address)).toEqual(['bounced', 'unsubscribed'])
  const [first] = await listDeliveries(app.db, { editionId, limit: 1 })
  expect(first).toMatchObject({ address: 'ana@example.com', state: 'pending' })
  // the old address still leads to the person
  const byOld = personFile(engine, eva, address, 'person.show')
  await expect(byOld).resolves.toMatchObject({ persona: null })
  const gone = rectify(engine, eva, address, { name: 'Ana' }, 'x')
  await expect(gone).rejects.toThrow(`Fue de la persona ${moved.contact.id}`)
})

test('an address whose person asked to be forgotten is not given to another', async () => {
  const app = await personApp()
  const at = app.clock.now()
  const forgotten = 'olvidada@example.org'
  await suppress(app.db, app.engine.keys, {
    address: forgotten,
    scope: 'all',
    reason: 'erased',
    at,
  })
  await app.db.updateTable('suppression').set({ address: null }).execute()
  const change = { address: forgotten }
  await expect(rectify(app.engine, app.eva, address, change, 'x')).rejects.toThrow(
    'se pidió cancelar los datos',
  )
})

test('staff keep mail from an address with a reason and, for a decision of their own, a note; the edition on its way too', async () => {
  const app = await personApp()
  const { engine, luis } = app
  const editionId = await released(app)
  const all = { scope: 'all', note: '' } as const
  await expect(suppressAddress(engine, luis, address, { ...all, reason: 'staff' })).rejects.toThrow(
    '--note',
  )
  const bounced = await suppressAddress(engine, luis, address, { ...all, reason: 'bounced' })
  expect(bounced).toEqual({ isNew: true, withheld: 1 })
  const list = { scope: { list: 'comunidad-iecm' }, reason: 'staff', note: 'oficio 31' } as const
  await suppressAddress(engine, luis, 'persona2@example.org', list)
  const stranger = await suppressAddress(engine, luis, 'otra@example.org', {
    ...all,
    reason: 'complaint',
  })
  expect(stranger).toEqual({ isNew: true, withheld: 0 })
  expect(await suppressedByReason(app.db, editionId)).toEqual({ bounced: 1, staff: 1 })
  const details = await app.db
    .selectFrom('auditLog')
    .select(['subject', 'detail'])
    .where('act', '=', 'contacts.suppress')
    .execute()
  expect(JSON.stringify(details)).not.toMatch(/@|oficio/)
  expect(details.map(({ subject }) => subject)).toContain('contact none')
})

test('a request to leave by telephone is entered by staff, of one list or of all that can be left', async () => {
  const app = await personApp()
  const { engine, ana } = app
  const editionId = await released(app)
  const id = await idOf(app.db)
  const how = `por teléfono, ${address}`
  await leaveOnRequest(engine, ana, address, { lists: ['comunidad-iecm'], how })
  expect(await membershipsOf(app.db, id)).toMatchObject([
    { list: 'comunidad-iecm', state: 'left', leftReason: 'unsubscribed' },
  ])
  expect(await suppressedByReason(app.db, editionId)).toEqual({ unsubscribed: 1 })
  await leaveOnRequest(engine, ana, address, { lists: 'external', how: 'escrito 44' })
  await leaveOnRequest(engine, ana, 'otra@example.org', { lists: 'external', how: 'escrito 44' })
  for (const of of [address, 'otra@example.org'])
    expect(await reasonsOf(app, of)).toEqual(['unsubscribed'])
  const { rows } = await sql<{ log: string }>`
    SELECT string_agg(audit_log::text, ' ') AS log FROM audit_log WHERE act = 'contacts.leave'`.execute(
    app.db,
  )
  expect(rows[0]!.log).toContain('a petición, por teléfono, …')
  expect(rows[0]!.log).not.toContain('@')
})
