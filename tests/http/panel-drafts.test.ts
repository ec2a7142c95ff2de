/** The content form as two people use it: drafts, conflicts, files, and a session that ends in mid-form. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { informeQuincenal } from '../../jobs/informe-quincenal.ts'
import { readContent } from '../../src/content/content.ts'
import { draftFile, draftFiles, draftOfEdition } from '../../src/content/drafts.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { approve, cancel } from '../../src/flow/approve.ts'
import { openCorrection } from '../../src/flow/correct.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { requireUser } from '../../src/people/users.ts'
import { panelPaths } from '../../src/http/panel/route.ts'
import {
  addContacts,
  addTestUser,
  boletin,
  editionNow,
  type TestAppOptions,
} from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import { mailsOf } from '../support/outbox.ts'
import { formOf } from './forms.ts'
import { panel, password } from './panel-support.ts'

const sample = (name: string) =>
  readFileSync(new URL(`../../jobs/samples/${name}`, import.meta.url))
const png = sample('ciudad-y-diaspora.png')
const pdf = sample('informe-quincenal.pdf')
const origin = 'http://localhost:3000'
const attack = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'

/** Ana and Eva write the same boletín; each `open` is a browser's form of it. */
async function newsroom() {
  const site = await panel()
  const edition = await boletin(site.app, { ready: false })
  await addTestUser(site.app, 'eva', ['capturista'])
  const people = { ana: await site.signIn('ana'), eva: await site.signIn('eva') }
  return { ...site, ...desk(site, edition.id, people), edition, people }
}

function desk<People extends Record<string, string>>(
  site: Awaited<ReturnType<typeof panel>>,
  id: number,
  people: People,
) {
  const path = panelPaths.content(id)
  const page = async (who: keyof People, query = '') =>
    (await site.get(`${path}${query}`, people[who])).text()
  const save = async (
    who: keyof People,
    form: URLSearchParams | FormData,
    action: string,
    cookie: string | undefined = people[who],
  ) => {
    form.set('accion', action)
    const answer = await fetch(`${site.url}${path}`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { Origin: origin, ...(cookie && { Cookie: cookie }) },
    })
    const text = await answer.text()
    return { status: answer.status, text, to: answer.headers.get('location') }
  }
  const open = async (who: keyof People) => formOf(await page(who))
  const draft = () => draftOfEdition(site.app.db, id)
  return { path, page, save, open, draft }
}

/** The same form as one with files. */
function withFiles(form: URLSearchParams, files: Record<string, File>): FormData {
  const data = new FormData()
  for (const [name, value] of form) data.append(name, value)
  for (const [name, file] of Object.entries(files)) data.append(name, file)
  return data
}

const file = (bytes: Uint8Array<ArrayBuffer> | Buffer, name: string) =>
  new File([new Uint8Array(bytes)], name)
const nothingChosen = new File([], '')
const imageOf = (note: number) => `secciones.0.notas.${note}.imagen.archivo`

test('a draft is kept unfinished and wrong, says whose it is, and the content stays as it was', async () => {
  const { app, edition, open, save, page, draft } = await newsroom()
  const form = await open('ana')
  form.set('titular', '')
  form.set('secciones.0.notas.0.url', attack)
  form.set('entrada', `${attack} ${'x'.repeat(5_000)}`)
  form.set('periodo.del', 'mañana')
  const saved = await save('ana', form, 'borrador')
  expect([saved.status, saved.to]).toEqual([303, expect.stringMatching(/contenido\?guardado=1$/)])
  expect(await page('ana', '?guardado=1')).toContain('Guardado a las 09:00 horas.')

  app.clock.advance(25 * 60_000)
  const shown = await page('eva')
  expect(shown).toMatch(/Borrador de Ana, guardado a las 09:00 horas/)
  expect(shown).not.toContain('Hay datos por corregir')
  expect(shown).not.toContain('<script>alert')
  expect(shown).not.toContain('<img src=x')
  const again = formOf(shown)
  for (const name of ['titular', 'entrada', 'periodo.del', 'secciones.0.notas.0.url'])
    expect(again.get(name), name).toBe(form.get(name))
  expect((await editionNow(app, edition.id)).contentId).toBe(edition.contentId)
  expect(await draft()).toMatchObject({
    version: 1,
    userId: app.ana.id,
    replaces: edition.contentId,
  })
})

