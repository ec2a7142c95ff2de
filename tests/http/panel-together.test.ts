/** Two people, or two windows, on one thing: what each sees is what they act on, and nobody's words are lost. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { notaEjecutiva } from '../../jobs/nota-ejecutiva.ts'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import { frozenClock } from '../../src/clock.ts'
import { readSessions } from '../../src/content/sessions.ts'
import { draftFile } from '../../src/content/drafts.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { addTopic } from '../../src/content/topics.ts'
import { inTransaction } from '../../src/db/database.ts'
import { approve, cancel } from '../../src/flow/approve.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { openCorrection } from '../../src/flow/correct.ts'
import { invite } from '../../src/flow/invite.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { requestMailing } from '../../src/flow/request.ts'
import { returnEdition } from '../../src/flow/return.ts'
import {
  addContacts,
  addTestUser,
  boletin,
  editionNow,
  eventually,
  mexicoCity,
  startWorkers,
} from '../support/app.ts'
import { formOf } from './forms.ts'
import { panel, type Panel } from './panel-support.ts'
import { wordsOf } from './support.ts'

const sample = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../jobs/samples/${name}`, import.meta.url)))
const png = new File([sample('ciudad-y-diaspora.png')], 'foto.png')
const topic = 'taller-que-observa-quien-observa'

/** As a browser sends it. */
function sender({ url }: Panel) {
  return async (path: string, form: URLSearchParams | FormData, cookie: string) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { Origin: 'http://localhost:3000', Cookie: cookie },
    })
    return {
      status: answer.status,
      text: await answer.text(),
      to: answer.headers.get('location') ?? '',
    }
  }
}

test('what is written for the second alcance goes into it, and a third waits for it', async () => {
  const sunday = frozenClock(mexicoCity('2026-11-22T20:00'))
  const site = await panel({ clock: sunday, recipients: 0 })
  const { app } = site
  const send = sender(site)
  await addContacts(app, 2, 'titular', 'calendario-ine')
  await startWorkers(app)
  await plan(app.engine)
  const monday = mexicoCity('2026-11-23T08:30')
  const { text } = sampleFor('calendario-ine', monday)
  const { id } = await addContent(app.engine, app.ana, { text, place: 'c' }, '2026-W48')
  await markReady(app.engine, app.ana, id)
  app.clock.moveTo(monday)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, id),
    ({ state }) => state === 'sent',
  )
  const at = (hour: string) => mexicoCity(`2026-11-23T${hour}`)
  const first = await openCorrection(app.engine, app.ana, id, at('13:00'))
  await expect(openCorrection(app.engine, app.ana, id, at('18:00'))).rejects.toThrow(
    `edición ${first.id}: es un alcance de lo mismo que todavía no sale`,
  )
  // as two of them were left by an older version
  await app.db
    .updateTable('edition')
    .set({ state: 'cancelled' })
    .where('id', '=', first.id)
    .execute()
  const second = await openCorrection(app.engine, app.ana, id, at('18:00'))
  await app.db.updateTable('edition').set({ state: 'planned' }).where('id', '=', first.id).execute()
  const ana = await site.signIn('ana')
  const path = `/panel/ediciones/${second.id}/contenido`
  for (const accion of ['ver', 'guardar', 'guardar']) {
    const form = formOf(await (await site.get(path, ana)).text())
    form.set('accion', accion)
    const answer = await send(path, form, ana)
    expect([answer.status, answer.to]).toEqual([303, expect.stringContaining(`/${second.id}`)])
    if (accion === 'ver')
      expect(wordsOf(await (await site.get(`${path}?ver=1`, ana)).text())).toContain(
        'No falta nada',
      )
  }
  expect((await editionNow(app, first.id)).contentId).toBeNull()
  expect((await editionNow(app, second.id)).contentId).not.toBeNull()
})

