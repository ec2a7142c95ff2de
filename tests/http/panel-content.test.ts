import { onTestFinished, expect, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import { contentSchema } from '../../src/content/example.ts'
import { readContent as readFrozen } from '../../src/content/content.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { readYaml } from '../../src/yaml-file.ts'
import { plan } from '../../src/flow/plan.ts'
import {
  fieldsOf,
  readContent,
  rearrange,
  type Field,
  type NamedField,
} from '../../src/http/panel/content/fields.ts'
import { panelPaths } from '../../src/http/panel/route.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { setPassword } from '../../src/people/sessions.ts'
import { boletin, editionNow, mondayMorning, testApp, type TestApp } from '../support/app.ts'
import { formOf } from './forms.ts'

const password = 'una frase que recuerdo'
const origin = 'http://localhost:3000'

async function panelOf(app: TestApp, login = 'ana') {
  const server = await startHttpServer(app.engine)
  onTestFinished(() => server.close())
  await setPassword(app.db, app.luis, login, password, app.clock.now())
  const post = (path: string, body: URLSearchParams, cookie = '') =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: { Origin: origin, Cookie: cookie },
    })
  const signedIn = await post(
    '/panel/entrar',
    new URLSearchParams({ clave: login, contrasena: password }),
  )
  const cookie = /^[^;]+/.exec(signedIn.headers.get('set-cookie')!)![0]
  return {
    get: async (path: string) => fetch(`${server.url}${path}`, { headers: { Cookie: cookie } }),
    post: async (path: string, body: URLSearchParams) => post(path, body, cookie),
  }
}

/** What a form of these fields would send for the content. */
function sentFor(
  fields: NamedField[],
  body: Record<string, unknown>,
  form = new FormData(),
  path = '',
): FormData {
  for (const { name, field } of fields)
    sendField(field, body[name], form, path === '' ? name : `${path}.${name}`)
  return form
}

function sendField(field: Field, value: unknown, form: FormData, path: string): void {
  if (field.kind === 'group')
    sentFor(field.fields, (value ?? {}) as Record<string, unknown>, form, path)
  else if (field.kind === 'list') {
    const items = (value ?? []) as unknown[]
    form.set(`${path}.n`, String(items.length))
    items.forEach((item, i) => sendField(field.item, item, form, `${path}.${i}`))
  } else if (field.kind === 'choices')
    for (const one of (value ?? []) as string[]) form.append(path, one)
  else if (field.kind === 'flag') {
    if (value === true) form.set(path, 'on')
  } else if (typeof value === 'string' || typeof value === 'number') form.set(path, `${value}`)
}

test.each(publications.map((publication) => [publication.slug, publication] as const))(
  'the form of %s gives back its sample, whole and in order',
  (slug, publication) => {
    const fields = fieldsOf(contentSchema(publication), ['muestra'])
    const read = readYaml(sampleFor(slug, mondayMorning).text, 'muestra')
    if (!read.ok) throw new Error('no sample')
    const sample = read.value as Record<string, unknown>
    const back = readContent(fields, sentFor(fields, sample))
    const parsed = (body: Record<string, unknown>) =>
      publication.content.parse({ ...body, tipo: slug, muestra: false })
    expect(parsed(back)).toEqual(parsed(sample))
  },
)

test('items are moved, added and taken away, and a path that leads nowhere changes nothing', () => {
  const body = { secciones: [{ notas: [{ titulo: 'a' }, { titulo: 'b' }] }, { notas: [] }] }
  const titles = (changed: Record<string, unknown>) =>
    (changed as typeof body).secciones.map(({ notas }) => notas.map(({ titulo }) => titulo))
  expect(titles(rearrange(body, 'subir:secciones.0.notas.1'))).toEqual([['b', 'a'], []])
  expect(titles(rearrange(body, 'bajar:secciones.0'))).toEqual([[], ['a', 'b']])
  expect(titles(rearrange(body, 'quitar:secciones.0.notas.0'))).toEqual([['b'], []])
  expect(titles(rearrange(body, 'agregar:secciones.1.notas'))).toEqual([['a', 'b'], [undefined]])
  for (const act of [
    'subir:secciones.0',
    'bajar:secciones.1',
    'quitar:secciones.9',
    'quitar:x.0',
    'agregar:secciones.0.notas.0.titulo',
    'subir:__proto__.0',
    'agregar:__proto__.x',
    'borrar:secciones.0',
    '',
  ])
    expect(rearrange(body, act), act).toEqual(body)
  expect(({} as Record<string, unknown>).x).toBeUndefined()
})

