/** Which pages bench/panel.ts asks for: each route of the panel, with the numbers and filters that cost it most. */
import { sql } from 'kysely'
import type { Db } from '../src/db/database.ts'
import { panelPaths as paths } from '../src/http/panel/route.ts'
import { login } from './panel-data.ts'
import { subjectOf, type writtenRequests } from './panel-requests.ts'

export interface PanelPage {
  name: string
  /** As it is in panelRoutes. */
  route: string
  path: string
  /** It is asked by POST, with these. */
  form?: Record<string, string>
  hasTarget?: boolean
}

export async function panelPages(db: Db): Promise<PanelPage[]> {
  const ids = await numbers(db)
  const quarter = '2026-Q4'
  const table = ids.table
  const q = ':quarter'
  const page = (name: string, route: string, path = route, rest: Partial<PanelPage> = {}) => ({
    name,
    route,
    path,
    ...rest,
  })
  const untimed = { hasTarget: false }
  const edition = paths.edition(':id')
  const recipients = paths.recipients(':id')
  const request = (step: string) =>
    page(`request: ${step}`, paths.request(':id', step), paths.request(ids.request, step))
  const written = (step: string, name: string, which: keyof typeof ids.written) =>
    page(`request: ${name}`, paths.request(':id', step), paths.request(ids.written[which], step))
  return [
    page('agenda', paths.agenda),
    page('agenda, .ics', paths.calendarFile, paths.calendarFile, untimed),
    page('approvals', paths.approvals),
    page('edition: sent, 1,000,000', edition, paths.edition(ids.large)),
    page('edition: sending, 1,000,000', edition, paths.edition(ids.sending)),
    page('edition: sent, 4,024', edition, paths.edition(ids.small)),
    page('edition: approved', edition, paths.edition(ids.ready)),
    page('edition: planned', edition, paths.edition(ids.planned)),
    page('edition: preview', paths.preview(':id'), paths.preview(ids.large), untimed),
    page('edition: views', paths.view(':id'), paths.view(ids.ready), untimed),
    page('edition: progress', paths.progress(':id'), paths.progress(ids.sending)),
    page('edition: pause', paths.pause(':id'), paths.pause(ids.sending)),
    page('edition: uncertain', paths.resolve(':id'), paths.resolve(ids.large)),
    page('edition: content', paths.content(':id'), paths.content(ids.planned)),
    page('recipients: first page', recipients, paths.recipients(ids.large)),
    ...['rejected', 'failed', 'unknown', 'suppressed', 'accepted'].map((state) =>
      page(`recipients: ${state}`, recipients, `${paths.recipients(ids.large)}?estado=${state}`),
    ),
    page('recipients: pending', recipients, `${paths.recipients(ids.sending)}?estado=pending`),
    page('recipients: deep', recipients, `${paths.recipients(ids.large)}?despues=${ids.deep}`),
    page(
      'recipients: deep, accepted',
      recipients,
      `${paths.recipients(ids.large)}?estado=accepted&despues=${ids.deep}`,
    ),
    page(
      'recipients: CSV of 4,024',
      paths.recipientsCsv(':id'),
      paths.recipientsCsv(ids.small),
      untimed,
    ),
    ...dispatchPages(page),
    ...audiencePages(page, ids),
    page('request: new', paths.newRequest),
    ...['asunto', 'mensaje', 'evento', 'audiencia', 'cuando', 'revisar'].map(request),
    written('audiencia', 'audience, 1,000,000', 'everybody'),
    written('audiencia', 'audience, a part of 50,000', 'segment'),
    written('revisar', 'last look, 50,000', 'whole'),
    { ...written('correo', 'preview', 'whole'), ...untimed },
    page('sessions', paths.sessions),
    page('session', paths.session, `${paths.session}?fecha=2026-11-30`),
    page('report: quarters', paths.report),
    page('report: quarter', paths.quarter(q), paths.quarter(quarter)),
    ...ids.sections.map((one) =>
      page(
        `report: section ${one}`,
        paths.reportSection(q, ':section'),
        paths.reportSection(quarter, one),
      ),
    ),
    page('report: discrepancies', paths.discrepancies(q), paths.discrepancies(quarter)),
    page('report: register', paths.register(q), paths.register(quarter)),
    page('report: new row', paths.newRow(q, ':table'), paths.newRow(quarter, table)),
    page('report: row', paths.row(q, ':row'), paths.row(quarter, ids.row)),
    page('report: remove row', paths.removeRow(q, ':row'), paths.removeRow(quarter, ids.row)),
    page('report: figures', paths.figures(q), paths.figures(quarter)),
    page('report: close', paths.closeQuarter(q), paths.closeQuarter(quarter)),
    ...['archivo.docx', 'archivo.xlsx', 'sellado.docx', 'sellado.xlsx'].map((name) =>
      page(`report: ${name}`, paths.reportFile(q, name), paths.reportFile(quarter, name), untimed),
    ),
    page(
      'report: table CSV',
      paths.tableFile(q, ':table'),
      paths.tableFile(quarter, table),
      untimed,
    ),
    page('settings', paths.settings),
    page('settings: rest days', paths.restDays),
    page('settings: topics', paths.topics),
    page('settings: senders', paths.senders),
    page('settings: publications', paths.publications),
    page('users', paths.users),
    page('user', paths.user(':id'), paths.user(ids.user)),
    page('own account', paths.ownAccount),
    ...auditPages(page),
  ]
}

type MakePage = (name: string, route: string, path?: string, rest?: Partial<PanelPage>) => PanelPage

