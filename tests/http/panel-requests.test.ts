import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { notaEjecutiva } from '../../jobs/nota-ejecutiva.ts'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import { votoChilangoCorreo } from '../../jobs/voto-chilango-correo.ts'
import { addList } from '../../src/audience/lists.ts'
import { addTopic } from '../../src/content/topics.ts'
import { approve } from '../../src/flow/approve.ts'
import { suppressAddress } from '../../src/flow/suppress-address.ts'
import { addContacts, addTestUser, editionNow, type TestAppOptions } from '../support/app.ts'
import { panel, type Panel } from './panel-support.ts'
import { wordsOf } from './support.ts'

const topic = 'taller-que-observa-quien-observa'
const invitation = 'invitacion-red-observacion'

interface RequestPanel extends Panel {
  cookie: string
  /** Begins a mail; returns its id. */
  begin: (slug?: string, cookie?: string) => Promise<number>
  /** Of the step, as it is saved by a form that was opened just now. */
  save: (id: number, step: string, fields: Record<string, string>) => Promise<Response>
  words: (path: string, cookie?: string) => Promise<string>
  version: (id: number) => Promise<number>
}

async function requestPanel(options: TestAppOptions = {}): Promise<RequestPanel> {
  const base = await panel(options)
  const { app, get, post, signIn } = base
  await addTopic(app.db, { key: topic, name: 'Taller «Qué observa»' }, app.clock.now())
  await addContacts(app, 4, 'observadora', 'red-observacion')
  const cookie = await signIn('ana')
  const version = async (id: number) =>
    (
      await app.db
        .selectFrom('draft')
        .select('version')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).version
  return {
    ...base,
    cookie,
    version,
    begin: async (slug = invitation, by = cookie) => {
      const answer = await post('/panel/correos/nuevo', { tipo: slug }, by)
      expect(answer.status).toBe(303)
      return Number(/correos\/(\d+)\/asunto/.exec(answer.headers.get('location')!)![1])
    },
    save: async (id, step, fields) =>
      post(
        `/panel/correos/${id}/${step}`,
        { version: String(await version(id)), ...fields },
        cookie,
      ),
    words: async (path, by = cookie) => wordsOf(await (await get(path, by)).text()),
  }
}

const whole: Record<string, Record<string, string>> = {
  asunto: { forma: 'invitacion', tema: topic, asunto: 'Taller: qué observa quien observa' },
  mensaje: {
    saludo: 'Estimadas personas integrantes:',
    cuerpo: 'Les invitamos al **taller** del jueves 3 de diciembre.',
    'boton.texto': 'Registrarme',
    'boton.url': 'https://example.org/registro',
  },
  evento: {
    'evento.hay': 'si',
    'evento.titulo': 'Taller virtual',
    'evento.fecha': '2026-12-03',
    'evento.hora': '18:00',
    'evento.hasta': '19:30',
    'evento.modalidad': 'virtual',
    'evento.registro': 'https://example.org/registro',
    'evento.zonas': 'Europe/Madrid',
  },
  audiencia: { audiencia: 'red-observacion' },
  cuando: { 'envio.fecha': '2026-11-27', 'envio.hora': '15:00' },
}

async function writeWhole(
  { begin, save }: RequestPanel,
  changed: Record<string, Record<string, string>> = {},
): Promise<number> {
  const id = await begin()
  for (const [step, fields] of Object.entries(whole)) {
    const answer = await save(id, step, { ...fields, ...changed[step] })
    expect([step, answer.status]).toEqual([step, 303])
  }
  return id
}

const editionsOf = ({ app }: Panel) => app.db.selectFrom('edition').selectAll().execute()

