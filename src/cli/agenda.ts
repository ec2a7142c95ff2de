/** `pregonero calendar`: what will leave, when, to how many, waiting on whom; also as .ics for staff. */
import type { Command } from 'commander'
import { agenda, agendaFile, recipientsText } from '../flow/agenda.ts'
import { editionStateNames } from '../states.ts'
import {
  answer,
  examples,
  jsonOption,
  print,
  shortTime,
  table,
  wholeNumber,
  withApp,
} from './session.ts'

const weekMs = 7 * 86_400_000

export function addAgendaCommand(program: Command): void {
  examples(
    program
      .command('calendar')
      .description('what will leave, when, to how many, and whom it waits for')
      .option('--weeks <n>', 'how far ahead', wholeNumber('--weeks'), 2)
      .option('--back <n>', 'and how many weeks back', wholeNumber('--back'), 0)
      .option('--ics', 'as a calendar file for staff')
      .option(...jsonOption)
      .action(async (options: { weeks: number; back: number; ics?: boolean; json?: boolean }) => {
        await withApp(async ({ engine }) => {
          const now = engine.clock.now().getTime()
          const items = await agenda(
            engine,
            new Date(now - options.back * weekMs),
            new Date(now + options.weeks * weekMs),
          )
          if (options.ics) return print(agendaFile(items, engine.config.mailDomain))
          answer(options.json, items, () =>
            table(
              ['Sale', 'Edición', 'Estado', 'Destinatarios', 'Espera', 'Motivo'],
              items.map((item) => [
                shortTime(item.nominalAt),
                item.editionId === undefined ? item.title : `${item.title} (${item.editionId})`,
                editionStateNames[item.state],
                recipientsText(item),
                item.waitingOn,
                item.reason,
              ]),
              'Nada previsto: el planificador abre las ediciones de los próximos 14 días.',
            ),
          )
        })
      }),
    'calendar --weeks 4',
    'calendar --weeks 4 --ics > agenda.ics',
  )
}
