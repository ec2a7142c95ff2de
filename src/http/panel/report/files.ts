/** The report as files: of this moment, as it was closed, and one table for a spreadsheet. */
import { Problem } from '../../../errors.ts'
import { reportFile, type ReportFormat } from '../../../flow/report-file.ts'
import { closedVersions } from '../../../flow/report-quarters.ts'
import { quarterReport, sealedReport } from '../../../flow/report.ts'
import { tablePart } from '../../../report/output/part.ts'
import { quarterOf } from './parts.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

type FileFormat = Extract<ReportFormat, 'docx' | 'xlsx' | 'csv'>

const formats = ['docx', 'xlsx'] as const

export const reportFileRoutes: PanelRoute[] = [
  ...formats.flatMap((format): PanelRoute[] => [
    {
      method: 'GET',
      path: panelPaths.reportFile(':quarter', `archivo.${format}`),
      act: 'panel.see',
      answer: (request) => currentFile(request, format),
    },
    {
      method: 'GET',
      path: panelPaths.reportFile(':quarter', `sellado.${format}`),
      act: 'panel.see',
      answer: (request) => sealedFile(request, format),
    },
  ]),
  {
    method: 'GET',
    path: panelPaths.tableFile(':quarter', ':table'),
    act: 'panel.see',
    answer: tableFile,
  },
]

async function currentFile(request: PanelRequest, format: 'docx' | 'xlsx'): Promise<Response> {
  const { engine } = request
  const quarter = quarterOf(request)
  const report = await quarterReport(engine, engine.reportDefinitions, quarter)
  const bytes = await reportFile(engine, report, { format })
  return download(request, bytes, `informe-${quarter.name}`, format)
}

async function sealedFile(request: PanelRequest, format: 'docx' | 'xlsx'): Promise<Response> {
  const { engine } = request
  const quarter = quarterOf(request)
  const [last] = await closedVersions(engine.db, quarter.name)
  if (!last) {
    throw new Problem('notFound', {
      place: quarter.name,
      message: 'no se ha cerrado',
      remedy: 'Mientras tanto, descargue el informe de ahora',
    })
  }
  const { report } = await sealedReport(engine, engine.reportDefinitions, quarter)
  const bytes = await reportFile(engine, report, { format })
  return download(request, bytes, `informe-${quarter.name}-v${report.version}`, format)
}

async function tableFile(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const quarter = quarterOf(request)
  const report = await quarterReport(engine, engine.reportDefinitions, quarter)
  const table = c.req.param('table') ?? ''
  if (!tablePart(report, table)) throw noTable(quarter.name)
  const bytes = await reportFile(engine, report, { format: 'csv', table })
  return download(request, bytes, `informe-${quarter.name}-${table}`, 'csv')
}

export const noTable = (quarter: string): Problem =>
  new Problem('notFound', {
    place: 'tabla',
    message: `no está en el informe de ${quarter}`,
    remedy: 'Elíjala en la página de su apartado o en la de renglones capturados',
  })

const types: Record<FileFormat, string> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=UTF-8',
}

/** `name`: of a quarter and of a table that exist, which have letters, digits, stops and hyphens alone. */
function download({ c }: PanelRequest, bytes: Buffer, name: string, format: FileFormat): Response {
  return c.body(new Uint8Array(bytes), 200, {
    'Content-Type': types[format],
    'Content-Disposition': `attachment; filename="${name}.${format}"`,
    'Cache-Control': 'no-store',
  })
}
