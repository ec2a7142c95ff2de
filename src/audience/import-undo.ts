/** Taking back a whole import: what it brought and nobody has touched since goes; what stays is told with its reason. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { changeContacts } from './contact-gate.ts'
import { lockImport } from './import-record.ts'

export interface UndoneImport {
  removedMembers: number
  removedContacts: number
  /** What stayed (es), where there is any. */
  kept: { motivo: string; count: number }[]
}

/** From its confirmation. */
export const undoableForMs = 24 * 60 * 60_000

/**
 * `contactIds`: those who stay and lost a membership; whether mail that is on its way still goes to them is to be seen.
 * Throws a Problem (es) when it was not confirmed, or more than a day ago.
 */
export async function undoImport(
  tx: Db,
  importId: number,
  { at, userId }: { at: Date; userId: number },
): Promise<UndoneImport & { contactIds: number[] }> {
  await changeContacts(tx)
  const found = await lockImport(tx, importId, 'confirmed')
  const confirmedAt = found.confirmedAt!
  if (at.getTime() - confirmedAt.getTime() > undoableForMs) {
    throw new Problem('refused', {
      place: `importación ${importId}`,
      message: 'se confirmó hace más de 24 horas: ya no puede deshacerse',
      value: found.fileName,
      remedy: 'Dé de baja a las personas que no deban estar en la lista',
    })
  }
  const removedMembers = await removeMembers(tx, importId, confirmedAt)
  const removedContacts = await removeContacts(tx, importId)
  await noteRemoval(tx, importId, { at, userId })
  const kept = await whatStays(tx, importId)
  const completed = found.summary.completedContacts ?? 0
  if (completed > 0)
    kept.push({
      motivo:
        'contactos que ya existían y se completaron: conservan el nombre, el país, las etiquetas y la marca de grupo que recibieron; deshacer no los quita',
      count: completed,
    })
  await tx
    .updateTable('contactImport')
    .set({ state: 'undone', undoneAt: at })
    .where('id', '=', importId)
    .execute()
  return { removedMembers, removedContacts, kept, contactIds: await whoStays(tx) }
}

/** Those that are as the import left them. */
async function removeMembers(tx: Db, importId: number, confirmedAt: Date): Promise<number> {
  await sql`DROP TABLE IF EXISTS pg_temp.undone_member`.execute(tx)
  await sql`
    CREATE TEMP TABLE undone_member (contact_id bigint PRIMARY KEY, list_ids bigint[]) ON COMMIT DROP`.execute(
    tx,
  )
  const { rows } = await sql<{ members: number }>`
    WITH removed AS (
      DELETE FROM list_member m WHERE import_id = ${importId} AND state = 'active' AND NOT EXISTS (
        SELECT FROM membership_event e
        WHERE e.contact_id = m.contact_id AND e.list_id = m.list_id AND e.at > ${confirmedAt})
      RETURNING contact_id, list_id),
    noted AS (
      INSERT INTO undone_member SELECT contact_id, array_agg(list_id) FROM removed GROUP BY 1)
    SELECT count(*) AS members FROM removed`.execute(tx)
  return rows[0]!.members
}

/** Those that it created and that nothing else speaks of. */
async function removeContacts(tx: Db, importId: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM contact c WHERE import_id = ${importId} AND blocked_at IS NULL
      AND NOT EXISTS (SELECT FROM list_member m WHERE m.contact_id = c.id)
      AND NOT EXISTS (SELECT FROM delivery d WHERE d.contact_id = c.id)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** In the history of those who stay. */
async function noteRemoval(
  tx: Db,
  importId: number,
  { at, userId }: { at: Date; userId: number },
): Promise<void> {
  await sql`
    INSERT INTO membership_event (contact_id, list_id, at, act, origin, user_id)
    SELECT contact_id, list_id, ${at}, 'left', ${`importación ${importId}, deshecha`}, ${userId}
    FROM undone_member CROSS JOIN unnest(list_ids) AS list_id
    WHERE EXISTS (SELECT FROM contact WHERE contact.id = contact_id)`.execute(tx)
}

/** Of those who lost a membership. */
async function whoStays(tx: Db): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT contact_id AS id FROM undone_member JOIN contact ON contact.id = contact_id`.execute(tx)
  return rows.map(({ id }) => id)
}

async function whatStays(tx: Db, importId: number): Promise<UndoneImport['kept']> {
  const { rows } = await sql<UndoneImport['kept'][number]>`
    SELECT 'personas que se dieron de baja después: se recuerda que no quieren' AS motivo, count(*) AS count
    FROM list_member WHERE import_id = ${importId} AND state = 'left'
    UNION ALL
    SELECT 'altas que alguien cambió después', count(*)
    FROM list_member WHERE import_id = ${importId} AND state = 'active'
    UNION ALL
    SELECT why, count(*) FROM (
      SELECT CASE
        WHEN blocked_at IS NOT NULL THEN 'contactos que pidieron cancelar sus datos: se suprimen a su hora'
        WHEN EXISTS (SELECT FROM delivery d WHERE d.contact_id = c.id AND d.state = 'accepted')
          THEN 'contactos a los que ya salió un envío: siguen, sin esta lista'
        WHEN EXISTS (
          SELECT FROM delivery d WHERE d.contact_id = c.id AND d.state IN ('pending', 'sending', 'deferred'))
          THEN 'contactos que figuran en un envío en curso: siguen, sin esta lista'
        WHEN EXISTS (SELECT FROM delivery d WHERE d.contact_id = c.id)
          THEN 'contactos que figuran en un envío que no les llegó o no se sabe: siguen, sin esta lista'
        ELSE 'contactos que están en otras listas' END AS why
      FROM contact c WHERE import_id = ${importId}
        AND NOT EXISTS (SELECT FROM list_member m WHERE m.contact_id = c.id AND m.import_id = ${importId})) AS stayed
    GROUP BY why`.execute(tx)
  return rows.filter(({ count }) => count > 0)
}
