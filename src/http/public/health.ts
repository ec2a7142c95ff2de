/** Whether this installation is in service: for programs, and for whoever opens its first page. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Engine } from '../../flow/engine.ts'
import { longTime } from '../../flow/hold.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { facts, showPage } from '../page.ts'
import type { Readiness } from '../readiness.ts'

/** Asked by programs all the time: no limit holds for them. */
export function healthChecks(readiness: () => Promise<Readiness>): Hono<PageEnv> {
  return (
    new Hono<PageEnv>()
      // alive: this process answers
      .get('/healthz', (c) => c.json({ status: 'ok' }))
      // ready: what it depends on answers too
      .get('/readyz', async (c) => {
        const checks = await readiness()
        const ready = Object.values(checks).every((check) => check === 'ok')
        return c.json({ status: ready ? 'ok' : 'unavailable', checks }, ready ? 200 : 503)
      })
  )
}

export function healthPage(engine: Engine, readiness: () => Promise<Readiness>): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/', async (c) => show(c, engine, await readiness()))
}

function show(c: PageContext, engine: Engine, checks: Readiness) {
  const state = (check: string) => (check === 'ok' ? 'En servicio' : `Sin servicio: ${check}`)
  return showPage(
    c,
    { title: 'Pregonero' },
    html`<p class="lead">
        Envío de comunicaciones de la Dirección de Vinculación con Organismos Externos.
      </p>
      ${facts({
        Hora: longTime(engine.clock.now()),
        Entorno: engine.config.environment,
        'Base de datos': state(checks.database),
        'Cola de trabajos': state(checks.queue),
      })}`,
  )
}
