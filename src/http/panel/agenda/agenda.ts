/** The first page: what leaves in the next fourteen days and what left in the last seven, everybody's. */
import type { DateTime } from 'luxon'
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import { agenda, agendaFile, recipientsText, type AgendaItem } from '../../../flow/agenda.ts'
import {
  institutionalCalendar,
  type InstitutionalCalendar,
} from '../../../schedule/institutional-calendar.ts'
import { readRestDays } from '../../../schedule/rest-days.ts'
import { editionStateNames, type EditionState } from '../../../states.ts'
import type { Html } from '../../env.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const agendaRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.agenda, act: 'panel.see', answer: agendaPage },
  { method: 'GET', path: panelPaths.calendarFile, act: 'panel.see', answer: calendarFile },
]

const daysAhead = 14
const daysBack = 7
const nearMs = 3 * 24 * 3_600_000
/** What a calendar program takes at once: a quarter ahead. */
const daysInFile = 92

async function agendaPage(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const now = engine.clock.now()
  const today = inMexicoCity(now).startOf('day')
  const from = today.minus({ days: daysBack })
  const to = today.plus({ days: daysAhead })
  const items = await agenda(engine, from.toJSDate(), to.toJSDate())
  const calendar = institutionalCalendar(await readRestDays(engine.db))
  const attention = items.filter((item) => needsAttention(item, now))
  return showPanel(
    request,
    { title: 'Agenda' },
    html`${attentionBox(request, attention)}
      <p><a href="${c.var.link(panelPaths.calendarFile)}">Agregar al calendario (.ics)</a></p>
      ${byDay(request, items, calendar, days(today, to))}
      <section>
        <h2>Los últimos siete días</h2>
        ${byDay(request, items.toReversed(), calendar, days(from, today).toReversed())}
      </section>`,
  )
}

async function calendarFile({ c, engine }: PanelRequest): Promise<Response> {
  const today = inMexicoCity(engine.clock.now()).startOf('day')
  const items = await agenda(
    engine,
    today.minus({ days: daysBack }).toJSDate(),
    today.plus({ days: daysInFile }).toJSDate(),
  )
  return c.body(agendaFile(items, engine.config.mailDomain), 200, {
    'Content-Type': 'text/calendar; charset=UTF-8',
    'Content-Disposition': 'attachment; filename="agenda-de-envios.ics"',
    'Cache-Control': 'no-store',
  })
}

/** It did not leave as it should, or will not within three days unless somebody does something. */
function needsAttention(item: AgendaItem, now: Date): boolean {
  const { editionId, state, nominalAt, waitingOn, failures, relayTrouble } = item
  if (editionId === undefined) return false
  const isNear = nominalAt.getTime() - now.getTime() < nearMs
  return (
    state === 'held' ||
    state === 'paused' ||
    failures > 0 ||
    relayTrouble !== '' ||
    (waitingOn !== '' && (isNear || state === 'ready'))
  )
}

function attentionBox(request: PanelRequest, items: AgendaItem[]): Html {
  if (items.length === 0) return html`<div class="box done"><p>Nada requiere su atención.</p></div>`
  return html`<div class="box">
    <h2>Requiere atención</h2>
    <ul class="plain">
      ${items.map(
        (item) =>
          html`<li>
            <a href="${linkTo(request, item)}">${item.title}</a>: ${troubleOf(item)},
            ${dayAndHour(item)}
          </li>`,
      )}
    </ul>
  </div>`
}

const troubleOf = ({ failures, waitingOn, reason, state, relayTrouble }: AgendaItem): string =>
  relayTrouble !== ''
    ? relayTrouble
    : failures > 0
      ? `${failures.toLocaleString('es-MX')} ${failures === 1 ? 'fallo' : 'fallos'}`
      : waitingOn || reason || editionStateNames[state]

function days(from: DateTime<true>, to: DateTime<true>): DateTime<true>[] {
  const between: DateTime<true>[] = []
  for (let day = from; day < to; day = day.plus({ days: 1 })) between.push(day)
  return between
}

/** Days on which something leaves, and those on which the institution rests. */
function byDay(
  request: PanelRequest,
  items: AgendaItem[],
  calendar: InstitutionalCalendar,
  shown: DateTime<true>[],
): Html {
  const ofDay = Map.groupBy(items, ({ nominalAt }) => inMexicoCity(nominalAt).toISODate())
  const entries = shown.flatMap((day) => {
    const of = ofDay.get(day.toISODate()) ?? []
    const rest = calendar.restOn(day.toISODate())
    return of.length === 0 && !rest ? [] : [{ day, of, rest }]
  })
  if (entries.length === 0) return html`<p>No hay envíos.</p>`
  return html`${entries.map(
    ({ day, of, rest }) =>
      html`<h2>${titleOfDay(day)}</h2>
        ${
          rest &&
          html`<p class="small muted">
            Inhábil: ${rest.name}${rest.status === 'por-confirmar' && ' (por confirmar)'}
          </p>`
        }
        ${
          of.length > 0 &&
          html`<ul class="entries">
            ${of.map((item) => html`<li>${entry(request, item)}</li>`)}
          </ul>`
        }`,
  )}`
}

function titleOfDay(day: DateTime<true>): string {
  const text = day.toFormat("cccc d 'de' LLLL")
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function entry(request: PanelRequest, item: AgendaItem): Html {
  const { title, editionId, nominalAt, waitingOn, reason, state, failures } = item
  const parts = [
    recipientsText(item),
    failures > 0 && troubleOf(item),
    waitingOn && `falta ${waitingOn}`,
    reason,
  ].filter((part) => typeof part === 'string' && part !== '')
  return html`<h3>
      ${inMexicoCity(nominalAt).toFormat('HH:mm')}
      ${editionId === undefined ? title : html`<a href="${linkTo(request, item)}">${title}</a>`}
    </h3>
    <p class="small">
      <strong
        ><span aria-hidden="true">${stateMarks[state]}</span> ${editionStateNames[state]}</strong
      >${parts.map((part) => ` · ${part}`)}
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
