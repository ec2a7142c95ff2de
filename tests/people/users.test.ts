import { expect, test } from 'vitest'
import { approve, cancel } from '../../src/flow/approve.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { openEdition } from '../../src/flow/open-edition.ts'
import {
  addUser,
  authorize,
  requireUser,
  usersWithRoles,
  type Act,
  type Role,
  type User,
} from '../../src/people/users.ts'
import {
  boletin,
  editionNow,
  mexicoCity,
  mondayMorning,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { testDatabase } from '../support/database.ts'

const person = (roles: Role[], login = 'eva'): Omit<User, 'id'> => ({
  login,
  name: 'Eva Luz',
  email: `${login}@iecm.mx`,
  roles,
})

const mayDo = (roles: Role[], act: Act): boolean => {
  try {
    authorize({ id: 1, ...person(roles) }, act)
    return true
  } catch {
    return false
  }
}

const trail = (app: TestApp) =>
  app.db
    .selectFrom('auditLog')
    .innerJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['staffUser.login', 'auditLog.act', 'auditLog.subject', 'auditLog.at'])
    .orderBy('auditLog.id')
    .execute()

test.each<[Act, Role[]]>([
  ['content.add', ['capturista', 'aprobacion']],
  ['edition.ready', ['capturista', 'aprobacion']],
  ['edition.approve', ['aprobacion']],
  ['edition.cancel', ['capturista', 'aprobacion', 'operacion']],
  ['edition.cancel-any', ['aprobacion', 'operacion']],
  ['edition.open', ['capturista', 'aprobacion', 'operacion']],
  ['contacts.import', ['capturista', 'operacion']],
  ['lists.add', ['operacion']],
  ['topics.add', ['aprobacion']],
  ['sessions.edit', ['capturista', 'aprobacion']],
  ['numbering.set', ['operacion']],
  ['rest-days.edit', ['operacion']],
  ['instance.adopt', ['operacion']],
  ['users.add', ['operacion']],
])('%s is for %s, and for nobody else', (act, allowed) => {
  for (const role of ['capturista', 'aprobacion', 'operacion', 'privacidad', 'consulta'] as const) {
    expect([role, mayDo([role], act)]).toEqual([role, allowed.includes(role)])
  }
  expect(mayDo(['consulta', ...allowed], act)).toBe(true)
  expect(mayDo([], act)).toBe(false)
})

test('who may not do an act is told which role may', () => {
  expect(() => authorize({ id: 1, ...person(['consulta']) }, 'edition.approve')).toThrow(
    '--as eva: no puede edition.approve: tiene consulta. Lo puede hacer una persona con el rol aprobacion',
  )
})

test('an act is done by an active user: a login that is nearly right is suggested, one that left is not', async () => {
  const db = await testDatabase()
  const luis = await addUser(db, person(['aprobacion'], 'luis'), mondayMorning)
  await addUser(db, person(['operacion'], 'luz'), mondayMorning)
  expect(await requireUser(db, 'luis')).toEqual(luis)
  await expect(requireUser(db, 'lius')).rejects.toMatchObject({
    kind: 'notFound',
    faults: [{ place: '--as', value: '"lius"', remedy: '¿Quiso decir luis?' }],
  })
  await expect(requireUser(db, undefined)).rejects.toMatchObject({ kind: 'usage' })

  await db.updateTable('staffUser').set({ active: false }).where('login', '=', 'luis').execute()
  await expect(requireUser(db, 'luis')).rejects.toMatchObject({
    faults: [{ remedy: expect.not.stringContaining('luis?') }],
  })
  expect(await usersWithRoles(db, ['aprobacion'])).toEqual([])
  expect(await usersWithRoles(db, ['aprobacion', 'operacion'])).toMatchObject([{ login: 'luz' }])
})

test.each([
  ['address', { email: 'eva@iecm' }],
  ['login', { login: 'Eva Luz' }],
  ['role', { roles: ['jefatura' as Role] }],
  ['role, for there must be one', { roles: [] }],
])('a user with a wrong %s is refused, and not written', async (_what, wrong) => {
  const db = await testDatabase()
  await expect(
    addUser(db, { ...person(['consulta']), ...wrong }, mondayMorning),
  ).rejects.toMatchObject({ kind: 'invalid' })
  expect(await db.selectFrom('staffUser').selectAll().execute()).toEqual([])
})

test('a login belongs to one person for good', async () => {
  const db = await testDatabase()
  await addUser(db, person(['consulta']), mondayMorning)
  await expect(
    addUser(db, { ...person(['operacion']), email: 'otra@iecm.mx' }, mondayMorning),
  ).rejects.toMatchObject({ kind: 'refused', faults: [{ value: '"eva"' }] })
  expect(await requireUser(db, 'eva')).toMatchObject({ roles: ['consulta'], email: 'eva@iecm.mx' })
})

test('who wrote it or marked it ready cannot approve it, and the refusal leaves no trace of an approval', async () => {
  const app = await testApp()
  const eva = await addUser(app.db, person(['capturista', 'aprobacion']), mondayMorning)
  const { id } = await boletin(app, { ready: false })
  await markReady(app.engine, eva, id)
  await expect(approve(app.engine, eva, id)).rejects.toMatchObject({
    kind: 'refused',
    faults: [{ remedy: 'Pida la aprobación a alguien más' }],
  })
  expect(await editionNow(app, id)).toMatchObject({ state: 'ready', approvedBy: null })
  expect((await trail(app)).map((row) => row.act)).not.toContain('approve')
})

test('the database itself refuses an approval by the author, whatever the program does', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  const set = (changes: object) =>
    app.db.updateTable('edition').set(changes).where('id', '=', id).execute()
  const refusal = { code: '23514', constraint: 'edition_two_persons' }
  await expect(set({ approvedBy: app.ana.id })).rejects.toMatchObject(refusal)
  await expect(
    set({ approvedBy: app.ana.id, readyBy: app.luis.id, state: 'approved' }),
  ).rejects.toMatchObject(refusal)
  await set({ approvedBy: app.luis.id, state: 'approved' })
  await expect(set({ readyBy: app.luis.id })).rejects.toMatchObject(refusal)
  await expect(set({ contentAuthorId: app.luis.id })).rejects.toThrow(/violates/)
})

test('the author of an edition cannot be forgotten or exchanged to let them approve it', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  const approvedByAna = { approvedBy: app.ana.id, readyBy: app.luis.id, state: 'approved' as const }
  for (const contentAuthorId of [null, app.luis.id]) {
    await expect(
      app.db
        .updateTable('edition')
        .set({ ...approvedByAna, contentAuthorId })
        .where('id', '=', id)
        .execute(),
    ).rejects.toThrow(/violates/)
  }
})

test('every act leaves a row with who did it, when and to what', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  await approve(app.engine, app.luis, id)
  app.clock.advance(60_000)
  await cancel(app.engine, app.luis, id, 'La sesión se pospuso')
  const opened = await openEdition(
    app.engine,
    app.ana,
    'boletin-electoral',
    mexicoCity('2026-12-31T12:00'),
  )
  const subject = `edition ${id}`
  expect(await trail(app)).toEqual([
    { login: 'ana', act: 'content.add', subject, at: mondayMorning },
    { login: 'ana', act: 'ready', subject, at: mondayMorning },
    { login: 'luis', act: 'approve', subject, at: mondayMorning },
    { login: 'luis', act: 'cancel', subject, at: app.clock.now() },
    { login: 'ana', act: 'open', subject: `edition ${opened.id}`, at: app.clock.now() },
  ])
})
