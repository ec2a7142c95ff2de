/** `npm run schema`: writes src/db/schema.ts from a freshly migrated database. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { createLog } from '../../src/log.ts'
import { openDatabase } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { schemaTypes } from '../../src/db/schema-types.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'pregonero-schema-'))
const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })
const db = await openDatabase(await server.url('schema'), createLog({ level: 'warn' }))
await migrate(db, 'test')
await writeFile(new URL('../../src/db/schema.ts', import.meta.url), await schemaTypes(db))
await db.destroy()
await server.release()
await rm(dataDir, { recursive: true })
