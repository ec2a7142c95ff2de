/** The report, the register and the closing, as staff type them. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { addUser } from '../../src/people/users.ts'
import { mondayMorning } from '../support/app.ts'
import { quietLog, testDatabaseUrl } from '../support/database.ts'
import { desk, type Desk } from '../support/desk.ts'

/** A quarter long over, so that it can be closed by the clock on the wall. */
const past = '2025-Q1'

async function reportDesk(): Promise<Desk> {
  const url = await testDatabaseUrl()
  const db = await openDatabase(url, quietLog)
  const roles = ['capturista', 'aprobacion'] as const
  const luis = { login: 'luis', name: 'Luis', email: 'luis@iecm.mx', roles: [...roles] }
  await addUser(db, luis, mondayMorning)
  await db.destroy()
  return desk({ DATABASE_URL: url })
}

const meeting =
  `register add --quarter ${past} --table IV.1.a.iii --date 2025-01-16 --text =Reunión --as luis`.split(
    ' ',
  )

test('a meeting is entered, corrected, found behind its number and taken out', async () => {
  const { pregonero } = await reportDesk()
  expect(await pregonero(...meeting)).toMatchObject({
    code: 0,
    stdout: 'Renglón 1 en IV.1.a.iii, 2025-Q1.\n',
  })
  expect(
    await pregonero('register', 'edit', '1', '--date', '2025-01-17', '--as', 'luis'),
  ).toMatchObject({
    code: 0,
  })
  const { stdout } = await pregonero('report', past, '--table', 'IV.1.a.iii')
  expect(stdout).toContain('| 1. | 17 de enero de 2025. | =Reunión |')
  const why = await pregonero('report', past, '--why', 'IV.1.a.iii#01')
  expect(why.stdout).toContain('renglón 1 del registro manual')
  expect(await pregonero('report', past, '--why', 'IV.1.a.iii#09')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('¿Quiso decir IV.1.a.iii#01?'),
  })
  const list = JSON.parse((await pregonero('register', 'list', past, '--json')).stdout) as object[]
  expect(list).toMatchObject([{ id: 1, lineText: '=Reunión', dates: ['2025-01-17'] }])
  await pregonero('register', 'remove', '1', '--as', 'luis')
  expect((await pregonero('register', 'list', past, '--json')).stdout).toBe('[]\n')
}, 60_000)

test('history comes from a file, rehearsed first, and a formula in it is no formula in a spreadsheet', async () => {
  const { folder, pregonero } = await reportDesk()
  const file = join(folder, 'historia.csv')
  const head = 'id;tabla;trimestre;fechas;texto'
  await writeFile(file, `${head}\na;IV.1.a.iii;${past};2025-01-16;=HYPERLINK("x")\n`)
  const rehearsed = await pregonero('history', 'import', file, '--dry-run', '--as', 'luis')
  expect(rehearsed.stdout).toBe(
    '1 renglones: 1 nuevos, 0 corregidos, 0 sin cambio. No se escribió nada.\n',
  )
  await pregonero('history', 'import', file, '--as', 'luis')
  const csv = await pregonero('report', past, '--table', 'IV.1.a.iii', '--format', 'csv')
  expect(csv.stdout).toContain(`"'=HYPERLINK(""x"")"`)
}, 60_000)

test('a quarter is closed with its files and the mail that carries them, and verified', async () => {
  const { folder, pregonero } = await reportDesk()
  await pregonero(...meeting)
  const closed = await pregonero('report', 'close', past, '--without-figures', '--as', 'luis')
  expect(closed).toMatchObject({ code: 0, stderr: '' })
  expect(closed.stdout).toMatch(/^2025-Q1 cerrado: versión 1, sello [0-9a-f]{64}\.\n/)
  expect(await readdir(join(folder, 'informe'))).toEqual([
    'informe-2025-Q1-v1.docx',
    'informe-2025-Q1-v1.xlsx',
    'informe-trimestral-2025-Q1.yaml',
  ])
  const letter = join(folder, 'informe', 'informe-trimestral-2025-Q1.yaml')
  const seal = /sello ([0-9a-f]{64})/.exec(closed.stdout)![1]!
  expect(await readFile(letter, 'utf8')).toContain(seal)
  expect(await pregonero('content', 'check', letter)).toMatchObject({ code: 0 })
  expect(JSON.parse((await pregonero('report', 'verify', past, '--json')).stdout)).toMatchObject({
    holds: true,
    version: 1,
  })
  expect((await pregonero('report', past, '--json')).stdout).toContain('"version": 1')
  // the files can be had again, as they were sealed
  await pregonero('report', 'files', past, '--folder', 'otra')
  expect(await readdir(join(folder, 'otra'))).toHaveLength(3)

  await pregonero('register', 'edit', '1', '--text', 'Otra', '--as', 'luis')
  const verified = await pregonero('report', 'verify', past)
  expect(verified.code).toBe(1)
  expect(verified.stdout).toContain(
    'IV.1.a.iii#01: «1. | 16 de enero de 2025. | =Reunión» → «1. | 16 de enero de 2025. | Otra»',
  )
  expect(
    (await pregonero('report', 'close', past, '--without-figures', '--as', 'luis')).stderr,
  ).toContain('--reason')
}, 60_000)
