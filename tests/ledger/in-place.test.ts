/** What a dispatch changes of a delivery, millions of times, costs no index an entry. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { claimDeliveries } from '../../src/ledger/claims.ts'
import { placeOfDelivery, recipientsOfEdition, type Place } from '../../src/ledger/recipients.ts'
import { release } from '../../src/flow/release.ts'
import type { Db } from '../../src/db/database.ts'
import type { DeliveryState } from '../../src/states.ts'
import { boletin, fridayAt15, testApp } from '../support/app.ts'

const changed = ['state', 'worker_id', 'attempts', 'next_attempt_at', 'reason', 'updated_at']

test('no index of deliveries holds or asks for what claims and outcomes change', async () => {
  const { db } = await testApp({ recipients: 0 })
  const { rows } = await sql<{ definition: string }>`
    SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
    WHERE indrelid = 'delivery'::regclass`.execute(db)
  expect(rows.length).toBeGreaterThan(3)
  for (const { definition } of rows)
    for (const column of changed) expect(definition).not.toMatch(new RegExp(`\\b${column}\\b`))
})

/** 250 recipients, 100 a batch: 7 in each state of the usual way and of others, all over the edition. */
async function mixed() {
  const app = await testApp({ recipients: 250 })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  const states: DeliveryState[] = ['pending', 'sending', 'accepted', 'rejected', 'cancelled']
  for (const [i, state] of states.entries()) {
    await sql`
      UPDATE delivery SET state = ${state}, worker_id = gen_random_uuid()
      WHERE edition_id = ${editionId} AND id % 5 = ${i}`.execute(app.db)
  }
  const { rows } = await sql<{ id: number; address: string; state: DeliveryState }>`
    SELECT id, address, state FROM delivery ORDER BY address`.execute(app.db)
  return { db: app.db, editionId, all: rows, states }
}

async function pages(db: Db, editionId: number, state?: DeliveryState): Promise<number[]> {
  const ids: number[] = []
  let after: Place | undefined
  for (;;) {
    const given = { ...(state && { state }), ...(after && { after }) }
    const rows = await recipientsOfEdition(db, { editionId, limit: 7, ...given })
    ids.push(...rows.map(({ id }) => id))
    if (rows.length < 7) return ids
    after = await placeOfDelivery(db, editionId, rows.at(-1)!.id)
  }
}

test('the recipients of each state are read page by page, each once, in the order of their addresses', async () => {
  const { db, editionId, all, states } = await mixed()
  expect(await pages(db, editionId)).toEqual(all.map(({ id }) => id))
  for (const state of states) {
    const expected = all.filter((one) => one.state === state).map(({ id }) => id)
    expect(expected.length).toBe(50)
    expect(await pages(db, editionId, state), state).toEqual(expected)
  }
})

test('a claim goes on after the last one, and what lies before it is there for the next round', async () => {
  const app = await testApp({ recipients: 10 })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  const workerId = await app.engine.lease.workerId()
  const claim = (after: number) =>
    claimDeliveries(app.db, { editionId, batch: 1, after, workerId, limit: 4, at: fridayAt15 })
  const first = await claim(0)
  const second = await claim(first.at(-1)!.id)
  expect([...first, ...second].map(({ address }) => address)).toEqual(
    Array.from({ length: 10 }, (_, i) => `persona${i + 1}@example.org`)
      .toSorted()
      .slice(0, 8),
  )
  await sql`UPDATE delivery SET state = 'pending' WHERE id = ${first[0]!.id}`.execute(app.db)
  expect(await claim(second.at(-1)!.id)).toHaveLength(2)
  expect((await claim(0)).map(({ id }) => id)).toEqual([first[0]!.id])
})
