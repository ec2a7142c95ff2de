/** A session of the INE: shared by calendario, boletín and nota ejecutiva. */
import { z } from 'zod'
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
    .regex(/^[a-z0-9-]{3,60}$/, { error: 'debe tener de 3 a 60 minúsculas, dígitos o guiones' }),
  organo: z.strictObject({ clase: claseOrgano, nombre: linea(160), siglas: linea(12).optional() }),
  tipo: z.enum([
    'ordinaria',
    'extraordinaria',
    'extraordinaria-urgente',
    'especial',
    'permanente',
    'reunion-de-trabajo',
  ]),
  /** «Décima primera» */
  ordinal: linea(40).optional(),
  fecha,
  /** null prints «hora por confirmar» */
  hora: hora.nullable(),
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
    nombre: linea(80),
    url: liga.optional(),
    consultadaEl: z.iso.datetime({
      offset: true,
      error: 'debe ser fecha y hora con zona, 2026-11-22T18:00:00-06:00',
    }),
  }),
})
export type SesionIne = z.infer<typeof sesionIne>
