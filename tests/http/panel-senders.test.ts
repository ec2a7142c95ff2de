/** What staff see and change of senders and their servers. */
import { expect, test } from 'vitest'
import { restRelay } from '../../src/dispatch/relay-rest.ts'
import { relayName } from '../../src/dispatch/transport.ts'
import { changeLimits } from '../../src/flow/sender-limits.ts'
import { release } from '../../src/flow/release.ts'
import { boletin, fridayAt15 } from '../support/app.ts'
import { panel } from './panel-support.ts'

const path = '/panel/configuracion/remitentes'
const form = { remitente: 'admin', mensajes: '20', conexiones: '4' }

test('limits are seen by everybody and changed by operación, with who did it, and go back', async () => {
  const { app, get, post, signIn } = await panel()
  const [ana, luis] = [await signIn('ana'), await signIn('luis')]
  const seen = await (await get(path, ana)).text()
  expect(seen).toContain('la configuración del servidor')
  expect(seen).not.toContain('Cambiar los límites')
  expect((await post(path, form, ana)).status).toBe(403)

  expect((await post(path, form, luis)).status).toBe(303)
  const changed = await (await get(path, luis)).text()
  expect(changed).toMatch(
    /Mensajes por segundo[^]{0,80}20[^]*Conexiones a la vez[^]{0,80}4[^]*Luis,/,
  )
  expect(changed).toContain('Volver a lo configurado')
  // a second click of the same writes nothing
  expect((await post(path, form, luis)).status).toBe(303)
  expect((await post(path, { remitente: 'admin', volver: 'si' }, luis)).status).toBe(303)
  expect(await (await get(path, luis)).text()).not.toContain('Volver a lo configurado')

  const acts = await app.db
    .selectFrom('auditLog')
    .select(['subject', 'detail'])
    .where('act', '=', 'senders.limit')
    .orderBy('id')
    .execute()
  const [configured, set] = [
    { messagesPerSecond: 10_000, connections: 10 },
    { messagesPerSecond: 20, connections: 4 },
  ]
  expect(acts).toEqual([
    { subject: 'sender admin', detail: { before: configured, after: set } },
    { subject: 'sender admin', detail: { before: set, after: configured, reset: true } },
  ])
})

test.each([
  { mensajes: '0', conexiones: '4' },
  { mensajes: '10001', conexiones: '4' },
  { mensajes: '2.5', conexiones: '"><script>' },
  { mensajes: '', conexiones: '201' },
])('a limit that is none comes back with what was typed: %o', async (typed) => {
  const { app, post, signIn } = await panel()
  const answer = await post(path, { remitente: 'admin', ...typed }, await signIn('luis'))
  const page = await answer.text()
  expect(answer.status).toBe(422)
  expect(page).toContain('Escriba un número entero de 1 a')
  expect(page).not.toContain('"><script>')
  expect(await app.db.selectFrom('senderPace').selectAll().execute()).toEqual([])
})

test('a sender that does not exist is not found', async () => {
  const { post, signIn } = await panel()
  const luis = await signIn('luis')
  for (const remitente of ['nadie', '__proto__', 'toString'])
    expect((await post(path, { ...form, remitente }, luis)).status).toBe(404)
})

test('the limits of a sender are refused to who does not operate, and out of their bounds', async () => {
  const { app } = await panel()
  const { engine, ana, luis } = app
  await expect(changeLimits(engine, ana, 'admin', { connections: 3 })).rejects.toThrow('operacion')
  await expect(changeLimits(engine, luis, 'admn', 'reset')).rejects.toThrow('¿Quiso decir admin?')
  await expect(
    changeLimits(engine, luis, 'admin', { connections: 0, messagesPerSecond: 20_000 }),
  ).rejects.toThrow(/mensajes por segundo[^]*conexiones/)
  // what is not given stays
  await changeLimits(engine, luis, 'admin', { connections: 3 })
  const { now } = await changeLimits(engine, luis, 'admin', { messagesPerSecond: 7 })
  expect(now).toEqual({ messagesPerSecond: 7, connections: 3 })
})

test('the agenda and the edition say that the server does not answer, as long as it does not', async () => {
  const { app, get, signIn } = await panel()
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const said = 'servidor de correo admin no responde: 421 4.3.2 cerrado'
  const pages = ['/panel', `/panel/ediciones/${id}`]
  const ana = await signIn('ana')
  const texts = async () => Promise.all(pages.map(async (page) => (await get(page, ana)).text()))
  for (const text of await texts()) expect(text).not.toContain('no responde')
  const relay = relayName(app.engine.outbox!)
  await restRelay(app.db, relay, '421 4.3.2 cerrado', app.clock.now())
  const [agenda, edition] = await texts()
  expect(agenda).toMatch(new RegExp(`Requiere atención[^]*${said}`))
  expect(edition).toContain(said)
  // nothing was heard of it for a while
  await app.db
    .updateTable('relayRest')
    .set({ until: new Date(Date.now() - 180_000) })
    .execute()
  for (const text of await texts()) expect(text).not.toContain('no responde')
})
