import { expect, test } from 'vitest'
import { checkMail } from '../../src/render/checks.ts'

const fine = {
  subject: 'Taller del jueves',
  html: '<img alt="" src="x"><a href="https://iecm.mx/taller">El taller</a>',
  plainText: 'El taller [en línea] es el jueves. Toda la información pendiente se publicará.',
}
const at = { publicUrl: 'http://localhost:3000' }

test('a mail with nothing to look at has no remarks; our own links are ours', () => {
  expect(checkMail(fine, at)).toEqual([])
  const own = { ...fine, html: '<a href="http://localhost:3000/archivo">El archivo</a>' }
  expect(checkMail(own, at)).toEqual([])
})

test.each([
  ['an image without alt', { html: '<img src="a.png"><img src="b.png">' }, '2 imágenes no tienen'],
  ['http', { html: '<a href="http://a.mx/?a=1&amp;b=2">El sitio</a>' }, 'http://a.mx/?a=1&b=2'],
  ['another host', { html: '<a href="http://localhost:3000.malo.mx/">x</a>' }, 'malo.mx'],
  ['a vague link', { html: '<a href="https://a.mx">aquí</a>' }, '«aquí»'],
  ['its size', { html: `<p>${'x'.repeat(85_000)}</p>` }, 'pesa 86 KB'],
  ['XXX', { plainText: 'A las XX:XX en la sala XXX' }, '«XXX»'],
  ['brackets', { plainText: 'Será el [fecha por definir]' }, '«[fecha por definir]»'],
  ['a template', { subject: 'Hola {{nombre}}' }, '«{{»'],
  ['lorem ipsum', { plainText: 'lorem ipsum dolor' }, '«lorem ipsum»'],
])('what a person should look at is said: %s', (_, changes, remark) => {
  expect(checkMail({ ...fine, ...changes }, at).join('\n')).toContain(remark)
})
