/** Messages per second of a sender, within this process. */
import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible'
import type { SenderConfig } from '../config.ts'

/** Resolves when this sender may send one more message. */
export type Pace = (sender: SenderConfig) => Promise<void>

export function paceSenders(): Pace {
  const limiters = new Map<string, RateLimiterQueue>()
  return async (sender) => {
    let limiter = limiters.get(sender.slug)
    if (!limiter) {
      limiter = new RateLimiterQueue(
        new RateLimiterMemory({ points: sender.ratePerSecond, duration: 1 }),
      )
      limiters.set(sender.slug, limiter)
    }
    await limiter.removeTokens(1)
  }
}
