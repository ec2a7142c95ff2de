/** What the form of a step says, as it was typed. */
import type { Answers } from '../../../content/answers.ts'
import type { Publication } from '../../../publication.ts'
import { textOf } from '../../form.ts'
import { readContent } from '../content/fields.ts'
import { fieldsOfStep, type Step } from './steps.ts'

export function readStep(
  publication: Publication,
  step: Step,
  form: FormData,
  before: Answers,
): Answers {
  const given = storable(form)
  switch (step) {
    case 'evento':
      return group('evento', {
        ...lines(given, 'evento', eventLines),
        hora: clockTime(textOf(given, 'evento.hora')),
        hasta: clockTime(textOf(given, 'evento.hasta')),
        zonas: several(given, 'evento.zonas'),
        cancelado: given.has('evento.cancelado') ? true : undefined,
      })
    case 'audiencia':
      return {
        // none ticked is not the same as not asked: the schema would take all of them
        audiencia: several(given, 'audiencia') ?? [],
        ...group('segmento', lines(given, 'segmento', ['paises', 'etiquetas'])),
      }
    case 'cuando':
      return group('envio', {
        ...lines(given, 'envio', ['fecha']),
        hora: clockTime(textOf(given, 'envio.hora')),
      })
    case 'asunto':
      return ownTitle(readContent(fieldsOfStep(publication, step), given), before)
    default:
      return readContent(fieldsOfStep(publication, step), given)
  }
}

const eventLines = [
  'hay',
  'titulo',
  'fecha',
  'modalidad',
  'sede',
  'liga',
  'registro',
  'cupo',
  'clave',
]

/** What a database cannot keep goes. */
function storable(form: FormData): FormData {
  const clean = new FormData()
  for (const [name, value] of form)
    if (typeof value === 'string') clean.append(name, value.replaceAll('\0', ''))
  return clean
}

/** The title that came along with the subject follows it until somebody writes another. */
function ownTitle(answers: Answers, before: Answers): Answers {
  const { tituloInforme, ...rest } = answers
  const subjects = [rest.asunto, rest.titulo, before.asunto, before.titulo]
  return tituloInforme === undefined || subjects.includes(tituloInforme)
    ? rest
    : { ...rest, tituloInforme }
}

const lines = (form: FormData, path: string, names: string[]): Answers =>
  Object.fromEntries(names.map((name) => [name, textOf(form, `${path}.${name}`) || undefined]))

function several(form: FormData, name: string): string[] | undefined {
  const values = form.getAll(name).filter((value) => typeof value === 'string')
  return values.length === 0 ? undefined : values
}

/** Of nothing, nothing. */
function group(name: string, values: Answers): Answers {
  const said = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  return Object.keys(said).length === 0 ? {} : { [name]: said }
}

/** «9:30», «9.30» and «9:30 h» are 09:30; what is no hour stays as it was typed. */
function clockTime(text: string): string | undefined {
  const [, hour, minute] = /^(\d{1,2})[:.](\d{2})(?: ?(?:h|hrs?|horas)\.?)?$/i.exec(text) ?? []
  if (hour !== undefined) return `${hour.padStart(2, '0')}:${minute}`
  return text === '' ? undefined : text
}
