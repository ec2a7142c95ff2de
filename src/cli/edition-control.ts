/** `pregonero edition pause|resume|resend|resolve`: a dispatch on its way, and what is left of one that concluded. */
import type { Command } from 'commander'
import { pause, resend, resume } from '../flow/control.ts'
import { titleOf } from '../flow/engine.ts'
import { resolutions, resolveUnknown } from '../flow/resolve-unknown.ts'
import { totalsOf } from '../ledger/totals.ts'
import { unfinishedOf } from '../states.ts'
import { asOption, examples, oneOf, print, several, wholeNumber, withUser } from './session.ts'

const id = wholeNumber('ID')
const delivery = wholeNumber('--delivery')

export function addControlCommands(edition: Command): void {
  examples(
    edition
      .command('pause <id>')
      .description('take nothing more of it in hand, at once; what is in conversation ends')
      .requiredOption('--reason <text>', 'why, for the record')
      .requiredOption(...asOption)
      .action(async (text: string, options: { reason: string; as: string }) => {
        await withUser(options.as, async ({ engine, db }, user) => {
          const paused = await pause(engine, user, id(text), options.reason)
          const left = unfinishedOf(await totalsOf(db, paused.id))
          print(`${titleOf(engine, paused)} en pausa; quedan ${left} por enviar.`)
        })
      }),
    "edition pause 12 --reason 'Revisar un dato' --as luis",
  )

  examples(
    edition
      .command('resume <id>')
      .description('go on with what was paused; nobody is mailed twice')
      .requiredOption(...asOption)
      .action(async (text: string, options: { as: string }) => {
        await withUser(options.as, async ({ engine, db }, user) => {
          const resumed = await resume(engine, user, id(text))
          const left = unfinishedOf(await totalsOf(db, resumed.id))
          print(`${titleOf(engine, resumed)} en curso; quedan ${left} por enviar.`)
        })
      }),
    'edition resume 12 --as luis',
  )

  examples(
    edition
      .command('resend <id>')
      .description('send again to those that failed for technical reasons; never what is unknown')
      .option('--rejected', 'and to those whose server rejected them')
      .requiredOption(...asOption)
      .action(async (text: string, options: { rejected?: boolean; as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const resent = await resend(engine, user, id(text), options)
          print(
            `${titleOf(engine, resent.edition)}: ${resent.requeued} en cola de nuevo${withheldNote(resent)}.`,
          )
        })
      }),
    'edition resend 12 --as luis',
    'edition resend 12 --rejected --as luis',
  )

  examples(
    edition
      .command('resolve <id>')
      .description('say what became of deliveries of unknown outcome: all of them, or those named')
      .requiredOption('--unknown <what>', resolutions.join(', '))
      .option('--delivery <n>', 'one of them; may be given several times', several)
      .option('--reason <text>', 'how it is known, for the record')
      .option('--yes', 'with resend: somebody may receive it twice, and that is accepted')
      .requiredOption(...asOption)
      .action(async (text: string, options: ResolveOptions) => {
        await withUser(options.as, async ({ engine, db }, user) => {
          const { edition, ...resolved } = await resolveUnknown(engine, user, id(text), {
            as: oneOf('--unknown', options.unknown, resolutions),
            ...(options.delivery && { deliveries: options.delivery.map(delivery) }),
            ...(options.reason !== undefined && { reason: options.reason }),
            acceptsDuplicates: options.yes === true,
          })
          const { unknown } = await totalsOf(db, edition.id)
          print(
            `${titleOf(engine, edition)}: ${resolved.resolved} resueltas${withheldNote(resolved)}; quedan ${unknown} de resultado incierto.`,
          )
        })
      }),
    'edition resolve 12 --unknown accept --as luis',
    'edition resolve 12 --unknown resend --delivery 4711 --delivery 4712 --yes --as luis',
    "edition resolve 12 --unknown drop --reason 'El servidor no lo tiene' --as luis",
  )
}

interface ResolveOptions {
  unknown: string
  delivery?: string[]
  reason?: string
  yes?: boolean
  as: string
}

const withheldNote = ({ withheld }: { withheld: number }): string =>
  withheld === 0 ? '' : `, ${withheld} no, porque ${withheld === 1 ? 'dejó' : 'dejaron'} sus listas`
