/** An edition leaves: what was sealed is checked once more, its recipients are frozen, and its batches are queued. */
import { countAudience, listedIn, type AudienceCount } from '../audience/audience.ts'
import { keepContacts } from '../audience/contact-gate.ts'
import { listsOf } from '../audience/lists.ts'
import { readContent, type StoredContent } from '../content/content.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { readRendering } from '../editions/archive.ts'
import { findEdition, lockEdition, transition, type Edition } from '../editions/editions.ts'
import { sealOf } from '../editions/seal.ts'
import { openBatches, writeDeliveries } from '../ledger/deliveries.ts'
import { withholdChanged } from '../ledger/exclusions.ts'
import { messageOf } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { audienceOf, type AudienceDefinition, type Publication } from '../publication.ts'
import { offersLeaving } from '../render/slots.ts'
import { frozenLines, writeReportLines, type FrozenLine } from '../report/lines.ts'
import type { EditionState } from '../states.ts'
import { requirePublication, sampleMayLeave, type Engine } from './engine.ts'
import { holdEdition } from './hold.ts'

/**
 * A batch is what one conversation sends before it takes the next: enough of them for every conversation to be busy to
 * the end, and not so many that beginning them costs more than sending.
 */
const batches = { of: 40, least: 100, most: 1_000 }
/** As many batches of an edition are queued at a time; the rest follows as they are done. */
const queuedBatches = 5_000
/** More recipients than were counted when it was sealed, by this factor, need a person's look. */
const tolerance = 1.1

/** A person who left while the recipients were being frozen did so within this time before. */
const unseenMs = 10 * 60_000

/** The states from which it may leave by itself. */
export function releasableStates(publication: Publication): EditionState[] {
  return publication.approval === 'author' ? ['ready', 'approved'] : ['approved']
}

/** Harmless when it was released already, is not due, or may not leave: the ledger decides, not the job. */
export async function release(engine: Engine, editionId: number): Promise<void> {
  const at = engine.clock.now()
  // one snapshot for the count that is compared and the recipients that are frozen
  const released = await inTransaction(engine.db, 'repeatable read', async (tx) => {
    await keepContacts(tx)
    const edition = await lockEdition(tx, editionId)
    const publication = engine.publications.find(
      (candidate) => candidate.slug === edition.publication,
    )
    if (!publication || !releasableStates(publication).includes(edition.state)) return false
    if (at < edition.nominalAt || at > edition.latestStartAt) return false
    const content = await readContent(tx, edition)
    const hold = async (reason: string) => {
      await holdEdition(engine, tx, edition, { reason, voids: true, at })
      return false
    }
    const said = whatJobsSay(publication, content)
    if (!said.ok) return hold(said.obstacle)
    const { audience, lines } = said
    const count = await countAudience(tx, audience)
    const obstacle = await whyNot(engine, tx, edition, { publication, content, audience, count })
    if (obstacle) return hold(obstacle)
    await transition(tx, edition, 'release', { releasedAt: at, leftOut: count.left })
    const recipients = await writeDeliveries(tx, editionId, listedIn(audience), {
      batchSize: batchSizeFor(count.recipients),
      at,
    })
    // a correction never counts
    if (edition.revision === 0) {
      await writeReportLines(tx, editionId, lines)
    }
    await audit(tx, {
      at,
      user: undefined,
      act: 'release',
      subject: `edition ${editionId}`,
      detail: {
        sealedHash: edition.sealedHash,
        recipients,
        excluded: count.excluded,
        left: count.left,
      },
    })
    engine.log.info(
      { edition: editionId, publication: publication.slug, recipients },
      'edition released',
    )
    return true
  })
  if (released) await enqueueBatches(engine, editionId)
}

/**
 * Queues what an edition still has to send, without whoever left since its recipients were frozen. A batch already
 * queued is not queued twice.
 */
export async function enqueueBatches(engine: Engine, editionId: number): Promise<void> {
  const at = engine.clock.now()
  const { sender } = requirePublication(
    engine,
    (await findEdition(engine.db, editionId)).publication,
  )
  await withholdChanged(engine.db, editionId, unseenMs, at)
  const batches = await openBatches(engine.db, editionId, at, queuedBatches)
  await engine.queue.enqueue(
    batches.map((batch) => ({ name: 'send-batch' as const, sender, editionId, batch })),
    at,
  )
}

export function batchSizeFor(recipients: number): number {
  return Math.min(batches.most, Math.max(batches.least, Math.ceil(recipients / batches.of)))
}

type Said =
  { ok: true; audience: AudienceDefinition; lines: FrozenLine[] } | { ok: false; obstacle: string }

/** jobs/ may have changed since the content was checked: what it cannot say any more holds the edition. */
function whatJobsSay(publication: Publication, content: StoredContent): Said {
  try {
    return {
      ok: true,
      audience: audienceOf(publication, content.body),
      lines: frozenLines(publication, content.body),
    }
  } catch (error) {
    return { ok: false, obstacle: `jobs/ ya no entiende su contenido: ${messageOf(error)}` }
  }
}

/** What stands against it, for staff to read; undefined when nothing does. */
async function whyNot(
  engine: Engine,
  tx: Db,
  edition: Edition,
  {
    publication,
    content,
    audience,
    count: { recipients, excluded },
  }: {
    publication: Publication
    content: StoredContent
    audience: AudienceDefinition
    count: AudienceCount
  },
): Promise<string | undefined> {
  if (content.isSample && !sampleMayLeave(engine)) return 'su contenido es de muestra'
  const archived = await readRendering(tx, edition.id, edition.sealedHash!)
  const seal = sealOf({
    contentSha256: content.sha256,
    ...archived,
    senderFrom: engine.config.senders[publication.sender].from.address,
    audience,
    nominalAt: edition.nominalAt,
  })
  if (seal !== edition.sealedHash) {
    return 'lo que se aprobó (contenido, remitente, audiencia, hora) ya no es lo que saldría'
  }
  const { lists } = await listsOf(tx, audience)
  if (lists.some((list) => list.kind === 'external') && !offersLeaving(archived)) {
    return 'su audiencia es de una lista externa y el correo no dice cómo darse de baja'
  }
  if (recipients === 0 && Object.keys(excluded).length === 0)
    return 'su audiencia no tiene ninguna dirección'
  if (recipients > (edition.expectedRecipients ?? 0) * tolerance) {
    return `su audiencia creció de ${edition.expectedRecipients} a ${recipients} direcciones desde que se marcó como lista`
  }
  return undefined
}
