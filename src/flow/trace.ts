/** One delivery from the plan to the relay: who prepared it, who sent it, what the relay said, what became of it. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { findEdition, type Edition } from '../editions/editions.ts'
import { Problem, shown } from '../errors.ts'
import {
  findDelivery,
  holderOf,
  tracedAttempts,
  type Holder,
  type TracedAttempt,
  type TracedDelivery,
} from '../ledger/delivery-trace.ts'
import { maskAddress } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { may, type User } from '../people/users.ts'
import type { SuppressionReason } from '../states.ts'
import type { Engine } from './engine.ts'
import { longTime } from './hold.ts'
import { lookUp } from './person.ts'
import { messageIdOf } from './letters.ts'

export interface Trace {
  /** Its address is whole only for whoever may see it. */
  delivery: Omit<TracedDelivery, 'contactId'>
  edition: Edition
  messageId: string
  /** What was done to the edition, in order. */
  acts: TracedAct[]
  attempts: TracedAttempt[]
  holder: Holder | undefined
  /** undefined: for whoever may not see the address. */
  recipient: Recipient | undefined
}

export interface TracedAct {
  at: Date
  act: string
  /** null: Pregonero itself. */
  who: string | null
  detail: Record<string, unknown>
}

export interface Recipient {
  lists: { list: string; state: 'active' | 'left'; since: Date; leftAt: Date | null }[]
  suppressions: { scope: string; reason: SuppressionReason; at: Date }[]
}

/** `id`: the number of a delivery, its Message-ID, or EDITION/ADDRESS. */
export async function trace(engine: Engine, user: User | undefined, id: string): Promise<Trace> {
  const { db } = engine
  const found = await find(engine, user, id.trim())
  const edition = await findEdition(db, found.editionId)
  const seesAddress = user !== undefined && may(user, 'addresses.see')
  if (seesAddress) await writeLook(engine, user, found)
  const { contactId, ...delivery } = found
  return {
    delivery: seesAddress ? delivery : { ...delivery, address: maskAddress(delivery.address) },
    edition,
    messageId: messageIdOf(engine, found.editionId, found.id),
    acts: await actsOf(db, found),
    attempts: await tracedAttempts(db, found.id),
    holder: await holderOf(db, found.id),
    recipient: seesAddress ? await recipientOf(db, edition, found.address, contactId) : undefined,
  }
}

async function find(engine: Engine, user: User | undefined, id: string): Promise<TracedDelivery> {
  const [, editionId, address] = /^(\d{1,15})\/(.+)$/.exec(id) ?? []
  if (address !== undefined) return findByAddress(engine, user, Number(editionId), address)
  if (/^\d{1,15}$/.test(id))
    return (await findDelivery(engine.db, { id: Number(id) })) ?? missing(id)
  const [, edition, delivery] = /^<?(\d{1,15})\.(\d{1,15})\.[^@<>\s]+@[^<>\s]+>?$/.exec(id) ?? []
  if (delivery === undefined) throw notAnId(id)
  const found = await findDelivery(engine.db, { id: Number(delivery) })
  if (!found) await refusePruned(engine.db, Number(edition))
  if (found?.editionId !== Number(edition)) return missing(id)
  return (await isItsMessageId(engine, found, id)) ? found : missing(id)
}

/** Numbers repeat from one installation to another; the rest of a Message-ID does not. */
async function isItsMessageId(engine: Engine, found: TracedDelivery, id: string): Promise<boolean> {
  const messageId = `<${id.replace(/^<|>$/g, '')}>`
  if (messageId === messageIdOf(engine, found.editionId, found.id)) return true
  const attempts = await tracedAttempts(engine.db, found.id)
  return attempts.some((attempt) => attempt.messageId === messageId)
}

