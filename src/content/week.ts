/** Content of another week must never leave by mistake. */
import { inMexicoCity } from '../clock.ts'
import type { Fault } from '../errors.ts'
import type { EditionFacts } from '../publication.ts'

/** `earliest`, `latest`: the ISO dates between which an edition with this content may leave. */
export function wrongWeekFaults(
  content: { place: string; from: string; to: string; earliest: string; latest: string },
  { period, nominalAt }: Pick<EditionFacts, 'period' | 'nominalAt'>,
): Fault[] {
  const nominalDay = inMexicoCity(nominalAt).toISODate()
  if (content.earliest <= nominalDay && nominalDay <= content.latest) return []
  return [
    {
      place: content.place,
      message: `no corresponde a la edición ${period}, que sale el ${nominalDay}`,
      value: `${content.from} a ${content.to}`,
      remedy: 'Corrija las fechas o agregue el contenido a la edición de su semana con --period',
    },
  ]
}

/** ISO date arithmetic, free of zones. */
export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)
}
