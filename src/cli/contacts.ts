/** `pregonero contacts`: whom we may mail, and the lists that they belong to. */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { countAudience, type AudienceCount } from '../audience/audience.ts'
import {
  addList,
  changeList,
  listKindNames,
  listKinds,
  listsWithCounts,
  requireLists,
  type List,
} from '../audience/lists.ts'
import { readCountry } from '../countries.ts'
import { inTransaction } from '../db/database.ts'
import { Problem, messageOf, shown } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize } from '../people/users.ts'
import { senderSlugs } from '../settings.ts'
import { suppressionReasonNames, suppressionReasons } from '../states.ts'
import { addImportCommands } from './contacts-import.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  oneOf,
  print,
  several,
  table,
  withApp,
  withUser,
} from './session.ts'

export function addContactCommands(program: Command): void {
  const contacts = examples(
    program.command('contacts').description('contacts and the lists that they belong to'),
    'contacts lists',
  )

  examples(
    contacts
      .command('lists')
      .description('lists, who writes to them, and how many members each has')
      .option(...jsonOption)
      .action(async ({ json }: { json?: boolean }) => {
        await withApp(async ({ db }) => {
          const rows = await listsWithCounts(db)
          answer(json, rows, () =>
            table(
              ['Lista', 'Nombre', 'Tipo', 'Remitente', 'Abierta', 'Activas', 'Bajas'],
              rows.map((row) => [
                row.slug,
                row.name,
                listKindNames[row.kind],
                row.sender,
                row.isOpen ? 'sí' : '',
                row.active,
                row.left,
              ]),
            ),
          )
        })
      }),
    'contacts lists',
  )

  examples(
    contacts
      .command('add-list <slug>')
      .description('add a list')
      .requiredOption('--name <name>', 'as its people know it')
      .requiredOption('--kind <kind>', 'internal (officials) or external (citizens)')
      .option('--description <text>', 'for whoever thinks of joining it')
      .option(...senderOption)
      .option('--open', 'anybody may join it by the public page; external lists alone')
      .requiredOption(...asOption)
      .action(async (slug: string, options: ListOptions & { name: string; kind: string }) => {
        await withUser(options.as, async ({ db, engine }, user) => {
          authorize(user, 'lists.add')
          const kind = oneOf('--kind', options.kind, listKinds)
          const at = engine.clock.now()
          await inTransaction(db, async (tx) => {
            const list = { slug, name: options.name, kind, ...settingsOf(options) }
            if (!(await addList(tx, list, at))) {
              const remedy = 'Use it as it is, or choose another slug'
              throw new Problem('refused', {
                place: 'SLUG',
                message: 'the list exists',
                value: shown(slug),
                remedy,
              })
            }
            const { slug: _, ...detail } = list
            await audit(tx, { at, user, act: 'lists.add', subject: `list ${slug}`, detail })
          })
          print(`Lista ${slug} creada.`)
        })
      }),
    "contacts add-list comunidad-iecm --name 'Comunidad IECM' --kind internal --as luis",
    "contacts add-list red-observacion --name 'Red de Observación' --kind external --open --as luis",
  )

  examples(
    contacts
      .command('set-list <slug>')
      .description('change a list; its kind stays, because people consented to what it was')
      .option('--name <name>', 'as its people know it')
      .option('--description <text>', 'for whoever thinks of joining it')
      .option(...senderOption)
      .option('--open', 'anybody may join it by the public page')
      .option('--no-open', 'nobody may any more; its members stay')
      .requiredOption(...asOption)
      .action(async (slug: string, options: ListOptions) => {
        await withUser(options.as, async ({ db, engine }, user) => {
          authorize(user, 'lists.add')
          const change = {
            ...(options.name !== undefined && { name: options.name }),
            ...settingsOf(options),
          }
          await inTransaction(db, async (tx) => {
            await changeList(tx, slug, change)
            const at = engine.clock.now()
            await audit(tx, {
              at,
              user,
              act: 'lists.change',
              subject: `list ${slug}`,
              detail: change,
            })
          })
          print(`Lista ${slug} cambiada.`)
        })
      }),
    "contacts set-list red-observacion --description 'Talleres y foros' --no-open --as luis",
  )

  examples(
    contacts
      .command('count')
      .description('how many an audience reaches, and whom it leaves out and why')
      .requiredOption('--list <slug>', 'a list; give it once for each', several)
      .option('--country <code>', 'of these countries alone, as US', several, [])
      .option('--tag <tag>', 'with one of these tags alone', several, [])
      .option('--state <state>', 'active members, or those who left; both when not given')
      .option(...jsonOption)
      .action(async (options: CountOptions) => {
        const state = options.state && oneOf('--state', options.state, ['active', 'left'] as const)
        await withApp(async ({ db }) => {
          await requireLists(db, options.list)
          const { recipients, excluded, left } = await countAudience(db, {
            lists: options.list,
            countries: options.country.map((code) => readCountry(code, '--country')),
            tags: options.tag,
          })
          const counted = {
            ...(state !== 'left' && { recipients, excluded }),
            ...(state !== 'active' && { left }),
          }
          answer(options.json, counted, () =>
            table(
              ['Personas', ''],
              [
                ...(state === 'left' ? [] : countedRows(recipients, excluded)),
                ...(state === 'active' ? [] : [['Dejaron las listas', left]]),
              ],
            ),
          )
        })
      }),
    'contacts count --list red-observacion --list voto-chilango',
    'contacts count --list voto-chilango --country US --country CA --tag taller --state active',
  )

  addImportCommands(contacts)
}

const senderOption = [
  '--sender <account>',
  `the account that writes to its people about it: ${senderSlugs.join(', ')}`,
] as const

interface ListOptions {
  name?: string
  description?: string
  sender?: string
  open?: boolean
  as: string
}

function settingsOf({
  description,
  sender,
  open,
}: ListOptions): Partial<Pick<List, 'description' | 'sender' | 'isOpen'>> {
  return {
    ...(description !== undefined && { description }),
    ...(sender !== undefined && { sender: oneOf('--sender', sender, senderSlugs) }),
    ...(open !== undefined && { isOpen: open }),
  }
}

interface CountOptions {
  list: string[]
  country: string[]
  tag: string[]
  state?: string
  json?: boolean
}

function countedRows(recipients: number, excluded: AudienceCount['excluded']): [string, number][] {
  return [
    ['Recibirían el correo', recipients],
    ...suppressionReasons
      .filter((reason) => excluded[reason] !== undefined)
      .map((reason): [string, number] => [
        `Excluidas: ${suppressionReasonNames[reason]}`,
        excluded[reason]!,
      ]),
  ]
}

/** Throws a Problem when the file cannot be read. `-` is standard input. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
  } catch (error) {
    throw new Problem('usage', {
      place: file,
      message: `no se puede leer: ${messageOf(error)}`,
      remedy: 'Revise el nombre y los permisos del archivo',
    })
  }
}
