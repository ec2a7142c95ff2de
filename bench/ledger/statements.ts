/** What a function of ours really asks the database, and how PostgreSQL answers it. */
import { CompiledQuery, sql, type KyselyPlugin, type RootOperationNode } from 'kysely'
import type { Db } from '../../src/db/database.ts'

export interface Asked {
  sql: string
  plan: string[]
  /** As EXPLAIN says, triggers included. */
  ms: number
}

/** The statements that `work` sends, as they are sent; what they change is undone. */
async function statementsOf(tx: Db, work: (db: Db) => Promise<unknown>): Promise<CompiledQuery[]> {
  const nodes: { node: RootOperationNode; queryId: CompiledQuery['queryId'] }[] = []
  const recorder: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      nodes.push({ node, queryId })
      return node
    },
    transformResult: async ({ result }) => result,
  }
  await sql`SAVEPOINT before_work`.execute(tx)
  await work(tx.withPlugin(recorder))
  await sql`ROLLBACK TO SAVEPOINT before_work`.execute(tx)
  const executor = tx.withoutPlugins().getExecutor()
  return nodes.map(({ node, queryId }) => executor.compileQuery(node, queryId))
}

/** Each statement of `work`, explained in its turn; nothing of it stays. */
export async function explain(db: Db, work: (db: Db) => Promise<unknown>): Promise<Asked[]> {
  const asked: Asked[] = []
  const undone = new Error('undone')
  const explaining = db.transaction().execute(async (tx) => {
    const statements = await statementsOf(tx, work)
    // the second time, when what they read is in memory
    for (const statement of statements) {
      await sql`SAVEPOINT once`.execute(tx)
      await explainOne(tx, statement)
      await sql`ROLLBACK TO SAVEPOINT once`.execute(tx)
      asked.push(await explainOne(tx, statement))
    }
    throw undone
  })
  await explaining.catch((error: unknown) => {
    if (error !== undone) throw error
  })
  return asked
}

async function explainOne(tx: Db, { sql: text, parameters }: CompiledQuery): Promise<Asked> {
  if (!/^\s*(?:\/\*.*?\*\/)?\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)/i.test(text))
    return { sql: oneLine(text), plan: [], ms: 0 }
  const { rows } = await tx.executeQuery<Record<string, string>>(
    CompiledQuery.raw(`EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ${text}`, [...parameters]),
  )
  const plan = rows.map((row) => Object.values(row)[0]!)
  const ms = Number(/Execution Time: ([\d.]+)/.exec(plan.join('\n'))?.[1])
  return { sql: oneLine(text), plan, ms }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
