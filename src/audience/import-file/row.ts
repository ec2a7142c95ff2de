/** One row of a file as it would be written, with what is wrong with it. */
import { nearest } from '../../errors.ts'
import { normalizeAddress } from '../../mail.ts'
import { isSameHeader, type Column, type Field } from './columns.ts'
import { countryCode, countryNames } from './countries.ts'
import { likelyDomain } from './domains.ts'
import type { TableRow } from './table.ts'

/** As staff read it, and as the report file has it. */
export interface RowFault {
  columna: string
  valor: string
  motivo: string
  sugerencia: string
  /** False: worth a look, and imported all the same. */
  excluye: boolean
}

export interface CheckedRow {
  number: number
  /** Its normal form; null when it is none. */
  address: string | null
  name: string
  country: string | null
  tags: string[]
  isGroup: boolean
  lists: string[]
  faults: RowFault[]
}

export interface RowContext {
  columns: Column[]
  /** Slugs that exist. */
  lists: string[]
  /** Of every row, when the file has no column for it. */
  list: string | undefined
}

const maxCellCharacters = 10_000
const maxNameCharacters = 200
const maxTags = 20
const maxTagCharacters = 50
const maxShownCharacters = 200

/** undefined for an empty row. */
export function checkRow({ number, cells }: TableRow, context: RowContext): CheckedRow | undefined {
  if (cells.every((cell) => cell.trim() === '')) return undefined
  const faults: RowFault[] = []
  const read: CellReader = (field) => {
    const index = context.columns.findIndex((column) => column.field === field)
    const value = cells[index] ?? ''
    const wrong = index < 0 ? undefined : cellFault(value)
    if (wrong) faults.push({ columna: field, valor: visible(value), ...wrong, excluye: true })
    return wrong ? '' : value.trim()
  }
  const empty = { number, name: '', country: null, tags: [], isGroup: false, lists: [], faults }
  const whole = wholeRowFault(cells, context.columns)
  if (whole) return { ...empty, address: null, faults: [whole] }
  return {
    ...empty,
    address: readAddress(read, faults),
    name: readName(read, faults),
    country: readCountry(read, faults),
    tags: readTags(read, faults),
    isGroup: readGroup(read, faults),
    lists: readLists(read, faults, context),
  }
}

/** The text of a cell, without the spaces around it; empty when the cell itself was refused. */
type CellReader = (field: Field) => string

function wholeRowFault(cells: string[], columns: Column[]): RowFault | undefined {
  const fault = { columna: 'correo', valor: visible(cells.join(', ')), excluye: true }
  if (isSameHeader(cells, columns))
    return { ...fault, motivo: 'es el encabezado otra vez', sugerencia: 'Quite la fila' }
  const used = cells.findLastIndex((cell) => cell.trim() !== '') + 1
  if (used > columns.length) {
    return {
      ...fault,
      motivo: `tiene ${used} celdas, y el encabezado ${columns.length}`,
      sugerencia: 'Ponga entre comillas el dato que lleva el separador',
    }
  }
  return undefined
}

/** What no cell may have. Line ends are ends of words: the address alone refuses them. */
function cellFault(value: string): { motivo: string; sugerencia: string } | undefined {
  if (value.length > maxCellCharacters) {
    return {
      motivo: `tiene ${value.length} caracteres, y no debe pasar de ${maxCellCharacters}`,
      sugerencia: 'Revise si quedaron unas comillas sin cerrar',
    }
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/.test(value)) {
    return {
      motivo: 'contiene caracteres de control',
      sugerencia: 'Escriba el dato de nuevo',
    }
  }
  if (value.includes('\ufffd')) {
    return {
      motivo: 'perdió letras: el archivo se guardó antes en otra codificación',
      sugerencia: 'Vuelva al archivo original y guárdelo como CSV UTF-8',
    }
  }
  return undefined
}

function readAddress(read: CellReader, faults: RowFault[]): string | null {
  const before = faults.length
  const written = read('correo')
  const fault = { columna: 'correo', valor: visible(written) }
  if (faults.length > before) return null
  if (written === '') {
    const sugerencia = 'Escriba la dirección o quite la fila'
    faults.push({ ...fault, motivo: 'está vacía', sugerencia, excluye: true })
    return null
  }
  const normal = normalizeAddress(written)
  if ('reason' in normal) {
    const mended = mend(written)
    const sugerencia = mended ? `¿${mended}?` : 'Corrija la dirección o quite la fila'
    faults.push({ ...fault, motivo: normal.reason, sugerencia, excluye: true })
    return null
  }
  const { address } = normal
  const likely = likelyDomain(address.slice(address.indexOf('@') + 1))
  if (likely !== undefined) {
    const motivo = 'el dominio parece mal escrito; se importa así si se acepta'
    faults.push({ ...fault, motivo, sugerencia: `¿${likely}?`, excluye: false })
  }
  return address
}

