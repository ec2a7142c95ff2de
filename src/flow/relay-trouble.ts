/** Relays that take nothing while an edition waits for them: staff see it at once, and get a mail when it lasts. */
import { troubledRelays, type RelayRest } from '../dispatch/relay-rest.ts'
import { relayName } from '../dispatch/transport.ts'
import { inTransaction } from '../db/database.ts'
import type { Edition } from '../editions/editions.ts'
import { writeNotice } from '../notices/notices.ts'
import { usersWithRoles } from '../people/users.ts'
import { eachOf } from './each-of.ts'
import { titleOf, type Engine } from './engine.ts'
import { longTime } from './hold.ts'
import { relayOf } from './seats.ts'

/** Without any acceptance for so long, somebody has to look at the server. */
const patienceMs = 10 * 60_000

type OnItsWay = Pick<Edition, 'id' | 'state' | 'publication'>

/** Of those that are on their way: what their server says, or that it does not answer (es). By edition. */
export async function relayTroubles(
  engine: Engine,
  editions: OnItsWay[],
): Promise<Map<number, string>> {
  const said = new Map<number, string>()
  for (const [{ id }, sender, { reason }] of await troubled(engine, editions))
    said.set(id, `el servidor de correo ${sender} no responde: ${reason}`)
  return said
}

/** Without those whose server is being left alone: nothing of them could leave now. */
export async function thoseThatMayGo(engine: Engine, editions: OnItsWay[]): Promise<OnItsWay[]> {
  const found = await troubled(engine, editions)
  const resting = new Set(found.filter(([, , { isResting }]) => isResting).map(([one]) => one))
  return editions.filter((edition) => !resting.has(edition))
}

async function troubled(
  engine: Engine,
  editions: OnItsWay[],
): Promise<[OnItsWay, sender: string, RelayRest][]> {
  const sending = editions.filter(({ state }) => state === 'sending')
  if (sending.length === 0) return []
  const rests = new Map((await troubledRelays(engine.db)).map((one) => [one.relay, one]))
  if (rests.size === 0) return []
  return sending.flatMap((edition) => {
    const publication = engine.publications.find((one) => one.slug === edition.publication)
    if (!publication) return []
    const { sender } = publication
    const rest = rests.get(relayName(relayOf(engine, engine.config.senders[sender])))
    return rest ? [[edition, sender, rest]] : []
  })
}

/** A mail to operación, once for each time that nothing is accepted any more. */
export async function announceRelaysDown(engine: Engine): Promise<void> {
  const at = engine.clock.now()
  const before = new Date(at.getTime() - patienceMs)
  const sending = await engine.db
    .selectFrom('edition')
    .select(['id', 'state', 'publication', 'period', 'releasedAt'])
    .where('state', '=', 'sending')
    .where('releasedAt', '<=', before)
    .execute()
  const troubles = await relayTroubles(engine, sending)
  const waiting = sending.filter(({ id }) => troubles.has(id))
  await eachOf(waiting, async (edition) => {
    const lastAt = (await lastAcceptance(engine, edition.id)) ?? edition.releasedAt!
    if (lastAt <= before) await announce(engine, edition, troubles.get(edition.id)!, lastAt)
  })
}

async function lastAcceptance({ db }: Engine, editionId: number): Promise<Date | null> {
  const { lastAt } = await db
    .selectFrom('delivery')
    .select(({ fn }) => fn.max('updatedAt').as('lastAt'))
    .where('editionId', '=', editionId)
    .where('state', '=', 'accepted')
    .executeTakeFirstOrThrow()
  return lastAt
}

async function announce(
  engine: Engine,
  edition: Pick<Edition, 'id' | 'publication' | 'period'>,
  trouble: string,
  since: Date,
): Promise<void> {
  const title = titleOf(engine, edition)
  await inTransaction(engine.db, async (tx) => {
    const staff = await usersWithRoles(tx, ['operacion'])
    await writeNotice(
      tx,
      {
        kind: 'relay-down',
        editionId: edition.id,
        occasion: since.toISOString(),
        subject: `El servidor no recibe: ${title}`,
        plainText: [
          `${title} está en curso y nada se acepta desde el ${longTime(since)}: ${trouble}.`,
          '',
          'Nadie lo pierde ni lo recibe dos veces: el envío sigue solo cuando el servidor vuelva a recibir.',
          'Avise a quien administra el servidor de correo.',
        ].join('\n'),
      },
      staff.map((user) => user.email),
      engine.clock.now(),
    )
  })
}
