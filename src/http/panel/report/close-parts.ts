/** Whether a quarter can be closed: what stands against it, and what changed since the version before. */
import { html } from 'hono/html'
import { longTime } from '../../../flow/hold.ts'
import { quarterReport } from '../../../flow/report.ts'
import {
  differencesOf,
  hashOf,
  printedPart,
  sealedVersions,
  type Difference,
  type SealedReport,
} from '../../../report/closing.ts'
import type { Discrepancy } from '../../../report/discrepancies.ts'
import type { Quarter } from '../../../report/quarter.ts'
import type { Report } from '../../../report/report.ts'
import type { Html } from '../../env.ts'
import { dataTable } from './parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export interface Closing {
  report: Report
  /** Of the report as it is now. */
  sha256: string
  last: SealedReport | undefined
  differences: Difference[]
  /** Of these it cannot be closed. */
  open: Discrepancy[]
  missing: Discrepancy[]
  isOver: boolean
}

export async function closingOf({ engine }: PanelRequest, quarter: Quarter): Promise<Closing> {
  const report = await quarterReport(engine, engine.reportDefinitions, quarter)
  const [last] = await sealedVersions(engine.db, quarter.name)
  const printed = printedPart(report)
  const ofKind = (wanted: Discrepancy['kind']) =>
    report.discrepancies.filter(({ kind }) => kind === wanted)
  return {
    report,
    sha256: hashOf(printed),
    last,
    differences: last ? differencesOf(last.body, printed) : [],
    open: ofKind('does-not-reconcile'),
    missing: ofKind('missing-figure'),
    isOver: engine.clock.now() >= quarter.to,
  }
}

export const isClosedAlready = ({ last, sha256 }: Closing): boolean => last?.sha256 === sha256

export const canClose = (closing: Closing): boolean =>
  closing.isOver && closing.open.length === 0 && !isClosedAlready(closing)

export function obstacles({ c }: PanelRequest, quarter: Quarter, closing: Closing): Html {
  const { isOver, open, missing } = closing
  if (isClosedAlready(closing) || (isOver && open.length + missing.length === 0)) return html``
  return html`<div class="box">
    <h2>Lo que falta para cerrar</h2>
    <ul class="plain">
      ${!isOver && html`<li>El trimestre no ha terminado: termina el ${longTime(quarter.to)}.</li>`}
      ${open.map(
        ({ place, message, editions }) =>
          html`<li>
            ${place}: ${message}.
            ${editions.map((id) => html`<a href="${c.var.link(panelPaths.edition(id))}">Edición ${id}</a> `)}
          </li>`,
      )}
      ${
        missing.length > 0 &&
        html`<li>
          Faltan cifras: ${[...new Set(missing.map(({ value }) => value))].join(', ')}.
          <a href="${c.var.link(panelPaths.figures(quarter.name))}">Capturar las cifras</a>
        </li>`
      }
    </ul>
  </div>`
}

const maxDifferences = 100

export const differencesTable = ({ last, differences }: Closing): Html =>
  html`<section>
    <h2>Qué cambió desde la versión ${last!.version}</h2>
    ${dataTable({
      id: 'diferencias',
      caption:
        differences.length > maxDifferences
          ? `Las primeras ${maxDifferences} de ${differences.length} diferencias`
          : `${differences.length} ${differences.length === 1 ? 'diferencia' : 'diferencias'}`,
      columns: ['Lugar', 'Antes', 'Ahora'],
      rows: differences
        .slice(0, maxDifferences)
        .map(({ place, before, after }) => [place, before ?? '—', after ?? '—']),
    })}
  </section>`
