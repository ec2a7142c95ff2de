/** That the suite can fail: what it looks for is done by hand, and it sees it. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { sizes } from './form.ts'
import type { Ground } from './suite.ts'
import { verdictOf } from './verdict.ts'

export function witness(ground: Ground): void {
  test('a message that is sent twice and a recipient who is forgotten are both seen', async () => {
    const dispatch = await ground.start(sizes.relayFaults)
    await dispatch.startWorker()
    await dispatch.taken(50)
    // one whom nobody has sent to yet is marked as sent, and one who has it is queued again
    const { rows: forgotten } = await sql<{ address: string }>`
      UPDATE delivery SET state = 'accepted' WHERE id = (
        SELECT id FROM delivery WHERE state = 'pending' ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING address`.execute(dispatch.db)
    const { rows: repeated } = await sql<{ address: string }>`
      UPDATE delivery SET state = 'pending' WHERE id = (
        SELECT id FROM delivery WHERE state = 'accepted' ORDER BY id LIMIT 1)
      RETURNING address`.execute(dispatch.db)
    await dispatch.closed()
    const verdict = verdictOf(await dispatch.rows(), dispatch.sink.taken)
    expect(verdict).toMatchObject({
      recipients: sizes.relayFaults,
      received: sizes.relayFaults - 1,
      lost: forgotten.map((row) => row.address),
      doubled: repeated.map((row) => row.address),
    })
  })
}
