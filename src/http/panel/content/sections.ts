/** How far each item of a content's lists is: empty, being written, or complete as its schema sees it. */
import { checkContent } from '../../../content/check.ts'
import type { Publication } from '../../../publication.ts'
import type { Field, NamedField } from './fields.ts'

/** Of items of the content's own lists, such as the sections of a boletín; undefined of everything else. */
export function statusOfItems(
  publication: Publication,
  fields: NamedField[],
  body: Record<string, unknown>,
): (path: string) => string | undefined {
  const text = JSON.stringify({ ...body, tipo: publication.slug, muestra: false })
  const checked = checkContent(text, 'contenido', [publication])
  const wrong = checked.ok ? [] : checked.faults.map(({ place }) => pathOf(place))
  return (path) => {
    const [, name, index] = /^(\w+)\.(\d+)$/.exec(path) ?? []
    const list = fields.find((one) => one.name === name)?.field
    if (list?.kind !== 'list' || list.item.kind !== 'group') return undefined
    const items = body[name!]
    if (!Array.isArray(items) || isEmpty(list.item, items[Number(index)])) return 'Vacía'
    const isWrong = wrong.some((one) => one === path || one.startsWith(`${path}.`))
    return isWrong ? 'En edición' : 'Lista'
  }
}

/** `contenido notas[1].titulo`: `notas.1.titulo` */
const pathOf = (place: string): string =>
  place.replace(/^contenido /, '').replaceAll(/\[(\d+)\]/g, '.$1')

/** A choice is made by the control itself: it is not what somebody wrote. */
function isEmpty(field: Field, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  switch (field.kind) {
    case 'choice':
      return true
    case 'group':
      return field.fields.every((one) =>
        isEmpty(one.field, (value as Record<string, unknown>)[one.name]),
      )
    case 'list':
      return !Array.isArray(value) || value.every((item) => isEmpty(field.item, item))
    default:
      return false
  }
}
