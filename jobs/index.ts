/** Las publicaciones, en el orden en que se leen. Una línea por publicación. */
import { boletinElectoral } from './boletin-electoral.ts'

export const publications = [boletinElectoral]
