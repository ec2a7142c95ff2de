import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { addContent } from '../../src/flow/add-content.ts'
import { addTopic } from '../../src/content/topics.ts'
import { approve, cancel } from '../../src/flow/approve.ts'
import { readRendering } from '../../src/editions/archive.ts'
import { invite } from '../../src/flow/invite.ts'
import { plan } from '../../src/flow/plan.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { release } from '../../src/flow/release.ts'
import { offersLeaving } from '../../src/render/slots.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import { quarterReport } from '../../src/flow/report.ts'
import {
  addContacts,
  addTestUser,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  mexicoCity,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'

const sample = readFileSync(
  new URL('../../jobs/samples/invitacion-red-observacion.yaml', import.meta.url),
  'utf8',
)
const wednesdayAt10 = mexicoCity('2026-11-25T10:00')

async function inviteApp(): Promise<TestApp> {
  const app = await testApp()
  await addTopic(
    app.db,
    { key: 'taller-que-observa-quien-observa', name: 'Taller' },
    app.clock.now(),
  )
  await addContacts(app, 4, 'observadora', 'red-observacion')
  return app
}

const sampleInvite = (app: TestApp, change: (text: string) => string = (text) => text) =>
  invite(app.engine, app.ana, { text: change(sample), place: 'invitacion.yaml' })

test('staff queue an invitation, another person approves it, it leaves at its hour and the report counts it', async () => {
  const app = await inviteApp()
  const { edition } = await sampleInvite(app)
  expect(edition).toMatchObject({ state: 'ready', nominalAt: wednesdayAt10, expectedRecipients: 4 })
  await approve(app.engine, app.luis, edition.id, edition.sealedHash!)
  await startWorkers(app)
  app.clock.moveTo(wednesdayAt10)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  expect(await totalsOf(app.db, edition.id)).toMatchObject({ accepted: 4 })
  const report = await quarterReport(app.engine, app.reportDefinitions, parseQuarter('2026-Q4'))
  const section = report.sections.find(({ id }) => id === 'IV.4.a.ii')
  expect(section?.tables[0]?.rows.map((row) => row.cells)).toEqual([
    ['1.', 'Noviembre 2026', 'Invitación al taller virtual "Qué observa quien observa"'],
  ])
  expect(section?.tables[0]?.intro).toContain('**1 comunicaciones, relacionadas con 1 temas')
})

test('without approval it is held at its hour, not sent', async () => {
  const app = await inviteApp()
  const { edition } = await sampleInvite(app)
  app.clock.moveTo(wednesdayAt10)
  await plan(app.engine)
  expect(await editionNow(app, edition.id)).toMatchObject({
    state: 'held',
    stateReason: 'falta que otra persona la apruebe',
  })
})

test('two approvals at once: one is taken and the other is told', async () => {
  const app = await inviteApp()
  const { edition } = await sampleInvite(app)
  const eva = await addTestUser(app, 'eva', ['aprobacion'])
  const results = await Promise.allSettled([
    approve(app.engine, app.luis, edition.id),
    approve(app.engine, eva, edition.id),
  ])
  expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const refused = results.find((result) => result.status === 'rejected')
  expect(String(refused?.reason)).toContain('no se puede aprobar: está aprobada')
})

test('cancelling while it is being sent leaves the rest unsent and every delivery accounted for', async () => {
  const app = await inviteApp()
  const { edition } = await sampleInvite(app)
  await approve(app.engine, app.luis, edition.id)
  app.clock.moveTo(wednesdayAt10)
  await release(app.engine, edition.id)
  await cancel(app.engine, app.luis, edition.id, 'Se pospuso el taller')
  expect(await totalsOf(app.db, edition.id)).toMatchObject({ cancelled: 4, pending: 0 })
})

const wrong: [string, (text: string) => string, string][] = [
  [
    'an hour in the past',
    (text) => text.replace('envio: 2026-11-25', 'envio: 2026-11-20'),
    'ya pasó',
  ],
  [
    'an hour that does not exist',
    (text) => text.replace('2026-11-25 10:00', '2026-11-31 10:00'),
    'no existe',
  ],
  [
    'an hour of a reader’s zone, which on that night does not exist there',
    (text) => text.replace('2026-12-03T17:00:00-06:00', '2027-03-28T02:30:00+01:00'),
    'hora de la Ciudad de México',
  ],
  [
    'an event that ends before it starts',
    (text) => text.replace('T18:30', 'T16:30'),
    'posterior al inicio',
  ],
  [
    'an unknown zone',
    (text) => text.replace('Europe/Madrid', 'Europa/Madrid'),
    'no es una zona horaria como',
  ],
  ['a link without https', (text) => text.replace(/url: "https:/, 'url: "http:'), 'https://'],
  [
    'a virtual event without a link',
    (text) => text.replace(/ {2}registro: .*\n/, ''),
    'necesita liga',
  ],
  [
    'a topic outside the catalogue',
    (text) => text.replace('tema: taller-que', 'tema: taler-que'),
    '¿Quiso decir taller-que',
  ],
  [
    'a weekday that is not that of its date',
    (text) => text.replace('Cupo limitado.', 'Viernes 3 de diciembre.'),
    'Es jueves 3 de diciembre',
  ],
  [
    'a list that is not invited',
    (text) => `${text}audiencia: [comunidad-iecm]\n`,
    'no es una lista',
  ],
]

test.each(wrong)(
  '%s is refused with its place and remedy, and nothing stays behind',
  async (_, change, message) => {
    const app = await inviteApp()
    await expect(sampleInvite(app, change)).rejects.toThrow(message)
    expect(await app.db.selectFrom('edition').select('id').execute()).toEqual([])
  },
)

test('what is refused last leaves nothing behind either: no edition, no content, no act', async () => {
  const app = await inviteApp()
  await app.db.deleteFrom('listMember').execute()
  await expect(sampleInvite(app)).rejects.toThrow('no tiene ninguna dirección')
  for (const table of ['edition', 'content'] as const)
    expect(await app.db.selectFrom(table).select('id').execute(), table).toEqual([])
  const acts = await app.db.selectFrom('auditLog').select('act').execute()
  expect(acts.map(({ act }) => act)).not.toContain('open')
})

test('the same subject to the same audience within 48 hours asks for a confirmation', async () => {
  const app = await inviteApp()
  await sampleInvite(app)
  const again = (text: string) => text.replace('envio: 2026-11-25', 'envio: 2026-11-26')
  await expect(sampleInvite(app, again)).rejects.toThrow('recibe el mismo asunto o texto')
  expect(await app.db.selectFrom('edition').select('id').execute()).toHaveLength(1)
  const confirmed = await invite(
    app.engine,
    app.ana,
    { text: again(sample), place: 'b.yaml' },
    { confirmRepeat: true },
  )
  expect(confirmed.edition.state).toBe('ready')
  const later = (text: string) => text.replace('envio: 2026-11-25', 'envio: 2026-12-01')
  expect((await sampleInvite(app, later)).edition.state).toBe('ready')
})

test('an external list is mailed outside demo and test too, now that its people can leave', async () => {
  const app = await inviteApp()
  const real = sample.replace('muestra: true', 'muestra: false')
  const production = {
    ...app.engine,
    config: { ...app.engine.config, environment: 'production' as const },
  }
  const { edition } = await invite(production, app.ana, { text: real, place: 'b.yaml' })
  const { html, plainText } = await readRendering(app.db, edition.id, edition.sealedHash!)
  expect(offersLeaving({ html, plainText })).toBe(true)
})

test('a list that became external after the mail was sealed holds it: the mail does not say how to leave', async () => {
  const app = await testApp()
  const edition = await boletin(app)
  await app.db.updateTable('list').set({ kind: 'external' }).execute()
  app.clock.moveTo(fridayAt15)
  await release(app.engine, edition.id)
  expect(await editionNow(app, edition.id)).toMatchObject({
    state: 'held',
    stateReason: expect.stringContaining('no dice cómo darse de baja'),
  })
})

test('content for a mailing on request names its edition: another one in wait is never overwritten', async () => {
  const app = await inviteApp()
  const { edition } = await sampleInvite(app)
  const file = { text: sample, place: 'c.yaml' }
  await expect(addContent(app.engine, app.ana, file)).rejects.toThrow('--period')
  expect((await editionNow(app, edition.id)).state).toBe('ready')
  await addContent(app.engine, app.ana, file, edition.period)
  expect((await editionNow(app, edition.id)).state).toBe('planned')
})
