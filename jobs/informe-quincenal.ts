/** Informe estadístico quincenal: el primer día de lunes a viernes después de cada quincena, a las consejerías. */
import { z } from 'zod'
import { adjunto, linea, muestra, parrafos, quincena } from '../src/content/fields.ts'
import { wrongPeriodFaults } from '../src/content/period.ts'
import { quincenaEnPalabras } from '../src/period-words.ts'
import { definePublication, fortnightly } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('informe-quincenal'),
  muestra,
  quincena,
  entrada: parrafos(700).optional(),
  cifras: z
    .array(
      z.strictObject({
        indicador: linea(120),
        valor: z.number().nonnegative(),
      }),
    )
    .min(1)
    .max(40),
  adjunto: adjunto.describe('Un archivo que va con el correo, de hasta 2 MB').optional(),
})

export const informeQuincenal = definePublication({
  slug: 'informe-quincenal',
  name: 'Informe estadístico quincenal',
  description: 'Las cifras de las sesiones de los Organismos Públicos Locales en la quincena.',
  readers: 'Consejerías',
  sender: 'dvoe',
  audience: { lists: ['consejerias'] },
  cadence: fortnightly('12:00'),
  onRestDay: 'enviar-igual',
  // el plan del segundo trimestre de 2025 cuenta seis, con el que cae en Semana Santa
  onClosedPeriod: 'dia-habil-siguiente',
  latestStartHours: 72,
  approval: 'author',
  numbering: 'none',
  content: contenido,
  check: (content, edition) => wrongPeriodFaults('quincena', content.quincena, edition),
  subject: (content) =>
    `Informe estadístico, ${quincenaEnPalabras(content.quincena).toLowerCase()}`,
  preheader: ({ entrada, cifras }) =>
    entrada ??
    cifras
      .map(({ indicador, valor }) => `${indicador}: ${valor.toLocaleString('es-MX')}`)
      .join(' · '),
  reportLines: [
    {
      table: 'IV.3.a.iv',
      grouping: 'edition',
      text: (content) => quincenaEnPalabras(content.quincena),
    },
  ],
})
