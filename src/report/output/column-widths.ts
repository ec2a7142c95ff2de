/** How wide each column of a table should be, by what it holds. */

/** `room`: characters that fit in a line of the page. The widths are parts of it: together they are 1. */
export function columnWidths(
  { columns, rows }: { columns: string[]; rows: { cells: string[] }[] },
  room: number,
): number[] {
  const texts = columns.map((column, index) => [
    column,
    ...rows.map(({ cells }) => cells[index] ?? ''),
  ])
  // what a column needs so that no word breaks, and so that no line of its cells does
  const least = texts.map((column) => 3 + Math.max(...column.flatMap(words).map(length)))
  const most = texts.map(([, ...cells], index) =>
    Math.max(least[index]!, 4 + Math.max(0, ...cells.flatMap(lines).map(length))),
  )
  const widths = sum(most) <= room ? spread(most, room) : shared(least, most, room)
  return widths.map((width) => width / sum(widths))
}

const words = (text: string): string[] => text.split(/\s+/).map((word) => word.slice(0, 24))
const lines = (text: string): string[] => text.split('\n')
/** In middling letters: capitals are wider. */
const length = (text: string): number => text.length + (text.match(/\p{Lu}/gu)?.length ?? 0) / 3
const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Everything fits: what is left goes to every column but the row numbers. */
function spread(most: number[], room: number): number[] {
  const isNarrow = (width: number) => width <= 8
  const wide = sum(most.filter((width) => !isNarrow(width)))
  const factor = (room - sum(most.filter(isNarrow))) / wide
  return wide === 0 ? most : most.map((width) => (isNarrow(width) ? width : width * factor))
}

/** Short columns keep their line, as dates should, while room is left for the long texts, which share it. */
function shared(least: number[], most: number[], room: number): number[] {
  const widths = [...least]
  const byNeed = most.map((_, index) => index).toSorted((a, b) => most[a]! - most[b]!)
  for (const index of byNeed) {
    if (sum(widths.with(index, most[index]!)) > room * 0.75) break
    widths[index] = most[index]!
  }
  const hungry = byNeed.filter((index) => widths[index]! < most[index]!)
  const left = Math.max(0, room - sum(widths))
  // the root: a text four times as long gets twice the width
  const shares = hungry.map((index) => Math.sqrt(most[index]!))
  hungry.forEach((index, i) => {
    widths[index] = Math.min(most[index]!, widths[index]! + (left * shares[i]!) / sum(shares))
  })
  return widths
}
