/** The steps of a mail on request: what each asks, of which fields, and where something wrong is mended. */
import { contentSchema } from '../../../content/example.ts'
import type { Fault } from '../../../errors.ts'
import type { Publication } from '../../../publication.ts'
import type { FormErrors } from '../../form.ts'
import { fieldsOf, type NamedField } from '../content/fields.ts'
import { labelOf } from '../content/labels.ts'

/** Those that ask something; the last, `revisar`, only shows. */
export const steps = ['asunto', 'mensaje', 'evento', 'audiencia', 'cuando'] as const
export type Step = (typeof steps)[number]

export const stepTitles: Record<Step | 'revisar', string> = {
  asunto: 'Asunto y tema',
  mensaje: 'Mensaje',
  evento: 'Evento',
  audiencia: 'A quiénes',
  cuando: 'Cuándo',
  revisar: 'Revisar',
}

const asked: Record<Exclude<Step, 'mensaje'>, string[]> = {
  asunto: ['forma', 'materia', 'tema', 'asunto', 'titulo', 'preencabezado', 'tituloInforme'],
  evento: ['evento'],
  audiencia: ['audiencia', 'segmento'],
  cuando: ['envio'],
}

export function stepOf(field: string): Step {
  const name = field.split(/[.[]/)[0]!
  return (
    (Object.keys(asked) as (keyof typeof asked)[]).find((step) => asked[step].includes(name)) ??
    'mensaje'
  )
}

export function fieldsOfStep(publication: Publication, step: Step): NamedField[] {
  const fields = fieldsOf(contentSchema(publication), ['muestra'])
  const own = fields.filter(({ name }) => stepOf(name) === step)
  // in the order of the questions; what a message says, in that of its schema
  const order = step === 'mensaje' ? [] : asked[step]
  return own.toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
}

/** A publication without events does not ask for one. */
export const stepsOf = (publication: Publication): Step[] =>
  steps.filter((step) => fieldsOfStep(publication, step).length > 0)

export const idOf = (path: string): string =>
  `c-${path.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '-')}`

/** By the id of their field, or of the form when they are of none that can be seen. */
export function errorsOf(faults: Fault[], step: Step, fields: NamedField[]): FormErrors {
  const errors: FormErrors = {}
  for (const fault of faults.filter(({ place }) => stepOf(place) === step)) {
    const name = fault.place.split(/[.[]/)[0]
    const id = fields.some((field) => field.name === name) ? controlOf(fault.place) : 'formulario'
    const text = sentenceOf(fault)
    errors[id] = errors[id] === undefined ? text : `${errors[id]} ${text}`
  }
  return errors
}

/** Of one of several in a field, the field: `evento.zonas[0]`. */
export const controlOf = (place: string): string =>
  idOf(place.replace(/^(evento\.zonas|audiencia|segmento\.\w+)\[\d+\].*/, '$1'))

export function sentenceOf({ place, message, value, remedy }: Fault): string {
  const isMissing =
    message === 'falta' ||
    message === 'está vacío' ||
    message.startsWith('tiene 0 elementos') ||
    (message === 'no es una de las opciones' && value === undefined)
  if (isMissing) return missing[place] ?? `${nameOf(place)}: falta. Escriba este dato.`
  const what = `${nameOf(place)}: ${message}${value === undefined ? '' : ` (${value})`}.`
  // remedies that name a command, or a line of a file, are for whoever has one
  const isElsewhere = /`|--|^Agregue «/.test(remedy) || remedy === 'Corríjalo'
  if (isElsewhere) return what
  const words = remedy.replace(/, sin comillas.*$/, '')
  return `${what} ${words}${/[.?]$/.test(words) ? '' : '.'}`
}

const missing: Record<string, string> = {
  tema: 'Elija el tema.',
  asunto: 'Escriba el asunto.',
  titulo: 'Escriba el título.',
  materia: 'Elija la materia.',
  cuerpo: 'Escriba el texto del correo.',
  'boton.texto': 'Escriba el texto del botón, o borre su liga.',
  'boton.url': 'Escriba la liga del botón, o borre su texto.',
  audiencia: 'Elija al menos una lista.',
  'envio.fecha': 'Elija el día en que sale.',
  'envio.hora': 'Escriba la hora en que sale.',
  'evento.titulo': 'Escriba el nombre del evento.',
  'evento.fecha': 'Elija el día del evento.',
  'evento.hora': 'Escriba la hora en que empieza el evento.',
  'evento.hasta': 'Escriba la hora en que termina el evento.',
  'evento.modalidad': 'Elija la modalidad del evento.',
  imagen: 'Suba la imagen.',
  'imagen.archivo': 'Suba la imagen, o borre lo que dice de ella.',
  'imagen.alt': 'Escriba lo que la imagen dice, para quien no la ve.',
  'imagen.descripcionLarga': 'Escriba el texto completo de la infografía.',
}

/** As its field is called. */
export const names: Record<string, string> = {
  forma: 'Clase de correo',
  tema: 'Tema',
  asunto: 'Asunto',
  preencabezado: 'Texto junto al asunto',
  tituloInforme: 'Título para el informe',
  saludo: 'Saludo',
  cuerpo: 'Texto del correo',
  'boton.texto': 'Texto del botón',
  'boton.url': 'Liga del botón',
  'evento.titulo': 'Nombre del evento',
  'evento.fecha': 'Día del evento',
  'evento.hora': 'Empieza a las',
  'evento.hasta': 'Termina a las',
  'evento.modalidad': 'Modalidad',
  'evento.sede': 'Sede',
  'evento.liga': 'Liga de acceso',
  'evento.registro': 'Liga de registro',
  'evento.cupo': 'Cupo',
  'evento.clave': 'Clave del evento',
  'evento.zonas': 'Ciudades',
  audiencia: 'Listas',
  'segmento.paises': 'Países',
  'segmento.etiquetas': 'Etiquetas',
  'envio.fecha': 'Día',
  'envio.hora': 'Hora',
  contenido: 'Correo',
}

function nameOf(place: string): string {
  const path = place.replaceAll(/\[\d+\]/g, '')
  return names[path] ?? path.split('.').map(labelOf).join(', ')
}
