/** A relay or a list that refuses too much must not burn the audience: the edition pauses by itself, and staff are told. */
import { inTransaction, type Db } from '../db/database.ts'
import { lockEdition, transition } from '../editions/editions.ts'
import { totalsOf } from '../ledger/totals.ts'
import { writeNotice } from '../notices/notices.ts'
import { audit } from '../people/audit.ts'
import { usersWithRoles } from '../people/users.ts'
import { failuresOf, type Totals } from '../states.ts'
import { titleOf, type Engine } from './engine.ts'

/** Of what ended since somebody last said go on: so many failures, and such a part of all. */
const thresholds = [
  { failures: 10, part: 1 / 2 },
  { failures: 100, part: 1 / 10 },
]

/** Called after failures were written; cheap, and harmless when the edition is not on its way any more. */
export async function pauseIfRefused(engine: Engine, editionId: number): Promise<boolean> {
  return inTransaction(engine.db, async (tx) => {
    const edition = await lockEdition(tx, editionId)
    if (edition.state !== 'sending') return false
    const totals = await totalsOf(tx, editionId)
    const failures = failuresOf(totals) - edition.seenFailures
    const ended = endedOf(totals) - edition.seenEnded
    if (!thresholds.some((one) => failures >= one.failures && failures >= ended * one.part))
      return false
    const at = engine.clock.now()
    const reason = `se detuvo sola: ${failures.toLocaleString('es-MX')} de ${ended.toLocaleString('es-MX')} direcciones fallaron`
    await transition(tx, edition, 'pause', { stateReason: reason })
    await audit(tx, {
      at,
      user: undefined,
      act: 'pause',
      subject: `edition ${editionId}`,
      detail: { reason, failures, ended },
    })
    const title = titleOf(engine, edition)
    const staff = await usersWithRoles(tx, ['operacion', 'capturista'])
    await writeNotice(
      tx,
      {
        kind: 'paused',
        editionId,
        occasion: at.toISOString(),
        subject: `En pausa: ${title}`,
        plainText: [
          `${title} está en pausa: ${reason}. A las demás todavía no se les envió.`,
          '',
          `Vea las respuestas del servidor: pregonero deliveries --edition ${editionId} --as CLAVE`,
          `Para seguir, cuando sepa a qué se debe: pregonero edition resume ${editionId} --as CLAVE`,
        ].join('\n'),
      },
      staff.map((user) => user.email),
      at,
    )
    engine.log.error({ edition: editionId, failures, ended }, 'edition paused: too many failures')
    return true
  })
}

/** Somebody has seen what failed and says go on: only what fails from here on can stop the edition again. */
export async function goesOn(tx: Db, editionId: number): Promise<void> {
  const totals = await totalsOf(tx, editionId)
  await tx
    .updateTable('edition')
    .set({ seenEnded: endedOf(totals), seenFailures: failuresOf(totals) })
    .where('id', '=', editionId)
    .execute()
}

/** Those that nobody will touch again by itself, whatever became of them. */
const endedOf = (totals: Totals): number => totals.accepted + failuresOf(totals)
