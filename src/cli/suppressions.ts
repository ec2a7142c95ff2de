/** `pregonero person suppress` and `leave`: what staff enter for whoever is not to be written to. */
import type { Command } from 'commander'
import { Problem } from '../errors.ts'
import {
  leaveOnRequest,
  staffReasons,
  suppressAddress,
  type NamedScope,
} from '../flow/suppress-address.ts'
import { suppressionReasonNames } from '../states.ts'
import { asOption, examples, oneOf, print, several, withUser } from './session.ts'

export function addSuppressionCommands(person: Command): void {
  examples(
    person
      .command('suppress <address>')
      .description(
        'keep mail from an address until its person consents anew; nothing else lifts it',
      )
      .option('--list <slug>', 'of one list')
      .option('--external', 'of every external list')
      .option('--all', 'of everything')
      .requiredOption('--reason <reason>', staffReasons.join(', '))
      .option('--note <text>', 'why; a decision of staff needs it', '')
      .requiredOption(...asOption)
      .action(
        async (
          address: string,
          options: ScopeOptions & { reason: string; note: string; as: string },
        ) => {
          const scope = scopeOf(options)
          const reason = oneOf('--reason', options.reason, staffReasons)
          await withUser(options.as, async ({ engine }, user) => {
            const { isNew, withheld } = await suppressAddress(engine, user, address, {
              scope,
              reason,
              note: options.note,
            })
            print(
              `${isNew ? 'Dirección excluida' : 'Ya estaba excluida'}: ${suppressionReasonNames[reason]}; ${withheld} envíos en curso detenidos.`,
            )
          })
        },
      ),
    'person suppress persona@example.org --all --reason bounced --as ana',
    "person suppress persona@example.org --list red-observacion --reason staff --note 'oficio 31' --as ana",
  )

  examples(
    person
      .command('leave <address>')
      .description('they asked to leave, by telephone or letter')
      .option('--list <slug>', 'a list; give it once for each', several, [])
      .option('--external', 'every external list, those of the future too')
      .requiredOption('--how <text>', 'how they asked; name nobody in it')
      .requiredOption(...asOption)
      .action(
        async (
          address: string,
          options: { list: string[]; external?: boolean; how: string; as: string },
        ) => {
          const isExternal = options.external === true
          if (isExternal === options.list.length > 0) throw oneScope('--list o --external')
          const lists = isExternal ? 'external' : options.list
          await withUser(options.as, async ({ engine }, user) => {
            await leaveOnRequest(engine, user, address, { lists, how: options.how })
            print('Baja anotada; desde ahora no se le envía nada más por ahí.')
          })
        },
      ),
    "person leave persona@example.org --list voto-chilango --how 'por teléfono' --as ana",
    "person leave persona@example.org --external --how 'escrito 44' --as ana",
  )
}

interface ScopeOptions {
  list?: string
  external?: boolean
  all?: boolean
}

function scopeOf({ list, external, all }: ScopeOptions): NamedScope {
  const given: NamedScope[] = [
    ...(list === undefined ? [] : [{ list }]),
    ...(external ? ['external' as const] : []),
    ...(all ? ['all' as const] : []),
  ]
  if (given.length === 1) return given[0]!
  throw oneScope('--list, --external o --all')
}

const oneScope = (options: string): Problem =>
  new Problem('usage', {
    place: options,
    message: 'se da una sola de las opciones',
    remedy: 'Diga de qué listas se trata',
  })
