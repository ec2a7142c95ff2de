import { expect, test } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { beginDraft, saveDraft, type Draft } from '../../src/content/drafts.ts'
import { plan } from '../../src/flow/plan.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { approve, cancel } from '../../src/flow/approve.ts'
import { pause } from '../../src/flow/control.ts'
import { openCorrection } from '../../src/flow/correct.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { openEdition } from '../../src/flow/open-edition.ts'
import { release } from '../../src/flow/release.ts'
import { returnEdition } from '../../src/flow/return.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import {
  addTestUser,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  mexicoCity,
  reopenApp,
  startWorkers,
  testApp,
  type TestAppOptions,
} from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'

/** With the boletín alone, so that what is planned can be counted. */
const boletinApp = (options: TestAppOptions = {}) =>
  testApp({ ...options, publications: [boletinElectoral] })

test('an edit after ready needs a new ready', async () => {
  const app = await boletinApp()
  const { id, sealedHash } = await boletin(app)
  expect(sealedHash).toMatch(/^[0-9a-f]{64}$/)
  await addContent(app.engine, app.ana, {
    text: boletinYaml({ titular: 'Otro titular' }),
    place: 'b.yaml',
  })
  expect(await editionNow(app, id)).toMatchObject({
    state: 'planned',
    sealedHash: null,
    readyBy: null,
  })
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await release(app.engine, id)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'held',
    stateReason: 'su contenido no se marcó como listo',
  })
  const { edition } = await markReady(app.engine, app.ana, id)
  expect(edition.sealedHash).not.toBe(sealedHash)
})

test('the same content made ready twice has the same seal: rendering is repeatable', async () => {
  const app = await boletinApp()
  const first = await boletin(app)
  await addContent(app.engine, app.ana, { text: boletinYaml(), place: 'b.yaml' })
  const { edition: second } = await markReady(app.engine, app.ana, first.id)
  expect(second.sealedHash).toBe(first.sealedHash)
})

test('what was sealed for another sender or hour is held at release, not sent', async () => {
  const app = await boletinApp()
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  const changed = await reopenApp(app.databaseUrl, {
    clock: app.clock,
    env: { SENDER_ADMIN_FROM: 'Otra cuenta <otra@iecm.mx>' },
  })
  await release(changed.engine, id)
  expect(await editionNow(app, id)).toMatchObject({ state: 'held', sealedHash: null })
  expect(recipientsOf(await totalsOf(app.db, id))).toBe(0)
})

test('sample content cannot be made ready, nor leave, in production', async () => {
  const app = await boletinApp()
  const { id } = await boletin(app, { ready: false })
  const production = {
    ...app.engine,
    config: { ...app.engine.config, environment: 'production' as const },
  }
  await expect(markReady(production, app.ana, id)).rejects.toThrow('contenido de muestra')
  // sealed where it was allowed, then copied: it still stays
  await markReady(app.engine, app.ana, id)
  app.clock.moveTo(fridayAt15)
  await release(production, id)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'held',
    stateReason: 'su contenido es de muestra',
  })
})

test('the author may not approve; a second person may, and only the hash that they saw', async () => {
  const app = await boletinApp()
  const { id, sealedHash } = await boletin(app)
  const chief = { ...app.ana, roles: ['capturista', 'aprobacion'] as const }
  await expect(approve(app.engine, { ...chief, roles: [...chief.roles] }, id)).rejects.toThrow(
    'debe ser otra persona',
  )
  await expect(approve(app.engine, app.luis, id, 'abc123')).rejects.toThrow(
    'ya no es la versión que se revisó',
  )
  await approve(app.engine, app.luis, id, sealedHash!.slice(0, 12))
  expect(await editionNow(app, id)).toMatchObject({ state: 'approved', approvedBy: app.luis.id })
})

test('a publication that asks for approval is held at its hour without it, keeps its seal, and leaves when approved', async () => {
  const app = await boletinApp()
  app.engine.publications = app.engine.publications.map((one) => ({
    ...one,
    approval: 'second-person' as const,
  }))
  const { id, sealedHash } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'held',
    sealedHash,
    stateReason: 'falta que otra persona la apruebe',
  })
  await startWorkers(app)
  await approve(app.engine, app.luis, id)
  await eventually(
    () => editionNow(app, id),
    ({ state }) => state === 'sent',
  )
})

test('cancelling leaves nothing to send and says what was sent already', async () => {
  const app = await boletinApp()
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  await cancel(app.engine, app.luis, id, 'La sesión se pospuso')
  expect(await totalsOf(app.db, id)).toMatchObject({ pending: 0, cancelled: 3 })
  await startWorkers(app)
  await plan(app.engine)
  await expect(markReady(app.engine, app.ana, id)).rejects.toThrow('está cancelada')
  expect(app.outbox?.count()).toBe(0)
})

