import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { buildProgram } from '../../src/cli.ts'
import { addUser, type Role } from '../../src/people/users.ts'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { release } from '../../src/flow/release.ts'
import { boletin, fridayAt15, mondayMorning, testApp } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import { quietLog, testDatabaseUrl } from '../support/database.ts'
import { compileCache } from '../support/process.ts'

const wrapper = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))

interface Answer {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the real program in a folder of its own, with nothing of our environment. */
async function pregonero(
  args: string[],
  env: Record<string, string> = {},
  node = process.execPath,
): Promise<Answer> {
  const folder = await temporaryFolder()
  const child = spawn(node, [wrapper, ...args], {
    cwd: folder,
    env: { ...compileCache, PREGONERO_ENV: 'test', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit') as Promise<[number | null]>
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exited,
  ])
  return { code, stdout, stderr }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function file(name: string, contents: string): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, contents)
  return path
}

async function database(): Promise<{ db: Db; env: { DATABASE_URL: string } }> {
  const DATABASE_URL = await testDatabaseUrl()
  const db = await openDatabase(DATABASE_URL, quietLog)
  onTestFinished(() => db.destroy())
  return { db, env: { DATABASE_URL } }
}

const person = (db: Db, login: string, roles: Role[]) =>
  addUser(db, { login, name: login, email: `${login}@iecm.mx`, roles }, mondayMorning)

/** It failed with this code, said all of this on stderr, and left stdout to nobody. */
function expectFailure(answer: Answer, code: number, ...said: string[]): void {
  expect(answer).toMatchObject({ code, stdout: '' })
  for (const words of said) expect(answer.stderr).toContain(words)
  expect(answer.stderr).not.toMatch(/Unexpected fault|^ {4}at /m)
}

test.each([
  ['an unknown command', ['edicion'], 'edition'],
  ['an unknown subcommand', ['edition', 'lst'], 'list'],
  ['an unknown option', ['edition', 'list', '--jsn'], '--json'],
  ['a missing argument', ['content', 'check'], 'file'],
  ['no --as', ['edition', 'ready', '1'], '--as'],
  [
    'a number that is none',
    ['edition', 'list', '--limit', 'many'],
    '--limit: must be a whole number ("many")',
  ],
  ['a quarter that is none', ['report', '2026-Q5'], '2026-Q4'],
])('%s ends with 2 and says what there is', async (_what, args, said) => {
  expectFailure(await pregonero(args), 2, said)
})

test('a file that is not there ends with 2 and its name', async () => {
  expectFailure(await pregonero(['content', 'check', 'nada.yaml']), 2, 'nada.yaml', 'ENOENT')
})

test('content with faults ends with 3, each fault on its line', async () => {
  const path = await file('boletin.yaml', boletinYaml({ titular: ' ' }).concat('\nnumero: 48\n'))
  const answer = await pregonero(['content', 'check', path])
  expectFailure(answer, 3, `${path} titular: está vacío`, 'Quite o corrija: numero')
  expect(answer.stderr.trimEnd().split('\n')).toHaveLength(2)
})

test('sound content ends with 0 and needs no database', async () => {
  const path = await file('boletin.yaml', boletinYaml())
  const answer = await pregonero(['content', 'check', path], {
    DATABASE_URL: 'postgres://127.0.0.1:1/x',
  })
  expect(answer).toEqual({
    code: 0,
    stdout: `${path}: contenido válido de Boletín Electoral.\n`,
    stderr: '',
  })
})

test('what a role does not permit ends with 4, an unknown person with 5 and the nearest one', async () => {
  const { db, env } = await database()
  await person(db, 'luis', ['consulta'])
  const addList = [
    'contacts',
    'add-list',
    'prensa',
    '--name',
    'Prensa',
    '--kind',
    'external',
    '--as',
  ]
  expectFailure(await pregonero([...addList, 'luis'], env), 4, 'operacion')
  expectFailure(await pregonero([...addList, 'lius'], env), 5, '"lius"', '¿Quiso decir luis?')
  expectFailure(await pregonero(['edition', 'show', '12'], env), 5, 'edición: no existe (12)')
  expect(await db.selectFrom('list').selectAll().execute()).toEqual([])
  expect(await db.selectFrom('auditLog').selectAll().execute()).toEqual([])
})

test('a database that does not answer ends with 6, and its password stays unsaid', async () => {
  const answer = await pregonero(['edition', 'list'], {
    DATABASE_URL: 'postgres://ana:hunter2@127.0.0.1:1/pregonero',
  })
  expectFailure(
    answer,
    6,
    'DATABASE_URL: the database does not answer',
    'ECONNREFUSED',
    '127.0.0.1:1',
  )
  expect(answer.stderr).not.toContain('hunter2')
})

test('a wrong configuration ends with 7 and every fault, before anything is opened', async () => {
  const answer = await pregonero(['edition', 'list'], {
    HTTP_PORT: 'ochenta',
    SENDER_ADMIN_RELAY_ULR: 'smtp://relay',
    DATABASE_URL: 'mysql://ana:hunter2@db/x',
  })
  expectFailure(answer, 7, 'HTTP_PORT', 'Did you mean SENDER_ADMIN_RELAY_URL?', 'DATABASE_URL')
  expect(answer.stderr.trimEnd().split('\n')).toHaveLength(3)
  expect(answer.stderr).not.toContain('hunter2')
})

test('a newer database, one of another environment and one without tables end with 7 and the remedy', async () => {
  const newer = await database()
  await sql`INSERT INTO schema_migration VALUES (9999, '9999_future.sql', 'x')`.execute(newer.db)
  const newerAnswer = await pregonero(['edition', 'list'], newer.env)
  expectFailure(newerAnswer, 7, 'database: was migrated by a newer Pregonero', '9999_future.sql')

  const { env } = await database()
  const elsewhere = await pregonero(['edition', 'list'], { ...env, PREGONERO_ENV: 'development' })
  expectFailure(elsewhere, 7, 'is stamped test, and PREGONERO_ENV is development')

  const empty = { DATABASE_URL: await testDatabaseUrl('template0') }
  expectFailure(await pregonero(['edition', 'list'], empty), 7, 'Run `pregonero migrate`')
  expect(await pregonero(['migrate'], empty)).toMatchObject({ code: 0, stderr: '' })
  expect(await pregonero(['edition', 'list'], empty)).toMatchObject({ code: 0, stderr: '' })
})

test('a server that finds its port taken ends with 6 and names the setting', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const { env } = await database()
  const answer = await pregonero(['start'], {
    ...env,
    HTTP_PORT: String(port),
    LOG_LEVEL: 'silent',
  })
  expectFailure(answer, 6, 'HTTP_PORT', String(port))
}, 15_000)

