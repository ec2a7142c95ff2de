/** An edition that may not leave at its hour: nothing is sent, and staff are told why and until when it can be mended. */
import { inMexicoCity } from '../clock.ts'
import type { Db } from '../db/database.ts'
import { transition, unsealed, type Edition } from '../editions/editions.ts'
import { writeNotice } from '../notices/notices.ts'
import { audit } from '../people/audit.ts'
import { usersWithRoles } from '../people/users.ts'
import { titleOf, type Engine } from './engine.ts'

/** The edition is locked by `tx`. `voids`: what was sealed may not leave; who mends it looks at it again. */
export async function holdEdition(
  engine: Engine,
  tx: Db,
  edition: Edition,
  { reason, voids, at }: { reason: string; voids: boolean; at: Date },
): Promise<void> {
  const held = await transition(tx, edition, 'hold', {
    ...(voids && unsealed),
    stateReason: reason,
  })
  if (!held.ok) return
  const until = longTime(edition.latestStartAt)
  await tellStaff(engine, tx, edition, 'held', {
    subject: `Detenida: ${titleOf(engine, edition)}`,
    text: [
      `${titleOf(engine, edition)} debía salir el ${longTime(edition.nominalAt)} y no salió: ${reason}.`,
      '',
      'No se envió nada. Sale en cuanto tenga contenido, se marque como lista y, si lo pide, se apruebe;',
      `después del ${until} queda omitida.`,
      '',
      `  pregonero content add ARCHIVO --as CLAVE`,
      `  pregonero edition ready ${edition.id} --as CLAVE`,
    ].join('\n'),
    at,
  })
  await audit(tx, {
    at,
    user: undefined,
    act: 'hold',
    subject: `edition ${edition.id}`,
    detail: { reason },
  })
  engine.log.warn({ edition: edition.id, publication: edition.publication, reason }, 'edition held')
}

/** Its time is over: it will not be sent any more. Its issue number goes to the next. */
export async function omitEdition(
  engine: Engine,
  tx: Db,
  edition: Edition,
  reason: string,
  at: Date,
): Promise<void> {
  const omitted = await transition(tx, edition, 'omit', {
    ...unsealed,
    stateReason: reason,
    closedAt: at,
    issueNumber: null,
    issueYear: null,
  })
  if (!omitted.ok) return
  await tellStaff(engine, tx, edition, 'omitted', {
    subject: `Omitida: ${titleOf(engine, edition)}`,
    text: `${titleOf(engine, edition)} no se envió ni se enviará: ${reason}.`,
    at,
  })
  await audit(tx, {
    at,
    user: undefined,
    act: 'omit',
    subject: `edition ${edition.id}`,
    detail: { reason },
  })
  engine.log.warn(
    { edition: edition.id, publication: edition.publication, reason },
    'edition omitted',
  )
}

async function tellStaff(
  engine: Engine,
  tx: Db,
  edition: Edition,
  kind: 'held' | 'omitted',
  { subject, text, at }: { subject: string; text: string; at: Date },
): Promise<void> {
  const staff = await usersWithRoles(tx, ['operacion', 'capturista', 'aprobacion'])
  if (staff.length === 0)
    engine.log.error(
      { edition: edition.id, publication: edition.publication, kind },
      'no user to notify: add one with a role',
    )
  await writeNotice(
    tx,
    { kind, editionId: edition.id, occasion: at.toISOString(), subject, plainText: text },
    staff.map((user) => user.email),
    at,
  )
}

/** `viernes 27 de noviembre de 2026, 15:00 horas (hora de la Ciudad de México)` */
export function longTime(instant: Date): string {
  return `${inMexicoCity(instant).toFormat("cccc d 'de' LLLL 'de' yyyy, HH:mm")} horas (hora de la Ciudad de México)`
}