test('what is still wrong is told when somebody asks, and that nothing is when nothing is', async () => {
  const { app, edition, open, save, page, people, get, path } = await newsroom()
  const form = await open('ana')
  form.set('titular', '')
  const asked = await save('ana', form, 'ver')
  expect([asked.status, asked.to]).toEqual([303, expect.stringMatching(/\?ver=1$/)])
  const told = await get(`${path}?ver=1`, people.ana)
  const text = await told.text()
  expect(told.status).toBe(422)
  expect(text).toContain('<a href="#c-titular">Titular: falta')
  const mended = await open('ana')
  mended.set('titular', 'Ahora sí')
  await save('ana', mended, 'ver')
  expect(await page('ana', '?ver=1')).toContain('No falta nada')
  expect((await editionNow(app, edition.id)).contentId).toBe(edition.contentId)
})

test('saved and checked, the draft becomes the content and is gone; a second click changes nothing', async () => {
  const { app, edition, open, save, draft } = await newsroom()
  const form = await open('ana')
  form.set('titular', 'El titular definitivo')
  await save('ana', form, 'borrador')
  const last = await open('ana')
  const clicks = await Promise.all([save('ana', last, 'guardar'), save('ana', last, 'guardar')])
  expect(clicks.map(({ status, to }) => [status, to])).toEqual(
    Array.from({ length: 2 }, () => [303, expect.stringMatching(/\/panel\/ediciones\/\d+$/)]),
  )
  expect(await draft()).toBeUndefined()
  const now = await editionNow(app, edition.id)
  expect((await readContent(app.db, now)).body).toMatchObject({ titular: 'El titular definitivo' })
  const contents = await app.db.selectFrom('content').select('id').execute()
  expect(contents).toHaveLength(2)
})

test('what is wrong when it is saved comes back at its field, and stays in the draft', async () => {
  const { open, save, draft } = await newsroom()
  const form = await open('ana')
  form.set('secciones.0.notas.0.url', 'http://sin-candado.example')
  const { status, text } = await save('ana', form, 'guardar')
  expect(status).toBe(422)
  expect(text).toMatch(/id="c-secciones-0-notas-0-url-error">[^<]*https/)
  expect(JSON.stringify((await draft())!.body)).toContain('http://sin-candado.example')
})

