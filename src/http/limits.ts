/** How much one address may ask: enough for a household or an office, not enough to take the server from the others. */
import { createHmac, randomBytes } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { html } from 'hono/html'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { clientAddress, networkOf } from './client-address.ts'
import type { PageContext, PageEnv } from './env.ts'
import { showPage } from './page.ts'

/** Points are requests. Windows begin at the first request of an address. */
const pages = { points: 500, duration: 10 }
/** Providers of mail ask for the images of many readers, and unsubscribe them, from few addresses. */
const providers = { points: 1_000, duration: 10 }
/** Passwords are not guessed at this pace, and an office behind one address still signs in on Monday morning. */
const signIns = { points: 60, duration: 600 }
const forms = { points: 20, duration: 3_600 }
/** Refusals of a window that are worth a page; a flood beyond them gets a line. */
const refusalsWithPage = 50

export interface Limits {
  pages: MiddlewareHandler<PageEnv>
  providers: MiddlewareHandler<PageEnv>
  forms: MiddlewareHandler<PageEnv>
  signIns: MiddlewareHandler<PageEnv>
}

/** Counts are of this process and are lost with it. */
export function rateLimits({ config, log }: { config: Pick<Config, 'http'>; log: Log }): Limits {
  const keyOf = bucketOf()
  const limit = (name: string, window: { points: number; duration: number }) => {
    const limiter = new RateLimiterMemory(window)
    const middleware: MiddlewareHandler<PageEnv> = async (c, next) => {
      const address = clientAddress(c.env.incoming, config.http.trustedProxies)
      const refusal = await limiter.consume(keyOf(address)).then(() => undefined, asRefusal)
      if (!refusal) return next()
      // once a window: a flood must not become one of the log
      if (refusal.consumedPoints === window.points + 1) log.warn({ limit: name }, 'address limited')
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
      c.header('Retry-After', String(seconds))
      return refusal.consumedPoints > window.points + refusalsWithPage
        ? c.text('Demasiadas solicitudes.\n', 429)
        : tooManyPage(c, seconds)
    }
    return middleware
  }
  return {
    pages: limit('pages', pages),
    providers: limit('providers', providers),
    forms: limit('forms', forms),
    signIns: limit('sign-ins', signIns),
  }
}

function tooManyPage(c: PageContext, seconds: number) {
  return showPage(
    c,
    { title: 'Demasiadas solicitudes', status: 429 },
    html`<p class="lead">
        Desde su conexión llegaron más solicitudes de las que atendemos a la vez. No se hizo ningún
        cambio.
      </p>
      <p>Espere ${waiting(seconds)} e inténtelo de nuevo.</p>`,
  )
}

/**
 * Addresses share 65,536 counters by a hash that nobody outside can compute: memory has a bound whatever comes, and no
 * address is kept.
 */
function bucketOf(): (address: string) => number {
  const secret = randomBytes(32)
  return (address) =>
    createHmac('sha256', secret).update(networkOf(address)).digest().readUInt16BE()
}

function asRefusal(error: unknown): RateLimiterRes {
  if (error instanceof RateLimiterRes) return error
  throw error
}

/** «60 minutos» */
export const waiting = (seconds: number): string =>
  seconds <= 90 ? `${seconds} segundos` : `${Math.ceil(seconds / 60)} minutos`
