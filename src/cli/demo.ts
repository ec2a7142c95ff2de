/** `pregonero demo`: the main job on sample content, from the planner to the report, with a clock set in its week. */
import { readFile, rm, writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { DateTime } from 'luxon'
import { handlersOf, openApp, validateAll, type App } from '../app.ts'
import { addList } from '../audience/audience.ts'
import { importCsv } from '../audience/import-csv.ts'
import { movableClock, zone } from '../clock.ts'
import { withClient } from '../db/database.ts'
import { findEdition, setIssueStart, type Edition } from '../editions/editions.ts'
import { readRendering } from '../editions/archive.ts'
import { startEmbeddedPostgres } from '../embedded/postgres.ts'
import { Problem } from '../errors.ts'
import { titleOf } from '../flow/engine.ts'
import { plan } from '../flow/plan.ts'
import { addContent, markReady } from '../flow/prepare.ts'
import { totalsOf } from '../ledger/totals.ts'
import { createLog } from '../log.ts'
import { addUser, requireUser, usersWithRoles, type User } from '../people/users.ts'
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
import { examples, print, shortTime, table } from './session.ts'

const samples = new URL('../../jobs/samples/', import.meta.url)
const monday = DateTime.fromISO('2026-11-23T09:00', { zone }).toJSDate()
const justBeforeFriday = DateTime.fromISO('2026-11-27T14:59:57', { zone }).toJSDate()
const period = '2026-W48'
const patienceMs = 120_000

export function addDemoCommand(program: Command): void {
  examples(
    program
      .command('demo')
      .description('send the sample Boletín Electoral to 500 sample contacts, into a local outbox')
      .option('--fresh', 'forget the previous demo first')
      .action(async ({ fresh }: { fresh?: boolean }) => {
        await runDemo(fresh ?? false)
      }),
    'demo',
    'demo --fresh',
  )
}

async function runDemo(fresh: boolean): Promise<void> {
  // only these: a demo must never touch the database or the relay of this machine's environment
  const { DATA_DIR, LOG_LEVEL = 'error' } = process.env
  const validated = validateAll({ PREGONERO_ENV: 'demo', DATA_DIR, LOG_LEVEL, HTTP_PORT: '0' })
  const { dataDir } = validated.config
  if (fresh) await forget(dataDir)
  const clock = movableClock(monday)
  print('Preparando la base de datos y el buzón locales…')
  const app = await openApp(validated, {
    clock,
    log: createLog({ level: LOG_LEVEL, name: 'demo' }),
  })
  try {
    const author = await prepareSample(app)
    await plan(app.engine)
    const edition = await prepareEdition(app, author)
    const alreadySent = edition.state === 'sent'
    if (!alreadySent) {
      clock.moveTo(justBeforeFriday)
      print(
        `\nSon las 14:59:57 del viernes 27 de noviembre de 2026; el boletín sale a las 15:00:00.`,
      )
      await sendAndWatch(app, edition)
    }
    await summarise(app, await findEdition(app.db, edition.id), { alreadySent })
  } finally {
    await app.close()
  }
}

/** Users, lists and contacts. Once: a second demo finds them. */
async function prepareSample({ db, engine }: App): Promise<User> {
  const at = engine.clock.now()
  const [existing] = await usersWithRoles(db, ['capturista'])
  if (existing) return requireUser(db, 'ana')
  const author = await addUser(
    db,
    { login: 'ana', name: 'Ana Ejemplo', email: 'ana@example.org', roles: ['capturista'] },
    at,
  )
  await addUser(
    db,
    {
      login: 'luis',
      name: 'Luis Ejemplo',
      email: 'luis@example.org',
      roles: ['aprobacion', 'operacion'],
    },
    at,
  )
  await addList(db, { slug: 'consejerias', name: 'Consejerías', kind: 'internal' }, at)
  await addList(db, { slug: 'comunidad-iecm', name: 'Comunidad del IECM', kind: 'internal' }, at)
  await setIssueStart(db, 'boletin-electoral', 2026, 47)
  const csv = await readFile(new URL('audiencia.csv', samples), 'utf8')
  const imported = await importCsv(db, csv, { origin: 'jobs/samples/audiencia.csv', at })
  print(`Audiencia de muestra: ${imported.newContacts} contactos.`)
  return author
}

/** The edition that the planner opened for the sample's week, with its content, ready. */
async function prepareEdition({ db, engine }: App, author: User): Promise<Edition> {
  const { id } = await db
    .selectFrom('edition')
    .select('id')
    .where('publication', '=', 'boletin-electoral')
    .where('period', '=', period)
    .executeTakeFirstOrThrow()
  const edition = await findEdition(db, id)
  print(`El planificador abrió ${titleOf(engine, edition)}: sale ${shortTime(edition.nominalAt)}.`)
  if (edition.state !== 'planned') return edition
  const place = 'jobs/samples/boletin-electoral.yaml'
  const text = await readFile(new URL('boletin-electoral.yaml', samples), 'utf8')
  await addContent(engine, author, { text, place }, period)
  print(`Contenido validado y congelado: ${place}.`)
  const { edition: ready } = await markReady(engine, author, id)
  print(
    `${author.name} lo marcó como listo: sello ${ready.sealedHash?.slice(0, 12)}, ${ready.expectedRecipients} direcciones.`,
  )
  return ready
}

async function sendAndWatch({ db, engine }: App, edition: Edition): Promise<void> {
  const workers = await engine.queue.work(handlersOf(engine), {
    dispatchConcurrency: engine.config.dispatchConcurrency,
  })
  const bar = new SingleBar({
    format: 'Enviando {bar} {percentage}% · {value} de {total}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    noTTYOutput: true,
    notTTYSchedule: 1_000,
  })
  let shown = false
  try {
    const deadline = Date.now() + patienceMs
    for (;;) {
      // what the scheduler does every minute, here as fast as the story needs
      await engine.queue.enqueue([{ name: 'plan' }], engine.clock.now())
      for (let tick = 0; tick < 20; tick++) {
        await sleep(100)
        const totals = await totalsOf(db, edition.id)
        const recipients = recipientsOf(totals)
        if (recipients > 0 && !shown) bar.start(recipients, 0)
        shown ||= recipients > 0
        bar.update(recipients - unfinishedOf(totals))
      }
      const { state, stateReason } = await findEdition(db, edition.id)
      if (state === 'sent') return
      if (Date.now() > deadline || !['ready', 'sending'].includes(state)) {
        throw new Problem('unavailable', {
          place: `edición ${edition.id}`,
          message: `no terminó de enviarse: está ${editionStateNames[state]}${stateReason ? ` (${stateReason})` : ''}`,
          remedy:
            'Vea el registro con LOG_LEVEL=info, o empiece de nuevo con `npm run demo -- --fresh`',
        })
      }
    }
  } finally {
    bar.stop()
    await workers.close()
  }
}

async function summarise(
  app: App,
  edition: Edition,
  { alreadySent }: { alreadySent: boolean },
): Promise<void> {
  const { db, engine, outbox } = app
  const archived = await readRendering(db, edition.id, edition.sealedHash!)
  const previews = join(engine.config.dataDir, 'previews')
  const values = slotValues({ name: 'Ana Ejemplo' })
  await mkdir(previews, { recursive: true })
  const base = join(previews, `${edition.publication}-${edition.period}`)
  await writeFile(`${base}.html`, compileSlots(archived.html, escapeHtml)(values))
  await writeFile(`${base}.txt`, compileSlots(archived.plainText, asIs)(values))
  const totals = await totalsOf(db, edition.id)
  const report = await buildReport(db, app.reportDefinitions, parseQuarter('2026-Q4'))
  const counts = deliveryStates
    .filter((state) => totals[state] > 0)
    .map((state) => `${totals[state]} ${deliveryStateNames[state]}`)
  print('')
  if (alreadySent)
    print(
      'Esta edición ya se había enviado: no se envió nada otra vez (--fresh empieza de nuevo).\n',
    )
  print(
    table(
      ['', titleOf(engine, edition)],
      [
        ['Asunto', archived.subject],
        ['Salió', shortTime(edition.releasedAt)],
        ['Estado', editionStateNames[edition.state]],
        ['Bitácora', `${recipientsOf(totals)} destinatarios = ${counts.join(' + ')}`],
        ['Vista previa', `${base}.html`],
        ['Texto simple', `${base}.txt`],
        ['Mensajes .eml', outbox?.folder ?? ''],
      ],
    ),
  )
  print('\nInforme trimestral 2026-Q4, tabla IV.3.a.i:\n')
  for (const section of report.sections) for (const one of section.tables) print(tableMarkdown(one))
}

async function forget(dataDir: string): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') })
  try {
    await withClient(await server.url('postgres'), (client) =>
      client.query('DROP DATABASE IF EXISTS pregonero_demo WITH (FORCE)'),
    )
    for (const folder of ['outbox', 'previews'])
      await rm(join(dataDir, folder), { recursive: true, force: true })
  } finally {
    await server.release()
  }
}
