/** Structured logs (pino, JSON on stderr). Addresses are masked wherever they appear; secrets never enter. */
import { pino, type Logger } from 'pino'
import { maskAddress, replaceAddresses } from './mail.ts'

export type Log = Logger

export function createLog(options: { level: string; name?: string }): Log {
  return pino(
    {
      level: options.level,
      base: options.name ? { process: options.name, pid: process.pid } : { pid: process.pid },
      formatters: { level: (label) => ({ level: label }), log: (fields) => describeErrors(fields) },
      timestamp: pino.stdTimeFunctions.isoTime,
      // described already
      serializers: { err: (described: unknown) => described },
      hooks: { streamWrite: maskAddresses },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** Wherever an error stands in what is logged; of other values pino knows how to write them. */
function describeErrors(fields: Record<string, unknown>, depth = 1): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error
        ? describeError(value)
        : isPlain(value) && depth < maxDepth
          ? describeErrors(value, depth + 1)
          : Array.isArray(value)
            ? value.map((one: unknown) => (one instanceof Error ? describeError(one) : one))
            : value,
    ]),
  )
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** A cause may lead back to its error. */
const maxDepth = 5

/** What a person needs of an error. Not its other properties: drivers hang their connection there, secrets and all. */
function describeError(error: unknown, depth = 1): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  const goesOn = depth < maxDepth
  return {
    name,
    message,
    code,
    stack,
    ...(cause !== undefined && goesOn && { cause: describeError(cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      goesOn && { errors: error.errors.map((one) => describeError(one, depth + 1)) }),
  }
}

/** The whole line is masked on its way out: an SMTP answer or an error message may quote an address. */
export function maskAddresses(line: string): string {
  return replaceAddresses(line, maskAddress)
}
