import { expect, test } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { movableClock } from '../../src/clock.ts'
import { plan } from '../../src/flow/plan.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { cancel } from '../../src/flow/approve.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { release } from '../../src/flow/release.ts'
import { handlersOf } from '../../src/app.ts'
import { claimDeliveries } from '../../src/ledger/claims.ts'
import { recordOutcomes } from '../../src/ledger/outcomes.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { recipientsOf } from '../../src/states.ts'
import {
  addContacts,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  mexicoCity,
  mondayMorning,
  startWorkers,
  testApp,
  type TestApp,
  type TestAppOptions,
} from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'

/** With the boletín alone, so that what is planned can be counted. */
const boletinApp = (options: TestAppOptions = {}) =>
  testApp({ ...options, publications: [boletinElectoral] })

const editions = (app: TestApp) =>
  app.db.selectFrom('edition').selectAll().orderBy('nominalAt').execute()
const notices = (app: TestApp) => app.db.selectFrom('notice').selectAll().orderBy('id').execute()

test('the editions of the next 14 days are opened at their nominal hour in Mexico City', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  const opened = await editions(app)
  expect(opened.map((edition) => [edition.period, edition.nominalAt])).toEqual([
    ['2026-W48', fridayAt15],
    ['2026-W49', mexicoCity('2026-12-04T15:00')],
  ])
})

test('a second plan of the same week opens nothing, and neither do four at once', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  const before = await editions(app)
  await plan(app.engine)
  await Promise.all([1, 2, 3, 4].map(() => plan(app.engine)))
  expect(await editions(app)).toEqual(before)
})

test('a clock set back opens nothing twice and forgets nothing', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  const before = await editions(app)
  app.clock.moveTo(mexicoCity('2026-11-20T08:00'))
  await plan(app.engine)
  app.clock.moveTo(mexicoCity('2026-11-23T10:00'))
  await plan(app.engine)
  const after = await editions(app)
  expect(after.filter((edition) => edition.period !== '2026-W47')).toEqual(before)
})

test('after five weeks without a planner every slot that went by is omitted with its reason, and none is forgotten', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  app.clock.moveTo(mexicoCity('2026-12-30T09:00'))
  await plan(app.engine)
  const states = (await editions(app)).map((edition) => [edition.period, edition.state])
  expect(states).toEqual([
    ['2026-W48', 'omitted'],
    ['2026-W49', 'omitted'],
    ['2026-W50', 'omitted'],
    ['2026-W51', 'omitted'],
    ['2026-W52', 'omitted'],
    ['2026-W53', 'planned'],
    ['2027-W01', 'planned'],
  ])
  for (const edition of (await editions(app)).slice(0, 5)) {
    expect(edition.stateReason).toContain('pasó su hora límite')
  }
})

test('a ready edition that was missed leaves once within its latest start, counted on the day it left', async () => {
  const app = await boletinApp()
  const { id } = await boletin(app)
  app.clock.moveTo(mexicoCity('2026-11-30T10:00'))
  await startWorkers(app)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, id),
    (edition) => edition.state === 'sent',
  )
  await plan(app.engine)
  expect(recipientsOf(await totalsOf(app.db, id))).toBe(3)
  expect(app.outbox?.count()).toBe(3)
  expect((await editionNow(app, id)).period).toBe('2026-W48')
})

test('an edition without content is held and announced at its hour, never sent empty', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  const [edition] = await editions(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await plan(app.engine)
  const held = await editionNow(app, edition!.id)
  expect(held).toMatchObject({ state: 'held', stateReason: 'no tiene contenido', releasedAt: null })
  const sent = await notices(app)
  expect(sent.map((notice) => [notice.kind, notice.address, notice.state])).toEqual([
    ['held', 'ana@example.org', 'sent'],
    ['held', 'luis@example.org', 'sent'],
  ])
  expect(app.outbox?.count()).toBe(2)
  expect(recipientsOf(await totalsOf(app.db, edition!.id))).toBe(0)
})

test('what is held leaves at once when it is made ready, and is announced as held only once', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  const [edition] = await editions(app)
  app.clock.moveTo(mexicoCity('2026-11-27T15:30'))
  await plan(app.engine)
  await addContent(app.engine, app.ana, { text: boletinYaml(), place: 'tarde.yaml' })
  await plan(app.engine)
  expect((await editionNow(app, edition!.id)).state).toBe('held')
  await startWorkers(app)
  await markReady(app.engine, app.ana, edition!.id)
  await eventually(
    () => editionNow(app, edition!.id),
    ({ state }) => state === 'sent',
  )
  expect((await notices(app)).filter((notice) => notice.kind === 'held')).toHaveLength(2)
})

