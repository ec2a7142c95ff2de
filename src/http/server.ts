/** The HTTP server: it listens, answers for all pages, and stops without leaving anybody in the middle of an answer. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { Problem } from '../errors.ts'
import type { Engine } from '../flow/engine.ts'
import { mailNow } from '../flow/mail-now.ts'
import { routes } from './routes.ts'
import { endStreams } from './streams.ts'

export interface HttpServer {
  url: string
  /** Takes nothing new, finishes what is in hand, and closes. */
  close(): Promise<void>
}

/** What a client has at most for its headers and for the whole of its request; answers may take longer. */
const timeouts = {
  headersTimeout: 10_000,
  // a workbook of 20 MB over an office's line
  requestTimeout: 120_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
}
const stopGraceMs = 10_000

/** `stopGraceMs`: how long requests in hand have when it is told to stop. */
export async function startHttpServer(
  engine: Engine,
  options: { stopGraceMs?: number } = {},
): Promise<HttpServer> {
  const { host, port } = engine.config.http
  const mail = mailNow(engine)
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve(
      {
        fetch: routes(engine, mail).fetch,
        hostname: host,
        port,
        createServer,
        serverOptions: timeouts,
      },
      () => resolve(starting),
    ) as Server
    starting.once('error', (error) => reject(cannotListen(error, port)))
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${host}:${bound}`,
    close: async () => {
      const graceMs = options.stopGraceMs ?? stopGraceMs
      endStreams(engine)
      await stop(server, graceMs)
      // what it does not send now is sent by the next plan
      await Promise.race([mail.settled(), sleep(graceMs, undefined, { ref: false })])
    },
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

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // a connection that is kept alive becomes idle with its last answer, and would stay
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