test('step by step: what was answered is reviewed, asked for, approved by another, and its draft is gone', async () => {
  const desk = await requestPanel()
  const { app, words, post, get, cookie, version } = desk
  const id = await writeWhole(desk)
  const review = await words(`/panel/correos/${id}/revisar`)
  expect(review).toContain(
    'Saldrá el viernes 27 de noviembre de 2026 a las 15:00 horas a 4 direcciones, cuando otra persona la apruebe.',
  )
  expect(review).toContain('Título para el informe Taller: qué observa quien observa Cambiar')
  expect(review).toContain('Día del evento jueves 3 de diciembre de 2026')
  expect(review).not.toContain('falta corregir')
  const mail = await get(`/panel/correos/${id}/correo`, cookie)
  expect(mail.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
  expect(await mail.text()).toContain('<strong>taller</strong>')

  const fields = { version: String(await version(id)) }
  const answer = await post(`/panel/correos/${id}/revisar`, fields, cookie)
  expect(answer.status).toBe(303)
  const [edition] = await editionsOf(desk)
  expect(answer.headers.get('location')).toMatch(new RegExp(`/panel/ediciones/${edition!.id}$`))
  expect(edition).toMatchObject({ state: 'ready', expectedRecipients: 4, readyBy: app.ana.id })
  expect(await app.db.selectFrom('draft').select('id').execute()).toEqual([])
  await approve(app.engine, app.luis, edition!.id, edition!.sealedHash!)
  expect(await editionNow(app, edition!.id)).toMatchObject({ state: 'approved' })
  const opened = await app.db
    .selectFrom('auditLog')
    .select(['userId', 'detail'])
    .where('act', '=', 'open')
    .execute()
  expect(opened).toEqual([{ userId: app.ana.id, detail: { file: 'contenido', draft: id } }])
})

test('asked for twice, at once or by the way back, it is one edition', async () => {
  const desk = await requestPanel()
  const { post, get, cookie, version } = desk
  const id = await writeWhole(desk)
  const fields = { version: String(await version(id)) }
  const path = `/panel/correos/${id}/revisar`
  const both = await Promise.all([1, 2, 3].map(() => post(path, fields, cookie)))
  both.push(await post(path, fields, cookie), await get(path, cookie))
  both.push(await get(`/panel/correos/${id}/mensaje`, cookie))
  const editions = await editionsOf(desk)
  expect(editions).toHaveLength(1)
  for (const answer of both) {
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toContain(`/panel/ediciones/${editions[0]!.id}`)
  }
  const late = await post(
    `/panel/correos/${id}/mensaje`,
    { cuerpo: 'Lo último', version: '1' },
    cookie,
  )
  expect([late.status, wordsOf(await late.text())]).toEqual([
    409,
    expect.stringMatching(/ya se solicitó.*Texto del correo: Lo último/),
  ])
})

test('an edition that somebody refuses leaves neither edition nor audit, and the draft as it was', async () => {
  const desk = await requestPanel()
  const { app, post, cookie, version, words } = desk
  const id = await writeWhole(desk)
  await app.db.deleteFrom('listMember').execute()
  const path = `/panel/correos/${id}/revisar`
  const answer = await post(path, { version: String(await version(id)) }, cookie)
  expect(answer.status).toBe(422)
  expect(wordsOf(await answer.text())).toContain('no llega a ninguna dirección')
  expect(await editionsOf(desk)).toEqual([])
  expect(
    await app.db.selectFrom('auditLog').where('act', '=', 'open').select('id').execute(),
  ).toEqual([])
  expect(await words('/panel/correos/nuevo')).toContain('Seguir: Taller: qué observa quien observa')
})

const wrong: [step: string, fields: Record<string, string>, says: string][] = [
  ['asunto', { asunto: 'x'.repeat(121) }, 'tiene 121 caracteres y el máximo es 120'],
  ['asunto', { asunto: '' }, 'Escriba el asunto.'],
  ['asunto', { tema: '' }, 'Elija el tema.'],
  ['asunto', { tema: 'taler-que-observa-quien-observa' }, `¿Quiso decir ${topic}?`],
  ['asunto', { forma: 'otra' }, 'no es una de las opciones'],
  ['asunto', { preencabezado: 'x'.repeat(111) }, 'tiene 111 caracteres y el máximo es 110'],
  ['mensaje', { cuerpo: '' }, 'Escriba el texto del correo.'],
  ['mensaje', { cuerpo: 'x'.repeat(5001) }, 'tiene 5001 caracteres y el máximo es 5000'],
  ['mensaje', { cuerpo: 'El viernes 3 de diciembre.' }, 'Es jueves 3 de diciembre de 2026'],
  ['mensaje', { 'boton.url': 'http://example.org/' }, 'https://'],
  ['mensaje', { 'boton.texto': '' }, 'Escriba el texto del botón'],
  ['evento', { 'evento.hasta': '17:00' }, 'debe ser posterior al inicio'],
  ['evento', { 'evento.hora': '25:00' }, 'debe ser una hora de 24 horas'],
  ['evento', { 'evento.fecha': '2026-02-30' }, 'debe ser una fecha'],
  ['evento', { 'evento.fecha': '' }, 'Elija el día del evento.'],
  ['evento', { 'evento.modalidad': '' }, 'Elija la modalidad del evento.'],
  ['evento', { 'evento.modalidad': 'presencial' }, 'un evento presencial necesita sede'],
  ['evento', { 'evento.registro': '' }, 'necesita liga de acceso o de registro'],
  ['evento', { 'evento.cupo': 'muchos' }, 'debe ser un número'],
  ['evento', { 'evento.zonas': 'Europa/Madrid' }, 'no es una zona horaria'],
  ['evento', { 'evento.titulo': 'Taller, viernes 3 de diciembre' }, 'Es jueves 3 de diciembre'],
  ['audiencia', { audiencia: 'comunidad-iecm' }, 'no es una lista a la que se envíe'],
  ['audiencia', { audiencia: '', 'segmento.paises': 'Narnia' }, 'Países'],
  ['cuando', { 'envio.fecha': '2026-11-20' }, 'ya pasó'],
  ['cuando', { 'envio.hora': '' }, 'Escriba la hora en que sale.'],
  ['cuando', { 'envio.fecha': 'mañana' }, 'debe ser una fecha'],
]

test.each(wrong)(
  'what is wrong in a step is said at its field and in the review, and saved all the same: %s %j',
  async (step, fields, says) => {
    const desk = await requestPanel()
    const { begin, save, words } = desk
    const id = await begin()
    for (const [other, right] of Object.entries(whole))
      if (other !== step) await save(id, other, right)
    const answer = await save(id, step, { ...whole[step], ...fields })
    expect(answer.status).toBe(422)
    const page = await answer.text()
    expect(wordsOf(page)).toContain('Hay datos por corregir')
    expect(wordsOf(page)).toContain(says)
    for (const [, target] of page.matchAll(/<li><a href="#([^"]+)"/g))
      expect(page, target).toContain(`id="${target}"`)
    const again = await words(`/panel/correos/${id}/${step}`)
    expect(again).toContain(says)
    const review = await words(`/panel/correos/${id}/revisar`)
    expect(review).toMatch(/Antes de solicitarlo falta corregir/)
    expect(review).toContain(says)
    expect(review).not.toContain('cuando otra persona la apruebe')
  },
)

test('what is wrong cannot be asked for, whatever the form says', async () => {
  const desk = await requestPanel()
  const { begin, post, cookie } = desk
  const id = await begin()
  for (const version of ['1', '', 'x', '9'.repeat(40), '-1']) {
    const answer = await post(`/panel/correos/${id}/revisar`, { version, repetir: 'si' }, cookie)
    expect(answer.status, version).toBe(422)
  }
  expect(await editionsOf(desk)).toEqual([])
})

test('nothing typed is lost or runs: every text comes back escaped', async () => {
  const { begin, save, get, cookie } = await requestPanel()
  const id = await begin()
  const evil = `<script>alert(1)</script>"><img src=x onerror=alert(2)>\0 fin`
  const steps: Record<string, string[]> = {
    asunto: ['asunto', 'preencabezado', 'tituloInforme', 'tema', 'forma'],
    mensaje: ['saludo', 'cuerpo', 'boton.texto', 'boton.url'],
    evento: [
      'titulo',
      'fecha',
      'hora',
      'hasta',
      'sede',
      'liga',
      'registro',
      'cupo',
      'clave',
      'zonas',
    ].map((name) => `evento.${name}`),
    audiencia: ['segmento.paises', 'segmento.etiquetas', 'audiencia'],
    cuando: ['envio.fecha', 'envio.hora'],
  }
  for (const [step, names] of Object.entries(steps)) {
    const fields = Object.fromEntries(names.map((name, i) => [name, `${i}${evil}`]))
    const saved = await (await save(id, step, { 'evento.hay': 'si', ...fields })).text()
    const shown = await (await get(`/panel/correos/${id}/${step}`, cookie)).text()
    const review = await (await get(`/panel/correos/${id}/revisar`, cookie)).text()
    for (const page of [saved, shown, review]) {
      expect(page).not.toContain('<script>alert')
      expect(page).not.toContain('<img src=x')
    }
    // a choice that is none cannot be chosen again
    const typed = names.filter((name) => !/tema|forma|zonas|audiencia/.test(name)).length
    expect(shown.split('&lt;script&gt;').length - 1, step).toBeGreaterThanOrEqual(typed)
  }
  expect(await (await get('/panel/correos/nuevo', cookie)).text()).not.toContain('<img src=x')
})

test('a file where a text belongs, and no form at all, are empty answers', async () => {
  const { begin, url, cookie, version } = await requestPanel()
  const id = await begin()
  const form = new FormData()
  form.set('version', String(await version(id)))
  form.set('asunto', new File(['x'], 'x.txt'))
  const send = (body: FormData | string, type?: string) =>
    fetch(`${url}/panel/correos/${id}/asunto`, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: {
        Origin: 'http://localhost:3000',
        Cookie: cookie,
        ...(type !== undefined && { 'Content-Type': type }),
      },
    })
  expect((await send(form)).status).toBe(422)
  // without its version it is another window's
  expect((await send('{}', 'application/json')).status).toBe(409)
})

