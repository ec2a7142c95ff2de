/** The search of the audit log: what its parameters say, what is wrong with them, and its form. */
import { html } from 'hono/html'
import type { Account } from '../../../people/accounts.ts'
import type { AuditSearch } from '../../../people/audit.ts'
import type { Html } from '../../env.ts'
import type { FormErrors } from '../../form.ts'
import { selectField } from '../dispatches/parts.ts'
import {
  filterField,
  filtersIn,
  inputField,
  isSearchable,
  notInList,
  readDays,
  type Filters,
} from '../filters.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { actNames, subjectKinds } from './audit-words.ts'

export interface ReadAudit {
  search: AuditSearch
  beforeId: number | undefined
  filters: Filters
  errors: FormErrors
}

export const listId = 'lista'
const system = 'sistema'
const maxReference = 100
const names = ['persona', 'acto', 'sobre', 'referencia', 'desde', 'hasta']

export function readAudit({ c }: PanelRequest, people: Account[]): ReadAudit {
  const filters = filtersIn((name) => c.req.query(name), names)
  const errors: FormErrors = {}
  const search: AuditSearch = {}

  const person = filters.get('persona')
  const found = people.find(({ login }) => `u-${login}` === person)
  if (person === system) search.userId = 'system'
  else if (found) search.userId = found.id
  else if (person !== undefined) errors['persona'] = notInList('La persona')

  const act = filters.get('acto')
  if (act !== undefined && Object.hasOwn(actNames, act)) search.act = act
  else if (act !== undefined) errors['acto'] = notInList('El acto')

  readSubject(filters, search, errors)

  Object.assign(search, readDays(filters, errors))

  const before = c.req.query('antes')
  const beforeId = before === undefined ? undefined : Number(/^\d{1,15}$/.exec(before)?.[0])
  if (Number.isNaN(beforeId)) errors[listId] = 'No existe esa página de la bitácora: use las ligas'
  return { search, beforeId, filters, errors }
}

function readSubject(filters: Filters, search: AuditSearch, errors: FormErrors): void {
  const kind = filters.get('sobre')
  if (kind !== undefined && Object.hasOwn(subjectKinds, kind)) search.kind = kind
  else if (kind !== undefined) errors['sobre'] = notInList('Lo que se busca')

  const reference = filters.get('referencia')
  if (reference === undefined) return
  if (reference.length > maxReference)
    errors['referencia'] = `Escriba cuando más ${maxReference} letras`
  else if (!isSearchable(reference))
    errors['referencia'] = 'Lleva caracteres que no se pueden buscar: escríbalo de nuevo'
  else if (kind === undefined)
    errors['sobre'] = 'Para buscar por número o clave, elija también sobre qué'
  else search.reference = reference
}

export function auditForm({ c }: PanelRequest, read: ReadAudit, people: Account[]): Html {
  const field = filterField(read)
  const byName = (words: Record<string, string>) =>
    Object.entries(words).toSorted(([, a], [, b]) => a.localeCompare(b, 'es'))
  return html`<form method="get" action="${c.var.link(panelPaths.audit)}" role="search">
    <h2>Buscar</h2>
    ${selectField({
      ...field('persona', 'Quién'),
      all: 'Cualquiera',
      options: [
        [system, 'El sistema, o alguien sin sesión'],
        ...people.map(({ login, name }) => [`u-${login}`, `${name} (${login})`] as const),
      ],
    })}
    ${selectField({ ...field('acto', 'Acto'), all: 'Todos', options: byName(actNames) })}
    ${selectField({ ...field('sobre', 'Sobre'), all: 'Todo', options: byName(subjectKinds) })}
    ${inputField({
      ...field('referencia', 'Número o clave'),
      hint: 'El número de una edición, la clave de una persona usuaria.',
      type: 'text',
      maxLength: maxReference,
    })}
    ${inputField({ ...field('desde', 'Desde'), type: 'date' })}
    ${inputField({ ...field('hasta', 'Hasta'), hint: 'Incluye ese día.', type: 'date' })}
    <button>Buscar</button>
    ${read.filters.size > 0 && html`<a href="${c.var.link(panelPaths.audit)}">Quitar los filtros</a>`}
  </form>`
}
