/**
 * What we are compared with, as a process of its own. `bare`: nodemailer's SMTPConnection with one ready message, ten
 * connections. `pool`: a nodemailer pool that composes each message. `jobs`: the same from one BullMQ job per recipient.
 */
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createPostgresBackend, Queue, Worker, withBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { createTransport, type Transporter } from 'nodemailer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SampleMail } from './house.ts'

const connections = 10
const { WAY, PORT, COUNT, MAIL, READY_MESSAGE, QUEUE_URL = '' } = process.env
const port = Number(PORT)
const count = Number(COUNT)
const from = 'bench@example.org'
const addressOf = (n: number) => `persona${n}@example.org`

/** Opens what it needs, and returns the work. */
const ways: Record<string, () => Promise<() => Promise<void>>> = { bare, pool, jobs }

const work = await ways[WAY!]!()
process.stdout.write('ready\n')
await once(process.stdin, 'data')
await work()
process.stdout.write('done\n')
// the peak of memory is read from a process that lives
await once(process.stdin, 'end')
process.exit(0)

async function bare(): Promise<() => Promise<void>> {
  const message = await readFile(READY_MESSAGE!)
  let next = 0
  const converse = async () => {
    const smtp = new SMTPConnection({ host: '127.0.0.1', port, ignoreTLS: true })
    await new Promise<void>((resolve, reject) => {
      smtp.once('error', reject)
      smtp.connect((error) => (error ? reject(error) : resolve()))
    })
    while (next < count) {
      const envelope = { from, to: addressOf(++next), size: message.length }
      await new Promise<void>((resolve, reject) =>
        smtp.send(envelope, message, (error) => (error ? reject(error) : resolve())),
      )
    }
    smtp.quit()
  }
  return async () => {
    await Promise.all(Array.from({ length: connections }, converse))
  }
}

async function pool(): Promise<() => Promise<void>> {
  const { transport, send } = await composingPool()
  let next = 0
  return async () => {
    const sendSome = async () => {
      while (next < count) await send(++next)
    }
    await Promise.all(Array.from({ length: connections }, sendSome))
    transport.close()
  }
}

async function jobs(): Promise<() => Promise<void>> {
  const { transport, send } = await composingPool()
  const { queue, worker } = QUEUE_URL.startsWith('redis') ? onRedis(send) : onPostgres(send)
  await worker.waitUntilReady()
  let left = count
  const finished = new Promise<void>((resolve) => {
    worker.on('completed', () => {
      if (--left === 0) resolve()
    })
  })
  return async () => {
    for (let n = 1; n <= count; n += 1_000) {
      await queue.addBulk(
        Array.from({ length: Math.min(1_000, count - n + 1) }, (_, i) => ({
          name: 'send',
          data: { n: n + i },
          opts: { removeOnComplete: true, removeOnFail: true },
        })),
      )
    }
    await finished
    transport.close()
  }
}

type Send = (n: number) => Promise<void>

function handler(send: Send): (job: { data: { n: number } }) => Promise<void> {
  return (job) => send(job.data.n)
}

function onRedis(send: Send): { queue: Queue; worker: Worker } {
  const connection = new Redis(QUEUE_URL, { maxRetriesPerRequest: null })
  const options = { connection, prefix: `bench-${process.pid}` }
  return {
    queue: new Queue('bench', options),
    worker: new Worker('bench', handler(send), { ...options, concurrency: connections }),
  }
}

function onPostgres(send: Send): { queue: Queue; worker: Worker } {
  const backend = withBackend(createPostgresBackend) as unknown as {
    Queue: new (name: string, options: object) => Queue
    Worker: new (name: string, run: unknown, options: object) => Worker
  }
  const connection = { connectionString: QUEUE_URL, schema: 'bullmq', max: connections + 2 }
  const name = `bench-${process.pid}`
  return {
    queue: new backend.Queue(name, { connection }),
    worker: new backend.Worker(name, handler(send), { connection, concurrency: connections }),
  }
}

/** Each message is filled and composed, as a program without a letter of its own does. */
async function composingPool(): Promise<{ transport: Transporter; send: Send }> {
  const mail = JSON.parse(await readFile(MAIL!, 'utf8')) as SampleMail
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
  })
  const send = async (n: number) => {
    const greeting = (text: string) => text.replaceAll(mail.greeting, `Buen día, Persona ${n}:`)
    await transport.sendMail({
      from,
      to: { name: `Persona ${n}`, address: addressOf(n) },
      subject: mail.subject,
      html: greeting(mail.html),
      text: greeting(mail.plainText),
    })
  }
  return { transport, send }
}
