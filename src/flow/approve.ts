/** A second person decides: approves exactly what was sealed, or cancels. */
import { inTransaction, violates } from '../db/database.ts'
import { lockEdition, orThrow, transition, type Edition } from '../editions/editions.ts'
import { Problem } from '../errors.ts'
import { cancelOpen } from '../ledger/deliveries.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Engine } from './engine.ts'
import { wakePlanner } from './wake-planner.ts'

/** `hash`: the seal that they saw, whole or its beginning; undefined: the current one. */
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
