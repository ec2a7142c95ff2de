import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { audit } from '../../src/people/audit.ts'
import { actNames, subjectKinds } from '../../src/http/panel/settings/audit-words.ts'
import { detailLines } from '../../src/http/panel/settings/audit-detail.ts'
import { addRestDay, enterSessions } from '../../src/flow/settings.ts'
import { addTestUser } from '../support/app.ts'
import { panel, type Panel } from './panel-support.ts'
import { wordsOf } from './support.ts'

const path = '/panel/bitacora'

interface AuditPanel extends Panel {
  cookie: string
  write: (act: string, subject: string, detail?: object, at?: Date) => Promise<void>
  page: (query?: string) => Promise<string>
  rows: (query?: string) => Promise<string>
}

async function auditPanel(): Promise<AuditPanel> {
  const all = await panel({ recipients: 0 })
  await addTestUser(all.app, 'privacidad', ['privacidad'])
  const cookie = await all.signIn('privacidad')
  const page = async (query = '') => (await all.get(`${path}${query}`, cookie)).text()
  return {
    ...all,
    cookie,
    page,
    rows: async (query) => wordsOf(/<tbody>.*<\/tbody>/s.exec(await page(query))?.[0] ?? ''),
    write: (act, subject, detail, at = all.app.clock.now()) =>
      audit(all.app.db, { at, user: all.app.luis, act, subject, ...(detail && { detail }) }),
  }
}

test('each act has who, when and what in words, and what changed as lines', async () => {
  const { write, rows } = await auditPanel()
  await write('cancel', 'edition 12', { reason: 'Se pospuso', was: 'ready', deliveries: 0 })
  await write('users.edit', 'user ana', {
    before: { name: 'Ana', roles: ['capturista'] },
    after: { name: 'Ana', roles: ['capturista', 'consulta'] },
  })
  const text = await rows()
  expect(text).toMatch(/23\/11\/2026, 09:00 horas Luis \(luis\) Cancelación Edición 12/)
  expect(text).toContain('motivo: Se pospuso')
  expect(text).toContain('roles: antes capturista; después capturista, consulta')
  expect(text).not.toContain('nombre:')
  expect(text).not.toMatch(/[{}]|undefined|null/)
})

test('what is written with an act is read whatever its shape, without addresses, and no further than is of use', () => {
  expect(
    detailLines({
      reason: 'Lo pidió ana@example.org',
      sealedHash: 'ab'.repeat(32),
      nominalAt: '2026-11-27T21:00:00.000Z',
      ok: true,
      lists: [3, 5],
      changes: [{ before: { text: 'uno' } }],
    }),
  ).toEqual([
    'motivo: Lo pidió …',
    `sello: abababab`,
    'sale: 27/11/2026, 15:00 horas',
    'ok: sí',
    'listas: 3, 5',
    'cambios · 1 · antes · texto: uno',
  ])
  const resent = { requeued: 1, withheld: 2, states: ['failed', 'rejected'] }
  expect(
    detailLines({ ...resent, as: 'resend', from: { state: 'sent' }, writers: [1, 3] }),
  ).toEqual([
    'se reenvían: 1',
    'se dieron de baja desde entonces: 2',
    'de los resultados: fallo técnico, rechazo permanente',
    'se dijo que: se envían otra vez',
    'desde · estado: concluida',
    'lo redactaron las personas número: 1, 3',
  ])
  expect(detailLines({ from: 'sending', to: 'paused' })).toEqual([
    'desde: en curso',
    'hasta: en pausa',
  ])
  expect(detailLines({ 'ana@example.org': 'x' })).toEqual(['…: x'])
  expect(detailLines(null)).toEqual(['—'])
  expect(detailLines({})).toEqual([])
  expect(detailLines({ text: 'a'.repeat(5_000) })[0]!.length).toBeLessThan(320)
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]))
  expect(detailLines(many).at(-1)).toBe('y 460 datos más')
  let deep: object = {}
  for (let i = 0; i < 5_000; i++) deep = { x: deep }
  expect(() => detailLines(deep)).not.toThrow()
})

