import { expect, test } from 'vitest'
import { decodeChunks, decodeText, encodingDetector } from '../src/text-encoding.ts'

const text = 'correo;nombre\r\nana@iecm.mx;Nuño Peña «Ñ» €\r\n'

const utf16be = (written: string): Buffer => Buffer.from(written, 'utf16le').swap16()
const windows1252 = Buffer.concat([
  Buffer.from('correo;nombre\r\nana@iecm.mx;Nuño Peña «Ñ» ', 'latin1'),
  Buffer.from([0x80]),
  Buffer.from('\r\n'),
])

const encoded: [string, Buffer][] = [
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16BE with a mark', utf16be(`\ufeff${text}`)],
  ['UTF-16LE without one', Buffer.from(text, 'utf16le')],
  ['UTF-16BE without one', utf16be(text)],
  ['Windows-1252, as Excel saves it', windows1252],
]

test.each(encoded)('%s is read as it was written, without its mark', (_what, bytes) => {
  expect(decodeText(bytes)).toBe(text)
})

test.each(encoded)('%s is read the same a byte at a time', async (_what, bytes) => {
  const detector = encodingDetector()
  for (const byte of bytes) detector.read(Uint8Array.of(byte))
  async function* pieces() {
    for (const byte of bytes) yield Uint8Array.of(byte)
  }
  let read = ''
  for await (const piece of decodeChunks(pieces(), detector.encoding())) read += piece
  expect(read).toBe(text)
})

test('one byte out of place, however late, makes it Windows-1252', () => {
  const late = Buffer.concat([Buffer.from('a'.repeat(1_000_000)), Buffer.from([0xf1])])
  expect(decodeText(late).at(-1)).toBe('ñ')
})

test('a character that is cut at the end of the file is not UTF-8', () => {
  expect(decodeText(Buffer.from([0x61, 0xc3]))).toBe('aÃ')
})

test('a NUL here and there does not make it UTF-16', () => {
  expect(decodeText(Buffer.from('ana\u0000@iecm.mx'))).toBe('ana\u0000@iecm.mx')
})
