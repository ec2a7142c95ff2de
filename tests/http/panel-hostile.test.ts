/**
 * Every form of the panel, filled in by somebody who means harm: whatever comes, an answer that says what is wrong, nothing
 * of theirs in the page as markup, and nothing written by what was refused. Fields are read from the pages themselves, so
 * that a new form is met here by itself.
 */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { fileOf } from '../../src/audience/import-file/file.ts'
import { addTopic } from '../../src/content/topics.ts'
import { stageContacts } from '../../src/flow/import-contacts.ts'
import { release } from '../../src/flow/release.ts'
import { addRow } from '../../src/flow/register.ts'
import { beginRequest } from '../../src/flow/request.ts'
import { panelRoutes } from '../../src/http/panel/panel.ts'
import { roles } from '../../src/people/users.ts'
import { addTestUser, boletin, fridayAt15, type TestApp } from '../support/app.ts'
import { panel, type Panel } from './panel-support.ts'

const markup = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\'><svg/onload=alert(1)>'
const reflected = /<script>alert|<img src=x onerror|<svg\/onload/i
const posts = panelRoutes.filter(({ method }) => method === 'POST')
const gets = panelRoutes.filter(({ method }) => method === 'GET')

interface World extends Panel {
  cookie: string
  ids: Record<string, string>
}

/** One of each thing that a form is about, and somebody who may everything. */
async function world(path: string): Promise<World> {
  const site = await panel()
  const { app, signIn } = site
  const user = await addTestUser(app, 'todo', [...roles])
  const other = await addTestUser(app, 'otra', ['consulta'])
  await addTopic(app.db, { key: 'taller', name: 'Taller' }, app.clock.now())
  const edition = await editionFor(app, path)
  const draft = await beginRequest(app.engine, user, 'invitacion-red-observacion')
  const file = fileOf('correo,nombre\nnueva@example.org,Nueva\n', 'personal.csv')
  const staged = await stageContacts(app.engine, app.ana, file, { list: 'comunidad-iecm' })
  const row = await addRow(app.engine, app.reportDefinitions, app.ana, meeting)
  const ids = {
    ediciones: String(edition),
    correos: String(draft.id),
    importar: String(staged.import.id),
    usuarios: String(other.id),
    row: String(row),
  }
  return { ...site, ids, cookie: await signIn('todo') }
}

const meeting = {
  tableId: 'IV.1.a.iii',
  quarter: '2026-Q4',
  position: null,
  dates: ['2026-10-16'],
  precision: 'day' as const,
  text: 'Reunión virtual.',
  fields: {},
  mark: '',
  note: null,
  topic: null,
  publication: null,
  channel: null,
  evidence: null,
  printedDate: null,
  sourceKey: null,
}

/** In the state in which the form is offered. */
async function editionFor(app: TestApp, path: string): Promise<number> {
  const isOnItsWay = /(pausar|reanudar|reenviar|inciertos|alcance)$/.test(path)
  const isReady = isOnItsWay || /(aprobar|devolver)$/.test(path)
  const { id } = await boletin(app, { ready: isReady })
  if (!isOnItsWay) return id
  await sql`UPDATE edition SET state = 'approved', approved_by = ${app.luis.id} WHERE id = ${id}`.execute(
    app.db,
  )
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  await sql`UPDATE delivery SET state = 'unknown' WHERE id = (SELECT min(id) FROM delivery)`.execute(
    app.db,
  )
  return id
}

/** The path of a route, of the things of this world. */
const pathOf = ({ ids }: World, route: string, id?: string): string =>
  route
    .replace(
      /(ediciones|correos|importar|usuarios)\/:id/,
      (_, kind) => `${kind}/${id ?? ids[kind]}`,
    )
    .replace(':row', id ?? ids['row']!)
    .replace(':quarter', '2026-Q4')
    .replace(':table', 'IV.1.a.iii')
    .replace(':section', 'IV.1')

interface FoundForm {
  fields: Map<string, string>
  /** No page has it now. */
  isGuessed: boolean
}

