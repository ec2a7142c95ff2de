/**
 * MJML to HTML, in a child process that stays for the next mail and ends when none comes. One mail at a time: the
 * compiler takes a few milliseconds once it is loaded.
 */
import { fork, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `line` is of the MJML given, after its templates were filled. */
export interface MjmlError {
  line: number
  tagName: string
  message: string
}
export type MjmlResult = { ok: true; html: string } | { ok: false; errors: MjmlError[] }

export interface MjmlCompiler {
  /** Returns what strict validation refuses; rejects when the child crashes, or is killed after `timeoutMs`. */
  compile(mjml: string): Promise<MjmlResult>
}

/** That of this process. */
export const compileMjml = (mjml: string): Promise<MjmlResult> => shared.compile(mjml)

/** `program` gets `{ mjml }` over IPC and answers each with a MjmlResult, in order. */
export function mjmlCompiler(
  options: { program?: URL; timeoutMs?: number; idleMs?: number } = {},
): MjmlCompiler {
  const { program = childProgram, timeoutMs = 30_000, idleMs = 5000 } = options
  let child: CompilerChild | undefined
  let idle: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function compileNow(mjml: string): Promise<MjmlResult> {
    clearTimeout(idle)
    if (child?.hasEnded() ?? true) child = startChild(program)
    const result = await child!.ask(mjml, timeoutMs)
    idle = setTimeout(() => child?.end(), idleMs).unref()
    return result
  }

  return {
    compile(mjml) {
      const result = last.then(() => compileNow(mjml))
      // a failure is of the mail that met it, not of those behind it
      last = result.catch(() => {})
      return result
    },
  }
}

const childProgram = new URL('mjml-child.ts', import.meta.url)
const shared = mjmlCompiler()

interface CompilerChild {
  /** One at a time. */
  ask(mjml: string, timeoutMs: number): Promise<MjmlResult>
  hasEnded(): boolean
  end(): void
}

function startChild(program: URL): CompilerChild {
  const path = fileURLToPath(program)
  const child = fork(path, {
    // ours may be those of a test runner or a debugger
    execArgv: [],
    // mjml reads a .mjmlconfig from its working directory: it must not depend on where we were started
    cwd: dirname(path),
    // no secrets for a parser of staff text; Windows starts nothing without SystemRoot
    env: { SystemRoot: process.env['SystemRoot'] },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let ended = false
  child.on('error', () => (ended = true)).on('exit', () => (ended = true))
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-maxStderrLength)
  })

  return {
    async ask(mjml, timeoutMs) {
      said = ''
      const answer = Promise.withResolvers<MjmlResult>()
      const answered = (result: unknown): void => answer.resolve(result as MjmlResult)
      const failed = (cause: Error): void =>
        answer.reject(childFailure(`cannot be run: ${cause.message}`, said, cause))
      const closed = (code: number | null, signal: string | null): void =>
        answer.reject(childFailure(timedOut ?? `ended with ${signal ?? `exit code ${code}`}`, said))
      let timedOut: string | undefined
      const timer = setTimeout(() => {
        timedOut = `was killed: it did not finish within ${timeoutMs} ms`
        child.kill('SIGKILL')
      }, timeoutMs)
      // not `exit`: what it said on stderr arrives until here
      child.on('message', answered).on('error', failed).on('close', closed)
      keepAlive(child, true)
      // a child that ends before it has read everything says so by its exit code
      child.send({ mjml }, () => {})
      try {
        return await answer.promise
      } finally {
        clearTimeout(timer)
        child.off('message', answered).off('error', failed).off('close', closed)
        keepAlive(child, false)
      }
    },
    hasEnded: () => ended,
    end() {
      ended = true
      child.kill('SIGKILL')
    },
  }
}

const maxStderrLength = 10_000

/** Our process waits for the child only while it owes an answer. When we end it does too, its channel being gone. */
function keepAlive(child: ChildProcess, wanted: boolean): void {
  // what a pipe is, its type does not say
  const stderr = child.stderr as Socket | null
  for (const handle of [child, child.channel, stderr]) {
    if (wanted) handle?.ref()
    else handle?.unref()
  }
}

function childFailure(how: string, said: string, cause?: Error): Error {
  return new Error(`The MJML compiler ${how}${said.trim() === '' ? '' : `\n${said.trim()}`}`, {
    cause,
  })
}
