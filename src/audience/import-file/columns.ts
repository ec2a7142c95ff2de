/** Which column of a file is what. Headings are compared without accents, capitals, spaces and signs. */
import { Problem, nearest, shown, type Fault } from '../../errors.ts'
import { normalizeAddress } from '../../mail.ts'
import { readable } from './table.ts'

/** What a column can be taken for, with the headings by which it is known. */
const headings = {
  correo: [
    'correo',
    'correo electrónico',
    'correos electrónicos',
    'correo institucional',
    'dirección de correo',
    'dirección de correo electrónico',
    'cuenta de correo',
    'mail',
    'email',
    'e-mail address',
    'email address',
    // exports of Google and of Outlook
    'e-mail 1 - value',
    'e-mail 1 address',
  ],
  nombre: ['nombre', 'nombres', 'nombre completo', 'nombre(s)', 'name', 'full name', 'first name'],
  apellido_paterno: [
    'apellido paterno',
    'primer apellido',
    'apellido',
    'apellidos',
    'paterno',
    'last name',
    'surname',
  ],
  apellido_materno: ['apellido materno', 'segundo apellido', 'materno'],
  lista: ['lista', 'listas', 'list', 'lists'],
  grupo: ['grupo', 'group', 'es grupo'],
  pais: ['país', 'país de residencia', 'country', 'código de país'],
  etiquetas: ['etiquetas', 'etiqueta', 'tags', 'tag'],
} as const satisfies Record<string, readonly string[]>

export type Field = keyof typeof headings
export const fields = Object.keys(headings) as Field[]

export interface Column {
  /** As the file has it, without what cannot be seen. */
  heading: string
  /** null: it is not read. */
  field: Field | null
}

/** Which heading is which field; an empty one says that the file has no column for it. */
export type ColumnChoice = Partial<Record<Field, string>>

const bare = (heading: string): string =>
  heading
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

const knownHeadings = new Map(
  fields.flatMap((field) => headings[field].map((heading) => [bare(heading), field] as const)),
)

export const isKnownHeader = (cell: string): boolean => knownHeadings.has(bare(cell))

/** Whether this row can be the header: titles may stand above it. */
export function isHeader(cells: string[], choice: ColumnChoice): boolean {
  const wanted = choice.correo === undefined ? undefined : bare(choice.correo)
  return cells.some((cell) =>
    wanted === undefined ? knownHeadings.get(bare(cell)) === 'correo' : bare(cell) === wanted,
  )
}

export const isSameHeader = (cells: string[], columns: Column[]): boolean =>
  // nearly every row is told by its address
  !cells.some((cell) => cell.includes('@')) &&
  columns.every(({ heading }, i) => bare(cells[i] ?? '') === bare(heading))

/**
 * Guesses what each column is, but for those that were chosen. Throws a Problem (es): first when no column has the
 * addresses, then when two have the same heading or are the same field.
 */
export function guessColumns(written: string[], choice: ColumnChoice, place: string): Column[] {
  const cells = written.map(readable)
  const chosen = new Map<string, Field>()
  const faults: Fault[] = []
  for (const [field, heading] of Object.entries(choice) as [Field, string][]) {
    if (heading === '') continue
    chosen.set(bare(heading), field)
    if (!cells.some((cell) => bare(cell) === bare(heading)))
      faults.push(missing(field, heading, cells, place))
  }
  if (faults.length > 0) throw new Problem('invalid', faults)
  const columns = cells.map((cell): Column => {
    const guessed = knownHeadings.get(bare(cell)) ?? null
    const isTaken = guessed !== null && choice[guessed] !== undefined
    return {
      heading: cell,
      field: chosen.get(bare(cell)) ?? (isTaken ? null : guessed),
    }
  })
  if (!columns.some(({ field }) => field === 'correo'))
    throw new Problem('invalid', noAddresses(cells, place))
  const repeated = fields
    .map((field) => columns.filter((column) => column.field === field))
    .filter((same) => same.length > 1)
  if (repeated.length > 0)
    throw new Problem(
      'invalid',
      repeated.map((same) => twice(same, place)),
    )
  return columns
}

function missing(field: Field, heading: string, cells: string[], place: string): Fault {
  const guess = nearest(heading, cells)
  return {
    place,
    message: `no hay una columna con ese encabezado para ${field}`,
    value: shown(heading),
    remedy: guess ? `¿Es «${guess}»?` : `Hay: ${listed(cells)}`,
  }
}

function noAddresses(cells: string[], place: string): Fault {
  const isData = cells.some((cell) => 'address' in normalizeAddress(cell))
  const fault = { place, message: 'no hay columna de correo', value: listed(cells) }
  if (isData) {
    const remedy =
      'Esa fila ya es de una persona: agregue antes una con los encabezados correo, nombre, lista'
    return { ...fault, remedy }
  }
  const guess = cells.find((cell) => /corr|mail/i.test(cell))
  return {
    ...fault,
    remedy: guess
      ? `¿Es «${guess}»? Cambie el encabezado a correo, o indíquelo con --column 'correo=${guess}'`
      : 'Escriba en la primera fila los encabezados: correo, nombre, lista',
  }
}

function twice(same: Column[], place: string): Fault {
  const names = same.map(({ heading }) => `«${heading}»`).join(' y ')
  const isSame = new Set(same.map(({ heading }) => bare(heading))).size === 1
  return {
    place,
    message: isSame
      ? `hay encabezados repetidos: ${names}`
      : `hay ${same.length} columnas de ${same[0]!.field}: ${names}`,
    remedy: isSame
      ? 'Cambie el encabezado de la que no deba leerse'
      : `Diga cuál es: --column '${same[0]!.field}=${same[0]!.heading}'`,
  }
}

function listed(cells: string[]): string {
  return shown(cells.filter(Boolean).join(', '), 120)
}
