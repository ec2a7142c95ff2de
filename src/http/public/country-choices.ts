/** Countries as a person chooses one of them: Mexico and the United States, where most live, before the others. */
import { countryCodes, countryName } from '../../countries.ts'

export interface Choice {
  code: string
  name: string
}

const choiceOf = (code: string): Choice => ({ code, name: countryName(code) })
const firstCodes = ['MX', 'US']

export const firstCountries: Choice[] = firstCodes.map(choiceOf)

export const otherCountries: Choice[] = [...countryCodes]
  .filter((code) => !firstCodes.includes(code))
  .map(choiceOf)
  .toSorted((one, other) => one.name.localeCompare(other.name, 'es-MX'))
