import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { signIn, setPassword } from '../../src/people/sessions.ts'
import { addTestUser, testApp } from '../support/app.ts'
import { compileCache } from '../support/process.ts'

const wrapper = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))

async function commandLine() {
  const app = await testApp({ recipients: 0 })
  const { dataDir } = app.engine.config
  const run = async (args: string[], input = '') => {
    const child = spawn(process.execPath, [wrapper, 'users', ...args], {
      cwd: dataDir,
      env: {
        ...compileCache,
        PREGONERO_ENV: 'test',
        DATA_DIR: dataDir,
        DATABASE_URL: app.databaseUrl,
      },
    })
    child.stdin.end(input)
    const exited = once(child, 'exit') as Promise<[number | null]>
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited])
    return { code, out, err }
  }
  return { app, run }
}

test('accounts are changed and closed from the command line by the same rules', async () => {
  const { app, run: runAll } = await commandLine()
  const run = (...args: string[]) => runAll(args)
  const password = 'una frase que recuerdo'
  await setPassword(app.db, app.luis, 'ana', password, app.clock.now())

  const edited = await run('edit', 'ana', '--role', 'capturista,consulta', '--as', 'luis')
  expect(edited).toMatchObject({ code: 0, out: expect.stringContaining('Sus sesiones terminaron') })
  expect(await run('edit', 'ana', '--role', 'consulta', '--as', 'ana')).toMatchObject({ code: 4 })
  expect(await run('edit', 'luis', '--role', 'consulta', '--as', 'luis')).toMatchObject({
    code: 4,
    err: expect.stringContaining('única persona activa con el rol de operación'),
  })
  expect(await run('deactivate', 'nadie', '--as', 'luis')).toMatchObject({ code: 5 })
  expect(await run('deactivate', 'ana', '--as', 'luis')).toMatchObject({ code: 0 })
  expect(await signIn(app.db, 'ana', password, app.clock.now())).toMatchObject({ ok: false })
  expect(await run('reactivate', 'ana', '--as', 'luis')).toMatchObject({
    code: 0,
    out: expect.stringContaining('/panel/contrasena/'),
  })
}, 60_000)

test('whose password is set from the command line is told, and so are the others who operate', async () => {
  const { app, run } = await commandLine()
  const olga = await addTestUser(app, 'olga', ['operacion'])
  const told = async () => {
    const rows = await app.db
      .selectFrom('notice')
      .select(['kind', 'address', 'subject', 'plainText'])
      .orderBy('address')
      .execute()
    return rows
  }
  const set = (login: string, as: string, password: string) =>
    run(['set-password', login, '--as', as], `${password}\n`)
  expect(await set('ana', 'luis', 'corta')).toMatchObject({ code: 3 })
  expect(await set('luis', 'ana', 'una frase que recuerdo')).toMatchObject({ code: 4 })
  expect(await told()).toEqual([])

  expect(await set('ana', 'luis', 'una frase que recuerdo')).toMatchObject({ code: 0 })
  expect(await signIn(app.db, 'ana', 'una frase que recuerdo', app.clock.now())).toMatchObject({
    ok: true,
  })
  const rows = await told()
  expect(rows.map(({ address }) => address)).toEqual([app.ana.email, olga.email])
  for (const { kind, subject, plainText } of rows) {
    expect([kind, subject]).toEqual(['account', 'Cuenta de Ana (ana)'])
    expect(plainText).toContain('Luis (luis), el ')
    expect(plainText).toContain('otra contraseña')
    expect(plainText).not.toContain('una frase')
  }
  // the command line takes anybody's word for who they are: one's own is told too
  expect(await set('luis', 'luis', 'otra frase que recuerdo')).toMatchObject({ code: 0 })
  expect((await told()).map(({ address }) => address)).toEqual(
    [app.ana.email, app.luis.email, olga.email, olga.email].toSorted(),
  )
}, 60_000)
