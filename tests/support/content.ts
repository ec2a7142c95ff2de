/** Content for tests: the sample of jobs/, as text, with what a test wants different. */
import { readFileSync } from 'node:fs'

const sample = readFileSync(
  new URL('../../jobs/samples/boletin-electoral.yaml', import.meta.url),
  'utf8',
)

export function boletinYaml(
  changes: { titular?: string; muestra?: boolean; del?: string; al?: string } = {},
): string {
  const { titular, muestra, del = '2026-11-23', al = '2026-11-27' } = changes
  let text = sample.replace(/^periodo: .*$/m, `periodo: { del: ${del}, al: ${al} }`)
  if (titular !== undefined)
    text = text.replace(/^titular: .*$/m, `titular: ${JSON.stringify(titular)}`)
  if (muestra !== undefined) text = text.replace(/^muestra: .*$/m, `muestra: ${muestra}`)
  return text
}
