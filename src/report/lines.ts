/** The report lines that an edition feeds, frozen when it is released. */
import type { Db } from '../db/database.ts'
import type { ReportLine } from '../publication.ts'

export async function writeReportLines<Content>(
  tx: Db,
  editionId: number,
  lines: ReportLine<Content>[],
  content: Content,
): Promise<void> {
  if (lines.length === 0) return
  await tx
    .insertInto('editionReportLine')
    .values(
      lines.map((line) => ({
        editionId,
        tableId: line.table,
        grouping: line.grouping,
        lineText: typeof line.text === 'string' ? line.text : line.text(content),
        topic: line.topic?.(content) ?? null,
      })),
    )
    .execute()
}
