/** What was answered, in words: for the last look, and to tell two versions apart. */
import { contentOf, groupOf, hasEvent, textOf, type Answers } from '../../../content/answers.ts'
import { countryName } from '../../../countries.ts'
import { ciudadDe } from '../../../render/vocabulary/events.ts'
import type { Publication } from '../../../publication.ts'
import { labelOf } from '../content/labels.ts'
import type { NamedField } from '../content/fields.ts'
import { fieldsOfStep, names, type Step } from './steps.ts'
import { dayInWords } from './hours.ts'

/** Names of what is stored by its key. */
export interface Catalogues {
  topics: { key: string; name: string }[]
  lists: { slug: string; name: string }[]
}

export interface Answer {
  path: string
  name: string
  text: string
}

export function answersOf(
  publication: Publication,
  step: Step,
  answers: Answers,
  catalogues: Catalogues,
): Answer[] {
  const answer = (path: string, text: string): Answer => ({
    path,
    name: names[path] ?? path.split('.').map(labelOf).join(', '),
    text,
  })
  switch (step) {
    case 'evento':
      return eventAnswers(answers).map(([path, text]) => answer(path, text))
    case 'cuando':
      return [{ path: 'envio.fecha', name: 'Sale', text: sendingText(groupOf(answers.envio)) }]
    case 'audiencia':
      return audienceAnswers(publication, answers, catalogues).map(([path, text]) =>
        answer(path, text),
      )
    default:
      return fieldsOfStep(publication, step).map((field) =>
        answer(field.name, fieldText(field, answers, catalogues)),
      )
  }
}

function fieldText(
  { name, field, initial }: NamedField,
  answers: Answers,
  { topics }: Catalogues,
): string {
  const value = answers[name] ?? (name === 'tituloInforme' ? subjectOf(answers) : initial)
  if (name === 'tema') return topics.find(({ key }) => key === value)?.name ?? textOf(value)
  if (name === 'forma' || name === 'materia') return labelOf(textOf(value))
  // in the order of its form: a database keeps keys in its own
  if (field.kind === 'group')
    return field.fields
      .map((inner) => valueText(groupOf(value)[inner.name]))
      .filter(Boolean)
      .join(' · ')
  return valueText(value)
}

export const subjectOf = ({ asunto, titulo }: Answers): string => textOf(asunto) || textOf(titulo)

/** Of a list, how many: each is looked at in its step. */
function valueText(value: unknown): string {
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'string')
      ? value.join(', ')
      : value.length === 1
        ? '1 elemento'
        : `${value.length} elementos`
  if (typeof value === 'object' && value !== null)
    return Object.values(value).map(valueText).filter(Boolean).join(' · ')
  return typeof value === 'number' ? String(value) : textOf(value)
}

function eventAnswers(answers: Answers): [string, string][] {
  if (!hasEvent(answers)) return [['evento.hay', 'El correo no invita a un evento']]
  const event = groupOf(answers.evento)
  const hours = [event.hora, event.hasta].map(textOf).filter(Boolean).join(' a ')
  const zones = Array.isArray(event.zonas) ? event.zonas : []
  const rows: [string, string][] = [
    ['evento.titulo', textOf(event.titulo)],
    ['evento.fecha', dayInWords(textOf(event.fecha))],
    ['evento.hora', hours && `${hours} horas`],
    ['evento.modalidad', modalities[textOf(event.modalidad)] ?? textOf(event.modalidad)],
    ['evento.sede', textOf(event.sede)],
    ['evento.liga', textOf(event.liga)],
    ['evento.registro', textOf(event.registro)],
    ['evento.cupo', textOf(event.cupo)],
    ['evento.clave', textOf(event.clave)],
    ['evento.zonas', zones.map((zone) => ciudadDe(String(zone))).join(', ')],
    ['evento.cancelado', event.cancelado === true ? 'Sí' : ''],
  ]
  return rows.filter(([path, text]) => text !== '' || required.has(path))
}

const required = new Set(['evento.titulo', 'evento.fecha', 'evento.hora', 'evento.modalidad'])

export const modalities: Record<string, string> = {
  presencial: 'Presencial',
  virtual: 'Virtual',
  hibrida: 'Híbrida: en una sede y a distancia',
}

function sendingText({ fecha, hora }: Record<string, unknown>): string {
  const parts = [dayInWords(textOf(fecha)), textOf(hora) && `${textOf(hora)} horas`]
  return parts.filter(Boolean).join(', ')
}

function audienceAnswers(
  publication: Publication,
  answers: Answers,
  { lists }: Catalogues,
): [string, string][] {
  const { audiencia, segmento } = contentOf(publication.slug, answers)
  const chosen = Array.isArray(audiencia) ? audiencia : listsOffered(publication)
  const names = chosen.map((slug) => lists.find((list) => list.slug === slug)?.name ?? slug)
  const { paises = [], etiquetas = [] } = (segmento ?? {}) as {
    paises?: string[]
    etiquetas?: string[]
  }
  return [
    ['audiencia', names.join(', ')],
    ...(paises.length > 0
      ? [['segmento.paises', paises.map(countryName).join(', ')] as [string, string]]
      : []),
    ...(etiquetas.length > 0
      ? [['segmento.etiquetas', etiquetas.join(', ')] as [string, string]]
      : []),
  ]
}

/** The lists that a publication may go to. */
export function listsOffered(publication: Publication): string[] {
  const found = fieldsOfStep(publication, 'audiencia').find(({ name }) => name === 'audiencia')
  return found?.field.kind === 'choices' ? found.field.options : []
}
