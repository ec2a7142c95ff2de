/** A real relay: what Postfix answers, delivers and writes in its log. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { messageIdOf } from '../../src/flow/letters.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { release } from '../../src/flow/release.ts'
import { attemptsOf, listDeliveries } from '../../src/ledger/search.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import {
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { cuttingProxy, type Cut } from '../support/cutting-proxy.ts'
import { desk } from '../support/desk.ts'
import { startPostfix, whyNoPostfix, type PostfixRelay } from '../support/postfix.ts'

const why = whyNoPostfix()
if (why !== undefined) {
  if (process.env.CI) throw new Error(`${why} With CI set that is a failure`)
  process.stderr.write(`\n${why} Its tests are skipped.\n\n`)
}

describe.runIf(why === undefined)('with Postfix as the relay', () => {
  /** Each test has its own: their databases are clones, so their Message-IDs are the same. */
  async function postfixOf(names: string[]): Promise<PostfixRelay> {
    const postfix = await startPostfix(names.map((name) => `persona${name}`))
    onTestFinished(() => postfix.stop())
    return postfix
  }

  /** The boletín released to as many people, and one of its batches sent at today's hour, which is the log's. */
  async function sent(relayUrl: string, recipients: number) {
    const env = { SENDER_ADMIN_RELAY_URL: relayUrl, MAIL_ALLOWLIST: '@example.org' }
    const app = await testApp({ env, recipients })
    const { id } = await boletin(app)
    app.clock.moveTo(fridayAt15)
    await release(app.engine, id)
    app.clock.moveTo(new Date())
    await sendBatch(app.engine, id, 1)
    return { app, editionId: id, deliveries: await byName(app, id) }
  }

  async function byName(app: TestApp, editionId: number) {
    const rows = await listDeliveries(app.db, { editionId, limit: 100 })
    return new Map(rows.map((row) => [row.address.split('@')[0]!, row]))
  }

  test('what it queues is accepted under its queue id and lies in the mailbox under our Message-ID; an unknown mailbox is rejected', async () => {
    const postfix = await postfixOf(['1', '2', '3', '4'])
    const { app, editionId, deliveries } = await sent(postfix.url, 5)
    expect(await totalsOf(app.db, editionId)).toMatchObject({ accepted: 4, rejected: 1 })

    const accepted = deliveries.get('persona1')!
    const [attempt] = await attemptsOf(app.db, accepted.id)
    expect(attempt).toMatchObject({ outcome: 'accepted', smtpCode: 250, phase: 'dot' })
    const [, queueId] = /^250 2\.0\.0 Ok: queued as (\w+)$/.exec(attempt!.smtpText!) ?? []
    const messageId = messageIdOf(app.engine, editionId, accepted.id)
    const mails = await eventually(
      () => postfix.mailbox('persona1'),
      (found) => found.some((mail) => mail.includes(messageId)),
    )
    const mail = mails.find((one) => one.includes(messageId))!
    expect(mail).toMatch(/^Delivered-To: persona1@example\.org$/m)
    expect(mail.match(/^Message-ID: .*$/gim)).toEqual([`Message-ID: ${messageId}`])
    expect(await postfix.log()).toContain(`${queueId}: message-id=${messageId}`)

    const rejected = deliveries.get('persona5')!
    expect(rejected.state).toBe('rejected')
    const [refusal] = await attemptsOf(app.db, rejected.id)
    expect(refusal).toMatchObject({ outcome: 'rejected', smtpCode: 550, phase: 'envelope' })
    expect(refusal!.smtpText).toMatch(/^550 5\.1\.1 .*User unknown in virtual mailbox table$/)
    expect(refusal!.smtpText).not.toContain('persona5')
    expect(await editionNow(app, editionId)).toMatchObject({ state: 'sent' })
  }, 60_000)

  test('its log tells which mails of unknown outcome it took, and those alone become accepted', async () => {
    const postfix = await postfixOf(['1', '2', '3', '4', '6'])
    const cuts: Record<string, Cut> = {
      'persona2@example.org': 'answer',
      'persona3@example.org': 'end',
      'persona4@example.org': 'all',
    }
    const proxy = await cuttingProxy(postfix.port, (address) => cuts[address])
    const { app, editionId, deliveries } = await sent(proxy.url, 6)
    expect(await totalsOf(app.db, editionId)).toMatchObject({
      accepted: 2,
      rejected: 1,
      unknown: 3,
    })
    const idOf = (name: string) => deliveries.get(name)!.id
    // the headers of the one that was cut short are in the log, and it was never taken
    const cutId = messageIdOf(app.engine, editionId, idOf('persona3'))
    await eventually(
      () => postfix.log(),
      (log) => log.includes(`message-id=${cutId}`),
    )

    const { pregonero } = await desk({ DATABASE_URL: app.databaseUrl })
    const command = ['edition', 'resolve-from-log', String(editionId), postfix.logFile]
    command.push('--zone', 'UTC', '--as', 'luis', '--json')
    const { code, stdout, stderr } = await pregonero(...command)
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      accepted: [{ delivery: idOf('persona2'), fate: { status: 'sent' } }],
      cutOff: [{ delivery: idOf('persona3') }],
      absent: [{ delivery: idOf('persona4') }],
      uncovered: [],
    })
    const after = await byName(app, editionId)
    expect([...after].map(([name, { state }]) => [name, state])).toEqual([
      ['persona1', 'accepted'],
      ['persona2', 'accepted'],
      ['persona3', 'unknown'],
      ['persona4', 'unknown'],
      ['persona5', 'rejected'],
      ['persona6', 'accepted'],
    ])
    const mails = await postfix.mailbox('persona2')
    const takenId = messageIdOf(app.engine, editionId, idOf('persona2'))
    expect(mails.filter((mail) => mail.includes(takenId))).toHaveLength(1)
    const [, queueId] = new RegExp(`(\\w+): message-id=${takenId}`).exec(await postfix.log())!
    expect(after.get('persona2')!.reason).toBe(
      `Dado por aceptado por Luis: bitácora del relay maillog, cola ${queueId}`,
    )
  }, 90_000)
})

test('stopped, it leaves no process and no folder', { timeout: 60_000 }, async ({ skip }) => {
  skip(why !== undefined)
  const postfix = await startPostfix(['persona1'])
  await postfix.stop()
  await expect(postfix.log()).rejects.toThrow('ENOENT')
  await expect(fetch(`http://127.0.0.1:${postfix.port}`)).rejects.toThrow()
})