test('the first person is added by nobody, the second by a person who may, and both acts are logged', async () => {
  const { db, env } = await database()
  const add = (login: string, ...rest: string[]) =>
    pregonero(
      ['users', 'add', login, '--name', login, '--email', `${login}@iecm.mx`, '--role', ...rest],
      env,
    )
  expect(await add('luis', 'operacion,aprobacion')).toMatchObject({ code: 0, stderr: '' })
  expectFailure(await add('ana', 'capturista'), 2, '--as')
  expect(await add('ana', 'capturista', '--as', 'luis')).toMatchObject({ code: 0, stderr: '' })
  expectFailure(await add('eva', 'consulta', '--as', 'ana'), 4, 'operacion')
  const log = await db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['staffUser.login', 'auditLog.act', 'auditLog.subject'])
    .orderBy('auditLog.id')
    .execute()
  expect(log).toEqual([
    { login: null, act: 'users.add', subject: 'user luis' },
    { login: 'luis', act: 'users.add', subject: 'user ana' },
  ])
})

/** Those with --json that can be run as they stand, and one that needs to be told its quarter. */
const jsonCommands = commandsOf(buildProgram())
  .filter(([, command]) => command.options.some((option) => option.long === '--json'))
  .filter(([, command]) => !command.options.some((option) => option.mandatory))
  .filter(([, command]) => !command.registeredArguments.some((argument) => argument.required))
  .map(([words]) => words)

test.each([...jsonCommands, 'report 2026-Q4'])(
  '«%s --json» writes one JSON document on stdout and nothing on stderr',
  async (words) => {
    const { db, env } = await database()
    await person(db, 'luis', ['operacion'])
    const { code, stdout, stderr } = await pregonero([...words.split(' '), '--json'], env)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toBeTypeOf('object')
  },
)