test('over a newer draft nothing is saved: both versions are shown, and one of them is chosen', async () => {
  const { app, open, save, draft } = await newsroom()
  const [ana, eva] = [await open('ana'), await open('eva')]
  ana.set('titular', `Lo de Ana ${attack}`)
  await save('ana', ana, 'borrador')
  app.clock.advance(60_000)
  eva.set('titular', 'Lo de Eva')
  for (const action of ['borrador', 'guardar', 'agregar:agenda']) {
    const { status, text } = await save('eva', eva, action)
    expect(status, action).toBe(409)
    expect(text).toContain('Ana guardó este borrador a las 09:00 horas')
    expect(text).toMatch(/as-written">Lo de Ana &lt;script&gt;[^]*<em>\(distinto\)/)
    expect(text).not.toContain('<script>alert')
    expect(formOf(text).get('titular')).toBe('Lo de Eva')
    expect((await draft())!.body).toMatchObject({ titular: ana.get('titular') })
  }
  const { text } = await save('eva', eva, 'borrador')
  const over = /value="(encima:[\d.:]+)"/.exec(text)![1]!
  expect((await save('eva', formOf(text), over)).status).toBe(303)
  expect(await draft()).toMatchObject({ version: 2, body: { titular: 'Lo de Eva' } })
  // who was overwritten is told in turn, and the same choice does not hold twice
  ana.set('titular', 'Ana otra vez')
  expect((await save('ana', ana, 'borrador')).status).toBe(409)
  eva.set('titular', 'Eva otra vez')
  expect((await save('eva', eva, over)).status).toBe(409)
})

test('the same draft posted twice is one', async () => {
  const { open, save, draft } = await newsroom()
  const form = await open('ana')
  form.set('titular', 'Doble clic')
  const answers = await Promise.all([save('ana', form, 'borrador'), save('ana', form, 'borrador')])
  expect(answers.map(({ status }) => status)).toEqual([303, 303])
  expect(await draft()).toMatchObject({ version: 1 })
})

test('when the content was replaced meanwhile, a draft says so and goes over it only on request', async () => {
  const { app, edition, open, save, page, draft } = await newsroom()
  const mine = await open('ana')
  const theirs = await open('eva')
  theirs.set('titular', 'El contenido de Eva')
  expect((await save('eva', theirs, 'guardar')).status).toBe(303)
  mine.set('titular', 'El borrador de Ana')
  const refused = await save('ana', mine, 'guardar')
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('Eva lo guardó a las 09:00 horas')
  expect(refused.text).toMatch(/as-written">El contenido de Eva<[^]*<em>\(distinto\)/)
  const shown = await page('ana')
  const form = formOf(shown)
  expect(form.get('titular')).toBe('El borrador de Ana')
  expect((await save('ana', form, 'guardar')).status).toBe(409)
  const again = await page('ana')
  const over = /value="(encima:[\d.]+:\d+)"/.exec(again)![1]!
  expect((await save('ana', formOf(again), over)).status).toBe(303)
  const now = await editionNow(app, edition.id)
  expect((await readContent(app.db, now)).body).toMatchObject({ titular: 'El borrador de Ana' })
  expect(await draft()).toBeUndefined()
})

test('a draft is discarded in the version that was read; the form goes back to the content', async () => {
  const { app, open, save, page, draft } = await newsroom()
  const form = await open('ana')
  const before = form.get('titular')
  form.set('titular', 'Para tirar')
  await save('ana', form, 'borrador')
  const first = await open('ana')
  first.set('titular', 'Una versión más')
  const stale = new URLSearchParams(first)
  await save('eva', first, 'borrador')
  expect((await save('ana', stale, 'descartar')).status).toBe(409)
  const last = await open('ana')
  for (let times = 0; times < 2; times++)
    expect((await save('ana', last, 'descartar')).status).toBe(303)
  expect(await draft()).toBeUndefined()
  expect(formOf(await page('ana')).get('titular')).toBe(before)
  const acts = await app.db
    .selectFrom('auditLog')
    .select('detail')
    .where('act', '=', 'draft.discard')
    .execute()
  expect(acts).toEqual([
    { detail: expect.objectContaining({ before: expect.objectContaining({ version: 2 }) }) },
  ])
})

test('an edition that admits no content keeps what was being written, and says so', async () => {
  const { app, edition, open, save, get, path, people, draft } = await newsroom()
  const form = await open('ana')
  form.set('titular', 'Antes de cancelarla')
  await save('ana', form, 'borrador')
  const late = await open('ana')
  await cancel(app.engine, app.luis, edition.id, 'ya no')
  late.set('titular', 'Después de cancelarla')
  for (const action of ['guardar', 'borrador']) {
    const answer = await save('ana', late, action)
    expect([answer.status, answer.text]).toEqual([
      409,
      expect.stringContaining('Después de cancelarla'),
    ])
  }
  const opened = await get(path, people.ana)
  expect([opened.status, await opened.text()]).toEqual([
    409,
    expect.stringContaining('Después de cancelarla'),
  ])
  expect((await draft())!.body).toMatchObject({ titular: 'Después de cancelarla' })
})

test('what is no form of the page empties no draft, and no edition that is none has one', async () => {
  const { open, save, draft, post, people, path } = await newsroom()
  await save('ana', await open('ana'), 'borrador')
  const before = await draft()
  for (const fields of [{}, { accion: 'guardar' }, { titular: 'x' }] as Record<string, string>[])
    expect((await post(path, fields, people.ana)).status).toBe(422)
  const foreign = await open('ana')
  // a version of nobody's, and words where numbers belong
  for (const token of ['999.1', 'x.y', '1', '-1.-1', "1' OR 1"]) {
    foreign.set('borrador', token)
    foreign.set('titular', `Con ${token}`)
    expect((await save('ana', foreign, 'borrador')).status, token).toBe(409)
  }
  expect(await draft()).toEqual(before)
  for (const id of ['0', '999999', 'x'])
    expect((await post(`/panel/ediciones/${id}/contenido`, { desde: '' }, people.ana)).status).toBe(
      404,
    )
})

test('a number that is none and a NUL are kept or left out, and nothing fails', async () => {
  const { open, save, draft } = await newsroom()
  const form = await open('ana')
  form.set('titular', 'con\0nulo')
  expect((await save('ana', form, 'borrador')).status).toBe(303)
  expect((await draft())!.body).toMatchObject({ titular: 'connulo' })
})

test('each section says how far it is', async () => {
  const { open, save, page } = await newsroom()
  const form = await open('ana')
  form.set('secciones.0.notas.0.titulo', '')
  await save('ana', form, 'agregar:secciones')
  const text = await page('ana')
  const statuses = [...text.matchAll(/Sección \d+ de \d+\s*<span class="status">([^<]+)</g)]
  expect(statuses.map(([, status]) => status)).toEqual(
    expect.arrayContaining(['En edición', 'Lista', 'Vacía']),
  )
  expect(statuses.at(0)![1]).toBe('En edición')
  expect(statuses.at(-1)![1]).toBe('Vacía')
})

test('whose draft became content that was replaced stays a writer: a form may be open with their words', async () => {
  const site = await panel()
  const { app, signIn } = site
  const { id } = await boletin(app, { ready: false })
  await addTestUser(app, 'sol', ['capturista', 'aprobacion'])
  const eva = await addTestUser(app, 'eva', ['capturista'])
  const people = { ana: await signIn('ana'), sol: await signIn('sol') }
  const { open, save } = desk(site, id, people)
  const first = await open('sol')
  first.set('titular', 'Un titular que escribió Sol')
  expect((await save('sol', first, 'borrador')).status).toBe(303)
  const opened = await open('ana')
  expect(opened.get('titular')).toBe('Un titular que escribió Sol')
  expect((await save('sol', await open('sol'), 'guardar')).status).toBe(303)
  await addContent(app.engine, eva, { text: boletinYaml(), place: 'x', editionId: id })
  const { status, text } = await save('ana', opened, 'guardar')
  expect(status).toBe(409)
  const over = /value="(encima:[^"]+)"/.exec(text)![1]!
  expect((await save('ana', formOf(text), over)).to).toMatch(/ediciones\/\d+$/)
  const { sealedHash } = (await markReady(app.engine, app.ana, id)).edition
  const sol = await requireUser(app.db, 'sol')
  const { engine } = app
  await expect(approve(engine, sol, id, sealedHash!)).rejects.toThrow(
    /Sol la redactó|sol la redactó/,
  )
})

