import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addContacts } from '../support/app.ts'
import { readRestDays } from '../../src/schedule/rest-days.ts'
import { leaveLists } from '../../src/audience/memberships.ts'
import { readSessions } from '../../src/content/sessions.ts'
import { panel } from './panel-support.ts'

const hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

test('rest days are seen by everybody, and added and removed by who may', async () => {
  const { app, get, post, signIn } = await panel()
  const ana = await signIn('ana')
  const path = '/panel/configuracion/dias-inhabiles'
  expect(await (await get(path, ana)).text()).not.toContain('Agregar')
  expect((await post(path, { desde: '2026-12-24' }, ana)).status).toBe(403)

  const luis = await signIn('luis')
  const fields = { desde: '2027-03-01', hasta: '', nombre: 'Día de prueba', tipo: 'descanso' }
  expect((await post(path, fields, luis)).headers.get('location')).toContain('anio=2027')
  expect(await (await get(`${path}?anio=2027`, ana)).text()).toMatch(
    /lunes 1 de marzo de 2027[^]*Día de prueba/,
  )
  const twice = await post(path, fields, luis)
  expect(twice.status).toBe(422)

  expect((await post(path, { quitar: '2027-03-01', tipo: 'descanso' }, luis)).status).toBe(303)
  expect((await readRestDays(app.db)).some(({ start }) => start === '2027-03-01')).toBe(false)
  expect((await post(path, { quitar: '2027-03-01' }, luis)).status).toBe(404)
  const acts = await app.db.selectFrom('auditLog').select('act').execute()
  expect(acts.filter(({ act }) => act.startsWith('rest-days.'))).toHaveLength(2)
})

test('a rest day that is wrong comes back with what is wrong, and what was typed', async () => {
  const { post, signIn } = await panel()
  const luis = await signIn('luis')
  const answer = await post(
    '/panel/configuracion/dias-inhabiles',
    { desde: '2027-13-40', hasta: 'x', nombre: hostile, tipo: 'fiesta', fundamento: hostile },
    luis,
  )
  const page = await answer.text()
  expect(answer.status).toBe(422)
  expect(page).toContain('href="#desde"')
  expect(page).toContain('href="#tipo"')
  expect(page).toContain('&quot;&gt;&lt;img src=x')
  expect(page).not.toContain('<img src=x')
})

test('a topic is added once, with a key made from its name', async () => {
  const { get, post, signIn } = await panel()
  const luis = await signIn('luis')
  const path = '/panel/configuracion/temas'
  expect((await post(path, { nombre: 'Taller de Observación', clave: '' }, luis)).status).toBe(303)
  expect(await (await get(path, luis)).text()).toMatch(
    /Taller de Observación[^]*taller-de-observacion/,
  )
  const again = await post(path, { nombre: 'Taller de Observación', clave: '' }, luis)
  expect([again.status, await again.text()]).toEqual([
    422,
    expect.stringContaining('ya está en el catálogo'),
  ])
  for (const nombre of ['', 'x'.repeat(201), '¿?']) {
    expect((await post(path, { nombre, clave: '' }, luis)).status, nombre).toBe(422)
  }
  expect((await post(path, { nombre: 'Otro' }, await signIn('ana'))).status).toBe(403)
})

test('senders and publications are shown without secrets', async () => {
  const { app, get, signIn } = await panel()
  app.engine.config.senders.admin.relay = {
    host: 'relay.example',
    port: 587,
    tls: 'required',
    auth: { user: 'usuario-del-relevo', pass: 'un-secreto' },
  }
  const ana = await signIn('ana')
  const senders = await (await get('/panel/configuracion/remitentes', ana)).text()
  expect(senders).toContain('relay.example:587, cifrado obligatorio')
  expect(senders).not.toContain('un-secreto')
  expect(senders).not.toContain('usuario-del-relevo')
  const publications = await (await get('/panel/configuracion/publicaciones', ana)).text()
  expect(publications).toMatch(/Boletín Electoral[^]*cada viernes, 15:00/)
})

