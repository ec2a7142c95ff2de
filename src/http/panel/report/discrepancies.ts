/** What does not agree in a quarter, with what to do about each. */
import { html } from 'hono/html'
import { quarterReport } from '../../../flow/report.ts'
import type { Discrepancy } from '../../../report/discrepancies.ts'
import type { Quarter } from '../../../report/quarter.ts'
import type { Html } from '../../env.ts'
import { showPanel } from '../page.ts'
import { backToQuarter, dataTable, quarterOf } from './parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

/** More of them are in the XLSX. */
const maxDiscrepancies = 150

export async function discrepanciesPage(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const quarter = quarterOf(request)
  const { discrepancies } = await quarterReport(engine, engine.reportDefinitions, quarter)
  const listed = discrepancies.slice(0, maxDiscrepancies)
  return showPanel(
    request,
    { title: `Discrepancias de ${quarter.name}` },
    html`${backToQuarter(request, quarter)}
      <p>
        Lo que no concuerda entre lo que se envió, lo que se capturó y lo que se imprime. No es
        parte del texto del informe.
      </p>
      ${
        discrepancies.length === 0
          ? html`<div class="box done"><p>Sin discrepancias.</p></div>`
          : html`<p class="small">
                ${
                  listed.length < discrepancies.length &&
                  html`Se muestran ${listed.length} de ${discrepancies.length}: todas están en el
                    <a href="${c.var.link(panelPaths.reportFile(quarter.name, 'archivo.xlsx'))}"
                      >XLSX</a
                    >.`
                }
              </p>
              ${dataTable({
                id: 'discrepancias',
                caption: `${discrepancies.length} discrepancias de ${quarter.name}`,
                columns: ['Lugar', 'Qué no concuerda', 'Valor', 'Qué hacer', 'Ediciones'],
                rows: listed.map((one) => discrepancyRow(request, quarter, one)),
              })}`
      }`,
  )
}

function discrepancyRow({ c }: PanelRequest, { name }: Quarter, one: Discrepancy) {
  const { kind, place, message, value, remedy, editions } = one
  const here: Partial<Record<Discrepancy['kind'], Html>> = {
    'missing-figure': html`<a href="${c.var.link(panelPaths.figures(name))}">Capturar la cifra</a>`,
    topic: html`Darle un tema del catálogo`,
    'edition-without-line': html`Si debe contarse,
      <a href="${c.var.link(panelPaths.register(name))}">capturar su renglón</a>`,
    'does-not-reconcile': html`Resolverla en la página de la edición`,
  }
  return [
    place,
    message,
    value,
    here[kind] ?? remedy,
    html`${editions.map((id) => html`<a class="source" href="${c.var.link(panelPaths.edition(id))}">Edición ${id}</a> `)}`,
  ]
}
