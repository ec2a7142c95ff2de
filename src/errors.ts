/**
 * What we say when something is wrong: where, which value, what to do.
 * Faults are data (returned, gathered, shown together); a thrown Problem is for the edge that prints it.
 */
export interface Fault {
  /** File, key, row or path: `content.yaml secciones[0].notas[1].titulo`. */
  place: string
  /** What is wrong, without the place. */
  message: string
  /** The offending value as shown to a person; secrets come already masked. */
  value?: string
  /** What to do about it. */
  remedy: string
}

/** Exit codes of the CLI. Documented in `pregonero --help`. */
export const exitCodes = {
  ok: 0,
  bug: 1,
  usage: 2,
  invalid: 3,
  refused: 4,
  notFound: 5,
  unavailable: 6,
  config: 7,
} as const

export type ProblemKind = Exclude<keyof typeof exitCodes, 'ok' | 'bug'>

/** An expected failure, told to a person in full. Everything else that is thrown is an outage or a bug. */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly faults: Fault[]

  constructor(kind: ProblemKind, faults: Fault | Fault[], options?: { cause?: unknown }) {
    const list = Array.isArray(faults) ? faults : [faults]
    super(list.map(formatFault).join('\n'), options)
    this.name = 'Problem'
    this.kind = kind
    this.faults = list
  }
}

export function formatFault(fault: Fault): string {
  const value = fault.value === undefined ? '' : ` (${fault.value})`
  return `${fault.place}: ${fault.message}${value}. ${fault.remedy}`
}

/** A value cut to a length that fits one line of a message, with control characters made visible. */
export function shown(value: unknown, maxLength = 80): string {
  const text = (JSON.stringify(value) ?? 'nothing').replace(unseen, codeOf)
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text
}

// controls that JSON leaves alone, and format characters: zero width, direction, byte order mark
const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]/gu
const codeOf = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('')

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // pg and net wrap several refused addresses in one AggregateError with an empty message
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(messageOf).join('; ')
  return error.message
}

/** The closest of `known` to `word`, for «did you mean»; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: { candidate: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (!best || distance < best.distance) best = { candidate, distance }
  }
  return best && best.distance <= Math.max(2, Math.floor(word.length / 3))
    ? best.candidate
    : undefined
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution))
    }
    previous = current
  }
  return previous[b.length]!
}
