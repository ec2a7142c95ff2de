import { expect, test } from 'vitest'
import { addressHashes, keysOf, readToken, signToken, type Keys } from '../src/keys.ts'

const secret = (letter: string): string => letter.repeat(40)
const keysWith = (current: string, ...previous: string[]): Keys =>
  keysOf({ secretKey: current, previousSecretKeys: previous })

test('a token gives back its numbers, up to the largest that a database of ours can hold', () => {
  const keys = keysWith(secret('a'))
  for (const numbers of [
    [0, 1],
    [67, 12],
    [2 ** 48 - 1, 2 ** 32],
  ])
    expect(readToken(keys, 'leave', signToken(keys, 'leave', numbers))).toEqual(numbers)
})

test('no change of a single character of a token is taken', () => {
  const keys = keysWith(secret('a'))
  const token = signToken(keys, 'leave', [67, 12])
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let i = 0; i < token.length; i++) {
    for (const letter of alphabet) {
      const altered = token.slice(0, i) + letter + token.slice(i + 1)
      if (altered !== token) expect(readToken(keys, 'leave', altered), altered).toBeUndefined()
    }
  }
})

test.each(['', 'x', 'AQ', '../../etc/passwd', 'A'.repeat(5_000), 'a b', '=', 'ñ'])(
  'what is no token is told from one: %j',
  (text) => {
    expect(readToken(keysWith(secret('a')), 'leave', text)).toBeUndefined()
  },
)

test('another spelling of the same bytes is no token', () => {
  const keys = keysWith(secret('a'))
  const token = signToken(keys, 'confirm', [5])
  for (const other of [`${token}=`, ` ${token}`, `${token}\n`, token.replaceAll('-', '+')])
    if (other !== token) expect(readToken(keys, 'confirm', other)).toBeUndefined()
})

test('a token of one purpose opens no other', () => {
  const keys = keysWith(secret('a'))
  const leave = signToken(keys, 'leave', [67, 12])
  expect(readToken(keys, 'manage', leave)).toBeUndefined()
  expect(readToken(keys, 'confirm', leave)).toBeUndefined()
})

test('a token outlives the rotation of its key for as long as the old key is kept, and not longer', () => {
  const token = signToken(keysWith(secret('a')), 'leave', [67, 12])
  expect(readToken(keysWith(secret('b'), secret('a')), 'leave', token)).toEqual([67, 12])
  expect(readToken(keysWith(secret('c'), secret('b'), secret('a')), 'leave', token)).toEqual([
    67, 12,
  ])
  expect(readToken(keysWith(secret('b')), 'leave', token)).toBeUndefined()
})

test('an address is found again under the key of its day', () => {
  const [then] = addressHashes(keysWith(secret('a')), 'ana@example.org')
  const now = addressHashes(keysWith(secret('b'), secret('a')), 'ana@example.org')
  expect(now).toHaveLength(2)
  expect(now[1]).toEqual(then)
  expect(now[0]).not.toEqual(then)
  expect(keysWith(secret('b'), secret('a'))[1]!.id).toBe(keysWith(secret('a'))[0].id)
})
