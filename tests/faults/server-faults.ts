/** Faults of what a dispatch stands on: PostgreSQL, Redis, the disk under the outbox. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../support/redis.ts'
import type { Dispatch } from './dispatch.ts'
import { leaseMs, recoveryLimitMs, restMs, sizes } from './form.ts'
import { judge } from './judge.ts'
import type { Ground } from './suite.ts'

const awayMs = 1_000

export function serverFaults(ground: Ground): void {
  for (const how of ['stop', 'crash'] as const) {
    test(`PostgreSQL that ${how === 'stop' ? 'is restarted' : 'crashes and comes back'}`, async () => {
      const dispatch = await ground.start(sizes.processFaults)
      const worker = await dispatch.startWorker()
      await dispatch.taken(sizes.processFaults / 4)
      await ground.server[how]()
      await sleep(awayMs)
      await ground.server.start()
      const endedAt = performance.now()
      const inHand = await dispatch.inHand()
      await judge(dispatch, {
        fault: how === 'stop' ? 'PostgreSQL restarted' : 'PostgreSQL crashed (immediate shutdown)',
        endedAt,
        mayBeUnknown: inHand,
        recoveryMs: recoveryLimitMs + leaseMs,
      })
      expect(worker.child.exitCode, worker.output()).toBeNull()
    })
  }

  test.runIf(ground.queue === 'redis')('a Redis that is killed and comes back empty', async () => {
    const dispatch = await ground.start(sizes.processFaults)
    // what is in hand goes on without Redis: slowly, so that it is not all
    await dispatch.startWorker({ SENDER_ADMIN_RATE_PER_SECOND: '150' })
    await dispatch.taken(sizes.processFaults / 4)
    await dispatch.redis!.kill()
    await sleep(awayMs)
    dispatch.redis = await startRedis(Number(new URL(dispatch.redis!.url).port))
    const endedAt = performance.now()
    await judge(dispatch, { fault: 'Redis killed, back empty', endedAt })
  })

  test.runIf(ground.queue === 'redis')('a Redis that is emptied', async () => {
    const dispatch = await ground.start(sizes.processFaults)
    await dispatch.startWorker({ SENDER_ADMIN_RATE_PER_SECOND: '150' })
    await dispatch.taken(sizes.processFaults / 4)
    const client = new Redis(dispatch.redis!.url)
    await client.flushall()
    client.disconnect()
    await judge(dispatch, { fault: 'Redis emptied (FLUSHALL)', endedAt: performance.now() })
  })

  test.runIf(mayMount())('a disk that is full under the outbox', async () => {
    const disk = await smallDisk()
    const dispatch = await ground.start(sizes.relayFaults, { dataDir: disk.folder })
    // nobody is on the allow-list: everything goes to the outbox
    await dispatch.startWorker({
      MAIL_ALLOWLIST: '@nobody.example',
      // smtp-server is slower than the sink, and its silence is not the fault here
      RELAY_PATIENCE_MS: '10000',
    })
    await disk.isFull()
    await sleep(awayMs)
    const before = await keptMessages(dispatch)
    expect(before.length).toBeLessThan(sizes.relayFaults)
    const endedAt = performance.now()
    disk.grow()
    await untilMore(dispatch, before.length)
    dispatch.sink.arrivals.push(performance.now())
    await dispatch.closed()
    for (const messageId of await keptMessages(dispatch)) {
      dispatch.sink.taken.set(messageId, (dispatch.sink.taken.get(messageId) ?? 0) + 1)
    }
    await judge(dispatch, {
      fault: 'disk full under the outbox (ENOSPC)',
      endedAt,
      recoveryMs: recoveryLimitMs + restMs,
    })
  })
}

/** Root of a container may lack the right; then this fault is not tried, and the table has no row of it. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    process.stderr.write('No right to mount: the full disk is not tried\n')
    return false
  }
}

async function smallDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-disk-'))
  const mount = (options: string) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  }
  mount('size=1m')
  onTestFinished(async () => {
    execFileSync('umount', ['--lazy', folder])
    await rm(folder, { recursive: true, force: true })
  })
  return {
    folder,
    grow: () => mount('remount,size=256m'),
    async isFull() {
      const free = () =>
        Number(execFileSync('df', ['--output=avail', folder]).toString().split('\n')[1])
      for (let waited = 0; free() > 40; waited += 50) {
        if (waited > 30_000) throw new Error(`The disk is not full: ${free()} KiB are free`)
        await sleep(50)
      }
    },
  }
}

/** The Message-IDs in the outbox. */
async function keptMessages({ dataDir }: Dispatch): Promise<string[]> {
  const folder = join(dataDir, 'test', 'outbox')
  const names = (await readdir(folder)).filter((name) => name.includes('@faults.example'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => /^message-id:\s*(\S+)/im.exec(text)?.[1] ?? '')
}

async function untilMore(dispatch: Dispatch, count: number): Promise<void> {
  for (let waited = 0; waited < recoveryLimitMs + restMs; waited += 20) {
    if ((await keptMessages(dispatch)).length > count) return
    await sleep(20)
  }
}