test('images are kept by any button, even of the same name, and go with the content', async () => {
  const { app, edition, open, save, page, draft } = await newsroom()
  const form = await open('ana')
  form.set('secciones.0.notas.0.imagen.alt', 'La ciudad')
  form.set('secciones.0.notas.1.imagen.alt', 'La diáspora')
  const other = Buffer.concat([png, Buffer.from('x')])
  const upload = withFiles(form, {
    [`subir-imagen:${imageOf(0)}`]: file(png, 'C:\\fotos\\<b>foto</b>.PNG'),
    [`subir-imagen:${imageOf(1)}`]: file(other, 'C:\\fotos\\<b>foto</b>.PNG'),
    [`subir-imagen:secciones.1.notas.0.imagen.archivo`]: nothingChosen,
  })
  expect((await save('ana', upload, 'agregar:agenda')).status).toBe(303)
  const { id } = (await draft())!
  const names = (await draftFiles(app.db, id)).map(({ name }) => name)
  expect(names).toHaveLength(2)
  for (const name of names) expect(name).toMatch(/^[\w.-]+\.png$/)
  const shown = await page('ana')
  for (const name of names) expect(shown).toContain(`<option value="${name}"`)
  const again = formOf(shown)
  expect([again.get(imageOf(0)), again.get(imageOf(1))]).toEqual([names[1], names[0]])
  again.set('agenda.n', '0')
  const saved = await save('ana', again, 'guardar')
  expect([saved.status, saved.text]).toEqual([303, ''])
  const { body } = await readContent(app.db, await editionNow(app, edition.id))
  expect(JSON.stringify(body)).toMatch(/"alt":"La ciudad","sha256"|"sha256":/)
  // the content's own files are there to choose once its draft is gone
  const later = await open('ana')
  expect(later.get(imageOf(0))).toBe(names[1])
  later.set('titular', 'Con las mismas imágenes')
  expect((await save('ana', later, 'guardar')).status).toBe(303)
})

