/** One delivery with all that the ledger holds of it: who had it in hand, and every conversation. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { DeliveryState, Outcome, Phase } from '../states.ts'

export interface TracedDelivery {
  id: number
  editionId: number
  contactId: number | null
  address: string
  state: DeliveryState
  reason: string | null
  batch: number
  attempts: number
  nextAttemptAt: Date | null
  updatedAt: Date
}

/** By number, or by edition and address. */
export async function findDelivery(
  db: Db,
  by: { id: number } | { editionId: number; address: string },
): Promise<TracedDelivery | undefined> {
  const query = db
    .selectFrom('delivery')
    .select(['id', 'editionId', 'contactId', 'address', 'state', 'reason', 'batch', 'attempts'])
    .select(['nextAttemptAt', 'updatedAt'])
  const found =
    'id' in by
      ? query.where('id', '=', by.id)
      : query.where('editionId', '=', by.editionId).where('address', '=', by.address)
  return found.executeTakeFirst()
}

export interface TracedAttempt {
  at: Date
  durationMs: number | null
  outcome: Outcome
  phase: Phase
  smtpCode: number | null
  smtpText: string | null
  relay: string
  messageId: string
  worker: string
  /** null: the process ended more than a day ago, and its row went. */
  host: string | null
  pid: number | null
}

export async function tracedAttempts(db: Db, deliveryId: number): Promise<TracedAttempt[]> {
  const { rows } = await sql<TracedAttempt>`
    SELECT at, duration_ms, outcome, phase, smtp_code, smtp_text, relay, message_id, worker_id AS worker, host, pid
    FROM attempt LEFT JOIN worker ON worker.id = worker_id
    WHERE delivery_id = ${deliveryId} ORDER BY attempt.id`.execute(db)
  return rows
}

export interface Holder {
  worker: string
  host: string
  pid: number
  leaseUntil: Date
}

/** Who has it in hand now. */
export async function holderOf(db: Db, deliveryId: number): Promise<Holder | undefined> {
  const { rows } = await sql<Holder>`
    SELECT worker.id AS worker, host, pid, lease_until FROM delivery JOIN worker ON worker.id = worker_id
    WHERE delivery.id = ${deliveryId} AND delivery.state = 'sending'`.execute(db)
  return rows[0]
}
