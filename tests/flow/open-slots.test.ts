import { expect, test } from 'vitest'
import { inTransaction } from '../../src/db/database.ts'
import { agenda } from '../../src/flow/agenda.ts'
import { plan } from '../../src/flow/plan.ts'
import { weekly, type Publication } from '../../src/publication.ts'
import type { RestPeriod } from '../../src/schedule/institutional-calendar.ts'
import { addRestDay, removeRestDay, seedRestDays } from '../../src/schedule/rest-days.ts'
import { boletin, editionNow, mexicoCity, testApp, type TestApp } from '../support/app.ts'

/** Only the boletín, changed as a later version of jobs/ would. */
function replaceJobs(app: TestApp, changes: Partial<Publication>): void {
  app.engine.publications = app.engine.publications
    .filter((one) => one.slug === 'boletin-electoral')
    .map((one) => ({ ...one, ...changes }))
}

const rest = (app: TestApp, row: RestPeriod) => inTransaction(app.db, (tx) => addRestDay(tx, row))
const noRest = (app: TestApp, date: string) =>
  inTransaction(app.db, (tx) => removeRestDay(tx, date))
const boletines = (app: TestApp) =>
  app.db
    .selectFrom('edition')
    .selectAll()
    .where('publication', '=', 'boletin-electoral')
    .orderBy('slotAt')
    .execute()
const notices = (app: TestApp) =>
  app.db.selectFrom('notice').select(['kind', 'subject', 'plainText']).execute()

test('another hour re-plans what is not released, breaks its seal and says what changed', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  replaceJobs(app, { cadence: weekly('jueves', '12:00') })
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({
    period: '2026-W48',
    state: 'planned',
    sealedHash: null,
    nominalAt: mexicoCity('2026-11-26T12:00'),
    latestStartAt: mexicoCity('2026-11-29T12:00'),
  })
  const [notice] = await notices(app)
  expect(notice).toMatchObject({
    kind: 'replanned',
    subject: 'Cambia de hora: Boletín Electoral 2026-W48',
  })
  expect(notice?.plainText).toContain('viernes 27 de noviembre de 2026, 15:00 horas')
  expect(notice?.plainText).toContain('jueves 26 de noviembre de 2026, 12:00 horas')
  const acts = await app.db
    .selectFrom('auditLog')
    .select('act')
    .where('subject', '=', `edition ${id}`)
    .execute()
  expect(acts.map((row) => row.act)).toEqual(['content.add', 'ready', 'replan'])
})

test('another latest start is taken over without breaking the seal', async () => {
  const app = await testApp()
  const { id, sealedHash } = await boletin(app)
  replaceJobs(app, { latestStartHours: 5 })
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'ready',
    sealedHash,
    latestStartAt: mexicoCity('2026-11-27T20:00'),
  })
})

test('an edition whose slot the new cadence does not have is omitted, and its staff hear of it', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  replaceJobs(app, { cadence: { kind: 'monthly-last-working-day', time: '12:00' } })
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({ state: 'omitted', issueNumber: null })
  expect((await editionNow(app, id)).stateReason).toContain('cadencia')
  expect((await notices(app)).map((notice) => notice.kind)).toContain('omitted')
})

test('planning again without a change changes nothing', async () => {
  const app = await testApp()
  await seedRestDays(app.db)
  await boletin(app)
  const before = await app.db.selectFrom('edition').selectAll().orderBy('id').execute()
  await plan(app.engine)
  expect(await app.db.selectFrom('edition').selectAll().orderBy('id').execute()).toEqual(before)
  expect(
    await app.db.selectFrom('auditLog').select('act').where('act', '=', 'replan').execute(),
  ).toEqual([])
})

test('a closed period omits its editions as soon as they are opened, with the reason, and without a mail', async () => {
  const app = await testApp()
  await seedRestDays(app.db)
  app.clock.moveTo(mexicoCity('2027-03-15T09:00'))
  await plan(app.engine)
  const rows = (await boletines(app)).map((row) => [row.period, row.state, row.stateReason])
  expect(rows).toEqual([
    ['2027-W11', 'planned', null],
    ['2027-W12', 'omitted', expect.stringContaining('Semana Santa')],
  ])
  expect(await notices(app)).toEqual([])
})

