/** The cookie of a session: `__Host-` over https, where no other host and no plain connection can set or read it. */
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { absoluteMs } from '../../../people/sessions.ts'
import type { PageContext } from '../../env.ts'

const name = 'pregonero'

const prefixOf = (publicUrl: string): 'host' | undefined =>
  publicUrl.startsWith('https:') ? 'host' : undefined

export function sessionToken(c: PageContext, publicUrl: string): string | undefined {
  const prefix = prefixOf(publicUrl)
  return prefix ? getCookie(c, name, prefix) : getCookie(c, name)
}

export function keepSession(c: PageContext, publicUrl: string, token: string): void {
  const prefix = prefixOf(publicUrl)
  setCookie(c, name, token, {
    ...(prefix && { prefix }),
    path: '/',
    httpOnly: true,
    secure: prefix !== undefined,
    // links in notices to staff come from mail programs: Strict would ask to sign in again
    sameSite: 'Lax',
    maxAge: absoluteMs / 1000,
  })
}

export function forgetSession(c: PageContext, publicUrl: string): void {
  const prefix = prefixOf(publicUrl)
  deleteCookie(c, name, { ...(prefix && { prefix }), path: '/', secure: prefix !== undefined })
}
