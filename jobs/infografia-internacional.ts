/** Infografía sobre un tema electoral internacional: a petición, a todo el personal, con su texto completo. */
import { z } from 'zod'
import {
  audienciaDe,
  envio,
  fuentes,
  infografia,
  instante,
  linea,
  muestra,
  parrafos,
  tituloInforme,
} from '../src/content/fields.ts'
import { definePublication, onRequest } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('infografia-internacional'),
  muestra,
  titulo: linea(160).describe('Va en el asunto'),
  tituloInforme: tituloInforme('«Infografía» y el título'),
  envio,
  audiencia: audienciaDe(['consejerias', 'comunidad-iecm']),
  entrada: parrafos(700),
  imagen: infografia,
  fuentes,
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
  leavesAt: (content) => instante(content.envio),
  reportLines: [
    {
      table: 'IV.2.a.ii',
      grouping: 'month',
      text: (content) => content.tituloInforme ?? `Infografía: ${content.titulo}`,
    },
  ],
})