test('what is in the form is saved as it stands, and the edition is of whoever saved it', async () => {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  const { get, post } = await panelOf(app)
  const path = panelPaths.content(edition.id)
  const form = formOf(await (await get(path)).text())
  form.set('titular', 'Un titular <b>escrito</b> en el panel')
  form.set('accion', 'guardar')
  const saved = await post(path, form)
  expect([saved.status, await saved.text()]).toEqual([303, ''])
  const now = await editionNow(app, edition.id)
  expect((await readFrozen(app.db, now)).body).toMatchObject({
    tipo: 'boletin-electoral',
    muestra: false,
    titular: 'Un titular <b>escrito</b> en el panel',
  })
  expect(await (await get(path)).text()).toContain(
    'Un titular &lt;b&gt;escrito&lt;/b&gt; en el panel',
  )
})

test('a form with faults comes back with each where it is, and nothing of it lost', async () => {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  const { get, post } = await panelOf(app)
  const path = panelPaths.content(edition.id)
  const form = formOf(await (await get(path)).text())
  form.set('titular', '')
  form.set('secciones.0.notas.0.url', 'http://sin-candado.example')
  form.set('secciones.0.notas.0.resumen', '<script>alert(1)</script> y lo demás')
  form.set('accion', 'guardar')
  const answer = await post(path, form)
  const page = await answer.text()
  expect(answer.status).toBe(422)
  expect(page).toContain('Error: Contenido')
  expect(page).toMatch(/<a href="#c-titular">Titular: falta/)
  expect(page).toMatch(
    /<a href="#c-secciones-0-notas-0-url">[^<]*debe ser una liga que empiece con https/,
  )
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; y lo demás')
  expect(page).not.toContain('<script>')
  expect((await editionNow(app, edition.id)).contentId).toBe(edition.contentId)
})

test('moving an item keeps everything that was typed, in a draft and nowhere else', async () => {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  const { get, post } = await panelOf(app)
  const path = panelPaths.content(edition.id)
  const form = formOf(await (await get(path)).text())
  const [first, second] = [form.get('secciones.0.titulo'), form.get('secciones.1.titulo')]
  form.set('titular', 'A medio escribir')
  form.set('accion', 'subir:secciones.1')
  const answer = await post(path, form)
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    expect.stringMatching(/#c-secciones-0-renglon$/),
  ])
  const moved = formOf(await (await get(path)).text())
  expect([moved.get('secciones.0.titulo'), moved.get('secciones.1.titulo')]).toEqual([
    second,
    first,
  ])
  expect(moved.get('titular')).toBe('A medio escribir')
  expect((await editionNow(app, edition.id)).contentId).toBe(edition.contentId)
})

test('an edition without content begins with its own dates and no text of anybody', async () => {
  const app = await testApp()
  await plan(app.engine)
  const { id } = await app.db
    .selectFrom('edition')
    .select('id')
    .where('publication', '=', 'boletin-electoral')
    .orderBy('nominalAt')
    .executeTakeFirstOrThrow()
  const { get } = await panelOf(app)
  const form = formOf(await (await get(panelPaths.content(id))).text())
  expect([form.get('periodo.del'), form.get('titular'), form.get('secciones.n')]).toEqual([
    '2026-11-23',
    '',
    '1',
  ])
})
