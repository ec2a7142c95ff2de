/** Whom limits count: the address of whoever asks, and no more of it than limits need. */
import { isIP, isIPv4 } from 'node:net'
import type { IncomingMessage } from 'node:http'

/**
 * The peer of the connection or, behind `trustedProxies` proxies that each append to X-Forwarded-For, the address that
 * the first of them saw. What is further left was written by the client, and is not believed.
 */
export function clientAddress(
  {
    socket,
    headers,
  }: Pick<IncomingMessage, 'headers'> & { socket: { remoteAddress?: string | undefined } },
  trustedProxies: number,
): string {
  const peer = socket.remoteAddress ?? ''
  if (trustedProxies === 0) return peer
  const forwarded = [headers['x-forwarded-for'] ?? ''].flat().join(',').split(',')
  const seen = (forwarded.at(-trustedProxies) ?? forwarded[0]!).trim()
  return isIP(seen) === 0 ? peer : seen
}

/** An IPv4 address, or the /64 of an IPv6 one: a household or a server has one whole (RFC 6177). */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address
  const plain = address.replace(/%.*$/, '')
  if (isIP(plain) === 0) return ''
  // a URL writes the address in its one normal form (RFC 5952), IPv4 endings included
  const [left = '', right] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const zeros = Array<string>(8 - head.length - tail.length).fill('0')
  const groups = [...head, ...(right === undefined ? [] : zeros), ...tail]
  const isMapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff'
  if (!isMapped) return groups.slice(0, 4).join(':')
  const [high, low] = groups.slice(6).map((group) => Number.parseInt(group, 16))
  return [high! >> 8, high! & 255, low! >> 8, low! & 255].join('.')
}
