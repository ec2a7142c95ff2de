/** The search of the audit log: what its parameters say, what is wrong with them, and its form. */
import { html } from 'hono/html'
import { DateTime } from 'luxon'
import { zone } from '../../../clock.ts'
import type { Account } from '../../../people/accounts.ts'
import type { AuditSearch } from '../../../people/audit.ts'
import type { Html } from '../../env.ts'
import { marks, notes, type FormErrors } from '../../form.ts'
import { selectField } from '../dispatches/parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { actNames, subjectKinds } from './audit-words.ts'

export interface ReadAudit {
  search: AuditSearch
  beforeId: number | undefined
  /** As they came, without the empty ones: shown again, and in the links to other pages. */
  filters: Map<string, string>
  errors: FormErrors
}

export const listId = 'lista'
const system = 'sistema'
const maxReference = 100
const names = ['persona', 'acto', 'sobre', 'referencia', 'desde', 'hasta']

export function readAudit({ c }: PanelRequest, people: Account[]): ReadAudit {
  const filters = new Map<string, string>()
  for (const name of names) {
    const value = (c.req.query(name) ?? '').trim()
    if (value !== '') filters.set(name, value)
  }
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
  readDays(filters, search, errors)

  const before = c.req.query('antes')
  const beforeId = before === undefined ? undefined : Number(/^\d{1,15}$/.exec(before)?.[0])
  if (Number.isNaN(beforeId)) errors[listId] = 'No existe esa página de la bitácora: use las ligas'
  return { search, beforeId, filters, errors }
}

function readSubject(filters: Map<string, string>, search: AuditSearch, errors: FormErrors): void {
  const kind = filters.get('sobre')
  if (kind !== undefined && Object.hasOwn(subjectKinds, kind)) search.kind = kind
  else if (kind !== undefined) errors['sobre'] = notInList('Lo que se busca')

  const reference = filters.get('referencia')
  if (reference === undefined) return
  if (reference.length > maxReference)
    errors['referencia'] = `Escriba cuando más ${maxReference} letras`
  // PostgreSQL has no text with a NUL
  else if (/\p{Cc}/u.test(reference))
    errors['referencia'] = 'Lleva caracteres que no se pueden buscar: escríbalo de nuevo'
  else if (kind === undefined)
    errors['sobre'] = 'Para buscar por número o clave, elija también sobre qué'
  else search.reference = reference
}

function readDays(filters: Map<string, string>, search: AuditSearch, errors: FormErrors): void {
  const from = readDay(filters.get('desde'))
  const until = readDay(filters.get('hasta'))
  if (from === 'wrong') errors['desde'] = wrongDay
  else if (from) search.from = from.toJSDate()
  if (until === 'wrong') errors['hasta'] = wrongDay
  else if (until) search.before = until.plus({ days: 1 }).toJSDate()
  if (search.from && search.before && search.from >= search.before)
    errors['hasta'] = 'La fecha final es anterior a la inicial: cambie una de las dos'
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

export function auditForm(
  { c }: PanelRequest,
  { filters, errors }: ReadAudit,
  people: Account[],
): Html {
  const field = (id: string, label: string) => ({
    id,
    label,
    value: filters.get(id) ?? '',
    error: errors[id],
  })
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
    })}
    ${inputField({ ...field('desde', 'Desde'), type: 'date' })}
    ${inputField({ ...field('hasta', 'Hasta'), hint: 'Incluye ese día.', type: 'date' })}
    <button>Buscar</button>
    ${filters.size > 0 && html`<a href="${c.var.link(panelPaths.audit)}">Quitar los filtros</a>`}
  </form>`
}

function inputField(field: {
  id: string
  label: string
  value: string
  hint?: string
  type: 'text' | 'date'
  error: string | undefined
}): Html {
  const { id, label, value, type, error } = field
  return html`<div class="field ${error && 'has-problem'}">
    <label for="${id}">${label}</label>
    ${notes(field)}
    <input
      id="${id}"
      name="${id}"
      type="${type}"
      value="${value}"
      ${type === 'text' && html`maxlength="${maxReference}"`}
      ${marks(field)}
    />
  </div>`
}