test('no address of anybody is in the log, on the page or in the file', async () => {
  const { get, write, page, cookie } = await auditPanel()
  await write('contacts.import', 'file carta a eva@example.org.csv', {
    reason: 'Escribió iris@example.org',
    after: { email: 'olga@example.org' },
    before: { email: 'otra@example.org' },
  })
  const file = await (await get('/panel/bitacora.csv', cookie)).text()
  for (const text of [wordsOf(await page()), file])
    expect(text).not.toMatch(/(eva|iris|olga|otra)@|example\.org/)
})

test('the log is narrowed by person, act, subject and day', async () => {
  const { app, write, rows } = await auditPanel()
  const dayBefore = new Date(app.clock.now().getTime() - 24 * 3_600_000)
  await write('hold', 'edition 12', { reason: 'doce' }, dayBefore)
  await write('hold', 'edition 121', { reason: 'ciento veintiuno' })
  await audit(app.db, {
    at: app.clock.now(),
    user: undefined,
    act: 'omit',
    subject: 'edition 12',
    detail: { reason: 'sola' },
  })
  const found = async (query: string) => {
    const text = await rows(query)
    return ['doce', 'ciento veintiuno', 'sola'].filter((word) => text.includes(`motivo: ${word}`))
  }
  expect(await found('')).toEqual(['doce', 'ciento veintiuno', 'sola'])
  expect(await found('?acto=hold')).toEqual(['doce', 'ciento veintiuno'])
  expect(await found('?persona=sistema')).toEqual(['sola'])
  expect(await found('?persona=u-luis')).toEqual(['doce', 'ciento veintiuno'])
  expect(await found('?sobre=edition')).toHaveLength(3)
  expect(await found('?sobre=edition&referencia=12')).toEqual(['doce', 'sola'])
  expect(await found('?sobre=user')).toEqual([])
  expect(await found('?hasta=2026-11-22')).toEqual(['doce'])
  expect(await found('?desde=2026-11-23&acto=hold')).toEqual(['ciento veintiuno'])
})

