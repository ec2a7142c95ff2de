/** Closes an edition when every delivery is final; staff hear of it when something failed. */
import { inTransaction } from '../db/database.ts'
import { lockEdition, transition } from '../editions/editions.ts'
import { dropEmptyTallies, totalsOf } from '../ledger/totals.ts'
import { writeNotice } from '../notices/notices.ts'
import { usersWithRoles } from '../people/users.ts'
import {
  deliveryStateNames,
  failuresOf,
  recipientsOf,
  unfinishedOf,
  type Totals,
} from '../states.ts'
import { eachOf } from './each-of.ts'
import { titleOf, type Engine } from './engine.ts'

/** True when it is closed now. Called after every batch: cheap while there is something left. */
export async function closeIfFinished(engine: Engine, editionId: number): Promise<boolean> {
  if (unfinishedOf(await totalsOf(engine.db, editionId)) > 0) return false
  return inTransaction(engine.db, async (tx) => {
    const edition = await lockEdition(tx, editionId)
    const totals = await totalsOf(tx, editionId)
    if (edition.state !== 'sending' || unfinishedOf(totals) > 0) return false
    const at = engine.clock.now()
    await transition(tx, edition, 'close', { closedAt: at })
    await dropEmptyTallies(tx, editionId)
    if (failuresOf(totals) > 0) {
      const staff = await usersWithRoles(tx, ['operacion', 'capturista'])
      await writeNotice(
        tx,
        {
          kind: 'finished-with-failures',
          editionId,
          // what was sent again concludes once more
          occasion: at.toISOString(),
          subject: `Concluido con fallos (${failuresOf(totals)}): ${titleOf(engine, edition)}`,
          plainText: failureText(titleOf(engine, edition), editionId, totals),
        },
        staff.map((user) => user.email),
        at,
      )
    }
    engine.log.info(
      { edition: editionId, publication: edition.publication, totals },
      'edition closed',
    )
    return true
  })
}

function failureText(title: string, editionId: number, totals: Totals): string {
  const lines = (['accepted', 'rejected', 'failed', 'unknown'] as const)
    .filter((state) => totals[state] > 0)
    .map((state) => `  ${deliveryStateNames[state]}: ${totals[state]}`)
  return [
    `${title} terminó de enviarse a ${recipientsOf(totals)} direcciones, con fallos:`,
    '',
    ...lines,
    '',
    `Para ver cuáles: pregonero deliveries --edition ${editionId} --as CLAVE`,
    ...(totals.failed > 0
      ? [`Para reenviar los fallos técnicos: pregonero edition resend ${editionId} --as CLAVE`]
      : []),
    ...(totals.unknown > 0
      ? [
          'Las de resultado incierto no se reenvían solas: pudieron haber llegado.',
          `Para decir qué fue de ellas: pregonero edition resolve ${editionId} --help`,
        ]
      : []),
  ].join('\n')
}

/** Editions left `sending` with nothing more to send, as a crash between the last outcome and the close leaves them. */
export async function closeFinished(engine: Engine): Promise<void> {
  const rows = await engine.db
    .selectFrom('edition')
    .select('id')
    .where('state', '=', 'sending')
    .execute()
  await eachOf(rows, ({ id }) => closeIfFinished(engine, id))
}
