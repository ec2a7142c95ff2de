/** Closing a quarter, correcting it, and telling whether it still holds. */
import { expect, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import { closeReport, quarterReport } from '../../src/flow/report.ts'
import { addRow, editRow, removeRow } from '../../src/flow/register.ts'
import { draftOf } from '../../src/report/register.ts'
import { verifyQuarter } from '../../src/report/closing.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import {
  boletin,
  fridayAt15,
  mexicoCity,
  startWorkers,
  testApp,
  eventually,
  editionNow,
} from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { plan } from '../../src/flow/plan.ts'

const quarter = parseQuarter('2026-Q4')
const january = mexicoCity('2027-01-11T10:00')

/** A quarter with one boletín sent and one meeting. */
async function quarterApp(): Promise<TestApp & { meeting: number }> {
  const app = await testApp()
  const edition = await boletin(app)
  await startWorkers(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  const meeting = await addRow(app.engine, app.reportDefinitions, app.ana, {
    tableId: 'IV.1.a.iii',
    quarter: quarter.name,
    position: null,
    dates: ['2026-10-16'],
    precision: 'day',
    text: 'Reunión.',
    fields: {},
    mark: '',
    note: null,
    topic: null,
    publication: null,
    channel: null,
    evidence: null,
    printedDate: null,
    sourceKey: null,
  })
  return { ...app, meeting }
}

const close = (app: TestApp, reason?: string) =>
  closeReport(app.engine, app.reportDefinitions, app.luis, quarter, {
    ...(reason !== undefined && { reason }),
    withoutFigures: true,
  })
const verify = async (app: TestApp) =>
  verifyQuarter(app.db, await quarterReport(app.engine, app.reportDefinitions, quarter))

test('a quarter that is over is sealed once, and what was sealed is what a report of today prints', async () => {
  const app = await quarterApp()
  await expect(close(app)).rejects.toThrow('el trimestre no ha terminado')
  app.clock.moveTo(january)
  const closed = await close(app)
  expect(closed).toMatchObject({ version: 1, differences: [] })
  expect(await verify(app)).toMatchObject({
    intact: true,
    differences: [],
    sealed: { version: 1, sha256: closed.sha256, userId: app.luis.id },
  })
  await expect(close(app)).rejects.toThrow('ya está cerrado: es la versión 1')
})

test('a correction of a closed quarter is its next version, with its reason and its difference', async () => {
  const app = await quarterApp()
  app.clock.moveTo(january)
  const first = await close(app)
  await editRow(app.engine, app.reportDefinitions, app.ana, app.meeting, {
    text: 'Reunión virtual.',
  })
  const differences = [
    {
      place: 'IV.1.a.iii#01',
      before: '1. | 16 de octubre de 2026. | Reunión.',
      after: '1. | 16 de octubre de 2026. | Reunión virtual.',
    },
  ]
  expect(await verify(app)).toMatchObject({ intact: true, differences })
  await expect(close(app)).rejects.toThrow('--reason')
  const second = await close(app, 'Faltaba decir que fue virtual')
  expect(second).toMatchObject({ version: 2, differences })
  expect(second.sha256).not.toBe(first.sha256)
  expect((await verify(app)).differences).toEqual([])
  // the version before stays as it was
  await expect(
    app.db.deleteFrom('sealedReport').where('version', '=', 1).execute(),
  ).rejects.toThrow('append-only')
})

test('a quarter that does not reconcile is not closed, and says what is open', async () => {
  const app = await quarterApp()
  app.clock.moveTo(january)
  await app.db
    .updateTable('delivery')
    .set({ state: 'unknown' })
    .where('address', 'like', 'persona1%')
    .execute()
  await expect(close(app)).rejects.toThrow(
    /sus cifras no concilian.*edición 1: tiene 1 entregas de resultado incierto/s,
  )
  const report = await quarterReport(app.engine, app.reportDefinitions, quarter)
  expect(report.discrepancies).toContainEqual(
    expect.objectContaining({ kind: 'does-not-reconcile', editions: [1] }),
  )
})

test('what left and was accepted by nobody that we know of keeps a quarter open', async () => {
  const app = await quarterApp()
  app.clock.moveTo(january)
  await app.db.updateTable('edition').set({ firstAcceptedAt: null }).execute()
  await app.db.updateTable('delivery').set({ state: 'unknown' }).execute()
  await expect(close(app)).rejects.toThrow('sus cifras no concilian')
})

test('a quarter without its figures is closed only by who says so, and the same rows entered again are the same', async () => {
  const app = await quarterApp()
  app.clock.moveTo(january)
  await expect(closeReport(app.engine, app.reportDefinitions, app.luis, quarter)).rejects.toThrow(
    /faltan cifras.*folios-sivople/s,
  )
  await close(app)
  const [row] = await app.db.selectFrom('registerRow').selectAll().execute()
  await removeRow(app.engine, app.ana, app.meeting)
  await addRow(app.engine, app.reportDefinitions, app.ana, draftOf(row!))
  expect((await verify(app)).differences).toEqual([])
  await expect(close(app)).rejects.toThrow('ya está cerrado: es la versión 1')
  expect((await quarterReport(app.engine, app.reportDefinitions, quarter)).version).toBe(1)
})

test('two people who close at once make one version', async () => {
  const app = await quarterApp()
  app.clock.moveTo(january)
  const both = await Promise.allSettled([close(app), close(app)])
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const { reason } = both.find((one) => one.status === 'rejected')!
  expect(String(reason)).toMatch(/ya está cerrado|otra persona lo cerró/)
})

test('only who approves closes, and what was never closed cannot be verified', async () => {
  const app = await testApp({ publications })
  app.clock.moveTo(january)
  await expect(closeReport(app.engine, app.reportDefinitions, app.ana, quarter)).rejects.toThrow(
    'no puede report.close',
  )
  await expect(verify(app)).rejects.toThrow('no se ha cerrado')
})
