/**
 * What templates can say besides the fields of the content: the functions that Handlebars calls helpers. They get
 * values as content has them (`2026-11-27`, `por-confirmar`) and give what a reader sees.
 */
import Handlebars from 'handlebars'
import { DateTime } from 'luxon'
import { inMexicoCity } from '../clock.ts'
import { shown } from '../errors.ts'
import { markdownToHtml, markdownToText } from './markdown.ts'
import { isSlotName, slotNames, slotToken } from './slots.ts'

/** html: `templates/<slug>.mjml`, values are escaped; text: `templates/<slug>.txt.hbs`, values enter as they are. */
export type TemplateKind = 'html' | 'text'

export const vocabularies: Record<TemplateKind, Record<string, (...values: never[]) => unknown>> = {
  html: {
    ...common(),
    markdown: (text: string) => new Handlebars.SafeString(markdownToHtml(text)),
  },
  text: { ...common(), markdownText: (text: string) => markdownToText(text), subrayado },
}

function common() {
  return {
    slot,
    fechaLarga,
    fechaCorta,
    periodo,
    horas,
    plural,
    dominio,
    nombreDeSesion,
    modalidadEnPalabras,
    estadoDeSesion,
    votacionEnPalabras,
    porDia,
    fuentesDe,
  }
}

function slot(name: string): string {
  if (!isSlotName(name))
    throw new Error(`no es un hueco por destinatario: use ${slotNames.join(', ')}`)
  return slotToken(name)
}

/** «viernes 27 de noviembre de 2026» */
export function fechaLarga(day: Date | string): string {
  return dayOf(day).toFormat("cccc d 'de' LLLL 'de' yyyy")
}

/** «viernes 27 de noviembre», where the year is known */
export function fechaCorta(day: Date | string): string {
  return dayOf(day).toFormat("cccc d 'de' LLLL")
}

/** «del 23 al 27 de noviembre de 2026», saying month and year twice only when they change */
export function periodo(from: string, to: string): string {
  const [first, last] = [dayOf(from), dayOf(to)]
  const end = last.toFormat("d 'de' LLLL 'de' yyyy")
  if (first.toISODate() === last.toISODate()) return end
  if (first.year !== last.year) return `del ${first.toFormat("d 'de' LLLL 'de' yyyy")} al ${end}`
  if (first.month !== last.month) return `del ${first.toFormat("d 'de' LLLL")} al ${end}`
  return `del ${first.day} al ${end}`
}

/** «17:00 horas» */
export function horas(time: string | null): string {
  if (time === null) return 'Hora por confirmar'
  return `${text(time)} horas`
}

/** «1 nota», «3 notas» */
export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? text(one) : text(many)}`
}

/** «iecm.mx», so that a link says where it goes */
export function dominio(url: string): string {
  return new URL(url).hostname.replace(/^www\./, '')
}

/** «Décima primera sesión extraordinaria», «Sesión ordinaria», «Reunión de trabajo» */
export function nombreDeSesion(session: { tipo: string; ordinal?: string | null }): string {
  const name = word(session.tipo, {
    ordinaria: 'sesión ordinaria',
    extraordinaria: 'sesión extraordinaria',
    'extraordinaria-urgente': 'sesión extraordinaria urgente',
    especial: 'sesión especial',
    permanente: 'sesión permanente',
    'reunion-de-trabajo': 'reunión de trabajo',
  })
  return session.ordinal
    ? `${session.ordinal} ${name}`
    : name.charAt(0).toUpperCase() + name.slice(1)
}

export function modalidadEnPalabras(code: string): string {
  return word(code, {
    presencial: 'Presencial',
    virtual: 'Virtual',
    semipresencial: 'Semipresencial',
    'por-confirmar': 'Modalidad por confirmar',
  })
}

/** Empty for what needs no word: a session that is on, or whose hour already says that it is to be confirmed. */
export function estadoDeSesion(session: { estado: string; hora: string | null }): string {
  if (session.estado === 'por-confirmar' && session.hora === null) return ''
  return word(session.estado, {
    programada: '',
    'por-confirmar': 'Por confirmar',
    reprogramada: 'Reprogramada',
    cancelada: 'Cancelada',
    celebrada: 'Celebrada',
  })
}

/** Empty when the vote is not on record. */
export function votacionEnPalabras(code: string): string {
  return word(code, { unanimidad: 'Por unanimidad', mayoria: 'Por mayoría', 'no-consta': '' })
}

interface Session {
  fecha: string
  hora: string | null
  fuente: { nombre: string; url?: string | null; consultadaEl: string }
}

/** Sessions grouped by day, in order; within a day by hour, those without one last. */
export function porDia<S extends Session>(sessions: S[]) {
  const days = Map.groupBy(
    sessions.toSorted((a, b) => compare(a.fecha, b.fecha) || compare(a.hora ?? '~', b.hora ?? '~')),
    (session) => session.fecha,
  )
  return [...days].map(([fecha, sesiones]) => {
    const day = dayOf(fecha)
    return {
      fecha,
      diaDeLaSemana: day.toFormat('cccc'),
      dia: day.toFormat('d'),
      mes: day.toFormat('LLLL'),
      sesiones,
    }
  })
}

/** The sources of the sessions, each once, with the last day on which it was consulted. */
export function fuentesDe(sessions: Session[]) {
  const groups = Map.groupBy(sessions, ({ fuente }) => `${fuente.nombre}\n${fuente.url ?? ''}`)
  return [...groups.values()].map((group) => {
    const last = group
      .map(({ fuente }) => fuente)
      .toSorted((a, b) => Date.parse(b.consultadaEl) - Date.parse(a.consultadaEl))[0]!
    return { nombre: last.nombre, url: last.url ?? null, consultadaEl: new Date(last.consultadaEl) }
  })
}

/** A heading of the plain text: the text and a line of `mark` under it. */
export function subrayado(heading: string, mark: string): string {
  const width = Math.min(text(heading).length, maxUnderline)
  return `${heading}\n${text(mark).repeat(width)}`
}

const maxUnderline = 72

/** A calendar day as content writes it, or the day of an instant in Mexico City. */
function dayOf(day: Date | string): DateTime<true> {
  if (day instanceof Date) return inMexicoCity(day)
  const date = DateTime.fromISO(text(day), { zone: 'utc' }).setLocale('es-MX')
  if (!date.isValid) throw new Error(`esperaba una fecha y recibió ${shown(day)}`)
  return date
}

function word(code: string, words: Record<string, string>): string {
  const found = Object.hasOwn(words, code) ? words[code] : undefined
  if (found === undefined) {
    throw new Error(`no sabe decir ${shown(code)}: conoce ${Object.keys(words).join(', ')}`)
  }
  return found
}

// templates are not type-checked: a misspelt field arrives as undefined
function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`esperaba un texto y recibió ${shown(value)}`)
  return value
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