test('who wrote in a shared draft does not approve it, whoever saved it in the end', async () => {
  const site = await panel({ recipients: 0 })
  const { app } = site
  const send = sender(site)
  await addContacts(app, 2, 'red', 'red-observacion')
  await addTopic(app.db, { key: topic, name: 'Taller' }, app.clock.now())
  await addTestUser(app, 'sol', ['aprobacion'])
  const { text } = sampleFor('invitacion-red-observacion', mexicoCity('2026-11-25T10:00'), '')
  const { edition } = await invite(app.engine, app.ana, { text, place: 'x' })
  await returnEdition(app.engine, app.luis, edition.id, { reason: 'Lo corrijo' })
  const [luis, ana, sol] = [
    await site.signIn('luis'),
    await site.signIn('ana'),
    await site.signIn('sol'),
  ]
  const path = `/panel/ediciones/${edition.id}`
  const write = async (cookie: string, accion: string, cuerpo?: string) => {
    const form = formOf(await (await site.get(`${path}/contenido`, cookie)).text())
    if (cuerpo) form.set('cuerpo', cuerpo)
    form.set('accion', accion)
    expect((await send(`${path}/contenido`, form, cookie)).status).toBe(303)
  }
  await write(luis, 'borrador', 'Un texto que escribió Luis, entero.')
  await write(ana, 'guardar')
  // and what Ana writes over it later is still of both
  await write(ana, 'borrador', 'Un texto que escribió Luis, entero. Y un renglón de Ana.')
  await write(ana, 'guardar')
  const ready = await markReady(app.engine, app.ana, edition.id)
  await expect(
    approve(app.engine, app.luis, edition.id, ready.edition.sealedHash!),
  ).rejects.toThrow(/Luis la redactó .*redacción: Ana, Luis/)
  await expect(
    app.db
      .updateTable('edition')
      .set({ approvedBy: app.luis.id, state: 'approved' })
      .where('id', '=', edition.id)
      .execute(),
  ).rejects.toThrow('edition_two_persons')
  const queue = '/panel/aprobaciones'
  expect(wordsOf(await (await site.get(queue, luis)).text())).toMatch(
    /Redacción Ana, Luis.*No: la redactó usted/,
  )
  expect(wordsOf(await (await site.get(queue, sol)).text())).toContain('Puede aprobarla Sí')
  expect(await (await site.get(path, luis)).text()).not.toContain('Aprobar y programar')
  expect(await (await site.get(path, sol)).text()).toContain('Aprobar y programar')
})

test('who wrote in a draft that was discarded does not approve what another saved of it', async () => {
  const site = await panel({ recipients: 0 })
  const { app } = site
  const send = sender(site)
  await addContacts(app, 2, 'red', 'red-observacion')
  await addTopic(app.db, { key: topic, name: 'Taller' }, app.clock.now())
  const { text } = sampleFor('invitacion-red-observacion', mexicoCity('2026-11-25T10:00'), '')
  const { edition } = await invite(app.engine, app.ana, { text, place: 'x' })
  await returnEdition(app.engine, app.luis, edition.id, { reason: 'Corríjase' })
  const [luis, ana] = [await site.signIn('luis'), await site.signIn('ana')]
  const path = `/panel/ediciones/${edition.id}/contenido`
  const open = async (cookie: string) => formOf(await (await site.get(path, cookie)).text())
  const act = async (cookie: string, form: URLSearchParams, accion: string) => {
    form.set('accion', accion)
    expect((await send(path, form, cookie)).status).toBe(303)
  }
  const first = await open(luis)
  first.set('cuerpo', 'Un texto que escribió Luis, entero.')
  await act(luis, first, 'borrador')
  const opened = await open(ana)
  // Ana has his words before her while he takes his draft back
  await act(luis, await open(luis), 'descartar')
  await act(ana, opened, 'guardar')
  const ready = await markReady(app.engine, app.ana, edition.id)
  await expect(
    approve(app.engine, app.luis, edition.id, ready.edition.sealedHash!),
  ).rejects.toThrow(/Luis la redactó .*redacción: Ana, Luis/)
})

