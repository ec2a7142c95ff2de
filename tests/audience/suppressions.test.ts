import { expect, test } from 'vitest'
import {
  liftByConsent,
  rememberErased,
  suppress,
  suppressionsOf,
  unknownKeyIds,
} from '../../src/audience/suppressions.ts'
import { addList, requireLists } from '../../src/audience/lists.ts'
import type { Db } from '../../src/db/database.ts'
import { addressHashes, keysOf } from '../../src/keys.ts'
import { mondayMorning as at } from '../support/app.ts'
import { testDatabase } from '../support/database.ts'

const secret = (letter: string) => letter.repeat(32)
const before = keysOf({ secretKey: secret('a'), previousSecretKeys: [] })
const after = keysOf({ secretKey: secret('b'), previousSecretKeys: [secret('a')] })
const forgetful = keysOf({ secretKey: secret('b'), previousSecretKeys: [] })
const address = 'ana@example.org'

const reasonsOf = async (db: Db, keys = before) =>
  (await suppressionsOf(db, keys, address)).map(({ reason, scope, note }) => [reason, scope, note])

test('the same suppression twice is one, and another reason is another', async () => {
  const db = await testDatabase()
  const bounced = { address, scope: 'all', reason: 'bounced', at } as const
  expect(await suppress(db, before, bounced)).toBe(true)
  expect(await suppress(db, before, bounced)).toBe(false)
  expect(await suppress(db, before, { ...bounced, reason: 'complaint' })).toBe(true)
})

test('of who is erased no address and no word of staff stays, and the hash still says so under a later key', async () => {
  const db = await testDatabase()
  const staff = { address, scope: 'external', reason: 'staff', note: 'Ana lo pidió', at } as const
  await suppress(db, before, staff)
  await suppress(db, before, { address, scope: 'all', reason: 'blocked', at })
  await rememberErased(db, before, address, { at })
  const rows = await db.selectFrom('suppression').selectAll().execute()
  expect(rows.map((row) => [row.reason, row.address, row.note])).toEqual([
    ['staff', null, ''],
    ['erased', null, ''],
  ])
  expect(rows.map((row) => row.addressHash.equals(addressHashes(before, address)[0]!))).toEqual([
    true,
    true,
  ])
  expect(await reasonsOf(db, after)).toEqual([
    ['staff', 'external', ''],
    ['erased', 'all', ''],
  ])
  expect(await unknownKeyIds(db, after)).toEqual([])
  expect(await reasonsOf(db, forgetful)).toEqual([])
  expect(await unknownKeyIds(db, forgetful)).toEqual([before[0].id])
})

test('a new consent lifts an erasure and what keeps mail of its lists away, under any key in use', async () => {
  const db = await testDatabase()
  for (const slug of ['prensa', 'foros'])
    await addList(db, { slug, name: slug, kind: 'external' }, at)
  const [press, forums] = await requireLists(db, ['prensa', 'foros'])
  for (const list of [press!, forums!])
    await suppress(db, before, { address, scope: { list: list.id }, reason: 'unsubscribed', at })
  await rememberErased(db, before, address, { at })
  const lifted = await liftByConsent(db, after, address, [press!.id])
  expect(lifted.toSorted()).toEqual(['erased', 'unsubscribed'])
  expect(await suppressionsOf(db, after, address)).toMatchObject([
    { reason: 'unsubscribed', list: 'foros' },
  ])
})