test('a file of a note is replaced by another of its name, and not under who reads an older draft', async () => {
  const { app, open, save, draft } = await newsroom()
  const field = `subir-imagen:${imageOf(0)}`
  const first = await open('ana')
  await save('ana', withFiles(first, { [field]: file(png, 'foto.png') }), 'borrador')
  const [ana, eva] = [await open('ana'), await open('eva')]
  const newer = Buffer.concat([png, Buffer.from('2')])
  await save('ana', withFiles(ana, { [field]: file(newer, 'foto.png') }), 'borrador')
  const { id } = (await draft())!
  expect(await draftFile(app.db, id, 'foto.png')).toEqual(newer)
  const newest = Buffer.concat([png, Buffer.from('3')])
  eva.set('titular', 'Otra cosa')
  const refused = await save(
    'eva',
    withFiles(eva, { [field]: file(newest, 'foto.png') }),
    'borrador',
  )
  expect(refused.status).toBe(409)
  expect(formOf(refused.text).get(imageOf(0))).toBe('foto-2.png')
  expect(await draftFile(app.db, id, 'foto.png')).toEqual(newer)
  expect(await draftFile(app.db, id, 'foto-2.png')).toEqual(newest)
})

test('of many who replace one file over one version, the draft has the file of whose text it has', async () => {
  const { app, open, save, draft } = await newsroom()
  const field = `subir-imagen:${imageOf(0)}`
  await save('ana', withFiles(await open('ana'), { [field]: file(png, 'foto.png') }), 'borrador')
  const begun = (await draft())!
  const read = await open('ana')
  const imageBy = (n: number) => Buffer.concat([png, Buffer.from(`de ${n}`)])
  const answers = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(async (n) => {
      const form = new URLSearchParams(read)
      form.set('titular', `Titular ${n}`)
      const upload = withFiles(form, { [field]: file(imageBy(n), 'foto.png') })
      return { n, ...(await save(n % 2 ? 'ana' : 'eva', upload, 'borrador')) }
    }),
  )
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    303,
    ...Array.from({ length: 5 }, () => 409),
  ])
  const now = (await draft())!
  expect(now.version).toBe(begun.version + 1)
  const { n } = answers.find(({ status }) => status === 303)!
  expect(now.body).toMatchObject({ titular: `Titular ${n}` })
  expect(await draftFile(app.db, now.id, 'foto.png')).toEqual(imageBy(n))
  // what the others sent is kept under other names, in the form that each got back
  for (const other of answers.filter(({ status }) => status === 409)) {
    const name = formOf(other.text).get(imageOf(0))!
    expect(await draftFile(app.db, now.id, name)).toEqual(imageBy(other.n))
  }
})

test.each([
  [
    'over its limit',
    Buffer.alloc(10_000_001),
    'grande.png',
    /grande\.png.* pesa 10 MB y el máximo es 10 MB/,
  ],
  ['empty', Buffer.alloc(0), 'vacia.png', /vacia\.png.* está vacío/],
  ['without a type', png, 'sin-tipo', /sin-tipo.* no dice de qué tipo es/],
])(
  'an image %s is refused at its field, by its name, and the text is kept',
  async (_, bytes, name, says) => {
    const { open, save, draft } = await newsroom()
    const form = await open('ana')
    form.set('titular', 'Con una imagen mala')
    const upload = withFiles(form, { [`subir-imagen:${imageOf(0)}`]: file(bytes, name) })
    const { status, text } = await save('ana', upload, 'guardar')
    expect(status).toBe(422)
    const error = /id="c-secciones-0-notas-0-imagen-archivo-error">([^<]*)/.exec(text)![1]!
    expect(error.replaceAll('&quot;', '"')).toMatch(says)
    expect((await draft())!.body).toMatchObject({ titular: 'Con una imagen mala' })
  },
)

