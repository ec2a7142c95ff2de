/** Invitaciones a la Red de Observación: a petición del personal, a la hora que elija, con la aprobación de otra persona. */
import { correoPuntual, puntual } from '../src/content/correo-puntual.ts'
import { definePublication, onRequest, perEdition } from '../src/publication.ts'

const contenido = correoPuntual({
  tipo: 'invitacion-red-observacion',
  formas: ['invitacion', 'recordatorio', 'liga-de-acceso'],
  listas: ['red-observacion'],
  saludo: 'Estimadas personas integrantes de la Red de Observación:',
})

export const invitacionRedObservacion = definePublication({
  ...puntual,
  slug: 'invitacion-red-observacion',
  name: 'Invitación a la Red de Observación',
  description: 'Talleres y foros, con el evento para el calendario.',
  readers: 'Red de Observación',
  sender: 'dvoe',
  cadence: onRequest(),
  latestStartHours: 12,
  approval: 'second-person',
  numbering: 'none',
  content: contenido,
  reportLines: [perEdition('IV.4.a.ii', puntual.reportText)],
})
