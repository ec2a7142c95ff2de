/** Addresses that are not mailed whoever lists them. A new consent of the person lifts them; nothing else does. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import { addressHashes, type Keys } from '../keys.ts'
import type { SuppressionReason } from '../states.ts'

/** One list, all external lists, or everything. */
export type SuppressionScope = { list: number } | 'external' | 'all'

export interface NewSuppression {
  address: string
  scope: SuppressionScope
  reason: SuppressionReason
  /** Why, in words of staff. */
  note?: string
  at: Date
  /** undefined: the person, or the system. */
  userId?: number
}

/** False when the address was suppressed so already. */
export async function suppress(
  tx: Db,
  keys: Keys,
  { address, scope, reason, note = '', at, userId }: NewSuppression,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('suppression')
    .values({
      addressHash: addressHashes(keys, address)[0]!,
      keyId: keys[0].id,
      address,
      scope: typeof scope === 'object' ? 'list' : scope,
      listId: typeof scope === 'object' ? scope.list : null,
      reason,
      note,
      userId: userId ?? null,
      at,
    })
    .onConflict((conflict) =>
      conflict.columns(['addressHash', 'scope', 'listId', 'reason']).doNothing(),
    )
    .executeTakeFirst()
  return Number(numInsertedOrUpdatedRows) === 1
}

/**
 * What a new consent lifts: what was of these lists alone, and the memory of an erasure. What is of more lists stays
 * for the others, and is passed over where the consent is later (`membership_standing`). Returns the reasons.
 */
export async function liftByConsent(
  tx: Db,
  keys: Keys,
  address: string,
  listIds: number[],
): Promise<SuppressionReason[]> {
  const { rows } = await sql<{ reason: SuppressionReason }>`
    DELETE FROM suppression
    WHERE ${isOf(keys, address)} AND (reason = 'erased' OR list_id = ANY (${listIds}::bigint[]))
    RETURNING reason`.execute(tx)
  return rows.map((row) => row.reason)
}

/** A cancellation that the person withdrew: the one thing that is lifted without a new consent. */
export async function liftBlock(tx: Db, keys: Keys, address: string): Promise<void> {
  await tx
    .deleteFrom('suppression')
    .where('reason', '=', 'blocked')
    .where(isOf(keys, address))
    .execute()
}

/** The person goes to another address, and what keeps mail from them goes along; a bounce was of the address. */
export async function carrySuppressions(
  tx: Db,
  keys: Keys,
  { from, to }: { from: string; to: string },
): Promise<void> {
  const [hash] = addressHashes(keys, to)
  await sql`
    INSERT INTO suppression (address_hash, key_id, address, scope, list_id, reason, note, user_id, at)
    SELECT ${hash}, ${keys[0].id}, ${to}, scope, list_id, reason, note, user_id, at
    FROM suppression
    WHERE ${isOf(keys, from)} AND reason IN ('unsubscribed', 'complaint', 'staff')
    ON CONFLICT DO NOTHING`.execute(tx)
}

/** The person is erased: hashes alone stay, and one of them keeps every import from bringing the person back. */
export async function rememberErased(
  tx: Db,
  keys: Keys,
  address: string,
  { at, userId }: { at: Date; userId?: number },
): Promise<void> {
  // the erasure says it from now on
  await liftBlock(tx, keys, address)
  await suppress(tx, keys, {
    address,
    scope: 'all',
    reason: 'erased',
    at,
    ...(userId !== undefined && { userId }),
  })
  // a note is words about the person
  await tx
    .updateTable('suppression')
    .set({ address: null, note: '' })
    .where(isOf(keys, address))
    .execute()
}

/** `address` is null where only the hash is left. */
export async function suppressionsOf(db: Db, keys: Keys, address: string) {
  return db
    .selectFrom('suppression')
    .leftJoin('list', 'list.id', 'suppression.listId')
    .leftJoin('staffUser', 'staffUser.id', 'suppression.userId')
    .select([
      'suppression.address',
      'suppression.reason',
      'suppression.scope',
      'list.slug as list',
      'suppression.note',
      'suppression.at',
      'staffUser.login as user',
    ])
    .where(isOf(keys, address))
    .orderBy('suppression.id')
    .execute()
}

/** Hashes that no key in use can make again: the people behind them would be mailed anew. */
export async function unknownKeyIds(db: Db, keys: Keys): Promise<string[]> {
  const rows = await db
    .selectFrom('suppression')
    .select('keyId')
    .distinct()
    .where('address', 'is', null)
    .where(
      'keyId',
      'not in',
      keys.map((key) => key.id),
    )
    .execute()
  return rows.map((row) => row.keyId)
}

/** The address itself, or its hash under any key in use. */
const isOf = (keys: Keys, address: string): RawBuilder<boolean> =>
  sql<boolean>`(suppression.address = ${address}
    OR suppression.address_hash = ANY (${addressHashes(keys, address)}::bytea[]))`
