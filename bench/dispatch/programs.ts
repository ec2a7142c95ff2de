/** The programs beside ours: Postfix's sink and source, and children of this benchmark that are told to go. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export const sinkPath = '/usr/sbin/smtp-sink'
export const sourcePath = '/usr/sbin/smtp-source'

export function requirePrograms(): void {
  if ([sinkPath, sourcePath].every((path) => existsSync(path))) return
  throw new Error('smtp-sink and smtp-source are not there: apt-get install postfix')
}

/** Takes every message and forgets it. */
export async function startSink(): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort()
  // as root it wants somebody else to be
  const account = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const args = [...account, `127.0.0.1:${port}`, '1000']
  const child = spawn(sinkPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  await answering(port)
  return { port, stop: () => end(child, 'SIGKILL') }
}

/** A program that says `ready`, begins at `go` and says `done`; our workers say `ready` alone. */
export interface Child {
  pid: number
  go(): void
  done: Promise<void>
  stop(): Promise<void>
}

export async function startChild(
  script: string,
  env: Record<string, string>,
  nodeOptions: string[] = [],
): Promise<Child> {
  const child = spawn(process.execPath, [...nodeOptions, script], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const said = new Map<string, () => void>()
  const saying = (word: string) => new Promise<void>((resolve) => said.set(word, resolve))
  const [ready, done] = [saying('ready'), saying('done')]
  createInterface({ input: child.stdout }).on('line', (line) => said.get(line)?.())
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with ${code}`)
  })
  const finished = Promise.race([done, ended])
  // at its stop nobody waits for it any more
  finished.catch(() => undefined)
  await Promise.race([ready, ended])
  return {
    pid: child.pid!,
    go: () => void child.stdin.write('go\n'),
    done: finished,
    stop: () => end(child, 'SIGTERM'),
  }
}

/** Runs to its end. */
export async function run(program: string, args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const answers = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (answers) return
    await sleep(50)
  }
  throw new Error(`Nothing answers on port ${port}`)
}
