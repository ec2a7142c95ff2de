/** Invitación a seguir las sesiones del Consejo General del IECM y sus comisiones: cada mes, a la Red de Observación. */
import { z } from 'zod'
import { linea, mes, muestra, parrafos } from '../src/content/fields.ts'
import { wrongPeriodFaults } from '../src/content/period.ts'
import { sesionIne, sessionEvent } from '../src/content/sesion.ts'
import { mesEnPalabras } from '../src/period-words.ts'
import { definePublication, monthlyOnFirstWorkingDay } from '../src/publication.ts'

const contenido = z
  .strictObject({
    tipo: z.literal('red-observacion-sesiones'),
    muestra,
    mes,
    saludo: linea(120).default('Estimadas personas integrantes de la Red de Observación:'),
    entrada: parrafos(700),
    sesiones: z.array(sesionIne).min(1).max(20).describe('Las de ese mes'),
  })
  .superRefine(({ mes: month, sesiones }, context) => {
    for (const [index, { fecha, id }] of sesiones.entries()) {
      if (sesiones.findIndex((other) => other.id === id) !== index) {
        const path = ['sesiones', index, 'id']
        context.addIssue({ code: 'custom', path, message: 'está repetido' })
      }
      if (fecha.startsWith(month)) continue
      const message = `la sesión no es de ${mesEnPalabras(month)}`
      context.addIssue({ code: 'custom', path: ['sesiones', index, 'fecha'], message })
    }
  })

export const redObservacionSesiones = definePublication({
  slug: 'red-observacion-sesiones',
  name: 'Sesiones del Consejo General',
  description:
    'Invitación a seguir la transmisión de las sesiones del mes, con sus fechas para el calendario.',
  readers: 'Red de Observación',
  sender: 'dvoe',
  audience: { lists: ['red-observacion'] },
  isPublic: true,
  cadence: monthlyOnFirstWorkingDay('10:00'),
  latestStartHours: 120,
  approval: 'second-person',
  numbering: 'none',
  content: contenido,
  check: (content, edition) => wrongPeriodFaults('mes', content.mes, edition),
  subject: (content) =>
    `Sigan las sesiones del Consejo General del IECM de ${mesEnPalabras(content.mes)}`,
  preheader: ({ entrada }) => entrada,
  topic: () => 'transmision-sesiones',
  reportLines: [
    {
      table: 'IV.4.a.ii',
      grouping: 'month',
      text: (content) =>
        `Invitación a seguir la trasmisión de las sesiones de Consejo General del IECM y las comisiones correspondientes a ${mesEnPalabras(content.mes)}`,
    },
  ],
  events: ({ sesiones }, { revision }) =>
    sesiones.map((one) => sessionEvent({ ...one, secuencia: revision })),
})
