/** What the panel says of an edition whose detail was pruned. */
import { expect, test } from 'vitest'
import { prune } from '../../src/flow/prune.ts'
import { release } from '../../src/flow/release.ts'
import { closeReport } from '../../src/flow/report.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import { addTestUser, boletin, fridayAt15, mexicoCity } from '../support/app.ts'
import { testRelay } from '../support/relay.ts'
import { panel } from './panel-support.ts'
import { wordsOf } from './support.ts'

test('pages of a pruned edition keep its totals and say that its detail was pruned', async () => {
  const relay = await testRelay((address) =>
    address.startsWith('persona1@')
      ? { kind: 'answer', at: 'rcpt', line: '554 5.7.1 refused by policy' }
      : { kind: 'accept' },
  )
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const { app, get, post, signIn } = await panel({ env })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  await sendBatch(app.engine, id, 1)
  app.clock.moveTo(mexicoCity('2027-01-11T10:00'))
  const options = { withoutFigures: true }
  await closeReport(app.engine, app.reportDefinitions, app.luis, parseQuarter('2026-Q4'), options)
  app.clock.moveTo(mexicoCity('2028-12-28T10:00'))
  await addTestUser(app, 'eva', ['privacidad'])
  const cookie = await signIn('luis')
  const eva = await signIn('eva')
  const words = async (path: string) => wordsOf(await (await get(path, cookie)).text())
  const edition = `/panel/ediciones/${id}`
  const recipients = `${edition}/destinatarios`
  const pruned = 'El detalle se depuró el jueves 28 de diciembre de 2028'

  const before = await words(edition)
  expect(before).toContain('Ver los destinatarios')
  expect(before).toContain('Reenviar a')
  expect(before).not.toContain(pruned)
  expect(await words(recipients)).not.toContain(pruned)

  const looks = async () =>
    (await app.db.selectFrom('auditLog').select('id').where('act', '=', 'addresses.see').execute())
      .length
  const seen = await looks()
  await prune(app.engine, app.luis, { months: 24 })

  const page = await words(edition)
  expect(page).toContain(pruned)
  expect(page).toContain('aceptado por el servidor 2')
  expect(page).toContain('Luis, depuró el detalle, 3 direcciones')
  expect(page).not.toContain('Ver los destinatarios')
  expect(page).not.toContain('Reenviar a')
  const list = await words(recipients)
  expect(list).toContain(pruned)
  expect(list).toContain('2 de 3 aceptados')
  for (const gone of ['Descargar en CSV', 'Filtrar', 'Reenviar', 'Fallos por respuesta'])
    expect(list).not.toContain(gone)
  expect(await words(`${recipients}?estado=accepted`)).toContain(pruned)

  const csv = await get(`${recipients}.csv`, cookie)
  expect(csv.status).toBe(409)
  expect(wordsOf(await csv.text())).toContain('su detalle se depuró el jueves 28 de diciembre')
  expect(await looks()).toBe(seen)

  const search = await post(
    '/panel/registro/destinatario',
    { destinatario: 'persona2@example.org' },
    eva,
  )
  const found = wordsOf(await search.text())
  expect(found).toContain('Sin envíos')
  expect(found).toContain('puede haberse depurado el detalle')
  expect(await words('/panel/bitacora')).toContain('Depuración del detalle de un envío')
})
