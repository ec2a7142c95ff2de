/** The search of the register: what its parameters say, what is wrong with them, and its form. */
import { html } from 'hono/html'
import { DateTime } from 'luxon'
import { inMexicoCity, zone } from '../../../clock.ts'
import {
  dispatchStands,
  type DispatchSearch,
  type DispatchStand,
} from '../../../editions/dispatched.ts'
import type { Publication } from '../../../publication.ts'
import type { Html } from '../../env.ts'
import { marks, notes, type Field, type FormErrors } from '../../form.ts'
import { selectField } from './parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export interface ReadSearch {
  search: DispatchSearch
  pageNumber: number
  /** As they came, without the empty ones: shown again, and in the links to other pages. */
  filters: Map<string, string>
  isFiltered: boolean
  errors: FormErrors
}

interface Topic {
  key: string
  name: string
}

/** Where an error of a parameter without a field leads. */
export const resultsId = 'resultados'

const maxSubject = 200
const standNames: Record<DispatchStand, string> = {
  sending: 'En curso',
  paused: 'En pausa',
  sent: 'Concluido sin fallos',
  failed: 'Concluido con fallos',
  cancelled: 'Cancelado',
}
const standSlugs: Record<DispatchStand, string> = {
  sending: 'en-curso',
  paused: 'en-pausa',
  sent: 'concluido',
  failed: 'con-fallos',
  cancelled: 'cancelado',
}

export function readSearch(
  query: (name: string) => string | undefined,
  publications: Publication[],
  topics: Topic[],
): ReadSearch {
  const filters = new Map<string, string>()
  for (const name of ['asunto', 'publicacion', 'tema', 'estado', 'desde', 'hasta']) {
    const value = (query(name) ?? '').trim()
    if (value !== '') filters.set(name, value)
  }
  const errors: FormErrors = {}
  const search: DispatchSearch = {}

  const subject = filters.get('asunto')
  if (subject !== undefined) {
    if (subject.length > maxSubject)
      errors['asunto'] = `Escriba cuando más ${maxSubject} letras del asunto`
    // PostgreSQL has no text with a NUL
    else if (/\p{Cc}/u.test(subject))
      errors['asunto'] = 'El asunto lleva caracteres que no se pueden buscar: escríbalo de nuevo'
    else search.words = subject.split(/\s+/)
  }

  const publication = filters.get('publicacion')
  if (publications.some(({ slug }) => slug === publication)) search.publication = publication!
  else if (publication !== undefined) errors['publicacion'] = notInList('La publicación')

  const topic = filters.get('tema')
  if (topics.some(({ key }) => key === topic)) search.topic = topic!
  else if (topic !== undefined) errors['tema'] = notInList('El tema')

  const stand = dispatchStands.find((one) => standSlugs[one] === filters.get('estado'))
  if (stand) search.stand = stand
  else if (filters.has('estado')) errors['estado'] = notInList('El estado')

  const from = readDay(filters.get('desde'))
  const until = readDay(filters.get('hasta'))
  if (from === 'wrong') errors['desde'] = wrongDay
  else if (from) search.from = from.toJSDate()
  if (until === 'wrong') errors['hasta'] = wrongDay
  else if (until) search.before = until.plus({ days: 1 }).toJSDate()
  if (search.from && search.before && search.from >= search.before)
    errors['hasta'] = 'La fecha final es anterior a la inicial: cambie una de las dos'

  const page = query('pagina') ?? '1'
  const pageNumber = Number(/^[1-9]\d{0,4}$/.exec(page)?.[0] ?? 0)
  if (pageNumber === 0)
    errors[resultsId] = 'No existe esa página del registro: use las ligas para cambiar de página'
  return { search, pageNumber, filters, isFiltered: filters.size > 0, errors }
}

const notInList = (what: string): string => `${what} no está entre las opciones: elija una de ellas`
const wrongDay = 'No es una fecha que exista: escríbala como día, mes y año, o 2026-11-27'

function readDay(text: string | undefined): DateTime<true> | 'wrong' | undefined {
  if (text === undefined) return undefined
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'wrong'
  const day = DateTime.fromISO(text, { zone })
  // of a year that a calendar of ours could have
  return day.isValid && day.year >= 1900 && day.year < 3000 ? day : 'wrong'
}

export function searchForm(
  { c, engine }: PanelRequest,
  { filters, errors, isFiltered }: ReadSearch,
  topics: Topic[],
): Html {
  const field = (id: string, label: string) => ({
    id,
    label,
    value: filters.get(id) ?? '',
    error: errors[id],
  })
  const today = inMexicoCity(engine.clock.now()).toISODate()
  const stands = dispatchStands.map((stand) => [standSlugs[stand], standNames[stand]] as const)
  return html`<form method="get" action="${c.var.link(panelPaths.dispatches)}" role="search">
    <h2>Buscar</h2>
    ${inputField({ ...field('asunto', 'Palabras del asunto'), type: 'text', maxLength: maxSubject })}
    ${selectField({
      ...field('publicacion', 'Publicación'),
      all: 'Todas',
      options: engine.publications.map(({ slug, name }) => [slug, name]),
    })}
    ${selectField({
      ...field('tema', 'Tema'),
      all: 'Todos',
      options: topics.map(({ key, name }) => [key, name]),
    })}
    ${selectField({ ...field('estado', 'Estado'), all: 'Todos', options: stands })}
    ${inputField({ ...field('desde', 'Enviado desde'), type: 'date', max: today })}
    ${inputField({ ...field('hasta', 'Enviado hasta'), hint: 'Incluye ese día.', type: 'date' })}
    <button>Buscar</button>
    ${isFiltered && html`<a href="${c.var.link(panelPaths.dispatches)}">Quitar los filtros</a>`}
  </form>`
}

function inputField(
  field: Field & { value: string; type: 'text' | 'date'; maxLength?: number; max?: string },
): Html {
  const { id, label, value, type, maxLength, max, error } = field
  return html`<div class="field ${error && 'has-problem'}">
    <label for="${id}">${label}</label>
    ${notes(field)}
    <input
      id="${id}"
      name="${id}"
      type="${type}"
      value="${value}"
      ${maxLength !== undefined && html`maxlength="${maxLength}"`}
      ${max !== undefined && html`max="${max}"`}
      ${marks(field)}
    />
  </div>`
}
