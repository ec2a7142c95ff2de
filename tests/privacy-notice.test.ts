import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Problem } from '../src/errors.ts'
import { parsePrivacyNotice, readPrivacyNotice } from '../src/privacy-notice.ts'

const own = readFileSync(new URL('../jobs/privacidad.yaml', import.meta.url), 'utf8')

test('the notice says who answers, under which laws, and that nobody is followed', () => {
  const notice = readPrivacyNotice()
  expect(notice.responsable).toBe('Instituto Electoral de la Ciudad de México')
  expect(notice.leyes.join()).toMatch(/Sujetos Obligados.*Ciudad de México/)
  expect(notice.medicion).toMatch(/no miden si se abren/)
  expect(notice.diasDeBloqueo).toBeGreaterThan(0)
})

test.each<[fault: string, change: (text: string) => string, said: RegExp]>([
  [
    'a field that is missing',
    (text) => text.replace(/^version: .*$/m, ''),
    /privacidad\.yaml version: falta/,
  ],
  ['a misspelt field', (text) => `${text}\nresponsables: x\n`, /no conoce responsables/],
  [
    'days that are no number',
    (text) => text.replace(/^diasDeBloqueo: .*$/m, 'diasDeBloqueo: treinta'),
    /diasDeBloqueo: no es un número entero \("treinta"\)/,
  ],
  [
    'an empty list',
    (text) => text.replace(/^leyes:\n( {2}- .*\n)+/m, 'leyes: []\n'),
    /leyes: está vacía/,
  ],
  [
    'an http page',
    (text) => text.replace('https://www.iecm.mx/', 'http://www.iecm.mx/'),
    /avisoIntegral: no es una dirección https/,
  ],
  ['broken YAML', (text) => `${text}\nleyes: [`, /renglón/],
])('%s is told with its place', (_, change, said) => {
  expect(change(own)).not.toBe(own)
  expect(() => parsePrivacyNotice(change(own))).toThrow(Problem)
  expect(() => parsePrivacyNotice(change(own))).toThrow(said)
})
