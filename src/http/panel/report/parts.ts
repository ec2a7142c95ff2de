/** What the pages of a quarter share: which quarter it is, its tables and sentences, and where its rows lead. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import { Problem } from '../../../errors.ts'
import { readSentence } from '../../../report/output/sentence.ts'
import { parseQuarter, type Quarter } from '../../../report/quarter.ts'
import type { ReportRow, ReportTable } from '../../../report/report.ts'
import type { Html } from '../../env.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

/** Of the address. Throws a Problem when it is none, or one of which no report can say anything. */
export function quarterOf({ c, engine }: PanelRequest): Quarter {
  const text = c.req.param('quarter') ?? ''
  const firstYear = Math.min(...engine.reportDefinitions.keys())
  const lastYear = inMexicoCity(engine.clock.now()).year + 1
  if (/^\d{4}-Q[1-4]$/.test(text)) {
    const quarter = parseQuarter(text)
    if (quarter.year >= firstYear && quarter.year <= lastYear) return quarter
  }
  throw new Problem('notFound', {
    place: 'trimestre',
    message: 'no hay informe de ese trimestre',
    remedy: `Ábralo desde la lista de Informe; van de ${firstYear} a ${lastYear}`,
  })
}

export function quarterNow({ engine }: PanelRequest): string {
  return inMexicoCity(engine.clock.now()).toFormat("yyyy-'Q'q")
}

/** Above the content: the way back. */
export const backToQuarter = ({ c }: PanelRequest, { name }: Quarter): Html =>
  html`<p><a href="${c.var.link(panelPaths.quarter(name))}">Informe de ${name}</a></p>`

/** After an act, what it did; `done`: by what the address says. */
export function doneBox({ c }: PanelRequest, done: Record<string, string>): Html {
  const asked = c.req.query('hecho') ?? ''
  const text = Object.hasOwn(done, asked) ? done[asked] : undefined
  return text === undefined
    ? html``
    : html`<div class="box done" role="status"><p>${text}</p></div>`
}

type Cell = Html | string

/** A table that is as wide as it must be: on a narrow screen it moves inside its own region, by keyboard too. */
export function dataTable(table: {
  id: string
  caption: Cell
  columns: string[]
  /** The first cell of each names its row. */
  rows: Cell[][]
}): Html {
  const { id, caption, columns, rows } = table
  return scrolling(
    `${id}-titulo`,
    html`<table class="rows printed">
      <caption id="${id}-titulo">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first = '', ...others]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${others.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** `labelId`: of what names it. */
export const scrolling = (labelId: string, content: Cell): Html =>
  html`<div class="scrolling" role="region" aria-labelledby="${labelId}" tabindex="0">
    ${content}
  </div>`

/** As it is printed, with one column more, which is not copied: what each row counts. */
export function printedTable(request: PanelRequest, quarter: Quarter, table: ReportTable): Html {
  const id = `tabla-${table.id}`
  const { columns, rows, mergedColumn } = table
  return html`${scrolling(
    `${id}-titulo`,
    html`<table class="rows printed" id="${id}">
      <caption id="${id}-titulo">
        ${table.id}. ${table.name}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
          <th scope="col" data-not-copied>Qué cuenta</th>
        </tr>
      </thead>
      <tbody>
        ${
          rows.length === 0 &&
          html`<tr>
            <td colspan="${columns.length}">Sin registros en el periodo.</td>
            <td data-not-copied></td>
          </tr>`
        }
        ${rows.map(
          (row, index) =>
            html`<tr>
              ${row.cells.map((cell, column) => {
                if (column === 0) return html`<th scope="row">${cell}</th>`
                if (column !== mergedColumn) return html`<td>${lines(cell)}</td>`
                return index === 0 ? html`<td rowspan="${rows.length}">${lines(cell)}</td>` : html``
              })}
              <td data-not-copied>${sourcesOf(request, quarter, row)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  )}
  ${rows.length > 0 && copyForWord(id, table.id)}
  ${table.footnotes.map((note) => html`<p class="small">${note}</p>`)}`
}

/** Shown by the script, without which nothing can be put on the clipboard. */
const copyForWord = (id: string, name: string): Html =>
  html`<p class="small">
    <button type="button" class="second slim" data-copy="#${id}" data-says="#${id}-copiada" hidden>
      Copiar tabla para Word <span class="unseen">${name}</span>
    </button>
    <span id="${id}-copiada" role="status"></span>
  </p>`

const lines = (cell: string) =>
  cell.split(/\s*\n\s*/).map((line, index) => (index === 0 ? line : html`<br />${line}`))

/** From a row to the editions that it counts, or to the row that somebody entered. */
export function sourcesOf(
  { c }: PanelRequest,
  { name }: Quarter,
  { editions, register }: Pick<ReportRow, 'editions' | 'register'>,
): Html {
  return html`${editions.map(
    (id) => html`<a class="source" href="${c.var.link(panelPaths.edition(id))}">Edición ${id}</a> `,
  )}${
    register !== null &&
    html`<a class="source" href="${c.var.link(panelPaths.row(name, register))}"
      >Renglón ${register}</a
    >`
  }`
}

export function sentenceHtml(text: string): Html {
  const { listLevel, spans } = readSentence(text)
  const mark = listLevel === 0 ? '' : listLevel === 1 ? '✓ ' : '- '
  return html`<p>
    ${mark}${spans.map((span) => {
      const inner = span.italic ? html`<em>${span.text}</em>` : span.text
      return span.bold ? html`<strong>${inner}</strong>` : inner
    })}
  </p>`
}

export const counted = (n: number, one: string, many: string): string =>
  `${n.toLocaleString('es-MX')} ${n === 1 ? one : many}`
