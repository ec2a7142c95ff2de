/** Noticias para la Red de Observación: dos por semana; en el informe son un renglón al mes. */
import { z } from 'zod'
import { linea, muestra, parrafos } from '../src/content/fields.ts'
import { nota } from '../src/content/nota.ts'
import { definePublication, perMonth, weekly } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('red-observacion-noticias'),
  muestra,
  titular: linea(140).describe('Es el asunto'),
  entrada: parrafos(400).optional(),
  notas: z.array(nota).min(1).max(4),
})

export const redObservacionNoticias = definePublication({
  slug: 'red-observacion-noticias',
  name: 'Noticias de la Red de Observación',
  description: 'Dos veces por semana, lo que importa a quienes observan las elecciones.',
  readers: 'Red de Observación',
  sender: 'dvoe',
  audience: { lists: ['red-observacion'] },
  isPublic: true,
  // el informe dice «dos noticias semanales»; los días son propuesta
  cadence: weekly(['martes', 'jueves'], '11:00'),
  onRestDay: 'dia-habil-siguiente',
  latestStartHours: 24,
  approval: 'second-person',
  numbering: 'none',
  content: contenido,
  subject: ({ titular }) => titular,
  preheader: ({ entrada, notas }) => entrada ?? notas[0]!.resumen,
  topic: () => 'noticias-semanales',
  reportLines: [perMonth('IV.4.a.ii', 'Dos noticias semanales en materia electoral durante {mes}')],
})
