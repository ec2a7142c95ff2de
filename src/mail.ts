/** Mail addresses and messages as plain values. */

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
 * The normal form of one address: trimmed, domain in lower case, local part as written but in lower case too
 * (no relay in use distinguishes case; a person typed twice must be mailed once). Returns a reason when it is
 * not one plain address: dot-atom local part (RFC 5322 §3.2.3, UTF-8 allowed by RFC 6531), host with a dot.
 */
export function normalizeAddress(text: string): { address: string } | { reason: string } {
  const trimmed = text.trim().normalize('NFC')
  if (/[\r\n]/.test(text)) return { reason: 'contiene un salto de línea' }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(trimmed)) {
    return { reason: 'contiene caracteres de control o invisibles' }
  }
  const at = trimmed.lastIndexOf('@')
  if (at < 1 || trimmed.indexOf('@') !== at) return { reason: 'no tiene la forma nombre@dominio' }
  const local = trimmed.slice(0, at).toLowerCase()
  const domain = trimmed.slice(at + 1).toLowerCase()
  if (
    !/^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(
      local,
    )
  ) {
    return { reason: 'la parte anterior a la arroba no es válida' }
  }
  if (
    !/^([\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+\p{L}[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}]$/u.test(
      domain,
    )
  ) {
    return { reason: 'el dominio no es válido' }
  }
  const address = `${local}@${domain}`
  if (
    Buffer.byteLength(local) > maxLocalPartBytes ||
    Buffer.byteLength(address) > maxAddressBytes
  ) {
    return { reason: 'es demasiado larga' }
  }
  return { address }
}

/** Reads `Nombre <a@b>` or `a@b`; undefined unless it is exactly one valid mailbox. */
export function parseMailbox(text: string): Mailbox | undefined {
  const match = /^(?:"?([^"<>\r\n]*?)"?\s*<([^<>]+)>|([^<>,;]+))$/.exec(text.trim())
  if (!match) return undefined
  const normal = normalizeAddress(match[2] ?? match[3] ?? '')
  return 'address' in normal ? { name: match[1] ?? '', address: normal.address } : undefined
}

/** `an…@example.org`: enough to recognise a line of one's own list, not enough to mail it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  if (at < 0) return '…'
  return `${address.slice(0, Math.min(2, at))}…${address.slice(at)}`
}
