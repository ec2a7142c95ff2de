/** The apartados of the report, a page each, with their tables as they are printed. */
import { html } from 'hono/html'
import { Problem } from '../../../errors.ts'
import { quarterReport } from '../../../flow/report.ts'
import type { Quarter } from '../../../report/quarter.ts'
import type { Report, ReportSection } from '../../../report/report.ts'
import type { Html } from '../../env.ts'
import { showPanel } from '../page.ts'
import { backToQuarter, counted, printedTable, quarterOf, sentenceHtml } from './parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

/** A page each for I, II, III, IV.1, IV.2 and so on, with what they hold. */
export function pagesOf({ sections }: Report): ReportSection[][] {
  const pages: ReportSection[][] = []
  for (const section of sections) {
    if (section.level <= 1) pages.push([section])
    else pages.at(-1)?.push(section)
  }
  return pages.filter((all) =>
    all.some(({ level, paragraphs, tables }) => level > 0 || paragraphs.length + tables.length > 0),
  )
}

export function sectionLink(
  { c }: PanelRequest,
  { name }: Quarter,
  sections: ReportSection[],
): Html {
  const [{ id, heading }] = sections as [ReportSection]
  const tables = sections.flatMap((section) => section.tables)
  const rows = tables.reduce((sum, { totals }) => sum + totals.rows, 0)
  return html`<li>
    <a href="${c.var.link(panelPaths.reportSection(name, id))}">Apartado ${id}</a>: ${heading}
    ${
      tables.length > 0 &&
      html`<span class="small muted"
        >(${counted(tables.length, 'tabla', 'tablas')},
        ${counted(rows, 'renglón', 'renglones')})</span
      >`
    }
  </li>`
}

export async function sectionPage(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const quarter = quarterOf(request)
  const report = await quarterReport(engine, engine.reportDefinitions, quarter)
  const asked = c.req.param('section')
  const pages = pagesOf(report)
  const at = pages.findIndex(([first]) => first?.id === asked)
  const sections = pages[at]
  if (!sections) {
    throw new Problem('notFound', {
      place: 'apartado',
      message: 'no está en el informe',
      remedy: `Ábralo desde el informe de ${quarter.name}`,
    })
  }
  const page = (to: ReportSection[] | undefined) =>
    to &&
    html`<a href="${c.var.link(panelPaths.reportSection(quarter.name, to[0]!.id))}"
      >Apartado ${to[0]!.id}</a
    >`
  return showPanel(
    request,
    { title: `Apartado ${asked}, ${quarter.name}` },
    html`${backToQuarter(request, quarter)}
      ${sections.map(
        (section) =>
          html`${headingOf(section)} ${section.paragraphs.map(sentenceHtml)}
          ${section.tables.map(
            (table) =>
              html`${sentenceHtml(table.intro)} ${printedTable(request, quarter, table)}
                <p class="small">
                  <a href="${c.var.link(panelPaths.tableFile(quarter.name, table.id))}"
                    >Descargar ${table.id} en CSV</a
                  >
                </p>`,
          )}`,
      )}
      <nav aria-label="Otros apartados" class="pager">
        ${page(pages[at - 1])} ${page(pages[at + 1])}
      </nav>`,
  )
}

/** That of the page is its h1 already. */
function headingOf({ level, heading }: ReportSection): Html {
  if (level <= 1) return html`<p class="lead">${heading}</p>`
  return level === 2 ? html`<h2>${heading}</h2>` : html`<h3>${heading}</h3>`
}