test('a rest day moves the boletín to the day before; taking it back moves it back', async () => {
  const app = await testApp()
  await rest(app, {
    start: '2026-11-27',
    end: '2026-11-27',
    name: 'Día de prueba',
    kind: 'descanso',
  })
  const { id } = await boletin(app)
  expect(await editionNow(app, id)).toMatchObject({
    period: '2026-W48',
    nominalAt: mexicoCity('2026-11-26T15:00'),
    slotAt: mexicoCity('2026-11-27T15:00'),
  })
  const [first] = await agenda(app.engine, mexicoCity('2026-11-26'), mexicoCity('2026-11-27'))
  expect(first?.reason).toContain('Día de prueba')
  await noRest(app, '2026-11-27')
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'planned',
    nominalAt: mexicoCity('2026-11-27T15:00'),
    movedReason: null,
  })
})

test('a rest day that is entered too late to move its edition leaves it where it is', async () => {
  const app = await testApp()
  const { id, sealedHash } = await boletin(app)
  app.clock.moveTo(mexicoCity('2026-11-26T16:00'))
  await rest(app, {
    start: '2026-11-27',
    end: '2026-11-27',
    name: 'Día de prueba',
    kind: 'descanso',
  })
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'ready',
    sealedHash,
    nominalAt: mexicoCity('2026-11-27T15:00'),
  })
})

test('a closed period that is taken back gives its editions back', async () => {
  const app = await testApp()
  await rest(app, {
    start: '2026-11-25',
    end: '2026-11-29',
    name: 'Cierre',
    kind: 'cerrado',
  })
  await plan(app.engine)
  const [before] = await boletines(app)
  expect(before?.state).toBe('omitted')
  await noRest(app, '2026-11-25')
  await plan(app.engine)
  expect(await editionNow(app, before!.id)).toMatchObject({
    state: 'planned',
    closedAt: null,
    stateReason: null,
  })
})

test('the agenda says what leaves, when, to how many, and whom it waits for', async () => {
  const app = await testApp({ recipients: 7 })
  await boletin(app)
  const items = await agenda(app.engine, mexicoCity('2026-11-23'), mexicoCity('2026-12-05'))
  expect(items.map((item) => [item.title, item.state, item.recipients, item.waitingOn])).toEqual([
    ['Boletín Electoral 2026-W48', 'ready', 7, ''],
    ['Calendario de sesiones del INE 2026-W49', 'planned', 0, 'contenido: capturista'],
    ['Boletín Electoral 2026-W49', 'planned', 7, 'contenido: capturista'],
  ])
  const later = await agenda(app.engine, mexicoCity('2026-12-14'), mexicoCity('2026-12-26'))
  expect(later.map((item) => [item.editionId, item.title])).toEqual([
    [undefined, 'Calendario de sesiones del INE 2026-W51'],
    [undefined, 'Boletín Electoral 2026-W51'],
    [undefined, 'Calendario de sesiones del INE 2026-W52'],
    [undefined, 'Boletín Electoral 2026-W52'],
  ])
})

test('an edition that was ready before its closed period was entered and withdrawn must be marked ready again', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  await rest(app, { start: '2026-11-25', end: '2026-11-29', name: 'Cierre', kind: 'cerrado' })
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({
    state: 'omitted',
    sealedHash: null,
    issueNumber: null,
  })
  await noRest(app, '2026-11-25')
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({ state: 'planned', sealedHash: null })
})

test('a publication that cannot be planned does not keep the others waiting, and is not passed over in silence', async () => {
  const app = await testApp()
  const [first, second] = app.engine.publications
  app.engine.publications = [{ ...first!, latestStartHours: Number.NaN }, second!]
  await expect(plan(app.engine)).rejects.toThrow()
  const opened = await app.db.selectFrom('edition').select('publication').distinct().execute()
  expect(opened).toEqual([{ publication: second!.slug }])
})
