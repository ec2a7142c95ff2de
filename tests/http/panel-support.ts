/** A server with the panel, and people who sign in to it as a browser would. */
import { expect, onTestFinished } from 'vitest'
import { startHttpServer } from '../../src/http/server.ts'
import { setPassword } from '../../src/people/sessions.ts'
import { testApp, type TestApp, type TestAppOptions } from '../support/app.ts'

export const password = 'una frase que recuerdo'
const origin = 'http://localhost:3000'

type SendInit = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }

export interface Panel {
  app: TestApp
  url: string
  get: (path: string, cookie?: string) => Promise<Response>
  post: (
    path: string,
    fields: Record<string, string>,
    cookie?: string,
    from?: string,
  ) => Promise<Response>
  signIn: (login: string) => Promise<string>
}

export async function panel(options: TestAppOptions = {}): Promise<Panel> {
  return panelOf(await testApp(options))
}

/** One more server of an app: what an address may ask is counted by each anew. */
export async function panelOf(app: TestApp): Promise<Panel> {
  const server = await startHttpServer(app.engine)
  onTestFinished(() => server.close())
  const send = (path: string, init: SendInit, cookie?: string) =>
    fetch(`${server.url}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, ...(cookie !== undefined && { Cookie: cookie }) },
    })
  const post: Panel['post'] = (path, fields, cookie, from = origin) =>
    send(
      path,
      { method: 'POST', body: new URLSearchParams(fields), headers: { Origin: from } },
      cookie,
    )
  return {
    app,
    url: server.url,
    get: (path, cookie) => send(path, {}, cookie),
    post,
    signIn: async (login) => {
      await setPassword(app.db, app.luis, login, password, app.clock.now())
      const answer = await post('/panel/entrar', { clave: login, contrasena: password })
      expect(answer.status).toBe(303)
      return /^[^;]+/.exec(answer.headers.get('set-cookie')!)![0]
    },
  }
}
