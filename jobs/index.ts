/** Las publicaciones, en el orden en que se leen. Una línea por publicación. */
import { boletinElectoral } from './boletin-electoral.ts'
import { calendarioIne } from './calendario-ine.ts'
import { informeQuincenal } from './informe-quincenal.ts'
import { informeTrimestral } from './informe-trimestral.ts'
import { infografiaInternacional } from './infografia-internacional.ts'
import { invitacionRedObservacion } from './invitacion-red-observacion.ts'
import { notaEjecutiva } from './nota-ejecutiva.ts'
import { pulsoInternacional } from './pulso-internacional.ts'
import { redObservacion } from './red-observacion.ts'
import { redObservacionNoticias } from './red-observacion-noticias.ts'
import { redObservacionSesiones } from './red-observacion-sesiones.ts'
import { votoChilangoBoletin } from './voto-chilango-boletin.ts'
import { votoChilangoCorreo } from './voto-chilango-correo.ts'

export const publications = [
  boletinElectoral,
  calendarioIne,
  votoChilangoCorreo,
  votoChilangoBoletin,
  invitacionRedObservacion,
  redObservacion,
  redObservacionNoticias,
  redObservacionSesiones,
  pulsoInternacional,
  notaEjecutiva,
  infografiaInternacional,
  informeQuincenal,
  informeTrimestral,
]
