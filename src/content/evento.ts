/** An event that a mail invites to, with its hour in the readers' zones. */
import { DateTime } from 'luxon'
import { z } from 'zod'
import { zone } from '../clock.ts'
import { sha256Hex } from '../hash.ts'
import type { CalendarEvent, EditionFacts } from '../publication.ts'
import { liga, linea } from './fields.ts'

// in one zone alone: an hour typed as of another city may not exist there, and none is printed that nobody checked
const instante = z.iso
  .datetime({
    offset: true,
    error: 'debe ser fecha y hora con zona, como 2026-12-03T17:00:00-06:00',
  })
  .refine((text) => DateTime.fromISO(text, { setZone: true }).offset === mexicoCityOffset(text), {
    error: 'no está en hora de la Ciudad de México (-06:00)',
  })

/** Minutes from UTC at that instant. */
function mexicoCityOffset(text: string): number {
  return DateTime.fromISO(text, { zone }).offset
}

/** By their city: what `Etc/GMT+5` prints means the opposite to most readers. */
const knownZones = new Set(
  Intl.supportedValuesOf('timeZone').filter((name) => /^(?!Etc\/)[A-Z]\w+\//.test(name)),
)

export const evento = z
  .strictObject({
    titulo: linea(180),
    inicio: instante,
    fin: instante,
    modalidad: z.enum(['presencial', 'virtual', 'hibrida']),
    sede: linea(240).describe('Necesaria si no es virtual').optional(),
    liga: liga
      .describe('La de acceso; un evento virtual necesita ésta o la de registro')
      .optional(),
    registro: liga.describe('La de registro').optional(),
    clave: z
      .string()
      .regex(/^[a-z0-9-]{3,60}$/, { error: 'debe tener de 3 a 60 minúsculas, dígitos o guiones' })
      .describe(
        'La misma en cada correo que lo mencione: así el calendario corrige el evento en vez de repetirlo',
      )
      .optional(),
    cancelado: z
      .boolean({ error: 'debe ser true o false' })
      .default(false)
      .describe('true lo quita de los calendarios de quienes lo agregaron'),
    cupo: z.int().positive().describe('Lugares').optional(),
    zonas: z
      .array(
        z.string().refine((name) => knownZones.has(name), {
          error: 'no es una zona horaria como Europe/Madrid o America/Los_Angeles',
        }),
      )
      .max(8)
      .default([])
      .describe('En qué zonas IANA se escribe también la hora, como Europe/Madrid'),
  })
  .refine((one) => Date.parse(one.fin) > Date.parse(one.inicio), {
    path: ['fin'],
    error: 'debe ser posterior al inicio',
  })
  .refine((one) => one.modalidad === 'presencial' || one.liga || one.registro, {
    path: ['liga'],
    error: 'un evento virtual necesita liga de acceso o de registro',
  })
  .refine((one) => one.modalidad === 'virtual' || one.sede, {
    path: ['sede'],
    error: 'un evento presencial necesita sede',
  })
export type Evento = z.infer<typeof evento>

/** The same event in whatever edition mentions it; the edition that leaves last has the last word. */
export function eventoEvent(
  one: Evento,
  { nominalAt }: Pick<EditionFacts, 'nominalAt'>,
): CalendarEvent {
  const location = [one.sede, one.modalidad === 'presencial' ? undefined : one.liga]
    .filter(Boolean)
    .join(' · ')
  return {
    id: `evento-${one.clave ?? `${one.inicio.slice(0, 10)}-${sha256Hex(one.titulo).slice(0, 12)}`}`,
    // RFC 5545 §3.8.7.4 wants it to rise and no more: minutes fit its 31 bits until the year 6053
    sequence: Math.floor(nominalAt.getTime() / 60_000),
    cancelled: one.cancelado,
    // calendars that import a file seldom show its STATUS
    title: `${one.cancelado ? 'Cancelado. ' : ''}${one.titulo}`,
    ...(location !== '' && { location }),
    ...(one.registro !== undefined && { description: `Registro: ${one.registro}` }),
    ...((one.liga ?? one.registro) !== undefined && { url: one.liga ?? one.registro! }),
    start: new Date(one.inicio),
    end: new Date(one.fin),
  }
}
