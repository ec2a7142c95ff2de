/** `pregonero report`: the printed tables of a quarter. */
import type { Command } from 'commander'
import { reportMarkdown } from '../report/markdown.ts'
import { parseQuarter } from '../report/quarter.ts'
import { buildReport } from '../report/report.ts'
import { answer, examples, jsonOption, withApp } from './session.ts'

export function addReportCommands(program: Command): void {
  examples(
    program
      .command('report <quarter>')
      .description('the tables of a quarter, counted from what was really sent, as Markdown')
      .option(...jsonOption)
      .action(async (text: string, { json }: { json?: boolean }) => {
        const quarter = parseQuarter(text)
        await withApp(async ({ db, reportDefinitions }) => {
          const report = await buildReport(db, reportDefinitions, quarter)
          answer(json, report, () => reportMarkdown(report))
        })
      }),
    'report 2026-Q4',
    'report 2026-Q4 --json',
  )
}
