/** Correos a la Red de Observación que no son invitaciones: convocatorias, difusión de materiales e infografías. */
import { correoPuntual, puntual } from '../src/content/correo-puntual.ts'
import { definePublication, onRequest, perEdition } from '../src/publication.ts'

const contenido = correoPuntual({
  tipo: 'red-observacion',
  formas: ['difusion', 'convocatoria', 'infografia', 'recordatorio'],
  listas: ['red-observacion'],
  saludo: 'Estimadas personas integrantes de la Red de Observación:',
})

export const redObservacion = definePublication({
  ...puntual,
  slug: 'red-observacion',
  name: 'Red de Observación',
  description: 'Convocatorias, materiales e infografías para quienes observan las elecciones.',
  readers: 'Red de Observación',
  sender: 'dvoe',
  cadence: onRequest(),
  latestStartHours: 12,
  approval: 'second-person',
  numbering: 'none',
  content: contenido,
  reportLines: [perEdition('IV.4.a.ii', puntual.reportText)],
})
