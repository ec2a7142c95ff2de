/** What those who watch the ledger are told. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { release } from '../../src/flow/release.ts'
import { cancelLeftOver } from '../../src/ledger/deliveries.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { oldestPending } from '../../src/ledger/vitals.ts'
import { boletin, fridayAt15, testApp } from '../support/app.ts'

async function releasedToMany() {
  const app = await testApp({ recipients: 150 })
  const { id: editionId } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await release(app.engine, editionId)
  return { ...app, editionId }
}

test('what waits longest is found behind a batch of which all is put off', async () => {
  const { db, editionId } = await releasedToMany()
  const later = new Date(fridayAt15.getTime() + 7_200_000)
  await sql`
    UPDATE delivery SET state = 'deferred', next_attempt_at = ${later}, updated_at = ${later}
    WHERE edition_id = ${editionId} AND batch = 1`.execute(db)
  expect(await oldestPending(db, 1_000)).toEqual(fridayAt15)
  await sql`
    UPDATE delivery SET state = 'deferred', next_attempt_at = ${later}, updated_at = ${later}
    WHERE edition_id = ${editionId} AND state = 'pending'`.execute(db)
  expect(await oldestPending(db, 1_000)).toEqual(later)
})

test('what is left over of a cancelled edition is cancelled, and of no other', async () => {
  const { db, editionId } = await releasedToMany()
  await cancelLeftOver(db, fridayAt15)
  expect(await totalsOf(db, editionId)).toMatchObject({ pending: 150, cancelled: 0 })
  await sql`
    UPDATE delivery SET state = 'accepted' WHERE edition_id = ${editionId} AND batch = 1`.execute(
    db,
  )
  await sql`UPDATE edition SET state = 'cancelled' WHERE id = ${editionId}`.execute(db)
  await cancelLeftOver(db, fridayAt15)
  expect(await totalsOf(db, editionId)).toMatchObject({ pending: 0, accepted: 100, cancelled: 50 })
})
