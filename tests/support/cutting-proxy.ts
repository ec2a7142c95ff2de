/** Stands between a worker and a real relay, and breaks conversations at the moment after which nobody knows. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * What becomes of the message to an address: the relay's answer to the final dot is lost; the relay gets the beginning of
 * the message, or nothing of it, while the worker believes that all was sent.
 */
export type Cut = 'answer' | 'end' | 'all'

export async function cuttingProxy(
  port: number,
  cutOf: (address: string) => Cut | undefined,
): Promise<{ url: string }> {
  const sockets = new Set<Socket>()
  const server = createServer((worker) => {
    const relay = connect(port, '127.0.0.1')
    for (const socket of [worker, relay]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    join(worker, relay, cutOf)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}?tls=none` }
}

/** Of a message that is cut short the relay gets this much, which holds its Message-ID. */
const beginningBytes = 2_000

function join(worker: Socket, relay: Socket, cutOf: (address: string) => Cut | undefined): void {
  let cut: Cut | undefined
  let inData = false
  let isLost = false
  let body = Buffer.alloc(0)
  const breakOff = () => {
    worker.destroy()
    relay.destroy()
  }
  relay.on('data', (answer: Buffer) => {
    if (isLost) breakOff()
    else worker.write(answer)
    // the message begins after this answer and not before; with pipelining (RFC 2920) others come with it
    if (/^354/m.test(answer.toString()) && cut) inData = true
  })
  relay.on('close', () => worker.destroy())
  worker.on('close', () => relay.end())
  worker.on('data', (piece: Buffer) => {
    if (!inData) {
      const [, address] = /^RCPT TO:<([^>]+)>/im.exec(piece.toString()) ?? []
      if (address !== undefined) cut = cutOf(address)
      relay.write(piece)
      return
    }
    const before = body.length
    body = Buffer.concat([body, piece])
    if (cut === 'answer') relay.write(piece)
    if (cut === 'end' && before < beginningBytes) relay.write(body.subarray(before, beginningBytes))
    if (!body.toString('latin1').endsWith('\r\n.\r\n')) return
    if (cut === 'answer') isLost = true
    // so that the relay reads what it was given before it hears of the end
    else setTimeout(breakOff, 300)
  })
}
