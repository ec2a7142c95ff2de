/** Building blocks of content schemas. Field names and messages are Spanish: staff read them. */
import { DateTime } from 'luxon'
import { z } from 'zod'
import { zone } from '../clock.ts'
import { countryCodes } from '../countries.ts'
import { sendable, withoutInvisible } from './sendable-text.ts'

z.config({ ...z.locales.es(), customError: ownWords })

export const fecha = z.iso.date({ error: 'debe ser una fecha como 2026-11-23' })

export const hora = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'debe ser una hora de 24 horas como 17:00' })
  .describe('HH:MM, hora de la Ciudad de México')

export const mes = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'debe ser un mes como 2026-11' })
  .describe('El mes de la edición: AAAA-MM')

export const quincena = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-[12]Q$/, { error: 'debe ser una quincena como 2026-11-1Q' })
  .describe('La que se informa: AAAA-MM-1Q o AAAA-MM-2Q')

export const trimestre = z
  .string()
  .regex(/^\d{4}-Q[1-4]$/, { error: 'debe ser un trimestre como 2026-Q4' })
  .describe('El que se informa: de AAAA-Q1 a AAAA-Q4')

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
  parrafos(max).refine((text) => !/[\r\n]/.test(text), {
    error: 'debe ocupar un solo renglón',
    params: { remedy: 'Quite los saltos de línea' },
  })

/** Paragraphs in the Markdown subset of src/render/markdown.ts: negritas, cursivas, listas, ligas. */
export const parrafos = (max: number) =>
  z
    .string()
    .overwrite(withoutInvisible)
    .trim()
    .min(1, { error: 'está vacío' })
    .max(max, {
      error: ({ input }) => `tiene ${(input as string).length} caracteres y el máximo es ${max}`,
    })
    .check(sendable())

export const liga = z
  .string()
  .overwrite(withoutInvisible)
  .trim()
  .check(sendable())
  .refine((text) => !/\s/.test(text), {
    error: 'la liga contiene espacios',
    params: { remedy: 'Cópiela otra vez, o escriba %20 en lugar de cada espacio' },
  })
  .check(
    z.url({
      protocol: /^https$/,
      hostname: /\./,
      error: 'debe ser una liga que empiece con https://',
    }),
  )
  .max(500, { error: 'la liga pasa de 500 caracteres' })
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', {
    error: 'la liga lleva un usuario antes de la arroba',
    params: { remedy: 'Quítelo: hace pasar un sitio por otro' },
  })

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
  archivo: nombreDeArchivo.describe(
    'PNG, JPEG, WebP o GIF que esté junto a este archivo, como cartel.png',
  ),
  alt: linea(250).describe('Lo que la imagen dice, para quien no la ve'),
})

/** An infographic is a text too: all that it says, for whoever cannot see it. */
export const infografia = imagen.extend({
  descripcionLarga: parrafos(3000).describe('El texto completo de la infografía'),
})

/** A file that travels with the mail. Frozen, it also has its `sha256` and `bytes`. */
export const adjunto = z.strictObject({
  archivo: nombreDeArchivo.describe(
    'PDF, Word, Excel o PowerPoint que esté junto a este archivo, como programa.pdf',
  ),
  titulo: linea(120).describe('Cómo se presenta en el correo'),
})
export const adjuntos = z
  .array(adjunto)
  .max(3)
  .default([])
  .describe('Van con el correo: hasta 2 MB cada uno, 3.5 entre todos')

/** When a mailing on request leaves. */
export const envio = fechaYHora.describe(
  'Cuándo sale, en hora de la Ciudad de México: 2026-11-25 10:00',
)

/** `without`: what the line of the report says when this is not given. */
export const tituloInforme = (without: string) =>
  linea(300).describe(`Texto del renglón del informe trimestral; sin él, ${without}`).optional()

/** To which lists a mailing on request goes: all of them when it does not say. */
export const audienciaDe = <Lista extends string>(listas: readonly [Lista, ...Lista[]]) =>
  z
    .array(z.enum(listas, { error: 'no es una lista a la que se envíe' }))
    .min(1)
    .default([...listas] as never)
    .describe('A qué listas se envía')

const pais = z
  .string()
  .regex(/^[A-Z]{2}$/, {
    error: 'debe ser la clave de un país en dos mayúsculas, como US',
    abort: true,
  })
  .refine((code) => countryCodes.has(code), {
    error: 'no es la clave de un país',
    params: { remedy: 'Use la clave ISO 3166-1 de dos letras, como US' },
  })
  .describe('Dos mayúsculas, como US')

const etiqueta = linea(50).refine((text) => text === text.toLowerCase(), {
  error: 'debe escribirse en minúsculas, como taller-2026',
})

/** Only some of those lists: whoever lives in one of the countries and has one of the tags. */
export const segmento = z
  .strictObject({
    paises: z.array(pais).min(1).max(50).describe('Claves de país').optional(),
    etiquetas: z.array(etiqueta).min(1).max(20).describe('Basta una de ellas').optional(),
  })
  .refine(({ paises, etiquetas }) => paises !== undefined || etiquetas !== undefined, {
    error: 'no dice a quiénes',
    params: { remedy: 'Dé paises, etiquetas o ambos, o quite el segmento' },
  })
  .describe('Solo una parte de esas listas; `pregonero contacts count` dice cuántas personas son')
  .optional()

/** Where what a mailing says comes from. */
export const fuentes = z
  .array(z.strictObject({ nombre: linea(120), url: liga }))
  .min(1)
  .max(20)

/** Sample content says so: the mail shows a strip, and it cannot leave outside demo and test. */
export const muestra = z
  .boolean({ error: 'debe ser true o false' })
  .default(false)
  .describe('Mientras diga true no puede enviarse: para enviarlo, quite este renglón')

/** What a schema refuses without words of its own. */
function ownWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === null ? 'está vacío' : typeWords[issue.expected]
    case 'invalid_value':
      return 'no es una de las opciones'
    case 'unrecognized_keys':
      return `tiene campos que no se conocen: ${issue.keys.join(', ')}`
    case 'too_big':
    case 'too_small': {
      const limit =
        issue.code === 'too_big' ? `máximo es ${issue.maximum}` : `mínimo es ${issue.minimum}`
      return Array.isArray(issue.input)
        ? `tiene ${issue.input.length} elementos y el ${limit}`
        : `es demasiado ${issue.code === 'too_big' ? 'grande' : 'pequeño'}: el ${limit}`
    }
  }
}

const typeWords: Record<string, string> = {
  string: 'debe ser texto',
  array: 'debe ser una lista',
  object: 'debe ser un grupo de campos',
  number: 'debe ser un número',
  int: 'debe ser un número entero',
}