test('two windows: the second is shown both, and what it wrote can still be saved', async () => {
  const desk = await requestPanel()
  const { begin, save, post, words, cookie, version } = desk
  const id = await begin()
  const opened = String(await version(id))
  await save(id, 'asunto', { ...whole.asunto, asunto: 'De la primera ventana' })
  const second = { ...whole.asunto, asunto: 'De la <b>segunda</b> ventana', version: opened }
  const refused = await post(`/panel/correos/${id}/asunto`, second, cookie)
  expect(refused.status).toBe(409)
  const page = await refused.text()
  expect(wordsOf(page)).toContain(
    'Asunto De la &lt;b&gt;segunda&lt;/b&gt; ventana De la primera ventana',
  )
  const current = /name="version" value="(\d+)"/.exec(page)![1]!
  expect(await words(`/panel/correos/${id}/asunto`)).not.toContain('segunda')
  const kept = await post(`/panel/correos/${id}/asunto`, { ...second, version: current }, cookie)
  expect(kept.status).toBe(303)
  expect(await words('/panel/correos/nuevo')).toContain('De la &lt;b&gt;segunda&lt;/b&gt; ventana')
})

test('a review that was overtaken by another window is not what is asked for', async () => {
  const desk = await requestPanel()
  const { save, post, cookie, version } = desk
  const id = await writeWhole(desk)
  const reviewed = String(await version(id))
  await save(id, 'asunto', { ...whole.asunto, asunto: 'Otro asunto' })
  const answer = await post(`/panel/correos/${id}/revisar`, { version: reviewed }, cookie)
  expect([answer.status, wordsOf(await answer.text())]).toEqual([
    422,
    expect.stringContaining('cambió en otra ventana después de esta revisión'),
  ])
  expect(await editionsOf(desk)).toEqual([])
})