test('sessions are entered once, changed with their version, and listed by week', async () => {
  const { app, get, post, signIn } = await panel()
  const ana = await signIn('ana')
  const session = {
    id: 'cg-2026-11-26',
    'organo.clase': 'consejo-general',
    'organo.nombre': 'Consejo General',
    'organo.siglas': 'CG',
    tipo: 'ordinaria',
    fecha: '2026-11-26',
    hora: '10:00',
    modalidad: 'presencial',
    estado: 'programada',
    'ordenDelDia.n': '1',
    'ordenDelDia.0.numero': '1',
    'ordenDelDia.0.asunto': 'Lectura del orden del día',
    'fuente.nombre': 'Portal del INE',
    'fuente.consultadaEl': '2026-11-22T18:00:00-06:00',
    accion: 'guardar',
  }
  const path = '/panel/sesiones/sesion'
  const saved = await post(path, session, ana)
  expect([saved.status, saved.headers.get('location')]).toEqual([
    303,
    expect.stringContaining('semana=2026-11-26'),
  ])
  const change = { ...session, clave: session.id, secuencia: '0', hora: '12:00' }
  expect((await post(path, change, ana)).status).toBe(303)
  expect(await readSessions(app.db, '2026-11-26', '2026-11-26')).toMatchObject([
    { id: 'cg-2026-11-26', hora: '12:00', secuencia: 1 },
  ])
  const week = await (await get('/panel/sesiones?semana=2026-11-23', ana)).text()
  expect(week).toMatch(/jueves 26 de noviembre[^]*12:00 horas[^]*CG[^]*Editar/)
  const form = await (await get(`${path}?clave=cg-2026-11-26&fecha=2026-11-26`, ana)).text()
  expect(form).toContain('value="12:00"')
  expect((await get(`${path}?clave=otra&fecha=2026-11-26`, ana)).status).toBe(404)
  const wrong = await post(path, { ...session, id: hostile, hora: '99' }, ana)
  const page = await wrong.text()
  expect(wrong.status).toBe(422)
  expect(page).toContain('&quot;&gt;&lt;img')
  expect(page).not.toContain('<img src=x')
  for (const semana of ['x', '2026-99-99', '9999-01-01', '-1'])
    expect((await get(`/panel/sesiones?semana=${semana}`, ana)).status).toBe(200)
})

test('leaves are listed, masked for who may not see addresses', async () => {
  const { app, get, signIn } = await panel()
  await addContacts(app, 2, 'observadora', 'red-observacion')
  const contact = await app.db
    .selectFrom('contact')
    .select(['id', 'address'])
    .where('address', 'like', 'observadora%')
    .executeTakeFirstOrThrow()

  await leaveLists(app.db, contact.id, 'external', {
    origin: 'página de baja',
    reason: 'unsubscribed',
    at: app.clock.now(),
  })
  const masked = await (await get('/panel/audiencias/bajas', await signIn('ana'))).text()
  expect(masked).toContain('página de baja')
  expect(masked).not.toContain(contact.address)
  expect(await (await get('/panel/audiencias/bajas', await signIn('luis'))).text()).toContain(
    contact.address,
  )
})

test('the agenda is a file that a calendar takes, and says the days of rest', async () => {
  const { app, get, post, signIn } = await panel()
  const luis = await signIn('luis')
  await post(
    '/panel/configuracion/dias-inhabiles',
    { desde: '2026-11-30', nombre: 'Día de prueba', tipo: 'descanso' },
    luis,
  )
  const page = await (await get('/panel', luis)).text()
  expect(page).toMatch(/Lunes 30 de noviembre[^]*Inhábil: Día de prueba/)
  const file = await get('/panel/agenda.ics', luis)
  expect(file.headers.get('content-type')).toContain('text/calendar')
  expect(await file.text()).toMatch(/^BEGIN:VCALENDAR[^]*Boletín Electoral 2026-W48/)
  expect(app.engine.config.environment).not.toBe('production')
})

test('demo data is loaded by a button, once, and never in production', async () => {
  const { app, get, post, signIn } = await panel()
  const luis = await signIn('luis')
  const path = '/panel/datos-de-demostracion'
  expect(await (await get('/panel/configuracion', luis)).text()).not.toContain(path)
  await sql`TRUNCATE list CASCADE`.execute(app.db)
  app.engine.config.environment = 'production'
  expect(await (await get('/panel/configuracion', luis)).text()).not.toContain(path)
  expect((await post(path, {}, luis)).status).toBe(303)
  expect(await app.db.selectFrom('list').select('id').execute()).toEqual([])
  app.engine.config.environment = 'development'
  expect(await (await get('/panel/configuracion', luis)).text()).toContain(path)
  expect((await post(path, {}, luis)).status).toBe(303)
  const members = await app.db.selectFrom('listMember').select('contactId').execute()
  expect(members.length).toBeGreaterThan(500)
  expect((await post(path, {}, luis)).status).toBe(303)
})