/** What the pages send to this path: the names of all its forms, with what they hold now. */
async function formOf(site: World, route: string): Promise<FoundForm> {
  const target = pathOf(site, route)
  const found: FoundForm = { fields: new Map(), isGuessed: false }
  // its own page first; then those of the thing that it is about, whose forms lead to it
  const pages = new Set([target, ...gets.map(({ path }) => pathOf(site, path))])
  for (const path of [...pages].filter((one) => !/\.\w+$|\/correo$|avance$/.test(one))) {
    const answer = await patient(() => site.get(path, site.cookie))
    if (answer.status !== 200) continue
    for (const [form] of (await answer.text()).matchAll(/<form\b[^]*?<\/form>/g)) {
      const action = /action="([^"]*)"/.exec(form)?.[1]
      if (action === undefined || new URL(action, site.url).pathname !== target) continue
      readFields(form, found.fields)
    }
  }
  // a button alone, or what is not offered in this state: what acts of the panel read, in case this one does
  found.isGuessed = found.fields.size === 0
  if (found.isGuessed) for (const name of usual) found.fields.set(name, 'x')
  return found
}

const usual = (
  'sello version motivo estado accion confirmo hora fecha formato que cuales entrega visto persona contacto ' +
  'origen evidencia aviso columna lista aceptar duplicado omitir repetir como rechazados'
).split(' ')

