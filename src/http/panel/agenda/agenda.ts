/** The first page: what leaves in the next fourteen days and what left in the last seven, everybody's. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import { agenda, type AgendaItem } from '../../../flow/agenda.ts'
import { editionStateNames, type EditionState } from '../../../states.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const agendaRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.agenda, act: 'panel.see', answer: agendaPage },
]

const daysAhead = 14
const daysBack = 7
const nearMs = 3 * 24 * 3_600_000

async function agendaPage(request: PanelRequest): Promise<Response> {
  const { engine } = request
  const now = engine.clock.now()
  const today = inMexicoCity(now).startOf('day')
  const items = await agenda(
    engine,
    today.minus({ days: daysBack }).toJSDate(),
    today.plus({ days: daysAhead }).toJSDate(),
  )
  const coming = items.filter(({ nominalAt }) => nominalAt >= today.toJSDate())
  const attention = items.filter((item) => needsAttention(item, now))
  return showPanel(
    request,
    { title: 'Agenda' },
    html`${attentionBox(request, attention)} ${byDay(request, coming)}
      <section>
        <h2>Los últimos siete días</h2>
        ${byDay(request, items.filter((item) => !coming.includes(item)).toReversed())}
      </section>`,
  )
}

/** It did not leave, or will not within three days unless somebody does something. */
function needsAttention(
  { editionId, state, nominalAt, waitingOn }: AgendaItem,
  now: Date,
): boolean {
  if (editionId === undefined) return false
  const isNear = nominalAt.getTime() - now.getTime() < nearMs
  return (
    state === 'held' || state === 'paused' || (waitingOn !== '' && (isNear || state === 'ready'))
  )
}

function attentionBox(request: PanelRequest, items: AgendaItem[]) {
  if (items.length === 0) return html`<div class="box done"><p>Nada requiere su atención.</p></div>`
  return html`<div class="box">
    <h2>Requiere atención</h2>
    <ul class="plain">
      ${items.map(
        (item) =>
          html`<li>
            <a href="${linkTo(request, item)}">${item.title}</a>:
            ${item.waitingOn || item.reason || editionStateNames[item.state]}, ${dayAndHour(item)}
          </li>`,
      )}
    </ul>
  </div>`
}

function byDay(request: PanelRequest, items: AgendaItem[]) {
  if (items.length === 0) return html`<p>No hay envíos.</p>`
  const days = Map.groupBy(items, ({ nominalAt }) =>
    inMexicoCity(nominalAt).toFormat("cccc d 'de' LLLL"),
  )
  return html`${[...days].map(
    ([day, of]) =>
      html`<h2>${day.charAt(0).toUpperCase() + day.slice(1)}</h2>
        <ul class="entries">
          ${of.map((item) => html`<li>${entry(request, item)}</li>`)}
        </ul>`,
  )}`
}

function entry(request: PanelRequest, item: AgendaItem) {
  const { title, editionId, nominalAt, recipients, waitingOn, reason, state } = item
  return html`<h3>
      ${inMexicoCity(nominalAt).toFormat('HH:mm')}
      ${editionId === undefined ? title : html`<a href="${linkTo(request, item)}">${title}</a>`}
    </h3>
    <p class="small">
      <strong>${stateMarks[state]} ${editionStateNames[state]}</strong>${
        recipients === undefined ? '' : html` · ${recipients.toLocaleString('es-MX')} direcciones`
      }${waitingOn && html` · falta ${waitingOn}`}${reason && html` · ${reason}`}
    </p>`
}

/** Beside the word, never instead of it. */
const stateMarks: Record<EditionState, string> = {
  planned: '○',
  ready: '◐',
  approved: '●',
  held: '▲',
  sending: '▶',
  paused: '❚❚',
  sent: '✓',
  omitted: '–',
  cancelled: '✕',
}

const linkTo = ({ c }: PanelRequest, { editionId }: AgendaItem): string =>
  c.var.link(panelPaths.edition(editionId!))

const dayAndHour = ({ nominalAt }: AgendaItem): string =>
  inMexicoCity(nominalAt).toFormat("cccc d 'de' LLLL, HH:mm 'horas'")
