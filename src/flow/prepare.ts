/** What people do before an edition leaves: add content, mark it ready, approve it, cancel it. */
import { checkContent, editionFaults } from '../content/check.ts'
import { freezeContent, readContent } from '../content/content.ts'
import { audienceFaults, countRecipients } from '../audience/audience.ts'
import { inMexicoCity } from '../clock.ts'
import { inTransaction, violates, type Db } from '../db/database.ts'
import { archiveRendering } from '../editions/archive.ts'
import {
  assignIssueNumber,
  editionForContent,
  factsOf,
  findEdition,
  lockEdition,
  transition,
  unsealed,
  type Edition,
  type Transition,
} from '../editions/editions.ts'
import { permits, refusal } from '../editions/machine.ts'
import { sealOf } from '../editions/seal.ts'
import { Problem } from '../errors.ts'
import { cancelOpen } from '../ledger/deliveries.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Publication } from '../publication.ts'
import { renderEdition, type Rendering } from '../render/render.ts'
import { requirePublication, type Engine } from './engine.ts'

/** Checks a file, freezes it and gives it to its edition, whose seal it breaks. Throws a Problem with every fault. */
export async function addContent(
  engine: Engine,
  user: User,
  file: { text: string; place: string },
  period?: string,
): Promise<Edition> {
  authorize(user, 'content.add')
  const checked = checkContent(file.text, file.place, engine.publications)
  if (!checked.ok) throw new Problem('invalid', checked.faults)
  const { content } = checked
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    const found = await editionForContent(tx, content.publication.slug, period, at)
    const edition = await lockEdition(tx, found.id)
    const faults = editionFaults(content, edition)
    if (faults.length > 0) throw new Problem('invalid', faults)
    const stored = await freezeContent(tx, content, user.id, at)
    const updated = orThrow(
      await transition(tx, edition, edition.state === 'held' ? 'content.mend' : 'content.add', {
        ...unsealed,
        stateReason: edition.state === 'held' ? 'su contenido no se marcó como listo' : null,
        contentId: stored.id,
        contentAuthorId: user.id,
      }),
    )
    const detail = {
      content: stored.id,
      sha256: stored.sha256,
      file: file.place,
      was: edition.state,
    }
    await audit(tx, { at, user, act: 'content.add', subject: `edition ${edition.id}`, detail })
    return updated
  })
}

/** Renders what would be sent, for previews and tests; changes nothing. Throws a Problem when it cannot be rendered. */
export async function renderDraft(engine: Engine, edition: Edition): Promise<Rendering> {
  const publication = requirePublication(engine, edition.publication)
  const content = await readContent(engine.db, edition)
  return render(publication, content.body, edition)
}

/**
 * The author says that the content is whole: it is numbered, rendered, archived and sealed. What leaves at its hour
 * is exactly this.
 */
export async function markReady(
  engine: Engine,
  user: User,
  editionId: number,
): Promise<{ edition: Edition; warnings: string[] }> {
  authorize(user, 'edition.ready')
  const { db } = engine
  const at = engine.clock.now()
  const numbered = await inTransaction(db, async (tx) => {
    const edition = await lockEdition(tx, editionId)
    const publication = requirePublication(engine, edition.publication)
    if (!permits('ready', edition.state)) throw new Problem('refused', refusal('ready', edition))
    await readContent(tx, edition)
    if (publication.numbering === 'yearly')
      await assignIssueNumber(tx, edition, inMexicoCity(edition.nominalAt).year)
    return findEdition(tx, editionId)
  })
  const publication = requirePublication(engine, numbered.publication)
  const content = await readContent(db, numbered)
  refuseSample(engine, content.isSample, editionId)
  const recipients = await countAudience(db, publication)
  // outside any transaction: it takes about a second
  const rendering = await render(publication, content.body, numbered)
  const sealedHash = sealOf({
    contentSha256: content.sha256,
    ...rendering,
    senderFrom: engine.config.senders[publication.sender].from.address,
    audience: publication.audience,
    nominalAt: numbered.nominalAt,
  })
  const edition = await inTransaction(db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    if (current.contentId !== numbered.contentId || current.issueNumber !== numbered.issueNumber) {
      throw new Problem('refused', {
        place: `edición ${editionId}`,
        message: 'cambió mientras se marcaba como lista',
        remedy: 'Revise el contenido y márquela de nuevo',
      })
    }
    const ready = orThrow(
      await transition(tx, current, 'ready', {
        sealedHash,
        expectedRecipients: recipients,
        readyBy: user.id,
        readyAt: at,
      }),
    )
    await archiveRendering(tx, {
      editionId,
      sealedHash,
      subject: rendering.subject,
      html: rendering.html,
      plainText: rendering.plainText,
      createdAt: at,
    })
    await audit(tx, {
      at,
      user,
      act: 'ready',
      subject: `edition ${editionId}`,
      detail: { sealedHash, recipients },
    })
    return ready
  })
  await wakePlanner(engine)
  return { edition, warnings: rendering.warnings }
}

