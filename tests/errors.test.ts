import { expect, test } from 'vitest'
import { messageOf, nearest, Problem, shown } from '../src/errors.ts'

test('a problem says each fault on a line: where, what, which value, what to do', () => {
  const problem = new Problem('invalid', [
    { place: 'fila 2, correo', message: 'no tiene arroba', value: '"ana"', remedy: 'Corríjala' },
    { place: 'fila 3, lista', message: 'está vacía', remedy: 'Escríbala' },
  ])
  expect(problem.message).toBe(
    'fila 2, correo: no tiene arroba ("ana"). Corríjala\nfila 3, lista: está vacía. Escríbala',
  )
})

test('a problem keeps what caused it', () => {
  const cause = new Error('connect ECONNREFUSED')
  const problem = new Problem('unavailable', { place: 'x', message: 'y', remedy: 'z' }, { cause })
  expect(problem.cause).toBe(cause)
})

test('a value is shown on one line and cut to a length', () => {
  expect(shown('a\r\nb')).toBe(String.raw`"a\r\nb"`)
  expect(shown(undefined)).toBe('nothing')
  expect(shown('x'.repeat(500), 20)).toBe(`"${'x'.repeat(18)}…`)
})

test.each([
  ['escape, which a terminal obeys', '\u001b[2J'],
  ['C1 control, which a terminal obeys', '\u009b2J'],
  ['DEL', 'a\u007f'],
  ['zero-width space', 'ana\u200b@iecm.mx'],
  ['reversal of direction', 'xm.mcei\u202e'],
  ['byte order mark', '\ufeffcorreo'],
])('a character that nobody sees is shown by its code: %s', (_name, text) => {
  expect(shown(text)).toMatch(/^[\x20-\x7e]+$/)
  expect(JSON.parse(shown(text))).toBe(text)
})

test('all that refused a connection is named when several did', () => {
  const both = new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')])
  expect(messageOf(both)).toBe('::1 refused; 127.0.0.1 refused')
  expect(messageOf('thrown text')).toBe('thrown text')
})

test.each([
  ['lius', 'luis'],
  ['LUIS', 'luis'],
  ['comunidad-iec', 'comunidad-iecm'],
  ['boletin-electorla', 'boletin-electoral'],
  ['zzzz', undefined],
  ['', undefined],
])('nearest to «%s» is %s', (word, expected) => {
  expect(nearest(word, ['luis', 'comunidad-iecm', 'boletin-electoral'])).toBe(expected)
})