/** What was probably meant by an address that is none: a suggestion. */
function mend(written: string): string | undefined {
  const bare = /<([^<>]+)>/.exec(written)?.[1] ?? written
  const mended = bare
    .replace(/^mailto:/i, '')
    .replace(/\([^)]*\)/g, '')
    .replace(/[\s"“”«»\u200b-\u200f\ufeff]/g, '')
    .replace(/,(?=[a-z]{2,}$)/i, '.')
    .replace(/^[.,;:]+|[.,;:]+$/g, '')
    .replace(/\.{2,}/g, '.')
  if (/[\r\n]/.test(written)) return undefined
  const normal = normalizeAddress(mended)
  return 'address' in normal ? normal.address : undefined
}

function readName(read: CellReader, faults: RowFault[]): string {
  const name = [read('nombre'), read('apellido_paterno'), read('apellido_materno')]
    .join(' ')
    .normalize('NFC')
    .replace(/[\p{Cf}]/gu, (character) => (character === '\u200d' ? character : ''))
    .replace(/\s+/g, ' ')
    .trim()
  if (name.length <= maxNameCharacters) return name
  faults.push({
    columna: 'nombre',
    valor: visible(name),
    motivo: `tiene ${name.length} caracteres, y no debe pasar de ${maxNameCharacters}`,
    sugerencia: 'Acorte el nombre',
    excluye: true,
  })
  return ''
}

function readCountry(read: CellReader, faults: RowFault[]): string | null {
  const written = read('pais')
  if (written === '') return null
  const code = countryCode(written)
  if (code !== undefined) return code
  const guess = nearest(written, countryNames())
  faults.push({
    columna: 'pais',
    valor: visible(written),
    motivo: 'no es un país',
    sugerencia: guess
      ? `¿${spanishName(countryCode(guess)!)}?`
      : 'Escriba su nombre en español o su código de dos letras',
    excluye: true,
  })
  return null
}

const spanishName = (code: string): string =>
  new Intl.DisplayNames(['es-MX'], { type: 'region' }).of(code) ?? code

/** Between `|`, `;` or `,`; in lower case, so that Prensa and prensa are one. */
function readTags(read: CellReader, faults: RowFault[]): string[] {
  const written = read('etiquetas')
  const tags = [
    ...new Set(
      written
        .split(/[|;,]/)
        .map((tag) => tag.normalize('NFC').replace(/\s+/g, ' ').trim().toLowerCase())
        .filter(Boolean),
    ),
  ]
  const long = tags.find((tag) => tag.length > maxTagCharacters)
  if (tags.length <= maxTags && long === undefined) return tags
  faults.push({
    columna: 'etiquetas',
    valor: visible(long ?? written),
    motivo: long
      ? `una etiqueta no debe pasar de ${maxTagCharacters} caracteres`
      : `son ${tags.length} etiquetas, y no deben pasar de ${maxTags}`,
    sugerencia: 'Separe las etiquetas con | y deje las necesarias',
    excluye: true,
  })
  return []
}

function readGroup(read: CellReader, faults: RowFault[]): boolean {
  const written = read('grupo')
  if (/^(s[ií]|x|1|true|verdadero|yes)$/i.test(written)) return true
  if (/^(|no|0|false|falso)$/i.test(written)) return false
  faults.push({
    columna: 'grupo',
    valor: visible(written),
    motivo: 'no dice si es la dirección de un grupo',
    sugerencia: 'Escriba sí o no',
    excluye: true,
  })
  return false
}

/** Slugs between spaces or `|`. */
function readLists(read: CellReader, faults: RowFault[], context: RowContext): string[] {
  if (context.list !== undefined) return [context.list]
  const before = faults.length
  const slugs = [
    ...new Set(
      read('lista')
        .toLowerCase()
        .split(/[\s|]+/)
        .filter(Boolean),
    ),
  ]
  if (faults.length > before) return []
  const fault = { columna: 'lista', excluye: true }
  if (slugs.length === 0) {
    const sugerencia = `Escriba la clave de la lista: ${context.lists.join(', ')}`
    faults.push({ ...fault, valor: '', motivo: 'está vacía', sugerencia })
  }
  for (const slug of slugs.filter((one) => !context.lists.includes(one))) {
    const guess = nearest(slug, context.lists)
    const sugerencia = guess ? `¿${guess}?` : `Hay: ${context.lists.join(', ') || 'ninguna'}`
    faults.push({ ...fault, valor: visible(slug), motivo: 'no existe', sugerencia })
  }
  return slugs.filter((slug) => context.lists.includes(slug))
}

/** Fit for a cell and for PostgreSQL: short, with what cannot be seen made visible. */
function visible(text: string): string {
  const shown = text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
  if (shown.length <= maxShownCharacters) return shown
  return `${shown.slice(0, maxShownCharacters - 1).toWellFormed()}…`
}
