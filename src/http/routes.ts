/** Every page, behind what holds for all: headers, limits, size of forms, and an answer when something fails. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { NONCE, secureHeaders } from 'hono/secure-headers'
import type { Engine } from '../flow/engine.ts'
import type { MailNow } from '../flow/mail-now.ts'
import { linkWithin, paths } from '../links.ts'
import { findSession } from '../people/sessions.ts'
import type { PageContext, PageEnv } from './env.ts'
import {
  failurePage,
  foreignFormPage,
  notFoundPage,
  tooLargePage,
  wrongMethodPage,
} from './error-pages.ts'
import { rateLimits, type Limits } from './limits.ts'
import { metrics } from './metrics.ts'
import { sessionToken } from './panel/account/cookie.ts'
import { panel } from './panel/panel.ts'
import { panelPaths } from './panel/route.ts'
import { archivePages } from './public/archive.ts'
import { feeds } from './public/feed.ts'
import { healthChecks, healthPage } from './public/health.ts'
import { images } from './public/images.ts'
import { leavePages } from './public/leave.ts'
import { ownSubscriptionsPages } from './public/own-subscriptions.ts'
import { privacyPage } from './public/privacy.ts'
import { subscribePages } from './public/subscribe.ts'
import { databaseAnswers, sharedReadiness } from './readiness.ts'
import { requestLog } from './request-log.ts'

export function routes(engine: Engine, mail: MailNow): Hono<PageEnv> {
  const app = new Hono<PageEnv>()
  const limits = rateLimits(engine)
  const readiness = sharedReadiness(engine)
  app.use(requestLog(engine.log), strictHeaders, async (c, next) => {
    c.set('link', (path) => linkWithin(engine.config.publicUrl, path))
    await next()
  })
  app.use(
    methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => wrongMethodPage(c, methods) }),
  )
  app.route('/', healthChecks(readiness))
  app.route('/', metrics(engine))
  app.use(limitOf(limits))
  app.use(sizeLimit(engine))
  app.route('/', healthPage(engine, readiness))
  app.route('/', images(engine))
  app.get('/favicon.ico', noIcon)
  app.route('/', leavePages(engine))
  app.route('/', subscribePages(engine, limits, mail))
  app.route('/', ownSubscriptionsPages(engine))
  // before the archive, whose editions have two parts to their address too
  app.route('/', feeds(engine))
  app.route('/', archivePages(engine))
  app.route('/', privacyPage(engine))
  app.route('/', panel(engine, limits))
  app.notFound(notFoundPage)
  app.onError((error, c) => failed(engine, error, c))
  return app
}

/** No frame and nothing from elsewhere; no script either, but for the one file of the panel. What a page sets stays. */
const headersWith = (own: { scriptSrc?: string[]; connectSrc?: string[] }) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      ...own,
      styleSrc: [NONCE],
      imgSrc: ["'self'"],
      // the mails that the panel shows, in a frame that can do nothing
      frameSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    // of this host alone: what is below it is not ours
    strictTransportSecurity: 'max-age=31536000',
    overwrite: false,
  })
const publicHeaders = headersWith({})
const panelHeaders = headersWith({ scriptSrc: ["'self'"], connectSrc: ["'self'"] })

const strictHeaders = (c: PageContext, next: () => Promise<void>) =>
  (c.req.path.startsWith(panelPaths.agenda) ? panelHeaders : publicHeaders)(c, next)

const onError = (c: PageContext) => tooLargePage(c)
const kilobyte = 1024
const sizeLimits = {
  form: bodyLimit({ maxSize: 16 * kilobyte, onError }),
  /** A whole boletín. */
  panelForm: bodyLimit({ maxSize: 512 * kilobyte, onError }),
  /** The sign-in may carry such a form. */
  signIn: bodyLimit({ maxSize: 2_048 * kilobyte, onError }),
  /** The largest workbook that an import takes, and the form around it. */
  upload: bodyLimit({ maxSize: 21 * 1_024 * kilobyte, onError }),
  /** Images and attachments of a mail, with its text. */
  content: bodyLimit({ maxSize: 24 * 1_024 * kilobyte, onError }),
}
const content = /^\/panel\/(?:ediciones\/\d+\/contenido|correos\/\d+\/[a-z]+)$/

/** Who is not known may hold only so many large forms in memory: one whose session just ended loses no text all the same. */
const mostOfUnknown = 2

function sizeLimit({ db, config, clock }: Engine) {
  let ofUnknown = 0
  const isKnown = async (c: PageContext) => {
    const token = sessionToken(c, config.publicUrl)
    return token !== undefined && (await findSession(db, token, clock.now())) !== undefined
  }
  return async (c: PageContext, next: () => Promise<void>) => {
    const limit = limitFor(c.req.path)
    const isLarge = limit === sizeLimits.upload || limit === sizeLimits.content
    if (!isLarge || c.req.method !== 'POST' || (await isKnown(c))) return limit(c, next)
    if (ofUnknown >= mostOfUnknown) return sizeLimits.form(c, next)
    ofUnknown++
    try {
      return await limit(c, next)
    } finally {
      ofUnknown--
    }
  }
}

function limitFor(path: string) {
  if (path === panelPaths.upload) return sizeLimits.upload
  if (path === panelPaths.signIn) return sizeLimits.signIn
  if (content.test(path)) return sizeLimits.content
  return path.startsWith(panelPaths.agenda) ? sizeLimits.panelForm : sizeLimits.form
}

function limitOf({ pages, providers }: Limits) {
  const leave = paths.leave('')
  return (c: PageContext, next: () => Promise<void>) => {
    const { path, method } = c.req
    const isOfProviders =
      path.startsWith('/imagenes/') || (method === 'POST' && path.startsWith(leave))
    return (isOfProviders ? providers : pages)(c, next)
  }
}

/** Browsers ask for it by themselves: there is none, and they need not ask again. */
const noIcon = (c: PageContext) =>
  c.body(null, 204, { 'Cache-Control': 'public, max-age=31536000, immutable' })

async function failed(engine: Engine, error: Error, c: PageContext) {
  if (error instanceof HTTPException && error.status === 403) return foreignFormPage(c)
  const isOutage = !(await databaseAnswers(engine))
  engine.log.error({ err: error, isOutage }, 'request failed')
  return failurePage(c, { isOutage })
}
