/** A test of an edition to the user's own address: marked, logged apart, limited, never counted. */
import { sql } from 'kysely'
import { inTransaction } from '../db/database.ts'
import { composeMessage } from '../dispatch/message.ts'
import { routeOf } from '../dispatch/route.ts'
import { RelayUnavailable, type Connection, type SendResult } from '../dispatch/transport.ts'
import type { Relay } from '../config.ts'
import type { Edition } from '../editions/editions.ts'
import { Problem } from '../errors.ts'
import { redactAddresses } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { fillSlots, slotValues } from '../render/slots.ts'
import { anybodysPage, requirePublication, type Engine } from './engine.ts'
import { renderDraft } from './mark-ready.ts'

const perHour = 10

/** Returns what the relay answered. Throws a Problem when it may not be sent, or when no relay answers. */
export async function sendTest(engine: Engine, user: User, edition: Edition): Promise<SendResult> {
  authorize(user, 'edition.test')
  refuseOutsiders(engine, user)
  const at = engine.clock.now()
  const publication = requirePublication(engine, edition.publication)
  const sender = engine.config.senders[publication.sender]
  const rendering = await renderDraft(engine, edition)
  const mail = fillSlots(rendering, slotValues({ name: user.name, leaveUrl: anybodysPage(engine) }))
  const message = await composeMessage({
    from: sender.from,
    replyTo: sender.replyTo,
    to: { name: user.name, address: user.email },
    subject: `[PRUEBA] ${rendering.subject}`,
    ...mail,
    attachments: rendering.attachments,
    messageId: `<test.${edition.id}.${at.getTime()}.${engine.instanceId.slice(0, 8)}@${engine.config.mailDomain}>`,
    date: at,
    headers: { 'X-Prueba': `edition ${edition.id}` },
  })
  const reserved = await reserve(engine, user, edition, at)
  const route = routeOf(engine.config, sender, user.email, engine.outbox)
  const connection = await connectionTo(engine, route).catch(async (error: unknown) => {
    // nothing left: it is none of the ten
    await engine.db.deleteFrom('testSend').where('id', '=', reserved).execute()
    throw error
  })
  try {
    const result = await connection.send(
      { from: sender.envelopeFrom, to: user.email },
      message,
      () => true,
    )
    const smtpText = redactAddresses(result.smtpText, user.email)
    await engine.db
      .updateTable('testSend')
      .set({ outcome: result.outcome, smtpText })
      .where('id', '=', reserved)
      .execute()
    await audit(engine.db, {
      at,
      user,
      act: 'test',
      subject: `edition ${edition.id}`,
      detail: { outcome: result.outcome },
    })
    return result
  } finally {
    engine.connections.give(connection)
  }
}

/** Outside production nothing leaves but to addresses that were allowed one by one. */
function refuseOutsiders({ config }: Engine, { email }: User): void {
  if (config.environment !== 'production') return
  const own = domainsOf(config)
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
  if (own.some((one) => domain === one || domain.endsWith(`.${one}`))) return
  throw new Problem('refused', {
    place: 'prueba',
    message: 'sólo se envía a la dirección institucional de quien la pide, y la suya no lo es',
    value: `@${domain}`,
    remedy: `Pida a Operación que ponga en su cuenta una dirección de ${own.join(' o ')}`,
  })
}

const domainsOf = ({ senders }: Engine['config']): string[] => [
  ...new Set(
    Object.values(senders).map(({ from }) => from.address.split('@').at(-1)!.toLowerCase()),
  ),
]

async function connectionTo({ connections }: Engine, relay: Relay): Promise<Connection> {
  try {
    return await connections.take(relay)
  } catch (error) {
    if (!(error instanceof RelayUnavailable)) throw error
    throw new Problem(
      'unavailable',
      {
        place: 'servidor de correo',
        message: 'no responde, y la prueba no se envió',
        remedy: 'Inténtelo de nuevo en unos minutos; si sigue así, avise a Operación',
      },
      { cause: error },
    )
  }
}

/** Written before it is sent, one at a time for each person: many at once are counted too. Throws a Problem after ten. */
async function reserve(
  { db }: Engine,
  user: User,
  { id: editionId }: Edition,
  at: Date,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`test ${user.id}`}, 0))`.execute(tx)
    const { count } = await tx
      .selectFrom('testSend')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('userId', '=', user.id)
      .where('at', '>', new Date(at.getTime() - 3_600_000))
      .executeTakeFirstOrThrow()
    if (count >= perHour) throw tooMany(count)
    const { id } = await tx
      .insertInto('testSend')
      .values({ editionId, userId: user.id, at, outcome: 'sending' })
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  })
}

const tooMany = (count: number): Problem =>
  new Problem('refused', {
    place: 'prueba',
    message: `ya envió ${count} pruebas en la última hora`,
    remedy: `Espere: son ${perHour} por hora; la vista previa no tiene límite`,
  })
