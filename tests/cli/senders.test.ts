/** The limits of senders, as their operator types them. */
import { expect, test } from 'vitest'
import { testApp } from '../support/app.ts'
import { desk } from '../support/desk.ts'

test('limits are listed, changed with who did it, and go back to what is configured', async () => {
  const app = await testApp({ recipients: 0 })
  const { pregonero } = await desk({ DATABASE_URL: app.databaseUrl })
  const by = ['--as', 'luis']
  const limit = ['senders', 'limit', 'admin']
  expect(await pregonero(...limit, '--rate', '20', ...by)).toMatchObject({
    code: 0,
    stdout: 'admin: 20 mensajes por segundo y 10 conexiones a la vez, por Luis.\n',
  })
  const list = JSON.parse((await pregonero('senders', 'list', '--json')).stdout)
  expect(list).toMatchObject([
    { slug: 'admin', now: { messagesPerSecond: 20, connections: 10 }, changed: { by: 'Luis' } },
    { slug: 'votochilango', changed: null },
    { slug: 'dvoe', changed: null },
  ])
  expect(await pregonero(...limit, '--reset', ...by)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('según la configuración'),
  })
  const refused: [string[], number, string][] = [
    [['--rate', '20', '--as', 'ana'], 4, 'operacion'],
    [by, 2, 'no dice qué cambiar'],
    [['--reset', '--rate', '5', ...by], 2, '--reset no va con'],
    [['--connections', '201', ...by], 3, 'de 1 a 200'],
  ]
  for (const [options, code, stderr] of refused) {
    const answer = await pregonero(...limit, ...options)
    expect(answer).toMatchObject({ code, stderr: expect.stringContaining(stderr) })
  }
}, 180_000)
