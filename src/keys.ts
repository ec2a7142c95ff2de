/**
 * Keys made from SECRET_KEY, one per use, and what they sign: tokens of links in mails, and the hash under which an
 * erased person is still known not to be mailed. Older keys verify for as long as they stay in SECRET_KEY_PREVIOUS.
 */
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { Config } from './config.ts'

/** The current key first. */
export type Keys = readonly [Key, ...Key[]]

interface Key {
  /** Says which key made a hash: 8 hex digits, derived, of no use to find the key. */
  id: string
  tokens: KeyObject
  addresses: KeyObject
}

export function keysOf(config: Pick<Config, 'secretKey' | 'previousSecretKeys'>): Keys {
  return [derived(config.secretKey), ...config.previousSecretKeys.map(derived)]
}

function derived(secret: string): Key {
  const of = (use: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `pregonero ${use}`, bytes))
  return {
    id: of('key id', 4).toString('hex'),
    // ready made: a message needs one, and a key made of bytes costs four times the hash
    tokens: createSecretKey(of('tokens', 32)),
    addresses: createSecretKey(of('addresses', 32)),
  }
}

/** HMAC-SHA-256 of a normal address (src/mail.ts), under every key: the first is the current one's. */
export function addressHashes(keys: Keys, address: string): Buffer[] {
  return keys.map((key) => createHmac('sha256', key.addresses).update(address).digest())
}

/**
 * What a link may do, with the numbers that it carries. None carries an address, a name or a list.
 * `leave`: contact, edition. `confirm`: subscription request. `manage`: contact, end of validity (Unix seconds).
 * `password`: staff user, end of validity, stamp of the password that it replaces (src/people/password-links.ts).
 * `attempt`, of a cookie: end of validity, two random numbers (src/people/oidc.ts).
 */
const purposes = {
  leave: [1, 2],
  confirm: [2, 1],
  manage: [3, 2],
  password: [4, 3],
  attempt: [5, 3],
} as const
export type TokenPurpose = keyof typeof purposes

const numberBytes = 6
const macBytes = 16

/** `numbers`: whole, below 2^48. Base64url, 47 characters or fewer. */
export function signToken([key]: Keys, purpose: TokenPurpose, numbers: number[]): string {
  const [code, count] = purposes[purpose]
  if (numbers.length !== count) throw new Error(`A ${purpose} token carries ${count} numbers`)
  const payload = Buffer.alloc(1 + count * numberBytes)
  payload.writeUInt8(code)
  numbers.forEach((number, i) => payload.writeUIntBE(number, 1 + i * numberBytes, numberBytes))
  return Buffer.concat([payload, macOf(key, payload)]).toString('base64url')
}

/** The numbers of a token that one of the keys signed for this purpose; undefined for anything else. */
export function readToken(keys: Keys, purpose: TokenPurpose, token: string): number[] | undefined {
  const [code, count] = purposes[purpose]
  const bytes = Buffer.from(token, 'base64url')
  const payloadBytes = 1 + count * numberBytes
  // base64 has several spellings of the same bytes: only ours is a token
  if (bytes.length !== payloadBytes + macBytes || bytes.toString('base64url') !== token)
    return undefined
  const payload = bytes.subarray(0, payloadBytes)
  const mac = bytes.subarray(payloadBytes)
  if (payload[0] !== code || !keys.some((key) => timingSafeEqual(macOf(key, payload), mac)))
    return undefined
  return Array.from({ length: count }, (_, i) =>
    payload.readUIntBE(1 + i * numberBytes, numberBytes),
  )
}

const macOf = (key: Key, payload: Buffer): Buffer =>
  createHmac('sha256', key.tokens).update(payload).digest().subarray(0, macBytes)
