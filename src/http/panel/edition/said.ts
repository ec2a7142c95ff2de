/** After a redirect: what became of the act, read from what is stored, so that no link can make the page say it. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { longTime } from '../../../flow/hold.ts'
import { deliveryStateNames, type DeliveryState } from '../../../states.ts'
import type { Html } from '../../env.ts'
import type { PanelRequest } from '../route.ts'

export type Done = 'lista' | 'aprobada' | 'devuelta' | 'cancelada' | 'prueba'

/** Names of the people of an edition, by their id. */
export type People = Map<number | null, string>

export async function saidOf(
  request: PanelRequest,
  edition: Edition,
  people: People,
): Promise<Html> {
  const text = await sentenceOf(request, edition, people)
  if (text === undefined) return html``
  const { words, isWrong = false } = text
  return html`<div class="box ${isWrong ? 'wrong' : 'done'}" role="status"><p>${words}</p></div>`
}

type Said = { words: string; isWrong?: boolean } | undefined

async function sentenceOf(request: PanelRequest, edition: Edition, people: People): Promise<Said> {
  const { state, readyAt, readyBy, approvedAt, approvedBy } = edition
  const isLive = ['ready', 'approved', 'held', 'sending', 'paused', 'sent'].includes(state)
  const by = (id: number | null) => people.get(id) ?? 'otra persona'
  switch (request.c.req.query('hecho') as Done | undefined) {
    case 'lista':
      if (!isLive || !readyAt) return undefined
      return {
        words: `Lista: la marcó ${by(readyBy)} el ${longTime(readyAt)}. ${whatIsNext(request, edition)}`,
      }
    case 'aprobada':
      if (!isLive || !approvedAt) return undefined
      return {
        words: `Aprobada por ${by(approvedBy)} el ${longTime(approvedAt)}. ${whenItLeaves(request, edition)}`,
      }
    case 'devuelta':
      if (!['planned', 'held'].includes(state) || !edition.stateReason?.startsWith('devuelta'))
        return undefined
      return {
        words: 'Devuelta. Se avisa por correo a quien la redactó y a quien la marcó como lista.',
      }
    case 'cancelada':
      return state === 'cancelled' ? { words: 'Cancelada: no se enviará nada más.' } : undefined
    case 'prueba':
      return lastTest(request, edition)
    default:
      return undefined
  }
}

function whenItLeaves({ engine }: PanelRequest, { nominalAt, releasedAt }: Edition): string {
  if (releasedAt) return `Salió el ${longTime(releasedAt)}.`
  return nominalAt > engine.clock.now()
    ? `Programada para el ${longTime(nominalAt)}.`
    : 'Su hora ya pasó: sale en cuanto se pueda.'
}

function whatIsNext({ engine }: PanelRequest, { publication, state }: Edition): string {
  const found = engine.publications.find(({ slug }) => slug === publication)
  return found?.approval === 'second-person' && state === 'ready'
    ? 'Falta que otra persona la apruebe.'
    : 'No falta nada para que salga a su hora.'
}

async function lastTest({ engine, user }: PanelRequest, { id }: Edition): Promise<Said> {
  const test = await engine.db
    .selectFrom('testSend')
    .select(['at', 'outcome', 'smtpText'])
    .where('editionId', '=', id)
    .where('userId', '=', user.id)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  if (!test) return undefined
  if (test.outcome === 'accepted') {
    return {
      words: `Prueba aceptada por el servidor el ${longTime(test.at)}, para ${user.email}.`,
    }
  }
  const outcome = deliveryStateNames[test.outcome as DeliveryState] ?? test.outcome
  return {
    isWrong: true,
    words: `La prueba para ${user.email} no fue aceptada: ${outcome}. El servidor respondió: ${test.smtpText ?? 'nada'}`,
  }
}
