/** One line per request: what kind of page, how it went, how long it took. Never who asked, nor a token. */
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Log } from '../log.ts'
import type { PageEnv } from './env.ts'

/** Asked for all the time; a refusal by a limit is told once by src/http/limits.ts. */
const quietRoutes = ['/healthz', '/readyz', '/metrics', '/imagenes/:file', '/favicon.ico']

export function requestLog(log: Log): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    const startedMs = performance.now()
    await next()
    // the pattern (`/baja/:token`), not the path
    const route = routePath(c, -1)
    const { method } = c.req
    const { status } = c.res
    const isQuiet = quietRoutes.includes(route) || status === 429
    const durationMs = Math.round(performance.now() - startedMs)
    log[isQuiet ? 'debug' : 'info']({ method, route, status, durationMs }, 'request')
  }
}
