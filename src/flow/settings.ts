/** What staff set up: the institution's calendar, the catalogue of topics, the INE sessions. Each change in the audit log. */
import { registerSessions, type SeenSession, type SessionChange } from '../content/sessions.ts'
import { addTopic as writeTopic } from '../content/topics.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { SessionRecord } from '../publication.ts'
import type { RestKind, RestPeriod } from '../schedule/institutional-calendar.ts'
import {
  addRestDay as writeRestDay,
  importRestDays as writeRestDays,
  removeRestDay as eraseRestDay,
  type ImportedRestDays,
} from '../schedule/rest-days.ts'
import type { RestDraft } from '../schedule/rest-period.ts'
import type { Engine } from './engine.ts'
import { wakePlanner } from './wake-planner.ts'

/** `placeOf`: where the person finds the field. Throws a Problem with every fault. */
export async function addRestDay(
  engine: Engine,
  user: User,
  draft: RestDraft,
  placeOf?: (field: keyof RestPeriod) => string,
): Promise<RestPeriod> {
  return changeRestDays(engine, user, 'add', `rest-days ${String(draft.start)}`, (tx) =>
    writeRestDay(tx, draft, placeOf),
  )
}

/** `kind`: which of two that start on the same day. */
export async function removeRestDay(
  engine: Engine,
  user: User,
  date: string,
  kind?: RestKind,
): Promise<RestPeriod> {
  return changeRestDays(engine, user, 'remove', `rest-days ${date}`, (tx) =>
    eraseRestDay(tx, date, kind),
  )
}

/** Replaces the years that the rows name. */
export async function importRestDays(
  engine: Engine,
  user: User,
  rows: RestPeriod[],
  source: string,
): Promise<ImportedRestDays> {
  return changeRestDays(engine, user, 'import', source, (tx) => writeRestDays(tx, rows))
}

/** The planner looks at once at what the change does to the coming editions. */
async function changeRestDays<Result extends RestPeriod | ImportedRestDays>(
  engine: Engine,
  user: User,
  act: 'add' | 'remove' | 'import',
  subject: string,
  change: (tx: Db) => Promise<Result>,
): Promise<Result> {
  authorize(user, 'rest-days.edit')
  const result = await inTransaction(engine.db, async (tx) => {
    const changed = await change(tx)
    const at = engine.clock.now()
    await audit(tx, { at, user, act: `rest-days.${act}`, subject, detail: changed })
    return changed
  })
  await wakePlanner(engine)
  return result
}

/** Throws a Problem when the key is taken or is none. */
export async function addTopic(
  engine: Engine,
  user: User,
  topic: { key: string; name: string },
): Promise<void> {
  authorize(user, 'topics.add')
  const at = engine.clock.now()
  await inTransaction(engine.db, async (tx) => {
    await writeTopic(tx, topic, at)
    const detail = { name: topic.name }
    await audit(tx, { at, user, act: 'topics.add', subject: `topic ${topic.key}`, detail })
  })
}

/**
 * New sessions and changes of known ones, from a file (`source`: its name) or typed one at a time. Throws a Problem when a
 * key is of a session of another time of the year, or one is not as it was `seen`.
 */
export async function enterSessions(
  engine: Engine,
  user: User,
  sessions: SessionRecord[],
  source?: string,
  seen?: SeenSession,
): Promise<SessionChange[]> {
  authorize(user, 'sessions.edit')
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    const registered = await registerSessions(tx, sessions, user.id, at, seen)
    if (!registered.ok) throw new Problem('invalid', registered.faults)
    const detail = registered.changes.map(({ session, change }) => ({ id: session.id, change }))
    if (source !== undefined) {
      const subject = `file ${source}`
      await audit(tx, { at, user, act: 'sessions.import', subject, detail })
      return registered.changes
    }
    for (const { session, change } of registered.changes) {
      const act = change === 'added' ? 'sessions.add' : 'sessions.edit'
      const subject = `session ${session.id}`
      await audit(tx, { at, user, act, subject, detail: { id: session.id, change } })
    }
    return registered.changes
  })
}
