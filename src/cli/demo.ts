/** `pregonero demo`: a whole week on sample content, from the planner to the report, with a clock set in that week. */
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
import { anybodysPage, requirePublication, titleOf } from '../flow/engine.ts'
import { invite } from '../flow/invite.ts'
import { markReady } from '../flow/mark-ready.ts'
import { plan } from '../flow/plan.ts'
import { quarterReport } from '../flow/report.ts'
import { totalsOf } from '../ledger/totals.ts'
import { createLog } from '../log.ts'
import type { User } from '../people/users.ts'
import { withImagesInside } from '../render/files.ts'
import { fillSlots, slotValues } from '../render/slots.ts'
import { tableMarkdown } from '../report/output/markdown.ts'
import { parseQuarter } from '../report/quarter.ts'
import {
  deliveryStateNames,
  deliveryStates,
  editionStateNames,
  recipientsOf,
  unfinishedOf,
} from '../states.ts'
import { forgetDemo, prepareSampleData } from './demo-data.ts'
import { examples, print, shortTime, table } from './session.ts'
import { onRequestSlugs } from './simulate.ts'

const monday = DateTime.fromISO('2026-11-23T07:30', { zone }).toJSDate()
const nextMonday = DateTime.fromJSDate(monday, { zone }).plus({ weeks: 1 }).toJSDate()
const secondsBefore = 0.5
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
    SENDER_ADMIN_RATE_PER_SECOND: '1000',
    SENDER_VOTOCHILANGO_RATE_PER_SECOND: '1000',
    SENDER_DVOE_RATE_PER_SECOND: '1000',
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
  const { app } = story
  const workers = await app.engine.queue.work(handlersOf(app.engine), {
    dispatchConcurrency: app.engine.config.dispatchConcurrency,
  })
  const editions: Edition[] = []
  try {
    for (const slug of onRequestSlugs(app.engine.publications)) await request(story, slug)
    for (const edition of await editionsOfTheWeek(app))
      editions.push(await sendAt(story, await prepare(story, edition)))
  } finally {
    await workers.close()
  }
  await summarise(app, editions)
}

/** Queued by staff for an hour of their choice. Once. */
async function request({ app, author }: Story, slug: string): Promise<void> {
  const { engine, db } = app
  const existing = await db
    .selectFrom('edition')
    .select('id')
    .where('publication', '=', slug)
    .executeTakeFirst()
  if (!existing) await invite(engine, author, sampleFor(slug, monday))
}

async function editionsOfTheWeek({ db }: App): Promise<Edition[]> {
  return db
    .selectFrom('edition')
    .selectAll()
    .where('nominalAt', '>=', monday)
    .where('nominalAt', '<', nextMonday)
    .where('revision', '=', 0)
    .orderBy('nominalAt')
    .execute()
}

/** With its content, ready, and approved where somebody else must. */
async function prepare({ app, author, approver }: Story, edition: Edition): Promise<Edition> {
  const { engine } = app
  const { publication: slug, period, nominalAt, slotAt } = edition
  const opener = slotAt ? 'el planificador la abrió' : `${author.name} la puso en cola`
  print(`\n● ${titleOf(engine, edition)}: ${opener} para el ${shortTime(nominalAt)}.`)
  let now = edition
  if (now.state === 'planned') {
    const sample = sampleFor(slug, slotAt ?? nominalAt, period)
    await addContent(engine, author, sample, period)
    // the same sample serves the two noticias of a week
    now = (await markReady(engine, author, edition.id, { confirmRepeat: true })).edition
    print(`  ${author.name} agregó ${sample.place} y la marcó como lista.`)
  }
  if (now.state === 'ready' && requirePublication(engine, slug).approval === 'second-person') {
    now = await approve(engine, approver, edition.id, now.sealedHash ?? undefined)
    print(`  ${approver.name} la aprobó: sello ${now.sealedHash?.slice(0, 12)}.`)
  }
  return now
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
    const values = slotValues({ name: 'Ana Ejemplo', leaveUrl: anybodysPage(engine) })
    const base = join(previews, `${edition.publication}-${edition.period}`)
    const mail = fillSlots(archived, values)
    await writeFile(`${base}.html`, withImagesInside(mail.html, archived.attachments))
    await writeFile(`${base}.txt`, mail.plainText)
    for (const { filename, content, contentId } of archived.attachments)
      if (contentId === undefined) await writeFile(join(previews, filename), content)
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
  const report = await quarterReport(engine, app.reportDefinitions, parseQuarter('2026-Q4'))
  for (const section of report.sections) {
    for (const one of section.tables.filter(({ rows }) => rows.length > 0))
      print(`\nInforme trimestral 2026-Q4, tabla ${one.id}:\n\n${tableMarkdown(one)}`)
  }
}
