/** Registro: what was sent, found by subject, publication, date, topic or person. */
import { html } from 'hono/html'
import { listTopics } from '../../../content/topics.ts'
import { dispatchedEditions, type DispatchedEdition } from '../../../editions/dispatched.ts'
import { titleOf } from '../../../flow/engine.ts'
import { longTime } from '../../../flow/hold.ts'
import { noTotals, totalsOfMany } from '../../../ledger/totals.ts'
import { may } from '../../../people/users.ts'
import { failuresOf, unfinishedOf, type Totals } from '../../../states.ts'
import type { Html } from '../../env.ts'
import { errorSummary } from '../../form.ts'
import { totalsInWords } from './parts.ts'
import { personPage, personSearch } from './person.ts'
import { recipientsCsv, recipientsPage } from './recipients.ts'
import { readSearch, resultsId, searchForm, type ReadSearch } from './search.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const dispatchRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.dispatches, act: 'panel.see', answer: dispatchesPage },
  // whoever may see a person may see addresses; which of both is asked is decided as in the CLI
  { method: 'GET', path: panelPaths.dispatchesTo, act: 'addresses.see', answer: personPage },
  { method: 'POST', path: panelPaths.dispatchesTo, act: 'addresses.see', answer: personSearch },
  { method: 'GET', path: panelPaths.recipients(':id'), act: 'panel.see', answer: recipientsPage },
  { method: 'GET', path: panelPaths.recipientsCsv(':id'), act: 'panel.see', answer: recipientsCsv },
]

const pageSize = 50

async function dispatchesPage(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const topics = await listTopics(engine.db)
  const read = readSearch((name) => c.req.query(name), engine.publications, topics)
  const hasErrors = Object.keys(read.errors).length > 0
  return showPanel(
    request,
    { title: 'Registro de envíos', hasErrors, ...(hasErrors && { status: 400 }) },
    html`${hasErrors && errorSummary(read.errors)} ${searchForm(request, read, topics)}
      ${
        may(user, 'addresses.see') &&
        html`<p>
          <a href="${c.var.link(panelPaths.dispatchesTo)}">Buscar los envíos a una persona</a>
        </p>`
      }
      <section id="${resultsId}" tabindex="-1">
        <h2>${read.isFiltered ? 'Envíos que coinciden' : 'Todos los envíos'}</h2>
        ${hasErrors ? html`<p>No se buscó: hay datos por corregir.</p>` : await results(request, read)}
      </section>`,
  )
}

async function results(request: PanelRequest, read: ReadSearch): Promise<Html> {
  const { engine } = request
  const found = await dispatchedEditions(engine.db, read.search, {
    limit: pageSize + 1,
    offset: (read.pageNumber - 1) * pageSize,
  })
  if (found.length === 0) return nothing(request, read)
  const shown = found.slice(0, pageSize)
  const totals = await totalsOfMany(
    engine.db,
    shown.map(({ id }) => id),
  )
  return html`<ul class="entries">
      ${shown.map(
        (edition) =>
          html`<li>${entry(request, edition, totals.get(edition.id) ?? noTotals())}</li>`,
      )}
    </ul>
    ${pager(request, read, found.length > pageSize)}`
}

function nothing({ c }: PanelRequest, { isFiltered, pageNumber }: ReadSearch): Html {
  const all = html`<a href="${c.var.link(panelPaths.dispatches)}">Ver todos los envíos</a>`
  if (pageNumber > 1) return html`<p>No hay una página ${pageNumber}. ${all}.</p>`
  if (!isFiltered) return html`<p>Todavía no se ha enviado nada.</p>`
  return html`<p>
    Ningún envío coincide. Para encontrar más, quite palabras del asunto, amplíe las fechas o elija
    «Todos» en tema, publicación y estado. ${all}.
  </p>`
}

function entry(request: PanelRequest, edition: DispatchedEdition, totals: Totals): Html {
  const { c, engine } = request
  const title = titleOf(engine, edition)
  const { mark, words } = standOf(edition, totals)
  return html`<h3>
      <a href="${c.var.link(panelPaths.edition(edition.id))}">${edition.subject ?? title}</a>
    </h3>
    <p class="small">${title} · ${longTime(edition.releasedAt)}</p>
    <p class="small">
      <strong><span aria-hidden="true">${mark}</span> ${words}</strong> · ${totalsInWords(totals)}
    </p>`
}

/** «Concluido» only when nobody is left and nothing failed. */
function standOf({ state }: DispatchedEdition, totals: Totals): { mark: string; words: string } {
  if (state === 'cancelled') return { mark: '✕', words: 'Cancelado' }
  if (state === 'paused') return { mark: '❚❚', words: 'En pausa' }
  if (state !== 'sent') return { mark: '▶', words: 'En curso' }
  const missing = failuresOf(totals) + unfinishedOf(totals)
  return missing === 0
    ? { mark: '✓', words: 'Concluido' }
    : { mark: '▲', words: `Concluido con fallos (${missing.toLocaleString('es-MX')})` }
}

function pager({ c }: PanelRequest, { filters, pageNumber }: ReadSearch, hasMore: boolean): Html {
  if (pageNumber === 1 && !hasMore) return html``
  const to = (number: number) => {
    const query = new URLSearchParams([...filters, ['pagina', String(number)]])
    return `${c.var.link(panelPaths.dispatches)}?${query.toString()}`
  }
  return html`<nav class="pager" aria-label="Páginas del registro">
    ${pageNumber > 1 && html`<a rel="prev" href="${to(pageNumber - 1)}">Envíos más recientes</a>`}
    ${hasMore && html`<a rel="next" href="${to(pageNumber + 1)}">Envíos anteriores</a>`}
  </nav>`
}
