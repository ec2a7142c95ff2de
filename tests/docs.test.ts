import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { galleryPage, picturesOf } from '../docs/previews/make.ts'
import { publications } from '../jobs/index.ts'
import { securityPage, statesPage, withTable } from '../docs/write.ts'

test('the README names every publication as jobs/ has it: `npm run docs` writes it', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toBe(withTable(readme))
  expect(readme).toContain('Boletín Electoral')
})

test('the diagram of states is the machine in the code: `npm run docs` writes it', () => {
  expect(readFileSync(new URL('../docs/states.md', import.meta.url), 'utf8')).toBe(statesPage())
})

test('the table of routes and roles is that of the panel: `npm run docs` writes it', () => {
  expect(readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8')).toBe(securityPage())
})

test('the gallery shows every publication, and there is a picture for each of its four: `npm run previews` draws them', () => {
  const folder = new URL('../docs/previews/', import.meta.url)
  expect(readFileSync(new URL('README.md', folder), 'utf8')).toBe(galleryPage(publications))
  const drawn = readdirSync(folder).filter((name) => name.endsWith('.webp'))
  const expected = publications.flatMap(picturesOf).map(({ file }) => file)
  expect(drawn.toSorted()).toEqual(expected.toSorted())
})

test('the pictures that other pages show are there', () => {
  for (const page of ['README.md', 'jobs/README.md']) {
    const url = new URL(`../${page}`, import.meta.url)
    const shown = [...readFileSync(url, 'utf8').matchAll(/<img src="([^"]+)"/g)]
    expect(shown.length).toBeGreaterThan(0)
    for (const [, src] of shown)
      expect(existsSync(new URL(src!, url)), `${page}: ${src}`).toBe(true)
  }
})
