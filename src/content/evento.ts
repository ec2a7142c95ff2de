/** An event that a mail invites to, with its hour in the readers' zones. */
import { DateTime, IANAZone } from 'luxon'
import { z } from 'zod'
import { zone } from '../clock.ts'
import type { CalendarEvent } from '../publication.ts'
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
    cupo: z.int().positive().describe('Lugares').optional(),
    zonas: z
      .array(
        z.string().refine((name) => IANAZone.isValidZone(name), {
          error: 'es una zona horaria desconocida',
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

/** `id`: of the edition's content, the same in its corrections. */
export function eventoEvent(one: Evento, id: string, sequence: number): CalendarEvent {
  const location = [one.sede, one.modalidad === 'presencial' ? undefined : one.liga]
    .filter(Boolean)
    .join(' · ')
  return {
    id,
    sequence,
    cancelled: false,
    title: one.titulo,
    ...(location !== '' && { location }),
    ...(one.registro !== undefined && { description: `Registro: ${one.registro}` }),
    ...((one.liga ?? one.registro) !== undefined && { url: one.liga ?? one.registro! }),
    start: new Date(one.inicio),
    end: new Date(one.fin),
  }
}
