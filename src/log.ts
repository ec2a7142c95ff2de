/** Structured logs (pino, JSON on stderr). Addresses are masked wherever they appear; secrets never enter. */
import { pino, type Logger } from 'pino'
import { maskAddress, replaceAddresses } from './mail.ts'

export type Log = Logger

export function createLog(options: { level: string; name?: string }): Log {
  return pino(
    {
      level: options.level,
      base: options.name ? { process: options.name, pid: process.pid } : { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      hooks: { streamWrite: maskAddresses },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** What a person needs of an error. Not its other properties: drivers hang their connection there, secrets and all. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  return { name, message, code, stack, ...(cause !== undefined && { cause: describeError(cause) }) }
}

/** The whole line is masked on its way out: an SMTP answer or an error message may quote an address. */
export function maskAddresses(line: string): string {
  return replaceAddresses(line, maskAddress)
}
