import { expect, test } from 'vitest'
import type { Edition } from '../../src/editions/editions.ts'
import { resend } from '../../src/flow/control.ts'
import { leave } from '../../src/flow/leave-lists.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { addTestUser, boletin, editionNow, eventually, fridayAt15 } from '../support/app.ts'
import { testRelay, type Behaviour, type TestRelay } from '../support/relay.ts'
import { panel, type Panel } from './panel-support.ts'
import { wordsOf } from './support.ts'

const accept: Behaviour = { kind: 'accept' }
const refuses: Behaviour = { kind: 'answer', at: 'rcpt', line: '554 5.7.1 relay access denied' }
const rejects: Behaviour = { kind: 'answer', at: 'rcpt', line: '550 5.1.1 no such user' }
const takesAndIsGone: Behaviour = { kind: 'drop', at: 'dot' }
const one = 'persona1@example.org'
const two = 'persona2@example.org'
const three = 'persona3@example.org'

interface Dispatch extends Panel {
  relay: TestRelay
  id: number
  path: string
  /** Of luis, who operates. */
  cookie: string
  page: (path?: string) => Promise<string>
  state: () => Promise<Edition['state']>
  act: (name: string, fields?: Record<string, string>) => Promise<Response>
}

async function dispatch(
  behaviours: Record<string, Behaviour> = {},
  { recipients = 4, send = true } = {},
): Promise<Dispatch> {
  const relay = await testRelay((address) => behaviours[address] ?? accept)
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const base = await panel({ env, recipients })
  const { app, get, post, signIn } = base
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  if (send) await sendBatch(app.engine, id, 1)
  app.clock.advance(60_000)
  const cookie = await signIn('luis')
  const path = `/panel/ediciones/${id}`
  return {
    ...base,
    relay,
    id,
    path,
    cookie,
    page: async (at = path) => (await get(at, cookie)).text(),
    state: async () => (await editionNow(app, id)).state,
    act: (name, fields = {}) => post(`${path}/${name}`, fields, cookie),
  }
}

const auditOf = async ({ app }: Panel, act: string) => {
  const rows = await app.db.selectFrom('auditLog').select('detail').where('act', '=', act).execute()
  return rows.map(({ detail }) => detail)
}

