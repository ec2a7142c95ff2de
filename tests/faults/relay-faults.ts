/** Faults of the relay, in the middle of a dispatch and for a while: then it is well again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from '../support/app.ts'
import { selfSigned } from './certificates.ts'
import type { Dispatch } from './dispatch.ts'
import { form, recoveryLimitMs, restMs, sizes } from './form.ts'
import { judge } from './judge.ts'
import type { Phase } from './sink.ts'
import type { Ground } from './suite.ts'

const faultMs = form === 'full' ? 1_500 : 1_000
const size = sizes.relayFaults

const leave = '421 4.3.2 shutting down'
const temporary = ['450 4.2.1 busy', '452 4.2.2 mailbox full']
const permanent = ['550 5.1.1 nobody', '552 5.2.2 mailbox full', '554 5.7.1 not wanted']

export function relayFaults(ground: Ground): void {
  let count = 0
  /** The queue sees little of the relay: the short form tries each of these on one backend, in turn. */
  function relayTest(name: string, run: () => Promise<void>): void {
    const turn = (['postgres', 'redis'] as const)[count++ % 2]
    test.runIf(form === 'full' || ground.queue === turn)(name, run)
  }

  /** Well, then the fault for a while, then well again. */
  async function during(
    fault: (dispatch: Dispatch) => Promise<void> | void,
  ): Promise<{ dispatch: Dispatch; endedAt: number }> {
    const dispatch = await ground.start(size)
    // slow enough that there is something left after the fault
    await dispatch.startWorker({ SENDER_ADMIN_RATE_PER_SECOND: '150' })
    await dispatch.taken(size / 5)
    await fault(dispatch)
    return { dispatch, endedAt: performance.now() }
  }

  relayTest('a relay that refuses connections', async () => {
    const { dispatch, endedAt } = await during(async ({ sink }) => {
      await sink.refuse()
      await sleep(faultMs)
      await sink.listen()
    })
    const mayBeUnknown = dispatch.sink.touched
    await judge(dispatch, { fault: 'relay refuses connections', endedAt, mayBeUnknown })
  })

  const phases: Phase[] = ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'body', 'dot']
  for (const at of phases) relayTest(`a relay that hangs at ${at}`, () => hang(at))
  async function hang(at: Phase): Promise<void> {
    const { dispatch, endedAt } = await during(async ({ sink }) => {
      sink.misbehaves = { at, does: 'hang' }
      // only a new connection is greeted
      if (at === 'greeting' || at === 'ehlo') sink.cut()
      await sleep(faultMs)
      sink.misbehaves = undefined
    })
    await judgeRelay(dispatch, `relay hangs at ${at}`, endedAt, at)
  }

  const drops = { mail: 'at MAIL', rcpt: 'at RCPT', body: 'before the dot', dot: 'after the dot' }
  type Drop = keyof typeof drops
  for (const at of Object.keys(drops) as Drop[]) {
    relayTest(`a relay that drops ${drops[at]}`, () => drop(at))
  }
  async function drop(at: Drop): Promise<void> {
    const { dispatch, endedAt } = await during(async (dispatch) => {
      const { sink } = dispatch
      sink.misbehaves = { at, does: 'drop', times: 10 }
      await struck(dispatch, 10)
      sink.misbehaves = undefined
    })
    await judgeRelay(dispatch, `relay drops ${drops[at]}`, endedAt, at)
  }

  const answers = sizes.eachAnswer
    ? [leave, ...temporary, ...permanent].map((line) => [line])
    : [[leave], temporary, permanent]
  for (const at of ['rcpt', 'dot'] as const) {
    for (const lines of answers) {
      relayTest(`a relay that answers ${codesOf(lines)} at ${at}`, () => refuse(at, lines))
    }
  }
  async function refuse(at: 'rcpt' | 'dot', lines: string[]): Promise<void> {
    let next = 0
    const { dispatch, endedAt } = await during(async (dispatch) => {
      const { sink } = dispatch
      // one in three: who refuses all is left alone, or pauses the edition
      const does = () => (next++ % 3 === 0 ? lines[Math.floor(next / 3) % lines.length] : undefined)
      const times = lines.includes(leave) ? 1 : 30
      sink.misbehaves = { at, does, times }
      await struck(dispatch, times)
      sink.misbehaves = undefined
    })
    const where = at === 'rcpt' ? 'RCPT' : 'the end of DATA'
    const fault = `relay answers ${codesOf(lines)} at ${where}`
    await judgeRelay(dispatch, fault, endedAt, at, lines)
  }

  relayTest('a relay that speaks byte by byte', async () => {
    const { dispatch, endedAt } = await during(async ({ sink }) => {
      sink.dripMs = 5
      await sleep(2 * faultMs)
      sink.dripMs = 0
    })
    await judge(dispatch, { fault: 'relay answers byte by byte', endedAt })
  })

  relayTest('a relay that closes idle connections', async () => {
    const dispatch = await ground.start(size)
    dispatch.sink.idleMs = 30
    const startedAt = performance.now()
    await dispatch.startWorker({ SENDER_ADMIN_RATE_PER_SECOND: '40' })
    await judge(dispatch, {
      fault: 'relay closes idle connections',
      endedAt: startedAt,
      mayBeUnknown: [],
    })
    expect(dispatch.sink.idled).toBeGreaterThan(0)
  })

  relayTest('a relay whose certificate is for another name gets nothing', async () => {
    const own = await selfSigned('IP:127.0.0.1')
    const foreign = await selfSigned('DNS:relay.example')
    const dispatch = await ground.start(size)
    const { sink } = dispatch
    sink.certificate = own
    await dispatch.startWorker({
      SENDER_ADMIN_RATE_PER_SECOND: '150',
      SENDER_ADMIN_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
      NODE_EXTRA_CA_CERTS: own.path,
    })
    await dispatch.taken(size / 5)
    const { key, cert } = foreign
    sink.certificate = { key, cert }
    sink.cut()
    const [messages, handshakes] = [sink.arrivals.length, sink.handshakes]
    await sleep(faultMs)
    expect(sink.arrivals.length).toBe(messages)
    expect(sink.handshakes).toBeGreaterThan(handshakes)
    sink.certificate = own
    const fault = 'relay presents a wrong certificate'
    await judge(dispatch, { fault, endedAt: performance.now(), mayBeUnknown: sink.touched })
  })
}

async function struck({ sink }: Dispatch, times: number): Promise<void> {
  await eventually(
    async () => sink.touched.size,
    (touched) => touched >= times,
  )
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
    recoveryMs: recoveryLimitMs + (lines.includes(leave) ? restMs : 0),
  })
}

function codesOf(lines: string[]): string {
  return lines.map((line) => line.slice(0, 3)).join(', ')
}
