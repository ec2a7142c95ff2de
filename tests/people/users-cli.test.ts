import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { signIn, setPassword } from '../../src/people/sessions.ts'
import { testApp } from '../support/app.ts'
import { compileCache } from '../support/process.ts'

const wrapper = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))

test('accounts are changed and closed from the command line by the same rules', async () => {
  const app = await testApp({ recipients: 0 })
  const { dataDir } = app.engine.config
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [wrapper, 'users', ...args], {
      cwd: dataDir,
      env: {
        ...compileCache,
        PREGONERO_ENV: 'test',
        DATA_DIR: dataDir,
        DATABASE_URL: app.databaseUrl,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = once(child, 'exit') as Promise<[number | null]>
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited])
    return { code, out, err }
  }
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
