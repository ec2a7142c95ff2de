/** Mails on request that are written whole: their last look renders, and counts whom they reach. */
import type { Db } from '../src/db/database.ts'
import type { User } from '../src/people/users.ts'

const steps = ['asunto', 'mensaje', 'audiencia', 'cuando']

/** To 50,000 people, to a part of them, and to everybody. */
export const writtenRequests = {
  whole: { publication: 'red-observacion', audience: { audiencia: ['red-observacion'] } },
  segment: {
    publication: 'red-observacion',
    audience: { audiencia: ['red-observacion'], segmento: { paises: 'Estados Unidos' } },
  },
  everybody: {
    publication: 'nota-ejecutiva',
    audience: { audiencia: ['consejerias', 'comunidad-iecm'] },
  },
} as const

/** As it is found again: what is written in `asunto`. */
export const subjectOf = (name: keyof typeof writtenRequests): string => `Medición: ${name}`

export async function writeRequests(db: Db, { id }: User, at: Date): Promise<void> {
  const { key } = await db
    .selectFrom('topic')
    .select('key')
    .orderBy('key')
    .executeTakeFirstOrThrow()
  for (const [name, { publication, audience }] of Object.entries(writtenRequests)) {
    const answers = {
      forma: 'difusion',
      tema: key,
      asunto: subjectOf(name as keyof typeof writtenRequests),
      saludo: 'Estimadas personas integrantes:',
      cuerpo: 'Este material **explica** qué observa quien observa.\n\n- Primero\n- Después',
      envio: { fecha: '2026-12-04', hora: '10:00' },
      ...audience,
    }
    await db
      .insertInto('draft')
      .values({
        publication,
        userId: id,
        body: JSON.stringify({ saved: steps, answers }),
        version: 5,
        createdAt: at,
        updatedAt: at,
      })
      .execute()
  }
}