const hidden = (page: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(page)![1]!

test('the page says how far it is, in words and as a bar, and offers to pause it', async () => {
  const { page, app, get, signIn, path } = await dispatch(
    { [one]: { kind: 'answer', at: 'rcpt', line: '450 4.2.0 later' }, [two]: refuses },
    { recipients: 5 },
  )
  const html = await page()
  expect(html).toMatch(/role="status" data-live="\/panel\/ediciones\/\d+\/avance"/)
  expect(html).toMatch(/<progress[^>]*max="5" value="4"/)
  const words = wordsOf(html)
  expect(words).toContain('3 de 5 aceptados, 1 fallo, 1 por enviar')
  expect(words).toContain('1 espera su siguiente intento.')
  expect(words).toContain('Código 554: fallo técnico, 1')
  expect(words).toContain('Pausar este envío')
  expect(words).not.toMatch(/entregad/i)
  await addTestUser(app, 'eva', ['consulta'])
  const asEva = wordsOf(await (await get(path, await signIn('eva'))).text())
  expect(asEva).toContain('3 de 5 aceptados')
  expect(asEva).not.toContain('Pausar este envío')
})

test('a pause needs its reason, is kept once, and what is paused is resumed once', async () => {
  const sent = await dispatch({}, { send: false })
  const { act, state, page, app, id, relay } = sent
  const empty = await act('pausar', { motivo: '  ' })
  expect(empty.status).toBe(422)
  expect(await empty.text()).toMatch(/Hay datos por corregir[^]*El motivo está vacío/)
  const hostile = `"><img src=x onerror=alert(1)><script>${'a'.repeat(300)}`
  const long = await act('pausar', { motivo: hostile })
  expect(long.status).toBe(422)
  const shown = await long.text()
  expect(shown).not.toContain('<img src=x')
  expect(shown).toContain('&quot;&gt;&lt;img src=x')
  expect(await state()).toBe('sending')

  const reason = '<script>"><img onerror>'
  const [first, second] = await Promise.all([
    act('pausar', { motivo: reason }),
    act('pausar', { motivo: reason }),
  ])
  expect([first.status, second.status]).toEqual([303, 303])
  expect(await state()).toBe('paused')
  const paused = await page()
  expect(paused).not.toContain(reason)
  expect(paused).toContain('&lt;script&gt;')
  expect(wordsOf(paused)).toMatch(/En pausa: nada más sale hasta que se reanude.*Reanudar/)
  expect(await auditOf(sent, 'pause')).toEqual([{ reason, from: 'sending', to: 'paused' }])
  await sendBatch(app.engine, id, 1)
  expect(relay.taken).toEqual([])

  const clicks = await Promise.all([act('reanudar'), act('reanudar'), act('reanudar')])
  expect(clicks.map(({ status }) => status)).toEqual([303, 303, 303])
  expect(await auditOf(sent, 'resume')).toHaveLength(1)
  await sendBatch(app.engine, id, 1)
  expect(relay.taken).toHaveLength(4)
  const late = await act('reanudar')
  expect([late.status, wordsOf(await late.text())]).toEqual([
    409,
    expect.stringContaining('no se puede reanudar: está concluida'),
  ])
})

test('whoever left since is not sent it again, and the page says how many', async () => {
  const sent = await dispatch({ [one]: refuses, [two]: refuses })
  const { app, act, page, relay, state } = sent
  const leaves = async (address: string) => {
    const { id } = await app.db
      .selectFrom('contact')
      .select('id')
      .where('address', '=', address)
      .executeTakeFirstOrThrow()
    const { id: list } = await app.db
      .selectFrom('list')
      .select('id')
      .where('slug', '=', 'comunidad-iecm')
      .executeTakeFirstOrThrow()
    await leave(app.engine, id, [list], { origin: 'prueba' })
  }
  await leaves(one)
  const visto = hidden(await page(), 'visto')
  relay.behave = () => ({ kind: 'answer', at: 'rcpt', line: '554 5.7.1 relay access denied' })
  expect((await act('reenviar', { visto })).status).toBe(303)
  expect(wordsOf(await page())).toContain(
    'reenvió lo que falló, 1 dirección; 1 no, porque dejó sus listas',
  )
  await sendBatch(app.engine, sent.id, 1)
  await leaves(two)
  app.clock.advance(60_000)
  const refused = await act('reenviar', { visto: hidden(await page(), 'visto') })
  expect([refused.status, wordsOf(await refused.text())]).toEqual([
    409,
    expect.stringContaining('las 2 personas a quienes iba dejaron sus listas'),
  ])
  expect(await state()).toBe('sent')
  expect(await totalsOf(app.db, sent.id)).toMatchObject({ accepted: 2, failed: 2, suppressed: 0 })
})

test('the failed are sent again by one click, twice clicked too, and the rejected when ticked', async () => {
  const sent = await dispatch({ [one]: refuses, [two]: rejects, [three]: takesAndIsGone })
  const { app, act, page, relay, id, state } = sent
  const before = await page()
  expect(wordsOf(before)).toMatch(
    /Concluido con fallos \(3\).*También a las rechazadas por su servidor \(1\) Reenviar a fallidos \(1\).*Resolver 1 de resultado incierto/,
  )
  relay.behave = () => accept
  relay.taken.length = 0
  const fields = { visto: hidden(before, 'visto'), rechazados: 'si' }
  app.clock.advance(1_000)
  const clicks = await Promise.all([act('reenviar', fields), act('reenviar', fields)])
  expect(clicks.map(({ status }) => status)).toEqual([303, 303])
  await sendBatch(app.engine, id, 1)
  expect(relay.taken.map(({ to }) => to).toSorted()).toEqual([one, two])
  expect(await state()).toBe('sent')
  expect((await act('reenviar', fields)).status).toBe(303)
  expect(await auditOf(sent, 'resend')).toMatchObject([
    { requeued: 2, states: ['failed', 'rejected'] },
  ])
  expect(await totalsOf(app.db, id)).toMatchObject({ accepted: 3, unknown: 1 })
})

test.each(['', 'ayer', '2026-99-99T00:00:00.000Z', '2026-11-27'])(
  'a form that does not say of when it is (%j) does nothing',
  async (visto) => {
    const { act, state } = await dispatch({ [one]: refuses, [two]: takesAndIsGone })
    expect((await act('reenviar', { visto })).status).toBe(422)
    expect((await act('inciertos', { visto, que: 'accept', cuales: 'todas' })).status).toBe(422)
    expect(await state()).toBe('sent')
  },
)

test('the unknown are listed for who resolves them, which is written down, and are sent again only when duplicates are accepted', async () => {
  const sent = await dispatch({ [one]: takesAndIsGone, [two]: takesAndIsGone })
  const { app, act, page, path, relay, id } = sent
  const html = await page(`${path}/inciertos`)
  expect(wordsOf(html)).toContain('2 entregas pudieron haber llegado')
  expect(wordsOf(html)).toContain(one)
  expect(await auditOf(sent, 'addresses.see')).toEqual([{ rows: 2, state: 'unknown' }])
  const visto = hidden(html, 'visto')
  app.clock.advance(1_000)

  const nothing = await act('inciertos', { visto, motivo: '"><img onerror>' })
  expect(nothing.status).toBe(422)
  const again = await nothing.text()
  expect(wordsOf(again)).toMatch(/Elija si son todas.*Elija qué se hace/)
  expect(again).toContain('value="&quot;&gt;&lt;img onerror&gt;"')
  const first = (await listDeliveries(app.db, { editionId: id, address: one, limit: 1 }))[0]!
  const fields = { visto, cuales: 'marcadas', entrega: String(first.id), que: 'resend' }
  const unticked = await act('inciertos', fields)
  expect(unticked.status).toBe(422)
  const kept = await unticked.text()
  expect(kept).toMatch(/acepte que alguna persona pueda recibirlo dos veces/)
  expect(kept).toMatch(new RegExp(`value="${first.id}"\\s+checked`))
  expect(kept).toMatch(/value="resend"\s+checked/)
  expect(hidden(kept, 'visto')).toBe(visto)

  relay.behave = () => accept
  relay.taken.length = 0
  const ticked = { ...fields, duplicado: 'si' }
  const clicks = await Promise.all([act('inciertos', ticked), act('inciertos', ticked)])
  expect(clicks.map(({ status }) => status)).toEqual([303, 303])
  await sendBatch(app.engine, id, 1)
  expect(relay.taken.map(({ to }) => to)).toEqual([one])
  expect(await auditOf(sent, 'resolve')).toHaveLength(1)

  const rest = { visto, cuales: 'todas', que: 'accept', motivo: 'El relay la tiene' }
  expect((await act('inciertos', rest)).headers.get('location')).toBe(path)
  const recipients = wordsOf(await page(`${path}/destinatarios?estado=accepted`))
  expect(recipients).toContain('Dado por aceptado por Luis: El relay la tiene')
  expect(wordsOf(await page(`${path}/inciertos`))).toContain('No queda ninguna entrega')
})

test.each<[Record<string, string>]>([
  [{ cuales: 'marcadas', que: 'drop' }],
  [{ cuales: 'marcadas', que: 'drop', entrega: 'x' }],
  [{ cuales: 'marcadas', que: 'drop', entrega: '9'.repeat(40) }],
  [{ cuales: 'otras', que: 'drop' }],
  [{ cuales: 'todas', que: 'entregar' }],
  [{ cuales: 'todas', que: 'drop', motivo: 'a'.repeat(301) }],
  [{ cuales: 'todas', que: 'drop', motivo: 'a\0b' }],
])('what cannot be resolved (%j) comes back and changes nothing', async (fields) => {
  const { app, act, id, page, path } = await dispatch({ [one]: takesAndIsGone })
  const visto = hidden(await page(`${path}/inciertos`), 'visto')
  const answer = await act('inciertos', { visto, ...fields })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('Hay datos por corregir')
  expect(await totalsOf(app.db, id)).toMatchObject({ unknown: 1 })
})

test('a delivery of another edition, or a page of the list that is not, resolves and breaks nothing', async () => {
  const { app, act, page, path, id } = await dispatch({ [one]: takesAndIsGone })
  const visto = hidden(await page(`${path}/inciertos?despues=999999`), 'visto')
  const fields = { visto, cuales: 'marcadas', entrega: '999999', que: 'accept' }
  expect((await act('inciertos', fields)).status).toBe(303)
  expect(await totalsOf(app.db, id)).toMatchObject({ unknown: 1 })
})

test('what does not exist is told, and an edition that did not leave has nothing to control', async () => {
  const { app, get, post, signIn } = await panel()
  const edition = await boletin(app)
  const cookie = await signIn('luis')
  for (const id of ['999', 'x', `${edition.id}x`]) {
    for (const name of ['avance', 'pausar', 'inciertos'])
      expect((await get(`/panel/ediciones/${id}/${name}`, cookie)).status).toBe(404)
    for (const name of ['pausar', 'reanudar', 'reenviar', 'inciertos'])
      expect((await post(`/panel/ediciones/${id}/${name}`, {}, cookie)).status).toBe(404)
  }
  const visto = app.clock.now().toISOString()
  const path = `/panel/ediciones/${edition.id}`
  expect((await post(`${path}/pausar`, { motivo: 'x' }, cookie)).status).toBe(409)
  expect((await post(`${path}/reanudar`, {}, cookie)).status).toBe(409)
  expect((await post(`${path}/reenviar`, { visto }, cookie)).status).toBe(409)
  const page = wordsOf(await (await get(path, cookie)).text())
  expect(page).not.toMatch(/Pausar|Reanudar|Reenviar|Avance/)
})

test('a browser without events asks for the fragment alone, and hears when it ended', async () => {
  const { app, get, cookie, path, id } = await dispatch({}, { send: false })
  const going = await get(`${path}/avance`, cookie)
  const text = await going.text()
  expect(going.headers.get('content-type')).toContain('text/html')
  expect(text).not.toMatch(/<html|data-live-done/)
  expect(wordsOf(text)).toContain('0 de 4 aceptados, 4 por enviar')
  await sendBatch(app.engine, id, 1)
  const done = await (await get(`${path}/avance`, cookie)).text()
  expect(done).toContain('data-live-done')
  expect(wordsOf(done)).toContain('4 de 4 aceptados Concluido.')
})

interface Events {
  answer: Response
  text: () => string
  ended: Promise<void>
  leave: () => void
}

async function follow({ url, path, cookie }: Dispatch): Promise<Events> {
  const leaving = new AbortController()
  const answer = await fetch(`${url}${path}/avance`, {
    headers: { Accept: 'text/event-stream', Cookie: cookie },
    signal: leaving.signal,
  })
  let text = ''
  const ended = (async () => {
    if (!answer.body) return
    try {
      for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) text += chunk
    } catch {
      // we left
    }
  })()
  return { answer, text: () => text, ended, leave: () => leaving.abort() }
}

