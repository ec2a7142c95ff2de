import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { sendTest } from '../../src/flow/send-test.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import { boletin, testApp } from '../support/app.ts'
import { testRelay } from '../support/relay.ts'

test('a test goes to its user alone, says that it is one, and is logged apart and never counted', async () => {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  const result = await sendTest(app.engine, app.ana, edition)
  expect(result.outcome).toBe('accepted')
  const files = await readdir(app.outbox!.folder)
  expect(files).toHaveLength(1)
  const mail = await PostalMime.parse(await readFile(join(app.outbox!.folder, files[0]!)))
  expect(mail.subject).toMatch(/^\[PRUEBA\] Boletín Electoral · La semana/)
  expect(mail.to).toEqual([{ name: 'Ana', address: 'ana@example.org' }])
  expect(mail.headers.find((header) => header.key === 'x-prueba')?.value).toBe(
    `edition ${edition.id}`,
  )
  expect(recipientsOf(await totalsOf(app.db, edition.id))).toBe(0)
  const logged = await app.db.selectFrom('testSend').select(['userId', 'outcome']).execute()
  expect(logged).toEqual([{ userId: app.ana.id, outcome: 'accepted' }])
})

test('the eleventh test of an hour is refused, and says what to do', async () => {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  const at = app.clock.now()
  const rows = Array.from({ length: 10 }, () => ({
    editionId: edition.id,
    userId: app.ana.id,
    at,
    outcome: 'accepted',
  }))
  await app.db.insertInto('testSend').values(rows).execute()
  await expect(sendTest(app.engine, app.ana, edition)).rejects.toThrow(
    'ya envió 10 pruebas en la última hora',
  )
  app.clock.advance(3_600_001)
  expect((await sendTest(app.engine, app.ana, edition)).outcome).toBe('accepted')
})

test('of many tests at once ten leave', async () => {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  const results = await Promise.allSettled(
    Array.from({ length: 13 }, () => sendTest(app.engine, app.ana, edition)),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(await readdir(app.outbox!.folder)).toHaveLength(10)
})

test('a test that no relay takes is none of the ten', async () => {
  const relay = await testRelay()
  await relay.close()
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env })
  const edition = await boletin(app, { ready: false })
  await expect(sendTest(app.engine, app.ana, edition)).rejects.toThrow('no se envió')
  expect(await app.db.selectFrom('testSend').select('id').execute()).toEqual([])
})
