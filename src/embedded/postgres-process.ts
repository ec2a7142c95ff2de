// The server process of one embedded cluster: found and adopted, or launched; and stopped. PostgreSQL's own
// postmaster.pid says which process it is, on which port, and whether it is ready. Call all of it under the lock.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { processCommand, processStart } from './owners.ts'
import { binariesFolder } from './postgres-binaries.ts'
import type { Account } from './postgres-binaries.ts'

/** Names and values as in postgresql.conf. */
export type Settings = Record<string, string>

interface Server {
  pid: number
  port: number
  /** starting, ready or stopping */
  status: string
}

const startTimeoutMs = 30_000
const stopTimeoutMs = 60_000
const pollMs = 20

/** The server that an earlier run left or another process started, once it is ready; undefined when there is none. */
export async function adoptServer(dataDir: string): Promise<Server | undefined> {
  const running = await runningServer(dataDir)
  if (running) {
    const isAlive = async () => (await runningServer(dataDir))?.pid === running.pid
    return waitUntilReady(dataDir, running.pid, isAlive)
  }
  // PostgreSQL removes a dead server's file itself, unless its number has gone to another program or to a zombie that
  // nobody reaps. Nothing is risked: backends that outlive their server are found by its shared memory.
  await rm(pidFile(dataDir), { force: true })
  return undefined
}

export async function launchServer(
  dataDir: string,
  settings: Settings,
  account: Account,
): Promise<Server> {
  const binary = join(await binariesFolder(account), 'bin', 'postgres')
  const data = join(dataDir, 'cluster', 'data')
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const port = await choosePort(dataDir)
    const log = await open(logFile(dataDir), 'a', 0o600)
    const { size: logStartBytes } = await log.stat()
    const child = spawn(binary, serverFlags(data, settings, port, account), {
      ...account,
      cwd: data,
      env: serverEnvironment(),
      // A session of its own, out of reach of a Ctrl-C or a SIGTERM to our process group.
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    try {
      await once(child, 'spawn')
    } finally {
      await log.close()
    }
    child.unref()
    const isAlive = async () => child.exitCode === null && child.signalCode === null
    const server = await waitUntilReady(dataDir, child.pid, isAlive)
    if (server) {
      await writeFile(join(dataDir, 'port'), String(port))
      return server
    }
    const said = await lastLogLines(dataDir, logStartBytes)
    if (!passingTrouble.test(said) || Date.now() > deadline) {
      const how = child.signalCode ?? `exit code ${child.exitCode}`
      throw new Error(`The embedded PostgreSQL stopped while starting (${how}). ${said}`)
    }
    await sleep(10 * pollMs)
  }
}

/** Fast shutdown: open transactions are rolled back, connections closed, everything written. Waits for the exit. */
export async function stopServer(dataDir: string): Promise<void> {
  const server = await runningServer(dataDir)
  if (!server) return
  const start = await processStart(server.pid)
  await interrupt(server.pid)
  const deadline = Date.now() + stopTimeoutMs
  while ((await processStart(server.pid)) === start) {
    if (Date.now() > deadline) {
      throw new Error(
        `The embedded PostgreSQL (process ${server.pid}) has not stopped ${stopTimeoutMs / 1000} s after SIGINT: ` +
          'see its log; SIGQUIT ends it at once, and its next start recovers',
      )
    }
    await sleep(pollMs)
  }
}

/**
 * The data directory as the server and initdb, which work in it from their start, are told it. Under root they run as
 * `nobody`, who may be unable to pass through the folders above (all of /root is closed): by this name Linux need not
 * pass through them. Elsewhere root must choose a data folder that `nobody` can reach.
 */
export function dataFolderForServer(data: string, account: Account): string {
  return account.uid !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : data
}

/** Not our own environment: it may hold secrets, and PG* variables change what the programs do. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env
  return { PATH, ...(SystemRoot && { SystemRoot }), LC_ALL: 'C' }
}

/**
 * Troubles that pass: somebody took the port between our look and the start, or a backend of a server that was killed
 * is still ending.
 */
const passingTrouble = /could not create any TCP\/IP sockets|pre-existing shared memory block/

/** The port of the last time, so that connection strings kept elsewhere stay good, or any free one. */
async function choosePort(dataDir: string): Promise<number> {
  const last = Number(await readFile(join(dataDir, 'port'), 'utf8').catch(() => '0'))
  return freePort(last).catch(() => freePort(0))
}

async function freePort(port: number): Promise<number> {
  const probe = createServer().listen(port, '127.0.0.1')
  await once(probe, 'listening')
  const { port: free } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return free
}

function serverFlags(data: string, settings: Settings, port: number, account: Account): string[] {
  return [
    `-D${dataFolderForServer(data, account)}`,
    ...Object.entries(settings).map(([name, value]) => `-c${name}=${value}`),
    '-clisten_addresses=127.0.0.1',
    '-cunix_socket_directories=',
    portFlag(port),
  ]
}

function portFlag(port: number): string {
  return `-cport=${port}`
}

/** Undefined when the server exits first. */
async function waitUntilReady(
  dataDir: string,
  pid: number | undefined,
  isAlive: () => Promise<boolean>,
): Promise<Server | undefined> {
  const deadline = Date.now() + startTimeoutMs
  while (await isAlive()) {
    const server = await readPidFile(dataDir)
    if (server?.pid === pid && server?.status === 'ready') return server
    if (Date.now() > deadline) {
      throw new Error(
        `The embedded PostgreSQL (process ${pid}) is not ready after ${startTimeoutMs / 1000} s and goes on trying: ` +
          `start again to wait for it, or end that process. ${await lastLogLines(dataDir)}`,
      )
    }
    await sleep(pollMs)
  }
  return undefined
}

/** The live PostgreSQL of this cluster, ready or not. After a crash the number may belong to any other program. */
async function runningServer(dataDir: string): Promise<Server | undefined> {
  const server = await readPidFile(dataDir)
  if (!server || !(await processStart(server.pid))) return undefined
  const command = await processCommand(server.pid)
  const isOurs = command === undefined || command.split(' ').includes(portFlag(server.port))
  return isOurs ? server : undefined
}

/** Its lines: process, data directory, start time, port, socket folder, address, shared memory, status. */
async function readPidFile(dataDir: string): Promise<Server | undefined> {
  const text = await readFile(pidFile(dataDir), 'utf8').catch(() => '')
  const [pid = '', , , port = '', , , , status = ''] = text.split('\n')
  return Number(pid) > 0
    ? { pid: Number(pid), port: Number(port), status: status.trim() }
    : undefined
}

function pidFile(dataDir: string): string {
  return join(dataDir, 'cluster', 'data', 'postmaster.pid')
}

async function lastLogLines(dataDir: string, fromBytes = 0): Promise<string> {
  const text = (await readFile(logFile(dataDir)).catch(() => Buffer.of())).subarray(fromBytes)
  const lines = text.toString().trim().split('\n').slice(-15)
  return `The last lines of ${logFile(dataDir)}:\n${lines.join('\n')}`
}

function logFile(dataDir: string): string {
  return join(dataDir, 'postgres.log')
}

async function interrupt(pid: number): Promise<void> {
  // On Windows process.kill() would end the server without a shutdown; pg_ctl knows PostgreSQL's signals there.
  if (process.platform !== 'win32') process.kill(pid, 'SIGINT')
  else {
    const pgCtl = join(await binariesFolder({}), 'bin', 'pg_ctl')
    await promisify(execFile)(pgCtl, ['kill', 'INT', String(pid)])
  }
}
