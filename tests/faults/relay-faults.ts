/** Faults of the relay, in the middle of a dispatch and for a while: then it is well again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { selfSigned } from './certificates.ts'
import type { Dispatch } from './dispatch.ts'
import { sizes } from './form.ts'
import { judge } from './judge.ts'
import type { Phase } from './sink.ts'
import type { Ground } from './suite.ts'

const faultMs = 1_500
const size = sizes.relayFaults

const temporary = ['421 4.3.2 shutting down', '450 4.2.1 busy', '452 4.2.2 mailbox full']
const permanent = ['550 5.1.1 nobody', '552 5.2.2 mailbox full', '554 5.7.1 not wanted']

export function relayFaults(ground: Ground): void {
  /** Well, then the fault for a while, then well again. */
  async function during(
    fault: (dispatch: Dispatch) => Promise<void> | void,
    options: { env?: Record<string, string>; recipients?: number } = {},
  ): Promise<{ dispatch: Dispatch; endedAt: number }> {
    const dispatch = await ground.start(options.recipients ?? size)
    await dispatch.startWorker(options.env)
    await dispatch.taken(size / 5)
    await fault(dispatch)
    return { dispatch, endedAt: performance.now() }
  }

  test('a relay that refuses connections', async () => {
    const { dispatch, endedAt } = await during(async ({ sink }) => {
      await sink.refuse()
      await sleep(faultMs)
      await sink.listen()
    })
    const mayBeUnknown = dispatch.sink.touched
    await judge(dispatch, { fault: 'relay refuses connections', endedAt, mayBeUnknown })
  })

  const phases: Phase[] = ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'body', 'dot']
  test.each(phases)('a relay that hangs at %s', async (at) => {
    const { dispatch, endedAt } = await during(async ({ sink }) => {
      sink.misbehaves = { at, does: 'hang' }
      // only a new connection is greeted
      if (at === 'greeting' || at === 'ehlo') sink.cut()
      await sleep(faultMs)
      sink.misbehaves = undefined
    })
    await judgeRelay(dispatch, `relay hangs at ${at}`, endedAt, at)
  })

  test.each(['mail', 'rcpt', 'body', 'dot'] as const)('a relay that drops at %s', async (at) => {
    const { dispatch, endedAt } = await during(async ({ sink }) => {
      sink.misbehaves = { at, does: 'drop', times: 10 }
      await sleep(faultMs)
      sink.misbehaves = undefined
    })
    const where = { body: 'before the dot', dot: 'after the dot', mail: 'at MAIL', rcpt: 'at RCPT' }
    await judgeRelay(dispatch, `relay drops ${where[at]}`, endedAt, at)
  })

  const answers = sizes.eachAnswer
    ? [...temporary, ...permanent].map((line) => [line])
    : [temporary, permanent]
  for (const at of ['rcpt', 'dot'] as const) {
    test.each(answers.map((lines) => ({ codes: codesOf(lines), lines })))(
      `a relay that answers $codes at ${at}`,
      async ({ codes, lines }) => {
        let next = 0
        const { dispatch, endedAt } = await during(async ({ sink }) => {
          sink.misbehaves = { at, does: () => lines[next++ % lines.length], times: 60 }
          await sleep(faultMs)
          sink.misbehaves = undefined
        })
        const where = at === 'rcpt' ? 'RCPT' : 'the end of DATA'
        await judgeRelay(dispatch, `relay answers ${codes} at ${where}`, endedAt, at, lines)
      },
    )
  }

  test('a relay that speaks byte by byte', async () => {
    const { dispatch, endedAt } = await during(async ({ sink }) => {
      sink.dripMs = 5
      await sleep(2 * faultMs)
      sink.dripMs = 0
    })
    await judge(dispatch, { fault: 'relay answers byte by byte', endedAt })
  })

  test('a relay that closes idle connections', async () => {
    const dispatch = await ground.start(size)
    dispatch.sink.idleMs = 15
    const startedAt = performance.now()
    await dispatch.startWorker({ SENDER_ADMIN_RATE_PER_SECOND: '100' })
    await judge(dispatch, {
      fault: 'relay closes idle connections',
      endedAt: startedAt,
      mayBeUnknown: [],
    })
    expect(dispatch.sink.idled).toBeGreaterThan(0)
  })

  test('a relay whose certificate is for another name gets nothing', async () => {
    const own = await selfSigned('IP:127.0.0.1')
    const foreign = await selfSigned('DNS:relay.example')
    const dispatch = await ground.start(size)
    const { sink } = dispatch
    sink.certificate = own
    await dispatch.startWorker({
      SENDER_ADMIN_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
      NODE_EXTRA_CA_CERTS: own.path,
    })
    await dispatch.taken(size / 5)
    const { key, cert } = foreign
    sink.certificate = { key, cert }
    sink.cut()
    const before = sink.arrivals.length
    await sleep(faultMs)
    expect(sink.arrivals.length).toBe(before)
    expect(sink.distrusted).toBeGreaterThan(0)
    sink.certificate = own
    const fault = 'relay presents a wrong certificate'
    await judge(dispatch, { fault, endedAt: performance.now(), mayBeUnknown: sink.touched })
  })
}

/** Whom the fault met may be unknown where the message may have been taken, or refused where the answer was final. */
async function judgeRelay(
  dispatch: Dispatch,
  fault: string,
  endedAt: number,
  at: Phase,
  lines: string[] = [],
): Promise<void> {
  const { touched } = dispatch.sink
  expect(touched.size).toBeGreaterThan(0)
  // what had been said on the connections that were cut for a greeting counts too
  const isUncertain = lines.length === 0 && !['mail', 'rcpt', 'data'].includes(at)
  await judge(dispatch, {
    fault,
    endedAt,
    mayBeUnknown: isUncertain ? touched : [],
    mayBeRefused: lines.some((line) => line.startsWith('5')) ? touched : [],
  })
}

function codesOf(lines: string[]): string {
  return lines.map((line) => line.slice(0, 3)).join(', ')
}
