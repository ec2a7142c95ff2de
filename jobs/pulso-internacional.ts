/** Pulso Político-Electoral Internacional: cada lunes, a todo el personal, desde la cuenta ADMIN. */
import { z } from 'zod'
import { fecha, liga, linea, muestra, parrafos } from '../src/content/fields.ts'
import { plusDays, wrongWeekFaults } from '../src/content/week.ts'
import { definePublication, perMonth, weekly } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('pulso-internacional'),
  muestra,
  entrada: parrafos(400).optional(),
  notas: z
    .array(
      z.strictObject({
        region: z.enum(['america', 'europa', 'africa', 'asia', 'oceania', 'global']),
        pais: linea(60),
        tema: linea(60).describe('En pocas palabras, como «Reforma electoral»'),
        titulo: linea(140),
        resumen: parrafos(600),
        fuente: linea(80).describe('Quién lo dice'),
        url: liga,
        fechaNota: fecha.describe('Cuándo lo dijo'),
      }),
    )
    .min(1)
    .max(15),
  proximasElecciones: z
    .array(
      z.strictObject({
        pais: linea(60),
        fecha,
        cargo: linea(120).describe('Qué se elige'),
        nota: linea(200).optional(),
      }),
    )
    .max(12)
    .default([]),
})

export const pulsoInternacional = definePublication({
  slug: 'pulso-internacional',
  name: 'Pulso Político-Electoral Internacional',
  description:
    'Las noticias político-electorales del mundo, por región, y las próximas elecciones.',
  readers: 'Consejerías y comunidad del IECM',
  sender: 'admin',
  audience: { lists: ['consejerias', 'comunidad-iecm'] },
  cadence: weekly('lunes', '10:00'),
  // así salió el 3 de febrero y el 17 de marzo de 2025
  onRestDay: 'enviar-igual',
  latestStartHours: 36,
  approval: 'author',
  numbering: 'yearly',
  content: contenido,
  // notas de otra semana no salen por error
  check: ({ notas }, edition) => {
    const days = notas.map(({ fechaNota }) => fechaNota).toSorted()
    const [from, to] = [days[0]!, days.at(-1)!]
    const window = { earliest: to, latest: plusDays(to, 14) }
    return wrongWeekFaults({ place: 'notas', from, to, ...window }, edition)
  },
  subject: ({ notas }, { issue }) =>
    `Pulso Internacional ${issue ? `${issue.number}/${issue.year} ` : ''}· ${notas[0]!.titulo}`,
  preheader: ({ entrada, notas }) =>
    entrada ?? notas.map(({ pais, tema }) => `${pais}: ${tema}`).join(' · '),
  reportLines: [
    perMonth(
      'IV.2.a.ii',
      'Noticias en temas políticos, electorales y coyunturales más relevantes en el mundo.',
    ),
  ],
})