test('events tell each change once, and end with the dispatch', async () => {
  const sent = await dispatch({}, { send: false })
  const { app, id } = sent
  const events = await follow(sent)
  expect(events.answer.headers.get('content-type')).toContain('text/event-stream')
  const told = () => events.text().match(/event: progreso/g)?.length ?? 0
  await eventually(
    async () => told(),
    (count) => count === 1,
  )
  // nothing changed: a sign of life, and no event
  await eventually(
    async () => events.text(),
    (text) => text.includes(': sigue'),
    12_000,
  )
  expect(told()).toBe(1)
  await sendBatch(app.engine, id, 1)
  await events.ended
  expect(told()).toBe(2)
  expect(events.text()).toContain('data-live-done')
  expect(events.text()).toContain('4 de 4 aceptados')
}, 40_000)

test('after a resend the events go on: what was read before it is not taken for the end', async () => {
  const sent = await dispatch({ [one]: refuses })
  const { app, id, get, cookie, path } = sent
  expect(await (await get(`${path}/avance`, cookie)).text()).toContain('data-live-done')
  await resend(app.engine, app.luis, id)
  const events = await follow(sent)
  const text = await eventually(
    async () => events.text(),
    (words) => words.includes('event: progreso'),
  )
  expect(text).not.toContain('data-live-done')
  events.leave()
  await events.ended
})

