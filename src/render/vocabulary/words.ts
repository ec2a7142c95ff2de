/** Small pieces of what templates say. */
import { shown } from '../../errors.ts'

/** «1 nota», «3 notas» */
export function plural(count: number, one: string, many: string): string {
  return `${count} ${concuerda(count, one, many)}`
}

/** «esta actividad», «estas actividades»: without the number */
export function concuerda(count: number, one: string, many: string): string {
  return count === 1 ? text(one) : text(many)
}

/** Words one after another, where a function wants one text. */
export function frase(...parts: string[]): string {
  return parts.map(text).join(' ')
}

/** «1 nueva, 2 modificadas y 1 cancelada» */
export function enumeracion(items: string[]): string {
  return listFormat.format(items)
}

const listFormat = new Intl.ListFormat('es-MX', { type: 'conjunction' })

/** «iecm.mx», so that a link says where it goes */
export function dominio(url: string): string {
  return new URL(url).hostname.replace(/^www\./, '')
}

/** «1,234.5», as Mexico writes it */
export function cifra(value: number): string {
  return numberFormat.format(value)
}

const numberFormat = new Intl.NumberFormat('es-MX')

/** «240 KB», «1.5 MB» */
export function peso(bytes: number): string {
  return bytes < 1_000_000
    ? `${Math.ceil(bytes / 1_000)} KB`
    : `${numberFormat.format(Math.ceil(bytes / 100_000) / 10)} MB`
}

/** «PDF» of `informe.pdf` */
export function tipoDeArchivo(filename: string): string {
  return text(filename).split('.').at(-1)!.toUpperCase()
}

/** The width (px) at which an image is shown: its own, up to that of the column of text. */
export function anchoDeImagen(width: number): number {
  return Math.min(width, columnWidthPx)
}

/** 640 px without the margins of 48. */
const columnWidthPx = 544

/** A heading of the plain text: the text and a line of `mark` under it. */
export function subrayado(heading: string, mark: string): string {
  const width = Math.min(text(heading).length, maxUnderline)
  return `${heading}\n${text(mark).repeat(width)}`
}

const maxUnderline = 72

/** «Recordatorio»: what a mailing on request is, as its readers call it; empty for what needs no name. */
export function formaEnPalabras(code: string): string {
  return word(code, {
    invitacion: 'Invitación',
    recordatorio: 'Recordatorio',
    'liga-de-acceso': 'Liga de acceso',
    convocatoria: 'Convocatoria',
    infografia: 'Infografía',
    difusion: '',
  })
}

/** «Tu credencial, en cuatro pasos» of «Infografía: tu credencial, en cuatro pasos», where the mail says its kind apart. */
export function sinForma(subject: string, code: string): string {
  const start = `${formaEnPalabras(code)}:`.toLowerCase()
  if (start === ':' || !text(subject).toLowerCase().startsWith(start)) return subject
  const rest = subject.slice(start.length).trim()
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}

/** Items with their numbers from 1. */
export function numerados(items: string[]): { numero: number; texto: string }[] {
  return items.map((item, index) => ({ numero: index + 1, texto: item }))
}

/** What a code of the content reads like. */
export function word(code: string, words: Record<string, string>): string {
  const found = Object.hasOwn(words, code) ? words[code] : undefined
  if (found === undefined) {
    throw new Error(`no sabe decir ${shown(code)}: conoce ${Object.keys(words).join(', ')}`)
  }
  return found
}

/** Templates are not type-checked: a misspelt field arrives as undefined. */
export function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`esperaba un texto y recibió ${shown(value)}`)
  return value
}