test('a .env file of the folder is read, and what is set outside it wins', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, '.env'), 'HTTP_PORT=ochenta\nLOG_LEVEL=loud\n')
  const child = spawn(process.execPath, [wrapper, 'config'], {
    cwd: folder,
    env: { LOG_LEVEL: 'info' },
  })
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect(code).toBe(7)
  expect(stderr).toContain('HTTP_PORT')
  expect(stderr).not.toContain('LOG_LEVEL')
})

/** Every command below `program`, with the words that lead to it. */
function commandsOf(program: Command, path: string[] = []): [words: string, command: Command][] {
  return program.commands.flatMap((command) => {
    const words = [...path, command.name()]
    return [[words.join(' '), command] as [string, Command], ...commandsOf(command, words)]
  })
}

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({ writeOut: (words) => (help += words) })
  command.outputHelp()
  return help
}

const examplesOf = (command: Command): string[] =>
  [...helpOf(command).matchAll(/^ {2}\$ npm run -s pregonero -- (.+)$/gm)].map((match) => match[1]!)

test('every command and subcommand explains itself and its options, with examples', () => {
  const commands = commandsOf(buildProgram())
  expect(commands.length).toBeGreaterThan(20)
  const silent = commands.flatMap(([words, command]) => [
    ...(command.description() === '' ? [`${words}: no description`] : []),
    ...command.options.filter((o) => o.description === '').map((o) => `${words} ${o.flags}`),
    ...(examplesOf(command).length === 0 ? [`${words}: no examples`] : []),
  ])
  expect(silent).toEqual([])
})

test('every example of the help is a command line that the program takes, of the command that shows it', async () => {
  for (const [words, documented] of commandsOf(buildProgram())) {
    for (const example of examplesOf(documented)) {
      const program = buildProgram()
      const ran: string[] = []
      for (const [path, command] of commandsOf(program)) {
        const takesArguments = command.registeredArguments.length > 0
        if (command.commands.length === 0 || takesArguments)
          command.action(() => void ran.push(path))
      }
      await program.parseAsync(wordsOf(example), { from: 'user' })
      expect(ran, example).toEqual([expect.stringMatching(new RegExp(`^${words}( |$)`))])
    }
  }
})

/** As a shell reads it: words, quotes, and a redirection at the end. */
function wordsOf(line: string): string[] {
  const words = line.replace(/ > \S+$/, '').match(/'[^']*'|\S+/g) ?? []
  return words.map((word) => word.replace(/^'(.*)'$/, '$1'))
}

test('--help ends with 0, on stdout, and names the exit codes', async () => {
  const { code, stdout, stderr } = await pregonero(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(
    '0 ok, 1 bug, 2 usage, 3 invalid, 4 refused, 5 notFound, 6 unavailable, 7 config',
  )
})

const systemNode = '/usr/bin/node'
const systemMajor = existsSync(systemNode)
  ? Number(/^v(\d+)/.exec(execFileSync(systemNode, ['--version'], { encoding: 'utf8' }))?.[1])
  : undefined

test.runIf(systemMajor !== undefined && systemMajor < 24)(
  'an older Node is told which one is needed and how to get it',
  async () => {
    const answer = await pregonero(['edition', 'list'], {}, systemNode)
    expect(answer.code).not.toBe(0)
    expect(answer.stdout).toBe('')
    expect(answer.stderr).toContain(`Pregonero needs Node 24.12 or newer; this is v${systemMajor}.`)
    expect(answer.stderr).toContain('npm ci')
    expect(answer.stderr).not.toContain('SyntaxError')
  },
)

test.each([
  ['head -1', /^\[\n$/],
  ['true', /^$/],
])('what is piped into `%s` ends quietly', async (reader, said) => {
  const app = await testApp({ recipients: 2_000 })
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const command = `"$0" "$1" deliveries --edition ${id} --limit 2000 --json | ${reader}`
  const child = spawn('bash', ['-o', 'pipefail', '-c', command, process.execPath, wrapper], {
    cwd: app.engine.config.dataDir,
    env: {
      ...compileCache,
      PATH: process.env.PATH ?? '',
      PREGONERO_ENV: 'test',
      DATA_DIR: app.engine.config.dataDir,
      DATABASE_URL: app.databaseUrl,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(said)
})
