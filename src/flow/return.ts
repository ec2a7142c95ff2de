/** Whoever approves gives an edition back, with the reason: its seal is void, and who prepared it is told by mail. */
import { inTransaction, type Db } from '../db/database.ts'
import { lockEdition, orThrow, transition, unsealed, type Edition } from '../editions/editions.ts'
import { contentWriters } from '../editions/waiting.ts'
import { Problem } from '../errors.ts'
import { redactAddresses } from '../mail.ts'
import { writeNotice } from '../notices/notices.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { refuseOtherVersion } from './approve.ts'
import { titleOf, type Engine } from './engine.ts'
import { longTime } from './hold.ts'

export const maxReturnReason = 300

/**
 * `hash`: the seal that they saw, whole or its beginning; undefined: the current one. Returning again the version that
 * was returned changes nothing.
 */
export async function returnEdition(
  engine: Engine,
  user: User,
  editionId: number,
  { reason, hash }: { reason: string; hash?: string },
): Promise<Edition> {
  authorize(user, 'edition.return')
  refuseReason(reason)
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    if (hash !== undefined) {
      if (await wasReturned(tx, current, hash)) return current
      refuseOtherVersion(current, hash)
    }
    refuseUnsealed(current)
    const act = current.state === 'held' ? 'return.held' : 'return'
    // who wrote it reads the whole reason in their mail; on the page everybody reads it
    const kept = redactAddresses(reason)
    const stateReason = `devuelta por ${user.name}: ${kept}`
    const returned = orThrow(await transition(tx, current, act, { ...unsealed, stateReason }))
    await tellAuthors(engine, tx, { user, edition: current, reason, at })
    const { sealedHash, state: was } = current
    const detail = { reason: kept, sealedHash, was }
    await audit(tx, { at, user, act: 'return', subject: `edition ${editionId}`, detail })
    return returned
  })
}

function refuseReason(reason: string): void {
  if (reason !== '' && reason.length <= maxReturnReason) return
  throw new Problem('invalid', {
    place: 'motivo',
    message:
      reason === ''
        ? 'está vacío'
        : `tiene ${reason.length} caracteres y no debe pasar de ${maxReturnReason}`,
    remedy: 'Escriba en una o dos frases qué hay que corregir',
  })
}

/** Of what is held there may be nothing to give back. */
function refuseUnsealed({ id, state, sealedHash }: Edition): void {
  if (state !== 'held' || sealedHash !== null) return
  throw new Problem('refused', {
    place: `edición ${id}`,
    message: 'no se puede devolver: nadie la ha marcado como lista',
    remedy: 'Quien la redacta todavía puede cambiarla',
  })
}

/** A second click: its last decision was the return of this version. */
async function wasReturned(tx: Db, { id, sealedHash }: Edition, hash: string): Promise<boolean> {
  if (sealedHash !== null) return false
  const last = await tx
    .selectFrom('auditLog')
    .select('detail')
    .where('subject', '=', `edition ${id}`)
    .where('act', '=', 'return')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  const { sealedHash: returned } = (last?.detail ?? {}) as { sealedHash?: string }
  return returned?.startsWith(hash) ?? false
}

async function tellAuthors(
  engine: Engine,
  tx: Db,
  { user, edition, reason, at }: { user: User; edition: Edition; reason: string; at: Date },
): Promise<void> {
  const { id, readyBy, nominalAt } = edition
  const title = titleOf(engine, edition)
  const authors = await tx
    .selectFrom('staffUser')
    .select('email')
    .where(
      'id',
      'in',
      [...contentWriters(edition), readyBy].filter((one) => one !== null),
    )
    .where('active', '=', true)
    .orderBy('id')
    .execute()
  await writeNotice(
    tx,
    {
      kind: 'returned',
      editionId: id,
      occasion: at.toISOString(),
      subject: `Devuelta: ${title}`,
      plainText: [
        `${user.name} devolvió ${title}, que está prevista para el ${longTime(nominalAt)}.`,
        '',
        `Motivo: ${reason}`,
        '',
        'No saldrá hasta que se corrija, se marque de nuevo como lista y alguien más la apruebe.',
      ].join('\n'),
    },
    authors.map(({ email }) => email),
    at,
  )
}
