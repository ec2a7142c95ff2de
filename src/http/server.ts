/** The HTTP server: health and the images of mails for now; the public pages and the panel come here. */
import { setTimeout as sleep } from 'node:timers/promises'
import { serve, type ServerType } from '@hono/node-server'
import { sql } from 'kysely'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { secureHeaders } from 'hono/secure-headers'
import { readImage } from '../content/files.ts'
import { inMexicoCity } from '../clock.ts'
import { messageOf, Problem } from '../errors.ts'
import type { Engine } from '../flow/engine.ts'

const readinessMs = 3_000

export interface HttpServer {
  url: string
  close(): Promise<void>
}

export async function startHttpServer(engine: Engine): Promise<HttpServer> {
  const { host, port } = engine.config.http
  const server = await new Promise<ServerType>((resolve, reject) => {
    const starting = serve({ fetch: routes(engine).fetch, hostname: host, port }, () =>
      resolve(starting),
    )
    starting.once('error', (error) => reject(cannotListen(error, port)))
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${host}:${bound}`,
    close: () =>
      new Promise((resolve, reject) =>
        server.close((error) => (error ? reject(error) : resolve())),
      ),
  }
}

function cannotListen(error: Error, port: number): Problem {
  return new Problem(
    'unavailable',
    {
      place: 'HTTP_PORT',
      message: `cannot be listened on: ${error.message}`,
      value: String(port),
      remedy: 'Stop what uses it, or give another port; 0 picks a free one',
    },
    { cause: error },
  )
}

const strictHeaders = {
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
}

/** Pages of this file show no personal data and nothing of an edition but its images to whoever knows their hash. */
export function routes(engine: Engine): Hono {
  const app = new Hono()
  // outermost, so that it has the last word: mail programs show images on pages of their own
  app.use(
    '/imagenes/*',
    secureHeaders({ ...strictHeaders, crossOriginResourcePolicy: 'cross-origin' }),
  )
  app.use(secureHeaders(strictHeaders))
  // alive: this process answers
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  // ready: what it depends on answers too
  app.get('/readyz', async (c) => {
    const checks = await readiness(engine)
    const ready = Object.values(checks).every((check) => check === 'ok')
    return c.json({ status: ready ? 'ok' : 'unavailable', checks }, ready ? 200 : 503)
  })
  app.get('/imagenes/:file', async (c) => {
    const [, sha256] = /^([0-9a-f]{64})\.(?:png|jpg)$/.exec(c.req.param('file')) ?? []
    const image = sha256 === undefined ? undefined : await readImage(engine.db, sha256)
    if (!image) return c.notFound()
    return c.body(new Uint8Array(image.bytes), 200, {
      'Content-Type': image.contentType,
      // its name is its hash: what it holds can never change
      'Cache-Control': 'public, max-age=31536000, immutable',
    })
  })
  app.get('/', async (c) => {
    const checks = await readiness(engine)
    return c.html(healthPage(engine, checks))
  })
  return app
}

/** A queue that is away answers nothing at all. */
async function tooLong(): Promise<never> {
  await sleep(readinessMs, undefined, { ref: false })
  throw new Error(`no answer within ${readinessMs} ms`)
}

async function readiness(engine: Engine): Promise<Record<'database' | 'queue', string>> {
  const check = async (work: () => Promise<unknown>) => {
    try {
      await Promise.race([work(), tooLong()])
      return 'ok'
    } catch (error) {
      engine.log.warn({ err: error }, 'not ready')
      return engine.config.environment === 'production' ? 'unavailable' : messageOf(error)
    }
  }
  const [database, queue] = await Promise.all([
    check(() => sql`SELECT 1`.execute(engine.db)),
    check(() => engine.queue.size()),
  ])
  return { database, queue }
}

const healthPage = (engine: Engine, checks: Record<string, string>) =>
  html`<!doctype html>
    <html lang="es-MX">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Pregonero</title>
        <style>
          body {
            font:
              16px/1.5 Montserrat,
              Arial,
              sans-serif;
            color: #1e1238;
            background: #f8f5fb;
            margin: 0;
          }
          main {
            max-width: 36rem;
            margin: 3rem auto;
            padding: 0 1rem;
          }
          h1 {
            color: #32215c;
          }
          dt {
            font-weight: bold;
          }
          dd {
            margin: 0 0 0.75rem;
          }
        </style>
      </head>
      <body>
        <main>
          <h1>Pregonero</h1>
          <p>Envío de comunicaciones de la Dirección de Vinculación con Organismos Externos.</p>
          <dl>
            <dt>Hora de la Ciudad de México</dt>
            <dd>
              ${inMexicoCity(engine.clock.now()).toFormat("cccc d 'de' LLLL 'de' yyyy, HH:mm 'horas'")}
            </dd>
            <dt>Entorno</dt>
            <dd>${engine.config.environment}</dd>
            <dt>Base de datos</dt>
            <dd>
              ${checks.database === 'ok' ? 'En servicio' : `Sin servicio: ${checks.database}`}
            </dd>
            <dt>Cola de trabajos</dt>
            <dd>${checks.queue === 'ok' ? 'En servicio' : `Sin servicio: ${checks.queue}`}</dd>
          </dl>
        </main>
      </body>
    </html>`