/** A second person approves exactly one hash. `hash`: what they saw, whole or its beginning; undefined: the current. */
export async function approve(
  engine: Engine,
  user: User,
  editionId: number,
  hash?: string,
): Promise<Edition> {
  authorize(user, 'edition.approve')
  const at = engine.clock.now()
  const edition = await inTransaction(engine.db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    if (hash !== undefined && !current.sealedHash?.startsWith(hash)) {
      throw new Problem('refused', {
        place: `edición ${editionId}`,
        message: 'ya no es la versión que se revisó',
        value: hash,
        remedy: 'Revise la versión actual y apruébela',
      })
    }
    if (current.state === 'held' && current.sealedHash === null) {
      throw new Problem('refused', {
        place: `edición ${editionId}`,
        message: `no se puede aprobar: ${current.stateReason ?? 'no está lista'}`,
        remedy: 'Primero se marca como lista',
      })
    }
    const approved = orThrow(
      await transition(tx, current, 'approve', { approvedBy: user.id, approvedAt: at }),
    )
    await audit(tx, {
      at,
      user,
      act: 'approve',
      subject: `edition ${editionId}`,
      detail: { sealedHash: current.sealedHash },
    })
    return approved
  }).catch((error: unknown) => {
    if (!violates(error, 'edition_two_persons')) throw error
    throw new Problem('refused', {
      place: `edición ${editionId}`,
      message: `${user.name} la redactó o la marcó como lista, y quien aprueba debe ser otra persona`,
      remedy: 'Pida la aprobación a alguien más',
    })
  })
  await wakePlanner(engine)
  return edition
}

/** Nothing more of it is sent. Deliveries in conversation at this moment still get their outcome. */
export async function cancel(
  engine: Engine,
  user: User,
  editionId: number,
  reason: string,
): Promise<Edition> {
  authorize(user, 'edition.cancel')
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    const neverSent = current.releasedAt === null
    const cancelled = orThrow(
      await transition(tx, current, 'cancel', {
        stateReason: reason,
        closedAt: at,
        ...(neverSent && { issueNumber: null, issueYear: null }),
      }),
    )
    const deliveries = await cancelOpen(tx, editionId, at)
    const detail = { reason, was: current.state, deliveries }
    await audit(tx, { at, user, act: 'cancel', subject: `edition ${editionId}`, detail })
    return cancelled
  })
}

/** What was held leaves at once. Without the queue nothing is lost: the planner looks again within a minute of its return. */
async function wakePlanner(engine: Engine): Promise<void> {
  try {
    await engine.queue.enqueue([{ name: 'plan' }], engine.clock.now())
  } catch (error) {
    engine.log.warn({ err: error }, 'planner not woken')
  }
}

/** Sample content may leave where nobody is mailed for real. */
export function sampleMayLeave(engine: Pick<Engine, 'config'>): boolean {
  return engine.config.environment === 'demo' || engine.config.environment === 'test'
}

function refuseSample(engine: Engine, isSample: boolean, editionId: number): void {
  if (!isSample || sampleMayLeave(engine)) return
  throw new Problem('refused', {
    place: `edición ${editionId}`,
    message: 'es contenido de muestra, que no puede salir de este sistema',
    value: 'muestra: true',
    remedy: 'Agregue el contenido verdadero, con muestra: false o sin esa línea',
  })
}

async function countAudience(db: Db, publication: Publication): Promise<number> {
  const faults = await audienceFaults(db, publication.audience)
  if (faults.length > 0) throw new Problem('refused', faults)
  const recipients = await countRecipients(db, publication.audience)
  if (recipients > 0) return recipients
  throw new Problem('refused', {
    place: 'audiencia',
    message: 'no tiene ninguna dirección',
    value: publication.audience.lists.join(', '),
    remedy: 'Importe los contactos: `pregonero contacts import ARCHIVO.csv --as CLAVE`',
  })
}

async function render(
  publication: Publication,
  body: { muestra: boolean },
  edition: Edition,
): Promise<Rendering> {
  const result = await renderEdition(publication, body, factsOf(edition))
  if (!result.ok) throw new Problem('invalid', result.faults)
  return result.rendering
}

function orThrow(result: Transition): Edition {
  if (result.ok) return result.edition
  throw new Problem('refused', result.refusal)
}
