// Who is using a shared thing, told by small files: a register of owners and a lock, for processes that do not
// know each other. No timer frees anything: a file counts for as long as the process that wrote it lives.
// Assumption: all of them see the same process numbers (two containers over one folder do not).
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const pollMs = 20
// Longer than the slowest thing done under a lock: an initdb, a 30 s start or a 60 s stop.
const lockTimeoutMs = 120_000

/**
 * Registers this caller and returns its file. One per caller, because the threads of a process share its number. The
 * caller counts at once, also while it waits for the lock.
 */
export async function addOwner(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${process.pid}-${randomUUID().slice(0, 8)}`)
  const identity = `${process.pid} ${await processStart(process.pid)}`
  await writeFile(file, identity, { flag: 'wx', mode: 0o600 })
  return file
}

/** Forgets the owners whose process is gone, and says whether any is left. Call it under the lock. */
export async function hasLiveOwner(folder: string): Promise<boolean> {
  let found = false
  for (const name of await readdir(folder)) {
    // An owner that is just registering has a file without content yet: its name tells the process too.
    const identity = (await readIfAny(join(folder, name))) || name.split('-')[0]
    if (await isAlive(identity)) found = true
    else await rm(join(folder, name), { force: true })
  }
  return found
}

/** Runs `work` while no other owner, in this process or another, holds the same lock file. */
export async function withLock<T>(
  lockFile: string,
  owner: string,
  work: () => Promise<T>,
): Promise<T> {
  await acquire(lockFile, owner)
  try {
    return await work()
  } finally {
    await rm(lockFile, { force: true })
  }
}

/** When a process started, in a form good only for comparing; undefined when there is no such process. */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxProcessStart(pid)
  // Windows has no cheap way to tell: a reused number is mistaken for the old process there.
  if (process.platform === 'win32') return isRunning(pid) ? 'running' : undefined
  return (await ps(pid, 'lstart=')) || undefined
}

/** The command line of a live process, its words joined by spaces; undefined where the system does not tell. */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  if (process.platform !== 'linux') return ps(pid, 'command=')
  // Readable for all, whereas root in a container may not look into the folder of another user's process.
  return (await readIfAny(`/proc/${pid}/cmdline`))?.replaceAll('\0', ' ')
}

async function acquire(lockFile: string, owner: string): Promise<void> {
  const deadline = Date.now() + lockTimeoutMs
  while (!(await linked(owner, lockFile))) {
    const holder = await readIfAny(lockFile)
    if (holder !== undefined && !(await isAlive(holder))) await breakLock(lockFile, owner, holder)
    else if (Date.now() < deadline) await sleep(pollMs)
    else {
      throw new Error(
        `The lock ${lockFile} has been held by process ${holder} for ${lockTimeoutMs / 1000} s: ` +
          'see what that process is doing, or end it',
      )
    }
  }
}

/** A hard link to the owner's file: it appears in one step with the holder in it, so no lock is ever anonymous. */
async function linked(owner: string, lockFile: string): Promise<boolean> {
  try {
    await link(owner, lockFile)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Two may find the same dead holder, and the slower must not remove the lock that the faster has taken since. */
async function breakLock(lockFile: string, owner: string, deadHolder: string): Promise<void> {
  await withLock(`${lockFile}.breaking`, owner, async () => {
    if ((await readIfAny(lockFile)) === deadHolder) await rm(lockFile)
  })
}

async function isAlive(identity = ''): Promise<boolean> {
  const [pid, ...start] = identity.split(' ')
  const found = Number(pid) > 0 ? await processStart(Number(pid)) : undefined
  return found !== undefined && (start.length === 0 || start.join(' ') === found)
}

/** proc(5): after the name in parentheses come the state (field 3) … and starttime (field 22), in ticks since boot. */
async function linuxProcessStart(pid: number): Promise<string | undefined> {
  const stat = await readIfAny(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie runs nothing any more; where nobody reaps (a container's first process) it would look alive for ever.
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
  return `${boot.trim()}+${fields[19]}`
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  // Two processes compare what they read, so it must not depend on the locale and zone of either.
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
  const flags = ['-ww', '-o', column, '-p', String(pid)]
  try {
    return (await promisify(execFile)('ps', flags, { env })).stdout.trim()
  } catch (error) {
    // ps exits with 1 when there is no such process
    if (errorCode(error) === 1) return undefined
    throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

async function readIfAny(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    // ESRCH: the process ended between opening and reading its /proc file
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return undefined
    throw error
  }
}

function errorCode(error: unknown): string | number | undefined {
  return (error as { code?: string | number }).code
}