async function findByAddress(
  engine: Engine,
  user: User | undefined,
  editionId: number,
  who: string,
): Promise<TracedDelivery> {
  if (user === undefined) throw asIsMissing()
  const permission = may(user, 'person.see') ? 'person.see' : 'addresses.see'
  const { address } = await lookUp(engine, user, who, 'deliveries.search', permission)
  const by = { editionId, address: address ?? '' }
  const found = await findDelivery(engine.db, by)
  if (!found) await refusePruned(engine.db, editionId)
  return found ?? missing(`${editionId}/…`)
}

async function writeLook(
  { db, clock }: Engine,
  user: User,
  delivery: TracedDelivery,
): Promise<void> {
  await audit(db, {
    at: clock.now(),
    user,
    act: 'addresses.see',
    subject: `edition ${delivery.editionId}`,
    detail: { rows: 1, delivery: delivery.id },
  })
}

/** Of what concerns single deliveries, only what concerns this one. */
async function actsOf(db: Db, delivery: TracedDelivery): Promise<TracedAct[]> {
  const rows = await db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['auditLog.at', 'act', 'detail', 'staffUser.name as who'])
    .where('subject', '=', `edition ${delivery.editionId}`)
    .where('act', 'not in', ['test', 'addresses.see'])
    .orderBy('auditLog.id')
    .execute()
  return rows
    .map((row) => ({ ...row, detail: row.detail as TracedAct['detail'] }))
    .filter(({ detail }) => concerns(detail, delivery.id))
}

function concerns({ deliveries, queueIds }: Record<string, unknown>, delivery: number): boolean {
  if (Array.isArray(deliveries)) return deliveries.includes(delivery)
  if (typeof queueIds === 'object' && queueIds !== null) return String(delivery) in queueIds
  return true
}

/** On the lists of the edition, and what keeps mail from the address today. */
async function recipientOf(
  db: Db,
  edition: Edition,
  address: string,
  contactId: number | null,
): Promise<Recipient> {
  const lists = await sql<Recipient['lists'][number]>`
    SELECT list.name AS list, state, since, left_at FROM list_member JOIN list ON list.id = list_id
    WHERE contact_id = ${contactId} AND list.slug IN (
      SELECT jsonb_array_elements_text(audience -> 'lists') FROM edition WHERE id = ${edition.id})
    ORDER BY list.name`.execute(db)
  const suppressions = await sql<Recipient['suppressions'][number]>`
    SELECT coalesce(list.name, scope) AS scope, reason, at FROM suppression
    LEFT JOIN list ON list.id = list_id
    WHERE address = ${address} ORDER BY suppression.id`.execute(db)
  return { lists: lists.rows, suppressions: suppressions.rows }
}

function missing(id: string): never {
  throw new Problem('notFound', {
    place: 'ID',
    message: 'ninguna entrega de esta instalación es esa',
    value: shown(id),
    remedy:
      '`pregonero deliveries --edition N` muestra las de una edición, si su detalle no se depuró',
  })
}

/** It may have been there: of a pruned edition nobody knows any more. */
async function refusePruned(db: Db, editionId: number): Promise<void> {
  const edition = await db
    .selectFrom('edition')
    .select('prunedAt')
    .where('id', '=', editionId)
    .executeTakeFirst()
  if (!edition?.prunedAt) return
  throw new Problem('notFound', {
    place: `edición ${editionId}`,
    message: `su detalle se depuró el ${longTime(edition.prunedAt)}`,
    remedy: `\`pregonero edition show ${editionId}\` dice sus totales, que se conservan`,
  })
}

const notAnId = (id: string): Problem =>
  new Problem('usage', {
    place: 'ID',
    message: 'is neither a delivery, nor a Message-ID of ours, nor EDITION/ADDRESS',
    value: shown(id),
    remedy: 'Give the number of the delivery, its Message-ID, or 12/persona@example.org',
  })

const asIsMissing = (): Problem =>
  new Problem('usage', {
    place: '--as',
    message: 'falta: quien busca por dirección queda en la bitácora',
    remedy: 'Diga quién busca, con un rol que vea direcciones (operacion o privacidad)',
  })
