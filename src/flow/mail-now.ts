/** Sends what an answer has just written, without keeping the answer waiting. */
import type { Engine } from './engine.ts'
import { sendNotices } from './send-notices.ts'

export interface MailNow {
  /** Returns at once. What does not go now goes with the next plan. */
  send(): void
  /** Resolves when nothing of it is in hand. Never rejects. */
  settled(): Promise<void>
}

export function mailNow(engine: Engine): MailNow {
  let sending: Promise<void> | undefined
  let isAskedAgain = false

  const work = async () => {
    do {
      isAskedAgain = false
      try {
        // a copy of the database that was restored elsewhere mails nobody
        await engine.assertAdopted()
        await sendNotices(engine)
      } catch (error) {
        engine.log.error({ err: error }, 'mail left to the planner')
      }
    } while (isAskedAgain)
    sending = undefined
  }

  return {
    send() {
      // one at a time: a crowd at the form must not open as many conversations
      if (sending) isAskedAgain = true
      else sending = work()
    },
    settled: async () => sending,
  }
}