test('the server stops at once with events open', async () => {
  const sent = await dispatch({}, { send: false })
  const { serve } = await import('./support.ts')
  const server = await serve(sent.app.engine)
  const events = await follow({ ...sent, url: server.url })
  await eventually(
    async () => events.text(),
    (text) => text.includes('event: progreso'),
  )
  const startedMs = performance.now()
  await server.close()
  await events.ended
  expect(performance.now() - startedMs).toBeLessThan(2_000)
})

test('one person has so many events at once, and who leaves makes room', async () => {
  const sent = await dispatch({}, { send: false })
  const all = await Promise.all([1, 2, 3, 4].map(() => follow(sent)))
  expect(all.map(({ answer }) => answer.status)).toEqual([200, 200, 200, 200])
  const fifth = await follow(sent)
  expect(fifth.answer.status).toBe(204)
  expect((await sent.get(sent.path, sent.cookie)).status).toBe(200)
  for (const events of all) events.leave()
  await eventually(
    async () => {
      const next = await follow(sent)
      next.leave()
      return next.answer.status
    },
    (status) => status === 200,
  )
})

test('many who look at once cost what one costs', async () => {
  const sent = await dispatch({}, { send: false })
  const { app, get, cookie, path } = sent
  let readings = 0
  const { db } = app.engine
  app.engine.db = db.withPlugin({
    transformQuery: ({ node }) => {
      if (JSON.stringify(node).includes('edition_tally')) readings++
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await Promise.all(Array.from({ length: 20 }, () => get(`${path}/avance`, cookie)))
  app.engine.db = db
  expect(readings).toBe(1)
})
