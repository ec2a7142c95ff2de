import { expect, test } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import type { Edition } from '../../src/editions/editions.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { approve } from '../../src/flow/approve.ts'
import { addTestUser, boletin, editionNow, fridayAt15, mexicoCity } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import { panel, type Panel } from './panel-support.ts'
import { wordsOf } from './support.ts'

const hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'

interface ApprovalPanel extends Panel {
  edition: Edition
  path: string
  luis: string
  words: (path: string, cookie: string) => Promise<string>
}

/** The boletín of the week, which ana marked ready, as a publication that somebody else approves. */
async function approvalPanel(options: { yaml?: string } = {}): Promise<ApprovalPanel> {
  const base = await panel({
    publications: [{ ...boletinElectoral, approval: 'second-person' as const }],
  })
  const edition = await boletin(base.app, options)
  return {
    ...base,
    edition,
    path: `/panel/ediciones/${edition.id}`,
    luis: await base.signIn('luis'),
    words: async (path, cookie) => wordsOf(await (await base.get(path, cookie)).text()),
  }
}

const rewrite = async ({ app, edition }: ApprovalPanel, titular: string): Promise<void> => {
  await addContent(app.engine, app.ana, { text: boletinYaml({ titular }), place: 'b.yaml' })
  await markReady(app.engine, app.ana, edition.id)
}

const countOf = async ({ app }: ApprovalPanel, act: string): Promise<number> =>
  (await app.db.selectFrom('auditLog').select('id').where('act', '=', act).execute()).length

test('the queue says what waits, for whom, and who may not approve it', async () => {
  const base = await approvalPanel()
  const { app, words, luis, path, post, edition } = base
  const page = await words('/panel/aprobaciones', luis)
  expect(page).toMatch(/1 envío espera.*Boletín Electoral 2026-W48/)
  expect(page).toMatch(
    /Sale viernes 27 de noviembre de 2026, 15:00 horas.*Direcciones 3 Redacción Ana La marcó como lista Ana Puede aprobarla Sí/,
  )
  await app.db
    .updateTable('staffUser')
    .set({ roles: ['capturista', 'aprobacion'] })
    .where('login', '=', 'ana')
    .execute()
  const ana = await base.signIn('ana')
  expect(await words('/panel/aprobaciones', ana)).toContain(
    'No: la redactó usted, y debe ser otra persona',
  )
  const own = await words(path, ana)
  expect(own).toContain('debe aprobarla otra persona')
  expect(own).not.toContain('Aprobar y programar')
  const forced = await post(`${path}/aprobar`, { sello: edition.sealedHash! }, ana)
  expect([forced.status, wordsOf(await forced.text())]).toEqual([
    409,
    expect.stringContaining('quien aprueba debe ser otra persona'),
  ])
  await post(`${path}/aprobar`, { sello: edition.sealedHash! }, luis)
  expect(await words('/panel/aprobaciones', luis)).toContain('Nada espera aprobación')
})

test('two clicks approve once, and both are told so', async () => {
  const base = await approvalPanel()
  const { app, post, words, luis, path, edition } = base
  const answers = await Promise.all(
    [1, 2].map(() => post(`${path}/aprobar`, { sello: edition.sealedHash! }, luis)),
  )
  for (const answer of answers) {
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(`${path}?hecho=aprobada`)
  }
  expect(await words(`${path}?hecho=aprobada`, luis)).toMatch(
    /Aprobada por Luis el .* Programada para el viernes 27 de noviembre de 2026, 15:00 horas/,
  )
  expect(await countOf(base, 'approve')).toBe(1)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'approved' })
})

test('no link makes the page say what was not done', async () => {
  const { words, luis, path } = await approvalPanel()
  for (const done of ['aprobada', 'devuelta', 'cancelada', 'prueba', 'constructor', hostile]) {
    const page = await words(`${path}?hecho=${encodeURIComponent(done)}`, luis)
    expect(page).not.toMatch(/Aprobada por|Devuelta\.|Cancelada:|Prueba aceptada/)
  }
})

test('an edition is returned with its reason, once, and its author reads it', async () => {
  const base = await approvalPanel()
  const { app, get, post, words, luis, path, edition } = base
  const fields = { sello: edition.sealedHash!, motivo: `Falta la fuente ${hostile}` }
  expect(await words(path, luis)).toContain('Devolver para que se corrija')
  const answers = [await post(`${path}/devolver`, fields, luis)]
  answers.push(await post(`${path}/devolver`, fields, luis))
  expect(answers.map(({ status }) => status)).toEqual([303, 303])
  expect(await countOf(base, 'return')).toBe(1)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'planned', sealedHash: null })
  const html = await (await get(`${path}?hecho=devuelta`, await base.signIn('ana'))).text()
  expect(html).not.toContain('<script>alert')
  expect(html).not.toContain('<img src=x')
  expect(html).toMatch(/Devuelta\. Se avisa por correo/)
  expect(html).toContain('devuelta por Luis: Falta la fuente &lt;script&gt;')
})

