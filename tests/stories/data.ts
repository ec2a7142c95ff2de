/** Something of everything that a screen may show: dispatches that went well and badly, drafts, an import, a closed quarter. */
import { readFileSync } from 'node:fs'
import { confirmImport, stageImport } from '../../src/audience/imports.ts'
import { fileOf } from '../../src/audience/import-file/file.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { addTopic } from '../../src/content/topics.ts'
import { inTransaction } from '../../src/db/database.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { pause } from '../../src/flow/control.ts'
import { invite } from '../../src/flow/invite.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { addRow } from '../../src/flow/register.ts'
import { release } from '../../src/flow/release.ts'
import { closeReport } from '../../src/flow/report.ts'
import { beginRequest, saveStep } from '../../src/flow/request.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { leaveOnRequest } from '../../src/flow/suppress-address.ts'
import { plan } from '../../src/flow/plan.ts'
import { roles, type User } from '../../src/people/users.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import {
  addContacts,
  addTestUser,
  boletin,
  fridayAt15,
  mexicoCity,
  testApp,
} from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { testRelay, type Behaviour } from '../support/relay.ts'

const answers: Record<string, Behaviour> = {
  'persona1@example.org': { kind: 'drop', at: 'dot' },
  'persona2@example.org': { kind: 'answer', at: 'rcpt', line: '550 5.1.1 no such user' },
}

export interface FullApp extends TestApp {
  /** Where there is most to see; everything else is reached from there by links. */
  start: string[]
  /** Sent, with failures and unknown results. */
  failed: number
}

/** `todas` has every role. */
export async function fullApp(): Promise<FullApp> {
  const relay = await testRelay((address) => answers[address] ?? { kind: 'accept' })
  const env = { SENDER_ADMIN_RELAY_URL: relay.url, MAIL_ALLOWLIST: '@example.org' }
  const app = await testApp({ env, recipients: 12 })
  const { engine, ana, luis, db } = app
  const everybody = await addTestUser(app, 'todas', [...roles])
  await addTopic(db, { key: 'taller-que-observa-quien-observa', name: 'Taller' }, app.clock.now())
  await addContacts(app, 4, 'observadora', 'red-observacion')
  await addContacts(app, 2, 'titular', 'calendario-ine')
  await leaveOnRequest(engine, luis, 'observadora4@example.org', {
    lists: ['red-observacion'],
    how: 'por teléfono',
  })

  const calendar = await ready(app, 'calendario-ine')
  const { id } = await boletin(app)
  await waitsForApproval(app)
  await draftOf(app, everybody)
  const confirmed = await stage(app, 'correo,nombre\notra@example.org,Otra\n')
  await inTransaction(db, (tx) =>
    confirmImport(tx, confirmed, { at: app.clock.now(), unseen: true }),
  )
  await addRow(engine, app.reportDefinitions, ana, meeting)
  await closeReport(engine, app.reportDefinitions, luis, parseQuarter('2026-Q3'), {
    withoutFigures: true,
  })

  app.clock.moveTo(fridayAt15)
  await release(engine, id)
  await sendBatch(engine, id, 1)
  const sending = await lateCalendar(app, calendar)
  await plan(engine)
  const staged = await stage(
    app,
    'correo,nombre\nno es una dirección,Error\nnueva@example.org,Nueva\n',
  )
  return {
    ...app,
    failed: id,
    start: [
      '/panel',
      ...[id, sending, await blank(app)].map((one) => `/panel/ediciones/${one}`),
      // a form comes back to it
      `/panel/ediciones/${sending}/pausar`,
      `/panel/audiencias/importar/${staged}`,
      '/panel/informe/2026-Q4/apartados/IV.1',
    ],
  }
}

async function ready(app: TestApp, slug: string): Promise<number> {
  await plan(app.engine)
  const at = mexicoCity('2026-11-30T08:30')
  const edition = await addContent(app.engine, app.ana, sampleFor(slug, at, '2026-W49'), '2026-W49')
  await markReady(app.engine, app.ana, edition.id)
  return edition.id
}

/** On its way, and paused. */
async function lateCalendar(app: TestApp, id: number): Promise<number> {
  app.clock.moveTo(mexicoCity('2026-11-30T08:30'))
  await release(app.engine, id)
  await pause(app.engine, app.luis, id, 'Revisar un dato')
  return id
}

async function draftOf({ engine }: TestApp, user: User): Promise<void> {
  const draft = await beginRequest(engine, user, 'invitacion-red-observacion')
  const answers = {
    forma: 'invitacion',
    tema: 'taller-que-observa-quien-observa',
    asunto: 'Otro taller',
    cuerpo: 'Les invitamos.',
    envio: { fecha: '2026-12-09', hora: '10:00' },
  }
  await saveStep(engine, user, draft, { step: 'asunto', names: Object.keys(answers), answers })
}

/** Planned, and nobody wrote it. */
async function blank({ db }: TestApp): Promise<number> {
  const { id } = await db
    .selectFrom('edition')
    .select('id')
    .where('state', '=', 'planned')
    .where('contentId', 'is', null)
    .orderBy('nominalAt')
    .executeTakeFirstOrThrow()
  return id
}

async function waitsForApproval(app: TestApp): Promise<void> {
  const text = readFileSync(
    new URL('../../jobs/samples/invitacion-red-observacion.yaml', import.meta.url),
    'utf8',
  )
  const file = { text, place: 'invitacion.yaml' }
  const { edition } = await invite(app.engine, app.ana, file)
  await addContent(app.engine, app.ana, file, edition.period)
  await markReady(app.engine, app.ana, edition.id)
}

async function stage({ db, ana, engine, clock }: TestApp, text: string): Promise<number> {
  const consent = { origin: 'taller', consentedOn: '2026-11-01', noticeVersion: '2026-11' }
  const { importId } = await stageImport(db, fileOf(text, 'red.csv'), {
    keys: engine.keys,
    userId: ana.id,
    at: clock.now(),
    list: 'red-observacion',
    consent,
  })
  return importId
}

const meeting = {
  tableId: 'IV.1.a.iii',
  quarter: '2026-Q4',
  position: null,
  dates: ['2026-10-16'],
  precision: 'day' as const,
  text: 'Reunión virtual con la Red.',
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
