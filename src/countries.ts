/** Countries by their ISO 3166-1 alpha-2 codes, and as people here call them. */
import { CountryCodes } from 'validator/lib/isISO31661Alpha2.js'
import { Problem, shown } from './errors.ts'

export const countryCodes: ReadonlySet<string> = CountryCodes

const names = new Intl.DisplayNames('es-MX', { type: 'region' })

/** `Estados Unidos`; the code itself when it is none. */
export const countryName = (code: string): string =>
  countryCodes.has(code) ? (names.of(code) ?? code) : code

/** The code in capitals. Throws a Problem when no country has it. */
export function readCountry(text: string, place: string): string {
  const code = text.trim().toUpperCase()
  if (countryCodes.has(code)) return code
  throw new Problem('invalid', {
    place,
    message: 'no es la clave de un país',
    value: shown(text),
    remedy: 'Use la de dos letras, como US (ISO 3166-1)',
  })
}