test('what somebody else saved since the page was read is not marked as ready unseen', async () => {
  const site = await panel()
  const { app } = site
  const send = sender(site)
  const edition = await boletin(app, { ready: false })
  await addTestUser(app, 'eva', ['capturista'])
  const [ana, eva] = [await site.signIn('ana'), await site.signIn('eva')]
  const path = `/panel/ediciones/${edition.id}`
  const seen = /name="contenido" value="(\d+)"/.exec(await (await site.get(path, ana)).text())![1]!
  const form = formOf(await (await site.get(`${path}/contenido`, eva)).text())
  form.set('titular', 'Lo que Ana nunca vio')
  form.set('accion', 'guardar')
  expect((await send(`${path}/contenido`, form, eva)).status).toBe(303)
  const answer = await site.post(`${path}/lista`, { contenido: seen }, ana)
  expect([answer.status, wordsOf(await answer.text())]).toEqual([
    409,
    expect.stringContaining('su contenido ya no es el que se le mostró'),
  ])
  expect((await site.post(`${path}/lista`, {}, ana)).status).toBe(422)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'planned' })
  // nor is it said to be done because the other one marked hers
  const now = String((await editionNow(app, edition.id)).contentId)
  expect((await site.post(`${path}/lista`, { contenido: now }, eva)).status).toBe(303)
  expect((await site.post(`${path}/lista`, { contenido: seen }, ana)).status).toBe(409)
  expect((await site.post(`${path}/lista`, { contenido: now }, ana)).status).toBe(303)
})

test('many who ask at once what is missing leave the panel to the others', async () => {
  const site = await panel()
  const { app } = site
  const send = sender(site)
  const edition = await boletin(app, { ready: false })
  const ana = await site.signIn('ana')
  const path = `/panel/ediciones/${edition.id}/contenido`
  const data = new FormData()
  for (const [name, value] of formOf(await (await site.get(path, ana)).text()))
    data.append(name, value)
  data.set('subir-imagen:secciones.0.notas.0.imagen.archivo', png)
  data.set('secciones.0.notas.0.imagen.alt', 'Una ciudad')
  data.set('accion', 'borrador')
  expect((await send(path, data, ana)).status).toBe(303)
  const asked = Array.from({ length: 100 }, async () => {
    const answer = await site.get(`${path}?ver=1`, ana)
    return [answer.status, (await answer.text()).includes('No falta nada')]
  })
  const began = performance.now()
  expect((await site.get('/panel', ana)).status).toBe(200)
  expect(performance.now() - began).toBeLessThan(8_000)
  expect(await Promise.all(asked)).toEqual(asked.map(() => [200, true]))
})

const note = {
  asunto: { materia: 'eleccion-exterior', titulo: 'Elección en Chile' },
  mensaje: {
    fecha: '2026-11-22',
    contexto: 'Qué se eligió.',
    'fuentes.n': '1',
    'fuentes.0.nombre': 'Servel',
    'fuentes.0.url': 'https://example.org/',
  },
  cuando: { 'envio.fecha': '2026-11-27', 'envio.hora': '15:00' },
}

/** A nota ejecutiva with all its answers, in one window. */
async function noteDesk() {
  const site = await panel({ publications: [notaEjecutiva, invitacionRedObservacion] })
  const { app, post } = site
  const ana = await site.signIn('ana')
  const begun = await post('/panel/correos/nuevo', { tipo: 'nota-ejecutiva' }, ana)
  const id = Number(/correos\/(\d+)/.exec(begun.headers.get('location')!)![1])
  const version = async () =>
    (await app.db.selectFrom('draft').select('version').where('id', '=', id).executeTakeFirst())!
      .version
  const save = async (step: string, fields: Record<string, string>) =>
    post(`/panel/correos/${id}/${step}`, { version: String(await version()), ...fields }, ana)
  for (const [step, fields] of Object.entries(note)) await save(step, fields)
  await save('audiencia', { audiencia: 'comunidad-iecm' })
  return { ...site, ana, id, version, save }
}

const typed = {
  fecha: '2026-11-22',
  contexto: 'Mil quinientas letras que escribí',
  'puntos.n': '1',
  'puntos.0.numero': '1',
  'puntos.0.asunto': 'Otro punto entero',
}

