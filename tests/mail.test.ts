import { expect, test } from 'vitest'
import { maskAddress, normalizeAddress, parseMailbox } from '../src/mail.ts'

test.each([
  ['  Ana.Ruiz@IECM.MX ', 'ana.ruiz@iecm.mx'],
  ["o'brien+boletin@correo.iecm.org.mx", "o'brien+boletin@correo.iecm.org.mx"],
  ['José.Núñez@iecm.mx', 'josé.núñez@iecm.mx'],
  ['ana@méxico.mx', 'ana@méxico.mx'],
  ['ana@xn--mxico-bsa.mx', 'ana@xn--mxico-bsa.mx'],
])('«%s» has one normal form', (text, address) => {
  expect(normalizeAddress(text)).toEqual({ address })
  expect(normalizeAddress(address)).toEqual({ address })
})

test('an accent typed as one character or as two is the same address', () => {
  expect(normalizeAddress('jose\u0301@iecm.mx')).toEqual(normalizeAddress('jos\u00e9@iecm.mx'))
})

test.each([
  ['nothing', ''],
  ['no at sign', 'ana.iecm.mx'],
  ['two at signs', 'ana@luis@iecm.mx'],
  ['two addresses', 'ana@iecm.mx, luis@iecm.mx'],
  ['a header behind it', 'ana@iecm.mx\r\nBcc: todos@iecm.mx'],
  ['a line end', 'ana@iecm.mx\n'],
  ['a zero-width space', 'ana\u200b@iecm.mx'],
  ['a NUL', 'ana\u0000@iecm.mx'],
  ['a space', 'ana ruiz@iecm.mx'],
  ['a name around it', 'Ana <ana@iecm.mx>'],
  ['a bracket', 'ana@iecm.mx>'],
  ['a quoted local part', '"ana ruiz"@iecm.mx'],
  ['a dot at the start', '.ana@iecm.mx'],
  ['two dots', 'ana..ruiz@iecm.mx'],
  ['no host', 'ana@'],
  ['a host without a dot', 'ana@iecm'],
  ['a hyphen at the start of a label', 'ana@-iecm.mx'],
  ['a hyphen at the end of a label', 'ana@iecm-.mx'],
  ['a hyphen at the end of the host', 'ana@iecm.mx-'],
  ['a number in place of a host', 'ana@10.0.0.10'],
  ['65 octets before the at sign', `${'a'.repeat(65)}@iecm.mx`],
  ['65 octets in 33 characters', `${'ñ'.repeat(32)}a@iecm.mx`],
  [
    '255 octets in all',
    `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(8)}.mx`,
  ],
])('an address with %s is refused with a reason', (_what, text) => {
  expect(normalizeAddress(text)).toEqual({ reason: expect.stringMatching(/\S/) })
})

test('what nobody can see in an address is the reason that is given', () => {
  for (const unseen of ['\u0000', '\u0085', '\u200b', '\u202e', '\u2060', '\ufeff']) {
    expect(normalizeAddress(`ana${unseen}@iecm.mx`)).toEqual({
      reason: 'contiene caracteres de control o invisibles',
    })
  }
})

test('the longest address that a relay must take is accepted', () => {
  const local = 'a'.repeat(64)
  const domain = `${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.mx`
  const longest = `${local}@${domain}.${'m'.repeat(254 - local.length - domain.length - 2)}`
  expect(longest).toHaveLength(254)
  expect(normalizeAddress(longest)).toEqual({ address: longest })
  expect(normalizeAddress(`${longest}m`)).toHaveProperty('reason')
})

test.each([
  ['Ana Ruiz <Ana@iecm.mx>', { name: 'Ana Ruiz', address: 'ana@iecm.mx' }],
  ['"Ruiz, Ana" <ana@iecm.mx>', { name: 'Ruiz, Ana', address: 'ana@iecm.mx' }],
  ['ana@iecm.mx', { name: '', address: 'ana@iecm.mx' }],
  ['<ana@iecm.mx>', { name: '', address: 'ana@iecm.mx' }],
])('«%s» is one mailbox', (text, mailbox) => {
  expect(parseMailbox(text)).toEqual(mailbox)
})

test.each([
  'ana@iecm.mx, luis@iecm.mx',
  'Ana <ana@iecm.mx> <luis@iecm.mx>',
  'Ana <ana@iecm.mx>, Luis <luis@iecm.mx>',
  'Ana\r\nBcc: todos@iecm.mx <ana@iecm.mx>',
  'Ana <>',
  'Ana',
])('«%s» is not one mailbox', (text) => {
  expect(parseMailbox(text)).toBeUndefined()
})

test('a masked address can be recognised and not mailed', () => {
  expect(maskAddress('ana.ruiz@iecm.mx')).toBe('an…@iecm.mx')
  expect(maskAddress('nothing')).toBe('…')
})
