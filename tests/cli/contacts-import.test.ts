/** `pregonero contacts import` as a person uses it, from the dry run to taking it back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { addTestUser, testApp } from '../support/app.ts'
import { desk, type Desk } from '../support/desk.ts'
import { compileCache } from '../support/process.ts'

async function deskWithLists() {
  const app = await testApp({ recipients: 0 })
  const at = await desk({ DATABASE_URL: app.databaseUrl })
  const path = join(at.folder, 'personal.csv')
  await writeFile(
    path,
    Buffer.from(
      'Correo;Nombre;Teléfono\nana@iecm.mx;Nuño;55\nluis@gmial.com;Luis;\nmal;X;\n',
      'latin1',
    ),
  )
  return { app, at, path }
}

const count = async ({ db }: Awaited<ReturnType<typeof testApp>>): Promise<number> =>
  (await db.selectFrom('contact').select('id').execute()).length

/** An answer without the frame of its tables. */
const words = ({ stdout }: { stdout: string }): string => stdout.replace(/[│─┌┐└┘├┤┬┴┼\s]+/g, ' ')

test('a dry run shows columns, examples, remarks and the command that confirms; the rest follows from it', async () => {
  const { app, at, path } = await deskWithLists()
  const report = join(at.folder, 'informe.csv')
  const shown = await at.pregonero(
    'contacts',
    'import',
    path,
    '--list',
    'comunidad-iecm',
    '--report',
    report,
    '--as',
    'ana',
  )
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(words(shown)).toContain(
    'personal.csv: CSV en Windows-1252 (Excel), separado por punto y coma',
  )
  expect(words(shown)).toContain('Nombre nombre Nuño Luis X')
  expect(words(shown)).toContain('Teléfono (no se lee)')
  expect(words(shown)).toContain('Con error, no se importan: 1')
  expect(words(shown)).toContain('Al confirmar: 2 contactos nuevos, 2 altas (2 en comunidad-iecm)')
  expect(shown.stdout).toContain(
    'pregonero contacts confirm-import 1 --skip-invalid --accept-doubtful --as ana',
  )
  expect(await readFile(report, 'utf8')).toContain('4,correo,mal,')
  expect((await stat(report)).mode & 0o077).toBe(0)
  expect(await count(app)).toBe(0)

  const refused = await at.pregonero('contacts', 'confirm-import', '1', '--as', 'ana')
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('1 de 3 filas no pueden importarse')
  expect(refused.stderr).toContain('1 de 3 filas deben revisarse')
  const done = await at.pregonero(
    'contacts',
    'confirm-import',
    '1',
    '--skip-invalid',
    '--accept-doubtful',
    '--as',
    'ana',
  )
  expect(done.stdout).toContain('2 contactos nuevos, 0 completados, 2 altas en listas')
  expect(await count(app)).toBe(2)

  const imports = await at.pregonero('contacts', 'imports')
  expect(words(imports)).toContain('1 personal.csv confirmada ana')
  const undone = await at.pregonero('contacts', 'undo-import', '1', '--as', 'ana')
  expect(undone.stdout).toContain('se quitaron 2 altas y 2 contactos')
  expect(await count(app)).toBe(0)
})

test('with --confirm a good file is written at once, and what a machine reads is JSON', async () => {
  const { app, at, path } = await deskWithLists()
  await writeFile(path, 'correo\nana@iecm.mx\n')
  const args = [
    'contacts',
    'import',
    path,
    '--list',
    'red-observacion',
    '--confirm',
    '--json',
    '--as',
    'ana',
  ]
  const refused = await at.pregonero(...args)
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('--consented-on: falta la fecha del consentimiento')
  const consent = ['--origin', 'Formulario', '--consented-on', '2026-10-05', '--notice', '2026-01']
  const done = await at.pregonero(...args, ...consent)
  expect(JSON.parse(done.stdout)).toMatchObject({
    state: 'confirmed',
    summary: { newContacts: 1 },
    consent: { origin: 'Formulario', consentedOn: '2026-10-05', noticeVersion: '2026-01' },
  })
  expect(await count(app)).toBe(1)
})

test('a column is chosen with --column, and standard input is a file too', async () => {
  const { app, at } = await deskWithLists()
  const args = ['--list', 'consejerias', '--column', 'correo=a quien', '--confirm', '--as', 'ana']
  const typed = 'A quién;Nombre\nana@iecm.mx;Ana\n'
  const answer = await fromInput(at, app.databaseUrl, typed, ['contacts', 'import', '-', ...args])
  expect(answer).toMatchObject({ code: 0, stderr: '' })
  expect(await count(app)).toBe(1)
})

