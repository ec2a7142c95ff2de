/** The lists, contacts and topics of the demo and of simulations. None of the people exists. */
import { readFile } from 'node:fs/promises'
import { addList, type NewList } from '../audience/lists.ts'
import { fileOf } from '../audience/import-file/file.ts'
import { inMexicoCity } from '../clock.ts'
import { addTopic } from '../content/topics.ts'
import { setIssueStart } from '../editions/editions.ts'
import type { User } from '../people/users.ts'
import type { Engine } from './engine.ts'
import { importContacts } from './import-contacts.ts'

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

/** Into an installation that has no lists. `contacts`: how many of each list, all when not given. Returns the new ones. */
export async function loadSampleData(
  engine: Engine,
  user: User,
  options: { contacts?: number } = {},
): Promise<number> {
  const { db } = engine
  const at = engine.clock.now()
  for (const list of sampleLists) await addList(db, list, at)
  for (const topic of topics) await addTopic(db, topic, at)
  await setIssueStart(db, 'boletin-electoral', 2026, 47)
  await setIssueStart(db, 'pulso-internacional', 2026, 45)
  const csv = fewOf(await readFile(csvFile, 'utf8'), options.contacts)
  const { summary } = await importContacts(engine, user, fileOf(csv, 'audiencia.csv'), {
    consent: {
      origin: 'muestra',
      consentedOn: inMexicoCity(at).toISODate(),
      noticeVersion: engine.privacy.version,
    },
  })
  return summary.newContacts ?? 0
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
