/** How far a dispatch is, in words and as a bar: what a page shows first and what it is replaced by. */
import { answersLooked } from '../../../ledger/recipients.ts'
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import type { Edition } from '../../../editions/editions.ts'
import type { Progress } from '../../../ledger/progress.ts'
import { deliveryStateNames, failuresOf, recipientsOf, unfinishedOf } from '../../../states.ts'
import type { Html } from '../../env.ts'
import { totalsInWords } from '../dispatches/parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import type { Reading } from './reading.ts'

/** Codes of SMTP that a page names; the list of recipients has them all. */
const shownAnswers = 5

export const isOnItsWay = ({ state }: Pick<Edition, 'state'>): boolean =>
  state === 'sending' || state === 'paused'

export function progressFragment({ c }: PanelRequest, reading: Reading): Html {
  const { edition, progress, relayTrouble } = reading
  const { totals } = progress
  const all = recipientsOf(totals)
  const done = all - unfinishedOf(totals)
  return html`<p>
      <label for="avance">Avance</label>
      <progress id="avance" max="${Math.max(all, 1)}" value="${done}">
        ${all === 0 ? 0 : Math.floor((100 * done) / all)} %
      </progress>
    </p>
    <p class="lead"><strong>${totalsInWords(totals)}</strong></p>
    ${
      relayTrouble !== undefined &&
      html`<p class="problem">
        ${firstUp(relayTrouble)}. El envío sigue solo cuando vuelva a recibir.
      </p>`
    }
    ${isOnItsWay(edition) && html`<p>${pace(reading)}</p>`} ${answersList(reading)}
    ${
      !isOnItsWay(edition) &&
      html`<p data-live-done>
        <strong>${ending(edition, progress)}.</strong>
        <a href="${c.var.link(panelPaths.edition(edition.id))}">Cargar la página de nuevo</a>
      </p>`
    }`
}

const firstUp = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** «Concluido» is said only when nobody is left. */
export function ending({ state }: Pick<Edition, 'state'>, { totals }: Progress): string {
  if (state === 'cancelled') return 'Cancelado'
  if (state !== 'sent') return 'Todavía no sale'
  const failures = failuresOf(totals)
  return failures === 0 ? 'Concluido' : `Concluido con fallos (${count(failures)})`
}

function pace({ edition, progress: { totals, perSecond, endsAt }, at }: Reading): string {
  const inHand =
    totals.sending > 0 ? ` ${count(totals.sending)} en conversación con el servidor.` : ''
  if (edition.state === 'paused') return `En pausa: nada más sale hasta que se reanude.${inHand}`
  const waiting =
    totals.deferred > 0
      ? ` ${count(totals.deferred)} ${totals.deferred === 1 ? 'espera' : 'esperan'} su siguiente intento.`
      : ''
  if (endsAt === undefined) {
    const still = totals.pending > 0 ? 'Sin movimiento en el último minuto.' : ''
    return `${still}${inHand}${waiting}`.trim()
  }
  const end = inMexicoCity(endsAt)
  const isToday = end.hasSame(inMexicoCity(at), 'day')
  const hour = end.toFormat(
    isToday ? "'las' HH:mm 'horas'" : "'el' cccc d 'de' LLLL, HH:mm 'horas'",
  )
  return `${rateText(perSecond)} Terminará hacia ${hour}.${waiting}`
}

function rateText(perSecond: number): string {
  const [rate, unit] = perSecond >= 1 ? [perSecond, 'segundo'] : [perSecond * 60, 'minuto']
  const shown = rate.toLocaleString('es-MX', { maximumFractionDigits: rate < 10 ? 1 : 0 })
  return `${shown} ${shown === '1' ? 'mensaje' : 'mensajes'} por ${unit}.`
}

export function answersList({ answers }: Pick<Reading, 'answers'>): Html {
  if (answers.length === 0) return html``
  const rest = answers.slice(shownAnswers).reduce((sum, { deliveries }) => sum + deliveries, 0)
  return html`<ul class="small">
    ${answers
      .slice(0, shownAnswers)
      .map(
        ({ code, state, deliveries }) =>
          html`<li>
            ${code === null ? 'Sin código de SMTP' : html`Código ${code}`}:
            ${deliveryStateNames[state]}, ${count(deliveries)}
          </li>`,
      )}
    ${rest > 0 && html`<li>Otras respuestas: ${count(rest)}</li>`}
    ${
      answers.reduce((sum, { deliveries }) => sum + deliveries, 0) >= answersLooked &&
      html`<li>Son de las ${count(answersLooked)} direcciones que se revisaron.</li>`
    }
  </ul>`
}

export const count = (sum: number): string => sum.toLocaleString('es-MX')
