/** Mail addresses and messages as plain values. */
import { domainToASCII, domainToUnicode } from 'node:url'
// the ES build of validator does not load in Node; of its CommonJS the function is `default`
import isEmail from 'validator/lib/isEmail.js'

export interface Mailbox {
  name: string
  address: string
}

/** A file that travels with a message. `filename`: safe characters only. */
export interface Attachment {
  filename: string
  contentType: string
  content: string | Buffer
  /** Of an image that the HTML shows as `cid:…` (RFC 2392). */
  contentId?: string
}

/** RFC 5321 §4.5.3.1: 64 octets of local part; 254 in all fit a forward-path of 256 with its brackets. */
const maxLocalPartBytes = 64
const maxAddressBytes = 254

/**
 * The normal form of one address, under which a person typed in two ways is mailed once:
 *
 *   - trimmed, composed (NFC) and whole in lower case. RFC 5321 lets a local part be case-sensitive; no relay in use is
 *   - an international domain as its A-label (RFC 5890): `ñandú.mx` and `xn--and-6ma2c.mx` are one
 *   - an international local part as it is written (RFC 6531); it can only be sent by a relay with SMTPUTF8
 *   - `+tag` and dots are kept: whether they mean anything is the domain's affair
 *
 * A reason (es) when it is not one plain address. RFC 5322 also allows quotes and comments: nobody has such an address,
 * and what is written so is a name that slipped in.
 */
export function normalizeAddress(text: string): { address: string } | { reason: string } {
  if (/[\r\n]/.test(text)) return { reason: 'contiene un salto de línea' }
  const trimmed = text.trim()
  if (/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(trimmed))
    return { reason: 'contiene caracteres de control o invisibles' }
  const oddity = oddities.find(({ sign }) => sign.test(trimmed))
  if (oddity) return { reason: oddity.reason }
  const at = trimmed.indexOf('@')
  if (at !== trimmed.lastIndexOf('@')) return { reason: 'contiene más de una arroba' }
  if (at < 1 || at === trimmed.length - 1) return { reason: 'no tiene la forma nombre@dominio' }

  const local = trimmed.slice(0, at).normalize('NFC').toLowerCase().normalize('NFC')
  const localReason = localPartReason(local)
  if (localReason !== undefined) return { reason: localReason }
  const domain = asciiDomain(trimmed.slice(at + 1))
  if ('reason' in domain) return domain
  const address = `${local}@${domain.ascii}`
  const bytes = Buffer.byteLength(address)
  if (bytes > maxAddressBytes)
    return { reason: `es demasiado larga: ocupa ${bytes} octetos y caben ${maxAddressBytes}` }
  // the local part was looked at: what is left is the domain
  if (!isEmail.default(address)) return invalidDomain
  return { address }
}

