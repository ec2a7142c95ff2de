/** Periods as the institution writes them. */

/** «noviembre de 2026», or with `joint` between month and year. */
export function mesEnPalabras(month: string, joint = ' de '): string {
  const [year, number] = month.split('-')
  return `${monthNames[Number(number) - 1]}${joint}${year}`
}

/** «Primera quincena de noviembre de 2026» */
export function quincenaEnPalabras(fortnight: string): string {
  const ordinal = fortnight.endsWith('1Q') ? 'Primera' : 'Segunda'
  return `${ordinal} quincena de ${mesEnPalabras(fortnight.slice(0, 7))}`
}

/** «octubre a diciembre de 2026» */
export function trimestreEnPalabras(quarter: string): string {
  const first = 3 * (Number(quarter.at(-1)) - 1)
  return `${monthNames[first]} a ${monthNames[first + 2]} de ${quarter.slice(0, 4)}`
}

export const monthNames = [
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
]