test('what is typed in a window whose mail was already requested is shown to the last letter', async () => {
  const { app, url, post, ana, id, version } = await noteDesk()
  await requestMailing(app.engine, app.ana, { id, version: await version() })
  const late = await post(`/panel/correos/${id}/mensaje`, { version: '3', ...typed }, ana)
  const words = wordsOf(await late.text())
  expect(late.status).toBe(409)
  for (const text of ['Mil quinientas letras', 'Otro punto entero']) expect(words).toContain(text)
  const lists = new URLSearchParams({ version: '3' })
  for (const slug of ['comunidad-iecm', 'consejerias']) lists.append('audiencia', slug)
  const both = await fetch(`${url}/panel/correos/${id}/audiencia`, {
    method: 'POST',
    body: lists,
    headers: { Origin: 'http://localhost:3000', Cookie: ana },
  })
  expect([both.status, wordsOf(await both.text())]).toEqual([
    409,
    expect.stringMatching(/Listas Comunidad[^,]*, Consejer/),
  ])
})

test('nor is it lost when the request comes first by a moment', async () => {
  const { app, id, version, save } = await noteDesk()
  const now = await version()
  let answer: Promise<Response> | undefined
  await inTransaction(app.db, async (tx) => {
    await requestMailing({ ...app.engine, db: tx }, app.ana, { id, version: now })
    answer = save('mensaje', typed)
    await new Promise((resolve) => setTimeout(resolve, 700))
  })
  const late = await answer!
  expect([late.status, wordsOf(await late.text())]).toEqual([
    409,
    expect.stringContaining('Otro punto entero'),
  ])
})

test('a file that replaces another raises the version: what was reviewed is what is asked for', async () => {
  const site = await panel({ recipients: 0 })
  const { app, post } = site
  const send = sender(site)
  await addTopic(app.db, { key: topic, name: 'Taller' }, app.clock.now())
  const ana = await site.signIn('ana')
  const begun = await post('/panel/correos/nuevo', { tipo: 'invitacion-red-observacion' }, ana)
  const id = Number(/correos\/(\d+)/.exec(begun.headers.get('location')!)![1])
  const path = `/panel/correos/${id}/mensaje`
  const version = async () =>
    (await app.db.selectFrom('draft').select('version').where('id', '=', id).executeTakeFirst())!
      .version
  const upload = async (of: number, bytes: string, accion: string) => {
    const data = new FormData()
    data.set('version', String(of))
    data.set('cuerpo', 'Un texto')
    data.set('imagen.archivo', 'foto.png')
    data.set('subir-imagen:imagen.archivo', new File([bytes], 'foto.png'))
    data.set('accion', accion)
    return send(path, data, ana)
  }
  await upload(await version(), 'una', 'guardar')
  const reviewed = await version()
  const moved = await upload(reviewed, 'otra', 'agregar:adjuntos')
  expect(moved.status).toBe(200)
  expect(await version()).toBe(reviewed + 1)
  expect(moved.text).toContain(`name="version" value="${reviewed + 1}"`)
  expect((await draftFile(app.db, id, 'foto.png'))!.toString()).toBe('otra')
  // of an older version nothing is replaced
  const stale = await upload(reviewed, 'vieja', 'guardar')
  expect(stale.status).toBe(409)
  expect((await draftFile(app.db, id, 'foto.png'))!.toString()).toBe('otra')
  expect(await version()).toBe(reviewed + 1)
  const asked = await post(`/panel/correos/${id}/revisar`, { version: String(reviewed) }, ana)
  expect([asked.status, wordsOf(await asked.text())]).toEqual([
    422,
    expect.stringContaining('cambió en otra ventana'),
  ])
})

