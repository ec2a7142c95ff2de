import { expect, test } from 'vitest'
import { differenceOf, shareInCommon, type Block } from '../../src/editions/difference.ts'

const shown = (blocks: Block[]) =>
  blocks
    .flatMap((block) => block.pieces)
    .map(({ kind, text }) =>
      kind === 'same'
        ? text
        : `${kind === 'added' ? '{+' : '[-'}${text}${kind === 'added' ? '+}' : '-]'}`,
    )
    .join('')

/** One side of it, which must be the text itself, whatever was found in common. */
const side = (blocks: Block[], left: 'added' | 'removed') =>
  blocks
    .flatMap((block) => block.pieces)
    .filter(({ kind }) => kind !== left)
    .map(({ text }) => text)
    .join('')

test('a word that changes is marked in its line, and lines that do not are left alone', () => {
  const blocks = differenceOf(
    'Estimada comunidad:\nEl taller es el jueves.\nSaludos\n',
    'Estimada comunidad:\nEl taller es el viernes.\nSaludos\n',
  )
  expect(shown(blocks)).toBe(
    'Estimada comunidad:\nEl taller es el [-jueves-]{+viernes+}.\nSaludos\n',
  )
  expect(blocks.map(({ isChanged }) => isChanged)).toEqual([false, true, false])
})

test('a line that is another one is shown whole', () => {
  expect(shown(differenceOf('uno dos tres cuatro', 'algo por completo diferente'))).toBe(
    '[-uno dos tres cuatro-]{+algo por completo diferente+}',
  )
})

test('the same text has no change, and an empty one is all new', () => {
  expect(differenceOf('a\nb', 'a\nb')).toMatchObject([{ isChanged: false }])
  expect(differenceOf('', '')).toEqual([])
  expect(shown(differenceOf('', 'nuevo'))).toBe('{+nuevo+}')
  expect(shareInCommon(differenceOf('', ''))).toBe(1)
})

test('no text makes it slow, and nothing of either is lost', () => {
  // the worst there is: many lines and words, none in its place
  const words = (seed: number) =>
    Array.from(
      { length: 12_000 },
      (_, i) => `p${(i * seed) % 997}${i % 7 === 0 ? '\n' : ' '}`,
    ).join('')
  const [before, after] = [words(31), words(577)]
  const start = performance.now()
  const blocks = differenceOf(before, after)
  expect(performance.now() - start).toBeLessThan(2_500)
  expect(side(blocks, 'added')).toBe(before)
  expect(side(blocks, 'removed')).toBe(after)
})
