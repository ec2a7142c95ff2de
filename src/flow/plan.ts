/**
 * The planner: it compares the clock with the ledger and does what is missing. It remembers nothing itself, so any
 * number of planners at any moment, a lost queue or a clock that moves do no harm.
 */
import { purgeStaged } from '../audience/imports.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { purgeSessions } from '../people/sessions.ts'
import { lockEdition, type Edition } from '../editions/editions.ts'
import { reapExpired } from '../ledger/claims.ts'
import { cancelLeftOver } from '../ledger/deliveries.ts'
import type { Publication } from '../publication.ts'
import type { Job } from '../queue/queue.ts'
import { eraseDue } from './cancel-person.ts'
import { closeFinished } from './close-edition.ts'
import { eachOf } from './each-of.ts'
import type { Engine } from './engine.ts'
import { holdEdition, longTime, omitEdition } from './hold.ts'
import { openSlots } from './open-slots.ts'
import { announceRelaysDown, thoseThatMayGo } from './relay-trouble.ts'
import { enqueueBatches, releasableStates } from './release.ts'
import { sendNotices } from './send-notices.ts'
import { purgeRequests } from './subscribe.ts'

/** A release is queued this long before its hour, with the rest as an exact delay. */
const releaseAheadMs = 2 * 60_000

/** What fails does not stop the rest; it is thrown together at the end. */
export async function plan(engine: Engine): Promise<void> {
  await eachOf(
    [
      openSlots,
      settleDue,
      recoverLost,
      closeFinished,
      announceRelaysDown,
      sendNotices,
      eraseDue,
      forgetRequests,
    ],
    (step) => step(engine),
  )
}

/** Queues what is ready for its hour; holds what is not; omits what is too late. */
async function settleDue(engine: Engine): Promise<void> {
  const now = engine.clock.now()
  const due = await engine.db
    .selectFrom('edition')
    .select(['id', 'nominalAt'])
    .where('state', 'in', ['planned', 'ready', 'approved', 'held'])
    .where('nominalAt', '<=', new Date(now.getTime() + releaseAheadMs))
    .orderBy('nominalAt')
    .execute()
  await eachOf(due, async ({ id }) => {
    const release = await inTransaction(engine.db, (tx) => settle(engine, tx, id, now))
    if (release) await engine.queue.enqueue([release], now)
  })
}

/** The job that the edition needs, if it is to be released. */
async function settle(engine: Engine, tx: Db, id: number, now: Date): Promise<Job | undefined> {
  const edition = await lockEdition(tx, id)
  const publication = engine.publications.find((one) => one.slug === edition.publication)
  const next = decide(edition, publication, now)
  if (next.act === 'release') return { name: 'release', editionId: id, at: edition.nominalAt }
  if (next.act === 'hold') {
    await holdEdition(engine, tx, edition, { reason: next.reason, voids: false, at: now })
  }
  if (next.act === 'omit') await omitEdition(engine, tx, edition, next.reason, now)
  return undefined
}

type Decision = { act: 'release' } | { act: 'wait' } | { act: 'hold' | 'omit'; reason: string }

/** Pure: what becomes of an edition at this moment. */
export function decide(
  edition: Edition,
  publication: Publication | undefined,
  now: Date,
): Decision {
  if (!['planned', 'ready', 'approved', 'held'].includes(edition.state)) return { act: 'wait' }
  if (now > edition.latestStartAt) {
    const obstacle = edition.stateReason ?? whatLacks(edition, publication)
    return {
      act: 'omit',
      reason: `pasó su hora límite, el ${longTime(edition.latestStartAt)}${obstacle && ` (${obstacle})`}`,
    }
  }
  if (publication && releasableStates(publication).includes(edition.state))
    return { act: 'release' }
  if (now < edition.nominalAt || edition.state === 'held') return { act: 'wait' }
  return {
    act: 'hold',
    reason: publication ? whatLacks(edition, publication) : 'su publicación ya no existe en jobs/',
  }
}

function whatLacks(edition: Edition, publication: Publication | undefined): string {
  if (edition.contentId === null) return 'no tiene contenido'
  if (edition.sealedHash === null) return 'su contenido no se marcó como listo'
  const waits = edition.state === 'ready' && publication?.approval === 'second-person'
  return waits ? 'falta que otra persona la apruebe' : ''
}

/** Deliveries of workers that are gone or of cancelled editions, and batches that the queue no longer knows. */
async function recoverLost(engine: Engine): Promise<void> {
  const now = engine.clock.now()
  await reapExpired(engine.db, now)
  await cancelLeftOver(engine.db, now)
  const sending = await engine.db
    .selectFrom('edition')
    .select(['id', 'state', 'publication'])
    .where('state', '=', 'sending')
    .execute()
  const mayGo = await thoseThatMayGo(engine, sending)
  await eachOf(mayGo, ({ id }) => enqueueBatches(engine, id))
}

/** What nobody needs any more: answered requests, imports that nobody confirmed, sessions that ended. */
async function forgetRequests({ db, clock }: Engine): Promise<void> {
  await purgeRequests(db, clock.now())
  await purgeStaged(db, clock.now())
  await purgeSessions(db, clock.now())
}
