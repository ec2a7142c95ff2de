/** Contacts from the text of a file, through the real import. */
import { stageImport, confirmImport } from '../../src/audience/imports.ts'
import type { ImportRecord } from '../../src/audience/import-record.ts'
import { fileOf } from '../../src/audience/import-file/file.ts'
import { inTransaction, type Db } from '../../src/db/database.ts'
import { keysOf, type Keys } from '../../src/keys.ts'
import { addUser } from '../../src/people/users.ts'

export const testKeys = keysOf({
  secretKey: 'a key of tests, and of nothing else',
  previousSecretKeys: [],
})

/** As the first of the staff, with a consent that is good for external lists too. */
export async function importText(
  db: Db,
  text: string,
  options: { at: Date; name?: string; list?: string; keys?: Keys },
): Promise<ImportRecord> {
  const { at, name = 'personal.csv', list, keys = testKeys } = options
  const userId = await someone(db, at)
  const consent = { origin: name, consentedOn: '2020-01-15', noticeVersion: '2020-01' }
  const file = fileOf(text, name)
  const { importId } = await stageImport(db, file, { keys, userId, at, list, consent })
  return inTransaction(db, async (tx) => (await confirmImport(tx, importId, { at, unseen: true }))!)
}

async function someone(db: Db, at: Date): Promise<number> {
  const found = await db.selectFrom('staffUser').select('id').orderBy('id').executeTakeFirst()
  const eva = { login: 'eva', name: 'Eva', email: 'eva@example.org', roles: ['operacion' as const] }
  return found?.id ?? (await addUser(db, eva, at)).id
}
