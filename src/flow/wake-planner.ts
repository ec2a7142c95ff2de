/** Asks for a plan now, because somebody did something that it may have waited for. */
import type { Engine } from './engine.ts'

/** What was held leaves at once. Without the queue nothing is lost: the planner looks again within a minute of its return. */
export async function wakePlanner(engine: Engine): Promise<void> {
  try {
    await engine.queue.enqueue([{ name: 'plan' }], engine.clock.now())
  } catch (error) {
    engine.log.warn({ err: error }, 'planner not woken')
  }
}
