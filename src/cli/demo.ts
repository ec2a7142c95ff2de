/** `pregonero demo`: a whole week on sample content, from the planner to the report, with a clock set in that week. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { DateTime } from 'luxon'
import { handlersOf, openApp, validateAll, type App } from '../app.ts'
import { movableClock, zone, type MovableClock } from '../clock.ts'
import { sampleFor } from '../content/sample.ts'
import { readRendering } from '../editions/archive.ts'
import { findEdition, type Edition } from '../editions/editions.ts'
import { Problem } from '../errors.ts'
import { addContent } from '../flow/add-content.ts'
import { approve } from '../flow/approve.ts'
import { titleOf } from '../flow/engine.ts'
import { invite } from '../flow/invite.ts'
import { markReady } from '../flow/mark-ready.ts'
import { plan } from '../flow/plan.ts'
import { totalsOf } from '../ledger/totals.ts'
import { createLog } from '../log.ts'
import type { User } from '../people/users.ts'
import { asIs, compileSlots, escapeHtml, slotValues } from '../render/slots.ts'
import { tableMarkdown } from '../report/markdown.ts'
import { parseQuarter } from '../report/quarter.ts'
import { buildReport } from '../report/report.ts'
import {
  deliveryStateNames,
  deliveryStates,
  editionStateNames,
  recipientsOf,
  unfinishedOf,
} from '../states.ts'
import { forgetDemo, prepareSampleData } from './demo-data.ts'
import { examples, print, shortTime, table } from './session.ts'

const monday = DateTime.fromISO('2026-11-23T07:30', { zone }).toJSDate()
const week = '2026-W48'
const secondsBefore = 2
const patienceMs = 120_000

export function addDemoCommand(program: Command): void {
  examples(
    program
      .command('demo')
      .description("send a week's sample mailings to sample contacts, into a local outbox")
      .option('--fresh', 'forget the previous demo first')
      .action(async ({ fresh }: { fresh?: boolean }) => {
        await runDemo(fresh ?? false)
      }),
    'demo',
    'demo --fresh',
  )
}

interface Story {
  app: App
  clock: MovableClock
  author: User
  approver: User
}

async function runDemo(fresh: boolean): Promise<void> {
  // only these: a demo must never touch the database or the relay of this machine's environment
  const { DATA_DIR, LOG_LEVEL = 'error' } = process.env
  const validated = validateAll({
    PREGONERO_ENV: 'demo',
    DATA_DIR,
    LOG_LEVEL,
    SENDER_ADMIN_RATE_PER_SECOND: '200',
  })
  if (fresh) await forgetDemo(validated.config.dataDir)
  const clock = movableClock(monday)
  print('Preparando la base de datos y el buzón locales…')
  const app = await openApp(validated, {
    clock,
    log: createLog({ level: LOG_LEVEL, name: 'demo' }),
  })
  try {
    const { author, approver, newContacts } = await prepareSampleData(app)
    if (newContacts > 0) print(`Audiencias de muestra: ${newContacts} contactos.`)
    await plan(app.engine)
    await tellTheWeek({ app, clock, author, approver })
  } finally {
    await app.close()
  }
}

async function tellTheWeek(story: Story): Promise<void> {
  const { app, author, approver } = story
  const workers = await app.engine.queue.work(handlersOf(app.engine), {
    dispatchConcurrency: app.engine.config.dispatchConcurrency,
  })
  let editions: Edition[]
  try {
    editions = [
      await sendAt(story, await prepare(app, author, 'calendario-ine')),
      await sendAt(story, await prepareInvitation(app, author, approver)),
      await sendAt(story, await prepare(app, author, 'boletin-electoral')),
    ]
  } finally {
    await workers.close()
  }
  await summarise(app, editions)
}

/** The edition that the planner opened for the sample's week, with its content, ready. */
async function prepare(app: App, author: User, slug: string): Promise<Edition> {
  const { engine, db } = app
  const { id } = await db
    .selectFrom('edition')
    .select('id')
    .where('publication', '=', slug)
    .where('period', '=', week)
    .where('revision', '=', 0)
    .executeTakeFirstOrThrow()
  const edition = await findEdition(db, id)
  print(
    `\n● ${titleOf(engine, edition)}: el planificador la abrió para el ${shortTime(edition.nominalAt)}.`,
  )
  if (edition.state !== 'planned') return edition
  const sample = sampleFor(slug, edition.nominalAt)
  await addContent(engine, author, sample, week)
  const { edition: ready } = await markReady(engine, author, id)
  print(
    `  ${author.name} agregó ${sample.place} y la marcó como lista: sello ${ready.sealedHash?.slice(0, 12)}, ${ready.expectedRecipients} direcciones.`,
  )
  return ready
}