/** In the order in which they are told: what was meant is told before its consequences. */
const oddities = [
  { sign: /[<>]/, reason: 'contiene < o >: escriba solo la dirección' },
  { sign: /["“”«»]/, reason: 'contiene comillas' },
  { sign: /[()]/, reason: 'contiene un comentario entre paréntesis' },
  { sign: /\s/, reason: 'contiene espacios' },
]

function localPartReason(local: string): string | undefined {
  const bytes = Buffer.byteLength(local)
  if (bytes > maxLocalPartBytes)
    return `la parte anterior a la arroba es demasiado larga: ocupa ${bytes} octetos y caben ${maxLocalPartBytes}`
  // RFC 5322 §3.2.3 atext, with the letters of any alphabet in use (RFC 6531 §3.3)
  const [odd] = /[^\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]|[\u{10000}-\u{10ffff}]/u.exec(local) ?? []
  if (odd !== undefined)
    return `la parte anterior a la arroba contiene «${odd}», que no cabe en una dirección`
  if (/^\.|\.\.|\.$/.test(local))
    return 'la parte anterior a la arroba empieza o termina con punto, o tiene dos seguidos'
  // RFC 8265 §3.1 refuses compatibility characters: they look like others
  const disguised = Array.from(local).find((character) => character.normalize('NFKC') !== character)
  if (disguised !== undefined)
    return `contiene «${disguised}» (${codeOf(disguised)}), que se confunde con «${disguised.normalize('NFKC')}»`
  return mixedAlphabets(local)
}

function asciiDomain(text: string): { ascii: string } | { reason: string } {
  // beyond letters, domainToASCII would read a path, a port or an escape
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(text)) return invalidDomain
  const known = asciiDomains.get(text)
  if (known) return known
  const ascii = domainToASCII(text)
  const shown = domainToUnicode(ascii)
  const isReadable = /^[\p{L}\p{M}\p{N}.-]+$/u.test(shown) && !/(^|\.)xn--/.test(shown)
  const mixed = shown.split('.').map(mixedAlphabets).find(Boolean)
  const result = mixed ? { reason: mixed } : isReadable ? { ascii } : invalidDomain
  if (asciiDomains.size >= maxRememberedDomains) asciiDomains.clear()
  asciiDomains.set(text, result)
  return result
}

const invalidDomain = { reason: 'el dominio no es válido' }
// the addresses of a large file are of few domains
const asciiDomains = new Map<string, { ascii: string } | { reason: string }>()
const maxRememberedDomains = 10_000

/** Alphabets whose letters look like those of another one (UTS 39 §5.1). */
const alphabets = [
  { name: 'latina', letter: /\p{Script=Latin}/u },
  { name: 'cirílica', letter: /\p{Script=Cyrillic}/u },
  { name: 'griega', letter: /\p{Script=Greek}/u },
  { name: 'armenia', letter: /\p{Script=Armenian}/u },
  { name: 'cheroqui', letter: /\p{Script=Cherokee}/u },
]

/** Why a word that mixes them is refused: its letter of the other alphabet was put there, or typed, by mistake. */
function mixedAlphabets(word: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- ASCII, nearly always
  if (/^[\0-\x7f]*$/.test(word)) return undefined
  const found = alphabets.filter(({ letter }) => letter.test(word))
  const strange = found.at(-1)
  if (found.length < 2 || !strange) return undefined
  const [letter] = strange.letter.exec(word)!
  return `mezcla alfabetos: «${letter}» es una letra ${strange.name} (${codeOf(letter)})`
}

const codeOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** An address as people read it: `ana@ñandú.mx`, which is kept as `ana@xn--and-6ma2c.mx`. */
export function displayAddress(address: string): string {
  const at = address.lastIndexOf('@') + 1
  return address.slice(0, at) + (domainToUnicode(address.slice(at)) || address.slice(at))
}

/** Whether only a relay with SMTPUTF8 (RFC 6531) can take it. */
export const needsSmtpUtf8 = (address: string): boolean => /[^\p{ASCII}]/u.test(address)

/** Reads `Nombre <a@b>` or `a@b`; undefined unless it is exactly one valid mailbox. */
export function parseMailbox(text: string): Mailbox | undefined {
  const match = /^(?:"?([^"<>\r\n]*?)"?\s*<([^<>]+)>|([^<>,;]+))$/.exec(text.trim())
  if (!match) return undefined
  const normal = normalizeAddress(match[2] ?? match[3] ?? '')
  return 'address' in normal ? { name: match[1] ?? '', address: normal.address } : undefined
}

/**
 * Replaces each word of a text that holds an address, also as a URL writes it. A word ends where no address goes on; each
 * is looked at once, so that the time grows as the text does, whoever wrote it.
 */
export function replaceAddresses(text: string, replacement: (word: string) => string): string {
  return text.replace(/[^\s<>()[\]:;,"\\]+/g, (word) =>
    /.(?:@|%40)./.test(word) ? replacement(word) : word,
  )
}

/** `an…@example.org`: enough to recognise a line of one's own list, not enough to mail it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  if (at < 0) return '…'
  return `${address.slice(0, Math.min(2, at))}…${address.slice(at)}`
}

/**
 * Text of others, as an SMTP answer, without the addresses that it quotes, so that it can be kept for ever.
 * `recipient`: an answer may also call it by its local part alone.
 */
export function redactAddresses(text: string, recipient?: string): string {
  const withoutAddresses = replaceAddresses(text, () => '…')
  const local = recipient?.slice(0, recipient.lastIndexOf('@')) ?? ''
  // a shorter one, or one like a code of SMTP, would take out words that are nobody's
  if (local.length < 3 || /^\d{3}$/.test(local)) return withoutAddresses
  // most answers do not name it, and the expression costs as much as sending the message
  if (isAscii(text + local) && !text.toLowerCase().includes(local.toLowerCase()))
    return withoutAddresses
  const word = new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(local)}(?![\\p{L}\\p{N}])`, 'giu')
  return withoutAddresses.replaceAll(word, '…')
}

// outside ASCII, case is more than one letter for another
const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text)
