/**
 * `node tests/faults/report.ts [full|short]`: writes the table of docs/reliability.md from the rows of the last runs of that
 * form; the newest row of a fault is the one that counts.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import type { FaultRow } from './judge.ts'

const [form = 'full'] = process.argv.slice(2)
const rowsFile = new URL(`../../.pregonero/faults/${form}.jsonl`, import.meta.url)
const page = new URL('../../docs/reliability.md', import.meta.url)

const lines = (await readFile(rowsFile, 'utf8')).trim().split('\n')
const all = lines.map((line) => JSON.parse(line) as FaultRow)
const rows = [...new Map(all.map((row) => [`${row.fault}/${row.queue}`, row])).values()]
const text = await readFile(page, 'utf8')
const marked = /(<!-- faults: .*? -->\n)[^]*(<!-- \/faults -->)/
if (!marked.test(text)) throw new Error('docs/reliability.md has lost its marks <!-- faults: … -->')
await writeFile(
  page,
  text.replace(marked, (_, start: string, end: string) => `${start}\n${section()}\n\n${end}`),
)
process.stdout.write(`${rows.length} rows written to docs/reliability.md\n`)

function section(): string {
  const dates = rows.map((row) => row.at.slice(0, 10)).toSorted()
  const sum = (count: (row: FaultRow) => number) => rows.reduce((all, row) => all + count(row), 0)
  return [
    `The ${form} form, ${dates[0]}${dates[0] === dates.at(-1) ? '' : ` to ${dates.at(-1)}`}, on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'},`,
    `${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${rows[0]?.node}. In all: ${sum((row) => row.recipients)} recipients,`,
    `**${sum((row) => row.lost.length)} lost, ${sum((row) => row.doubled.length)} doubled**, ${sum((row) => row.unknown.length)} unknown, ${sum((row) => row.refused.length)} refused by the relay.`,
    '',
    '| fault | queue | recipients | received | lost | doubled | unknown (at most) | refused | first message | end |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...rows
      .toSorted((a, b) => order(a) - order(b) || a.queue.localeCompare(b.queue))
      .map((row) => `| ${cellsOf(row).join(' | ')} |`),
  ].join('\n')
}

/** Faults in the order in which they were first run. */
function order({ fault }: FaultRow): number {
  return all.findIndex((row) => row.fault === fault)
}

function cellsOf(row: FaultRow): (string | number)[] {
  return [
    row.fault,
    row.queue === 'postgres' ? 'PostgreSQL' : 'Redis',
    row.recipients,
    row.received,
    row.lost.length,
    row.doubled.length,
    `${row.unknown.length} (${row.unknownAtMost})`,
    row.refused.length,
    row.firstMs === undefined ? 'none' : seconds(row.firstMs),
    seconds(row.endMs),
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
