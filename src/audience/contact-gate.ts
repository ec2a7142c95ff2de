/**
 * Freezing the recipients of an edition, and removing a contact or giving one another address, keep out of each other's
 * way, so that no delivery is written for who is not there any more.
 */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

/** For freezing; others may freeze meanwhile. The first statement, because what it reads is of one moment: a later one. */
export async function keepContacts(tx: Db): Promise<void> {
  await sql`LOCK TABLE contact_gate IN ROW SHARE MODE`.execute(tx)
}

/** Waits for what is being frozen, and keeps others from it until the transaction ends. */
export async function changeContacts(tx: Db): Promise<void> {
  await sql`LOCK TABLE contact_gate IN EXCLUSIVE MODE`.execute(tx)
}
