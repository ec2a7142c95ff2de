/**
 * `npm run bench -- ledger`: what the ledger costs with 50,000 deliveries and with 5,000,000, the same functions asked of
 * both in turns. Medians of many, in milliseconds, and below them what PostgreSQL did for each statement of the large one.
 * The data is made by the first run, in some minutes, and kept in .pregonero/bench-ledger: delete it to have it made again.
 *
 *   --json FILE    the same figures for a program
 *   --only TEXT    questions whose name has it
 *   --upkeep       two editions of 100,000 in the large one, vacuum and pruning between and after them, and its sizes
 *   --runs N       of each (30)
 */
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { endLease, registerWorker } from '../src/ledger/claims.ts'
import { openLedgers, putBack, type Ledger } from './ledger/data.ts'
import { questionsOf, type Question } from './ledger/questions.ts'
import { explain, type Asked } from './ledger/statements.ts'
import { upkeep } from './ledger/upkeep.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string' },
    runs: { type: 'string' },
    upkeep: { type: 'boolean' },
  },
})
const runs = Number(values.runs ?? 30)
const hourMs = 3_600_000
const readsThrough = /Seq Scan on (?:delivery|attempt|contact)\b/

interface Measured {
  name: string
  /** In the order of the ledgers. */
  medians: number[]
  worst: number[]
  statements: Asked[]
}

const ledgers = await openLedgers()
try {
  const measured = values.upkeep ? await upkeep(ledgers.at(-1)!, print) : await measure()
  if (!values.upkeep) report(measured as Measured[])
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(measured, null, 2))
} finally {
  for (const { app } of ledgers) await app.close()
}

async function measure(): Promise<Measured[]> {
  const asking = await Promise.all(ledgers.map(startAsking))
  try {
    const names = asking[0]!.questions.map(({ name }) => name)
    const times = names.map(() => ledgers.map((): number[] => []))
    for (let run = -2; run < runs; run++)
      for (const [index] of names.entries())
        for (const [of, { ledger, questions }] of asking.entries()) {
          const ms = await timeOf(ledger, questions[index]!)
          // the first ones compile, and warm what is cold
          if (run >= 0) times[index]![of]!.push(ms)
        }
    const { ledger, questions } = asking.at(-1)!
    const measured: Measured[] = []
    for (const [index, name] of names.entries())
      measured.push({
        name,
        medians: times[index]!.map((one) => one.toSorted((a, b) => a - b)[runs >> 1]!),
        worst: times[index]!.map((one) => Math.max(...one)),
        statements: await explained(ledger, questions[index]!),
      })
    return measured
  } finally {
    for (const { ledger, workers } of asking) await putBack(ledger, workers)
  }
}

async function startAsking(ledger: Ledger) {
  const { db } = ledger.app
  const [worker, gone] = [randomUUID(), randomUUID()]
  for (const id of [worker, gone]) await registerWorker(db, id, hourMs)
  await endLease(db, gone)
  const all = await questionsOf(ledger, { worker, gone })
  const questions = all.filter(({ name }) => name.includes(values.only ?? ''))
  return { ledger, questions, workers: [worker, gone] }
}

async function timeOf({ app }: Ledger, { prepare, ask, tidy }: Question): Promise<number> {
  const prepared = await prepare?.(app.db)
  const startedMs = performance.now()
  const answer = await ask(app.db, prepared as never)
  const ms = performance.now() - startedMs
  await tidy?.(app.db, answer as never)
  return ms
}

/** What is before it is committed, as it is in life: a check that it left would be counted with it otherwise. */
async function explained({ app }: Ledger, { prepare, ask }: Question): Promise<Asked[]> {
  const prepared = await prepare?.(app.db)
  return explain(app.db, (db) => ask(db, prepared as never))
}

function report(measured: Measured[]): void {
  const width = Math.max(...measured.map(({ name }) => name.length))
  const head = [...ledgers.map(({ name }) => name), 'ratio', 'worst at 5 M']
  print(`${''.padEnd(width)}${head.map((cell) => cell.padStart(13)).join('')}`)
  for (const { name, medians, worst, statements } of measured) {
    const cells = [
      ...medians.map((ms) => `${ms.toFixed(2)} ms`),
      `${(medians.at(-1)! / medians[0]!).toFixed(1)}×`,
      `${worst.at(-1)!.toFixed(1)} ms`,
    ]
    const reads = statements.some(({ plan }) => readsThrough.test(plan.join('\n')))
    const line = cells.map((cell) => cell.padStart(13)).join('')
    print(`${name.padEnd(width)}${line}${reads ? '  reads a table through' : ''}`)
  }
  for (const { name, statements } of measured) {
    print(`\n=== ${name}, ${ledgers.at(-1)!.name}`)
    for (const { sql, plan } of statements) print([sql, ...plan].join('\n    '))
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
