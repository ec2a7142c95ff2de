/** The report lines that an edition feeds, frozen when it is released. */
import type { Db } from '../db/database.ts'
import type { ReportLine } from '../publication.ts'

export interface FrozenLine {
  tableId: string
  grouping: string
  lineText: string
  topic: string | null
}

export function frozenLines<Content>(lines: ReportLine<Content>[], content: Content): FrozenLine[] {
  return lines.map((line) => ({
    tableId: line.table,
    grouping: line.grouping,
    lineText: typeof line.text === 'string' ? line.text : line.text(content),
    topic: line.topic?.(content) ?? null,
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