function dispatchPages(page: MakePage): PanelPage[] {
  const searches: Record<string, string> = {
    subject: 'asunto=boletin',
    'subject of none': 'asunto=nada+lo+tiene',
    publication: 'publicacion=boletin-electoral',
    'with failures': 'estado=con-fallos',
    'without failures': 'estado=concluido',
    'on their way': 'estado=en-curso',
    days: 'desde=2025-01-01&hasta=2025-12-31',
    'last page': 'pagina=10',
  }
  const person = (name: string, destinatario: string) =>
    page(name, paths.dispatchesTo, paths.dispatchesTo, { form: { destinatario } })
  return [
    page('register', paths.dispatches),
    ...Object.entries(searches).map(([name, query]) =>
      page(`register: ${name}`, paths.dispatches, `${paths.dispatches}?${query}`),
    ),
    page('register: person', paths.dispatchesTo),
    person('register: one address', 'persona500007@example.org'),
    person('register: an address of nobody', 'nadie@example.org'),
    person('register: the domain of most', 'example.org'),
    person('register: a small domain', 'd100.example.net'),
    person('register: a domain of nobody', 'nadie.example'),
  ]
}

function audiencePages(page: MakePage, ids: { import: number; leave: number }): PanelPage[] {
  return [
    page('audiences', paths.audiences),
    page('audiences: upload', paths.upload),
    page('audiences: import of 20,000', paths.import(':id'), paths.import(ids.import)),
    page('audiences: its report', paths.importReport(':id'), paths.importReport(ids.import), {
      hasTarget: false,
    }),
    page('audiences: leave', paths.leaveRequest),
    page('audiences: leaves', paths.leaves),
    page('audiences: leaves, deep', paths.leaves, `${paths.leaves}?antes=${ids.leave}`),
    page('audiences: person', paths.person),
    page('audiences: one person', paths.person, paths.person, {
      form: { persona: 'persona500007@example.org' },
    }),
  ]
}

function auditPages(page: MakePage): PanelPage[] {
  const searches: Record<string, string> = {
    'one person': 'persona=u-luis',
    system: 'persona=sistema',
    act: 'acto=register.edit',
    'an act of nobody': 'acto=instance.adopt',
    kind: 'sobre=contact',
    'a kind of none': 'sobre=topic',
    'one edition': 'sobre=edition&referencia=12',
    'one person in one year': 'persona=u-ana&desde=2024-01-01&hasta=2024-12-31',
    'days long ago': 'desde=2024-03-01&hasta=2024-03-31',
    'act long ago': 'acto=approve&hasta=2024-06-30',
    'act and person of none': 'acto=instance.adopt&persona=u-ana',
    deep: 'antes=5000',
  }
  return [
    page('audit', paths.audit),
    ...Object.entries(searches).map(([name, query]) =>
      page(`audit: ${name}`, paths.audit, `${paths.audit}?${query}`),
    ),
    page(
      'audit: CSV of a month',
      paths.auditCsv,
      `${paths.auditCsv}?desde=2024-03-01&hasta=2024-03-31`,
      {
        hasTarget: false,
      },
    ),
  ]
}

async function numbers(db: Db) {
  const one = async (query: ReturnType<typeof sql<{ id: number }>>): Promise<number> => {
    const { rows } = await query.execute(db)
    if (!rows[0])
      throw new Error('the data lacks what a page shows: delete the folder and run again')
    return rows[0].id
  }
  const large = await one(sql`
    SELECT edition_id AS id FROM edition_tally JOIN edition ON edition.id = edition_id
    WHERE edition.state = 'sent' GROUP BY 1 ORDER BY sum(deliveries) DESC, 1 LIMIT 1`)
  const written = (name: keyof typeof writtenRequests) =>
    one(sql`SELECT id FROM draft WHERE body -> 'answers' ->> 'asunto' = ${subjectOf(name)}`)
  const { rows } = await sql<{ table_id: string }>`
    SELECT DISTINCT table_id FROM edition_report_line ORDER BY 1`.execute(db)
  const tables = rows.map((row) => Object.values(row)[0]!)
  return {
    large,
    sending: await one(sql`SELECT id FROM edition WHERE state = 'sending'`),
    small: await one(sql`SELECT id FROM edition WHERE period = '2025-W20' ORDER BY id LIMIT 1`),
    ready: await one(
      sql`SELECT id FROM edition WHERE state IN ('ready', 'approved') ORDER BY id LIMIT 1`,
    ),
    planned: await one(sql`SELECT edition_id AS id FROM draft WHERE edition_id IS NOT NULL`),
    deep: await one(sql`
      SELECT id FROM delivery WHERE edition_id = ${large} ORDER BY batch, id OFFSET 900000 LIMIT 1`),
    request: await one(sql`SELECT id FROM draft WHERE edition_id IS NULL ORDER BY id LIMIT 1`),
    written: {
      whole: await written('whole'),
      segment: await written('segment'),
      everybody: await written('everybody'),
    },
    import: await one(sql`SELECT id FROM contact_import WHERE state = 'staged'`),
    leave: await one(sql`
      SELECT id FROM membership_event WHERE act = 'left' ORDER BY id OFFSET 500 LIMIT 1`),
    row: await one(sql`SELECT id FROM register_row WHERE quarter = '2026-Q4' ORDER BY id LIMIT 1`),
    user: await one(sql`SELECT id FROM staff_user WHERE login = ${login}`),
    table: tables[0]!,
    // IV.3.a.i is in the page of IV.3
    sections: [...new Set(tables.map((id) => id.split('.').slice(0, 2).join('.')))],
  }
}
