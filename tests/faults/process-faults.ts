/** Faults of our own processes: killed, told to stop, many at once, frozen, and a clock that is set back. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { TestProcess } from '../support/process.ts'
import type { Dispatch } from './dispatch.ts'
import { jobLeaseMs, leaseMs, recoveryLimitMs, sizes } from './form.ts'
import { judge } from './judge.ts'
import type { Ground } from './suite.ts'

export function processFaults(ground: Ground): void {
  test('a worker killed again and again at random moments', async () => {
    const dispatch = await ground.start(sizes.killed)
    const inHand = new Set<string>()
    let endedAt = 0
    let worker = await dispatch.startWorker()
    for (const moment of randomMoments(sizes.kills, sizes.killed)) {
      await dispatch.taken(moment)
      await end(worker, 'SIGKILL')
      for (const address of await settledInHand(dispatch)) inHand.add(address)
      endedAt = performance.now()
      worker = await dispatch.startWorker()
    }
    await judge(dispatch, {
      fault: `kill -9 of the worker at ${sizes.kills} random moments`,
      endedAt,
      mayBeUnknown: inHand,
      recoveryMs: recoveryLimitMs + Math.max(leaseMs, jobLeaseMs),
    })
  })

  test('SIGTERM in the middle of a batch leaves nothing uncertain', async () => {
    const dispatch = await ground.start(sizes.processFaults)
    const first = await dispatch.startWorker()
    await dispatch.taken(sizes.processFaults / 4)
    expect(await end(first, 'SIGTERM'), first.output()).toBe(0)
    expect(await dispatch.inHand()).toEqual([])
    const endedAt = performance.now()
    await dispatch.startWorker()
    await judge(dispatch, { fault: 'SIGTERM in the middle of a batch', endedAt })
  })

  test.each([2, 4])('%i workers at once share the work', async (count) => {
    const dispatch = await ground.start(sizes.processFaults)
    await dispatch.startWorker()
    await Promise.all(Array.from({ length: count - 1 }, () => dispatch.startWorker()))
    await judge(dispatch, {
      fault: `${count} workers at once`,
      endedAt: dispatch.sink.arrivals[0] ?? performance.now(),
    })
  })

  test('a worker frozen past its lease and woken again', async () => {
    const dispatch = await ground.start(sizes.processFaults)
    const frozen = await dispatch.startWorker()
    await dispatch.taken(sizes.processFaults / 4)
    frozen.child.kill('SIGSTOP')
    await sleep(200)
    const inHand = await dispatch.inHand(frozen.child.pid)
    await dispatch.startWorker()
    await sleep(leaseMs + 1_000)
    // what is left now is left on purpose: it must still have something to do when it wakes
    const endedAt = performance.now()
    frozen.child.kill('SIGCONT')
    await judge(dispatch, {
      fault: 'SIGSTOP past the lease, then SIGCONT',
      endedAt,
      mayBeUnknown: inHand,
      recoveryMs: recoveryLimitMs + leaseMs,
    })
  })

  test('a clock that is set back half an hour', async () => {
    const dispatch = await ground.start(sizes.processFaults)
    const { sink } = dispatch
    // some of them wait for an hour that is now farther away
    sink.misbehaves = { at: 'rcpt', does: () => '451 4.3.0 later', times: 20 }
    const worker = await dispatch.startWorker({ CLOCK_STEP_MS: String(30 * 60_000) })
    await dispatch.taken(sizes.processFaults / 4)
    worker.child.kill('SIGUSR2')
    const endedAt = performance.now()
    await judge(dispatch, { fault: 'clock set back 30 minutes', endedAt })
    expect(sink.touched.size).toBe(20)
  })
}

async function end(worker: TestProcess, signal: NodeJS.Signals): Promise<number | string> {
  worker.child.kill(signal)
  return worker.exited
}

/** PostgreSQL may still be committing what a dead process asked for. */
async function settledInHand(dispatch: Dispatch): Promise<string[]> {
  await sleep(200)
  return dispatch.inHand()
}

/**
 * In order, and none so late that the next worker would find nothing to do: the killed ones leave 25 times 5 conversations
 * with 50 claims unknown at most, and the sink may not get those.
 */
function randomMoments(count: number, recipients: number): number[] {
  const moments = Array.from({ length: count }, () => Math.ceil(Math.random() * 0.65 * recipients))
  return moments.toSorted((a, b) => a - b)
}
