// The local outbox: an SMTP server on the loopback that delivers nothing and keeps each message as one .eml file, for
// start and demo without a relay, and for the tests. Shape of a file:
//   X-Envelope-From: <sender>         (<> for the null sender)
//   X-Envelope-To: <recipient>        one line for each
//   the message, byte for byte as it was sent, without the dot-stuffing
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { link, mkdir, open, readdir, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerDataStream, SMTPServerEnvelope } from 'smtp-server'

export interface Outbox {
  /** smtp://127.0.0.1:<port> */
  url: string
  folder: string
  /** messages taken since start */
  count(): number
  /** Stops listening, gives open conversations one second to end, and leaves nothing half written. */
  close(): Promise<void>
}

const sizeLimitBytes = 5 * 1024 * 1024
const closeTimeoutMs = 1_000
// RFC 5321 §4.5.3.2.7: a server waits at least five minutes for the next command. Pools keep idle connections.
const idleTimeoutMs = 5 * 60_000
const draftPattern = /^\..*\.part$/
const messagePattern = /^(\d+)-.*\.eml$/

export async function startOutbox(options: { folder: string; port?: number }): Promise<Outbox> {
  const { folder, port = 0 } = options
  let sequence = await openFolder(folder)
  let count = 0
  const storing = new Set<Promise<void>>()

  async function store(message: SMTPServerDataStream, envelope: SMTPServerEnvelope): Promise<void> {
    const draft = join(folder, `.${randomUUID()}.part`)
    try {
      await writeMessage(draft, message, envelope)
      // The server answers 552 by itself.
      if (message.sizeExceeded) return
      await nameMessage(draft, () => join(folder, fileName(++sequence, envelope)))
      count += 1
    } finally {
      // on a disk that fails the write has told why already
      await rm(draft, { force: true }).catch(() => {})
      // Read to its end even a message that is not kept: no answer may come before the final dot.
      message.resume()
    }
  }

  const server = new SMTPServer({
    // PIPELINING, 8BITMIME and SMTPUTF8 are offered by default. On the loopback there is nobody to hide from.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: sizeLimitBytes,
    rejectOversized: true,
    socketTimeout: idleTimeoutMs,
    closeTimeout: closeTimeoutMs,
    onData(message, session, answer) {
      const stored = store(message, session.envelope)
        .then(
          () => answer(),
          (error: unknown) => answer(refusal(error)),
        )
        .finally(() => storing.delete(stored))
      storing.add(stored)
    },
  })
  await listen(server, port)

  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    folder,
    count: () => count,
    async close() {
      await new Promise<void>((closed) => server.close(closed))
      await Promise.all(storing)
    },
  }
}

/** Makes the folder if needed, removes what a killed run left half written, and returns the last number in it. */
async function openFolder(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true })
  let last = 0
  for (const name of await readdir(folder)) {
    if (draftPattern.test(name)) await rm(join(folder, name), { force: true })
    else last = Math.max(last, Number(messagePattern.exec(name)?.[1] ?? 0))
  }
  return last
}

async function listen(server: SMTPServer, port: number): Promise<void> {
  const listening = once(server.server, 'listening')
  // Once it listens, the only errors are those of clients that hang up half way: what they sent is not kept.
  server.on('error', () => {})
  server.listen(port, '127.0.0.1')
  await listening.catch((cause) => {
    throw new Error(
      `The outbox cannot listen on 127.0.0.1:${port} (${cause.code}): free that port or choose another`,
      { cause },
    )
  })
}

async function writeMessage(
  path: string,
  message: SMTPServerDataStream,
  envelope: SMTPServerEnvelope,
): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(envelopeLines(envelope))
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      if (message.sizeExceeded) break
      await file.writeFile(chunk as Buffer)
    }
  } finally {
    await file.close()
  }
}

function envelopeLines({ mailFrom, rcptTo }: SMTPServerEnvelope): string {
  const sender = mailFrom ? mailFrom.address : ''
  const recipients = rcptTo.map(({ address }) => `X-Envelope-To: <${address}>\r\n`)
  return `X-Envelope-From: <${sender}>\r\n${recipients.join('')}`
}

/** link() fails where rename() would overwrite: another outbox on the same folder may have taken the number. */
async function nameMessage(draft: string, nextPath: () => string): Promise<void> {
  for (;;) {
    try {
      return await link(draft, nextPath())
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Eight digits keep the alphabetical order that of arrival up to a hundred million messages. */
function fileName(sequence: number, { rcptTo }: SMTPServerEnvelope): string {
  const recipient = rcptTo[0]?.address ?? ''
  const safeRecipient = recipient.replaceAll(/[^A-Za-z0-9@._+-]/g, '_').slice(0, 100)
  return `${String(sequence).padStart(8, '0')}-${safeRecipient}.eml`
}

/** 451 is temporary: the sender keeps the message and tries again. */
function refusal(error: unknown): Error & { responseCode: number } {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  const answer = new Error(`The outbox could not store the message (${code})`, { cause: error })
  return Object.assign(answer, { responseCode: 451 })
}
