/** Informe trimestral: al cerrar el trimestre, a la dirección, con sus archivos. Sale cuando el informe esté listo. */
import { z } from 'zod'
import { adjunto, muestra, parrafos, trimestre } from '../src/content/fields.ts'
import { wrongPeriodFaults } from '../src/content/period.ts'
import { trimestreEnPalabras } from '../src/period-words.ts'
import { definePublication, quarterly } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('informe-trimestral'),
  muestra,
  trimestre,
  entrada: parrafos(1500),
  adjuntos: z.array(adjunto).min(1).max(3).describe('Los del informe, de hasta 2 MB cada uno'),
})

export const informeTrimestral = definePublication({
  slug: 'informe-trimestral',
  name: 'Informe trimestral',
  description: 'Los archivos del informe que la Comisión aprueba.',
  readers: 'Dirección de Vinculación con Organismos Externos',
  sender: 'dvoe',
  audience: { lists: ['dvoe'] },
  cadence: quarterly('12:00'),
  onRestDay: 'dia-habil-siguiente',
  onClosedPeriod: 'dia-habil-siguiente',
  // 45 días: el cierre espera a sus cifras
  latestStartHours: 1080,
  approval: 'author',
  numbering: 'none',
  content: contenido,
  check: (content, edition) => wrongPeriodFaults('trimestre', content.trimestre, edition),
  subject: (content) => `Informe trimestral de ${trimestreEnPalabras(content.trimestre)}`,
  preheader: ({ entrada }) => entrada,
  reportLines: [],
})
