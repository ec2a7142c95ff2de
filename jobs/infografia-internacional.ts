/** Infografía sobre un tema electoral internacional: a petición, a todo el personal, con su texto completo. */
import { z } from 'zod'
import {
  fechaYHora,
  infografia,
  instante,
  liga,
  linea,
  muestra,
  parrafos,
} from '../src/content/fields.ts'
import { definePublication, onRequest } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('infografia-internacional'),
  muestra,
  titulo: linea(160).describe('Va en el asunto'),
  tituloInforme: linea(300)
    .describe('Texto del renglón del informe trimestral; sin él, «Infografía» y el título')
    .optional(),
  envio: fechaYHora.describe('Cuándo sale, en hora de la Ciudad de México: 2026-11-25 10:00'),
  audiencia: z
    .array(
      z.enum(['consejerias', 'comunidad-iecm'], { error: 'no es una lista a la que se envíe' }),
    )
    .min(1)
    .default(['consejerias', 'comunidad-iecm'])
    .describe('A qué listas se envía'),
  entrada: parrafos(700),
  imagen: infografia,
  fuentes: z
    .array(z.strictObject({ nombre: linea(120), url: liga }))
    .min(1)
    .max(20),
})

export const infografiaInternacional = definePublication({
  slug: 'infografia-internacional',
  name: 'Infografía internacional',
  description: 'Un tema electoral del mundo en una imagen, con su texto completo.',
  readers: 'Consejerías y comunidad del IECM',
  sender: 'admin',
  audience: ({ audiencia }) => ({ lists: audiencia }),
  cadence: onRequest(),
  latestStartHours: 24,
  approval: 'author',
  numbering: 'none',
  content: contenido,
  subject: ({ titulo }) => `Infografía · ${titulo}`,
  preheader: ({ entrada }) => entrada,
  leavesAt: ({ envio }) => instante(envio),
  reportLines: [
    {
      table: 'IV.2.a.ii',
      grouping: 'month',
      text: ({ tituloInforme, titulo }) => tituloInforme ?? `Infografía: ${titulo}`,
    },
  ],
})
