/** Whether a request comes from this machine itself. */
import { isIPv4 } from 'node:net'
import type { Config } from '../config.ts'
import type { PageContext } from './env.ts'

/**
 * Whoever sits at this machine, or has a tunnel to it. Behind a proxy everybody comes from its address, and a proxy of the
 * same machine need not say that it is one: only where PUBLIC_URL is this machine's own nobody else can come. A site whose
 * name was made to lead here (DNS rebinding) comes under that name.
 */
export function isLocal(c: PageContext, config: Pick<Config, 'http' | 'publicUrl'>): boolean {
  const { socket, headers } = c.env.incoming
  const isForwarded = ['x-forwarded-for', 'forwarded', 'via'].some((name) => name in headers)
  if (config.http.trustedProxies > 0 || isForwarded) return false
  const isOurName = [config.publicUrl, c.req.url].every((url) => isLoopbackName(new URL(url)))
  return isOurName && isLoopback(socket.remoteAddress ?? '')
}

const isLoopbackName = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''))

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return address === '::1' || (isIPv4(plain) && plain.startsWith('127.'))
}
