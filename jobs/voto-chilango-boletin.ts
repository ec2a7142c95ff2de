/** Boletín informativo Voto Chilango: el último día hábil de cada mes, a la misma base; no es una de sus «comunicaciones». */
import { z } from 'zod'
import { evento, eventoEvent } from '../src/content/evento.ts'
import { liga, linea, mes, muestra, parrafos } from '../src/content/fields.ts'
import { nota } from '../src/content/nota.ts'
import { wrongPeriodFaults } from '../src/content/period.ts'
import { mesEnPalabras } from '../src/period-words.ts'
import { definePublication, monthlyOnLastWorkingDay } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('voto-chilango-boletin'),
  muestra,
  mes,
  titular: linea(140).describe('Va en el asunto'),
  entrada: parrafos(600),
  notas: z.array(nota).min(1).max(8),
  tramites: z
    .array(
      z.strictObject({
        titulo: linea(100),
        pasos: z.array(linea(240)).min(1).max(8),
        url: liga.optional(),
      }),
    )
    .max(4)
    .default([])
    .describe('Trámites paso a paso'),
  agenda: z.array(evento).max(6).default([]).describe('Actividades del mes'),
})

export const votoChilangoBoletin = definePublication({
  slug: 'voto-chilango-boletin',
  name: 'Boletín Voto Chilango',
  description:
    'Noticias, trámites y próximas actividades para la comunidad chilanga en el exterior.',
  readers: 'Base de contactos de Voto Chilango',
  sender: 'votochilango',
  audience: { lists: ['voto-chilango'] },
  isPublic: true,
  cadence: monthlyOnLastWorkingDay('12:00'),
  onRestDay: 'dia-habil-anterior',
  latestStartHours: 72,
  approval: 'second-person',
  numbering: 'none',
  content: contenido,
  check: (content, edition) => wrongPeriodFaults('mes', content.mes, edition),
  subject: ({ titular }) => `Boletín Voto Chilango · ${titular}`,
  preheader: ({ entrada }) => entrada,
  reportLines: [
    {
      table: 'IV.1.a.ii-2',
      grouping: 'month',
      text: (content) => `Boletín informativo "Voto Chilango" ${mesEnPalabras(content.mes, ' ')}.`,
    },
  ],
  events: ({ agenda }, edition) => agenda.map((one) => eventoEvent(one, edition)),
})