test('a session is changed over the version that was read, and a new one replaces none', async () => {
  const site = await panel({ recipients: 0 })
  const { app } = site
  const send = sender(site)
  await addTestUser(app, 'eva', ['capturista'])
  const [ana, eva] = [await site.signIn('ana'), await site.signIn('eva')]
  const path = '/panel/sesiones/sesion'
  const known = `${path}?clave=cg-2026-11-26&fecha=2026-11-26`
  const open = async (cookie: string, at = known) =>
    formOf(await (await site.get(at, cookie)).text())
  const fill = (form: URLSearchParams, hora: string) => {
    const fields = {
      id: 'cg-2026-11-26',
      'organo.clase': 'consejo-general',
      'organo.nombre': 'Consejo General',
      'organo.siglas': 'CG',
      tipo: 'ordinaria',
      fecha: '2026-11-26',
      hora,
      estado: 'programada',
      modalidad: 'presencial',
      'fuente.nombre': 'INE',
      'fuente.url': 'https://www.ine.mx/',
      accion: 'guardar',
    }
    for (const [name, value] of Object.entries(fields))
      if (form.has(name) || name === 'accion' || form.get(name) === null) form.set(name, value)
    return form
  }
  const first = await send(path, fill(await open(ana, `${path}?fecha=2026-11-26`), '10:00'), ana)
  expect(first.to || wordsOf(first.text)).toContain('semana=2026-11-26')
  // another one under the same key
  const other = await send(path, fill(await open(eva, `${path}?fecha=2026-11-26`), '17:00'), eva)
  expect([other.status, wordsOf(other.text)]).toEqual([
    409,
    expect.stringMatching(/ya hay una sesión con esa clave.*La que está guardada.*10:00/),
  ])
  const again = await send(path, formOf(other.text), eva)
  expect(again.status).not.toBe(303)
  // two changes of one
  const [hers, theirs] = [await open(ana), await open(eva)]
  hers.set('hora', '12:00')
  theirs.set('hora', '13:00')
  for (const form of [hers, theirs]) form.set('accion', 'guardar')
  expect((await send(path, hers, ana)).status).toBe(303)
  expect((await send(path, hers, ana)).status).toBe(303)
  const late = await send(path, theirs, eva)
  expect([late.status, wordsOf(late.text)]).toEqual([
    409,
    expect.stringMatching(/alguien la cambió mientras tanto.*12:00/),
  ])
  const stored = () => readSessions(app.db, '2026-11-26', '2026-11-26')
  expect(await stored()).toMatchObject([{ hora: '12:00', secuencia: 1 }])
  const over = formOf(late.text)
  expect(over.get('hora')).toBe('13:00')
  over.set('accion', 'guardar')
  expect((await send(path, over, eva)).status).toBe(303)
  expect(await stored()).toMatchObject([{ hora: '13:00', secuencia: 2 }])
})

test('a refusal in a browser names no command, and a role is called by its name', async () => {
  const site = await panel({ recipients: 0 })
  const { app } = site
  await addTestUser(app, 'lee', ['consulta', 'privacidad'])
  const [lee, ana] = [await site.signIn('lee'), await site.signIn('ana')]
  const nowhere = wordsOf(await (await site.get('/panel/ediciones/99999', lee)).text())
  expect(nowhere).toContain('edición: no existe (99999). Búsquela en la agenda.')
  const forbidden = wordsOf(await (await site.get('/panel/aprobaciones', lee)).text())
  expect(forbidden).toContain('Lee tiene el rol de Consulta, Privacidad y transparencia')
  const edition = await boletin(app, { ready: false })
  const path = `/panel/ediciones/${edition.id}`
  const fields = { contenido: String(edition.contentId) }
  const refused = wordsOf(await (await site.post(`${path}/lista`, fields, ana)).text())
  expect(refused).toContain('no tiene ninguna dirección')
  expect(refused).toContain('Pídalo a quien administra el sistema')
  expect(refused).not.toContain('pregonero contacts')
})

test('what was cancelled should have left, and what is late is not announced for an hour gone by', async () => {
  const site = await panel()
  const { app } = site
  const edition = await boletin(app)
  const luis = await site.signIn('luis')
  const path = `/panel/ediciones/${edition.id}`
  await approve(app.engine, app.luis, edition.id)
  const said = async () => wordsOf(await (await site.get(`${path}?hecho=aprobada`, luis)).text())
  expect(await said()).toContain('Programada para el viernes 27')
  await app.db
    .updateTable('edition')
    .set({ nominalAt: app.clock.now() })
    .where('id', '=', edition.id)
    .execute()
  expect(await said()).toContain('Su hora ya pasó: sale en cuanto se pueda')
  expect(await said()).not.toContain('Programada para')
  await cancel(app.engine, app.luis, edition.id, 'Se pospuso')
  const page = wordsOf(await (await site.get(path, luis)).text())
  expect(page).toContain('Debía salir')
})
