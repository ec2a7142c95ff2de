/** What was written with an act, as lines to be read: whatever its shape, without addresses. */
import { inMexicoCity } from '../../../clock.ts'
import { redactAddresses } from '../../../mail.ts'
import {
  deliveryStateNames,
  editionStateNames,
  type DeliveryState,
  type EditionState,
} from '../../../states.ts'
import { keyNames, originNames, resolutionNames } from './audit-words.ts'

const maxLines = 40
const maxValue = 300
const maxDepth = 6

/** «nombre: antes Ana, después Ana Ruiz», «motivo: se pospuso» */
export function detailLines(detail: unknown): string[] {
  if (!isRecord(detail)) return cut(linesOf(detail, []))
  const { before, after, ...rest } = detail
  const changes = isRecord(before) && isRecord(after) ? changeLines(before, after) : undefined
  if (changes) return cut([...changes, ...linesOf(rest, [])])
  // what is new has no before to be told from
  return cut(
    before === undefined && isRecord(after)
      ? linesOf({ ...after, ...rest }, [])
      : linesOf(detail, []),
  )
}

/** Only what is not the same. */
function changeLines(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const was = new Map(pairsOf(before, []))
  const is = new Map(pairsOf(after, []))
  const names = new Set([...was.keys(), ...is.keys()])
  return [...names].flatMap((name) => {
    const [old, now] = [was.get(name) ?? '—', is.get(name) ?? '—']
    return old === now ? [] : [`${name}: antes ${shownText(old)}; después ${shownText(now)}`]
  })
}

const linesOf = (value: unknown, path: string[]): string[] =>
  pairsOf(value, path).map(([name, text]) =>
    name === '' ? shownText(text) : `${name}: ${shownText(text)}`,
  )

function pairsOf(value: unknown, path: string[]): [name: string, text: string][] {
  const name = redactAddresses(path.join(' · '))
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return value.length === 0
      ? []
      : [[name, value.map((one) => scalar(one, path.at(-1))).join(', ')]]
  if (typeof value !== 'object' || value === null) return [[name, scalar(value, path.at(-1))]]
  if (path.length >= maxDepth) return [[name, '…']]
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((one, i) => [String(i + 1), one])
    : Object.entries(value)
  return entries.flatMap(([key, one]) => pairsOf(one, [...path, keyNames[key] ?? key]))
}

/** Where the state of an edition may stand. */
const stateKeys: (string | undefined)[] = ['was', 'state', 'from', 'to'].map((key) => keyNames[key])

function scalar(value: unknown, key?: string): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return value ? 'sí' : 'no'
  if (typeof value === 'number') return value.toLocaleString('es-MX', { useGrouping: false })
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // the first digits of a hash name it, as everywhere in the panel
  if (/^[0-9a-f]{64}$/.test(text)) return text.slice(0, 8)
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text))
    return inMexicoCity(new Date(text)).toFormat("dd/MM/yyyy, HH:mm 'horas'")
  if (key === keyNames['origin']) return originNames[text] ?? text
  if (key === keyNames['as']) return resolutionNames[text] ?? text
  if (stateKeys.includes(key) && Object.hasOwn(editionStateNames, text))
    return editionStateNames[text as EditionState]
  if (key === keyNames['states'] && Object.hasOwn(deliveryStateNames, text))
    return deliveryStateNames[text as DeliveryState]
  return text
}

/** Addresses that a reason or the name of a file may quote are nobody's to read here. */
function shownText(text: string): string {
  const plain = redactAddresses(text)
  return plain.length > maxValue ? `${plain.slice(0, maxValue)}…` : plain
}

const cut = (lines: string[]): string[] =>
  lines.length <= maxLines
    ? lines
    : [...lines.slice(0, maxLines), `y ${lines.length - maxLines} datos más`]

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
