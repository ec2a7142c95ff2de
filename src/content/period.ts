/** Content that names its period must be of its edition's. */
import { shown, type Fault } from '../errors.ts'
import type { EditionFacts } from '../publication.ts'

export function wrongPeriodFaults(
  place: string,
  named: string,
  { period }: Pick<EditionFacts, 'period'>,
): Fault[] {
  if (named === period) return []
  return [
    {
      place,
      message: `no corresponde a la edición ${period}`,
      value: shown(named),
      remedy: 'Corríjalo, o agregue el contenido a la edición de su periodo con --period',
    },
  ]
}
