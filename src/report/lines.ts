/** The report lines that an edition feeds, frozen when it is released. */
import type { Db } from '../db/database.ts'
import type { Publication } from '../publication.ts'

export interface FrozenLine {
  tableId: string
  grouping: string
  lineText: string
  topic: string | null
}

export function frozenLines(
  { reportLines, topic }: Pick<Publication, 'reportLines' | 'topic'>,
  content: { muestra: boolean },
): FrozenLine[] {
  return reportLines
    .filter((line) => line.when?.(content) ?? true)
    .map((line) => ({
      tableId: line.table,
      grouping: line.grouping,
      lineText: typeof line.text === 'string' ? line.text : line.text(content),
      topic: topic?.(content) ?? null,
    }))
}

export async function writeReportLines(
  tx: Db,
  editionId: number,
  lines: FrozenLine[],
): Promise<void> {
  if (lines.length === 0) return
  await tx
    .insertInto('editionReportLine')
    .values(lines.map((line) => ({ editionId, ...line })))
    .execute()
}
