/** A second person decides: approves exactly what was sealed, or cancels. */
import { inTransaction, violates } from '../db/database.ts'
import { lockEdition, orThrow, transition, type Edition } from '../editions/editions.ts'
import { Problem } from '../errors.ts'
import { cancelOpen } from '../ledger/deliveries.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Engine } from './engine.ts'
import { wakePlanner } from './wake-planner.ts'

/**
 * `hash`: the seal that they saw, whole or its beginning; undefined: the current one. Approving again what is approved
 * under that seal changes nothing.
 */
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
    if (hash !== undefined) refuseOtherVersion(current, hash)
    if (hash !== undefined && wasApproved(current)) return current
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
    const detail = { ...sealedFacts(engine, current), was: current.state }
    await audit(tx, { at, user, act: 'approve', subject: `edition ${editionId}`, detail })
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

/** A person decides on the version that they saw, and on no other. */
export function refuseOtherVersion({ id, sealedHash }: Edition, hash: string): void {
  if (sealedHash?.startsWith(hash)) return
  throw new Problem('refused', {
    place: `edición ${id}`,
    message: 'ya no es la versión que se revisó',
    value: hash.slice(0, 12),
    remedy: 'Revise la versión actual y decida sobre ella',
  })
}

const wasApproved = ({ state, approvedBy }: Edition): boolean =>
  approvedBy !== null && ['approved', 'sending', 'paused', 'sent'].includes(state)

/** What is under the seal besides the mail itself, which is archived: kept to compare later versions with. */
function sealedFacts({ config, publications }: Engine, edition: Edition): object {
  const publication = publications.find(({ slug }) => slug === edition.publication)
  const { sealedHash, nominalAt, audience, expectedRecipients: recipients } = edition
  const sender = publication && config.senders[publication.sender].from.address
  return { sealedHash, nominalAt, audience, recipients, sender }
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
