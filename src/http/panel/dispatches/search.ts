/** The search of the register: what its parameters say, what is wrong with them, and its form. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import {
  dispatchStands,
  type DispatchSearch,
  type DispatchStand,
} from '../../../editions/dispatched.ts'
import type { Publication } from '../../../publication.ts'
import type { Html } from '../../env.ts'
import type { FormErrors } from '../../form.ts'
import {
  filterField,
  filtersIn,
  inputField,
  isSearchable,
  notInList,
  readDays,
  type Filters,
} from '../filters.ts'
import { selectField } from './parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export interface ReadSearch {
  search: DispatchSearch
  pageNumber: number
  filters: Filters
  isFiltered: boolean
  errors: FormErrors
}

interface Topic {
  key: string
  name: string
}

/** Where an error of a parameter without a field leads. */
export const resultsId = 'resultados'

const names = ['asunto', 'publicacion', 'tema', 'estado', 'desde', 'hasta']
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
  const filters = filtersIn(query, names)
  const errors: FormErrors = {}
  const search: DispatchSearch = {}

  const subject = filters.get('asunto')
  if (subject !== undefined) {
    if (subject.length > maxSubject)
      errors['asunto'] = `Escriba cuando más ${maxSubject} letras del asunto`
    else if (!isSearchable(subject))
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

  Object.assign(search, readDays(filters, errors))

  const page = query('pagina') ?? '1'
  const pageNumber = Number(/^[1-9]\d{0,4}$/.exec(page)?.[0] ?? 0)
  if (pageNumber === 0)
    errors[resultsId] = 'No existe esa página del registro: use las ligas para cambiar de página'
  return { search, pageNumber, filters, isFiltered: filters.size > 0, errors }
}

export function searchForm({ c, engine }: PanelRequest, read: ReadSearch, topics: Topic[]): Html {
  const field = filterField(read)
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
    ${read.isFiltered && html`<a href="${c.var.link(panelPaths.dispatches)}">Quitar los filtros</a>`}
  </form>`
}