/** Queued by staff for an hour of their choice, and approved by somebody else. Once. */
async function prepareInvitation(app: App, author: User, approver: User): Promise<Edition> {
  const { engine, db } = app
  const existing = await db
    .selectFrom('edition')
    .selectAll()
    .where('publication', '=', 'invitacion-red-observacion')
    .executeTakeFirst()
  if (existing) return existing
  const place = 'jobs/samples/invitacion-red-observacion.yaml'
  const text = readFileSync(new URL(`../../${place}`, import.meta.url), 'utf8')
  const { edition } = await invite(engine, author, { text, place })
  const approved = await approve(engine, approver, edition.id, edition.sealedHash ?? undefined)
  print(
    `\n● ${titleOf(engine, edition)}: ${author.name} la puso en cola para el ${shortTime(edition.nominalAt)}; ${approver.name} la aprobó.`,
  )
  return approved
}

/** Moves the clock to just before its hour and watches it leave; one that left before is left alone. */
async function sendAt({ app, clock }: Story, edition: Edition): Promise<Edition> {
  const { engine, db } = app
  if (edition.state === 'sent') {
    print('  Ya se había enviado: no se envía nada otra vez (--fresh empieza de nuevo).')
    return edition
  }
  clock.moveTo(new Date(edition.nominalAt.getTime() - secondsBefore * 1_000))
  const bar = new SingleBar({
    format: '  Enviando {bar} {percentage}% · {value} de {total}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    noTTYOutput: true,
    notTTYSchedule: 1_000,
  })
  let started = false
  const deadline = Date.now() + patienceMs
  try {
    for (let tick = 0; ; tick++) {
      // what the scheduler does every minute, here as fast as the story needs
      if (tick % 20 === 0) await engine.queue.enqueue([{ name: 'plan' }], engine.clock.now())
      await sleep(100)
      const totals = await totalsOf(db, edition.id)
      const recipients = recipientsOf(totals)
      if (recipients > 0 && !started) bar.start(recipients, 0)
      started ||= recipients > 0
      if (started) bar.update(recipients - unfinishedOf(totals))
      const now = await findEdition(db, edition.id)
      if (now.state === 'sent') return now
      if (Date.now() > deadline || !['ready', 'approved', 'sending'].includes(now.state))
        throw stuck(now)
    }
  } finally {
    bar.stop()
  }
}

function stuck({ id, state, stateReason }: Edition): Problem {
  const reason = stateReason ? ` (${stateReason})` : ''
  return new Problem('unavailable', {
    place: `edición ${id}`,
    message: `no terminó de enviarse: está ${editionStateNames[state]}${reason}`,
    remedy: 'Vea el registro con LOG_LEVEL=info, o empiece de nuevo con `npm run demo -- --fresh`',
  })
}

async function summarise(app: App, editions: Edition[]): Promise<void> {
  const { db, engine, outbox } = app
  const previews = join(engine.config.dataDir, 'previews')
  await mkdir(previews, { recursive: true })
  const rows: string[][] = []
  for (const edition of editions) {
    const archived = await readRendering(db, edition.id, edition.sealedHash!)
    const values = slotValues({ name: 'Ana Ejemplo' })
    const base = join(previews, `${edition.publication}-${edition.period}`)
    await writeFile(`${base}.html`, compileSlots(archived.html, escapeHtml)(values))
    await writeFile(`${base}.txt`, compileSlots(archived.plainText, asIs)(values))
    for (const { filename, content } of archived.attachments)
      await writeFile(join(previews, filename), content)
    const totals = await totalsOf(db, edition.id)
    const counts = deliveryStates
      .filter((state) => totals[state] > 0)
      .map((state) => `${totals[state]} ${deliveryStateNames[state]}`)
    rows.push([
      shortTime(edition.releasedAt),
      archived.subject,
      `${recipientsOf(totals)} = ${counts.join(' + ')}`,
    ])
  }
  print(`\n${table(['Salió', 'Asunto', 'Destinatarios en la bitácora'], rows)}`)
  print(`\nVistas previas (HTML, texto, .ics): ${previews}`)
  print(`Mensajes .eml:                      ${outbox?.folder ?? ''}`)
  const report = await buildReport(db, app.reportDefinitions, parseQuarter('2026-Q4'))
  for (const section of report.sections) {
    for (const one of section.tables)
      print(`\nInforme trimestral 2026-Q4, tabla ${one.id}:\n\n${tableMarkdown(one)}`)
  }
}
