import { Agent, request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { clientAddress, networkOf } from '../../src/http/client-address.ts'
import { paths } from '../../src/links.ts'
import { publicApp, serve, wordsOf, type PublicApp } from './support.ts'

/** Requests over a few connections that stay open, as a program that means harm sends them. */
function flooder(
  url: string,
): (path: string, headers?: Record<string, string>, method?: string) => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  onTestFinished(() => agent.destroy())
  return (path, headers = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { agent, headers, method }, (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode!))
      })
      sent.on('error', reject)
      sent.end()
    })
}

/** Behind one proxy, which says who asks. */
async function behindProxy(): Promise<PublicApp> {
  return publicApp({ env: { HTTP_TRUSTED_PROXIES: '1' } })
}
const from = (address: string) => ({ 'X-Forwarded-For': address })

const countOf = (statuses: number[], status: number) =>
  statuses.filter((one) => one === status).length

test('of thousands of requests from one address a few are answered, and everybody else is served meanwhile', async () => {
  const app = await behindProxy()
  const ask = flooder(app.url)
  const flood = Array.from({ length: 6_000 }, () => ask(paths.privacy, from('203.0.113.7')))
  const others = Array.from({ length: 20 }, (_, i) =>
    fetch(`${app.url}${paths.subscriptions}`, { headers: from(`198.51.100.${i}`) }),
  )
  const statuses = await Promise.all(flood)
  expect(countOf(statuses, 200)).toBeGreaterThanOrEqual(500)
  expect(countOf(statuses, 200)).toBeLessThanOrEqual(1_500)
  expect(countOf(statuses, 200) + countOf(statuses, 429)).toBe(6_000)
  const served = await Promise.all(others)
  expect(served.map(({ status }) => status)).toEqual(Array<number>(20).fill(200))
  expect((await fetch(`${app.url}/healthz`, { headers: from('203.0.113.7') })).status).toBe(200)
})

test('who asks too much is told when to come back, in Spanish and with the headers of every page', async () => {
  const app = await behindProxy()
  const ask = flooder(app.url)
  await Promise.all(Array.from({ length: 500 }, () => ask(paths.privacy, from('203.0.113.7'))))
  const refused = await fetch(`${app.url}${paths.privacy}`, { headers: from('203.0.113.7') })
  expect(refused.status).toBe(429)
  const seconds = Number(refused.headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(10)
  expect(refused.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(wordsOf(await refused.text())).toContain('Demasiadas solicitudes')
})

test('a provider of mail may unsubscribe many readers from one address, and show them images', async () => {
  const app = await behindProxy()
  const ask = flooder(app.url)
  const provider = from('203.0.113.9')
  const posts = Array.from({ length: 600 }, () => ask(paths.leave('x'), provider, 'POST'))
  expect(countOf(await Promise.all(posts), 404)).toBe(600)
  const images = Array.from({ length: 300 }, () => ask('/imagenes/x.png', provider))
  expect(countOf(await Promise.all(images), 404)).toBe(300)
})

test('health is answered whatever was asked before', async () => {
  const app = await publicApp()
  const ask = flooder(app.url)
  const statuses = await Promise.all(Array.from({ length: 1_500 }, () => ask('/healthz')))
  expect(countOf(statuses, 200)).toBe(1_500)
})

test('without a trusted proxy nobody passes for another by a header', async () => {
  const app = await publicApp()
  const ask = flooder(app.url)
  const statuses = await Promise.all(
    Array.from({ length: 700 }, (_, i) => ask(paths.privacy, from(`198.51.100.${i % 250}`))),
  )
  expect(countOf(statuses, 429)).toBe(200)
})

test('a form larger than 16 KB is refused, whether or not its size was announced', async () => {
  const app = await publicApp()
  const url = `${app.url}${paths.subscriptions}`
  const large = `correo=${'a'.repeat(20_000)}`
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const stream = new Blob([large]).stream()
  const streamed = { method: 'POST', headers: type, body: stream, duplex: 'half' } as RequestInit
  for (const init of [{ method: 'POST', headers: type, body: large }, streamed]) {
    const answer = await fetch(url, init)
    expect(answer.status).toBe(413)
    expect(wordsOf(await answer.text())).toContain('No se guardó nada')
  }
})

const socket = (remoteAddress: string) => ({ remoteAddress })

test.each([
  ['no proxy: the peer', 0, '9.9.9.9', '192.0.2.1'],
  ['one proxy: what it saw', 1, '9.9.9.9, 198.51.100.1', '198.51.100.1'],
  ['two proxies: what the first saw', 2, '9.9.9.9, 198.51.100.1, 10.0.0.1', '198.51.100.1'],
  ['fewer entries than proxies', 2, '198.51.100.1', '198.51.100.1'],
  ['no entry', 1, undefined, '192.0.2.1'],
  ['an entry that is no address', 1, 'unknown', '192.0.2.1'],
])('%s', (_, trusted, forwarded, address) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  expect(clientAddress({ socket: socket('192.0.2.1'), headers }, trusted)).toBe(address)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['2001:0DB8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['', ''],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('the limits of one server are not those of another', async () => {
  const app = await publicApp()
  const ask = flooder(app.url)
  await Promise.all(Array.from({ length: 501 }, () => ask(paths.privacy)))
  const other = await serve(app.engine)
  expect((await fetch(`${other.url}${paths.privacy}`)).status).toBe(200)
})
