/** A second person decides: approves exactly what was sealed, or cancels. */
import { inTransaction, violates, type Db } from '../db/database.ts'
import {
  findEdition,
  lockEdition,
  orThrow,
  transition,
  type Edition,
} from '../editions/editions.ts'
import { contentWriters } from '../editions/waiting.ts'
import { Problem } from '../errors.ts'
import { cancelOpen } from '../ledger/deliveries.ts'
import { redactAddresses } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { authorize, may, namesOf, type User } from '../people/users.ts'
import { editionStateNames } from '../states.ts'
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
  }).catch(async (error: unknown) => {
    if (!violates(error, 'edition_two_persons')) throw error
    throw new Problem('refused', {
      place: `edición ${editionId}`,
      message: `${user.name} la redactó o la marcó como lista, y quien aprueba debe ser otra persona`,
      value: `redacción: ${(await writersOf(engine.db, editionId)).join(', ')}`,
      remedy: 'Pida la aprobación a alguien más',
    })
  })
  await wakePlanner(engine)
  return edition
}

/** Names of all who wrote its content. */
async function writersOf(db: Db, editionId: number): Promise<string[]> {
  const names = await namesOf(db, contentWriters(await findEdition(db, editionId)))
  return [...names.values()]
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

/**
 * Nothing more of it is sent. Deliveries in conversation at this moment still get their outcome. `seen`: the state that the
 * person saw; in another one they have not decided.
 */
export async function cancel(
  engine: Engine,
  user: User,
  editionId: number,
  reason: string,
  seen?: string,
): Promise<Edition> {
  authorize(user, 'edition.cancel')
  const at = engine.clock.now()
  // the reason is read by who reads addresses only masked
  const why = redactAddresses(reason)
  return inTransaction(engine.db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    if (!(await mayCancel(tx, user, current))) throw notOwn(editionId)
    if (seen !== undefined && current.state !== 'cancelled' && current.state !== seen)
      throw otherState(current)
    const neverSent = current.releasedAt === null
    const cancelled = orThrow(
      await transition(tx, current, 'cancel', {
        stateReason: why,
        closedAt: at,
        ...(neverSent && { issueNumber: null, issueYear: null }),
      }),
    )
    const deliveries = await cancelOpen(tx, editionId, at)
    const detail = { reason: why, was: current.state, deliveries }
    await audit(tx, { at, user, act: 'cancel', subject: `edition ${editionId}`, detail })
    return cancelled
  })
}

/** Who only writes cancels what they wrote, alone or with others, or opened and nobody wrote yet, while nobody has approved it. */
export async function mayCancel(db: Db, user: User, edition: Edition): Promise<boolean> {
  if (may(user, 'edition.cancel-any')) return true
  if (!may(user, 'edition.cancel')) return false
  const { id, state, approvedBy, contentId } = edition
  // a second click: the state refuses it in its own words
  if (state === 'cancelled') return true
  if (!['planned', 'held', 'ready'].includes(state) || approvedBy !== null) return false
  if (contentId !== null) return contentWriters(edition).includes(user.id)
  const opened = await db
    .selectFrom('auditLog')
    .select('id')
    .where('subject', '=', `edition ${id}`)
    .where('act', 'in', ['open', 'correct'])
    .where('userId', '=', user.id)
    .executeTakeFirst()
  return opened !== undefined
}

const notOwn = (id: number): Problem =>
  new Problem('refused', {
    place: `edición ${id}`,
    message: 'no se puede cancelar: Captura sólo cancela lo suyo que nadie ha aprobado',
    remedy: 'Pídalo a una persona de Aprobación o de Operación',
  })

const otherState = ({ id, state }: Edition): Problem =>
  new Problem('refused', {
    place: `edición ${id}`,
    message: `ya no está como se veía: ahora está ${editionStateNames[state]}`,
    remedy: 'Revise cómo va y decida de nuevo',
  })
