/**
 * The counted slots of a sentence of the report. What is counted is written in braces:
 *   {renglones}              rows of the table that the sentence introduces
 *   {temas}                  different topics of its rows
 *   {renglones:IV.3.a.i}     rows of that table, for sentences elsewhere
 *   {temas:IV.4.a.ii}
 *   {planeadas:boletin-electoral}   editions of the coming quarter, from cadence and rest days
 *   {cifra:folios-sivople}   a figure that no table has, entered by hand for the quarter
 *   {trimestre}              «primer», {meses} «enero a marzo», {anio}, {ordinal} «segundo», {comision}
 * A count may end in `|letra`, as before a masculine noun («seis», «veintiún»), or in `|letra-femenina` («una»).
 */
import { toCardinal } from 'n2words/es-MX'
import { nearest, shown, type Fault } from '../errors.ts'

export interface Slot {
  kind: string
  /** A table, a publication or the key of a figure. */
  of: string | undefined
  style: string | undefined
}

export const countedKinds = ['renglones', 'temas', 'planeadas', 'cifra'] as const
const namedKinds = ['trimestre', 'meses', 'anio', 'ordinal', 'comision'] as const
const styles = ['letra', 'letra-femenina'] as const

const pattern = /\{([^{}|:]*)(?::([^{}|]*))?(?:\|([^{}]*))?\}/g

export function slotsOf(sentence: string): Slot[] {
  return [...sentence.matchAll(pattern)].map(([, kind = '', of, style]) => ({ kind, of, style }))
}

/** What is wrong with the slots of a sentence. `own`: the table that it introduces. */
export function slotFaults(
  sentence: string,
  { place, ids, own }: { place: string; ids: string[]; own?: string },
): Fault[] {
  const faults = slotsOf(sentence).flatMap(({ kind, of, style }) => {
    const slot = shown(
      `{${kind}${of === undefined ? '' : `:${of}`}${style === undefined ? '' : `|${style}`}}`,
    )
    const fault = (message: string, remedy: string): Fault[] => [
      { place, message, value: slot, remedy },
    ]
    const isCounted = (countedKinds as readonly string[]).includes(kind)
    if (!isCounted && !(namedKinds as readonly string[]).includes(kind)) {
      const known = [...countedKinds, ...namedKinds]
      const guess = nearest(kind, known)
      return fault(
        'has a slot that nothing counts',
        guess ? `Did you mean {${guess}}?` : `Known: ${known.join(', ')}`,
      )
    }
    if (style !== undefined && !(isCounted && (styles as readonly string[]).includes(style)))
      return fault('has a slot of an unknown style', `Known: ${styles.join(', ')}`)
    if (kind === 'renglones' || kind === 'temas') {
      if (of === undefined && own === undefined)
        return fault('counts no table', `Name one: {${kind}:${ids[0] ?? 'IV.3.a.i'}}`)
      if (of !== undefined && !ids.includes(of))
        return fault('counts a table that is not there', `Known: ${ids.join(', ')}`)
    }
    if ((kind === 'planeadas' || kind === 'cifra') && (of === undefined || of === ''))
      return fault('does not say of what', `Write {${kind}:…}`)
    if (kind === 'cifra' && !figureKey.test(of!))
      return fault('names a figure that cannot be entered', 'Use lower-case letters and hyphens')
    return []
  })
  const stray = /.{0,20}[{}].{0,20}/.exec(sentence.replace(pattern, ''))
  if (stray) {
    const remedy = 'A slot is written {renglones}'
    faults.push({ place, message: 'has a brace without its pair', value: shown(stray[0]), remedy })
  }
  return faults
}

/** What the table of figures takes: see the migration of report_figure. */
const figureKey = /^[a-z0-9-]{3,60}$/

/** The sentence with its slots filled. `valueOf`: a number is written in the slot's style; a missing one as «___». */
export function fillSlots(
  sentence: string,
  valueOf: (slot: Slot) => number | string | undefined,
): string {
  return sentence.replace(
    pattern,
    (_, kind: string, of: string | undefined, style: string | undefined) => {
      const value = valueOf({ kind, of, style })
      if (value === undefined) return '___'
      if (typeof value === 'string' || style === undefined) return String(value)
      return inWords(value, style === 'letra-femenina')
    },
  )
}

/** n2words 4.0.0 writes «dieciseis», «cienta una», «veintiuno mil»; and «uno», «veintiuno» before a noun. */
function inWords(count: number, isFeminine: boolean): string {
  return toCardinal(count, { gender: isFeminine ? 'feminine' : 'masculine' })
    .replace(/dieciseis/g, 'dieciséis')
    .replace(/\bcienta\b/g, 'ciento')
    .replace(/veintiuno(?= mil|$)/g, 'veintiún')
    .replace(/uno(?= mil|$)/g, 'un')
}