test('what was sent already asks for a tick', async () => {
  const desk = await requestPanel()
  const { post, cookie, version, words } = desk
  const first = await writeWhole(desk)
  await post(`/panel/correos/${first}/revisar`, { version: String(await version(first)) }, cookie)
  const id = await writeWhole(desk, { cuando: { 'envio.hora': '17:00' } })
  const path = `/panel/correos/${id}/revisar`
  expect(await words(path)).toContain('Ya se envió algo igual: enviarlo de nuevo')
  const fields = { version: String(await version(id)) }
  const refused = await post(path, fields, cookie)
  const page = await refused.text()
  expect([refused.status, wordsOf(page)]).toEqual([
    422,
    expect.stringContaining('Confirme que quiere enviarlo de nuevo'),
  ])
  expect((await post(path, { ...fields, repetir: 'si' }, cookie)).status).toBe(422)
  const repetir = /name="repetir"[^>]*value="([\d,]+)"/.exec(page)![1]!
  expect((await post(path, { ...fields, repetir }, cookie)).status).toBe(303)
  expect(await editionsOf(desk)).toHaveLength(2)
})

test('the title for the report follows the subject until it has its own', async () => {
  const { begin, save, get, cookie, words } = await requestPanel()
  const id = await begin()
  const titleIn = async () =>
    /name="tituloInforme"[^>]*value="([^"]*)"/s.exec(
      await (await get(`/panel/correos/${id}/asunto`, cookie)).text(),
    )![1]
  await save(id, 'asunto', { ...whole.asunto, asunto: 'Primero' })
  expect(await titleIn()).toBe('Primero')
  await save(id, 'asunto', { ...whole.asunto, asunto: 'Segundo', tituloInforme: 'Primero' })
  expect(await titleIn()).toBe('Segundo')
  await save(id, 'asunto', { ...whole.asunto, asunto: 'Tercero', tituloInforme: 'Del informe' })
  expect(await titleIn()).toBe('Del informe')
  expect(await words(`/panel/correos/${id}/revisar`)).toContain(
    'Título para el informe Del informe',
  )
})

