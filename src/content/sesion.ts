/** A session of the INE: shared by calendario, boletín and nota ejecutiva. */
import { DateTime } from 'luxon'
import { z } from 'zod'
import { zone } from '../clock.ts'
import type { CalendarEvent, RegisteredSession } from '../publication.ts'
import { fecha, hora, liga, linea } from './fields.ts'

export const claseOrgano = z.enum([
  'consejo-general',
  'junta-general-ejecutiva',
  'comision',
  'comisiones-unidas',
  'comite',
  'comision-nacional-de-vigilancia',
  'grupo-de-trabajo',
])

export const sesionIne = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9-]{3,60}$/, { error: 'debe tener de 3 a 60 minúsculas, dígitos o guiones' })
    .describe(
      'Clave de esta sesión, la misma en todos los envíos que la mencionen: minúsculas, dígitos y guiones',
    ),
  organo: z.strictObject({ clase: claseOrgano, nombre: linea(160), siglas: linea(12).optional() }),
  tipo: z.enum([
    'ordinaria',
    'extraordinaria',
    'extraordinaria-urgente',
    'especial',
    'permanente',
    'reunion-de-trabajo',
  ]),
  ordinal: linea(40).describe('Como «Décima primera»').optional(),
  fecha,
  hora: hora
    .nullable()
    .describe(
      'De la Ciudad de México, de 24 horas, como 17:00. Sin ella se imprime «hora por confirmar»',
    ),
  modalidad: z.enum(['presencial', 'virtual', 'semipresencial', 'por-confirmar']),
  lugar: linea(160).optional(),
  ordenDelDia: z
    .array(z.strictObject({ numero: linea(8), asunto: linea(400) }))
    .max(60)
    .default([]),
  enlaces: z
    .strictObject({
      transmision: liga.optional(),
      ordenDelDia: liga.optional(),
      documentos: liga.optional(),
    })
    .default({}),
  estado: z
    .enum(['programada', 'por-confirmar', 'reprogramada', 'cancelada', 'celebrada'])
    .default('programada'),
  fuente: z.strictObject({
    nombre: linea(80).describe('De dónde se tomó la sesión'),
    url: liga.optional(),
    consultadaEl: z.iso
      .datetime({
        offset: true,
        error: 'debe ser fecha y hora con zona, 2026-11-22T18:00:00-06:00',
      })
      .describe('Cuándo se consultó: fecha y hora con su zona, 2026-11-22T18:00:00-06:00'),
  }),
})
export type SesionIne = z.infer<typeof sesionIne>

const hourMs = 3_600_000

/** The event of a session; without an hour it takes its day. Two hours long: the INE announces no end. */
export function sessionEvent(sesion: RegisteredSession<SesionIne>): CalendarEvent {
  const { organo, ordinal, tipo, lugar, enlaces, hora, fecha: day } = sesion
  const start = hora === null ? day : DateTime.fromISO(`${day}T${hora}`, { zone }).toJSDate()
  const name =
    tipo === 'reunion-de-trabajo' ? 'reunión de trabajo' : `sesión ${tipo.replace('-', ' ')}`
  const kind = [ordinal?.toLowerCase(), name].filter(Boolean).join(' ')
  const isCancelled = sesion.estado === 'cancelada'
  const description = [
    ...(organo.siglas === undefined ? [] : [organo.nombre]),
    ...(sesion.estado === 'por-confirmar' || hora === null ? ['Por confirmar.'] : []),
    ...sesion.ordenDelDia.map(
      (point) => `${point.numero.replace(/[.)–-]+$/, '')}. ${point.asunto}`,
    ),
    `Fuente: ${sesion.fuente.nombre}`,
  ].join('\n')
  return {
    id: `sesion-ine-${sesion.id}`,
    sequence: sesion.secuencia,
    cancelled: isCancelled,
    // calendars that import a file seldom show its STATUS
    title: `${isCancelled ? 'Cancelada. ' : ''}${organo.siglas ?? organo.nombre}: ${kind}`,
    description,
    ...(lugar !== undefined && { location: lugar }),
    ...(enlaces.transmision !== undefined && { url: enlaces.transmision }),
    start,
    ...(start instanceof Date && { end: new Date(start.getTime() + 2 * hourMs) }),
  }
}
