/**
 * A mail on request as its steps ask for it: dates apart from hours, countries as they were typed. It may be unfinished
 * or wrong, and is kept as it was written; `contentOf` makes of it what the schema of its publication reads.
 */
import { DateTime } from 'luxon'
import type { z } from 'zod'
import { zone } from '../clock.ts'
import { countryCodes, countryName } from '../countries.ts'
import { shown, type Fault } from '../errors.ts'
import { fecha, hora } from './fields.ts'

export type Answers = Record<string, unknown>

export interface RequestBody {
  /** Steps that were saved: of the others nothing is missing yet. */
  saved: string[]
  answers: Answers
}

type Given = Record<string, unknown>

/** Of a draft. */
export function requestBody(body: Record<string, unknown>): RequestBody {
  const saved = Array.isArray(body.saved) ? body.saved.map(String) : []
  return { saved, answers: groupOf(body.answers) }
}

export const groupOf = (value: unknown): Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : {}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Empty fields are left out: the schema says which of them are missing. */
export function contentOf(slug: string, answers: Answers): Given {
  const { evento, envio, segmento, tituloInforme, ...rest } = answers
  const subject = rest.asunto ?? rest.titulo
  return without({
    tipo: slug,
    muestra: false,
    ...rest,
    // the same as the subject says nothing of its own
    tituloInforme: tituloInforme === subject ? undefined : tituloInforme,
    evento: hasEvent(answers) ? eventOf(groupOf(evento)) : undefined,
    envio: sendingHour(groupOf(envio)),
    segmento: segmentOf(groupOf(segmento)),
  })
}

/** «No» leaves what was typed of it aside; without an answer, what was typed is one. */
export function hasEvent({ evento }: Answers): boolean {
  const { hay, ...said } = groupOf(evento)
  return hay === 'si' || (hay !== 'no' && Object.keys(said).length > 0)
}

function eventOf({ hay: _hay, fecha: day, hora: from, hasta, cupo, ...rest }: Given): Given {
  const seats = textOf(cupo)
  return without({
    ...rest,
    inicio: instantText(day, from),
    fin: instantText(day, hasta),
    cupo: seats === '' ? undefined : Number.isNaN(Number(seats)) ? seats : Number(seats),
  })
}

/** ISO 8601 with the offset of Mexico City; undefined while day or hour is missing or is none. */
function instantText(day: unknown, time: unknown): string | undefined {
  if (!fecha.safeParse(day).success || !hora.safeParse(time).success) return undefined
  const instant = DateTime.fromISO(`${textOf(day)}T${textOf(time)}`, { zone })
  return instant.toISO({ suppressMilliseconds: true }) ?? undefined
}

function sendingHour({ fecha: day, hora: time }: Given): string | undefined {
  return instantText(day, time) && `${textOf(day)} ${textOf(time)}`
}

function segmentOf({ paises, etiquetas }: Given): Given | undefined {
  const segment = without({
    paises: nonEmpty(namesIn(paises).map(countryCode)),
    etiquetas: nonEmpty(namesIn(etiquetas).map((name) => name.toLowerCase())),
  })
  return Object.keys(segment).length === 0 ? undefined : segment
}

const namesIn = (text: unknown): string[] => [
  ...new Set(
    textOf(text)
      .split(/[,;\n]/)
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ),
]

/** Of «Estados Unidos», «us» or «US»; what is no country stays for the schema to refuse. */
function countryCode(name: string): string {
  return codesByName().get(plain(name)) ?? name
}

let codes: Map<string, string> | undefined
function codesByName(): Map<string, string> {
  codes ??= new Map(
    [...countryCodes].flatMap((code) => [
      [plain(code), code],
      [plain(countryName(code)), code],
    ]),
  )
  return codes
}

const plain = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')

const nonEmpty = <T>(list: T[]): T[] | undefined => (list.length === 0 ? undefined : list)

const without = (group: Given): Given =>
  Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined))

/** What the schema cannot say in the words of the steps: days and hours that are none. Places are those of the fields. */
export function answerFaults(answers: Answers): Fault[] {
  const event = hasEvent(answers) ? groupOf(answers.evento) : undefined
  const sending = groupOf(answers.envio)
  return [
    ...(event
      ? [
          ...partFaults('evento.fecha', event.fecha, fecha),
          ...partFaults('evento.hora', event.hora, hora),
          ...partFaults('evento.hasta', event.hasta, hora),
        ]
      : []),
    ...partFaults('envio.fecha', sending.fecha, fecha),
    ...partFaults('envio.hora', sending.hora, hora),
  ]
}

function partFaults(place: string, value: unknown, schema: z.ZodType): Fault[] {
  if (value === undefined) return [{ place, message: 'falta', remedy: 'Escriba este dato' }]
  const parsed = schema.safeParse(value)
  if (parsed.success) return []
  const message = parsed.error.issues[0]!.message
  return [{ place, message, value: shown(value), remedy: 'Corríjalo' }]
}