test.each([
  ['', 'Escriba qué hay que corregir'],
  [' \u0000\u200b ', 'Escriba qué hay que corregir'],
  ['x'.repeat(301), 'tiene 301 caracteres: acórtelo a 300'],
])(
  'a return without a fit reason does nothing, and loses nothing typed (%#)',
  async (motivo, says) => {
    const { app, post, luis, path, edition } = await approvalPanel()
    const answer = await post(`${path}/devolver`, { sello: edition.sealedHash!, motivo }, luis)
    const html = await answer.text()
    expect([answer.status, html]).toEqual([422, expect.stringContaining(says)])
    expect(html).toContain('aria-invalid="true"')
    expect(html).toMatch(/<details open>/)
    if (motivo.length > 300) expect(html).toContain(`${motivo}</textarea`)
    expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })
  },
)

test('a decision without the seal that was shown, or with another, is refused on the page', async () => {
  const { app, post, luis, path, edition } = await approvalPanel()
  for (const act of ['aprobar', 'devolver']) {
    for (const [sello, status] of [
      ['', 422],
      ['zz', 422],
      ['a'.repeat(64), 409],
    ] as const) {
      const answer = await post(`${path}/${act}`, { sello, motivo: 'Otra vez' }, luis)
      expect([act, answer.status]).toEqual([act, status])
      expect(await answer.text()).toContain('<h1>Boletín Electoral 2026-W48</h1>')
    }
  }
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })
})

test('an edit after approval voids it, says whose and by what, and shows what changed', async () => {
  const base = await approvalPanel()
  const { app, get, words, luis, path, edition } = base
  await approve(app.engine, app.luis, edition.id, edition.sealedHash!)
  app.clock.advance(60_000)
  await rewrite(base, 'La semana electoral en la Ciudad y en el mundo')
  const page = await words(path, luis)
  expect(page).toMatch(
    /La aprobación de Luis se anuló: Ana guardó contenido el lunes 23 de noviembre de 2026, 09:01 horas/,
  )
  expect(page).toMatch(/Qué cambió La versión que aprobó Luis el lunes 23/)
  const html = await (await get(path, luis)).text()
  expect(html).toMatch(/<ins\s*><span class="unseen">\[agregado:/)
  expect(html).toMatch(/<del\s*><span class="unseen">\[quitado:/)
  expect(page).toMatch(/Remitente igual \S+@\S+/)
  expect(page).toMatch(/Audiencia igual .*Comunidad/)
  const trail = page.slice(page.indexOf('Quién hizo qué'))
  expect(trail).toContain('Ana, guardó contenido (estaba aprobada)')
  expect(trail).toContain('Luis, la aprobó para el viernes 27 de noviembre')
})

test('the same content again is the same version, and the page says that its text did not change', async () => {
  const base = await approvalPanel()
  const { app, words, luis, path, edition } = base
  await approve(app.engine, app.luis, edition.id)
  await addContent(app.engine, app.ana, { text: boletinYaml(), place: 'b.yaml' })
  await markReady(app.engine, app.ana, edition.id)
  expect(await words(path, luis)).toContain('El texto es el mismo.')
})

test('an issue is compared with the one that was sent before', async () => {
  const base = await approvalPanel()
  const { app, words, edition } = base
  await approve(app.engine, app.luis, edition.id)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, edition.id)
  await sendBatch(app.engine, edition.id, 1)
  app.clock.moveTo(mexicoCity('2026-11-30T09:00'))
  await plan(app.engine)
  const yaml = boletinYaml({ del: '2026-11-30', al: '2026-12-04', titular: hostile })
  const next = await addContent(app.engine, app.ana, { text: yaml, place: 'b.yaml' })
  await markReady(app.engine, app.ana, next.id)
  const luis = await base.signIn('luis')
  const page = await words(`/panel/ediciones/${next.id}`, luis)
  expect(page).toContain('El envío anterior, Boletín Electoral 2026-W48')
  expect(page).toMatch(/Hora cambió viernes 27 de noviembre.*Audiencia igual/)
  const view = `/panel/ediciones/${next.id}/vista?como=diferencias`
  const html = await (await base.get(view, luis)).text()
  expect(html).toContain('El envío anterior')
  expect(html).not.toContain('<script>alert')
  expect(html).not.toContain('<img src=x')
  expect(html).toContain('&lt;script&gt;alert(1)')
})

test('a first version has nothing to be compared with, and says so', async () => {
  const { words, luis, path } = await approvalPanel()
  expect(await words(path, luis)).toContain('No hay con qué compararla')
})

test('who only reads sees neither the queue nor the forms', async () => {
  const base = await approvalPanel()
  await addTestUser(base.app, 'lee', ['consulta'])
  const cookie = await base.signIn('lee')
  expect((await base.get('/panel/aprobaciones', cookie)).status).toBe(403)
  const page = await base.words(base.path, cookie)
  expect(page).not.toMatch(/Aprobar y programar|Devolver|Enviarme|Cancelar el envío/)
})
