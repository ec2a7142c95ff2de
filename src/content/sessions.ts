/** The register of INE sessions: entered once, each change recorded, with the SEQUENCE that their events carry. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { shown, type Fault } from '../errors.ts'
import type { RegisteredSession, SessionRecord } from '../publication.ts'
import { canonicalJson } from '../hash.ts'

export interface SessionChange {
  session: RegisteredSession
  change: 'added' | 'changed' | 'same'
}

const maxMoveDays = 120

/** One session as its writer had it before them: `secuencia` null when it was not there. */
export interface SeenSession {
  id: string
  secuencia: number | null
}

/**
 * Enters sessions or their changes; one that is the same as before is left alone. Faults: an id that already belongs
 * to a session of another time of the year, or that somebody entered or changed since it was `seen`.
 */
export async function registerSessions(
  tx: Db,
  sessions: SessionRecord[],
  userId: number,
  at: Date,
  seen?: SeenSession,
): Promise<{ ok: true; changes: SessionChange[] } | { ok: false; faults: Fault[] }> {
  if (sessions.length === 0) return { ok: true, changes: [] }
  // two first entries of a session at once would both be its first version
  await sql`LOCK TABLE sesion_ine IN SHARE ROW EXCLUSIVE MODE`.execute(tx)
  const known = await tx
    .selectFrom('sesionIne')
    .selectAll()
    .where(
      'id',
      'in',
      sessions.map((session) => session.id),
    )
    .execute()
  const before = new Map(known.map((row) => [row.id, row]))
  const faults = sessions.flatMap((session) => {
    const old = before.get(session.id)
    if (old && canonicalJson(old.body) === canonicalJson(session)) return []
    const unseen = seen?.id === session.id ? unseenFault(seen, old) : undefined
    return unseen ? [unseen] : reuseFault(session, old?.fecha)
  })
  if (faults.length > 0) return { ok: false, faults }

  const changes = sessions.map((session): SessionChange => {
    const old = before.get(session.id)
    if (!old) return { session: { ...session, secuencia: 0 }, change: 'added' }
    const isSame = canonicalJson(old.body) === canonicalJson(session)
    return isSame
      ? { session: { ...session, secuencia: old.secuencia }, change: 'same' }
      : { session: { ...session, secuencia: old.secuencia + 1 }, change: 'changed' }
  })
  for (const { session, change } of changes) {
    if (change === 'same') continue
    const { secuencia, ...plain } = session
    const body = JSON.stringify(plain)
    await tx
      .insertInto('sesionIne')
      .values({ id: session.id, fecha: session.fecha, body, secuencia, updatedAt: at })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ fecha: session.fecha, body, secuencia, updatedAt: at }),
      )
      .execute()
    await tx
      .insertInto('sesionIneChange')
      .values({ sesionId: session.id, secuencia, body, userId, at })
      .execute()
  }
  return { ok: true, changes }
}

/** undefined: nobody entered it. */
export async function readSession(db: Db, id: string): Promise<RegisteredSession | undefined> {
  const row = await db
    .selectFrom('sesionIne')
    .select(['body', 'secuencia'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row && { ...(row.body as SessionRecord), secuencia: row.secuencia }
}

/** Registered sessions of the dates (ISO, inclusive), by day and hour. */
export async function readSessions(db: Db, from: string, to: string): Promise<RegisteredSession[]> {
  const rows = await db
    .selectFrom('sesionIne')
    .select(['body', 'secuencia'])
    .where('fecha', '>=', from)
    .where('fecha', '<=', to)
    .orderBy('fecha')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...(row.body as SessionRecord), secuencia: row.secuencia }))
}

/**
 * What a correction says against the edition that it corrects: new, changed and cancelled sessions are marked, and one
 * that was left out is cancelled.
 */
export function markChanges(
  sessions: RegisteredSession[],
  corrected: RegisteredSession[],
): RegisteredSession[] {
  const before = new Map(corrected.map((session) => [session.id, session]))
  return sessions.map((session) => {
    const old = before.get(session.id)
    if (!old) return { ...session, cambio: 'nueva' }
    if (old.secuencia === session.secuencia) return session
    return { ...session, cambio: session.estado === 'cancelada' ? 'cancelada' : 'modificada' }
  })
}

/** Those of the corrected edition that the correction does not name, now cancelled. */
export function leftOut(
  sessions: SessionRecord[],
  corrected: RegisteredSession[],
): SessionRecord[] {
  const named = new Set(sessions.map((session) => session.id))
  return corrected
    .filter((session) => !named.has(session.id))
    .map(({ secuencia: _secuencia, cambio: _cambio, ...session }) => ({
      ...session,
      estado: 'cancelada',
    }))
}

function unseenFault(
  { id, secuencia }: SeenSession,
  old: { fecha: string; secuencia: number } | undefined,
): Fault | undefined {
  if ((old?.secuencia ?? null) === secuencia) return undefined
  const place = `sesión ${id}`
  if (!old || secuencia === null) {
    return {
      place,
      message: 'ya hay una sesión con esa clave',
      ...(old && { value: `del ${old.fecha}` }),
      remedy: 'Use otra clave, o edite aquella desde su semana',
    }
  }
  return {
    place,
    message: `alguien la cambió mientras tanto: va en la versión ${old.secuencia + 1}`,
    remedy: 'Compare la que está guardada con la suya, y guarde la que vale',
  }
}

function reuseFault(session: SessionRecord, registered: string | undefined): Fault[] {
  if (registered === undefined) return []
  const days = Math.abs(Date.parse(session.fecha) - Date.parse(registered)) / 86_400_000
  if (days <= maxMoveDays) return []
  return [
    {
      place: `sesión ${session.id}`,
      message: `esa clave ya es de una sesión del ${registered}`,
      value: shown(session.fecha),
      remedy:
        'Use otra clave: la misma sería un cambio de aquella sesión en los calendarios de todos',
    },
  ]
}