test('fifty acts are a page, and the next begins where it ends, whatever is written meanwhile', async () => {
  const { app, get, write, page, cookie } = await auditPanel()
  for (let i = 0; i < 120; i++) await write('hold', `edition ${i + 1}`)
  const numbers = async (query: string) =>
    [...(await page(query)).matchAll(/>\s*Edición (\d+)\s*<\/a/g)].map(([, n]) => Number(n))
  const nextOf = async (query: string) =>
    /rel="next" href="[^"]*?\?([^"]+)"/.exec(await page(query))?.[1]?.replaceAll('&amp;', '&')
  const first = await numbers('?acto=hold')
  const next = await nextOf('?acto=hold')
  expect(next).toContain('acto=hold')
  await write('hold', 'edition 999')
  const second = await numbers(`?${next}`)
  const third = await numbers(`?${await nextOf(`?${next}`)}`)
  expect([...first, ...second, ...third]).toEqual(Array.from({ length: 120 }, (_, i) => 120 - i))
  expect(await page('?antes=1&acto=hold')).toContain('No hay actos anteriores')
  await app.db
    .insertInto('auditLog')
    .values(
      Array.from({ length: 2_100 }, () => ({
        at: app.clock.now(),
        act: 'test',
        subject: 'edition 7',
      })),
    )
    .execute()
  const file = await (await get('/panel/bitacora.csv?acto=test', cookie)).text()
  expect(new Set(file.trim().split('\r\n')).size).toBe(2_101)
})

test('the file opens in a spreadsheet as text', async () => {
  const { get, write, cookie } = await auditPanel()
  await write('topics.add', 'topic =1+1', { name: '=cmd|calc' })
  await write('nuevo.acto', '=HYPERLINK("x")')
  const answer = await get('/panel/bitacora.csv', cookie)
  expect(answer.headers.get('content-type')).toContain('text/csv')
  expect(answer.headers.get('content-disposition')).toContain('bitacora-2026-11-23.csv')
  const file = Buffer.from(await answer.arrayBuffer()).toString()
  expect(file.startsWith('\uFEFFNúmero,Cuándo,Quién')).toBe(true)
  expect(file).toContain(`"'=HYPERLINK(""x"")"`)
  expect(file).not.toMatch(/(^|,|\n)"?=/)
})

const nasty = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

test.each(['persona', 'acto', 'sobre', 'referencia', 'desde', 'hasta', 'antes'])(
  'a wrong %s is said, shown back escaped, and searched by nobody',
  async (name) => {
    const { get, cookie } = await auditPanel()
    for (const value of [nasty, '\u0000', 'x'.repeat(5_000), '__proto__', "' OR 1=1 --"]) {
      const query = new URLSearchParams({ [name]: value }).toString()
      const answer = await get(`${path}?${query}`, cookie)
      const text = await answer.text()
      expect(answer.status, value.slice(0, 20)).toBe(400)
      expect(text).not.toMatch(/<img src=x|<script>alert/)
      expect((await get(`/panel/bitacora.csv?${query}`, cookie)).status).toBe(422)
    }
  },
)

test('what was written by others is shown escaped', async () => {
  const { write, page } = await auditPanel()
  await write(nasty, nasty, { [nasty]: nasty, reason: nasty })
  const text = await page()
  expect(text).not.toMatch(/<img src=x|<script>alert/)
  expect(text).toContain('&lt;img src=x')
})

test('the log is for operation and privacy alone', async () => {
  const { get, signIn } = await auditPanel()
  expect((await get(path, await signIn('luis'))).status).toBe(200)
  const ana = await signIn('ana')
  expect((await get(path, ana)).status).toBe(403)
  expect((await get('/panel/bitacora.csv', ana)).status).toBe(403)
})

test('every act that the program writes has its name in Spanish', () => {
  const folder = new URL('../../src/', import.meta.url)
  const acts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('people/audit.ts'))
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      return [...text.matchAll(/\baudit\((?:\w+\.)?\w+, \{.*?\bact: '([\w.-]+)'/gs)].map(
        ([, act]) => act!,
      )
    })
  expect(acts.length).toBeGreaterThan(30)
  expect([...new Set(acts)].filter((act) => !Object.hasOwn(actNames, act))).toEqual([])
})

test('every kind of subject that the program writes has its name in Spanish', () => {
  const folder = new URL('../../src/', import.meta.url)
  const kinds = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('people/audit.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .filter((text) => /\baudit\(/.test(text))
    .flatMap((text) => [
      // where it is written, and where it is handed to what writes it
      ...text.matchAll(/\bsubject(?:Of\b.*=>|\b[^`'\n]*) ?[`'](?:\$\{\w+\} )?([^ `'$]+)(.*)/g),
      ...text.matchAll(/\bchangeRestDays\([^`\n]*`([^ `$]+)(.*)/g),
    ])
    .flatMap(([, kind, rest]) => [kind!, ...(/: [`']([a-z-]+)/.exec(rest!)?.slice(1) ?? [])])
    .filter((kind) => /^[a-z]/.test(kind))
  expect(kinds.length).toBeGreaterThan(40)
  expect([...new Set(kinds)].filter((kind) => !Object.hasOwn(subjectKinds, kind))).toEqual([])
})

test('a rest day and a session that was typed are named, and found by their kind', async () => {
  const { app, rows } = await auditPanel()
  const draft = { start: '2026-12-24', name: 'Nochebuena', kind: 'descanso' }
  await addRestDay(app.engine, app.luis, draft)
  const session = { id: 'cg-ordinaria', fecha: '2026-11-25', estado: 'programada' }
  await enterSessions(app.engine, app.ana, [session])
  const text = await rows()
  expect(text).toContain('Días inhábiles agregados Días inhábiles 2026-12-24')
  expect(text).toContain(`Alta de sesión Sesión ${session.id}`)
  expect(await rows('?sobre=rest-days')).toContain('Nochebuena')
})
