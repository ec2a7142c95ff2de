/** The audit log: every act, with who did it and what it was done to. Rows are only ever added. */
import type { Db } from '../db/database.ts'
import type { User } from './users.ts'

/** `user` undefined: the system itself. `subject`: `edition 12`, `contacts archivo.csv`. */
export async function audit(
  db: Db,
  entry: { at: Date; user: User | undefined; act: string; subject: string; detail?: object },
): Promise<void> {
  await db
    .insertInto('auditLog')
    .values({
      at: entry.at,
      userId: entry.user?.id ?? null,
      act: entry.act,
      subject: entry.subject,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute()
}
