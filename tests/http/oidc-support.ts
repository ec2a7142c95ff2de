/** A real OpenID Connect provider on this machine, with people of its own, and a panel that takes its word. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider, type Configuration } from 'oidc-provider'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { testApp, type TestApp } from '../support/app.ts'

export const clientSecret = 'secreto-del-panel-que-nadie-debe-ver'
export const returnPath = '/panel/entrar/institucional/regreso'

/** What the provider says of whoever signs in under that name. */
const people: Record<string, Record<string, unknown>> = {
  ana: { email: 'Ana@Example.org', email_verified: true },
  entra: { email: 'ana@example.org', xms_edov: '1' },
  luis: { email: 'luis@example.org', email_verified: true },
  impostora: { email: 'luis@example.org', email_verified: false },
  negada: { email: 'luis@example.org', email_verified: false, xms_edov: true },
  sin: { email: 'luis@example.org' },
  palabra: { email: 'luis@example.org', email_verified: 'true' },
  ajena: { email: 'ajena@example.org', email_verified: true },
  rara: { email: '"><script>alert(1)</script>@x', email_verified: true },
}

export interface Institution {
  issuer: string
  /** What the panel logged. */
  lines: string[]
  /** From then on it is there, for the panel of that address. */
  open(publicUrl: string, options?: Configuration): void
  /** From then on it answers nothing. */
  hang(): void
  app: TestApp
}

/** An app whose provider listens and answers 503 until it is opened. */
export async function institution(env: Record<string, string> = {}): Promise<Institution> {
  const down: RequestListener = (_request, response) => response.writeHead(503).end('no')
  let listener = down
  const server = createServer((request, response) => listener(request, response))
  server.listen(0, 'localhost')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const app = await testApp({
    recipients: 0,
    log,
    env: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: 'pregonero',
      OIDC_CLIENT_SECRET: clientSecret,
      ...env,
    },
  })
  return {
    issuer,
    lines,
    app,
    open: (publicUrl, options = {}) => {
      const provider = providerOf(issuer, publicUrl, options)
      const callback = provider.callback()
      listener = (request, response) => void callback(request, response)
    },
    hang: () => (listener = () => undefined),
  }
}

function providerOf(issuer: string, publicUrl: string, options: Configuration): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: 'pregonero',
        client_secret: clientSecret,
        redirect_uris: [`${publicUrl}${returnPath}`],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified', 'xms_edov'] },
    pkce: { required: () => true },
    cookies: { keys: ['for tests alone'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people[id] }),
    }),
    ...options,
  })
}
