/** Building blocks of content schemas. Field names and messages are Spanish: staff read them. */
import { DateTime } from 'luxon'
import { z } from 'zod'
import { zone } from '../clock.ts'

z.config(z.locales.es())

/** `2026-11-23` */
export const fecha = z.iso.date({ error: 'debe ser una fecha como 2026-11-23' })

/** `17:00`, hora de la Ciudad de México */
export const hora = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'debe ser una hora de 24 horas como 17:00' })

/** `2026-11` */
export const mes = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'debe ser un mes como 2026-11' })

/** `2026-11-1Q` */
export const quincena = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-[12]Q$/, { error: 'debe ser una quincena como 2026-11-1Q' })

/** `2026-Q4` */
export const trimestre = z
  .string()
  .regex(/^\d{4}-Q[1-4]$/, { error: 'debe ser un trimestre como 2026-Q4' })

export const liga = z
  .url({ protocol: /^https$/, hostname: /\./, error: 'debe ser una liga que empiece con https://' })
  .max(500, { error: 'la liga pasa de 500 caracteres' })
  .refine((text) => !/\s/.test(text), { error: 'la liga contiene espacios' })
  .refine(isPrintable, { error: 'contiene caracteres de control o reservados' })

/** `2026-11-25 10:00`, hora de la Ciudad de México */
export const fechaYHora = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}$/, {
    error: 'debe ser día y hora como 2026-11-25 10:00',
  })
  .refine((text) => !Number.isNaN(instante(text).getTime()), {
    error: 'esa fecha u hora no existe',
  })

/** The instant of a fechaYHora. */
export function instante(text: string): Date {
  return DateTime.fromISO(text.replace(' ', 'T'), { zone }).toJSDate()
}

/** One line of text, without markup. */
export const linea = (max: number) =>
  parrafos(max).refine((text) => !/[\r\n]/.test(text), { error: 'debe ocupar un solo renglón' })

/** Paragraphs in the Markdown subset of src/render/markdown.ts: negritas, cursivas, listas, ligas. */
export const parrafos = (max: number) =>
  z
    .string({ error: (issue) => (issue.input === undefined ? 'falta' : 'debe ser texto') })
    .trim()
    .min(1, { error: 'está vacío' })
    .max(max, {
      error: ({ input }) => `tiene ${(input as string).length} caracteres y el máximo es ${max}`,
    })
    .refine(isPrintable, { error: 'contiene caracteres de control o reservados' })

/** What mails say on: a key of the catalogue (`pregonero topics list`). */
export const tema = z
  .string()
  .regex(/^[a-z0-9-]{3,60}$/, { error: 'debe ser una clave del catálogo de temas' })

const nombreDeArchivo = z
  .string()
  .max(120, { error: 'el nombre del archivo pasa de 120 caracteres' })
  .regex(/^[^/\\\p{C}]+\.[A-Za-z0-9]{2,5}$/u, {
    error: 'debe ser el nombre de un archivo que esté junto a éste, como cartel.png',
  })

/** An image of the mail. Frozen, it also has the `sha256`, `ancho` and `alto` (px) of what src/content/files.ts stored. */
export const imagen = z.strictObject({
  archivo: nombreDeArchivo,
  alt: linea(250).describe('Lo que la imagen dice, para quien no la ve'),
})

/** An infographic is a text too: all that it says, for whoever cannot see it. */
export const infografia = imagen.extend({
  descripcionLarga: parrafos(3000).describe('El texto completo de la infografía'),
})

/** A file that travels with the mail. Frozen, it also has its `sha256` and `bytes`. */
export const adjunto = z.strictObject({ archivo: nombreDeArchivo, titulo: linea(120) })
export const adjuntos = z.array(adjunto).max(3).default([])

/** Sample content says so: the mail shows a strip, and it cannot leave outside demo and test. */
export const muestra = z.boolean({ error: 'debe ser true o false' }).default(false)

// control characters but for tab and line ends, the private use area, where recipient slots live, and what is left of
// text that was not UTF-8
const unprintable =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ue000-\uf8ff\ufff9-\uffff]/

function isPrintable(text: string): boolean {
  return text.isWellFormed() && !unprintable.test(text)
}
