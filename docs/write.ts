/** `npm run docs`: the parts of the documentation that come from the code. A test says when they are behind. */
import { readFile, writeFile } from 'node:fs/promises'
import { publications } from '../jobs/index.ts'
import { envExample } from '../src/settings.ts'
import { acts } from '../src/editions/machine.ts'
import { cadenceText, type Publication } from '../src/publication.ts'
import { editionStateNames } from '../src/states.ts'

const root = new URL('../', import.meta.url)

/** The table between the marks of the README. */
export function publicationsTable(rows: Publication[]): string {
  return [
    '| Publication | When (Mexico City) | To | From | Report |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((one) => {
      const tables = one.reportLines.map((line) => line.table).join(', ')
      return `| **${one.name}**: ${one.description} | ${cadenceText(one.cadence)} | ${one.readers} | ${one.sender} | ${tables} |`
    }),
  ].join('\n')
}

export function withTable(readme: string): string {
  return readme.replace(
    /(<!-- publications: .*? -->\n)[^]*(\n<!-- \/publications -->)/,
    (_, start: string, end: string) => `${start}\n${publicationsTable(publications)}\n${end}`,
  )
}

/** The machine of src/editions/machine.ts as a page with its diagram. */
export function statesPage(): string {
  const edges = Object.entries(acts).flatMap(([act, { from, to }]) =>
    from.map((state) => `    ${state} --> ${to}: ${act}`),
  )
  return [
    '# States of an edition',
    '',
    'Written by `npm run docs` from `src/editions/machine.ts`. A refused act says why, and what is possible instead.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '    [*] --> planned',
    ...edges,
    '    sent --> [*]',
    '```',
    '',
    '| state | es |',
    '| --- | --- |',
    ...Object.entries(editionStateNames).map(([state, name]) => `| ${state} | ${name} |`),
    '',
    '| act | es | from | to |',
    '| --- | --- | --- | --- |',
    ...Object.entries(acts).map(
      ([act, { from, to, name }]) => `| ${act} | ${name} | ${from.join(', ')} | ${to} |`,
    ),
    '',
  ].join('\n')
}

if (import.meta.main) {
  const readme = new URL('README.md', root)
  await writeFile(readme, withTable(await readFile(readme, 'utf8')))
  await writeFile(new URL('.env.example', root), envExample())
  await writeFile(new URL('docs/states.md', root), statesPage())
}