test('the event says its weekday and its hours where readers live; without one the mail has none', async () => {
  const { begin, save, words } = await requestPanel()
  const id = await begin()
  const fields = { ...whole.evento, 'evento.hora': '18.00 h', accion: 'comprobar' }
  const checked = await save(id, 'evento', fields)
  expect(checked.headers.get('location')).toMatch(/\/evento$/)
  const page = await words(`/panel/correos/${id}/evento`)
  expect(page).toContain('3 de diciembre de 2026 es jueves')
  expect(page).toContain('Ciudad de México jueves 3 de diciembre de 2026 18:00 a 19:30 horas')
  expect(page).toContain('Madrid viernes 4 de diciembre, otro día 01:00 a 02:30 horas')
  for (const city of ['Los Ángeles', 'Chicago', 'Nueva York']) expect(page).toContain(city)
  const none = await save(id, 'evento', { ...whole.evento, 'evento.hay': 'no' })
  expect(none.status).toBe(303)
  expect(await words(`/panel/correos/${id}/revisar`)).toContain('El correo no invita a un evento')
})

test('the audience is counted exactly: excluded by reason, repeated once, by country and tag', async () => {
  const publications = [notaEjecutiva, invitacionRedObservacion]
  const desk = await requestPanel({ publications, recipients: 3 })
  const { app, begin, save, words } = desk
  await addContacts(app, 2, 'persona', 'consejerias')
  const note = await begin('nota-ejecutiva')
  const page = await words(`/panel/correos/${note}/audiencia`)
  expect(page).toContain('Comunidad: 3 direcciones')
  expect(page).toContain('Consejerías: 2 direcciones')
  expect(page).toContain('Se envía a 3 direcciones')
  expect(page).toContain('Están en varias listas y lo reciben una vez 2 direcciones')
  await app.db
    .updateTable('contact')
    .set({ country: 'US', tags: ['taller-2026'] })
    .where('address', 'like', 'observadora1@%')
    .execute()
  const id = await begin()
  await save(id, 'audiencia', { audiencia: 'red-observacion', 'segmento.paises': 'estados unidos' })
  expect(await words(`/panel/correos/${id}/audiencia`)).toContain('Se envía a 1 dirección')
  await save(id, 'audiencia', { audiencia: 'red-observacion', 'segmento.etiquetas': 'Taller-2026' })
  expect(await words(`/panel/correos/${id}/audiencia`)).toContain('Se envía a 1 dirección')
  await suppressAddress(app.engine, app.luis, 'observadora2@example.org', {
    scope: 'all',
    reason: 'complaint',
    note: '',
  })
  await save(id, 'audiencia', { audiencia: 'red-observacion' })
  expect(await words(`/panel/correos/${id}/audiencia`)).toMatch(
    /Se envía a 3 direcciones.*Excluidas: lo marcó como no deseado 1 dirección/,
  )
  await save(id, 'audiencia', { audiencia: 'red-observacion', 'segmento.paises': 'CA' })
  for (const step of ['asunto', 'mensaje', 'cuando']) await save(id, step, whole[step]!)
  expect(await words(`/panel/correos/${id}/revisar`)).toContain('no llega a ninguna dirección')
})

test('an hour on a rest day is told, not refused', async () => {
  const { app, begin, save, words } = await requestPanel()
  await app.db.deleteFrom('restPeriod').execute()
  await app.db
    .insertInto('restPeriod')
    .values({
      startDate: '2026-12-25',
      endDate: '2026-12-25',
      name: 'Navidad',
      kind: 'descanso',
      basis: null,
      status: 'confirmado',
    })
    .execute()
  const id = await begin()
  for (const [date, says] of [
    ['2026-12-25', 'El viernes 25 de diciembre el Instituto no labora: Navidad'],
    ['2026-12-26', 'El sábado 26 de diciembre es fin de semana'],
  ] as const) {
    expect((await save(id, 'cuando', { 'envio.fecha': date, 'envio.hora': '9:30' })).status).toBe(
      303,
    )
    const page = await words(`/panel/correos/${id}/cuando`)
    expect(page).toContain(says)
    expect(page).toContain('09:30 horas (hora de la Ciudad de México)')
  }
})

