/** Las publicaciones, en el orden en que se leen. Una línea por publicación. */
import { boletinElectoral } from './boletin-electoral.ts'
import { calendarioIne } from './calendario-ine.ts'
import { invitacionRedObservacion } from './invitacion-red-observacion.ts'

export const publications = [boletinElectoral, calendarioIne, invitacionRedObservacion]
