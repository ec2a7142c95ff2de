/** Countries as people write them, in Spanish or English, as ISO 3166-1 alpha-2. */
import { countryCodes } from '../../countries.ts'

const named = new Map<string, string>()

const bare = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^\p{L}]/gu, '')

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
for (const locale of ['es-MX', 'es', 'en']) {
  const names = new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' })
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = names.of(code)
    // a code that is out of use, such as UK, has the name of its successor
    const current = new Intl.Locale(`und-${code}`).region
    if (name === undefined || current === undefined || !countryCodes.has(current)) continue
    named.set(bare(name), current)
    named.set(bare(code), current)
  }
}

// what people write and CLDR does not
for (const [names, code] of [
  [
    'EUA, EEUU, USA, Estados Unidos de América, Estados Unidos de Norteamérica, United States of America',
    'US',
  ],
  ['Inglaterra, Escocia, Gales, Gran Bretaña, England, Great Britain', 'GB'],
  ['México, MEX, Estados Unidos Mexicanos, Méjico', 'MX'],
  ['Holanda, Holland', 'NL'],
  ['República Checa', 'CZ'],
  ['Corea, Korea', 'KR'],
  ['República Popular China', 'CN'],
] as const)
  for (const name of names.split(', ')) named.set(bare(name), code)

/** Every name that is understood, without accents, capitals and signs; for «did you mean». */
export const countryNames = (): Iterable<string> => named.keys()

/** `México`, `mexico`, `MX`: `MX`; undefined for what is no country. */
export const countryCode = (text: string): string | undefined => named.get(bare(text))