test('a publication without events or approval has its own steps, and is programmed', async () => {
  const desk = await requestPanel({ publications: [notaEjecutiva, invitacionRedObservacion] })
  const { begin, save, words, get, post, cookie, version } = desk
  const id = await begin('nota-ejecutiva')
  expect((await get(`/panel/correos/${id}/evento`, cookie)).status).toBe(303)
  const subject = { materia: 'eleccion-exterior', titulo: 'Elección en Chile' }
  expect((await save(id, 'asunto', subject)).status).toBe(303)
  const message = { fecha: '2026-11-22', contexto: 'Qué se eligió.', 'fuentes.n': '0' }
  const added = await save(id, 'mensaje', { ...message, accion: 'agregar:fuentes' })
  expect(added.status).toBe(200)
  const page = await added.text()
  expect(page).toContain('name="fuentes.0.url"')
  expect(page).toContain('Qué se eligió.')
  const source = {
    'fuentes.n': '1',
    'fuentes.0.nombre': 'Servel',
    'fuentes.0.url': 'https://example.org/',
  }
  expect((await save(id, 'mensaje', { ...message, ...source })).status).toBe(303)
  expect((await save(id, 'audiencia', { audiencia: 'comunidad-iecm' })).status).toBe(303)
  expect((await save(id, 'cuando', whole.cuando!)).status).toBe(303)
  const review = await words(`/panel/correos/${id}/revisar`)
  expect(review).toContain('a las 15:00 horas a 3 direcciones.')
  expect(review).not.toContain('otra persona')
  expect(review).toContain('Programar')
  const path = `/panel/correos/${id}/revisar`
  expect((await post(path, { version: String(await version(id)) }, cookie)).status).toBe(303)
})

test('a draft is its author’s alone, and one that is none is not found', async () => {
  const desk = await requestPanel()
  const { app, begin, get, post, signIn, words } = desk
  const id = await begin()
  await addTestUser(app, 'otra', ['capturista'])
  const other = await signIn('otra')
  expect(await words('/panel/correos/nuevo', other)).not.toContain('Sin terminar')
  const steps = ['asunto', 'mensaje', 'evento', 'audiencia', 'cuando', 'revisar', 'correo']
  for (const of of [
    String(id),
    '999999',
    'x',
    '-1',
    '9'.repeat(15),
    '1'.repeat(40),
    '1%20OR%201',
  ]) {
    for (const step of steps) {
      const path = `/panel/correos/${of}/${step}`
      expect((await get(path, other)).status, path).toBe(404)
      if (step !== 'correo')
        expect((await post(path, { version: '1' }, other)).status, path).toBe(404)
    }
    expect((await post(`/panel/correos/${of}/descartar`, {}, other)).status).toBe(404)
  }
  expect(await app.db.selectFrom('draft').select(['id', 'version']).execute()).toEqual([
    { id, version: 1 },
  ])
})

test('beginning twice is one draft until something is written; discarding takes it away', async () => {
  const desk = await requestPanel()
  const { app, begin, save, post, cookie, words } = desk
  const id = await begin()
  expect(await begin()).toBe(id)
  await save(id, 'asunto', { asunto: 'Empezado' })
  const second = await begin()
  expect(second).not.toBe(id)
  expect(await words('/panel/correos/nuevo')).toMatch(/Sin terminar.*Empezado.*Seguir.*Descartar/)
  expect((await post(`/panel/correos/${id}/descartar`, {}, cookie)).status).toBe(303)
  expect((await post(`/panel/correos/${id}/descartar`, {}, cookie)).status).toBe(404)
  expect(await words('/panel/correos/nuevo')).not.toContain('Empezado')
  const acts = await app.db
    .selectFrom('auditLog')
    .select(['subject', 'detail'])
    .where('act', '=', 'request.discard')
    .execute()
  expect(acts).toEqual([
    { subject: `draft ${id}`, detail: { publication: invitation, version: 2, characters: 21 } },
  ])
})

