/** What is different between two texts, by lines and then by words. However hostile they are, in bounded time. */
import { diffLines, diffWordsWithSpace, type Change } from 'diff'

export interface Piece {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** Lines that are the same, or lines in whose place others are. */
export interface Block {
  isChanged: boolean
  pieces: Piece[]
}

const budgetMs = 400
/** Of lines: with more changes than this, one text is not an edition of the other. */
const maxEditLength = 2_000
/** Lines with less than this in common are shown whole: their words one by one would say nothing. */
const leastInCommon = 0.35

/** `budget`: milliseconds, after which what is left is shown as whole lines. */
export function differenceOf(before: string, after: string, budget = budgetMs): Block[] {
  const deadline = performance.now() + budget
  const left = () => deadline - performance.now()
  const lines = diffLines(before, after, { maxEditLength, timeout: budget })
  if (!lines) return [replaced(before, after)]
  const blocks: Block[] = []
  for (let i = 0; i < lines.length; i++) {
    const [change, next] = [lines[i]!, lines[i + 1]]
    if (change.removed && next?.added) {
      blocks.push(changedWords(change.value, next.value, left()))
      i++
    } else blocks.push({ isChanged: change.added || change.removed, pieces: [pieceOf(change)] })
  }
  return blocks
}

/** How much of the longer text is in both, from 0 to 1. */
export function shareInCommon(blocks: Block[]): number {
  const pieces = blocks.flatMap((block) => block.pieces)
  const length = (kind: Piece['kind']) =>
    pieces.reduce((sum, piece) => sum + (piece.kind === kind ? piece.text.trim().length : 0), 0)
  const same = length('same')
  const longest = same + Math.max(length('added'), length('removed'))
  return longest === 0 ? 1 : same / longest
}

function changedWords(before: string, after: string, left: number): Block {
  if (left <= 0) return replaced(before, after)
  const words = diffWordsWithSpace(before, after, { timeout: left })
  if (!words) return replaced(before, after)
  const block = { isChanged: true, pieces: words.map(pieceOf) }
  return shareInCommon([block]) < leastInCommon ? replaced(before, after) : block
}

const replaced = (before: string, after: string): Block => ({
  isChanged: true,
  pieces: [
    { kind: 'removed' as const, text: before },
    { kind: 'added' as const, text: after },
  ].filter(({ text }) => text !== ''),
})

const pieceOf = ({ value, added, removed }: Change): Piece => ({
  kind: added ? 'added' : removed ? 'removed' : 'same',
  text: value,
})
