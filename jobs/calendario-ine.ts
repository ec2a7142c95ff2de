/** Calendario semanal de sesiones del INE: cada lunes, a unas cuarenta personas titulares, con las sesiones en .ics. */
import { z } from 'zod'
import { fecha, linea, muestra } from '../src/content/fields.ts'
import { sesionIne, sessionEvent, type SesionIne } from '../src/content/sesion.ts'
import { plusDays, wrongWeekFaults } from '../src/content/week.ts'
import {
  definePublication,
  perEdition,
  weekly,
  type RegisteredSession,
} from '../src/publication.ts'

const contenido = z
  .strictObject({
    tipo: z.literal('calendario-ine'),
    muestra,
    semana: z.strictObject({ lunes: fecha, viernes: fecha }),
    aviso: linea(300).describe('Como «El lunes 16 de noviembre es día inhábil.»').optional(),
    sesiones: z
      .array(sesionIne)
      .max(60)
      .describe('Sin ninguna aquí se toman las de la página «Sesiones»')
      .optional(),
  })
  .superRefine(({ semana, sesiones = [] }, context) => {
    if (new Date(semana.lunes).getUTCDay() !== 1) {
      context.addIssue({ code: 'custom', path: ['semana', 'lunes'], message: 'no es lunes' })
    }
    if (semana.viernes !== plusDays(semana.lunes, 4)) {
      const message = `no es el viernes de esa semana (${plusDays(semana.lunes, 4)})`
      context.addIssue({ code: 'custom', path: ['semana', 'viernes'], message })
    }
    for (const [index, sesion] of sesiones.entries()) {
      const path = ['sesiones', index, 'fecha']
      if (sesion.fecha < semana.lunes || sesion.fecha > plusDays(semana.lunes, 6)) {
        context.addIssue({ code: 'custom', path, message: 'la sesión no pertenece a esta semana' })
      }
      if (sesiones.findIndex((other) => other.id === sesion.id) !== index) {
        context.addIssue({
          code: 'custom',
          path: ['sesiones', index, 'id'],
          message: 'está repetido',
        })
      }
    }
  })

export const calendarioIne = definePublication({
  slug: 'calendario-ine',
  name: 'Calendario de sesiones del INE',
  description: 'Las sesiones de la semana por día y hora, con un archivo para el calendario.',
  readers: 'Consejerías, secretarías, Contraloría y titulares de área',
  sender: 'admin',
  audience: { lists: ['calendario-ine'] },
  cadence: weekly('lunes', '08:30'),
  // así salió el 3 de febrero y el 17 de marzo de 2025
  onRestDay: 'enviar-igual',
  latestStartHours: 36,
  approval: 'author',
  numbering: 'none',
  content: contenido,
  // a calendar may leave on the Friday before
  check: ({ semana: { lunes, viernes } }, edition) =>
    wrongWeekFaults(
      {
        place: 'semana',
        from: lunes,
        to: viernes,
        earliest: plusDays(lunes, -3),
        latest: plusDays(lunes, 6),
      },
      edition,
    ),
  subject: ({ semana }) => `Calendario de sesiones del INE, semana del ${longDay(semana.lunes)}`,
  preheader: ({ sesiones = [] }) => {
    const count = sesiones.filter(({ estado }) => estado !== 'cancelada').length
    if (count === 0) return 'Sin sesiones programadas.'
    return count === 1 ? '1 sesión programada.' : `${count} sesiones programadas.`
  },
  reportLines: [
    perEdition(
      'IV.3.a.ii',
      'Sesiones del Consejo General, la Junta General Ejecutiva, Comisiones, Comités y Grupos de trabajo.',
    ),
  ],
  sessions: {
    read: ({ sesiones }) => sesiones,
    week: ({ semana }) => ({ from: semana.lunes, to: plusDays(semana.lunes, 6) }),
    write: (content, sesiones) => ({
      ...content,
      sesiones: sesiones as RegisteredSession<SesionIne>[],
    }),
  },
  events: ({ sesiones = [] }) =>
    (sesiones as RegisteredSession<SesionIne>[]).map((sesion) => sessionEvent(sesion)),
})

/** «23 de noviembre de 2026» */
function longDay(date: string): string {
  return new Date(date).toLocaleDateString('es-MX', { dateStyle: 'long', timeZone: 'UTC' })
}
