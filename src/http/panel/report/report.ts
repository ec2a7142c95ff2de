/** Informe trimestral: its quarters, its tables as they are printed, what they count and what does not agree. */
import { html } from 'hono/html'
import { longTime } from '../../../flow/hold.ts'
import { closedVersions, knownQuarters, type KnownQuarter } from '../../../flow/report-quarters.ts'
import { reportChartsOf } from '../../../flow/report-file.ts'
import { quarterFacts, quarterReport } from '../../../flow/report.ts'
import { trimestreEnPalabras } from '../../../period-words.ts'
import type { Chart } from '../../../report/output/charts.ts'
import type { Report } from '../../../report/report.ts'
import { may } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { showPanel } from '../page.ts'
import { closeRoutes } from './close.ts'
import { discrepanciesPage } from './discrepancies.ts'
import { figureRoutes } from './figures.ts'
import { reportFileRoutes } from './files.ts'
import { counted, dataTable, doneBox, quarterNow, quarterOf, scrolling } from './parts.ts'
import { registerRoutes } from './register.ts'
import { rowRoutes } from './row.ts'
import { pagesOf, sectionLink, sectionPage } from './section.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const reportRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.report, act: 'panel.see', answer: quartersPage },
  { method: 'GET', path: panelPaths.quarter(':quarter'), act: 'panel.see', answer: quarterPage },
  {
    method: 'GET',
    path: panelPaths.reportSection(':quarter', ':section'),
    act: 'panel.see',
    answer: sectionPage,
  },
  {
    method: 'GET',
    path: panelPaths.discrepancies(':quarter'),
    act: 'panel.see',
    answer: discrepanciesPage,
  },
  ...reportFileRoutes,
  ...registerRoutes,
  ...rowRoutes,
  ...figureRoutes,
  ...closeRoutes,
]

async function quartersPage(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const known = await knownQuarters(engine.db)
  const now = quarterNow(request)
  const none = { editions: 0, rows: 0, closed: null }
  const current = known.find(({ name }) => name === now) ?? { name: now, ...none }
  const listed = [current, ...known.filter(({ name }) => name !== now)]
  return showPanel(
    request,
    { title: 'Informe trimestral' },
    html`<ul class="entries">
      ${listed.map(
        (quarter) =>
          html`<li>
            <h2>
              <a href="${c.var.link(panelPaths.quarter(quarter.name))}">${quarter.name}</a>,
              ${trimestreEnPalabras(quarter.name)}
            </h2>
            <p>
              <strong>${stateOf(quarter)}</strong>${quarter.name === now && ' · trimestre en curso'}
            </p>
            <p class="small">
              ${counted(quarter.editions, 'edición enviada', 'ediciones enviadas')} ·
              ${counted(quarter.rows, 'renglón capturado', 'renglones capturados')}
            </p>
          </li>`,
      )}
    </ul>`,
  )
}

const stateOf = ({ closed }: Pick<KnownQuarter, 'closed'>): string =>
  closed === null
    ? '○ Abierto'
    : `● Cerrado: versión ${closed.version}, de ${closed.by}, ${longTime(closed.at)}`

async function quarterPage(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const quarter = quarterOf(request)
  const facts = await quarterFacts(engine, quarter)
  const report = await quarterReport(engine, engine.reportDefinitions, quarter, facts)
  const charts = await reportChartsOf(engine, report, facts)
  const versions = await closedVersions(engine.db, quarter.name)
  const link = (path: string, text: string) =>
    html`<li><a href="${c.var.link(path)}">${text}</a></li>`
  const file = (name: string) => panelPaths.reportFile(quarter.name, name)
  return showPanel(
    request,
    { title: `Informe de ${trimestreEnPalabras(quarter.name)}` },
    html`${doneBox(request, { cerrado: 'El trimestre quedó cerrado.' })}
      <p class="lead">${report.title}</p>
      <p>
        <strong>${stateOf({ closed: versions[0] ?? null })}.</strong>
        ${versions[0] && report.version === 0 && 'Lo de ahora ya no es lo que se cerró.'}
      </p>
      <ul>
        ${link(panelPaths.discrepancies(quarter.name), `Discrepancias (${report.discrepancies.length})`)}
        ${link(panelPaths.register(quarter.name), 'Renglones capturados')}
        ${link(panelPaths.figures(quarter.name), 'Cifras capturadas')}
        ${may(user, 'report.close') && link(panelPaths.closeQuarter(quarter.name), 'Cerrar el trimestre')}
      </ul>
      <section>
        <h2>Apartados</h2>
        <ul class="plain">
          ${pagesOf(report).map((sections) => sectionLink(request, quarter, sections))}
        </ul>
      </section>
      <section>
        <h2>Archivos</h2>
        <ul>
          ${link(file('archivo.docx'), 'Informe de ahora, DOCX')}
          ${link(file('archivo.xlsx'), 'Informe de ahora, XLSX con evidencia y discrepancias')}
          ${
            versions[0] &&
            html`${link(file('sellado.docx'), `Versión ${versions[0].version} cerrada, DOCX`)}
            ${link(file('sellado.xlsx'), `Versión ${versions[0].version} cerrada, XLSX`)}`
          }
        </ul>
        <p class="small">Cada tabla tiene su CSV en la página de su apartado.</p>
      </section>
      ${
        versions.length > 0 &&
        html`<section>
          <h2>Versiones cerradas</h2>
          ${versionsTable(versions)}
        </section>`
      }
      ${
        charts.length > 0 &&
        html`<section>
          <h2>Gráficas</h2>
          ${charts.map(chartHtml)}
        </section>`
      }
      <section>
        <h2>Lo que sigue</h2>
        ${plannedTable(request, report)}
      </section>`,
  )
}

const versionsTable = (versions: Awaited<ReturnType<typeof closedVersions>>): Html =>
  dataTable({
    id: 'versiones',
    caption: 'Versiones cerradas, la más reciente primero',
    columns: ['Versión', 'Cuándo', 'Quién', 'Motivo', 'Sello (SHA-256)'],
    rows: versions.map(({ version, at, by, reason, sha256 }) => [
      String(version),
      longTime(at),
      by,
      reason ?? '',
      sha256,
    ]),
  })

function plannedTable({ engine }: PanelRequest, { planned }: Report): Html {
  const names = new Map(engine.publications.map(({ slug, name }) => [slug, name]))
  return dataTable({
    id: 'plan',
    caption: 'Ediciones que planea el trimestre siguiente',
    columns: ['Publicación', 'Ediciones'],
    rows: planned.map(({ publication, editions }) => [
      names.get(publication) ?? publication,
      String(editions),
    ]),
  })
}

const chartHtml = ({ id, title, svg, figures }: Chart): Html =>
  html`<h3 id="${id}-grafica">${title}</h3>
    ${scrolling(`${id}-grafica`, svg)}
    ${dataTable({ id: `${id}-cifras`, caption: `Cifras: ${title}`, ...figures })}`
