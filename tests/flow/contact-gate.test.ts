/** A person is erased, or moves, while recipients are being frozen: whoever comes second sees what the first left. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { changeContacts, keepContacts } from '../../src/audience/contact-gate.ts'
import { listedIn } from '../../src/audience/audience.ts'
import { inTransaction } from '../../src/db/database.ts'
import { blockPerson, erasePerson } from '../../src/flow/cancel-person.ts'
import { rectify } from '../../src/flow/person.ts'
import { release } from '../../src/flow/release.ts'
import { writeDeliveries } from '../../src/ledger/deliveries.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { addTestUser, boletin, editionNow, fridayAt15, testApp } from '../support/app.ts'

const person = 'persona2@example.org'
const audience = { lists: ['comunidad-iecm'] }

async function onFriday() {
  const app = await testApp()
  const { id: editionId } = await boletin(app)
  const eva = await addTestUser(app, 'eva', ['privacidad', 'operacion'])
  app.clock.moveTo(fridayAt15)
  const addresses = async () =>
    (await listDeliveries(app.db, { editionId, limit: 10 })).map(({ address, state }) => [
      address,
      state,
    ])
  return { ...app, editionId, eva, addresses }
}

/** Does not end before it is told to. */
function held() {
  let letGo = () => {}
  const until = new Promise<void>((resolve) => (letGo = resolve))
  return { until, letGo }
}

test('who is erased while an edition freezes is erased of it too, when it has', async () => {
  const { db, engine, editionId, eva, addresses } = await onFriday()
  await blockPerson(engine, eva, person, 'lo pidió')
  const { until, letGo } = held()
  const freezing = inTransaction(db, 'repeatable read', async (tx) => {
    await keepContacts(tx)
    await tx.updateTable('edition').set({ state: 'sending' }).where('id', '=', editionId).execute()
    // as it was before they were blocked, which a snapshot may still see
    const contacts = await tx
      .selectFrom('contact')
      .select(['id', 'address'])
      .where('address', '=', person)
      .execute()
    await tx
      .insertInto('delivery')
      .values({
        editionId,
        batch: 1,
        contactId: contacts[0]!.id,
        address: person,
        updatedAt: fridayAt15,
      })
      .execute()
    await until
  })
  await sleep(100)
  let isErased = false
  const erasing = erasePerson(engine, eva, person, { reason: 'lo pidió', now: true }).then(
    () => (isErased = true),
  )
  await sleep(300)
  expect(isErased).toBe(false)
  letGo()
  await Promise.all([freezing, erasing])
  const rows = await addresses()
  expect(rows).toEqual([[expect.stringMatching(/^suprimida-\d+@invalid$/), 'suppressed']])
  expect(await db.selectFrom('delivery').select('contactId').executeTakeFirstOrThrow()).toEqual({
    contactId: null,
  })
})

test('an edition that is released while somebody is erased waits, and does not know them', async () => {
  const { db, engine, editionId, addresses } = await onFriday()
  const { until, letGo } = held()
  const erasing = inTransaction(db, async (tx) => {
    await changeContacts(tx)
    await tx.deleteFrom('contact').where('address', '=', person).execute()
    await until
  })
  await sleep(100)
  const releasing = release(engine, editionId)
  await sleep(300)
  expect(await addresses()).toEqual([])
  letGo()
  await Promise.all([erasing, releasing])
  expect((await addresses()).map(([address]) => address)).toEqual([
    'persona1@example.org',
    'persona3@example.org',
  ])
})

test('who moves while an edition freezes is written to at the new address', async () => {
  const app = await onFriday()
  const { db, engine, editionId, eva, addresses } = app
  const { until, letGo } = held()
  const freezing = inTransaction(db, 'repeatable read', async (tx) => {
    await keepContacts(tx)
    await tx.updateTable('edition').set({ state: 'sending' }).where('id', '=', editionId).execute()
    await writeDeliveries(tx, editionId, listedIn(audience), { batchSize: 100, at: fridayAt15 })
    await until
  })
  await sleep(100)
  const moving = rectify(engine, eva, person, { address: 'nueva@example.org' }, 'lo pidió')
  await sleep(300)
  letGo()
  await freezing
  expect(await moving).toMatchObject({ readdressed: 1 })
  expect((await addresses()).map(([address]) => String(address)).toSorted()).toEqual([
    'nueva@example.org',
    'persona1@example.org',
    'persona3@example.org',
  ])
  expect((await editionNow(app, editionId)).state).toBe('sending')
})
