/** A dispatch on its way, and what is left of one that concluded, as its operator types it. */
import { expect, test } from 'vitest'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { boletin, editionNow, fridayAt15, testApp } from '../support/app.ts'
import { desk } from '../support/desk.ts'
import { testRelay, type Behaviour } from '../support/relay.ts'

async function released(behaviours: Record<string, Behaviour> = {}) {
  const relay = await testRelay((address) => behaviours[address] ?? { kind: 'accept' })
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const { pregonero } = await desk({ DATABASE_URL: app.databaseUrl })
  return { app, relay, id, pregonero }
}

test('it is paused and resumed, and show says how fast it goes', async () => {
  const { app, id, pregonero } = await released()
  const by = ['--as', 'luis']
  const why = ['--reason', 'Revisar un dato']
  expect(await pregonero('edition', 'pause', String(id), ...why, ...by)).toMatchObject({
    code: 0,
    stdout: 'Boletín Electoral 2026-W48 en pausa; quedan 3 por enviar.\n',
  })
  expect(await pregonero('edition', 'pause', String(id), '--reason', ' ', ...by)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('motivo: está vacío'),
  })
  expect(await editionNow(app, id)).toMatchObject({ state: 'paused' })
  const asAna = await pregonero('edition', 'resume', String(id), '--as', 'ana')
  expect(asAna).toMatchObject({ code: 4, stderr: expect.stringContaining('operacion') })
  expect(await pregonero('edition', 'resume', String(id), ...by)).toMatchObject({
    code: 0,
    stdout: 'Boletín Electoral 2026-W48 en curso; quedan 3 por enviar.\n',
  })
  const show = await pregonero('edition', 'show', String(id))
  expect(show.stdout).toContain('mensajes por segundo en el último minuto')
  const json = JSON.parse((await pregonero('edition', 'show', String(id), '--json')).stdout)
  expect(json).toMatchObject({ pace: { perSecond: 0 }, totals: { pending: 3 } })
}, 180_000)

test('what failed is sent again and what is unknown resolved, only with a word for each', async () => {
  const { app, relay, id, pregonero } = await released({
    'persona1@example.org': { kind: 'answer', at: 'rcpt', line: '554 5.7.1 no' },
    'persona2@example.org': { kind: 'drop', at: 'dot' },
    'persona3@example.org': { kind: 'drop', at: 'dot' },
  })
  await sendBatch(app.engine, id, 1)
  const edition = (act: string, ...rest: string[]) =>
    pregonero('edition', act, String(id), ...rest, '--as', 'luis')
  expect(await edition('resend')).toMatchObject({
    code: 0,
    stdout: 'Boletín Electoral 2026-W48: 1 en cola de nuevo.\n',
  })
  expect(await edition('resend')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('no se puede reenviar: está en curso'),
  })
  expect(await edition('resolve', '--unknown', 'resend')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('puede repetirlo'),
  })
  expect(await edition('resolve', '--unknown', 'entregar')).toMatchObject({ code: 2 })
  expect(await edition('resolve', '--unknown', 'drop', '--delivery', 'x')).toMatchObject({
    code: 2,
  })
  expect(await totalsOf(app.db, id)).toMatchObject({ unknown: 2 })
  const [first] = await listDeliveries(app.db, { editionId: id, state: 'unknown', limit: 1 })
  const named = ['--delivery', String(first!.id)]
  expect(await edition('resolve', '--unknown', 'resend', ...named, '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 resueltas; quedan 1 de resultado incierto'),
  })
  expect(await edition('resolve', '--unknown', 'accept', '--reason', 'Lo tiene')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('quedan 0 de resultado incierto'),
  })
  expect(await edition('resolve', '--unknown', 'accept')).toMatchObject({ code: 4 })
  relay.behave = () => ({ kind: 'accept' })
  await sendBatch(app.engine, id, 1)
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 3 })
}, 180_000)