test('what is no image, whatever its name, is told when it is saved', async () => {
  const { open, save } = await newsroom()
  const form = await open('ana')
  form.set('secciones.0.notas.0.imagen.alt', 'Un texto')
  const upload = withFiles(form, {
    [`subir-imagen:${imageOf(0)}`]: file(Buffer.from(`<svg>${attack}</svg>`), 'dibujo.png'),
  })
  const { status, text } = await save('ana', upload, 'guardar')
  expect(status).toBe(422)
  expect(text).toContain('no es una imagen que se pueda usar')
})

test('attachments are uploaded as well, with their own limit', async () => {
  const options: TestAppOptions = { publications: [informeQuincenal] }
  const site = await panel(options)
  await plan(site.app.engine)
  const { id } = await site.app.db
    .selectFrom('edition')
    .select('id')
    .orderBy('nominalAt')
    .executeTakeFirstOrThrow()
  const { open, save, draft } = desk(site, id, { ana: await site.signIn('ana') })
  const field = 'subir-adjunto:adjunto.archivo'
  const form = await open('ana')
  const heavy = withFiles(form, { [field]: file(Buffer.alloc(2_000_001), 'pesado.pdf') })
  const refused = await save('ana', heavy, 'borrador')
  expect([refused.status, refused.text]).toEqual([
    422,
    expect.stringContaining('el máximo es 2 MB'),
  ])
  const kept = await open('ana')
  await save('ana', withFiles(kept, { [field]: file(pdf, 'Informe año 1.pdf') }), 'borrador')
  expect((await draft())!.body).toMatchObject({ adjunto: { archivo: 'Informe-año-1.pdf' } })
  expect(await draftFiles(site.app.db, (await draft())!.id)).toEqual([
    { name: 'Informe-año-1.pdf', bytes: pdf.length },
  ])
})

test.each([
  ['announced', true],
  ['as it streams', false],
])('an upload of 200 MB is refused %s, and is not read to its end', async (_, isAnnounced) => {
  const { url, path, people } = await newsroom()
  const total = 200_000_000
  let sent = 0
  const chunk = new Uint8Array(64 * 1024)
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= total) return controller.close()
      sent += chunk.length
      controller.enqueue(chunk)
    },
  })
  const before = process.memoryUsage().rss
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    body,
    duplex: 'half',
    headers: {
      Origin: origin,
      Cookie: people.ana,
      'Content-Type': 'multipart/form-data; boundary=x',
      ...(isAnnounced && { 'Content-Length': String(total) }),
    },
  })
  expect(answer.status).toBe(413)
  expect(sent).toBeLessThan(total)
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
})

test('an alcance begins with the attachment of what it corrects, and sends the same', async () => {
  const site = await panel({ publications: [informeQuincenal], recipients: 1 })
  const { app } = site
  const { engine, ana, luis } = app
  await addContacts(app, 1, 'consejera', 'consejerias')
  await plan(engine)
  const { id, nominalAt, period } = await app.db
    .selectFrom('edition')
    .selectAll()
    .orderBy('nominalAt')
    .executeTakeFirstOrThrow()
  const leave = async (edition: number, at: Date) => {
    const { sealedHash } = (await markReady(engine, ana, edition)).edition
    if (informeQuincenal.approval === 'second-person')
      await approve(engine, luis, edition, sealedHash!)
    app.clock.moveTo(at)
    await release(engine, edition)
    await sendBatch(engine, edition, 1)
    const [attachment] = (await mailsOf(app)).at(-1)!.attachments
    return [attachment?.filename, Buffer.from(attachment!.content as ArrayBuffer).equals(pdf)]
  }
  await addContent(engine, ana, { ...sampleFor(informeQuincenal.slug, nominalAt, period) }, period)
  const sent = await leave(id, nominalAt)
  expect(sent).toEqual(['informe-quincenal.pdf', true])

  const hour = new Date(nominalAt.getTime() + 3 * 3_600_000)
  const correction = await openCorrection(engine, ana, id, hour)
  const { open, save } = desk(site, correction.id, { ana: await site.signIn('ana') })
  const form = await open('ana')
  expect(form.get('adjunto.archivo')).toBe('informe-quincenal.pdf')
  expect((await save('ana', form, 'borrador')).status).toBe(303)
  expect((await save('ana', await open('ana'), 'guardar')).to).toMatch(/ediciones\/\d+$/)
  expect(await leave(correction.id, hour)).toEqual(sent)
})

