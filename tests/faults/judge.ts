/** The end of every fault: waits for the edition's, writes a row for the table, and asserts what is promised. */
import { appendFile, mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect } from 'vitest'
import type { Dispatch } from './dispatch.ts'
import { form, recoveryLimitMs } from './form.ts'
import { verdictOf, type Verdict } from './verdict.ts'

export interface FaultRow extends Verdict {
  fault: string
  queue: string
  form: string
  unknownAtMost: number
  /** From the end of the fault to the first message after it, and to the edition's end. */
  firstMs: number | undefined
  endMs: number
  at: string
  node: string
}

export interface Expectation {
  fault: string
  /** performance.now() when the fault ended. */
  endedAt: number
  /** Only these may be unknown: what was in hand at the fault. */
  mayBeUnknown?: Iterable<string>
  /** Only these may have been refused. */
  mayBeRefused?: Iterable<string>
  recoveryMs?: number
}

export const rowsFile = resolve(`.pregonero/faults/${form}.jsonl`)

export async function judge(dispatch: Dispatch, expected: Expectation): Promise<FaultRow> {
  const { endedAt, recoveryMs = recoveryLimitMs } = expected
  const [mayBeUnknown, mayBeRefused] = [expected.mayBeUnknown ?? [], expected.mayBeRefused ?? []]
  const failure = await dispatch.closed().then(
    () => undefined,
    (error: unknown) => error,
  )
  const endMs = performance.now() - endedAt
  const verdict = verdictOf(await dispatch.rows(), dispatch.sink.taken)
  const first = dispatch.sink.arrivals.find((at) => at > endedAt)
  const row: FaultRow = {
    fault: expected.fault,
    queue: dispatch.queue,
    form,
    ...verdict,
    unknownAtMost: new Set(mayBeUnknown).size,
    firstMs: first === undefined ? undefined : Math.round(first - endedAt),
    endMs: Math.round(endMs),
    at: new Date().toISOString(),
    node: process.version,
  }
  await writeRow(row)
  if (failure !== undefined) throw failure
  expect(row).toMatchObject({ lost: [], doubled: [], unrecorded: [] })
  expect(row.recipients).toBe(dispatch.recipients)
  expect([...mayBeUnknown]).toEqual(expect.arrayContaining(row.unknown))
  expect([...mayBeRefused]).toEqual(expect.arrayContaining(row.refused))
  expect(row.accepted + row.unknown.length + row.refused.length).toBe(dispatch.recipients)
  // a fault that came after the last message would prove nothing
  expect(row.firstMs, 'a message after the fault').toBeLessThan(recoveryMs)
  return row
}

export async function writeRow(row: FaultRow): Promise<void> {
  await mkdir(resolve('.pregonero/faults'), { recursive: true })
  await appendFile(rowsFile, `${JSON.stringify(row)}\n`)
}
