/** A dispatch on its way is paused and resumed; one that concluded with failures is sent again to those that failed. */
import { inTransaction } from '../db/database.ts'
import { lockEdition, orThrow, transition, type Edition } from '../editions/editions.ts'
import { Problem, messageOf, shown } from '../errors.ts'
import { requeue, type Requeued } from '../ledger/requeue.ts'
import { totalsOf } from '../ledger/totals.ts'
import { redactAddresses } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { closeIfFinished } from './close-edition.ts'
import type { Engine } from './engine.ts'
import { goesOn } from './pause-refused.ts'
import { enqueueBatches } from './release.ts'

export const maxReasonLength = 300

/** Nothing more is taken in hand from now on; what already is gets its outcome. Paused already: nothing changes. */
export async function pause(
  engine: Engine,
  user: User,
  editionId: number,
  reason: string,
): Promise<Edition> {
  authorize(user, 'edition.control')
  const why = reasonOf(reason)
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    if (current.state === 'paused') return current
    const paused = orThrow(await transition(tx, current, 'pause', { stateReason: why }))
    const detail = { reason: why, from: current.state, to: paused.state }
    await audit(tx, { at, user, act: 'pause', subject: `edition ${editionId}`, detail })
    return paused
  })
}

/** On its way already: nothing changes. Its latest start does not matter any more: it has started. */
export async function resume(engine: Engine, user: User, editionId: number): Promise<Edition> {
  authorize(user, 'edition.control')
  const at = engine.clock.now()
  const resumed = await inTransaction(engine.db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    if (current.state === 'sending') return current
    const next = orThrow(await transition(tx, current, 'resume'))
    await goesOn(tx, editionId)
    const detail = { reason: current.stateReason, from: current.state, to: next.state }
    await audit(tx, { at, user, act: 'resume', subject: `edition ${editionId}`, detail })
    return next
  })
  await setOff(engine, editionId)
  return resumed
}

export interface Resent extends Requeued {
  edition: Edition
}

/**
 * Sends again to who failed for technical reasons and, when asked, to who was rejected; to nobody whose server may have
 * taken it. `seenAt`: of the page that it was decided from; what began or concluded since is left as it is.
 */
export async function resend(
  engine: Engine,
  user: User,
  editionId: number,
  { rejected = false, seenAt }: { rejected?: boolean; seenAt?: Date } = {},
): Promise<Resent> {
  authorize(user, 'edition.control')
  const at = engine.clock.now()
  const resent = await inTransaction(engine.db, async (tx): Promise<Resent> => {
    const current = await lockEdition(tx, editionId)
    if (seenAt && isOvertaken(current, seenAt))
      return { edition: current, requeued: 0, withheld: 0 }
    // first, so that another state refuses it whatever its deliveries are
    const sending = orThrow(await transition(tx, current, 'resend', { closedAt: null }))
    const { failed, rejected: refused } = await totalsOf(tx, editionId)
    const states = rejected ? (['failed', 'rejected'] as const) : (['failed'] as const)
    const requeued = await requeue(tx, { editionId, states: [...states], seenAt }, at)
    if (requeued.requeued === 0)
      throw requeued.withheld > 0
        ? allLeft(editionId, requeued.withheld)
        : nothingToResend(editionId, rejected)
    await goesOn(tx, editionId)
    const detail = {
      ...requeued,
      states,
      from: { state: current.state, failed, rejected: refused, closedAt: current.closedAt },
      to: { state: sending.state },
    }
    await audit(tx, { at, user, act: 'resend', subject: `edition ${editionId}`, detail })
    return { edition: sending, ...requeued }
  })
  await setOff(engine, editionId)
  return resent
}

/** A second click: the first one did it. */
const isOvertaken = ({ state, closedAt }: Edition, seenAt: Date): boolean =>
  state === 'sending' || state === 'paused' || (closedAt !== null && closedAt > seenAt)

const nothingToResend = (editionId: number, rejected: boolean): Problem =>
  new Problem('refused', {
    place: `edición ${editionId}`,
    message: rejected
      ? 'no tiene fallos técnicos ni rechazos que se puedan reenviar'
      : 'no tiene fallos técnicos que se puedan reenviar',
    remedy:
      'Lo que quedó con resultado incierto se resuelve aparte, y los rechazos se piden aparte',
  })

/** `withheld`: how many of the chosen left the lists since, when that is all of them. */
export const allLeft = (editionId: number, withheld: number): Problem =>
  new Problem('refused', {
    place: `edición ${editionId}`,
    message: `no hay a quién reenviarla: ${
      withheld === 1
        ? 'la persona a quien iba dejó sus listas'
        : `las ${withheld} personas a quienes iba dejaron sus listas`
    }`,
    remedy: 'No se les escribe más; lo que fue de su envío queda como está',
  })

/** Without the queue nothing is lost: the planner queues its batches within a minute of its return. */
export async function setOff(engine: Engine, editionId: number): Promise<void> {
  try {
    await enqueueBatches(engine, editionId)
  } catch (error) {
    engine.log.warn({ err: error, edition: editionId }, `not queued yet: ${messageOf(error)}`)
  }
  await closeIfFinished(engine, editionId)
}

/** In one line, as it is kept: without the addresses that it quotes, which not everybody may read. Throws a Problem. */
export function reasonOf(text: string): string {
  const reason = text.trim()
  const refuse = (message: string, remedy: string) => {
    throw new Problem('invalid', { place: 'motivo', message, value: shown(reason), remedy })
  }
  if (reason === '') refuse('está vacío', 'Escriba por qué: queda en la bitácora')
  if (reason.length > maxReasonLength)
    refuse(`tiene ${reason.length} caracteres`, `Resúmalo en ${maxReasonLength} o menos`)
  if (/\p{Cc}/u.test(reason))
    refuse('contiene saltos de línea o caracteres de control', 'Escríbalo en una línea')
  return redactAddresses(reason)
}
