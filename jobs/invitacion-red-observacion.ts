/** Invitaciones a la Red de Observación: a petición del personal, a la hora que elija, con la aprobación de otra persona. */
import { z } from 'zod'
import { evento, eventoEvent } from '../src/content/evento.ts'
import { fechaYHora, instante, liga, linea, muestra, parrafos } from '../src/content/fields.ts'
import { definePublication, onRequest } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('invitacion-red-observacion'),
  muestra,
  asunto: linea(120),
  preencabezado: linea(110).optional(),
  /** Texto del renglón del informe trimestral; sin él, el asunto. */
  tituloInforme: linea(300).optional(),
  /** Clave del catálogo de temas: `pregonero topics list`. */
  tema: z
    .string()
    .regex(/^[a-z0-9-]{3,60}$/, { error: 'debe ser una clave del catálogo de temas' }),
  audiencia: z
    .array(z.enum(['red-observacion'], { error: 'no es una lista a la que se invite' }))
    .min(1)
    .default(['red-observacion']),
  /** Cuándo sale, en hora de la Ciudad de México: 2026-11-25 10:00 */
  envio: fechaYHora,
  saludo: linea(120).default('Estimadas personas integrantes de la Red de Observación:'),
  cuerpo: parrafos(5000),
  evento: evento.optional(),
  boton: z.strictObject({ texto: linea(40), url: liga }).optional(),
})

export const invitacionRedObservacion = definePublication({
  slug: 'invitacion-red-observacion',
  name: 'Invitación a la Red de Observación',
  description: 'Talleres, foros y convocatorias, con el evento para el calendario.',
  readers: 'Red de Observación',
  sender: 'dvoe',
  audience: ({ audiencia }) => ({ lists: audiencia }),
  cadence: onRequest(),
  latestStartHours: 12,
  approval: 'second-person',
  numbering: 'none',
  content: contenido,
  subject: ({ asunto }, { revision }) => `${revision > 0 ? 'Alcance: ' : ''}${asunto}`,
  preheader: ({ preencabezado, cuerpo }) => preencabezado ?? cuerpo,
  topic: ({ tema }) => tema,
  leavesAt: ({ envio }) => instante(envio),
  reportLines: [
    {
      table: 'IV.4.a.ii',
      grouping: 'edition',
      text: ({ tituloInforme, asunto }) => tituloInforme ?? asunto,
      topic: ({ tema }) => tema,
    },
  ],
  events: ({ evento: one, tema }, { period, revision }) =>
    one === undefined ? [] : [eventoEvent(one, `${tema}-${period}`, revision)],
})