test('every act leaves who did it, what and when in the audit log', async () => {
  const app = await boletinApp()
  const { id } = await boletin(app)
  await approve(app.engine, app.luis, id)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const rows = await app.db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['act', 'login'])
    .where('subject', '=', `edition ${id}`)
    .orderBy('auditLog.id')
    .execute()
  expect(rows.map((row) => [row.act, row.login])).toEqual([
    ['content.add', 'ana'],
    ['ready', 'ana'],
    ['approve', 'luis'],
    ['release', null],
  ])
})

test('numbers go by the calendar: a later edition waits until the earlier one has its own', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  const next = boletinYaml({ del: '2026-11-30', al: '2026-12-04' })
  const later = await addContent(app.engine, app.ana, { text: next, place: 'b.yaml' }, '2026-W49')
  await expect(markReady(app.engine, app.ana, later.id)).rejects.toThrow('antes va la edición')
  const { issueNumber } = await boletin(app)
  const { edition } = await markReady(app.engine, app.ana, later.id)
  expect([issueNumber, edition.issueNumber]).toEqual([1, 2])
})

test('who only writes cancels what they wrote or opened, while nobody has approved it', async () => {
  const app = await testApp()
  const eva = await addTestUser(app, 'eva', ['capturista'])
  const { id } = await boletin(app)
  const refusal = 'Captura sólo cancela lo suyo'
  await expect(cancel(app.engine, eva, id, 'No es mía')).rejects.toThrow(refusal)
  await approve(app.engine, app.luis, id)
  await expect(cancel(app.engine, app.ana, id, 'Ya no')).rejects.toThrow(refusal)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  await expect(cancel(app.engine, app.ana, id, 'Ya no')).rejects.toThrow(refusal)
  expect(await cancel(app.engine, app.luis, id, 'Ya no')).toMatchObject({ state: 'cancelled' })

  const hour = mexicoCity('2026-12-31T12:00')
  const opened = await openEdition(app.engine, eva, 'boletin-electoral', hour)
  await expect(cancel(app.engine, app.ana, opened.id, 'Ya no')).rejects.toThrow(refusal)
  expect(await cancel(app.engine, eva, opened.id, 'Ya no')).toMatchObject({ state: 'cancelled' })
})

test('who wrote part of it cancels it as well', async () => {
  const app = await testApp()
  const eva = await addTestUser(app, 'eva', ['capturista'])
  const { id, contentId } = await boletin(app, { ready: false })
  const beginning = (await beginDraft(
    app.db,
    {
      publication: 'boletin-electoral',
      editionId: id,
      userId: app.ana.id,
      replaces: contentId,
      body: {},
    },
    app.clock.now(),
  )) as { draft: Draft }
  // Eva wrote in the draft, and Ana put her name to it
  const change = { body: {}, userId: eva.id }
  const saved = await saveDraft(app.db, beginning.draft, change, app.clock.now())
  const { draft } = saved as { draft: Draft }
  const file = { text: boletinYaml(), place: 'c', editionId: id, draft }
  await addContent(app.engine, app.ana, file)
  const iris = await addTestUser(app, 'iris', ['capturista'])
  await expect(cancel(app.engine, iris, id, 'No es mía')).rejects.toThrow('sólo cancela lo suyo')
  expect(await cancel(app.engine, eva, id, 'Ya no')).toMatchObject({ state: 'cancelled' })
})

test('the reasons of a pause and of a return are kept without the addresses that they quote', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  const reason = 'Lo pidió eva@example.org'
  expect(await returnEdition(app.engine, app.luis, id, { reason })).toMatchObject({
    stateReason: 'devuelta por Luis: Lo pidió …',
  })
  await markReady(app.engine, app.ana, id)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  expect(await pause(app.engine, app.luis, id, reason)).toMatchObject({
    stateReason: 'Lo pidió …',
  })
  const rows = await app.db.selectFrom('auditLog').select('detail').execute()
  expect(JSON.stringify(rows)).not.toContain('eva@example.org')
})

test('who wrote what an alcance corrects does not approve it', async () => {
  const app = await testApp({ recipients: 1 })
  const sol = await addTestUser(app, 'sol', ['aprobacion'])
  const { id } = await boletin(app, { ready: false })
  await addContent(app.engine, app.luis, { text: boletinYaml(), place: 'b', editionId: id })
  await markReady(app.engine, app.ana, id)
  const { sealedHash } = await editionNow(app, id)
  await approve(app.engine, sol, id, sealedHash!)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const hour = new Date(fridayAt15.getTime() + 3_600_000)
  const alcance = await openCorrection(app.engine, app.ana, id, hour)
  await addContent(app.engine, app.ana, {
    text: boletinYaml({ titular: 'Una corrección' }),
    place: 'c',
    editionId: alcance.id,
  })
  const ready = await markReady(app.engine, app.ana, alcance.id)
  const byLuis = approve(app.engine, app.luis, alcance.id, ready.edition.sealedHash!)
  await expect(byLuis).rejects.toThrow(/Luis la redactó/)
  const { state } = await approve(app.engine, sol, alcance.id, ready.edition.sealedHash!)
  expect(state).toBe('approved')
})
