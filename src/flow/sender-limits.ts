/** How fast each sender may go, as staff see and change it while it is on its way. */
import {
  freshLimits,
  limitSender,
  senderLimits,
  type SenderLimits,
} from '../dispatch/sender-pace.ts'
import { inTransaction } from '../db/database.ts'
import { Problem, nearest, shown } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { SenderConfig } from '../config.ts'
import { setOff } from './control.ts'
import { eachOf } from './each-of.ts'
import type { Engine } from './engine.ts'

export interface LimitsOfSender {
  sender: SenderConfig
  now: SenderLimits
  /** What the environment says. */
  configured: SenderLimits
  /** Who changed them, and when; undefined: the environment holds. */
  changed: { by: string; at: Date } | undefined
}

export const limitBounds = { messagesPerSecond: 10_000, connections: 200 }

export async function limitsOfSenders(engine: Engine): Promise<LimitsOfSender[]> {
  return Promise.all(Object.values(engine.config.senders).map((one) => limitsOf(engine, one)))
}

async function limitsOf({ db }: Engine, sender: SenderConfig): Promise<LimitsOfSender> {
  const { isChanged, ...now } = await senderLimits(db, sender)
  const last = await db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['auditLog.at', 'staffUser.name'])
    .where('subject', '=', subjectOf(sender))
    .where('act', '=', 'senders.limit')
    .orderBy('auditLog.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const changed = isChanged && last ? { by: last.name ?? '', at: last.at } : undefined
  return { sender, now, configured: configuredOf(sender), changed }
}

/** What is not given stays as it is; `reset`: as the environment says. Throws a Problem with every fault. */
export async function changeLimits(
  engine: Engine,
  user: User,
  slug: string,
  change: Partial<SenderLimits> | 'reset',
): Promise<LimitsOfSender> {
  authorize(user, 'senders.limit')
  const sender = requireSender(engine, slug)
  if (change !== 'reset') checkLimits(change)
  const at = engine.clock.now()
  const hasChanged = await inTransaction(engine.db, async (tx) => {
    const before = await freshLimits(tx, sender)
    const wanted = change === 'reset' ? configuredOf(sender) : { ...pick(before), ...change }
    const isSame =
      wanted.messagesPerSecond === before.messagesPerSecond &&
      wanted.connections === before.connections
    if (isSame && (change !== 'reset' || !before.isChanged)) return false
    await limitSender(tx, sender, change === 'reset' ? undefined : wanted)
    const detail = {
      before: pick(before),
      after: wanted,
      ...(change === 'reset' && { reset: true }),
    }
    await audit(tx, { at, user, act: 'senders.limit', subject: subjectOf(sender), detail })
    return true
  })
  // what waited for a seat may have one now
  if (hasChanged) await eachOf(await editionsOf(engine, sender), (id) => setOff(engine, id))
  return limitsOf(engine, sender)
}

const subjectOf = ({ slug }: SenderConfig): string => `sender ${slug}`

const configuredOf = ({ ratePerSecond, connections }: SenderConfig): SenderLimits => ({
  messagesPerSecond: ratePerSecond,
  connections,
})

const pick = ({ messagesPerSecond, connections }: SenderLimits): SenderLimits => ({
  messagesPerSecond,
  connections,
})

const limitNames = { messagesPerSecond: 'mensajes por segundo', connections: 'conexiones' }

function checkLimits(change: Partial<SenderLimits>): void {
  const faults = (['messagesPerSecond', 'connections'] as const).flatMap((key) => {
    const value = change[key]
    const most = limitBounds[key]
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)) return []
    return [
      {
        place: limitNames[key],
        message: 'no es un número válido',
        value: shown(String(value)),
        remedy: `Escriba un número entero de 1 a ${most.toLocaleString('es-MX')}`,
      },
    ]
  })
  if (faults.length > 0) throw new Problem('invalid', faults)
}

function requireSender({ config }: Engine, slug: string): SenderConfig {
  const senders = Object.values(config.senders)
  const found = senders.find((sender) => sender.slug === slug)
  if (found) return found
  const guess = nearest(
    slug,
    senders.map((sender) => sender.slug),
  )
  throw new Problem('notFound', {
    place: 'remitente',
    message: 'no existe',
    value: shown(slug),
    remedy: guess ? `¿Quiso decir ${guess}?` : '`pregonero senders list` los muestra',
  })
}

async function editionsOf({ db, publications }: Engine, { slug }: SenderConfig): Promise<number[]> {
  const ofSender = publications.filter((one) => one.sender === slug).map((one) => one.slug)
  if (ofSender.length === 0) return []
  const rows = await db
    .selectFrom('edition')
    .select('id')
    .where('state', '=', 'sending')
    .where('publication', 'in', ofSender)
    .execute()
  return rows.map(({ id }) => id)
}
