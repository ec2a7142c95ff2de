import { expect, test } from 'vitest'
import { hashPassword, isPassword, passwordFault } from '../../src/people/passwords.ts'
import {
  absoluteMs,
  closeSession,
  findSession,
  idleMs,
  setPassword,
  signIn,
} from '../../src/people/sessions.ts'
import { mondayMorning, testApp, type TestApp } from '../support/app.ts'

const password = 'una frase que recuerdo'
const ana = { login: 'ana', name: 'Ana Ruiz' }
const after = (ms: number) => new Date(mondayMorning.getTime() + ms)

async function staffApp(): Promise<TestApp> {
  const app = await testApp({ recipients: 0 })
  await setPassword(app.db, app.luis, 'ana', password, mondayMorning)
  return app
}

async function tokenOf(app: TestApp, at = mondayMorning): Promise<string> {
  const result = await signIn(app.db, 'ana', password, at)
  if (!result.ok) throw new Error(result.reason)
  return result.token
}

test('a password is kept as argon2id and known again, in any Unicode spelling of the same letters', async () => {
  const stored = await hashPassword('contraseña de año')
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await isPassword('contraseña de año'.normalize('NFD'), stored)).toBe(true)
  expect(await isPassword('contraseña de ano', stored)).toBe(false)
  expect(await hashPassword('contraseña de año')).not.toBe(stored)
  expect(await isPassword('contraseña de año', undefined)).toBe(false)
})

test.each([
  ['corta', 'tiene 5 caracteres'],
  ['x'.repeat(257), 'tiene 257 caracteres'],
  ['aaaaaaaaaaaaaaaa', 'se adivina'],
  ['ana ruiz ruiz 1', undefined],
  ['anaruizanaruizz', undefined],
])('the password %j is judged before it is taken', (text, fault) => {
  expect(passwordFault(text, ana)?.message).toEqual(
    fault === undefined ? undefined : expect.stringContaining(fault),
  )
})

test('who signs in has a session that its cookie alone opens, and that signing out ends', async () => {
  const app = await staffApp()
  const token = await tokenOf(app)
  const session = await findSession(app.db, token, after(60_000))
  expect(session).toMatchObject({ user: { login: 'ana', roles: ['capturista'] } })
  const rows = await app.db.selectFrom('staffSession').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(token)
  expect(await findSession(app.db, `${token}x`, after(60_000))).toBeUndefined()
  await closeSession(app.db, token)
  expect(await findSession(app.db, token, after(60_000))).toBeUndefined()
})

test('a session ends when nobody uses it, and in any case after a working day', async () => {
  const app = await staffApp()
  const unused = await tokenOf(app)
  expect(await findSession(app.db, unused, after(idleMs + 1))).toBeUndefined()
  const used = await tokenOf(app)
  for (let ms = 0; ms < absoluteMs; ms += idleMs / 2)
    expect(await findSession(app.db, used, after(ms)), String(ms)).toBeDefined()
  expect(await findSession(app.db, used, after(absoluteMs + 1))).toBeUndefined()
})

test('five wrong passwords lock the account for a while, also for the right one, and are written down', async () => {
  const app = await staffApp()
  const wrong = () => signIn(app.db, 'ana', 'otra frase larga', mondayMorning)
  for (let i = 0; i < 4; i++) expect(await wrong()).toEqual({ ok: false, reason: 'wrong' })
  expect(await wrong()).toMatchObject({ ok: false, reason: 'locked' })
  const right = (at: Date) => signIn(app.db, 'ana', password, at)
  expect(await right(after(60_000))).toMatchObject({ ok: false, reason: 'locked' })
  expect(await right(after(15 * 60_000 + 1))).toMatchObject({ ok: true })
  const acts = await app.db
    .selectFrom('auditLog')
    .select('act')
    .where('subject', '=', 'user ana')
    .orderBy('id')
    .execute()
  expect(acts.map(({ act }) => act)).toEqual([
    'users.password',
    ...Array(4).fill('sign-in.refused'),
    'sign-in.locked',
    'sign-in',
  ])
})

test('many guesses at once are counted as those that come one by one', async () => {
  const app = await staffApp()
  const words = Array.from({ length: 40 }, (_, i) =>
    i === 39 ? password : `otra frase larga ${i}`,
  )
  const results = await Promise.all(words.map((word) => signIn(app.db, 'ana', word, mondayMorning)))
  expect(results.filter(({ ok }) => ok)).toEqual([])
  expect(results.filter((result) => !result.ok && result.reason === 'wrong')).toHaveLength(4)
  expect(await signIn(app.db, 'ana', password, after(60_000))).toMatchObject({ reason: 'locked' })
  const acts = await app.db
    .selectFrom('auditLog')
    .select('act')
    .where('act', 'in', ['sign-in.locked', 'sign-in'])
    .execute()
  expect(acts).toEqual([{ act: 'sign-in.locked' }])
})

test('the fifth attempt opens, when it is the right one, and begins the count anew', async () => {
  const app = await staffApp()
  const wrong = () => signIn(app.db, 'ana', 'otra frase larga', mondayMorning)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) expect(await wrong()).toEqual({ ok: false, reason: 'wrong' })
    expect(await signIn(app.db, 'ana', password, mondayMorning)).toMatchObject({ ok: true })
  }
})

test('nobody signs in without a password, as somebody inactive, or as nobody', async () => {
  const app = await staffApp()
  for (const login of ['luis', 'nadie', '', "ana' --"])
    expect(await signIn(app.db, login, password, mondayMorning)).toEqual({
      ok: false,
      reason: 'wrong',
    })
  const token = await tokenOf(app)
  await app.db.updateTable('staffUser').set({ active: false }).where('login', '=', 'ana').execute()
  expect(await signIn(app.db, 'ana', password, mondayMorning)).toMatchObject({ ok: false })
  expect(await findSession(app.db, token, mondayMorning)).toBeUndefined()
})

test('a new password ends the sessions of the old one; only operations set that of another', async () => {
  const app = await staffApp()
  const token = await tokenOf(app)
  await setPassword(app.db, app.ana, 'ana', 'otra frase que recuerdo', mondayMorning)
  expect(await findSession(app.db, token, mondayMorning)).toBeUndefined()
  await expect(
    setPassword(app.db, app.ana, 'luis', 'otra frase que recuerdo', mondayMorning),
  ).rejects.toThrow('no puede users.add')
})
