/** A relay or a list that refuses too much must not burn the audience: the edition pauses by itself, and staff are told. */
import { inTransaction, type Db } from '../db/database.ts'
import { lockEdition, transition, type Edition } from '../editions/editions.ts'
import { totalsOf } from '../ledger/totals.ts'
import { writeNotice } from '../notices/notices.ts'
import { audit } from '../people/audit.ts'
import { usersWithRoles } from '../people/users.ts'
import { failuresOf, recipientsOf, type Totals } from '../states.ts'
import { titleOf, type Engine } from './engine.ts'

/** Of what ended since somebody last said go on: so many failures, and such a part of all. */
const thresholds = [
  { failures: 10, part: 1 / 2 },
  { failures: 100, part: 1 / 10 },
]
/** Mailboxes that do not exist may stand together in a list: up to this part of it they stop nothing. */
const badMailboxes = 1 / 20

/** Called after failures were written. True: the edition is not on its way any more, whoever stopped it. */
export async function pauseIfRefused(engine: Engine, editionId: number): Promise<boolean> {
  return inTransaction(engine.db, async (tx) => {
    const edition = await lockEdition(tx, editionId)
    if (edition.state !== 'sending') return true
    const totals = await totalsOf(tx, editionId)
    if (!isTooMuch(edition, totals)) return false
    const { failures, ended } = sinceSeen(edition, totals)
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

/** Pure: whether what failed since it was last seen stops the edition. */
export function isTooMuch(edition: Seen, totals: Totals): boolean {
  const { failures, ended } = sinceSeen(edition, totals)
  // not about a mailbox, counted high: what was seen is taken to have been about mailboxes as far as it can
  const technical = Math.min(
    failures,
    failuresOf(totals) - totals.rejected - Math.max(0, edition.seenFailures - totals.rejected),
  )
  const allowed = recipientsOf(totals) * badMailboxes
  const passes = (count: number, one: (typeof thresholds)[number]) =>
    count >= one.failures && count >= ended * one.part
  return thresholds.some(
    (one) => passes(technical, one) || (failures > allowed && passes(failures, one)),
  )
}

const sinceSeen = ({ seenFailures, seenEnded }: Seen, totals: Totals) => ({
  failures: failuresOf(totals) - seenFailures,
  ended: endedOf(totals) - seenEnded,
})

type Seen = Pick<Edition, 'seenFailures' | 'seenEnded'>

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
