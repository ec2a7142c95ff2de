/** The manual register of a quarter: its rows with who entered each, and where to add one. */
import { html } from 'hono/html'
import { closedVersions } from '../../../flow/report-quarters.ts'
import { may } from '../../../people/users.ts'
import { definitionOf, tablesOf } from '../../../report/definition.ts'
import type { Quarter } from '../../../report/quarter.ts'
import { readRegister, type RegisterRow } from '../../../report/register.ts'
import type { Html } from '../../env.ts'
import { showPanel } from '../page.ts'
import { backToQuarter, dataTable, doneBox, quarterOf } from './parts.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const registerRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.register(':quarter'), act: 'panel.see', answer: registerPage },
]

const pageRows = 100

async function registerPage(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const quarter = quarterOf(request)
  const rows = await readRegister(engine.db, { quarter: quarter.name })
  const pages = Math.max(1, Math.ceil(rows.length / pageRows))
  const asked = Number(/^\d{1,4}$/.exec(c.req.query('pagina') ?? '')?.[0] ?? 1)
  const page = Math.min(Math.max(1, asked), pages)
  const to = (n: number, text: string) =>
    html`<a href="${c.var.link(panelPaths.register(quarter.name))}?pagina=${n}">${text}</a>`
  return showPanel(
    request,
    { title: `Renglones capturados de ${quarter.name}` },
    html`${backToQuarter(request, quarter)}
      ${doneBox(request, {
        agregado: 'El renglón quedó agregado.',
        guardado: 'El renglón quedó guardado.',
        quitado: 'El renglón quedó quitado: la bitácora lo conserva.',
      })}
      <p>
        Reuniones, oficios, acuerdos y carteles: lo que el informe imprime y no es un envío de
        Pregonero.
      </p>
      ${await closedNote(request, quarter)}
      ${
        rows.length === 0
          ? html`<p>No hay renglones capturados.</p>`
          : await rowsTable(
              request,
              quarter,
              rows.slice((page - 1) * pageRows, page * pageRows),
              `${rows.length} ${rows.length === 1 ? 'renglón' : 'renglones'}${pages > 1 ? `, página ${page} de ${pages}` : ''}`,
            )
      }
      ${
        pages > 1 &&
        html`<nav class="pager" aria-label="Páginas de renglones">
          ${page > 1 && to(page - 1, 'Página anterior')}
          ${page < pages && to(page + 1, 'Página siguiente')}
        </nav>`
      }
      ${may(user, 'register.edit') && tablesToAdd(request, quarter)}`,
  )
}

/** What is changed now is not in what was closed. */
export async function closedNote({ engine }: PanelRequest, { name }: Quarter): Promise<Html> {
  const [last] = await closedVersions(engine.db, name)
  if (!last) return html``
  return html`<div class="box">
    <p>
      ${name} está cerrado en su versión ${last.version}. Lo que se cambie aquí no la cambia: pide
      cerrar una versión más, con su motivo.
    </p>
  </div>`
}

async function rowsTable(
  { c, engine }: PanelRequest,
  quarter: Quarter,
  rows: RegisterRow[],
  caption: string,
): Promise<Html> {
  const names = await authorNames(engine, rows)
  return dataTable({
    id: 'renglones',
    caption,
    columns: ['Renglón', 'Tabla', 'Fechas', 'Texto', 'Tema', 'Quién lo capturó'],
    rows: rows.map((row) => [
      html`<a href="${c.var.link(panelPaths.row(quarter.name, row.id))}">Renglón ${row.id}</a>`,
      row.tableId,
      datesText(row),
      row.lineText,
      row.topic ?? '',
      names.get(row.authorId) ?? '',
    ]),
  })
}

export async function authorNames(
  { db }: PanelRequest['engine'],
  rows: Pick<RegisterRow, 'authorId'>[],
): Promise<Map<number, string>> {
  const ids = [...new Set(rows.map(({ authorId }) => authorId))]
  const found = await db
    .selectFrom('staffUser')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .execute()
  return new Map(found.map(({ id, name }) => [id, name]))
}

/** As they are entered. */
export const datesText = ({ precision, dates }: Pick<RegisterRow, 'precision' | 'dates'>): string =>
  dates.map((date) => (precision === 'month' ? date.slice(0, 7) : date)).join(' ')

function tablesToAdd({ c, engine }: PanelRequest, { name, year }: Quarter): Html {
  return html`<section>
    <h2>Agregar un renglón</h2>
    <p>Elegir la tabla en que se imprime:</p>
    <ul>
      ${tablesOf(definitionOf(engine.reportDefinitions, year)).map(
        (table) =>
          html`<li>
            <a href="${c.var.link(panelPaths.newRow(name, table.id))}"
              >${table.id}. ${table.nombre}</a
            >
          </li>`,
      )}
    </ul>
  </section>`
}