test('--confirm writes no row that seems mistyped', async () => {
  const { app, at, path } = await deskWithLists()
  await writeFile(path, 'correo\nana@iecm.mx\nluis@gmial.com\n')
  const args = ['contacts', 'import', path, '--list', 'consejerias', '--confirm', '--as', 'ana']
  const refused = await at.pregonero(...args)
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('--accept-doubtful')
  expect(await count(app)).toBe(0)
  expect(await at.pregonero(...args, '--accept-doubtful')).toMatchObject({ code: 0 })
  expect(await count(app)).toBe(2)
})

test('a report takes the place of no file, and one that could not be written is not left behind', async () => {
  const { at, path } = await deskWithLists()
  const report = join(at.folder, 'informe.csv')
  const args = ['contacts', 'import', path, '--report', report, '--as', 'ana']
  const failed = await at.pregonero(...args, '--list', 'nada')
  expect(failed).toMatchObject({ code: 5 })
  await expect(stat(report)).rejects.toThrow('ENOENT')
  await writeFile(report, 'mío', { mode: 0o644 })
  const refused = await at.pregonero(...args, '--list', 'consejerias')
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('--report: el archivo ya existe')
  expect(await readFile(report, 'utf8')).toBe('mío')
  expect((await at.pregonero('contacts', 'imports')).stdout).toContain('No hay nada que mostrar')
})

test('an import that was looked at and is not wanted is discarded', async () => {
  const { app, at, path } = await deskWithLists()
  await at.pregonero('contacts', 'import', path, '--list', 'consejerias', '--as', 'ana')
  const discarded = await at.pregonero('contacts', 'discard-import', '1', '--as', 'ana')
  expect(discarded).toMatchObject({ code: 0, stderr: '' })
  expect(discarded.stdout).toContain('Importación 1 descartada')
  expect(await app.db.selectFrom('contactImportRow').select('rowNumber').execute()).toEqual([])
  const late = await at.pregonero('contacts', 'confirm-import', '1', '--as', 'ana')
  expect(late.stderr).toContain('está descartada')
})

test('what came by standard input is gone with the process, also when it is interrupted', async () => {
  const { app, at } = await deskWithLists()
  const temporary = join(at.folder, 'tmp')
  await mkdir(temporary)
  const args = ['contacts', 'import', '-', '--list', 'consejerias', '--as', 'ana']
  const child = started(at, { DATABASE_URL: app.databaseUrl, TMPDIR: temporary }, args)
  const exited = once(child, 'exit')
  // more than a pipe holds: when it is taken, most of it was kept by the other side
  const lines = `correo\n${'ana@iecm.mx\n'.repeat(200_000)}`
  await new Promise((resolve) => child.stdin.write(lines, resolve))
  child.kill('SIGINT')
  expect(await exited).toEqual([null, 'SIGINT'])
  expect(await readdir(temporary)).toEqual([])
})

test('what is wrong with the command ends with 2 and what there is', async () => {
  const { app, at, path } = await deskWithLists()
  await addTestUser(app, 'eva', ['consulta'])
  const answer = await at.pregonero(
    'contacts',
    'import',
    path,
    '--column',
    'corre=X',
    '--as',
    'ana',
  )
  expect(answer).toMatchObject({ code: 2, stdout: '' })
  expect(answer.stderr).toContain('Did you mean correo=…?')
  const missing = await at.pregonero('contacts', 'import', 'nada.csv', '--as', 'ana')
  expect(missing).toMatchObject({ code: 2 })
  expect(missing.stderr).toContain('nada.csv')
  const unwritable = await at.pregonero(
    'contacts',
    'import',
    path,
    '--list',
    'consejerias',
    '--report',
    '/nada/x.csv',
    '--as',
    'ana',
  )
  expect(unwritable).toMatchObject({ code: 2 })
  expect(unwritable.stderr).toContain('--report: no se puede escribir')
  const eva = await at.pregonero('contacts', 'import', path, '--list', 'consejerias', '--as', 'eva')
  expect(eva).toMatchObject({ code: 4 })
})

function started({ folder }: Desk, env: Record<string, string>, args: string[]) {
  const wrapper = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))
  const child = spawn(process.execPath, [wrapper, ...args], {
    cwd: folder,
    env: { ...compileCache, PREGONERO_ENV: 'test', DATA_DIR: folder, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function fromInput(at: Desk, databaseUrl: string, input: string, args: string[]) {
  const child = started(at, { DATABASE_URL: databaseUrl }, args)
  child.stdin.end(input)
  const exited = once(child, 'exit') as Promise<[number | null]>
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exited,
  ])
  return { stdout, stderr, code }
}
