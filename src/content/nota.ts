/** A piece of news: shared by boletín, boletín Voto Chilango and noticias. */
import { z } from 'zod'
import { fecha, imagen, liga, linea, parrafos } from './fields.ts'

export const acuerdo = z.strictObject({
  clave: z
    .string()
    .regex(/^INE\/(CG|JGE|ACRT|[A-Z]{2,8})\/?\d{1,4}\/\d{4}$/, {
      error: 'debe ser una clave como INE/CG123/2026',
    })
    .describe('Como INE/CG123/2026')
    .optional(),
  titulo: linea(300),
  votacion: z.enum(['unanimidad', 'mayoria', 'no-consta']).default('no-consta'),
})

export const nota = z.strictObject({
  titulo: linea(140),
  resumen: parrafos(700),
  fecha: fecha.describe('La del hecho').optional(),
  acuerdos: z.array(acuerdo).max(20).default([]),
  fuente: linea(80).describe('Quién lo dice'),
  url: liga.describe('Dónde leer más').optional(),
  imagen: imagen.optional(),
})