test.each(['', 'boletin-electoral', 'no-existe', '<script>'])(
  'a kind that staff do not queue (%s) begins nothing',
  async (slug) => {
    const { app, post, cookie } = await requestPanel()
    const answer = await post('/panel/correos/nuevo', { tipo: slug }, cookie)
    expect([answer.status, wordsOf(await answer.text())]).toEqual([
      422,
      expect.stringContaining('Elija la clase de correo'),
    ])
    expect(await app.db.selectFrom('draft').select('id').execute()).toEqual([])
  },
)

test('only who may add topics is offered to, and who may not write is told who does', async () => {
  const { app, begin, get, signIn, cookie, words } = await requestPanel()
  const link = 'Agregar un tema al catálogo'
  const asAna = await (await get(`/panel/correos/${await begin()}/asunto`, cookie)).text()
  expect(asAna).not.toContain(link)
  const luis = await signIn('luis')
  const asLuis = await (
    await get(`/panel/correos/${await begin(invitation, luis)}/asunto`, luis)
  ).text()
  expect(asLuis).toContain(link)
  await addTestUser(app, 'opera', ['operacion'])
  const page = await words('/panel/correos/nuevo', await signIn('opera'))
  expect(page).toContain('lo redacta una persona con el rol de captura')
  expect(page).not.toContain('Empezar')
})

test('an infographic is uploaded with its message, seen in the preview and sent with it', async () => {
  const desk = await requestPanel({ publications: [votoChilangoCorreo] })
  const { app, url, begin, save, get, post, cookie, version, words } = desk
  await addList(
    app.db,
    { slug: 'voto-chilango', name: 'Voto Chilango', kind: 'external' },
    app.clock.now(),
  )
  await addContacts(app, 2, 'chilanga', 'voto-chilango')
  const id = await begin('voto-chilango-correo')
  await save(id, 'asunto', { ...whole.asunto, forma: 'infografia' })
  const send = async (file: File) => {
    const form = new FormData()
    const fields = {
      ...whole.mensaje,
      'imagen.alt': 'Dos fechas',
      'imagen.descripcionLarga': 'Todo.',
    }
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    form.set('version', String(await version(id)))
    form.set('subir-imagen:imagen.archivo', file)
    return fetch(`${url}/panel/correos/${id}/mensaje`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { Origin: 'http://localhost:3000', Cookie: cookie },
    })
  }
  const empty = await send(new File([], 'cartel.png'))
  expect([empty.status, wordsOf(await empty.text())]).toEqual([
    422,
    expect.stringContaining('está vacío'),
  ])
  const png = readFileSync(new URL('../../jobs/samples/ciudad-y-diaspora.png', import.meta.url))
  expect((await send(new File([png], 'cartel.png'))).status).toBe(303)
  for (const step of ['audiencia', 'cuando'])
    await save(id, step, step === 'audiencia' ? { audiencia: 'voto-chilango' } : whole.cuando!)
  expect(await words(`/panel/correos/${id}/revisar`)).not.toContain('falta corregir')
  expect(await (await get(`/panel/correos/${id}/correo`, cookie)).text()).toContain(
    'alt="Dos fechas"',
  )
  const path = `/panel/correos/${id}/revisar`
  expect((await post(path, { version: String(await version(id)) }, cookie)).status).toBe(303)
  expect(await app.db.selectFrom('draftFile').select('name').execute()).toEqual([])
  expect(await editionsOf(desk)).toMatchObject([{ state: 'ready' }])
})

test('what is pasted from Word with its markup is kept as text, and the review says so', async () => {
  const desk = await requestPanel()
  const { get, cookie } = desk
  const pasted = `<p class=MsoNormal style='mso-bidi-font-weight:normal'>Hola a <b>todas</b><o:p></o:p></p>`
  const id = await writeWhole(desk, { mensaje: { cuerpo: pasted } })
  const review = await (await get(`/panel/correos/${id}/revisar`, cookie)).text()
  expect(review).toContain('Trae etiquetas como «&lt;p class=MsoNormal')
  const mail = await (await get(`/panel/correos/${id}/correo`, cookie)).text()
  expect(mail).toContain('&lt;p class=MsoNormal')
  expect(mail).not.toContain('<p class=MsoNormal')
  const step = await (await get(`/panel/correos/${id}/mensaje`, cookie)).text()
  expect(step).toContain('&lt;o:p&gt;')
})