function readFields(form: string, fields: Map<string, string>): void {
  for (const [tag] of form.matchAll(/<(?:input|textarea|select|button)\b[^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(tag)?.[1]
    if (name === undefined || fields.has(name)) continue
    fields.set(name, decoded(/\bvalue="([^"]*)"/.exec(tag)?.[1] ?? 'x'))
  }
}

const decoded = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

/** Kinds of hostile values; as they are on the wire, where a string cannot say them. */
const values: Record<string, string> = {
  markup: encodeURIComponent(markup),
  NUL: 'a%00b',
  'a lone surrogate': 'a%ED%A0%80b',
  'what is no UTF-8': '%FF%FE%C0%80',
  'controls and bidi': encodeURIComponent('a\u0007\u001B[2J\u202Eb\u2028c\r\nBcc: x@example.org'),
  negative: '-1',
  huge: '99999999999999999999',
  float: '1.5e300',
  SQL: encodeURIComponent("1' OR 1=1; DROP TABLE edition; --"),
  'a name of objects': '__proto__',
  long: 'x'.repeat(100_000),
}

const urlencoded = 'application/x-www-form-urlencoded'
const pairs = (fields: Iterable<[string, string]>): string =>
  [...fields].map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join('&')

/** All fields at once, and then each alone among good ones, so that no check hides behind another. */
function* bodies({
  fields,
  isGuessed,
}: FoundForm): Generator<[what: string, body: string | FormData]> {
  yield ['nothing', '']
  yield ['no form', '%%%&=&&==&;']
  const names = [...fields.keys()]
  if (names.length === 0) return
  // a form that is too large as a whole is not read at all: the server refuses it while it comes
  // and an act that reads no form answers before the end of a long one, which fetch takes for a failure
  const most = isGuessed ? 1_000 : Math.min(100_000, Math.floor(450_000 / names.length))
  for (const [kind, value] of Object.entries(values))
    yield [`all ${kind}`, pairs(names.map((name) => [name, value.slice(0, most)]))]
  const now = [...fields].map(([name, value]): [string, string] => [
    name,
    encodeURIComponent(value),
  ])
  yield ['all twice', pairs([...now, ...now])]
  yield [
    'as arrays',
    pairs(
      now.flatMap(([name, value]) => [
        [`${name}[]`, value],
        [`${name}[a]`, value],
      ]),
    ),
  ]
  yield ['as files', asFiles(names)]
  const some =
    now.length > 40 ? now.filter((_, index) => index % Math.ceil(now.length / 40) === 0) : now
  for (const [name] of some)
    for (const kind of ['markup', 'NUL', 'huge', 'long'])
      yield [
        `${name} ${kind}`,
        pairs(
          now.map(([one, value]) => [
            one,
            one === name ? values[kind]!.slice(0, isGuessed ? most : undefined) : value,
          ]),
        ),
      ]
}

function asFiles(names: string[]): FormData {
  const body = new FormData()
  for (const name of names) body.append(name, new File([markup], `${markup}.html`))
  return body
}

async function send(
  { url, cookie }: Pick<World, 'url' | 'cookie'>,
  path: string,
  body: string | FormData,
  origin = url,
): Promise<Response> {
  return patient(() =>
    fetch(`${url}${path}`, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: {
        Cookie: cookie,
        Origin: origin,
        ...(typeof body === 'string' && { 'Content-Type': urlencoded }),
      },
    }),
  )
}

/** The server limits whoever asks so much, which is us. */
async function patient(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await ask()
    if (answer.status !== 429) return answer
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

/** All that people wrote. Looks are logged whatever comes of them, and a draft is kept as it is, right or wrong. */
async function written({ app }: World): Promise<string> {
  const { rows } = await sql<{ all: string }>`SELECT query_to_xml(string_agg(format(
      'SELECT %L AS name, count(*) AS n, sum(hashtext(t::text)) AS sum FROM %I AS t', tablename, tablename),
      ' UNION ALL '), true, true, '')::text AS all
    FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN
      ('audit_log', 'person_access', 'staff_session', 'staff_user', 'draft', 'draft_file')`.execute(
    app.db,
  )
  return rows[0]!.all
}

test.each(posts.map(({ path }) => path))(
  'POST %s: refuses what is not right, in words, and writes none of it',
  async (route) => {
    const site = await world(route)
    const path = pathOf(site, route)
    const form = await formOf(site, route)
    const faults: string[] = []
    let before = await written(site)
    for (const [what, body] of bodies(form)) {
      const answer = await send(site, path, body)
      const text = await answer.text()
      const { status } = answer
      const say = (fault: string) => faults.push(`${what}: ${status} ${fault}`)
      if (status >= 500) say('failed')
      if (reflected.test(text)) say(`reflects ${reflected.exec(text)?.[0]}`)
      if (status >= 400 && !/<h1>[^]*?\S[^]*?<\/h1>/.test(text)) say('says nothing')
      const after = await written(site)
      if (status >= 400 && after !== before) say('was refused and wrote')
      before = after
      const to = answer.headers.get('location')
      if (to === null) continue
      const next = new URL(to, site.url)
      if (!next.pathname.startsWith('/panel') || next.pathname === '/panel/entrar')
        say(`leads to ${to}`)
      else {
        const page = await patient(() => site.get(next.pathname + next.search, site.cookie))
        if (page.status >= 500) say(`leads to ${to}, which failed`)
        if (reflected.test(await page.text())) say(`leads to ${to}, which reflects`)
      }
    }
    expect(faults).toEqual([])
  },
  240_000,
)

test('no form is taken from another site, of whatever type', async () => {
  const site = await world('')
  const before = await written(site)
  for (const { path } of posts) {
    for (const origin of ['https://malo.example', 'null', `${site.url}.malo.example`]) {
      const answer = await send(site, pathOf(site, path), 'version=1', origin)
      expect(answer.status, `${path} ${origin}`).toBe(403)
    }
  }
  expect(await written(site)).toBe(before)
}, 120_000)

const nobody = [
  '0',
  '-1',
  '999999999',
  '999999999999999',
  '9'.repeat(30),
  '1.5',
  "1'%20OR%201=1--",
  '%00',
  '%F0',
  '1e3',
]

test.each(nobody)(
  'what is not there (%s) is not found, by any route',
  async (id) => {
    const site = await world('')
    const withId = panelRoutes.filter(({ path }) => /:(id|row)/.test(path))
    expect(withId.length).toBeGreaterThan(30)
    for (const { method, path } of withId) {
      const at = pathOf(site, path, id)
      const answer = await (method === 'GET'
        ? patient(() => site.get(at, site.cookie))
        : send(site, at, 'version=1&sello=x'))
      const text = await answer.text()
      expect(answer.status, `${method} ${at}`).toBe(404)
      expect(text, `${method} ${at}`).not.toMatch(reflected)
    }
  },
  120_000,
)

test('what an address asks is as little trusted as a form', async () => {
  const site = await world('')
  const names =
    'asunto publicacion tema estado desde hasta pagina despues antes persona acto sobre referencia fecha semana vista hecho tipo hora organo ver formato'
  for (const { path } of gets) {
    for (const [kind, value] of Object.entries(values)) {
      if (kind === 'long') continue
      const query = pairs(names.split(' ').map((name) => [name, value]))
      const at = `${pathOf(site, path)}?${query}`
      const answer = await patient(() => site.get(at, site.cookie))
      const text = await answer.text()
      expect(answer.status, `${path} ${kind}`).toBeLessThan(500)
      expect(text, `${path} ${kind}`).not.toMatch(reflected)
    }
  }
}, 240_000)
