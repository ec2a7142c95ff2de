/** Boletín Electoral: cada viernes, a consejerías y a toda la comunidad del IECM, desde la cuenta ADMIN. */
import { z } from 'zod'
import { fecha, linea, muestra, parrafos } from '../src/content/fields.ts'
import { nota } from '../src/content/nota.ts'
import { sesionIne } from '../src/content/sesion.ts'
import { plusDays, wrongWeekFaults } from '../src/content/week.ts'
import { definePublication, perEdition, weekly } from '../src/publication.ts'

const seccion = z.strictObject({
  clave: z.enum([
    'sesiones-ine',
    'acuerdos',
    'noticias-ine',
    'noticias-iecm',
    'opl',
    'tribunales',
    'agenda',
    'efemerides',
  ]),
  titulo: linea(80),
  notas: z.array(nota).min(1).max(12),
})

const contenido = z.strictObject({
  tipo: z.literal('boletin-electoral'),
  muestra,
  periodo: z
    .strictObject({ del: fecha, al: fecha })
    .refine(({ del, al }) => del <= al, { error: 'el periodo termina antes de empezar' })
    .describe('Los días que se resumen, a lo más dos antes de que salga el boletín'),
  titular: linea(140).describe('Va en el asunto'),
  entrada: parrafos(500).describe('Es también lo que se lee junto al asunto'),
  secciones: z.array(seccion).min(1).max(8),
  agenda: z.array(sesionIne).max(20).default([]).describe('Las sesiones que vienen'),
})

export const boletinElectoral = definePublication({
  slug: 'boletin-electoral',
  name: 'Boletín Electoral',
  description: 'Sesiones, acuerdos y noticias electorales de la semana.',
  readers: 'Consejerías y comunidad del IECM',
  sender: 'admin',
  audience: { lists: ['consejerias', 'comunidad-iecm'] },
  cadence: weekly('viernes', '15:00'),
  onRestDay: 'dia-habil-anterior',
  latestStartHours: 72,
  approval: 'author',
  numbering: 'yearly',
  content: contenido,
  // Friday's issue may close on Thursday, Saturday or Sunday
  check: ({ periodo: { del, al } }, edition) =>
    wrongWeekFaults(
      { place: 'periodo', from: del, to: al, earliest: del, latest: plusDays(al, 2) },
      edition,
    ),
  // a draft has no number yet
  subject: ({ titular }, { issue }) =>
    `Boletín Electoral ${issue ? `${issue.number}/${issue.year} ` : ''}· ${titular}`,
  preheader: ({ entrada }) => entrada,
  reportLines: [perEdition('IV.3.a.i', 'Boletín Electoral.')],
})
