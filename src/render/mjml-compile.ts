/** MJML to HTML, in a child process that ends with the compilation. */
import { execFile, type ExecFileException } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `line` is of the MJML given, after its templates were filled. */
export interface MjmlError {
  line: number
  tagName: string
  message: string
}
export type MjmlResult = { ok: true; html: string } | { ok: false; errors: MjmlError[] }

const childProgram = new URL('mjml-child.ts', import.meta.url)
const maxOutputBytes = 16 * 1024 * 1024

/** Returns what strict validation refuses; throws when the child crashes, or is killed after `timeoutMs`. */
export async function compileMjml(
  mjml: string,
  options: { timeoutMs?: number; program?: URL } = {},
): Promise<MjmlResult> {
  const { timeoutMs = 30_000, program = childProgram } = options
  const path = fileURLToPath(program)
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [path],
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: maxOutputBytes,
        // mjml reads a .mjmlconfig from its working directory: it must not depend on where we were started
        cwd: dirname(path),
        // no secrets for a parser of staff text; Windows starts nothing without SystemRoot
        env: { SystemRoot: process.env['SystemRoot'] },
      },
      (error, stdout, stderr) => {
        if (error) reject(childFailure(error, stderr, timeoutMs))
        else resolve(stdout)
      },
    )
    // a child that ends before it has read everything says so by its exit code
    child.stdin?.on('error', () => {})
    child.stdin?.end(JSON.stringify({ mjml }))
  })
  return JSON.parse(output) as MjmlResult
}

function childFailure(error: ExecFileException, stderr: string, timeoutMs: number): Error {
  // too much output also kills, with a code
  const how =
    error.killed && typeof error.code !== 'string'
      ? `was killed: it did not finish within ${timeoutMs} ms`
      : `ended with ${error.signal ?? `exit code ${error.code}`}`
  return new Error(`The MJML compiler ${how}${stderr.trim() === '' ? '' : `\n${stderr.trim()}`}`, {
    cause: error,
  })
}