test('what is held past its latest start is omitted, announced, and gives its number to the next', async () => {
  const app = await boletinApp()
  const { id, issueNumber } = await boletin(app)
  await addContent(
    app.engine,
    app.ana,
    { text: boletinYaml({ titular: 'Cambiado' }), place: 'b.yaml' },
    '2026-W48',
  )
  app.clock.moveTo(mexicoCity('2026-11-30T15:00:01'))
  await plan(app.engine)
  expect(await editionNow(app, id)).toMatchObject({ state: 'omitted', issueNumber: null })
  expect((await notices(app)).map((notice) => notice.kind)).toEqual(['omitted', 'omitted'])
  const next = boletinYaml({ del: '2026-11-30', al: '2026-12-04' })
  const { id: nextId } = await addContent(app.engine, app.ana, { text: next, place: 'b.yaml' })
  const { edition } = await markReady(app.engine, app.ana, nextId)
  expect([edition.period, edition.issueNumber]).toEqual(['2026-W49', issueNumber])
})

test('an audience that grew by more than a tenth since it was sealed stops for a person', async () => {
  const app = await boletinApp({ recipients: 20 })
  const { id } = await boletin(app)
  await addContacts(app, 2, 'nueva')
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  expect((await editionNow(app, id)).state).toBe('sending')

  const grown = await boletinApp({ recipients: 20 })
  const other = await boletin(grown)
  await addContacts(grown, 3, 'nueva')
  grown.clock.moveTo(fridayAt15)
  await release(grown.engine, other.id)
  const held = await editionNow(grown, other.id)
  expect(held).toMatchObject({ state: 'held', sealedHash: null })
  expect(held.stateReason).toContain('creció de 20 a 23')
  expect(recipientsOf(await totalsOf(grown.db, other.id))).toBe(0)
})

test('an edition leaves at its second, not a moment before and not a planner’s minute later', async () => {
  const clock = movableClock(mondayMorning)
  const app = await boletinApp({ clock })
  const { id } = await boletin(app)
  await startWorkers(app)
  clock.moveTo(new Date(fridayAt15.getTime() - 2_500))
  await plan(app.engine)
  expect((await editionNow(app, id)).state).toBe('ready')
  const { releasedAt } = await eventually(
    () => editionNow(app, id),
    (edition) => edition.releasedAt !== null,
  )
  const lateMs = releasedAt!.getTime() - fridayAt15.getTime()
  expect(lateMs).toBeGreaterThanOrEqual(0)
  expect(lateMs).toBeLessThan(5_000)
})

test('a release that runs twice, or before its hour, mails nobody twice and nobody early', async () => {
  const app = await boletinApp()
  const { id } = await boletin(app)
  app.clock.moveTo(mexicoCity('2026-11-27T14:59:59'))
  await release(app.engine, id)
  expect((await editionNow(app, id)).state).toBe('ready')
  app.clock.moveTo(fridayAt15)
  await Promise.all([release(app.engine, id), release(app.engine, id)])
  await release(app.engine, id)
  expect(recipientsOf(await totalsOf(app.db, id))).toBe(3)
})

test('a delivery that fails for a while after its edition was cancelled is cancelled too', async () => {
  const app = await boletinApp({ recipients: 1 })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const workerId = await app.engine.lease.workerId()
  const claim = { editionId: id, batch: 1, workerId, limit: 1, at: app.clock.now() }
  const [delivery] = await claimDeliveries(app.db, claim)
  await cancel(app.engine, app.luis, id, 'Se pospuso')
  await recordOutcomes(app.db, id, workerId, [
    {
      deliveryId: delivery!.id,
      attempts: delivery!.attempts,
      outcome: 'deferred',
      phase: 'envelope',
      startedAt: fridayAt15,
      durationMs: 1,
      smtpCode: 450,
      smtpText: '450 4.2.0 later',
      relay: 'test',
      messageId: '<1@test>',
      nextAttemptAt: mexicoCity('2026-11-27T15:01'),
    },
  ])
  await plan(app.engine)
  expect(await totalsOf(app.db, id)).toMatchObject({ deferred: 0, cancelled: 1 })
})

test('notices wait for a relay that is away, however long, and leave when it is back', async () => {
  const app = await boletinApp()
  await plan(app.engine)
  app.clock.moveTo(fridayAt15)
  const { outbox } = app.engine
  app.engine.outbox = { host: '127.0.0.1', port: 1, tls: 'none', auth: undefined }
  for (let minute = 0; minute < 15; minute++) await plan(app.engine)
  expect((await notices(app)).map(({ state, attempts }) => [state, attempts])).toEqual([
    ['pending', 0],
    ['pending', 0],
  ])
  app.engine.outbox = outbox
  await plan(app.engine)
  expect((await notices(app)).map(({ state }) => state)).toEqual(['sent', 'sent'])
})

test('a database that is replaced under a running worker stops it: every job looks', async () => {
  const app = await boletinApp()
  const handlers = handlersOf(app.engine)
  await handlers.plan()
  await app.db.updateTable('instance').set({ homeSystem: 'another' }).execute()
  await expect(handlers.plan()).rejects.toThrow('pregonero adopt')
  await expect(handlers.sendBatch(1, 1)).rejects.toThrow('pregonero adopt')
})
