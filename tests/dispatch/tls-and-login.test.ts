/** How a conversation begins: encryption, certificates, credentials and what a relay offers. Nothing secret in clear. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { connectSmtp } from '../../src/dispatch/smtp.ts'
import { RelayUnavailable } from '../../src/dispatch/transport.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { troubledRelays } from '../../src/dispatch/relay-rest.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import type { Relay } from '../../src/settings.ts'
import { certificate } from '../support/certificates.ts'
import { dispatchTo } from '../support/dispatch.ts'
import { testRelay } from '../support/relay.ts'

const auth = { user: 'ana', pass: 'hunter2-secreto' }
const secrets = [auth.pass, Buffer.from(`\0${auth.user}\0${auth.pass}`).toString('base64')]
const envelope = { from: 'a@example.org', to: 'b@example.org' }
const message = Buffer.from('Subject: x\r\n\r\ncuerpo ñ\r\n')
const patience = { connectionMs: 2_000, greetingMs: 2_000, silenceMs: 2_000 }

/** What a client says to it in clear, kept; `answer`: undefined says nothing. */
async function plainRelay(answer: (verb: string, line: string) => string | undefined) {
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.write('220 relay.test ESMTP\r\n')
    let inData = false
    socket.on('data', (chunk) => {
      heard.push(chunk.toString('latin1'))
      if (inData && chunk.toString('latin1').endsWith('\r\n.\r\n')) {
        inData = false
        socket.write('250 2.0.0 taken\r\n')
      }
      if (inData) return
      for (const line of chunk.toString('latin1').split('\r\n').filter(Boolean)) {
        if (line === '.') continue
        const reply = answer(line.slice(0, 4).toUpperCase(), line)
        if (reply !== undefined) socket.write(`${reply}\r\n`)
        if (reply?.startsWith('354')) inData = true
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, said: () => heard.join('') }
}

async function server(options: SMTPServerOptions): Promise<{ port: number; taken: string[] }> {
  const taken: string[] = []
  const smtp = new SMTPServer({
    authOptional: true,
    ...options,
    onAuth: ({ password }, _, done) =>
      password === auth.pass ? done(null, { user: auth.user }) : done(new Error('no')),
    onData(stream, { envelope: { rcptTo } }, done) {
      stream.resume()
      stream.on('end', () => {
        taken.push(rcptTo[0]!.address)
        done()
      })
    },
  })
  smtp.on('error', () => undefined)
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => smtp.close(() => resolve())))
  return { port: (smtp.server.address() as AddressInfo).port, taken }
}

const to = (port: number, tls: Relay['tls'], as?: Relay['auth']): Relay => ({
  host: '127.0.0.1',
  port,
  tls,
  auth: as,
})

function trust(cert: string): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert])
  onTestFinished(() => setDefaultCACertificates(before))
}

