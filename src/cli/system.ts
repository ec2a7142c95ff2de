/** `start`, `work`, `serve`, `migrate`, `config`, `publications`: running the thing. */
import type { Command } from 'commander'
import { handlersOf, openApp, publications, validateAll, type App } from '../app.ts'
import { describeSettings, envExample } from '../settings.ts'
import { setIssueStart } from '../editions/editions.ts'
import { requirePublication } from '../flow/engine.ts'
import type { Engine } from '../flow/engine.ts'
import type { HttpServer } from '../http/server.ts'
import { createLog, type Log } from '../log.ts'
import { audit } from '../people/audit.ts'
import { authorize } from '../people/users.ts'
import { cadenceText } from '../publication.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
  table,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'

const keepPlannerMs = 30_000

export function addSystemCommands(program: Command): void {
  examples(
    program
      .command('start')
      .description('planner, workers and health page in one process')
      .action(() => run('start', { work: true, http: true })),
    'start',
  )
  examples(
    program
      .command('work')
      .description('planner and workers only; any number of them may run')
      .action(() => run('work', { work: true, http: false })),
    'work',
  )
  examples(
    program
      .command('serve')
      .description('the HTTP server only; plans and sends nothing')
      .action(() => run('serve', { work: false, http: true })),
    'serve',
  )
  examples(
    program
      .command('migrate')
      .description(
        'bring the database of DATABASE_URL up to date (the embedded one does it by itself)',
      )
      .action(async () => {
        await withApp(async () => print('La base de datos está al día.'), { migrate: true })
      }),
    'migrate',
  )
  examples(
    program
      .command('config')
      .description(
        'check the configuration, the publications, the templates and the report definition',
      )
      .option('--all', 'every setting, with what it is for')
      .option('--example', 'the text of .env.example')
      .action((options: { all?: boolean; example?: boolean }) => {
        if (options.example) return print(envExample())
        if (options.all) {
          const rows = describeSettings().map((one) => [
            one.key,
            one.required ? 'yes' : '',
            one.description,
          ])
          return print(table(['Setting', 'Required in production', 'What it is'], rows))
        }
        const { config } = validateAll(process.env)
        print(`Configuration of ${config.environment}: no faults.`)
      }),
    'config',
    'config --example > .env',
  )

  const publicationsCommand = examples(
    program.command('publications').description('what is sent, when and to whom'),
    'publications',
  )
  examples(
    publicationsCommand
      .command('list', { isDefault: true })
      .description('the publications of jobs/')
      .option(...jsonOption)
      .action(({ json }: { json?: boolean }) => {
        const rows = publications.map((one) => ({
          slug: one.slug,
          name: one.name,
          cadence: cadenceText(one.cadence),
          readers: one.readers,
          sender: one.sender,
          approval: one.approval,
          reportTables: one.reportLines.map((line) => line.table),
        }))
        answer(json, rows, () =>
          table(
            ['Clave', 'Publicación', 'Cuándo', 'A quién', 'Remitente', 'Informe'],
            rows.map((row) => [
              row.slug,
              row.name,
              row.cadence,
              row.readers,
              row.sender,
              row.reportTables.join(', '),
            ]),
          ),
        )
      }),
    'publications',
  )
  examples(
    publicationsCommand
      .command('numbering <slug>')
      .description('the last number printed in a year before Pregonero took over')
      .requiredOption('--year <year>', 'of the numbers', wholeNumber('--year'))
      .requiredOption('--last <number>', 'the last one that was printed', wholeNumber('--last'))
      .requiredOption(...asOption)
      .action(async (slug: string, options: { year: number; last: number; as: string }) => {
        await withUser(options.as, async ({ engine, db }, user) => {
          authorize(user, 'numbering.set')
          requirePublication(engine, slug)
          await setIssueStart(db, slug, options.year, options.last)
          const detail = { year: options.year, last: options.last }
          await audit(db, {
            at: engine.clock.now(),
            user,
            act: 'numbering.set',
            subject: `publication ${slug}`,
            detail,
          })
          print(`El siguiente número de ${slug} en ${options.year} es el ${options.last + 1}.`)
        })
      }),
    'publications numbering boletin-electoral --year 2026 --last 47 --as luis',
  )
}

/** Runs until SIGTERM or SIGINT: then takes nothing new, finishes the conversations in hand, and closes. */
async function run(name: string, { work, http }: { work: boolean; http: boolean }): Promise<void> {
  const validated = validateAll(process.env)
  const log = createLog({ level: validated.config.logLevel, name })
  const app = await openApp(validated, { log })
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
  let working: { stop(): Promise<void> } | undefined
  let server: HttpServer | undefined
  try {
    const { queue, config } = app.engine
    if (work) working = await startWork(app, log)
    if (http) server = await serveHttp(app.engine)
    log.info(
      { environment: config.environment, queue: await queue.backend(), url: server?.url },
      'in service',
    )
    if (server) process.stderr.write(`Pregonero (${config.environment}): ${server.url}\n`)
    const signal = await stopped
    log.info({ signal }, 'stopping: finishing what is in hand')
  } finally {
    app.drain()
    await Promise.all([working?.stop(), server?.close()])
    await app.close()
  }
  log.info('stopped')
  // a Redis that is away leaves connections that try for ever
  process.exit(0)
}

/** The planner and the workers of this process. Throws a Problem on a database that was restored elsewhere. */
async function startWork({ engine }: App, log: Log): Promise<{ stop(): Promise<void> }> {
  const { queue, config } = engine
  await queue.schedulePlanner()
  const workers = await queue.work(handlersOf(engine), {
    dispatchConcurrency: config.dispatchConcurrency,
  })
  // a Redis that was emptied has lost the scheduler too
  let scheduling: Promise<void> | undefined
  const keepPlanner = setInterval(() => {
    // one at a time: while Redis is away each would keep a database connection
    scheduling ??= queue
      .schedulePlanner()
      .catch((error: unknown) => log.warn({ err: error }, 'planner not scheduled'))
      .finally(() => (scheduling = undefined))
  }, keepPlannerMs)
  await queue.enqueue([{ name: 'plan' }], engine.clock.now())
  return {
    async stop() {
      clearInterval(keepPlanner)
      await workers.close()
    },
  }
}

/** Its pages take a second to load, which no other command should wait for. */
async function serveHttp(engine: Engine): Promise<HttpServer> {
  const { startHttpServer } = await import('../http/server.ts')
  return startHttpServer(engine)
}
