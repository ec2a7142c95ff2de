/** Correos a la base de contactos de Voto Chilango: invitaciones, recordatorios, ligas, convocatorias e infografías. */
import { correoPuntual, puntual } from '../src/content/correo-puntual.ts'
import { definePublication, onRequest, perEdition, perMonth } from '../src/publication.ts'

const contenido = correoPuntual({
  tipo: 'voto-chilango-correo',
  formas: [
    'invitacion',
    'recordatorio',
    'liga-de-acceso',
    'convocatoria',
    'infografia',
    'difusion',
  ],
  listas: ['voto-chilango'],
  saludo: 'Hola, comunidad chilanga:',
})

export const votoChilangoCorreo = definePublication({
  ...puntual,
  slug: 'voto-chilango-correo',
  name: 'Voto Chilango',
  description: 'Actividades y trámites para quienes votan desde el extranjero.',
  readers: 'Base de contactos de Voto Chilango',
  sender: 'votochilango',
  cadence: onRequest(),
  latestStartHours: 12,
  approval: 'second-person',
  numbering: 'none',
  content: contenido,
  // el mismo correo es una de las «13 comunicaciones» y uno de los días del renglón mensual de la Red Voto Chilango
  reportLines: [
    perEdition('IV.1.a.ii-1', puntual.reportText),
    perMonth(
      'IV.1.a.ii-2',
      'Envío de información o invitaciones a actividades a la Red "Voto Chilango".',
    ),
  ],
})
