/** `GET /metrics` for Prometheus: for this machine itself, or whoever has METRICS_TOKEN. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import type { Engine } from '../flow/engine.ts'
import type { PageContext, PageEnv } from './env.ts'
import { isLocal } from './local.ts'
import { metricRegistry } from './metric-registry.ts'

export function metrics(engine: Engine): Hono<PageEnv> {
  const read = metricRegistry(engine)
  return new Hono<PageEnv>().get('/metrics', async (c) => {
    if (!mayRead(c, engine)) {
      c.header('WWW-Authenticate', 'Bearer')
      return c.text('Unauthorized\n', 401)
    }
    const { text, contentType } = await read()
    return c.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' })
  })
}

function mayRead(c: PageContext, { config }: Engine): boolean {
  const { metricsToken } = config.http
  const [, given] = /^Bearer (\S+)$/i.exec(c.req.header('Authorization') ?? '') ?? []
  if (metricsToken !== undefined && given !== undefined) return isSame(given, metricsToken)
  return isLocal(c, config)
}

/** In a time that tells nothing of where they differ. */
function isSame(given: string, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(token))
}
