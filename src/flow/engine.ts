/** What the flows work with: put together once by src/app.ts, handed to each. */
import type { Clock } from '../clock.ts'
import type { Config, Relay } from '../config.ts'
import type { Db } from '../db/database.ts'
import type { Connections } from '../dispatch/connections.ts'
import { Problem, nearest, shown } from '../errors.ts'
import type { Keys } from '../keys.ts'
import { linkTo, paths } from '../links.ts'
import type { Log } from '../log.ts'
import type { PrivacyNotice } from '../privacy-notice.ts'
import type { Publication } from '../publication.ts'
import type { Queue } from '../queue/queue.ts'
import type { ReportDefinitions } from '../report/definition.ts'
import type { Lease } from './lease.ts'
import type { Letters } from './letters.ts'
import type { RelayHealth } from './relay-health.ts'
import type { Seats } from './seats.ts'
import type { SharedWrites } from './shared-writes.ts'

export interface Engine {
  db: Db
  clock: Clock
  log: Log
  config: Config
  publications: Publication[]
  reportDefinitions: ReportDefinitions
  keys: Keys
  privacy: PrivacyNotice
  queue: Queue
  connections: Connections
  letters: Letters
  relays: RelayHealth
  seats: Seats
  writes: SharedWrites
  lease: Lease
  /** The local outbox; undefined in production. */
  outbox: Relay | undefined
  /** Identifies this installation in Message-IDs. */
  instanceId: string
  /** Throws a Problem on a database that was restored or cloned elsewhere: checked by every job, not once a process. */
  assertAdopted(): Promise<void>
  /** True once the process was told to stop: take nothing new. */
  draining(): boolean
}

export function requirePublication(
  engine: Pick<Engine, 'publications'>,
  slug: string,
): Publication {
  const found = engine.publications.find((publication) => publication.slug === slug)
  if (found) return found
  const guess = nearest(
    slug,
    engine.publications.map((publication) => publication.slug),
  )
  throw new Problem('notFound', {
    place: 'publicación',
    message: 'no existe',
    value: shown(slug),
    remedy: guess ? `¿Quiso decir ${guess}?` : '`pregonero publications` las muestra',
  })
}

/** `Boletín Electoral 2026-W48` */
export function titleOf(
  engine: Pick<Engine, 'publications'>,
  edition: { publication: string; period: string },
): string {
  const name = engine.publications.find(
    (publication) => publication.slug === edition.publication,
  )?.name
  return `${name ?? edition.publication} ${edition.period}`
}

/** Where the link to leave goes in what is nobody's own: tests, previews, the public archive. */
export function anybodysPage({ config }: Pick<Engine, 'config'>): string {
  return linkTo(config.publicUrl, paths.subscriptions)
}

/** Sample content may leave where nobody is mailed for real. */
export function sampleMayLeave(engine: Pick<Engine, 'config'>): boolean {
  return engine.config.environment === 'demo' || engine.config.environment === 'test'
}
