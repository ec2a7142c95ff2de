import { expect, test } from 'vitest'
import { leftOut, markChanges, readSessions, registerSessions } from '../../src/content/sessions.ts'
import { inTransaction, type Db } from '../../src/db/database.ts'
import { addUser } from '../../src/people/users.ts'
import { testDatabase } from '../support/database.ts'

const at = new Date('2026-11-22T18:00:00Z')
const session = (id: string, changes: object = {}) => ({
  id,
  fecha: '2026-11-23',
  estado: 'programada',
  ...changes,
})

async function registry() {
  const db = await testDatabase()
  const user = await addUser(
    db,
    { login: 'ana', name: 'Ana', email: 'ana@example.org', roles: ['capturista'] },
    at,
  )
  const register = (...sessions: ReturnType<typeof session>[]) =>
    inTransaction(db, (tx: Db) => registerSessions(tx, sessions, user.id, at))
  return { db, register }
}

const summary = (result: Awaited<ReturnType<typeof registerSessions>>) =>
  result.ok &&
  result.changes.map(({ session: { id, secuencia }, change }) => [id, secuencia, change])

test('a session entered again raises its sequence only when something of it changed', async () => {
  const { db, register } = await registry()
  expect(summary(await register(session('ses-a'), session('ses-b')))).toEqual([
    ['ses-a', 0, 'added'],
    ['ses-b', 0, 'added'],
  ])
  expect(
    summary(await register(session('ses-a'), session('ses-b', { fecha: '2026-11-24' }))),
  ).toEqual([
    ['ses-a', 0, 'same'],
    ['ses-b', 1, 'changed'],
  ])
  const sessions = await readSessions(db, '2026-11-23', '2026-11-29')
  expect(sessions.map(({ id, fecha, secuencia }) => [id, fecha, secuencia])).toEqual([
    ['ses-a', '2026-11-23', 0],
    ['ses-b', '2026-11-24', 1],
  ])
})

test('every version that a session had is kept, with who entered it, and cannot be changed', async () => {
  const { db, register } = await registry()
  await register(session('ses-a'))
  await register(session('ses-a', { estado: 'cancelada' }))
  const versions = await db
    .selectFrom('sesionIneChange')
    .select(['secuencia', 'body'])
    .orderBy('secuencia')
    .execute()
  expect(versions.map((row) => [row.secuencia, (row.body as { estado: string }).estado])).toEqual([
    [0, 'programada'],
    [1, 'cancelada'],
  ])
  await expect(db.deleteFrom('sesionIneChange').execute()).rejects.toThrow('append-only')
})

test('an id that belongs to a session of another time of the year is refused: it would move that one', async () => {
  const { db, register } = await registry()
  await register(session('cg-ord-1'))
  const result = await register(session('nueva'), session('cg-ord-1', { fecha: '2027-11-22' }))
  expect(result).toMatchObject({ ok: false, faults: [{ place: 'sesión cg-ord-1' }] })
  expect(await readSessions(db, '2026-01-01', '2027-12-31')).toHaveLength(1)
})

test('a correction marks what is new, changed and cancelled, and cancels what it leaves out', () => {
  const before = ['ses-a', 'ses-b', 'ses-c', 'ses-d'].map((id) => ({
    ...session(id),
    secuencia: 0,
  }))
  const after = [
    { ...session('ses-a'), secuencia: 0 },
    { ...session('ses-b', { fecha: '2026-11-24' }), secuencia: 1 },
    { ...session('ses-c', { estado: 'cancelada' }), secuencia: 1 },
    { ...session('ses-e'), secuencia: 0 },
  ]
  expect(leftOut(after, before)).toEqual([session('ses-d', { estado: 'cancelada' })])
  expect(markChanges(after, before).map(({ id, cambio }) => [id, cambio])).toEqual([
    ['ses-a', undefined],
    ['ses-b', 'modificada'],
    ['ses-c', 'cancelada'],
    ['ses-e', 'nueva'],
  ])
})