async function refusal(relay: Relay): Promise<RelayUnavailable> {
  const error: unknown = await connectSmtp(relay, 'test', patience).then(
    () => expect.fail('the relay was taken'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RelayUnavailable)
  for (const secret of secrets) expect((error as Error).message).not.toContain(secret)
  return error as RelayUnavailable
}

async function sendOne(relay: Relay, address = envelope.to) {
  const connection = await connectSmtp(relay, 'test', patience)
  onTestFinished(() => connection.close())
  return connection.send({ ...envelope, to: address }, message, () => true)
}

test('a relay with a trusted certificate of its name is sent to, by STARTTLS and from the start', async () => {
  const own = await certificate('IP:127.0.0.1')
  trust(own.cert)
  const starttls = await server(own)
  const implicit = await server({ ...own, secure: true })
  expect(await sendOne(to(starttls.port, 'required', auth))).toMatchObject({ outcome: 'accepted' })
  expect(await sendOne(to(implicit.port, 'implicit', auth))).toMatchObject({ outcome: 'accepted' })
  expect([starttls.taken, implicit.taken]).toEqual([[envelope.to], [envelope.to]])
})

test('where STARTTLS is required and not offered nothing more is said', async () => {
  const relay = await plainRelay((verb) =>
    verb === 'EHLO' ? '250-relay.test\r\n250 AUTH PLAIN' : '502 5.5.1 not here',
  )
  expect((await refusal(to(relay.port, 'required', auth))).reason).toMatch(/STARTTLS/)
  expect(relay.said()).toMatch(/^EHLO test\r\nSTARTTLS\r\n/)
  for (const word of ['AUTH', 'MAIL', ...secrets]) expect(relay.said()).not.toContain(word)
})

test('where STARTTLS is required a relay that knows only HELO is left', async () => {
  const relay = await plainRelay((verb) => (verb === 'EHLO' ? '502 5.5.1 what' : '250 ok'))
  expect((await refusal(to(relay.port, 'required', auth))).reason).toMatch(/EHLO/)
  for (const word of ['AUTH', 'MAIL', ...secrets]) expect(relay.said()).not.toContain(word)
})

const ownName = 'IP:127.0.0.1'
test.each([
  ['that nobody vouches for', ownName, 'valid', false, /self-signed certificate/],
  ['of another name', 'DNS:relay.example', 'valid', true, /does not match|altnames/i],
  ['that has expired', ownName, 'expired', true, /expired/],
] as const)(
  'a certificate %s ends it, with its reason',
  async (_, name, span, isTrusted, reason) => {
    const own = await certificate(name, span)
    if (isTrusted) trust(own.cert)
    for (const [tls, secure] of [
      ['required', false],
      ['implicit', true],
    ] as const) {
      const relay = await server({ ...own, secure })
      expect((await refusal(to(relay.port, tls, auth))).reason).toMatch(reason)
      expect(relay.taken).toEqual([])
    }
  },
)

test('plain SMTP where TLS is expected from the start ends it, and says nothing in clear', async () => {
  const relay = await plainRelay(() => '250 ok')
  expect((await refusal(to(relay.port, 'implicit', auth))).reason).not.toBe('')
  for (const word of ['EHLO', 'AUTH', ...secrets]) expect(relay.said()).not.toContain(word)
})

test('TLS where plain SMTP is expected ends it, when its greeting does not come', async () => {
  const relay = await server({ ...(await certificate(ownName)), secure: true })
  expect((await refusal(to(relay.port, 'none'))).reason).toMatch(/[Gg]reeting|closed|Timeout/)
})

test('wrong credentials end it with the relay’s answer, without the password', async () => {
  const own = await certificate(ownName)
  trust(own.cert)
  const relay = await server(own)
  const wrong = { user: 'ana', pass: 'otra' }
  expect((await refusal(to(relay.port, 'required', wrong))).reason).toMatch(/535/)
})

test('credentials are not given to a relay that does not offer AUTH', async () => {
  const relay = await plainRelay(() => '250 ok')
  expect((await refusal(to(relay.port, 'none', auth))).reason).toMatch(/does not offer AUTH/)
  for (const word of ['AUTH', ...secrets]) expect(relay.said()).not.toContain(word)
})

test('a relay that refuses EHLO is greeted with HELO, and offers nothing', async () => {
  const relay = await plainRelay(
    (verb) => ({ EHLO: '502 5.5.1 what', DATA: '354 go on' })[verb] ?? '250 ok',
  )
  expect(await sendOne(to(relay.port, 'none'))).toMatchObject({ outcome: 'accepted' })
  expect(relay.said()).toMatch(/EHLO test\r\nHELO test\r\nMAIL FROM:<a@example.org>\r\n/)
  expect(await sendOne(to(relay.port, 'none'), 'iñaki@example.org')).toMatchObject({
    outcome: 'failed',
    smtpText: expect.stringContaining('SMTPUTF8'),
  })
  expect(relay.said()).not.toContain('iñaki')
})

test.each([
  ['nothing', '250 relay.test', ''],
  ['SIZE', '250-relay.test\r\n250 SIZE 1000', ` SIZE=${message.length}`],
  ['8BITMIME', '250-relay.test\r\n250 8BITMIME', ' BODY=8BITMIME'],
])('MAIL FROM names only what is offered: %s', async (_, ehlo, parameters) => {
  const relay = await plainRelay((verb) => ({ EHLO: ehlo, DATA: '354 go on' })[verb] ?? '250 ok')
  expect(await sendOne(to(relay.port, 'none'))).toMatchObject({ outcome: 'accepted' })
  expect(relay.said()).toContain(`MAIL FROM:<a@example.org>${parameters}\r\n`)
})

test('an edition whose relay does not let it in claims nothing, says why, and asks again only after a while', async () => {
  const { app, id } = await dispatchTo(await testRelay())
  const own = await certificate(ownName)
  trust(own.cert)
  const relay = await server(own)
  app.engine.outbox = to(relay.port, 'required', { user: 'ana', pass: 'otra' })
  for (let tried = 0; tried < 3; tried++)
    await expect(sendBatch(app.engine, id, 1)).rejects.toThrow('535')
  expect(await totalsOf(app.db, id)).toMatchObject({ pending: 3, sending: 0 })
  expect(await app.db.selectFrom('attempt').select('id').execute()).toEqual([])
  const [trouble] = await troubledRelays(app.db)
  expect(trouble!.reason).toContain('535')
  expect(trouble!.reason).not.toContain('otra')
  expect(relay.taken).toEqual([])
})
