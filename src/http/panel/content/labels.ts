/** Names of fields and choices as staff read them: those of the schemas have no accents nor spaces. */

const words: Record<string, string> = {
  titulo: 'título',
  descripcion: 'descripción',
  larga: 'larga',
  boton: 'botón',
  ordenDelDia: 'orden del día',
  organo: 'órgano',
  preencabezado: 'texto junto al asunto',
  votacion: 'votación',
  edicion: 'edición',
  pais: 'país',
  paises: 'países',
  numero: 'número',
  region: 'región',
  sesion: 'sesión',
  liga: 'liga',
  url: 'liga (https://)',
  alt: 'texto alternativo',
  invitacion: 'invitación',
  difusion: 'difusión',
  comision: 'comisión',
  comite: 'comité',
  mayoria: 'mayoría',
  unanimidad: 'unanimidad',
  reunion: 'reunión',
  proximas: 'próximas',
  efemerides: 'efemérides',
  ultimo: 'último',
  transmision: 'transmisión',
  id: 'clave',
  del: 'del día',
  al: 'al día',
}

const whole: Record<string, string> = {
  tituloInforme: 'Título para el informe',
  descripcionLarga: 'Texto completo',
  envio: 'Cuándo sale',
  audiencia: 'A qué listas',
  cuerpo: 'Texto del correo',
  forma: 'Clase de correo',
}

/** What was typed may be `__proto__`, which every object has. */
const own = (texts: Record<string, string>, name: string): string | undefined =>
  Object.hasOwn(texts, name) ? texts[name] : undefined

/** `ordenDelDia`, `sesiones-ine`: `Orden del día`, `Sesiones ine`. */
export function labelOf(name: string): string {
  const known = own(whole, name) ?? own(words, name)
  const text =
    known ??
    name
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .replaceAll('-', ' ')
      .split(' ')
      .map((word) => own(words, word.toLowerCase()) ?? word.toLowerCase())
      .join(' ')
      .replaceAll(/\bine\b/g, 'INE')
      .replaceAll(/\biecm\b/g, 'IECM')
      .replaceAll(/\bopl\b/g, 'OPL')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const singulars: Record<string, string> = {
  secciones: 'Sección',
  sesiones: 'Sesión',
  elecciones: 'Elección',
  adjuntos: 'Archivo adjunto',
  agenda: 'Sesión de la agenda',
  cifras: 'Cifra',
}

/** Of a list's name, what one of its items is called. */
export function singularOf(name: string): string {
  return own(singulars, name) ?? labelOf(name.replace(/(?<=[^aeiou])es$|s$/, ''))
}
