/** Whether what the server depends on answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { messageOf } from '../errors.ts'
import type { Engine } from '../flow/engine.ts'

const patienceMs = 3_000
const sharedMs = 1_000

/** `ok`, or why not; in production nobody outside is told why. */
export type Readiness = Record<'database' | 'queue', string>

/** Who asks while it is found out, or in the second after, gets the same: a crowd costs what one costs. */
export function sharedReadiness(engine: Engine): () => Promise<Readiness> {
  let shared: Promise<Readiness> | undefined
  const findOut = async () => {
    const found = await readiness(engine)
    setTimeout(() => (shared = undefined), sharedMs).unref()
    return found
  }
  return () => (shared ??= findOut())
}

async function readiness(engine: Engine): Promise<Readiness> {
  const check = async (work: () => Promise<unknown>) => {
    try {
      await Promise.race([work(), tooLong()])
      return 'ok'
    } catch (error) {
      engine.log.warn({ err: error }, 'not ready')
      return engine.config.environment === 'production' ? 'unavailable' : messageOf(error)
    }
  }
  const [database, queue] = await Promise.all([
    check(() => sql`SELECT 1`.execute(engine.db)),
    check(() => engine.queue.size()),
  ])
  return { database, queue }
}

/** After a failure: was it the database that went away? */
export async function databaseAnswers({ db }: Pick<Engine, 'db'>): Promise<boolean> {
  try {
    await Promise.race([sql`SELECT 1`.execute(db), tooLong()])
    return true
  } catch {
    return false
  }
}

/** A server that is away may answer nothing at all. */
async function tooLong(): Promise<never> {
  await sleep(patienceMs, undefined, { ref: false })
  throw new Error(`no answer within ${patienceMs} ms`)
}
