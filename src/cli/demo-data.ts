/** The people, lists, contacts and topics of the demo and of simulations. None of them exists. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../app.ts'
import { inMexicoCity } from '../clock.ts'
import { addList, type NewList } from '../audience/lists.ts'
import { fileOf } from '../audience/import-file/file.ts'
import { addTopic } from '../content/topics.ts'
import { withClient } from '../db/database.ts'
import { setIssueStart } from '../editions/editions.ts'
import { startEmbeddedPostgres } from '../embedded/postgres.ts'
import { importContacts } from '../flow/import-contacts.ts'
import { addUser, requireUser, type User } from '../people/users.ts'

const csvFile = new URL('../../jobs/samples/audiencia.csv', import.meta.url)

export const sampleLists: NewList[] = [
  { slug: 'consejerias', name: 'Consejerías', kind: 'internal' },
  { slug: 'comunidad-iecm', name: 'Comunidad del IECM', kind: 'internal' },
  { slug: 'calendario-ine', name: 'Titulares que reciben el calendario del INE', kind: 'internal' },
  {
    slug: 'red-observacion',
    name: 'Red de Observación',
    kind: 'external',
    description: 'Talleres, materiales y noticias para quienes observan las elecciones.',
    isOpen: true,
  },
  {
    slug: 'voto-chilango',
    name: 'Base de contactos de Voto Chilango',
    kind: 'external',
    description: 'Trámites, fechas y actividades para quienes votan desde el extranjero.',
    sender: 'votochilango',
    isOpen: true,
  },
  { slug: 'dvoe', name: 'Dirección de Vinculación con Organismos Externos', kind: 'internal' },
]

const topics = [
  { key: 'taller-que-observa-quien-observa', name: 'Taller «Qué observa quien observa»' },
  { key: 'conversatorio-comunidad-chilanga', name: 'Conversatorio «La comunidad chilanga»' },
  { key: 'sitio-bases-de-datos', name: 'Sitio de bases de datos y sistemas de consulta' },
]

/** Once: a second time it finds them. `contacts`: how many of each list, all when not given. */
export async function prepareSampleData(
  { db, engine }: App,
  options: { contacts?: number } = {},
): Promise<{ author: User; approver: User; newContacts: number }> {
  const existing = await db.selectFrom('staffUser').select('id').executeTakeFirst()
  if (existing) {
    return {
      author: await requireUser(db, 'ana'),
      approver: await requireUser(db, 'luis'),
      newContacts: 0,
    }
  }
  const at = engine.clock.now()
  const author = await addUser(
    db,
    { login: 'ana', name: 'Ana Ejemplo', email: 'ana@example.org', roles: ['capturista'] },
    at,
  )
  const approver = await addUser(
    db,
    {
      login: 'luis',
      name: 'Luis Ejemplo',
      email: 'luis@example.org',
      roles: ['aprobacion', 'operacion'],
    },
    at,
  )
  for (const list of sampleLists) await addList(db, list, at)
  for (const topic of topics) await addTopic(db, topic, at)
  await setIssueStart(db, 'boletin-electoral', 2026, 47)
  await setIssueStart(db, 'pulso-internacional', 2026, 45)
  const csv = fewOf(await readFile(csvFile, 'utf8'), options.contacts)
  const { summary } = await importContacts(engine, author, fileOf(csv, 'audiencia.csv'), {
    consent: {
      origin: 'muestra',
      consentedOn: inMexicoCity(at).toISODate(),
      noticeVersion: engine.privacy.version,
    },
  })
  return { author, approver, newContacts: summary.newContacts ?? 0 }
}

/** Forgets an earlier demo: its database, its outbox, its previews. */
export async function forgetDemo(dataDir: string): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') })
  try {
    await withClient(await server.url('postgres'), (client) =>
      client.query('DROP DATABASE IF EXISTS pregonero_demo WITH (FORCE)'),
    )
    for (const folder of ['outbox', 'previews']) {
      await rm(join(dataDir, folder), { recursive: true, force: true })
    }
  } finally {
    await server.release()
  }
}

/** The first `count` rows of each list. */
function fewOf(csv: string, count: number | undefined): string {
  if (count === undefined) return csv
  const [head, ...rows] = csv.trim().split('\n')
  const taken = new Map<string, number>()
  const few = rows.filter((row) => {
    const list = row.split(',')[2] ?? ''
    taken.set(list, (taken.get(list) ?? 0) + 1)
    return taken.get(list)! <= count
  })
  return [head, ...few].join('\n')
}
