/** Nota Ejecutiva: una sesión del Consejo General del INE o una elección en el exterior, a petición. */
import { z } from 'zod'
import {
  adjuntos,
  audienciaDe,
  envio,
  fecha,
  fuentes,
  instante,
  linea,
  muestra,
  parrafos,
  tituloInforme,
} from '../src/content/fields.ts'
import { sesionIne } from '../src/content/sesion.ts'
import { definePublication, onRequest } from '../src/publication.ts'

const contenido = z
  .strictObject({
    tipo: z.literal('nota-ejecutiva'),
    muestra,
    materia: z.enum(['sesion-cg-ine', 'eleccion-exterior']),
    titulo: linea(160).describe('Va en el asunto'),
    tituloInforme: tituloInforme('«Nota Ejecutiva» y el título'),
    envio,
    audiencia: audienciaDe(['consejerias', 'comunidad-iecm']),
    fecha: fecha.describe('De la sesión o de la elección'),
    contexto: parrafos(1500),
    sesion: sesionIne.describe('Necesaria si la materia es sesion-cg-ine').optional(),
    puntos: z
      .array(
        z.strictObject({
          numero: linea(8),
          asunto: linea(400),
          sentido: z.enum([
            'aprobado',
            'aprobado-en-lo-general',
            'informe-rendido',
            'retirado',
            'devuelto',
            'no-aplica',
          ]),
          votacion: linea(80).describe('Como «Por unanimidad»').optional(),
          relevancia: parrafos(500).optional(),
        }),
      )
      .max(60)
      .default([])
      .describe('Los del orden del día y qué se resolvió en cada uno'),
    cifras: z
      .array(z.strictObject({ dato: linea(120), valor: linea(40), fuente: linea(80) }))
      .max(20)
      .default([]),
    fuentes,
    adjuntos,
  })
  .refine((one) => one.materia !== 'sesion-cg-ine' || one.sesion, {
    path: ['sesion'],
    error: 'falta: la nota de una sesión dice cuál',
  })
  .refine((one) => !one.sesion || one.sesion.fecha === one.fecha, {
    path: ['fecha'],
    error: 'no es la de la sesión',
  })

export const notaEjecutiva = definePublication({
  slug: 'nota-ejecutiva',
  name: 'Nota Ejecutiva',
  description:
    'Una sesión del Consejo General del INE, o una elección en el exterior, en una página.',
  readers: 'Consejerías y comunidad del IECM',
  sender: 'admin',
  audience: ({ audiencia }) => ({ lists: audiencia }),
  cadence: onRequest(),
  latestStartHours: 24,
  approval: 'author',
  numbering: 'none',
  content: contenido,
  subject: ({ titulo }) => `Nota Ejecutiva · ${titulo}`,
  preheader: ({ contexto }) => contexto,
  leavesAt: (content) => instante(content.envio),
  reportLines: [
    // las notas sobre sesiones del INE no tienen renglón en el informe impreso
    {
      table: 'IV.2.a.ii',
      grouping: 'month',
      text: (content) => content.tituloInforme ?? `Nota Ejecutiva: ${content.titulo}`,
      when: ({ materia }) => materia === 'eleccion-exterior',
    },
  ],
})
