import { expect, test } from 'vitest'
import {
  asIs,
  compileSlots,
  escapeHtml,
  slotNames,
  slotToken,
  slotValues,
} from '../../src/render/slots.ts'

const leaveUrl = 'https://correo.iecm.test/baja/x'

const hostile = [
  '<b>"Ana" & Co {{x}}',
  `O'Higgins </p><script>alert(1)</script>`,
  '$& $1 $$ $` \\1',
  'Zoë 👩🏽‍💻 Ñandú',
  'محمد بن سلمان',
  'שרה כהן',
  slotToken('saludo'),
]

test.each(hostile)('a name like %j enters HTML escaped and text as it is', (name) => {
  const text = `a ${slotToken('saludo')} b ${slotToken('nombre')}.`
  const values = slotValues({ name, leaveUrl })
  expect(compileSlots(text, asIs)(values)).toBe(`a Buen día, ${name}: b ${name}.`)
  const html = compileSlots(text, escapeHtml)(values)
  expect(html).not.toMatch(/[<>"']/)
  expect(unescape(html)).toBe(`a Buen día, ${name}: b ${name}.`)
})

test('a text without slots comes out as it is, however often it is filled', () => {
  const fill = compileSlots('Sin huecos: {{saludo}} $&', escapeHtml)
  expect([
    fill(slotValues({ name: 'Ana', leaveUrl })),
    fill(slotValues({ name: '', leaveUrl })),
  ]).toEqual(Array(2).fill('Sin huecos: {{saludo}} $&'))
})

test('a token of an unknown slot, or one that does not end, is refused before anybody is mailed', () => {
  expect(() => compileSlots('x \ue000apellido\ue001', asIs)).toThrow(/«apellido».*saludo, nombre/)
  expect(() => compileSlots('x \ue000saludo', asIs)).toThrow(/slot/)
  expect(() => compileSlots('x \ue000\ue001', asIs)).toThrow(/slot/)
  for (const name of slotNames) expect(() => compileSlots(slotToken(name), asIs)).not.toThrow()
})

test('a recipient without a name is greeted without one', () => {
  expect(slotValues({ name: 'Ana Pérez', leaveUrl })).toEqual({
    nombre: 'Ana Pérez',
    saludo: 'Buen día, Ana Pérez:',
    baja: leaveUrl,
  })
  expect(slotValues({ name: ' \t ', leaveUrl })).toEqual({
    nombre: '',
    saludo: 'Buen día:',
    baja: leaveUrl,
  })
})

test('a name cannot add lines nor turn the direction of the text after it', () => {
  expect(
    slotValues({
      name: 'Ana\r\nBcc: x\u202e\u0000  Pérez',
      leaveUrl,
    }).nombre,
  ).toBe('Ana Bcc: x Pérez')
})

function unescape(html: string): string {
  const characters = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return html.replace(/&(#?\w+);/g, (_, name: keyof typeof characters) => characters[name])
}
