/** A person says what became of deliveries of which nobody knows. Nothing else ever moves them. */
import { inTransaction, type Db } from '../db/database.ts'
import { lockEdition, orThrow, transition, type Edition } from '../editions/editions.ts'
import { permits, refusal } from '../editions/machine.ts'
import { Problem } from '../errors.ts'
import { requeue, settleUnknown } from '../ledger/requeue.ts'
import { totalsOf } from '../ledger/totals.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { allLeft, reasonOf, setOff } from './control.ts'
import type { Engine } from './engine.ts'
import { goesOn } from './pause-refused.ts'

export const resolutions = ['resend', 'accept', 'drop'] as const
export type Resolution = (typeof resolutions)[number]

export interface Resolving {
  as: Resolution
  /** Of these alone; undefined: of all that the edition has. */
  deliveries?: number[] | undefined
  /** What became unknown after it was not seen, and is left as it is. With it, finding none is a second click. */
  seenAt?: Date | undefined
  /** Sending again what may have arrived needs this said. */
  acceptsDuplicates?: boolean
  /** How it is known, for the record. */
  reason?: string
}

export interface Resolved {
  edition: Edition
  resolved: number
  /** Of those to be sent again: still unknown, for they left the lists since. */
  withheld: number
}

export async function resolveUnknown(
  engine: Engine,
  user: User,
  editionId: number,
  resolving: Resolving,
): Promise<Resolved> {
  authorize(user, 'edition.control')
  if (resolving.as === 'resend' && resolving.acceptsDuplicates !== true)
    throw duplicatesNotAccepted(editionId)
  const reason = resolving.reason ? reasonOf(resolving.reason) : undefined
  const resolved = await inTransaction(engine.db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    const { unknown } = await totalsOf(tx, editionId)
    const given = { ...resolving, editionId, reason }
    const outcome =
      resolving.as === 'resend'
        ? await sendAgain(engine, tx, current, given)
        : await settle(engine, tx, user, current, given)
    if (outcome.resolved === 0) {
      if (outcome.withheld > 0) throw allLeft(editionId, outcome.withheld)
      if (resolving.seenAt) return outcome
      throw noneUnknown(editionId)
    }
    await audit(tx, {
      at: engine.clock.now(),
      user,
      act: 'resolve',
      subject: `edition ${editionId}`,
      detail: {
        as: resolving.as,
        resolved: outcome.resolved,
        withheld: outcome.withheld,
        ...(reason !== undefined && { reason }),
        ...(resolving.deliveries && { deliveries: resolving.deliveries }),
        from: { state: current.state, unknown },
        to: { state: outcome.edition.state, unknown: (await totalsOf(tx, editionId)).unknown },
      },
    })
    return outcome
  })
  if (resolved.edition.state === 'sending') await setOff(engine, editionId)
  return resolved
}

type Given = Omit<Resolving, 'reason'> & { editionId: number; reason: string | undefined }

/** A paused one goes on when it is resumed, and of a cancelled one nothing is sent any more. */
async function sendAgain(
  engine: Engine,
  tx: Db,
  current: Edition,
  { editionId, deliveries, seenAt }: Given,
): Promise<Resolved> {
  const isOnItsWay = current.state === 'sending' || current.state === 'paused'
  if (!isOnItsWay && !permits('resend', current.state))
    throw new Problem('refused', refusal('resend', current))
  const chosen = { editionId, states: ['unknown' as const], deliveries, seenAt }
  const { requeued, withheld } = await requeue(tx, chosen, engine.clock.now())
  const edition =
    isOnItsWay || requeued === 0
      ? current
      : orThrow(await transition(tx, current, 'resend', { closedAt: null }))
  await goesOn(tx, editionId)
  return { edition, resolved: requeued, withheld }
}

async function settle(
  engine: Engine,
  tx: Db,
  user: User,
  current: Edition,
  { as, editionId, deliveries, seenAt, reason }: Given,
): Promise<Resolved> {
  const to = as === 'accept' ? ('accepted' as const) : ('failed' as const)
  const said = as === 'accept' ? 'Dado por aceptado' : 'Dado por no aceptado'
  const { settled, firstAt } = await settleUnknown(
    tx,
    { editionId, deliveries, seenAt },
    { state: to, reason: `${said} por ${user.name}${reason === undefined ? '' : `: ${reason}`}` },
    engine.clock.now(),
  )
  // the first acceptance gives the edition its date in the report, also when it is a person who says so
  if (as === 'accept' && firstAt !== null && current.firstAcceptedAt === null)
    await tx
      .updateTable('edition')
      .set({ firstAcceptedAt: firstAt })
      .where('id', '=', editionId)
      .where('firstAcceptedAt', 'is', null)
      .execute()
  return { edition: current, resolved: settled, withheld: 0 }
}

const duplicatesNotAccepted = (editionId: number): Problem =>
  new Problem('refused', {
    place: `edición ${editionId}`,
    message: 'lo de resultado incierto pudo haber llegado, y reenviarlo puede repetirlo',
    remedy: 'Acepte que alguna persona pueda recibirlo dos veces, o resuélvalo de otra manera',
  })

const noneUnknown = (editionId: number): Problem =>
  new Problem('refused', {
    place: `edición ${editionId}`,
    message: 'ninguna de esas entregas tiene resultado incierto',
    remedy: `\`pregonero deliveries --edition ${editionId} --state unknown\` muestra las que hay`,
  })