test('a session that ends in mid-form loses no text: it goes through the sign-in, and on', async () => {
  const { app, url, open, save, draft, path } = await newsroom()
  const form = await open('ana')
  form.set('titular', attack)
  form.set('entrada', 'Primer renglón\r\n\r\nSegundo "renglón" &amp; más')
  const upload = withFiles(form, { [`subir-imagen:${imageOf(0)}`]: file(png, 'foto.png') })
  app.clock.advance(61 * 60_000)
  const asked = await save('ana', upload, 'borrador')
  expect(asked.status).toBe(401)
  expect(asked.text).toContain('Lo que escribió está a salvo')
  expect(asked.text).toContain('Los archivos que iba a subir no se pueden conservar')
  expect(asked.text).not.toContain('<script>alert')
  expect(await draft()).toBeUndefined()

  const signIn = (page: string, secret: string) => {
    const fields = withFiles(formOf(page), {})
    fields.set('clave', 'ana')
    fields.set('contrasena', secret)
    const headers = { Origin: origin }
    return fetch(`${url}/panel/entrar`, {
      method: 'POST',
      body: fields,
      headers,
      redirect: 'manual',
    })
  }
  const wrong = await signIn(asked.text, 'otra frase larga')
  expect(wrong.status).toBe(401)
  const right = await signIn(await wrong.text(), password)
  const safe = await right.text()
  expect([right.status, safe]).toEqual([200, expect.stringContaining('Su texto está a salvo')])
  expect(safe).toContain('súbalos de nuevo')
  expect(safe).not.toContain('<script>alert')
  expect(safe).toContain(`action="${path}"`)
  const cookie = /^[^;]+/.exec(right.headers.get('set-cookie')!)![0]
  const sent = formOf(safe)
  expect(sent.get('contrasena')).toBeNull()
  expect((await save('ana', sent, 'borrador', cookie)).status).toBe(303)
  expect((await draft())!.body).toMatchObject({
    titular: attack,
    entrada: 'Primer renglón\n\nSegundo "renglón" &amp; más',
  })
})

test('nothing but a form of the panel is carried, to a page of the panel', async () => {
  const { app, path, url, post, people } = await newsroom()
  app.clock.advance(61 * 60_000)
  const foreign = await post(path, { desde: '' }, people.ana, 'https://malo.example')
  expect(foreign.status).toBe(403)
  const empty = await post(path, {}, people.ana)
  expect([empty.status, empty.headers.get('location')]).toEqual([
    302,
    expect.stringContaining('fin=1'),
  ])
  const long = await post(path, { desde: '', texto: 'x'.repeat(600 * 1024) }, people.ana)
  expect([long.status, long.headers.get('location')]).toEqual([
    302,
    expect.stringContaining('fin=1'),
  ])
  for (const to of [
    'https://malo.example/',
    '//malo.example',
    '/panel//malo',
    '/archivo',
    'javascript:alert(1)',
    '/panel/../x" onx="',
  ]) {
    const fields = { clave: 'ana', contrasena: password }
    const texto = JSON.stringify({ to, isMultipart: false, hadFiles: false, fields: [['a', 'b']] })
    const answer = await post('/panel/entrar', { ...fields, texto })
    expect([answer.status, answer.headers.get('location')], to).toEqual([
      303,
      expect.stringMatching(/\/panel$/),
    ])
  }
  for (const texto of [
    '{',
    'null',
    '[]',
    '{"to":"/panel","fields":[[1,2]]}',
    '{"to":"/panel","fields":["ab"]}',
  ]) {
    const answer = await post('/panel/entrar', { clave: 'ana', contrasena: password, texto })
    expect(answer.status, texto).toBe(303)
  }
  expect(url).toContain('http')
})
