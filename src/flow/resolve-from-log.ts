/**
 * The relay's own log tells what became of deliveries of which nobody knows. What it took is accepted; all else is told
 * and left as it is, for a person to decide.
 */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { readRelayLog, type RelayLog, type RelayTrace } from '../dispatch/relay-log.ts'
import { findEdition, lockEdition, type Edition } from '../editions/editions.ts'
import { Problem, shown } from '../errors.ts'
import { settleUnknown } from '../ledger/requeue.ts'
import { redactAddresses } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { setOff } from './control.ts'
import type { Engine } from './engine.ts'
import { messageIdOf } from './letters.ts'

export interface GivenLog {
  /** As the audit log and the deliveries name it. */
  name: string
  lines: AsyncIterable<string>
  /** Of hours that are written without one. */
  zone: string
}

export interface ResolvedFromLog {
  edition: Edition
  log: Pick<RelayLog, 'lines' | 'first' | 'last'>
  /** The relay took them: they are accepted now. */
  accepted: Told[]
  /** It read their headers and never their end. */
  cutOff: Told[]
  /** It does not name them, and it is of their hour. */
  absent: { delivery: number }[]
  /** It begins after their conversation or ends before it: it cannot tell. */
  uncovered: { delivery: number; from: Date; until: Date }[]
}

export interface Told {
  delivery: number
  queueId: string
  /** `sent`, `bounced`, …: what the relay did with it afterwards. */
  fate: RelayTrace['fate']
}

export async function resolveFromLog(
  engine: Engine,
  user: User,
  editionId: number,
  given: GivenLog,
): Promise<ResolvedFromLog> {
  authorize(user, 'edition.control')
  await findEdition(engine.db, editionId)
  const unknown = await unknownOf(engine, editionId)
  const log = await readRelayLog(given.lines, {
    wanted: new Set(unknown.map(({ messageId }) => messageId)),
    zone: given.zone,
    now: engine.clock.now(),
  })
  if (log.lines === 0) throw notPostfix(given.name)
  const { first, last, lines } = log
  const sorted = { log: { first, last, lines }, ...sort(unknown, log) }
  if (sorted.accepted.length === 0)
    return { edition: await findEdition(engine.db, editionId), ...sorted }
  const { edition, accepted } = await accept(engine, user, editionId, given.name, sorted)
  if (edition.state === 'sending') await setOff(engine, editionId)
  return { ...sorted, edition: await findEdition(engine.db, editionId), accepted }
}

/** A delivery whose end nobody saw, and the time within which its conversation was. */
interface Unknown {
  delivery: number
  messageId: string
  from: Date
  until: Date
}

async function unknownOf(engine: Engine, editionId: number): Promise<Unknown[]> {
  const { rows } = await sql<{ delivery: number; from: Date; until: Date; written: string }>`
    SELECT delivery.id AS delivery, last.message_id AS written,
      -- of a worker that was lost only its discovery is dated: it had claimed after the attempt before, or the release
      CASE WHEN last.phase <> 'lost' THEN last.at ELSE coalesce(before.at, released_at, edition.created_at) END AS "from",
      last.at + coalesce(last.duration_ms, 0) * interval '1 ms' AS until
    FROM delivery
    JOIN edition ON edition.id = delivery.edition_id
    CROSS JOIN LATERAL (SELECT * FROM attempt WHERE delivery_id = delivery.id
      ORDER BY id DESC LIMIT 1) AS last
    LEFT JOIN LATERAL (SELECT at FROM attempt WHERE delivery_id = delivery.id AND attempt.id < last.id
      ORDER BY id DESC LIMIT 1) AS before ON true
    WHERE delivery.edition_id = ${editionId} AND delivery.trouble = 'unknown'
    ORDER BY delivery.id`.execute(engine.db)
  return rows.map(({ written, ...row }) => ({
    ...row,
    messageId: written === '' ? messageIdOf(engine, editionId, row.delivery) : written,
  }))
}

function sort(
  unknown: Unknown[],
  log: RelayLog,
): Pick<ResolvedFromLog, 'accepted' | 'cutOff' | 'absent' | 'uncovered'> {
  const sorted: ReturnType<typeof sort> = { accepted: [], cutOff: [], absent: [], uncovered: [] }
  for (const { delivery, messageId, from, until } of unknown) {
    const trace = log.traces.get(messageId)
    const told = trace && { delivery, queueId: trace.queueId, fate: withoutAddresses(trace.fate) }
    if (told && trace.taken) sorted.accepted.push(told)
    else if (!covers(log, from, until)) sorted.uncovered.push({ delivery, from, until })
    else if (told) sorted.cutOff.push(told)
    else sorted.absent.push({ delivery })
  }
  return sorted
}

/** Hours of logs are often whole seconds. */
const covers = ({ first, last }: RelayLog, from: Date, until: Date): boolean =>
  first !== undefined &&
  last !== undefined &&
  first <= from &&
  last.getTime() + 999 >= until.getTime()

const withoutAddresses = (fate: RelayTrace['fate']): RelayTrace['fate'] =>
  fate && { ...fate, text: redactAddresses(fate.text) }

/** Each says in its row from which line of which log; what somebody else resolved meanwhile is left as it is. */
async function accept(
  engine: Engine,
  user: User,
  editionId: number,
  name: string,
  { accepted: told, log }: Pick<ResolvedFromLog, 'accepted' | 'log'>,
): Promise<{ edition: Edition; accepted: Told[] }> {
  return inTransaction(engine.db, async (tx) => {
    const edition = await lockEdition(tx, editionId)
    const at = engine.clock.now()
    const accepted: Told[] = []
    const moments: Date[] = []
    for (const one of told) {
      const chosen = { editionId, deliveries: [one.delivery] }
      const to = { state: 'accepted' as const, reason: reasonText(user, name, one) }
      const { settled, firstAt } = await settleUnknown(tx, chosen, to, at)
      if (settled === 0) continue
      accepted.push(one)
      if (firstAt) moments.push(firstAt)
    }
    if (accepted.length === 0) return { edition, accepted }
    await dateFirstAcceptance(tx, editionId, moments)
    const queueIds = Object.fromEntries(
      accepted.map(({ delivery, queueId }) => [delivery, queueId]),
    )
    const detail = {
      as: 'accept',
      resolved: accepted.length,
      file: name,
      from: log.first,
      until: log.last,
      queueIds,
    }
    await audit(tx, { at, user, act: 'resolve', subject: `edition ${editionId}`, detail })
    return { edition, accepted }
  })
}

function reasonText(user: User, name: string, { queueId, fate }: Told): string {
  const later = fate && fate.status !== 'sent' ? `; después: ${fate.status}` : ''
  return `Dado por aceptado por ${user.name}: bitácora del relay ${name}, cola ${queueId}${later}`
}

/** As in src/flow/resolve-unknown.ts: the first acceptance gives the edition its date in the report. */
async function dateFirstAcceptance(tx: Db, editionId: number, moments: Date[]): Promise<void> {
  if (moments.length === 0) return
  await tx
    .updateTable('edition')
    .set({ firstAcceptedAt: new Date(Math.min(...moments.map((moment) => moment.getTime()))) })
    .where('id', '=', editionId)
    .where('firstAcceptedAt', 'is', null)
    .execute()
}

const notPostfix = (name: string): Problem =>
  new Problem('invalid', {
    place: 'FILE',
    message: 'ninguna de sus líneas es de Postfix',
    value: shown(name),
    remedy: 'Dé la bitácora de correo del relay, como /var/log/mail.log',
  })
