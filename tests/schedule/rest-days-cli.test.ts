import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { addUser } from '../../src/people/users.ts'
import { seedRestDays } from '../../src/schedule/rest-days.ts'
import { quietLog, testDatabaseUrl } from '../support/database.ts'
import { startProcess } from '../support/process.ts'

const wrapper = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))

// several processes each, on a machine that may be busy
vi.setConfig({ testTimeout: 90_000 })

interface Terminal {
  db: Db
  folder: string
  /** Runs `pregonero rest-days …` as a person would. */
  run: (line: string) => Promise<{ code: number | string; output: string }>
}

/** A database with the calendar, luis who operates and ana who writes. */
async function terminal(): Promise<Terminal> {
  const url = await testDatabaseUrl()
  const db = await openDatabase(url, quietLog, { connections: 2 })
  onTestFinished(() => db.destroy())
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-rest-days-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await seedRestDays(db)
  for (const [login, role] of [
    ['luis', 'operacion'],
    ['ana', 'capturista'],
  ] as const) {
    await addUser(
      db,
      { login, name: login, email: `${login}@example.org`, roles: [role] },
      new Date('2026-11-23T15:00:00Z'),
    )
  }
  const env = { PREGONERO_ENV: 'test', DATABASE_URL: url, DATA_DIR: folder }
  const run = async (line: string) => {
    const child = startProcess(wrapper, ['rest-days', ...line.split(' ')], env)
    const code = await child.exited
    return { code, output: child.output() }
  }
  return { db, folder, run }
}

test('a day is added, listed and removed from the terminal, and each change has its person', async () => {
  const { db, run } = await terminal()
  const added = await run(
    'add 2026-12-21 --until 2027-01-05 --name Vacaciones --kind cerrado --basis Acuerdo-12 --as luis',
  )
  expect(added).toEqual({
    code: 0,
    output: 'Agregado: 2026-12-21 a 2027-01-05 Vacaciones (cerrado).\n',
  })
  const listed = await run('list --year 2027 --json')
  expect((JSON.parse(listed.output) as { start: string }[]).map((row) => row.start)).toEqual([
    '2026-12-21',
    '2027-01-01',
    '2027-02-01',
    '2027-03-15',
    '2027-03-22',
    '2027-05-01',
    '2027-06-06',
    '2027-09-16',
    '2027-11-15',
    '2027-12-25',
  ])
  expect((await run('list --year 2026')).output).toContain('viernes')
  expect(await run('remove 2026-12-21 --as luis')).toEqual({
    code: 0,
    output: 'Quitado: 2026-12-21 a 2027-01-05 Vacaciones (cerrado).\n',
  })
  const trail = await db
    .selectFrom('auditLog')
    .innerJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['login', 'act', 'subject', 'detail'])
    .orderBy('auditLog.id')
    .execute()
  expect(trail).toMatchObject([
    { login: 'luis', act: 'rest-days.add', subject: 'rest-days 2026-12-21' },
    { login: 'luis', act: 'rest-days.remove', detail: { name: 'Vacaciones', end: '2027-01-05' } },
  ])
})

test('a file replaces its years and says what changed; a wrong one says all that is wrong and changes nothing', async () => {
  const { db, folder, run } = await terminal()
  const path = join(folder, 'dias-2026.yaml')
  await writeFile(path, 'dias:\n  - { fecha: 2026-02-30, nombre: X, tipo: feriado }\n')
  const refused = await run(`import ${path} --as luis`)
  expect(refused.code).toBe(3)
  expect(refused.output.trim().split('\n')).toHaveLength(2)
  expect(refused.output).toContain('renglón 2 fecha: ese día no existe')

  await writeFile(
    path,
    `dias:
  - { fecha: 2026-12-25, nombre: Navidad, tipo: descanso, fundamento: LFT 74-VIII }
  - { fecha: 2026-12-24, nombre: Puente, tipo: cerrado }
`,
  )
  const imported = await run(`import ${path} --as luis`)
  expect(imported.code).toBe(0)
  expect(imported.output).toContain('Calendario de 2026: 1 altas, 7 bajas, 1 sin cambio.')
  expect(imported.output).toContain('+ jueves 2026-12-24 Puente (cerrado)')
  expect(imported.output).toContain(
    '- 2026-03-30 a 2026-04-03 Semana Santa (cerrado, por confirmar)',
  )
  const left = await db
    .selectFrom('restPeriod')
    .select('startDate')
    .where('startDate', '>=', '2026-01-01')
    .where('startDate', '<', '2027-01-01')
    .orderBy('startDate')
    .execute()
  expect(left.map((row) => row.startDate)).toEqual(['2026-12-24', '2026-12-25'])
})

test('only who operates may change the calendar, and every fault names its option', async () => {
  const { db, run } = await terminal()
  const forbidden = await run('remove 2026-12-25 --as ana')
  expect(forbidden).toMatchObject({ code: 4 })
  expect(forbidden.output).toContain('no puede rest-days.edit')
  const wrong = await run('add 2026-02-30 --until 2026-13-01 --name= --kind x --as luis')
  expect(wrong.code).toBe(3)
  expect(
    wrong.output
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0]),
  ).toEqual(['DATE', '--until', '--name', '--kind'])
  expect((await run('remove 2026-12-25 --kind descans --as luis')).code).toBe(2)
  expect(await db.selectFrom('auditLog').select('id').execute()).toEqual([])
})
