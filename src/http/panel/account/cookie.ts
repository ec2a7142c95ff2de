/** The cookies of the panel: `__Host-` over https, where no other host and no plain connection can set or read them. */
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { attemptMinutes } from '../../../people/oidc.ts'
import { absoluteMs } from '../../../people/sessions.ts'
import type { PageContext } from '../../env.ts'

const sessionName = 'pregonero'
/** Of a sign-in on its way through the institution's provider. */
const attemptName = 'pregonero-entrada'

export const sessionToken = (c: PageContext, publicUrl: string): string | undefined =>
  read(c, publicUrl, sessionName)

export const keepSession = (c: PageContext, publicUrl: string, token: string): void =>
  keep(c, publicUrl, sessionName, token, absoluteMs / 1000)

export const forgetSession = (c: PageContext, publicUrl: string): void =>
  forget(c, publicUrl, sessionName)

export const keepAttempt = (c: PageContext, publicUrl: string, attempt: string): void =>
  keep(c, publicUrl, attemptName, attempt, attemptMinutes * 60)

/** Once: it is gone from the browser whatever becomes of it. */
export function takeAttempt(c: PageContext, publicUrl: string): string | undefined {
  forget(c, publicUrl, attemptName)
  return read(c, publicUrl, attemptName)
}

const prefixOf = (publicUrl: string): 'host' | undefined =>
  publicUrl.startsWith('https:') ? 'host' : undefined

function read(c: PageContext, publicUrl: string, name: string): string | undefined {
  const prefix = prefixOf(publicUrl)
  return prefix ? getCookie(c, name, prefix) : getCookie(c, name)
}

function keep(c: PageContext, publicUrl: string, name: string, value: string, maxAge: number) {
  const prefix = prefixOf(publicUrl)
  setCookie(c, name, value, {
    ...(prefix && { prefix }),
    path: '/',
    httpOnly: true,
    secure: prefix !== undefined,
    // links in notices to staff come from mail programs, and the provider leads back: Strict would not come along
    sameSite: 'Lax',
    maxAge,
  })
}

function forget(c: PageContext, publicUrl: string, name: string): void {
  const prefix = prefixOf(publicUrl)
  deleteCookie(c, name, { ...(prefix && { prefix }), path: '/', secure: prefix !== undefined })
}
