/** Passwords of staff: argon2id as PHC strings (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`), parameters of OWASP (2025). */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Fault } from '../errors.ts'

const derive = promisify(argon2)

const memoryKib = 19_456
const passes = 2
const parallelism = 1
const hashBytes = 32
const minLength = 12
/** Longer ones are refused, not cut: hashing a megabyte is work for whoever attacks. */
const maxLength = 256

/** undefined: it may be one. */
export function passwordFault(
  password: string,
  { login, name }: { login: string; name: string },
): Fault | undefined {
  const fault = (message: string, remedy: string): Fault => ({
    place: 'contraseña',
    message,
    remedy,
  })
  const { length } = password
  if (length < minLength)
    return fault(
      `tiene ${length} caracteres`,
      `Use ${minLength} o más: una frase es fácil de recordar`,
    )
  if (length > maxLength) return fault(`tiene ${length} caracteres`, `Use ${maxLength} o menos`)
  const plain = password.toLowerCase()
  const own = [login, ...name.split(/\s+/)]
    .map((word) => word.toLowerCase())
    .filter((word) => word.length > 3)
  if (new Set(plain).size < 5 || own.some((word) => plain.replace(word, '').length < minLength - 4))
    return fault('se adivina con facilidad', 'No use su nombre ni un mismo carácter repetido')
  return undefined
}

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const hash = await hashOf(password, {
    nonce,
    memory: memoryKib,
    passes,
    parallelism,
    tagLength: hashBytes,
  })
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(hash)}`
}

/** `stored` undefined: nobody has that password, found out in the same time. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  if (password.length > maxLength) return false
  const [, memory, time, lanes, salt, hash] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored ?? nobodys) ??
    []
  if (salt === undefined || hash === undefined) throw new Error('Not an argon2id hash')
  const expected = Buffer.from(hash, 'base64')
  const found = await hashOf(password, {
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(time),
    parallelism: Number(lanes),
    tagLength: expected.length,
  })
  return timingSafeEqual(found, expected) && stored !== undefined
}

const nobodys = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

async function hashOf(
  password: string,
  parameters: {
    nonce: Buffer
    memory: number
    passes: number
    parallelism: number
    tagLength: number
  },
): Promise<Buffer> {
  // NFC: the same letters from two keyboards are the same password
  return derive('argon2id', { message: Buffer.from(password.normalize('NFC')), ...parameters })
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
