import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { statesPage, withTable } from '../docs/write.ts'

test('the README names every publication as jobs/ has it: `npm run docs` writes it', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toBe(withTable(readme))
  expect(readme).toContain('Boletín Electoral')
})

test('the diagram of states is the machine in the code: `npm run docs` writes it', () => {
  expect(readFileSync(new URL('../docs/states.md', import.meta.url), 'utf8')).toBe(statesPage())
})
