/** The staff panel: every request has a session, every route a rule, and a refusal says what to do. */
import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { Problem, type ProblemKind } from '../../errors.ts'
import type { Engine } from '../../flow/engine.ts'
import { may } from '../../people/users.ts'
import { findSession } from '../../people/sessions.ts'
import type { PageContext, PageEnv } from '../env.ts'
import type { Limits } from '../limits.ts'
import { agendaRoutes } from './agenda/agenda.ts'
import { audienceRoutes } from './audiences/audiences.ts'
import { contentRoutes } from './content/content.ts'
import { rolesInWords } from './account/fields.ts'
import { remedyInBrowser, whatIn } from './in-browser.ts'
import { sessionToken } from './account/cookie.ts'
import { dispatchRoutes } from './dispatches/dispatches.ts'
import { editionRoutes } from './edition/edition.ts'
import { approvalRoutes } from './edition/approvals.ts'
import { progressRoutes } from './edition/progress.ts'
import { secondsLeft, showPanel } from './page.ts'
import { requestRoutes } from './requests/requests.ts'
import { reportRoutes } from './report/report.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from './route.ts'
import { script, scriptPath } from './script.ts'
import { sessionRoutes } from './sessions/sessions.ts'
import { auditRoutes } from './settings/audit.ts'
import { settingsRoutes } from './settings/settings.ts'
import { userRoutes } from './settings/users.ts'
import { firstAccountPages } from './account/first-account.ts'
import { oidcPages } from './account/oidc.ts'
import { passwordLinkPages } from './account/password-link.ts'
import { readCarried } from './account/carried.ts'
import { signInPages, signInToContinue } from './account/sign-in.ts'

export const panelRoutes: PanelRoute[] = [
  ...agendaRoutes,
  ...editionRoutes,
  ...approvalRoutes,
  ...progressRoutes,
  ...contentRoutes,
  ...requestRoutes,
  ...sessionRoutes,
  ...dispatchRoutes,
  ...audienceRoutes,
  ...reportRoutes,
  ...settingsRoutes,
  ...userRoutes,
  ...auditRoutes,
  { method: 'POST', path: panelPaths.stay, act: 'panel.see', answer: stay },
]

export function panel(engine: Engine, limits: Limits): Hono<PageEnv> {
  const app = new Hono<PageEnv>()
  const own = new URL(engine.config.publicUrl).origin
  // behind a TLS proxy the request itself says http: the public address is the one that browsers know
  app.use(
    '/panel/*',
    csrf({ origin: (origin, c) => origin === own || origin === new URL(c.req.url).origin }),
  )
  app.get(scriptPath, script)
  app.route('/', signInPages(engine, limits))
  app.route('/', firstAccountPages(engine, limits))
  app.route('/', passwordLinkPages(engine, limits))
  app.route('/', oidcPages(engine, limits))
  for (const route of panelRoutes) app.on(route.method, route.path, (c) => answer(engine, route, c))
  return app
}

/** A request is enough to keep a session: this one says for how long. */
function stay(request: PanelRequest): Response {
  return request.c.json({ secondsLeft: secondsLeft(request) })
}

async function answer(engine: Engine, route: PanelRoute, c: PageContext): Promise<Response> {
  const { config, db, clock } = engine
  const token = sessionToken(c, config.publicUrl)
  const session = token === undefined ? undefined : await findSession(db, token, clock.now())
  if (!session) return withoutSession(c, engine, route)
  const request: PanelRequest = { c, engine, user: session.user, sessionEndsAt: session.endsAt }
  if (!may(session.user, route.act)) return forbidden(request)
  try {
    return await route.answer(request)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return refused(request, error)
  }
}

/** A form is kept for whoever signs in; what has no text is asked for again. */
async function withoutSession(
  c: PageContext,
  engine: Engine,
  route: PanelRoute,
): Promise<Response> {
  const carried = route.method === 'POST' ? await readCarried(c) : undefined
  return carried ? signInToContinue(c, engine, carried) : c.redirect(signInUrl(c, route))
}

/** Back to where one was, when that is a page that can be shown again. */
function signInUrl(c: PageContext, { method }: PanelRoute): string {
  const { pathname, search } = new URL(c.req.url)
  const back = method === 'GET' ? `?a=${encodeURIComponent(pathname + search)}` : '?fin=1'
  return `${c.var.link(panelPaths.signIn)}${back}`
}

function forbidden(request: PanelRequest): Promise<Response> {
  return showPanel(
    request,
    { title: 'Su rol no permite esto', status: 403 },
    html`<p class="lead">
      ${request.user.name} tiene el rol de ${rolesInWords(request.user.roles)}. Pídalo a quien
      administra las cuentas.
    </p>`,
  )
}

const statuses: Record<ProblemKind, ContentfulStatusCode> = {
  usage: 400,
  invalid: 422,
  refused: 409,
  notFound: 404,
  unavailable: 503,
  config: 500,
}

function refused(request: PanelRequest, { kind, faults }: Problem): Promise<Response> {
  return showPanel(
    request,
    { title: kind === 'notFound' ? 'No existe' : 'No se pudo', status: statuses[kind] },
    html`<div class="box wrong" role="alert">
      <ul class="plain">
        ${faults.map(
          (fault) =>
            html`<li>
              <strong>${whatIn(fault)}</strong> ${remedyInBrowser(fault.remedy, kind)}.
            </li>`,
        )}
      </ul>
    </div>`,
  )
}
