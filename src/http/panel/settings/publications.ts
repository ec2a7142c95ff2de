/** The publications of jobs/: what is sent, when, to whom, and where it counts. */
import { html } from 'hono/html'
import { audienceText, cadenceText, type RestDayPolicy } from '../../../publication.ts'
import { facts } from '../../page.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const publicationRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.publications, act: 'settings.see', answer: publicationsPage },
]

const policyNames: Record<RestDayPolicy, string> = {
  'enviar-igual': 'se envía igual',
  'dia-habil-anterior': 'se envía el día hábil anterior',
  'dia-habil-siguiente': 'se envía el día hábil siguiente',
  omitir: 'no se envía',
}

async function publicationsPage(request: PanelRequest): Promise<Response> {
  const { publications } = request.engine
  return showPanel(
    request,
    { title: 'Publicaciones' },
    html`<p>Están en el código (<code>jobs/</code>): cambian con una nueva versión del sistema.</p>
      ${publications.map(
        (one) =>
          html`<section>
            <h2>${one.name}</h2>
            <p>${one.description}</p>
            ${facts({
              Cuándo: cadenceText(one.cadence),
              'A quién': `${one.readers}${typeof one.audience === 'object' ? ` (${audienceText(one.audience)})` : ''}`,
              'Día de descanso': policyNames[one.onRestDay ?? 'enviar-igual'],
              'Periodo cerrado': policyNames[one.onClosedPeriod ?? 'omitir'],
              Límite: `${one.latestStartHours} horas después de su hora; después queda omitida`,
              Aprobación: one.approval === 'author' ? 'basta marcarla como lista' : 'otra persona',
              Remitente: one.sender,
              Informe: one.reportLines.map(({ table }) => table).join(', ') || 'no cuenta',
            })}
          </section>`,
      )}`,
  )
}
