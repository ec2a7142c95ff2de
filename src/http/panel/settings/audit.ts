/** The audit log, page by page, and as CSV. */
import { stringify } from 'csv-stringify/sync'
import { html } from 'hono/html'
import { Readable } from 'node:stream'
import { inMexicoCity } from '../../../clock.ts'
import { Problem } from '../../../errors.ts'
import { redactAddresses } from '../../../mail.ts'
import { neutralise } from '../../../neutralise.ts'
import { listAccounts } from '../../../people/accounts.ts'
import { auditEntries, type AuditEntry, type AuditSearch } from '../../../people/audit.ts'
import type { Engine } from '../../../flow/engine.ts'
import type { Html } from '../../env.ts'
import { errorSummary } from '../../form.ts'
import { scrolling, shortMoment } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { detailLines } from './audit-detail.ts'
import { auditForm, listId, readAudit, type ReadAudit } from './audit-search.ts'
import { actName, subjectName } from './audit-words.ts'

export const auditRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.audit, act: 'audit.see', answer: auditPage },
  { method: 'GET', path: panelPaths.auditCsv, act: 'audit.see', answer: auditCsv },
]

const pageSize = 50
const csvBatch = 1_000

async function auditPage(request: PanelRequest): Promise<Response> {
  const people = await listAccounts(request.engine.db)
  const read = readAudit(request, people)
  const hasErrors = Object.keys(read.errors).length > 0
  return showPanel(
    request,
    { title: 'Bitácora', hasErrors, status: hasErrors ? 400 : 200 },
    html`${hasErrors && errorSummary(read.errors)} ${auditForm(request, read, people)}
      <section id="${listId}" tabindex="-1">
        <h2>Actos</h2>
        ${hasErrors ? html`<p>No se buscó: hay datos por corregir.</p>` : await list(request, read)}
      </section>`,
  )
}

async function list(request: PanelRequest, read: ReadAudit): Promise<Html> {
  const { c, engine } = request
  const { search, beforeId, filters } = read
  const found = await auditEntries(engine.db, search, { limit: pageSize + 1, beforeId })
  const rows = found.slice(0, pageSize)
  const here = c.var.link(panelPaths.audit)
  const to = (path: string, more: [string, string][] = []) => {
    const query = new URLSearchParams([...filters, ...more]).toString()
    return query === '' ? path : `${path}?${query}`
  }
  if (rows.length === 0) {
    const all = html`<a href="${here}">Ver desde el principio</a>`
    return html`<p>
      ${beforeId === undefined ? 'Ningún acto coincide.' : 'No hay actos anteriores.'} ${all}.
    </p>`
  }
  return html`<p><a href="${to(c.var.link(panelPaths.auditCsv))}">Descargar en CSV</a></p>
    ${scrolling(
      'Actos, del más reciente al más antiguo',
      ['Cuándo', 'Quién', 'Acto', 'Sobre', 'Detalle'],
      rows.map((row) => [
        shortMoment(row.at),
        whoOf(row),
        actName(row.act),
        subjectLink(request, row),
        detailList(row),
      ]),
    )}
    <nav class="pager" aria-label="Páginas de la bitácora">
      ${beforeId !== undefined && html`<a href="${to(here)}">Los más recientes</a>`}
      ${
        found.length > pageSize &&
        html`<a rel="next" href="${to(here, [['antes', String(rows.at(-1)!.id)]])}">Anteriores</a>`
      }
    </nav>`
}

const whoOf = ({ name, login }: AuditEntry): string =>
  login === null ? 'Sistema' : `${name} (${login})`

function subjectLink({ c }: PanelRequest, { subject }: AuditEntry): Html | string {
  const [, edition] = /^edition (\d{1,9})$/.exec(subject) ?? []
  const name = redactAddresses(subjectName(subject))
  return edition === undefined
    ? name
    : html`<a href="${c.var.link(panelPaths.edition(Number(edition)))}">${name}</a>`
}

function detailList({ detail }: AuditEntry): Html | string {
  const lines = detailLines(detail)
  if (lines.length === 0) return ''
  return html`<div class="details">
    <ul class="plain">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </div>`
}

async function auditCsv(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const { search, errors } = readAudit(request, await listAccounts(engine.db))
  const [fault] = Object.values(errors)
  if (fault !== undefined) {
    const remedy = 'Descárguelo desde la página de la bitácora'
    throw new Problem('invalid', { place: 'archivo CSV', message: fault, remedy })
  }
  const body = Readable.toWeb(Readable.from(csvOf(engine, search))) as ReadableStream
  const day = inMexicoCity(engine.clock.now()).toISODate()
  return c.body(body, 200, {
    'Content-Type': 'text/csv; charset=UTF-8',
    'Content-Disposition': `attachment; filename="bitacora-${day}.csv"`,
    'Cache-Control': 'no-store',
  })
}

/** As it is read: a log of years is never whole in memory. */
async function* csvOf({ db }: Engine, search: AuditSearch): AsyncGenerator<string> {
  yield `\uFEFF${csvLines([['Número', 'Cuándo', 'Quién', 'Clave', 'Acto', 'Sobre', 'Detalle']])}`
  let beforeId: number | undefined
  for (;;) {
    const rows = await auditEntries(db, search, { limit: csvBatch, beforeId })
    if (rows.length > 0) yield csvLines(rows.map(csvRow))
    if (rows.length < csvBatch) return
    beforeId = rows.at(-1)!.id
  }
}

const csvRow = (row: AuditEntry): string[] => [
  String(row.id),
  shortMoment(row.at),
  row.name ?? 'Sistema',
  row.login ?? '',
  actName(row.act),
  redactAddresses(subjectName(row.subject)),
  detailLines(row.detail).join('; '),
]

const csvLines = (rows: string[][]): string =>
  stringify(
    rows.map((row) => row.map(neutralise)),
    { record_delimiter: 'windows' },
  )
