/** A pruning as a process of its own, for a test that kills it: says `removed` after each batch, slowly. */
import { openApp, validateAll } from '../../src/app.ts'
import { frozenClock } from '../../src/clock.ts'
import { prune } from '../../src/flow/prune.ts'
import { createLog } from '../../src/log.ts'
import { requireUser } from '../../src/people/users.ts'

const { CLOCK, BATCH, ...env } = process.env
const app = await openApp(validateAll(env), {
  clock: frozenClock(new Date(CLOCK!)),
  log: createLog({ level: 'warn', name: 'prune' }),
})
await prune(app.engine, await requireUser(app.db, 'luis'), {
  months: 24,
  batch: Number(BATCH),
  onRemoved: () => {
    process.stdout.write('removed\n')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  },
})
await app.close()
